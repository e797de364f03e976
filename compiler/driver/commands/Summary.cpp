// nnc summary: layers, parameters, FLOPs, and the memory of a training step.
#include "compiler/driver/Commands.h"
#include "compiler/driver/Compilation.h"
#include "compiler/driver/Crash.h"
#include "compiler/driver/Flops.h"
#include "compiler/driver/KernelTable.h"
#include "compiler/driver/LineTable.h"
#include "compiler/driver/Table.h"
#include "compiler/driver/WindowRests.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace nnc::driver {

static std::string text(const sema::Dim &dim) {
  auto constant = dim.constant();
  return constant ? withSeparators(*constant) : dim.str();
}

/// "97.9 %"; nothing where a size that only a call tells is in it.
static std::string share(const sema::Dim &part, const sema::Dim &whole) {
  auto some = part.constant(), all = whole.constant();
  if (!some || !all || *all == 0)
    return "";
  return percent(double(*some) / double(*all));
}

static std::string ports(ArrayRef<sema::Port> list) {
  std::string line;
  for (const sema::Port &port : list)
    line += (line.empty() ? "" : ", ") + port.name + ": " + port.type.str();
  return line;
}

static uint64_t elements(const sema::Type &type) {
  uint64_t count = 1;
  for (const sema::Dim &dim : type.shape)
    count *= dim.constant().value_or(1);
  return count;
}

static void printLayers(const sema::Model &model, raw_ostream &os) {
  LayerFlops flops = countFlops(model);
  uint64_t trained = 0, states = 0;
  StringMap<uint64_t> sizes;
  for (const sema::Parameter &parameter : model.parameters)
    trained += sizes[parameter.path] = elements(parameter.type);
  for (const sema::Parameter &state : model.states)
    states += elements(state.type);

  Table table({Table::Align::Left, Table::Align::Left, Table::Align::Right, Table::Align::Right,
               Table::Align::Right});
  table.row({"layer", "output", "parameters", "FLOPs", "share"});
  table.rule();
  uint64_t inLayers = 0;
  for (auto [layer, count] : zip(model.layers, flops.layers)) {
    uint64_t own = 0;
    for (const std::string &path : layer.parameters)
      own += sizes.lookup(path);
    inLayers += own;
    table.row({std::string(2 * layer.depth, ' ') + layer.path, layer.output.str(),
               withSeparators(own), text(count), share(count, flops.total)});
  }
  uint64_t inModel = trained - inLayers;
  if (inModel || flops.elsewhere != sema::Dim())
    table.row({"(" + model.name + " itself)", "", withSeparators(inModel), text(flops.elsewhere),
               share(flops.elsewhere, flops.total)});
  table.rule();
  table.row({"total", "", withSeparators(trained), text(flops.total), ""});
  table.print(os);
  if (states)
    os << "states of layers hold " << withSeparators(states) << " more numbers\n";
  if (model.recipe && !model.recipe->frozen.empty()) {
    uint64_t frozen = 0;
    for (const std::string &path : model.recipe->frozen)
      frozen += sizes.lookup(path);
    os << withSeparators(frozen) << " of the parameters are frozen\n";
  }
  os << "FLOPs are those of one example, forwards: 2 for a product that is added, 1 for any "
        "other;\n"
        "'nnc summary --kernels' lists those of a training step, and its shares of the time\n";
}

static void printMemory(const ModelDescription &model, raw_ostream &os) {
  os << "\na training step at batch " << withSeparators(model.batchSize) << " needs at its peak:\n";
  Table table({Table::Align::Left, Table::Align::Right, Table::Align::Left});
  auto row = [&](StringRef name, uint64_t bytes) {
    table.row({("  " + name).str(), withSeparators(bytes), "bytes"});
  };
  row("parameters", model.arena(NNRT_PARAMETERS).bytes);
  // What many recipes don't have is not worth a line of theirs.
  if (uint64_t bytes = model.arena(NNRT_STATES).bytes)
    row("states", bytes);
  row("optimizer", model.arena(NNRT_OPTIMIZER).bytes);
  if (uint64_t bytes = model.arena(NNRT_AVERAGES).bytes)
    row("averages", bytes);
  if (uint64_t bytes = model.arena(NNRT_GRADIENTS).bytes)
    row("gradients", bytes);
  row("activations", model.activationBytes());
  row("total", model.trainingBytes());
  table.print(os);
}

/// What a pool leaves out may be meant, so it is no warning; but whoever reads sizes wants to know.
static void printRests(const sema::Model &model, const Frontend &frontend, raw_ostream &os) {
  for (const WindowRest &rest : findWindowRests(model, frontend.sources))
    os << describe(rest, frontend.sources, frontend.file) << "\n";
}

static Status printModel(const Compilation &compilation, const Frontend &frontend) {
  const ModelDescription &description = compilation.model();
  const sema::Model &model = compilation.source();
  outs() << compilation.networkNames() << ": " << ports(model.inputs) << " -> "
         << ports(model.outputs) << "\n\n";
  printLayers(model, outs());
  printRests(model, frontend, outs());
  if (description.recipe)
    printMemory(description, outs());
  return Status::Success;
}

static Status printSummary(Compilation &compilation, const Frontend &frontend,
                           const Arguments &arguments) {
  std::vector<EntryKernels> entries;
  bool isOfKernels = arguments.kernels || arguments.lines;
  Status status = isOfKernels ? compilation.planMemory(entries) : compilation.planMemory();
  if (status != Status::Success)
    return status;
  if (arguments.lines)
    return printLines(compilation, entries, frontend, arguments);
  return arguments.kernels ? printKernels(compilation, entries, frontend.sources, arguments)
                           : printModel(compilation, frontend);
}

Status runSummary(const Arguments &given) {
  Arguments arguments = given;
  // Kernels that have lines of their own are not folded into equal ones of other lines.
  arguments.debugInfo = arguments.lines;
  Timing timing;
  Frontend frontend;
  if (!loadProgram(frontend, arguments, timing))
    return Status::InputError;
  setCurrentWork("compiling '" + arguments.inputs.front() + "'");
  // Of the memory, only the compiled step knows the activations.
  Compilation compilation(frontend, arguments, timing);
  Status status = printSummary(compilation, frontend, arguments);
  timing.stop();
  if (arguments.time)
    timing.print(errs());
  return status;
}

} // namespace nnc::driver
