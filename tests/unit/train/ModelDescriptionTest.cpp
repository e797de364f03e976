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
train.program @net dims ["batch", "time"] batch 0 entries [@net_init, @net_step_any, @net_step, @net_predict_any]
    totals 2 results 3
    settings {batch = 32, epochs = 5, losses = ["loss"], metrics = ["accuracy", "mae"]} doc "A net." {
  train.input "x" : tensor<?x3x?xui8> dims ["batch", "time"]
  train.output "y" : tensor<?xf32> dims ["batch"]
  train.field "image" : tensor<?x3x?xui8> dims ["batch", "time"]
  train.field "label" : tensor<?xi32> dims ["batch"] in -1 to 10
  train.tensor parameters "a.w" : tensor<5xf32>
  train.tensor parameters "b.w" : tensor<4x4xf64>
  train.tensor parameters "b.flag" : tensor<3xi1>
  train.tensor parameters "c" : tensor<bf16>
  train.tensor states "mean" : tensor<2xf32>
  train.tensor optimizer "b.w.m" : tensor<4x4xf64>
  train.tensor optimizer "b.w.v" : tensor<f16>
  train.tensor optimizer "a.w.m" : tensor<5xf32>
}
func.func private @net_init(i64 {train.bind = #train.bind<seed, 0>}) -> (
    tensor<5xf32> {train.bind = #train.bind<parameter, 0>}, tensor<4x4xf64> {train.bind = #train.bind<parameter, 1>})
    attributes {nn.entry = "init"}
func.func private @net_step_any(
    index {train.bind = #train.bind<dim, 0>}, index {train.bind = #train.bind<dim, 1>},
    i64 {train.bind = #train.bind<step, 0>},
    tensor<?xi32> {train.bind = #train.bind<field, 1>}, tensor<5xf32> {train.bind = #train.bind<parameter, 0>},
    tensor<5xf32> {train.bind = #train.bind<optimizer, 2>}) -> (
    tensor<f64> {train.bind = #train.bind<loss, 0>},
    tensor<5xf32> {train.bind = #train.bind<parameter, 0>, nn.tied = 4 : i64})
    attributes {nn.entry = "step"}
func.func private @net_step() attributes {nn.entry = "step", train.dims = array<i64: 32, 0>}
func.func private @net_predict_any(tensor<?x3x?xui8> {train.bind = #train.bind<input, 0>}) -> (
    tensor<?xf32> {train.bind = #train.bind<output, 0>}) attributes {nn.entry = "predict"}
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
  const auto &parameters = model.arena(NNRT_PARAMETERS);
  ASSERT_EQ(parameters.tensors.size(), 4u);
  // 20 bytes, 128 bytes, 3 bytes (a truth value takes one), 2 bytes.
  EXPECT_EQ(parameters.tensors[0].offset, 0u);
  EXPECT_EQ(parameters.tensors[1].offset, 64u);
  EXPECT_EQ(parameters.tensors[2].offset, 192u);
  EXPECT_EQ(parameters.tensors[3].offset, 256u);
  EXPECT_EQ(parameters.bytes, 320u);
  EXPECT_EQ(parameters.tensors[1].dtype, NNRT_F64);
  EXPECT_EQ(parameters.tensors[2].dtype, NNRT_BOOL);
  EXPECT_EQ(parameters.tensors[3].dtype, NNRT_BF16);
  EXPECT_TRUE(parameters.tensors[3].shape.empty());

  ASSERT_EQ(model.arena(NNRT_STATES).tensors.size(), 1u);
  EXPECT_EQ(model.arena(NNRT_STATES).tensors[0].name, "mean");
  EXPECT_EQ(model.arena(NNRT_STATES).tensors[0].offset, 0u);

  const auto &optimizer = model.arena(NNRT_OPTIMIZER);
  ASSERT_EQ(optimizer.tensors.size(), 3u);
  EXPECT_EQ(optimizer.tensors[0].name, "b.w.m");
  EXPECT_EQ(optimizer.tensors[1].name, "b.w.v");
  EXPECT_EQ(optimizer.tensors[2].name, "a.w.m");
  EXPECT_EQ(optimizer.tensors[1].offset, 128u);
  EXPECT_EQ(optimizer.tensors[2].offset, 192u);
  EXPECT_EQ(optimizer.bytes, 256u);
  EXPECT_TRUE(model.arena(NNRT_AVERAGES).tensors.empty());
  EXPECT_EQ(model.arena(NNRT_GRADIENTS).bytes, 0u);
}

TEST_F(ModelDescriptionTest, Recipe) {
  ModelDescription model = describe();
  ASSERT_TRUE(model.recipe);
  EXPECT_NE(model.recipe->find("\"epochs\":5"), std::string::npos) << *model.recipe;
  EXPECT_EQ(model.batchSize, 32);
  EXPECT_EQ(model.metrics, (std::vector<std::string>{"accuracy", "mae"}));
  EXPECT_EQ(model.numTotals, 2u);
  EXPECT_EQ(model.numResults, 3u);
  EXPECT_EQ(model.batchDim, 0);
  EXPECT_EQ(model.rowsDim, -1);
  ASSERT_EQ(model.fields.size(), 2u);
  EXPECT_EQ(model.fields[0].tensor.name, "image");
  EXPECT_EQ(model.fields[0].low, model.fields[0].high);
  EXPECT_EQ(model.fields[1].low, -1);
  EXPECT_EQ(model.fields[1].high, 10);
  EXPECT_TRUE(model.columns.empty());
}

TEST_F(ModelDescriptionTest, Entries) {
  ModelDescription model = describe();
  ASSERT_EQ(model.entries.size(), 4u);
  const EntryDescription &init = model.entries[0], &stepAny = model.entries[1],
                         &step = model.entries[2], &predict = model.entries[3];
  EXPECT_EQ(init.name, "init");
  EXPECT_EQ(init.symbol, "net_init");
  EXPECT_EQ(init.workspaceSymbol, "net_init_workspace");
  expectBindings(init.scalars, {{NNRT_SEED, 0}});
  expectBindings(init.buffers, {{NNRT_PARAMETER, 0}, {NNRT_PARAMETER, 1}});
  // Tied results have no buffer of their own; the others come after the arguments.
  expectBindings(stepAny.scalars, {{NNRT_DIM, 0}, {NNRT_DIM, 1}, {NNRT_STEP, 0}});
  expectBindings(stepAny.buffers,
                 {{NNRT_FIELD, 1}, {NNRT_PARAMETER, 0}, {NNRT_OPTIMIZER_STATE, 2}, {NNRT_LOSS, 0}});
  EXPECT_EQ(stepAny.dims, (std::vector<int64_t>{0, 0}));
  EXPECT_EQ(stepAny.name, "step");
  EXPECT_EQ(step.symbol, "net_step");
  EXPECT_EQ(step.dims, (std::vector<int64_t>{32, 0}));
  EXPECT_EQ(predict.name, "predict");
  expectBindings(predict.buffers, {{NNRT_INPUT, 0}, {NNRT_OUTPUT, 0}});
  EXPECT_EQ(model.findEntry("step"), &model.entries[1]);
  EXPECT_EQ(model.findEntry("evaluate.0"), nullptr);
}

} // namespace
