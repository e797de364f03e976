// The stages that a module goes through, and the pass pipelines between them.
#pragma once

#include "compiler/pipeline/ModelDescription.h"
#include "compiler/pipeline/Options.h"

#include "mlir/Pass/PassManager.h"

#include <optional>

namespace nnc {

/// What a module is made of. Each stage can be printed, and read back by nn-opt, as text.
enum class Stage {
  Nn,     ///< as emitted: described models, functions of nn operations
  Grad,   ///< built models: entry functions of nn operations, differentiated, for one batch and for
          ///< any
  Linalg, ///< the entries on linalg, tensor, arith and math
  Kernels,    ///< the entries as calls of kernels, which hold what is computed
  Bufferized, ///< on memrefs in planned memory
  Llvm,       ///< the LLVM dialect
};

/// "nn", "grad", ...
llvm::StringRef spelling(Stage stage);
std::optional<Stage> parseStage(llvm::StringRef name);
/// The stage after one that isn't the last.
Stage getNext(Stage stage);

/// Each builder adds the passes from one stage to the next, the first of which verifies that the
/// module is at the stage where they begin.
void buildNnToGradPipeline(mlir::OpPassManager &passes, const GradOptions &options);
void buildGradToLinalgPipeline(mlir::OpPassManager &passes);
void buildLinalgToKernelsPipeline(mlir::OpPassManager &passes, const codegen::Target &target);
void buildKernelsToBufferizedPipeline(mlir::OpPassManager &passes, const codegen::Target &target);
void buildBufferizedToLlvmPipeline(mlir::OpPassManager &passes, const codegen::Target &target);

/// One of these: that from `stage`, which isn't the last, to the next.
void buildPipelineFrom(mlir::OpPassManager &passes, Stage stage, const PipelineOptions &options);

/// Takes a module from stage `from` to stage `to`. `configure` may set up each pass manager
/// (timing, printing). Where stage linalg is reached or passed, `models` (unless null) is set to
/// what the descriptors say, which later stages no longer know.
mlir::LogicalResult runStages(mlir::ModuleOp module, Stage from, Stage to,
                              const PipelineOptions &options,
                              std::vector<ModelDescription> *models = nullptr,
                              llvm::function_ref<void(mlir::PassManager &)> configure = nullptr);

} // namespace nnc
