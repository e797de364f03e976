// nnc gradcheck: the gradients that the compiler makes of a model, against central differences in
// f64.
#include "compiler/driver/Commands.h"
#include "compiler/driver/Compilation.h"
#include "compiler/driver/Crash.h"
#include "compiler/driver/GradientCheck.h"
#include "compiler/driver/GradientProgram.h"
#include "compiler/driver/Table.h"
#include "compiler/sema/Needs.h"

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
  if (error.declared)
    return "declared";
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
    json::Object row{{"name", error.parameter},
                     {"max_relative_error", relative},
                     {"elements", static_cast<int64_t>(error.elements)},
                     {"directions", static_cast<int64_t>(error.directions)},
                     {"skipped", static_cast<int64_t>(error.skipped)},
                     {"status", describe(error)}};
    if (error.declared)
      row["declared"] = true;
    parameters.push_back(std::move(row));
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

/// The blocks of a recipe, with the numbers of the parameters that each trains.
static std::vector<CheckedBlock> findBlocks(const sema::Model &model) {
  std::vector<CheckedBlock> blocks;
  for (const sema::StepBlock &block : model.recipe->blocks) {
    CheckedBlock &checked = blocks.emplace_back();
    checked.name = block.name;
    for (const sema::Update &update : block.updates)
      for (auto [index, parameter] : enumerate(model.parameters))
        if (parameter.path == update.parameter)
          checked.parameters.push_back(index);
  }
  return blocks;
}

/// One row for each parameter, of several blocks too.
static std::vector<GradientError> merge(const std::vector<GradientError> &errors) {
  std::vector<GradientError> merged;
  for (const GradientError &error : errors) {
    auto same = find_if(
        merged, [&](const GradientError &other) { return other.parameter == error.parameter; });
    if (same == merged.end()) {
      merged.push_back(error);
      continue;
    }
    // A NaN comes through, and stays.
    if (!(error.maxRelativeError <= same->maxRelativeError))
      same->maxRelativeError = error.maxRelativeError;
    same->elements += error.elements;
    same->directions += error.directions;
    same->skipped += error.skipped;
    same->zero &= error.zero;
  }
  return merged;
}

/// Whether the gradient of a parameter is a declared one.
static void markDeclared(const sema::Model &model, std::vector<GradientError> &errors) {
  for (GradientError &error : errors)
    for (const sema::Parameter &parameter : model.parameters)
      if (parameter.path == error.parameter)
        error.declared = parameter.hasDeclaredGradient;
}

static Expected<std::vector<GradientError>>
measureGradients(StringRef object, const sema::Model &model, int64_t batch) {
  auto jit = orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  Expected<const nnrt_model *> compiled = load(**jit, object);
  if (!compiled)
    return compiled.takeError();
  PointOptions point;
  point.batch = batch;
  for (const sema::Recipe::Number &number : model.recipe->numbers)
    point.numbers.push_back(number.value);
  std::vector<GradientError> errors = merge(checkGradients(**compiled, point, findBlocks(model)));
  markDeclared(model, errors);
  return errors;
}

static void print(const Arguments &arguments, ArrayRef<GradientError> errors) {
  arguments.json ? printJson(errors) : printTable(errors);
}

Status runGradcheck(const Arguments &arguments) {
  Timing timing;
  Frontend frontend;
  if (!loadProgram(frontend, arguments, timing))
    return Status::InputError;
  const sema::Model *chosen = chooseModel(*frontend.program, arguments);
  if (!chosen)
    return Status::InputError;
  if (!chosen->recipe) {
    errs() << arguments.inputs.front()
           << ": error: there is no recipe, and so no loss to differentiate\n";
    return Status::InputError;
  }
  setCurrentWork("compiling '" + arguments.inputs.front() + "'");
  auto &model = frontend.program->models[chosen - frontend.program->models.data()];
  makeGradientProgram(*frontend.program, model);
  Arguments compile = arguments;
  const int64_t least = sema::leastBatch(model);
  compile.batch = arguments.batch.value_or(std::max<int64_t>(4, least));
  if (*compile.batch < least) {
    errs() << arguments.inputs.front() << ": error: with a batch of " << *compile.batch
           << " a tensor would have no elements; it takes at least " << least << '\n';
    return Status::InputError;
  }
  Compilation compilation(frontend, compile, timing);
  SmallString<0> object;
  if (Status status = compilation.makeLlvm(); status != Status::Success)
    return status;
  if (Status status = compilation.emitMachineCode(/*assembly=*/false, object);
      status != Status::Success)
    return status;

  timing.start("differences");
  setCurrentWork("differentiating '" + arguments.inputs.front() + "'");
  auto errors = measureGradients(object, model, *compile.batch);
  if (!errors) {
    printInternalError(toString(errors.takeError()));
    return Status::InternalError;
  }
  print(arguments, *errors);
  timing.stop();
  if (arguments.time)
    timing.print(llvm::errs());
  bool right = all_of(*errors, [](const GradientError &error) { return error.isRight(); });
  return right ? Status::Success : Status::InputError;
}

} // namespace nnc::driver
