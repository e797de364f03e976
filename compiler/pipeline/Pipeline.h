// The stages that a module goes through, and the pass pipelines between them.
#pragma once

#include "compiler/pipeline/ModelDescription.h"
#include "compiler/pipeline/Options.h"
#include "compiler/pipeline/Stage.h"

#include "mlir/Pass/PassManager.h"

namespace nnc {

/// Each builder adds the passes from one stage to the next, the first of which verifies that the
/// module is at the stage where they begin.
void buildNnToGradPipeline(mlir::OpPassManager &passes, const GradOptions &options);
void buildGradToLinalgPipeline(mlir::OpPassManager &passes);
void buildLinalgToKernelsPipeline(mlir::OpPassManager &passes, const codegen::Target &target);
void buildKernelsToBufferizedPipeline(mlir::OpPassManager &passes, const codegen::Target &target);
void buildBufferizedToLlvmPipeline(mlir::OpPassManager &passes, const codegen::Target &target);

/// One of these: that from `stage`, which isn't the last, to the next.
void buildPipelineFrom(mlir::OpPassManager &passes, Stage stage, const PipelineOptions &options);

/// Verifies a module whose passes were run without, where $NNC_VERIFY is 1: it takes as long as
/// many passes do, and finds mistakes of theirs alone. The tests set it; nn-opt verifies after each
/// pass.
mlir::LogicalResult verifyIfAsked(mlir::ModuleOp module);

/// Takes a module from stage `from` to stage `to`. `configure` may set up each pass manager
/// (timing, printing). Where stage linalg is reached or passed, `models` (unless null) is set to
/// what the descriptors say, which later stages no longer know.
mlir::LogicalResult runStages(mlir::ModuleOp module, Stage from, Stage to,
                              const PipelineOptions &options,
                              std::vector<ModelDescription> *models = nullptr,
                              llvm::function_ref<void(mlir::PassManager &)> configure = nullptr);

} // namespace nnc
