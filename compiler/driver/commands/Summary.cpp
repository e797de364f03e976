// nnc summary: layers, parameters, FLOPs, and the memory of a training step.
#include "compiler/driver/Commands.h"
#include "compiler/driver/Compilation.h"
#include "compiler/driver/Crash.h"
#include "compiler/driver/Flops.h"
#include "compiler/driver/Table.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace nnc::driver {

static std::string text(const sema::Dim &dim) {
  auto constant = dim.constant();
  return constant ? withSeparators(*constant) : dim.str();
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
  uint64_t trained = 0, buffers = 0;
  StringMap<uint64_t> sizes;
  for (const sema::Parameter &parameter : model.parameters)
    sizes[parameter.path] = elements(parameter.type);
  for (const sema::Parameter &parameter : model.parameters)
    (parameter.isBuffer ? buffers : trained) += sizes[parameter.path];

  Table table({Table::Align::Left, Table::Align::Left, Table::Align::Right, Table::Align::Right});
  table.row({"layer", "output", "parameters", "FLOPs"});
  table.rule();
  uint64_t inLayers = 0;
  for (auto [layer, count] : zip(model.layers, flops.layers)) {
    uint64_t own = 0;
    for (const std::string &path : layer.parameters)
      own += sizes.lookup(path);
    inLayers += own;
    table.row({std::string(2 * layer.depth, ' ') + layer.path, layer.output.str(),
               withSeparators(own), text(count)});
  }
  uint64_t inModel = trained + buffers - inLayers;
  if (inModel || flops.elsewhere != sema::Dim())
    table.row({"(" + model.name + " itself)", "", withSeparators(inModel), text(flops.elsewhere)});
  table.rule();
  table.row({"total", "", withSeparators(trained + buffers), text(flops.total)});
  table.print(os);
  if (buffers)
    os << withSeparators(trained) << " of the parameters are trained, " << withSeparators(buffers)
       << " are buffers\n";
  os << "FLOPs are those of contractions, forwards, per example\n";
}

static void printMemory(const ModelDescription &model, raw_ostream &os) {
  uint64_t activations = model.activationBytes();
  os << "\na training step at batch " << withSeparators(model.recipe.batch)
     << " needs at its peak:\n";
  Table table({Table::Align::Left, Table::Align::Right, Table::Align::Left});
  table.row({"  parameters", withSeparators(model.parameterBytes), "bytes"});
  table.row({"  optimizer", withSeparators(model.stateBytes), "bytes"});
  table.row({"  activations", withSeparators(activations), "bytes"});
  table.row(
      {"  total", withSeparators(model.parameterBytes + model.stateBytes + activations), "bytes"});
  table.print(os);
}

Status runSummary(const Arguments &arguments) {
  Timing timing;
  Frontend frontend;
  if (!loadProgram(frontend, arguments, timing))
    return Status::InputError;
  setCurrentWork("compiling '" + arguments.inputs.front() + "'");
  // Of the memory, only the compiled step knows the activations.
  Compilation compilation(frontend, arguments, timing);
  if (Status status = compilation.planMemory(); status != Status::Success)
    return status;
  const ModelDescription &description = compilation.model();
  const auto *model = find_if(frontend.program->models, [&](const sema::Model &each) {
                        return each.name == description.name;
                      }).base();
  outs() << model->name << ": " << ports(model->inputs) << " -> " << ports(model->outputs)
         << "\n\n";
  printLayers(*model, outs());
  if (description.hasRecipe)
    printMemory(description, outs());
  timing.stop();
  if (arguments.time)
    timing.print(errs());
  return Status::Success;
}

} // namespace nnc::driver
