// Drives emission, the pass pipelines and code generation.
#include "compiler/driver/Compilation.h"

#include "compiler/codegen/RegisterCodegen.h"
#include "compiler/diagnostics/Renderer.h"
#include "compiler/driver/Crash.h"
#include "compiler/driver/Descriptor.h"
#include "compiler/driver/Driver.h"
#include "compiler/driver/LibraryForm.h"
#include "compiler/emit/Emit.h"
#include "compiler/pipeline/Pipeline.h"
#include "compiler/sema/Types.h"
#include "dialects/nn/RegisterNn.h"
#include "dialects/train/RegisterTrain.h"

#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace nnc::driver {

std::unique_ptr<codegen::Target> makeTarget(const Arguments &arguments, StringRef name,
                                            codegen::Precision precision) {
  codegen::TargetOptions options;
  options.cpu = arguments.cpu;
  options.gpus = findChips(arguments.gpus);
  options.optLevel = arguments.optLevel;
  options.debugInfo = arguments.debugInfo;
  options.foldKernels = arguments.foldKernels;
  options.persistentKernels = arguments.persistentKernels;
  options.precision = arguments.precision.value_or(precision);
  return codegen::createTarget(name, options);
}

Compilation::Compilation(const Frontend &frontend, const Arguments &arguments, Timing &timing)
    : frontend(frontend), arguments(arguments), timing(timing) {
  // The model with the recipe comes first.
  ArrayRef<sema::Model> models = frontend.program->models;
  const auto *recipe = models.empty() || !models.front().recipe ? nullptr : &*models.front().recipe;
  codegen::Precision precision =
      codegen::parsePrecision(recipe ? StringRef(recipe->precision) : "f32")
          .value_or(codegen::Precision::F32);
  options.target = makeTarget(arguments, arguments.target, precision);
  // A program runs on the host as well.
  if (arguments.target == "cuda" &&
      (arguments.emit == Emit::Exe || arguments.emit == Emit::Shared)) {
    gpuTarget = options.target;
    options.target = makeTarget(arguments, "cpu", precision);
  }
  options.grad.batch = arguments.batch.value_or(0);
}

std::string Compilation::networkNames() const {
  return chosen->networks.size() > 1 ? join(chosen->networks, ", ") : chosen->name;
}

Status Compilation::internalError(StringRef what) {
  printInternalError(what);
  return Status::InternalError;
}

Status Compilation::emitNn() {
  timing.start("emit");
  mlir::DialectRegistry registry;
  mlir::nn::registerNn(registry);
  mlir::train::registerTrain(registry);
  codegen::registerCodegen(registry);
  context = std::make_unique<mlir::MLIRContext>(registry);
  diagnostics = std::make_unique<MlirDiagnosticPrinter>(context.get(), frontend.sources,
                                                        useColor(arguments.color));
  if (arguments.remarks)
    remarks =
        std::make_unique<RemarkPrinter>(*context, frontend.sources, useColor(arguments.color));
  mlirModule = emit(selectModels(), frontend.sources, *context);
  return mlirModule ? Status::Success : internalError("the checked program could not be emitted");
}

/// What is looked at as MLIR is the whole file; what is built is one model, so that no code of
/// another gets into it.
SmallVector<const sema::Model *> Compilation::selectModels() {
  if (chosen)
    return {chosen};
  return map_to_vector(frontend.program->models, [](const sema::Model &model) { return &model; });
}

Status Compilation::checkOptions() {
  if (Error unknown = (gpuTarget ? gpuTarget : options.target)->validate())
    return usageError(findCommand("build"), toString(std::move(unknown)));
  bool isWhole = arguments.emit == Emit::Mlir && arguments.model.empty();
  if (isWhole && !frontend.program->models.empty())
    return Status::Success;
  chosen = chooseModel(*frontend.program, arguments);
  return chosen ? Status::Success : Status::InputError;
}

Status Compilation::lowerTo(Stage target) {
  if (!mlirModule) {
    if (Status status = checkOptions(); status != Status::Success)
      return status;
    if (Status status = emitNn(); status != Status::Success)
      return status;
  }
  while (reached < target) {
    Stage next = static_cast<Stage>(static_cast<int>(reached) + 1);
    timing.start(spelling(next));
    if (failed(runStages(*mlirModule, reached, next, options, &models)))
      return internalError(("stage '" + spelling(next) + "' failed").str());
    reached = next;
  }
  return Status::Success;
}

Status Compilation::planMemory() {
  if (Status status = lowerTo(Stage::Bufferized); status != Status::Success)
    return status;
  description = &models.front();
  return Status::Success;
}

Status Compilation::planMemory(std::vector<EntryKernels> &entries) {
  if (Status status = lowerTo(Stage::Kernels); status != Status::Success)
    return status;
  description = &models.front();
  SeparateKernels kernels(*mlirModule, *options.target, /*store=*/nullptr);
  timing.start("bufferized");
  if (failed(kernels.takeApart()))
    return internalError("stage 'bufferized' failed");
  const codegen::Target &machine = gpuTarget ? *gpuTarget : *options.target;
  for (const EntryDescription &entry : description->entries) {
    bool isOpen = all_of(entry.dims, [](int64_t dim) { return dim == 0; });
    if (isOpen && any_of(description->entries, [&](const EntryDescription &other) {
          return other.name == entry.name && other.symbol != entry.symbol;
        }))
      continue;
    auto function = mlirModule->lookupSymbol<mlir::func::FuncOp>(entry.symbol);
    entries.push_back({entry.name, listKernels(function, machine)});
  }
  if (failed(kernels.bufferize()))
    return internalError("stage 'bufferized' failed");
  noteMemory(*mlirModule, models);
  return Status::Success;
}

/// A recipe may state how much memory its training takes at most.
Status Compilation::checkBudget() {
  const std::optional<sema::Recipe> &recipe = chosen->recipe;
  uint64_t needed = description->trainingBytes();
  if (!recipe || !recipe->budgetBytes || needed <= static_cast<uint64_t>(*recipe->budgetBytes))
    return Status::Success;
  auto sum = [&](std::initializer_list<nnrt_arena> kinds) {
    uint64_t bytes = 0;
    for (nnrt_arena kind : kinds)
      bytes += description->arena(kind).bytes;
    return sema::bytesText(bytes);
  };
  Diagnostics found;
  found
      .error(Code::OverBudget, recipe->budgetRange,
             "training needs " + sema::bytesText(needed) + ", and the budget is " +
                 sema::bytesText(*recipe->budgetBytes))
      .detail("parameters  " + sum({NNRT_PARAMETERS, NNRT_STATES}))
      .detail("optimizer   " + sum({NNRT_OPTIMIZER, NNRT_AVERAGES, NNRT_GRADIENTS}))
      .detail("activations " + sema::bytesText(description->activationBytes()))
      .suggest("a smaller batch needs less for activations");
  render(errs(), frontend.sources, found, useColor(arguments.color));
  return Status::InputError;
}

Status Compilation::makeGpu(std::optional<GpuForm> &form) {
  if (Status status = lowerTo(Stage::Linalg); status != Status::Success)
    return status;
  timing.start("kernels for GPUs");
  mlir::OwningOpRef<mlir::ModuleOp> copy = mlirModule->clone();
  return makeGpuForm(*copy, models.front(), gpuTarget, arguments.gpus, form.emplace());
}

Status Compilation::translate(const GpuForm *gpu) {
  llvmModule = options.target->translate(*mlirModule, llvmContext);
  if (!llvmModule)
    return internalError("translation to LLVM IR failed");
  llvmModule->setSourceFileName(arguments.inputs.front());
  auto [processor, features] = options.target->describe();
  addDescriptor(*llvmModule, *description,
                {compilerName(), (gpuTarget ? gpuTarget : options.target)->getName().str(),
                 processor, features},
                gpu);
  if (arguments.emit == Emit::Shared)
    addLibraryFunctions(*llvmModule, *description);
  return Status::Success;
}

Status Compilation::makeLlvm() {
  if (Status status = planMemory(); status != Status::Success)
    return status;
  if (Status status = checkBudget(); status != Status::Success)
    return status;
  if (Status status = lowerTo(Stage::Llvm); status != Status::Success)
    return status;
  timing.start("translate");
  if (Status status = translate(/*gpu=*/nullptr); status != Status::Success)
    return status;
  timing.start("optimize");
  if (Error error = options.target->optimize(*llvmModule))
    return internalError(toString(std::move(error)));
  return Status::Success;
}

Status Compilation::emitDeviceAssembly(raw_pwrite_stream &out) {
  if (Status status = planMemory(); status != Status::Success)
    return status;
  if (Status status = lowerTo(Stage::Llvm); status != Status::Success)
    return status;
  timing.start("machine code");
  std::optional<codegen::DeviceCode> code =
      options.target->takeDeviceCode(*mlirModule, /*onlyText=*/true);
  if (!code)
    return internalError("there is no code for a GPU");
  out << code->assemblies.front().text;
  return Status::Success;
}

Status Compilation::makeObjects(KernelStore *store, SeparateObjects &objects) {
  if (gpuTarget)
    if (Status status = makeGpu(objects.gpu); status != Status::Success)
      return status;
  if (Status status = lowerTo(Stage::Kernels); status != Status::Success)
    return status;
  SeparateKernels kernels(*mlirModule, *options.target, store);
  timing.start("bufferized");
  if (failed(kernels.takeApart()) || failed(kernels.bufferize()))
    return internalError("stage 'bufferized' failed");
  noteMemory(*mlirModule, models);
  description = &models.front();
  if (Status status = checkBudget(); status != Status::Success)
    return status;
  timing.start("machine code");
  Status status = Status::Success;
  auto compileEntries = [&] {
    raw_svector_ostream os(objects.entries);
    // The assembler has a processor, and other threads have kernels.
    if (objects.gpu)
      status = finishImages(*objects.gpu);
    if (status == Status::Success)
      status = translate(objects.gpu ? &*objects.gpu : nullptr);
    if (status != Status::Success)
      return mlir::failure();
    if (Error error = options.target->emitCalls(*llvmModule, os))
      status = internalError(toString(std::move(error)));
    return mlir::success(status == Status::Success);
  };
  if (failed(kernels.compile(compileEntries)))
    return status == Status::Success ? internalError("a kernel could not be compiled") : status;
  for (StringRef code : kernels.code())
    objects.kernels.push_back(code.str());
  objects.counts = kernels.count();
  return Status::Success;
}

Status Compilation::emitMachineCode(bool assembly, SmallVectorImpl<char> &code) {
  timing.start("machine code");
  raw_svector_ostream os(code);
  Error error = assembly ? options.target->emitAssembly(*llvmModule, os)
                         : options.target->emitObject(*llvmModule, os);
  return error ? internalError(toString(std::move(error))) : Status::Success;
}

} // namespace nnc::driver
