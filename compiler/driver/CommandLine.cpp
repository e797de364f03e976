// Parses command lines with LLVM's option library, from the table in Options.td.
#include "compiler/driver/CommandLine.h"

#include "compiler/codegen/Target.h"
#include "compiler/diagnostics/Diagnostic.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Option/ArgList.h"
#include "llvm/Option/OptTable.h"
#include "llvm/Option/Option.h"
#include "llvm/Support/FileSystem.h"

using namespace llvm;
using namespace llvm::opt;

namespace nnc::driver {

namespace {

enum OptionId {
  OPT_INVALID,
#define OPTION(...) LLVM_MAKE_OPT_ID(__VA_ARGS__),
#include "compiler/driver/Options.inc"
#undef OPTION
};

#define OPTTABLE_STR_TABLE_CODE
#include "compiler/driver/Options.inc"
#undef OPTTABLE_STR_TABLE_CODE

#define OPTTABLE_PREFIXES_TABLE_CODE
#include "compiler/driver/Options.inc"
#undef OPTTABLE_PREFIXES_TABLE_CODE

constexpr OptTable::Info optionInfos[] = {
#define OPTION(...) LLVM_CONSTRUCT_OPT_INFO(__VA_ARGS__),
#include "compiler/driver/Options.inc"
#undef OPTION
};

class NncOptTable : public GenericOptTable {
public:
  NncOptTable() : GenericOptTable(OptionStrTable, OptionPrefixesTable, optionInfos) {
    setDashDashParsing(true);
  }
};

/// Reads the options of one command; keeps the first mistake.
class ArgumentReader {
public:
  ArgumentReader(const Command &command, const InputArgList &list) : command(command), list(list) {}

  Arguments read();
  const std::string &mistake() const { return error; }

private:
  void fail(const Twine &message) {
    if (error.empty())
      error = message.str();
  }
  StringRef value(OptionId id) { return list.getLastArgValue(id); }
  /// The value of an option that is one of a few words.
  template <typename T>
  void choose(OptionId id, StringRef option, T &result, ArrayRef<std::pair<StringRef, T>> choices);
  void readNumber(OptionId id, StringRef option, int64_t low, int64_t high,
                  std::optional<int64_t> &result);
  void readCompilation(Arguments &arguments);

  const Command &command;
  const InputArgList &list;
  std::string error;
};

template <typename T>
void ArgumentReader::choose(OptionId id, StringRef option, T &result,
                            ArrayRef<std::pair<StringRef, T>> choices) {
  const Arg *arg = list.getLastArg(id);
  if (!arg)
    return;
  std::vector<StringRef> candidates;
  for (const auto &[name, choice] : choices) {
    if (name == arg->getValue()) {
      result = choice;
      return;
    }
    candidates.push_back(name);
  }
  fail("'" + Twine(arg->getValue()) + "' is not a value of " + option + ": expected " +
       join(candidates, ", ") + didYouMean(arg->getValue(), candidates));
}

void ArgumentReader::readNumber(OptionId id, StringRef option, int64_t low, int64_t high,
                                std::optional<int64_t> &result) {
  const Arg *arg = list.getLastArg(id);
  if (!arg)
    return;
  int64_t number;
  if (StringRef(arg->getValue()).getAsInteger(10, number) || number < low || number > high)
    return fail("'" + Twine(arg->getValue()) + "' is not a value of " + option +
                ": expected a whole number from " + Twine(low) + " to " + Twine(high));
  result = number;
}

void ArgumentReader::readCompilation(Arguments &arguments) {
  arguments.output = value(OPT_output).str();
  arguments.model = value(OPT_model).str();
  arguments.debugInfo = list.hasArg(OPT_debug);
  arguments.remarks = list.hasArg(OPT_remarks);
  arguments.foldKernels = !list.hasArg(OPT_no_fold);
  arguments.persistentKernels = !list.hasArg(OPT_no_persistent);
  if (list.hasArg(OPT_output) && arguments.output.empty())
    fail("-o needs the name of a file");
  if (list.hasArg(OPT_cpu))
    arguments.cpu = value(OPT_cpu).str();
  if (arguments.cpu.empty())
    fail("--cpu needs the name of a processor");
  if (list.hasArg(OPT_gpu)) {
    SmallVector<StringRef> chips;
    value(OPT_gpu).split(chips, ',');
    arguments.gpus.clear();
    for (StringRef chip : chips)
      arguments.gpus.push_back(chip.trim().str());
  }
  if (is_contained(arguments.gpus, ""))
    fail("--gpu needs the names of chips: sm_80,sm_90a");
  std::optional<int64_t> level;
  readNumber(OPT_optimize, "-O", 0, 3, level);
  arguments.optLevel = level.value_or(3);
  readNumber(OPT_batch, "--batch", 1, int64_t(1) << 31, arguments.batch);

  auto targets = map_to_vector(codegen::getTargetNames(),
                               [](StringRef name) { return std::pair(name, name.str()); });
  choose<std::string>(OPT_target, "--target", arguments.target, targets);
  using codegen::Precision;
  choose<std::optional<Precision>>(
      OPT_precision, "--precision", arguments.precision,
      {{"f32", Precision::F32}, {"tf32", Precision::Tf32}, {"bf16", Precision::Bf16}});
  if (list.hasArg(OPT_stage))
    arguments.emit = Emit::Mlir;
  choose<Emit>(OPT_emit, "--emit", arguments.emit,
               {{"exe", Emit::Exe},
                {"shared", Emit::Shared},
                {"obj", Emit::Obj},
                {"asm", Emit::Asm},
                {"llvm", Emit::Llvm},
                {"ptx", Emit::Ptx},
                {"mlir", Emit::Mlir}});
  if (list.hasArg(OPT_gpu) && arguments.target != "cuda")
    fail("--gpu goes with --target cuda");
  if (!arguments.persistentKernels && arguments.target != "cuda")
    fail("--no-persistent goes with --target cuda");
  if (arguments.emit == Emit::Ptx && arguments.target != "cuda")
    fail("--emit ptx goes with --target cuda");
  if (arguments.emit == Emit::Ptx && arguments.gpus.size() > 1)
    fail("--emit ptx makes the text for one chip, and --gpu names " + Twine(arguments.gpus.size()));
  for (auto [kind, name] :
       {std::pair(Emit::Obj, "obj"), std::pair(Emit::Asm, "asm"), std::pair(Emit::Llvm, "llvm")})
    if (arguments.emit == kind && arguments.target == "cuda")
      fail(Twine("--emit ") + name +
           " is for the code of the host, with --target cpu; a GPU's is --emit ptx");
  SmallVector<std::pair<StringRef, std::optional<Stage>>> stages{{"parse", std::nullopt}};
  for (Stage stage : getStages())
    stages.emplace_back(spelling(stage), stage);
  choose<std::optional<Stage>>(OPT_stage, "--stage", arguments.stage, stages);
  if (list.hasArg(OPT_stage) && arguments.emit != Emit::Mlir)
    fail("--stage goes with --emit mlir");
}

Arguments ArgumentReader::read() {
  Arguments arguments;
  arguments.inputs = list.getAllArgValues(OPT_INPUT);
  arguments.time = list.hasArg(OPT_time);
  arguments.json = list.hasArg(OPT_json);
  arguments.kernels = list.hasArg(OPT_kernels);
  arguments.entry = value(OPT_entry).str();
  arguments.lines = list.hasArg(OPT_lines);
  if (command.name == "summary" && !arguments.kernels && !arguments.lines)
    for (OptionId id : {OPT_json, OPT_entry})
      if (const Arg *arg = list.getLastArg(id))
        fail(arg->getSpelling().rtrim('=') + " goes with --kernels or --lines");
  if (arguments.kernels && arguments.lines)
    fail("--kernels and --lines are two tables: choose one");
  arguments.checkOnly = list.hasArg(OPT_fmt_check);
  arguments.upgrade = list.hasArg(OPT_fmt_upgrade);
  arguments.data = value(OPT_data).str();
  if (list.hasArg(OPT_data) && !llvm::sys::fs::is_directory(arguments.data))
    fail("--data: there is no folder '" + arguments.data + "'");
  arguments.directory = value(OPT_dir).str();
  if (list.hasArg(OPT_dir) && arguments.directory.empty())
    fail("--dir needs the name of a folder");
  choose<bool>(OPT_diagnostics, "--diagnostics", arguments.jsonDiagnostics,
               {{"text", false}, {"json", true}});
  choose<ColorMode>(
      OPT_color, "--color", arguments.color,
      {{"auto", ColorMode::Auto}, {"always", ColorMode::Always}, {"never", ColorMode::Never}});
  readCompilation(arguments);

  if (arguments.inputs.size() < command.minInputs)
    fail("'nnc " + command.name + "' needs " + command.inputName);
  if (arguments.inputs.size() > command.maxInputs)
    fail("'nnc " + command.name + "' takes one " +
         command.inputName.substr(command.inputName.find(' ') + 1) + ", and was given '" +
         arguments.inputs[command.maxInputs - 1] + "' and '" + arguments.inputs[command.maxInputs] +
         "'");
  return arguments;
}

/// What to say of an option that the command doesn't have.
std::string unknownOption(const OptTable &table, const Command &command, StringRef spelling) {
  std::string message = "unknown option '" + spelling.str() + "'";
  for (const Command &other : commands()) {
    std::string exact;
    if (&other != &command &&
        table.findNearest(spelling, exact, Visibility(other.visibility), 1, 0) == 0)
      return message + ": it belongs to 'nnc " + other.name.str() + "'";
  }
  std::string nearest;
  if (table.findNearest(spelling, nearest, Visibility(command.visibility)) <= 2)
    message += "; did you mean '" + StringRef(nearest).rtrim('=').str() + "'?";
  return message;
}

} // namespace

/// The folder that a program's arguments name with --data.
static std::optional<std::string> dataOf(ArrayRef<std::string> arguments) {
  for (size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    StringRef word = arguments[i];
    if (word.consume_front("--data="))
      return word.str();
    if (word == "--data" && i + 1 < arguments.size())
      return arguments[i + 1];
  }
  return std::nullopt;
}

std::optional<Arguments> parseArguments(const Command &command, ArrayRef<const char *> argv,
                                        Status &status) {
  NncOptTable table;
  unsigned missingIndex = 0, missingCount = 0;
  // Only `run` passes arguments on; elsewhere `--` ends the options, as the table does by itself.
  std::vector<std::string> programArguments;
  if (command.name == "run") {
    size_t dashes =
        find_if(argv, [](const char *arg) { return StringRef(arg) == "--"; }) - argv.begin();
    for (const char *arg : argv.drop_front(std::min(dashes + 1, argv.size())))
      programArguments.push_back(arg);
    argv = argv.take_front(dashes);
  }
  // The folder that a program reads its examples from tells the compiler its sizes, too.
  const std::optional<std::string> programData = dataOf(programArguments);
  InputArgList list =
      table.ParseArgs(argv, missingIndex, missingCount, Visibility(command.visibility));
  if (list.hasArg(OPT_help)) {
    printHelp(outs(), command);
    status = Status::Success;
    return std::nullopt;
  }
  status = Status::UsageError;
  if (const Arg *unknown = list.getLastArg(OPT_UNKNOWN)) {
    usageError(&command, unknownOption(table, command, unknown->getSpelling()));
    return std::nullopt;
  }
  if (missingCount) {
    usageError(&command, "option '" + Twine(argv[missingIndex]) + "' needs a value");
    return std::nullopt;
  }
  ArgumentReader reader(command, list);
  Arguments arguments = reader.read();
  if (!reader.mistake().empty()) {
    usageError(&command, reader.mistake());
    return std::nullopt;
  }
  // What is no folder is the program's to refuse.
  if (arguments.data.empty() && programData && llvm::sys::fs::is_directory(*programData))
    arguments.data = *programData;
  arguments.programArguments = std::move(programArguments);
  status = Status::Success;
  return arguments;
}

std::string didYouMean(StringRef name, ArrayRef<StringRef> candidates) {
  std::string best = nearest(name, std::vector<std::string>(candidates.begin(), candidates.end()));
  return best.empty() ? "" : "; did you mean '" + best + "'?";
}

Status usageError(const Command *command, const Twine &message) {
  errs() << "nnc: error: " << message << "\n";
  errs() << "see 'nnc " << (command ? command->name.str() + " " : "") << "--help'\n";
  return Status::UsageError;
}

void printHelp(raw_ostream &os) {
  os << "nnc compiles neural networks, written as .nn files, to native programs.\n\n"
        "usage: nnc COMMAND [OPTIONS]\n\ncommands:\n";
  for (const Command &command : commands())
    os << "  " << left_justify(command.name, 11) << command.summary << "\n";
  os << "\noptions:\n"
        "  --help    Show this text; 'nnc COMMAND --help' says more of a command\n"
        "  --version Show the version\n"
        "\nexit status: 0 success, 1 the input is at fault, 2 the command line is, 3 an internal "
        "error\n"
        "\n  nnc build mnist_mlp.nn && ./mnist_mlp train\n";
}

void printHelp(raw_ostream &os, const Command &command) {
  os << "nnc " << command.name << ": " << command.summary << "\n\nusage: nnc " << command.name
     << " " << command.usage << "\n\n"
     << command.details << "\noptions:\n";
  NncOptTable table;
  // Options by hand: LLVM's own printer has headings of its own and shows aliases.
  for (const OptTable::Info &info : optionInfos) {
    if (!info.HelpText || !(info.Visibility & command.visibility))
      continue;
    std::string left = info.getPrefixedName(OptionStrTable).str();
    if (info.ID == OPT_help)
      left.insert(0, "-h, ");
    if (info.MetaVar)
      left += (info.ID == OPT_optimize ? "" : " ") + std::string(info.MetaVar);
    os << "  " << left_justify(left, 22) << info.HelpText << "\n";
  }
}

} // namespace nnc::driver
