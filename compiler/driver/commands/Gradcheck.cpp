// nnc gradcheck: the gradients that the compiler makes of a model, against central differences in
// f64.
#include "compiler/driver/Commands.h"
#include "compiler/driver/Compilation.h"
#include "compiler/driver/Crash.h"
#include "compiler/driver/GradientCheck.h"
#include "compiler/driver/GradientProgram.h"
#include "compiler/driver/Table.h"

#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"

using namespace llvm;

namespace nnc::driver {

/// What compiled code calls to share work: here all of it is done by the caller.
static void runInTurn(nnrt_context *, void (*body)(void *, int64_t), void *environment,
                      int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    body(environment, i);
}

/// Loads an object file into this process.
static Expected<const nnrt_model *> load(orc::LLJIT &jit, StringRef object) {
  orc::SymbolMap symbols;
  symbols[jit.mangleAndIntern("nnrt_parallel_for")] = {
      orc::ExecutorAddr::fromPtr(&runInTurn), JITSymbolFlags::Exported | JITSymbolFlags::Callable};
  if (Error error = jit.getMainJITDylib().define(orc::absoluteSymbols(std::move(symbols))))
    return error;
  if (Error error = jit.addObjectFile(MemoryBuffer::getMemBufferCopy(object, "model")))
    return error;
  Expected<orc::ExecutorAddr> address = jit.lookup("nnrt_model_descriptor");
  if (!address)
    return address.takeError();
  return address->toPtr<const nnrt_model *>();
}

/// One word for what was found; the table says nothing of what is right.
static StringRef describe(const GradientError &error) {
  if (!error.isRight())
    return "off";
  if (error.zero)
    return "zero";
  return error.isMeasured() ? "right" : "unmeasured";
}

static void printJson(ArrayRef<GradientError> errors) {
  json::Array parameters;
  for (const GradientError &error : errors) {
    // JSON has no word for what is not a number.
    json::Value relative = nullptr;
    if (error.maxRelativeError == error.maxRelativeError)
      relative = error.maxRelativeError;
    parameters.push_back(json::Object{{"name", error.parameter},
                                      {"max_relative_error", relative},
                                      {"elements", static_cast<int64_t>(error.elements)},
                                      {"directions", static_cast<int64_t>(error.directions)},
                                      {"skipped", static_cast<int64_t>(error.skipped)},
                                      {"status", describe(error)}});
  }
  outs() << json::Value(json::Object{{"parameters", std::move(parameters)}}) << "\n";
}

static void printTable(ArrayRef<GradientError> errors) {
  Table table({Table::Align::Left, Table::Align::Right, Table::Align::Right, Table::Align::Right,
               Table::Align::Right, Table::Align::Left});
  table.row({"parameter", "elements", "directions", "skipped", "relative error", ""});
  table.rule();
  for (const GradientError &error : errors) {
    std::string relative;
    if (error.isMeasured())
      raw_string_ostream(relative) << format("%.1e", error.maxRelativeError);
    StringRef status = describe(error);
    table.row({error.parameter, withSeparators(error.elements), withSeparators(error.directions),
               withSeparators(error.skipped), relative, status == "right" ? "" : status.str()});
  }
  table.print(outs());
  if (any_of(errors, [](const GradientError &error) { return describe(error) == "zero"; }))
    outs() << "zero: neither the gradient nor any difference is other than 0, at "
           << GradientCheckOptions().points << " random points\n";
  if (any_of(errors, [](const GradientError &error) { return error.skipped > 0; }))
    outs() << "skipped: a kink is too close, or so small a slope is lost in the rounding of the "
              "loss\n";
}

Status runGradcheck(const Arguments &arguments) {
  Timing timing;
  Frontend frontend;
  if (!loadProgram(frontend, arguments, timing))
    return Status::InputError;
  if (frontend.program->recipes.empty()) {
    errs() << arguments.inputs.front()
           << ": error: there is no recipe, and so no loss to differentiate\n";
    return Status::InputError;
  }
  setCurrentWork("compiling '" + arguments.inputs.front() + "'");
  makeGradientProgram(*frontend.program);
  Arguments compile = arguments;
  compile.batch = arguments.batch.value_or(4);
  Compilation compilation(frontend, compile, timing);
  SmallString<0> object;
  if (Status status = compilation.makeLlvm(); status != Status::Success)
    return status;
  if (Status status = compilation.emitMachineCode(/*assembly=*/false, object);
      status != Status::Success)
    return status;

  timing.start("differences");
  setCurrentWork("differentiating '" + arguments.inputs.front() + "'");
  auto jit = orc::LLJITBuilder().create();
  if (!jit) {
    printInternalError(toString(jit.takeError()));
    return Status::InternalError;
  }
  Expected<const nnrt_model *> model = load(**jit, object);
  if (!model) {
    printInternalError(toString(model.takeError()));
    return Status::InternalError;
  }
  std::vector<GradientError> errors = checkGradients(**model);
  arguments.json ? printJson(errors) : printTable(errors);
  timing.stop();
  if (arguments.time)
    timing.print(llvm::errs());
  bool right = all_of(errors, [](const GradientError &error) { return error.isRight(); });
  return right ? Status::Success : Status::InputError;
}

} // namespace nnc::driver
