// The options of nnc: one table; an option is visible to the commands that take it.
include "llvm/Option/OptParser.td"

def BuildOption : OptionVisibility;
def RunOption : OptionVisibility;
def CheckOption : OptionVisibility;
def SummaryOption : OptionVisibility;
def FmtOption : OptionVisibility;
def StdOption : OptionVisibility;
def DataOption : OptionVisibility;
def GradcheckOption : OptionVisibility;

// Sets of commands.
defvar building = [BuildOption, RunOption];
defvar compiling = [BuildOption, RunOption, SummaryOption, GradcheckOption];
defvar reading = [BuildOption, RunOption, CheckOption, SummaryOption, FmtOption, GradcheckOption];
defvar all = !listconcat(reading, [StdOption, DataOption]);

class VisibleTo<list<OptionVisibility> commands> { list<OptionVisibility> Visibility = commands; }

// `--name VALUE` and `--name=VALUE`.
multiclass Value<string name, string metavar, list<OptionVisibility> commands, string help> {
  def NAME : Separate<["--"], name>, MetaVarName<metavar>, HelpText<help>, VisibleTo<commands>;
  def NAME#_eq : Joined<["--"], name#"=">, Alias<!cast<Option>(NAME)>, VisibleTo<commands>;
}
// `-nVALUE` and `-n VALUE`.
class ShortValue<string name, string metavar, list<OptionVisibility> commands, string help>
    : JoinedOrSeparate<["-"], name>, MetaVarName<metavar>, HelpText<help>, VisibleTo<commands>;

def output : ShortValue<"o", "FILE", [BuildOption],
    "Write to FILE; '-' is standard output. Default: the source's name, with the kind's ending">;
def optimize : ShortValue<"O", "0..3", compiling,
    "How hard to optimise; 0 compiles plain loops. Default: 3">;
def debug : Flag<["-"], "g">, VisibleTo<building>,
    HelpText<"Keep line information of the source for debuggers and profilers">;
def no_fold : Flag<["--"], "no-fold">, VisibleTo<building>,
    HelpText<"Let each place that calls a kernel have code of its own, which equal ones share otherwise">;
def no_persistent : Flag<["--"], "no-persistent">, VisibleTo<building>,
    HelpText<"Of GPUs: launch each training step, also where one kernel could make many of them">;
def remarks : Flag<["--"], "remarks">, VisibleTo<[BuildOption]>,
    HelpText<"Say what is fused, tiled, packed and shared by threads, what isn't, and why">;

defm emit : Value<"emit", "KIND", [BuildOption],
    "What to make: exe, shared (a C library), obj, asm, llvm, ptx (a GPU's kernels) or mlir. Default: exe">;
defm stage : Value<"stage", "STAGE", [BuildOption],
    "Stop after parse, nn, grad, linalg, kernels, bufferized or llvm, and make mlir. Default: nn">;
defm model : Value<"model", "NAME", compiling,
    "Which model to compile, of a file that holds several">;
defm target : Value<"target", "TARGET", compiling, "Machine to compile for: cpu or cuda. Default: cpu">;
defm gpu : Value<"gpu", "CHIPS", compiling,
    "GPUs to compile for, as sm_80,sm_90a; ptx: for any, at the program's start. Default: sm_90">;
defm cpu : Value<"cpu", "NAME", compiling,
    "Processor to compile for: native, x86-64-v3, znver4, ... Default: native">;
defm precision : Value<"precision", "PRECISION", compiling,
    "What products of f32 are multiplied in: f32, tf32 or bf16. Default: what the recipe says, or f32">;
defm batch : Value<"batch", "N", compiling, "Train by batches of N in place of the recipe's">;

defm data : Value<"data", "DIR", !listconcat(compiling, [CheckOption]),
    "Folder of the data files whose headers settle sizes. Default: $NN_DATA, or 'data' near the source">;

defm diagnostics : Value<"diagnostics", "FORMAT", [CheckOption],
    "How to report mistakes: text, or json for editors. Default: text">;
defm color : Value<"color", "WHEN", reading,
    "Colour messages: auto, always or never. Default: auto">;
def fmt_check : Flag<["--"], "check">, VisibleTo<[FmtOption]>,
    HelpText<"Write nothing; name the files that are not formatted, and exit 1 if there are any">;
def fmt_upgrade : Flag<["--"], "upgrade">, VisibleTo<[FmtOption]>,
    HelpText<"Rewrite files of language 0.1 to 0.2 first">;
def json : Flag<["--"], "json">, VisibleTo<[GradcheckOption, SummaryOption, StdOption]>,
    HelpText<"Print JSON, not a table">;
def kernels : Flag<["--"], "kernels">, VisibleTo<[SummaryOption]>,
    HelpText<"List the kernels of a training step: places, calls, FLOPs, bytes, share of the time">;
def lines : Flag<["--"], "lines">, VisibleTo<[SummaryOption]>,
    HelpText<"Print the source, and beside each line what it takes of a training step">;
defm entry : Value<"entry", "NAME", [SummaryOption],
    "With --kernels or --lines: those of that entry: init, predict, ...">;
defm dir : Value<"dir", "DIR", [DataOption], "Where to put the files. Default: data/NAME">;
def time : Flag<["--"], "time">, VisibleTo<reading>,
    HelpText<"Say on standard error where the time went">;

def help : Flag<["--"], "help">, VisibleTo<all>, HelpText<"Show this text">;
def help_short : Flag<["-"], "h">, Alias<help>, VisibleTo<all>;
