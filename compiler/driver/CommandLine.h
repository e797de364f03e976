// The command line as data: which command, its inputs, its options, all checked.
#pragma once

#include "compiler/codegen/Target.h"
#include "compiler/driver/Status.h"
#include "compiler/pipeline/Stage.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nnc::driver {

/// The commands as bits: which of them take an option. Names as in Options.td.
enum OptionVisibility : unsigned {
  BuildOption = 1 << 1,
  RunOption = 1 << 2,
  CheckOption = 1 << 3,
  SummaryOption = 1 << 4,
  FmtOption = 1 << 5,
  StdOption = 1 << 6,
  DataOption = 1 << 7,
  GradcheckOption = 1 << 8,
};

enum class Emit { Exe, Shared, Obj, Asm, Llvm, Ptx, Mlir };
enum class ColorMode { Auto, Always, Never };

/// What a command was asked to do. Fields that a command doesn't take keep their defaults.
struct Arguments {
  std::vector<std::string> inputs;
  std::vector<std::string> programArguments; ///< of `nnc run`: what follows `--`

  std::string output; ///< empty: derived from the input's name
  Emit emit = Emit::Exe;
  std::optional<Stage> stage = Stage::Nn; ///< what is printed; none: the parsed source
  std::string model;                      ///< which one to build, of a file that holds several
  std::string target = "cpu";
  std::string cpu = "native";
  std::vector<std::string> gpus = {"sm_90"}; ///< chips, or "ptx"
  unsigned optLevel = 3;
  bool debugInfo = false;
  bool foldKernels = true;
  bool persistentKernels = true;
  bool remarks = false;
  std::optional<int64_t> batch;
  std::optional<codegen::Precision> precision; ///< none: the recipe's

  bool jsonDiagnostics = false;
  bool json = false;
  bool kernels = false;
  bool lines = false;
  std::string entry; ///< whose kernels or lines are listed; empty: those of training
  ColorMode color = ColorMode::Auto;
  bool checkOnly = false;
  bool upgrade = false;
  std::string directory;
  std::string data; ///< folder of data files; empty: the usual places
  bool time = false;
};

/// One command: what it is called and takes, how `--help` describes it, and what runs it.
struct Command {
  llvm::StringRef name;
  llvm::StringRef usage;   ///< after `nnc <name> `
  llvm::StringRef summary; ///< a line of `nnc --help`
  llvm::StringRef details; ///< the rest of `nnc <name> --help`: paragraphs, examples
  unsigned visibility;     ///< bit of Options.td
  unsigned minInputs, maxInputs;
  llvm::StringRef inputName; ///< of a missing one: "a source file"
  Status (*run)(const Arguments &);
};

llvm::ArrayRef<Command> commands();
const Command *findCommand(llvm::StringRef name);

/// Parses what follows `nnc <command>`. Where that is not valid, or only asks for help, prints what
/// there is to say and returns the status to exit with in `status` and nullopt.
std::optional<Arguments> parseArguments(const Command &command, llvm::ArrayRef<const char *> argv,
                                        Status &status);

/// `nnc --help` and `nnc <command> --help`.
void printHelp(llvm::raw_ostream &os);
void printHelp(llvm::raw_ostream &os, const Command &command);

/// `name`, if it is close to one of `candidates`, as "; did you mean 'check'?", else "".
std::string didYouMean(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> candidates);

/// Prints `nnc: error: <message>` with a pointer to the help of `command` (null: of nnc); for
/// mistakes in the command line.
Status usageError(const Command *command, const llvm::Twine &message);

} // namespace nnc::driver
