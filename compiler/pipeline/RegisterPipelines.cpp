// Registers the pipelines between stages, by name, and the passes of the pipeline itself.
#include "compiler/pipeline/RegisterPipelines.h"

#include "compiler/pipeline/Passes.h"
#include "compiler/pipeline/Pipeline.h"

#include "mlir/Pass/PassOptions.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace nnc;

namespace {
/// The options of every pipeline, as text.
struct TextOptions : PassPipelineOptions<TextOptions> {
  Option<int64_t> batch{*this, "batch", llvm::cl::init(0),
                        llvm::cl::desc("Takes the place of the recipe's batch; 0: the recipe's")};
  Option<std::string> target{*this, "target", llvm::cl::init("cpu"),
                             llvm::cl::desc("What to compile for")};
  Option<std::string> cpu{*this, "cpu", llvm::cl::init(codegen::TargetOptions().cpu),
                          llvm::cl::desc("The processor to compile for")};
  Option<unsigned> optLevel{*this, "opt-level", llvm::cl::init(codegen::TargetOptions().optLevel),
                            llvm::cl::desc("How much to optimise: 0 to 3")};

  PipelineOptions get() const {
    PipelineOptions options;
    options.grad.batch = batch;
    codegen::TargetOptions machine;
    machine.cpu = cpu;
    machine.optLevel = optLevel;
    options.target = codegen::createTarget(target, machine);
    if (!options.target)
      llvm::report_fatal_error(llvm::Twine("unknown target '") + target + "'", false);
    return options;
  }
};
} // namespace

static void registerPipeline(Stage from, Stage to) {
  std::string name = (spelling(from) + "-to-" + spelling(to)).str();
  std::string description = ("From stage " + spelling(from) + " to stage " + spelling(to)).str();
  PassPipelineRegistration<TextOptions>(
      name, description, [from, to](OpPassManager &passes, const TextOptions &options) {
        for (Stage stage = from; stage < to; stage = getNext(stage))
          buildPipelineFrom(passes, stage, options.get());
      });
}

void nnc::registerPipelines() {
  registerNncPasses();
  ArrayRef<Stage> stages = getStages();
  for (auto [from, to] : llvm::zip(stages.drop_back(), stages.drop_front()))
    registerPipeline(from, to);
  for (Stage to : stages.drop_front(2))
    registerPipeline(Stage::Nn, to);
}
