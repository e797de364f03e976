// Drives emission, the pass pipelines and code generation.
#include "compiler/driver/Compilation.h"

#include "compiler/codegen/RegisterCodegen.h"
#include "compiler/driver/Crash.h"
#include "compiler/driver/Descriptor.h"
#include "compiler/driver/Driver.h"
#include "compiler/driver/LibraryForm.h"
#include "compiler/emit/Emit.h"
#include "compiler/pipeline/Pipeline.h"
#include "dialects/nn/RegisterNn.h"
#include "dialects/train/RegisterTrain.h"

using namespace llvm;

namespace nnc::driver {

static nnc::Stage pipelineStage(StageName stage) {
  switch (stage) {
  case StageName::Parse:
  case StageName::Nn:
    return Stage::Nn;
  case StageName::Grad:
    return Stage::Grad;
  case StageName::Linalg:
    return Stage::Linalg;
  case StageName::Bufferized:
    return Stage::Bufferized;
  case StageName::Llvm:
    return Stage::Llvm;
  }
  llvm_unreachable("every stage is listed");
}

std::unique_ptr<codegen::Target> makeTarget(const Arguments &arguments) {
  codegen::TargetOptions options;
  options.cpu = arguments.cpu;
  options.optLevel = arguments.optLevel;
  options.debugInfo = arguments.debugInfo;
  return codegen::createTarget(arguments.target, options);
}

Compilation::Compilation(const Frontend &frontend, const Arguments &arguments, Timing &timing)
    : frontend(frontend), arguments(arguments), timing(timing) {
  options.target = makeTarget(arguments);
  options.grad.batch = arguments.batch.value_or(0);
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
  mlirModule = emit(*frontend.program, frontend.sources, *context);
  return mlirModule ? Status::Success : internalError("the checked program could not be emitted");
}

Status Compilation::checkOptions() {
  if (Error unknown = options.target->validate())
    return usageError(findCommand("build"), toString(std::move(unknown)));
  // All models are lowered, but there has to be one; chooseModel() says that there is none.
  if (frontend.program->models.empty() && !chooseModel(*frontend.program, arguments))
    return Status::InputError;
  return Status::Success;
}

Status Compilation::lowerTo(StageName target) {
  if (!mlirModule) {
    if (Status status = checkOptions(); status != Status::Success)
      return status;
    if (Status status = emitNn(); status != Status::Success)
      return status;
  }
  for (Stage to = pipelineStage(target); reached < to;) {
    Stage next = static_cast<Stage>(static_cast<int>(reached) + 1);
    timing.start(spelling(next));
    if (failed(runStages(*mlirModule, reached, next, options, &models)))
      return internalError(("stage '" + spelling(next) + "' failed").str());
    reached = next;
  }
  return Status::Success;
}

Status Compilation::planMemory() {
  // Before the work of lowering, which a wrong name would waste.
  const sema::Model *chosen = chooseModel(*frontend.program, arguments);
  if (!chosen)
    return Status::InputError;
  if (Status status = lowerTo(StageName::Bufferized); status != Status::Success)
    return status;
  for (const ModelDescription &each : models)
    if (each.name == chosen->name)
      description = &each;
  return Status::Success;
}

Status Compilation::makeLlvm() {
  if (Status status = planMemory(); status != Status::Success)
    return status;
  if (Status status = lowerTo(StageName::Llvm); status != Status::Success)
    return status;
  timing.start("translate");
  llvmModule = options.target->translate(*mlirModule, llvmContext);
  if (!llvmModule)
    return internalError("translation to LLVM IR failed");
  llvmModule->setSourceFileName(arguments.inputs.front());
  auto [processor, features] = options.target->describe();
  addDescriptor(*llvmModule, *description, {compilerName(), processor, features});
  if (arguments.emit == Emit::Shared)
    addLibraryFunctions(*llvmModule, *description);
  timing.start("optimize");
  if (Error error = options.target->optimize(*llvmModule))
    return internalError(toString(std::move(error)));
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
