// What a descriptor says is read from a built model.
#include "compiler/pipeline/ModelDescription.h"
#include "dialects/train/ir/TrainOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace nnc;

namespace {

constexpr const char *kModule = R"mlir(
module attributes {train.source = "model net", train.source_file = "net.nn", train.source_sha256 = "ab"} {
train.model @net dims ["batch", "time"] entries [@net_init, @net_step_any, @net_step, @net_predict_any] doc "A net." {
  train.input "x" : tensor<?x3x?xui8> dims ["batch", "time"]
  train.output "y" : tensor<?xf32> dims ["batch"]
  train.parameter "a.w" : tensor<5xf32>
  train.parameter "b.w" : tensor<4x4xf64>
  train.parameter "b.flag" : tensor<3xi1>
  train.parameter buffer "mean" : tensor<bf16>
  train.recipe optimizer "adam(lr: 0.001)" batch 32 epochs 5 seed -1 metrics ["accuracy", "mae"] {
    train.data "digits" format "idx" {
      train.field "image" as "x" : tensor<?x3x?xui8> dims ["batch", "time"]
      train.field "label" : tensor<?xi32> dims ["batch"] in -1 to 10
      train.file "train" of "label" path "l.gz"
      train.file "test" of "image" path "i.gz"
    }
    train.update "b.w" {
      train.state "m" : tensor<4x4xf64>
      train.state "v" : tensor<f16>
    }
    train.update "a.w" {
      train.state "m" : tensor<5xf32>
    }
  }
}
func.func private @net_init(i64 {nn.binding = ["seed", 0]}) -> (
    tensor<5xf32> {nn.binding = ["parameter", 0]}, tensor<4x4xf64> {nn.binding = ["parameter", 1]})
    attributes {nn.entry = "init"}
func.func private @net_step_any(
    index {nn.binding = ["dim", 0]}, index {nn.binding = ["dim", 1]}, i64 {nn.binding = ["step", 0]},
    tensor<?xi32> {nn.binding = ["field", 1]}, tensor<5xf32> {nn.binding = ["parameter", 0]},
    tensor<5xf32> {nn.binding = ["state", 2]}) -> (
    tensor<f32> {nn.binding = ["loss", 0]}, tensor<5xf32> {nn.binding = ["parameter", 0], nn.tied = 4 : i64},
    tensor<f32> {nn.binding = ["metric", 1]}) attributes {nn.entry = "step"}
func.func private @net_step() attributes {nn.entry = "step", nn.batch = 32 : i64}
func.func private @net_predict_any(tensor<?x3x?xui8> {nn.binding = ["input", 0]}) -> (
    tensor<?xf32> {nn.binding = ["output", 0]}) attributes {nn.entry = "predict"}
}
)mlir";

class ModelDescriptionTest : public testing::Test {
protected:
  ModelDescriptionTest() {
    context.loadDialect<func::FuncDialect, train::TrainDialect>();
    module = parseSourceString<ModuleOp>(kModule, &context);
  }

  ModelDescription describe() {
    auto models = describeModels(*module);
    EXPECT_TRUE(succeeded(models));
    EXPECT_EQ(models->size(), 1u);
    return models->front();
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

void expectBindings(const std::vector<nnrt_binding> &found,
                    std::vector<std::pair<uint32_t, uint32_t>> expected) {
  std::vector<std::pair<uint32_t, uint32_t>> pairs;
  for (const nnrt_binding &binding : found)
    pairs.emplace_back(binding.source, binding.index);
  EXPECT_EQ(pairs, expected);
}

TEST_F(ModelDescriptionTest, Names) {
  ModelDescription model = describe();
  EXPECT_EQ(model.name, "net");
  EXPECT_EQ(model.source, "model net");
  EXPECT_EQ(model.sourceSha256, "ab");
  EXPECT_EQ(model.dims, (std::vector<std::string>{"batch", "time"}));
}

TEST_F(ModelDescriptionTest, SymbolicDimensionsAreComplements) {
  ModelDescription model = describe();
  ASSERT_EQ(model.inputs.size(), 1u);
  EXPECT_EQ(model.inputs[0].tensor.name, "x");
  EXPECT_EQ(model.inputs[0].tensor.dtype, NNRT_U8);
  EXPECT_EQ(model.inputs[0].tensor.shape, (std::vector<int64_t>{~0, 3, ~1}));
  ASSERT_EQ(model.outputs.size(), 1u);
  EXPECT_EQ(model.outputs[0].shape, (std::vector<int64_t>{~0}));
}

TEST_F(ModelDescriptionTest, ArenasAreAligned) {
  ModelDescription model = describe();
  ASSERT_EQ(model.parameters.size(), 4u);
  EXPECT_EQ(model.numBuffers, 1u);
  // 20 bytes, 128 bytes, 3 bytes (a truth value takes one), 2 bytes.
  EXPECT_EQ(model.parameters[0].offset, 0u);
  EXPECT_EQ(model.parameters[1].offset, 64u);
  EXPECT_EQ(model.parameters[2].offset, 192u);
  EXPECT_EQ(model.parameters[3].offset, 256u);
  EXPECT_EQ(model.parameterBytes, 320u);
  EXPECT_EQ(model.parameters[1].dtype, NNRT_F64);
  EXPECT_EQ(model.parameters[2].dtype, NNRT_BOOL);
  EXPECT_EQ(model.parameters[3].dtype, NNRT_BF16);
  EXPECT_TRUE(model.parameters[3].shape.empty());

  ASSERT_EQ(model.states.size(), 3u);
  EXPECT_EQ(model.states[0].name, "b.w.m");
  EXPECT_EQ(model.states[1].name, "b.w.v");
  EXPECT_EQ(model.states[2].name, "a.w.m");
  EXPECT_EQ(model.states[1].offset, 128u);
  EXPECT_EQ(model.states[2].offset, 192u);
  EXPECT_EQ(model.stateBytes, 256u);
}

TEST_F(ModelDescriptionTest, Recipe) {
  ModelDescription model = describe();
  ASSERT_TRUE(model.hasRecipe);
  EXPECT_EQ(model.recipe.data, "digits");
  EXPECT_EQ(model.recipe.format, "idx");
  EXPECT_EQ(model.recipe.optimizer, "adam(lr: 0.001)");
  EXPECT_EQ(model.recipe.batch, 32);
  EXPECT_EQ(model.recipe.epochs, 5);
  EXPECT_EQ(model.recipe.steps, 0);
  EXPECT_EQ(model.recipe.seed, UINT64_MAX);
  EXPECT_EQ(model.recipe.metrics, (std::vector<std::string>{"accuracy", "mae"}));
  ASSERT_EQ(model.fields.size(), 2u);
  EXPECT_EQ(model.fields[0].tensor.name, "image");
  EXPECT_EQ(model.fields[0].low, model.fields[0].high);
  EXPECT_EQ(model.fields[1].low, -1);
  EXPECT_EQ(model.fields[1].high, 10);
  ASSERT_EQ(model.files.size(), 2u);
  EXPECT_EQ(model.files[0].split, "train");
  EXPECT_EQ(model.files[0].field, 1u);
  EXPECT_EQ(model.files[0].path, "l.gz");
  EXPECT_EQ(model.files[1].field, 0u);
}

TEST_F(ModelDescriptionTest, Entries) {
  ModelDescription model = describe();
  ASSERT_EQ(model.entries.size(), 4u);
  const EntryDescription &init = model.entries[0], &stepAny = model.entries[1],
                         &step = model.entries[2], &predict = model.entries[3];
  EXPECT_EQ(init.kind, NNRT_ENTRY_INIT);
  EXPECT_EQ(init.symbol, "net_init");
  EXPECT_EQ(init.workspaceSymbol, "net_init_workspace");
  expectBindings(init.scalars, {{NNRT_SEED, 0}});
  expectBindings(init.buffers, {{NNRT_PARAMETER, 0}, {NNRT_PARAMETER, 1}});
  // Tied results have no buffer of their own; the others come after the arguments.
  expectBindings(stepAny.scalars, {{NNRT_DIM, 0}, {NNRT_DIM, 1}, {NNRT_STEP, 0}});
  expectBindings(
      stepAny.buffers,
      {{NNRT_FIELD, 1}, {NNRT_PARAMETER, 0}, {NNRT_STATE, 2}, {NNRT_LOSS, 0}, {NNRT_METRIC, 1}});
  EXPECT_EQ(stepAny.batch, 0);
  EXPECT_EQ(stepAny.kind, NNRT_ENTRY_STEP);
  EXPECT_EQ(step.symbol, "net_step");
  EXPECT_EQ(step.kind, NNRT_ENTRY_STEP);
  EXPECT_EQ(step.batch, 32);
  EXPECT_EQ(predict.kind, NNRT_ENTRY_PREDICT);
  expectBindings(predict.buffers, {{NNRT_INPUT, 0}, {NNRT_OUTPUT, 0}});
}

} // namespace
