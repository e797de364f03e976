// What a descriptor says, read from a built model.
#include "compiler/pipeline/ModelDescription.h"
#include "compiler/pipeline/Json.h"
#include "dialects/train/ir/TrainOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace nnc;

namespace {

constexpr char kModule[] = R"mlir(
module attributes {train.source = "model net", train.source_sha256 = "ab"} {
train.program @net dims ["batch", "time", "rows"] batch 0 rows 2
    entries [@net_init, @net_step_any, @net_step, @net_predict_any] totals 2 results 1
    settings {batch = 32, seed = 18446744073709551615 : ui64, metrics = ["mae"], losses = ["loss"],
              numbers = [{name = "lr", value = 0.1 : f64}]} {
  train.input "x" : tensor<?x3x?xui8> dims ["batch", "time"]
  train.input "at" : tensor<?xi32> dims ["batch"] below #train.size<"3 * time" [3] [0, 1, 0]>
  train.output "y" : tensor<?xf32> dims ["batch"]
  train.field "x" : tensor<?x3x?xui8> dims ["batch", "time"]
  train.field "label" : tensor<?xi32> dims ["batch"] in -1 to 10
  train.column "label" : tensor<?xi32> dims ["rows"] in -1 to 10
  train.tensor parameters "a.w" : tensor<5xf32>
  train.tensor parameters "b.w" : tensor<4x4xf64>
  train.tensor parameters "b.flag" : tensor<3xi1>
  train.tensor states "mean" : tensor<bf16>
  train.tensor optimizer "b.w.m" : tensor<4x4xf64>
  train.tensor optimizer "b.w.v" : tensor<f16>
  train.tensor optimizer "a.w.m" : tensor<5xf32>
}
func.func private @net_init(i64 {train.bind = #train.bind<seed, 0>}) -> (
    tensor<5xf32> {train.bind = #train.bind<parameter, 0>},
    tensor<4x4xf64> {train.bind = #train.bind<parameter, 1>}) attributes {nn.entry = "init"}
func.func private @net_step_any(
    index {train.bind = #train.bind<dim, 0>}, i64 {train.bind = #train.bind<step, 0>},
    tensor<5xf32> {train.bind = #train.bind<parameter, 0>},
    tensor<5xf32> {train.bind = #train.bind<optimizer, 2>},
    tensor<?xi32> {nn.dims = array<i64: 0>, train.bind = #train.bind<field, 1>}) -> (
    tensor<f64> {train.bind = #train.bind<loss, 0>},
    tensor<5xf32> {train.bind = #train.bind<parameter, 0>, nn.tied = 2 : i64},
    tensor<f64> {train.bind = #train.bind<partial, 1>}) attributes {nn.entry = "step"}
func.func private @net_step() attributes {nn.entry = "step", train.dims = array<i64: 32, 0, 0>}
func.func private @net_predict_any(
    index {train.bind = #train.bind<dim, 0>}, index {train.bind = #train.bind<dim, 1>},
    tensor<?x3x?xui8> {nn.dims = array<i64: 0, 1>, train.bind = #train.bind<input, 0>}) -> (
    tensor<?xf32> {train.bind = #train.bind<output, 0>}) attributes {nn.entry = "predict",
        train.needs = [#train.need<#train.size<"time - batch" [-1, 1] [1, 0, 0, 0, 1, 0]> from 2 at "net.nn:7">]}
}
)mlir";

class ModelDescriptionTest : public testing::Test {
protected:
  ModelDescriptionTest() {
    context.loadDialect<func::FuncDialect, train::TrainDialect>();
    module = parseSourceString<ModuleOp>(kModule, ParserConfig(&context));
    handler = context.getDiagEngine().registerHandler([&](Diagnostic &diagnostic) {
      errors.push_back(diagnostic.str());
      return success();
    });
  }
  ~ModelDescriptionTest() override { context.getDiagEngine().eraseHandler(handler); }

  ModelDescription describe() {
    auto models = describeModels(*module);
    EXPECT_TRUE(succeeded(models));
    EXPECT_EQ(models->size(), 1u);
    return models->front();
  }
  func::FuncOp entry(StringRef name) { return module->lookupSymbol<func::FuncOp>(name); }
  void bind(StringRef name, unsigned argument, train::Source source, int64_t index) {
    entry(name).setArgAttr(argument, train::kBindAttr,
                           train::BindAttr::get(&context, source, index));
  }
  /// Describes, and expects one error.
  std::string describeError() {
    EXPECT_TRUE(failed(describeModels(*module)));
    return errors.size() == 1 ? errors.front() : std::to_string(errors.size()) + " errors";
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::vector<std::string> errors;
  DiagnosticEngine::HandlerID handler;
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
  EXPECT_EQ(model.dims, (std::vector<std::string>{"batch", "time", "rows"}));
  EXPECT_EQ(model.batchDim, 0);
  EXPECT_EQ(model.rowsDim, 2);
  EXPECT_EQ(model.numTotals, 2u);
  EXPECT_EQ(model.numResults, 1u);
}

TEST_F(ModelDescriptionTest, SymbolicDimensionsAreComplements) {
  ModelDescription model = describe();
  ASSERT_EQ(model.inputs.size(), 2u);
  EXPECT_EQ(model.inputs[0].tensor.name, "x");
  EXPECT_EQ(model.inputs[0].tensor.dtype, NNRT_U8);
  EXPECT_EQ(model.inputs[0].tensor.shape, (std::vector<int64_t>{~0, 3, ~1}));
  ASSERT_EQ(model.outputs.size(), 1u);
  EXPECT_EQ(model.outputs[0].shape, (std::vector<int64_t>{~0}));
  ASSERT_EQ(model.columns.size(), 1u);
  EXPECT_EQ(model.columns[0].tensor.shape, (std::vector<int64_t>{~2}));
  ASSERT_EQ(model.fields.size(), 2u);
  EXPECT_EQ(model.fields[0].low, model.fields[0].high);
  EXPECT_EQ(model.fields[1].low, -1);
  EXPECT_EQ(model.fields[1].high, 10);
  EXPECT_FALSE(model.inputs[0].limit.has_value());
  ASSERT_TRUE(model.inputs[1].limit.has_value());
  EXPECT_EQ(model.inputs[1].limit->text, "3 * time");
  EXPECT_EQ(model.inputs[1].limit->factors, std::vector<int64_t>{3});
  EXPECT_EQ(model.inputs[1].limit->powers, (std::vector<uint32_t>{0, 1, 0}));
}

TEST_F(ModelDescriptionTest, NeedsOfEntries) {
  ModelDescription model = describe();
  EXPECT_TRUE(model.entries[0].needs.empty());
  ASSERT_EQ(model.entries[3].needs.size(), 1u);
  const NeedDescription &need = model.entries[3].needs.front();
  EXPECT_EQ(need.size.text, "time - batch");
  EXPECT_EQ(need.size.factors, (std::vector<int64_t>{-1, 1}));
  EXPECT_EQ(need.size.powers, (std::vector<uint32_t>{1, 0, 0, 0, 1, 0}));
  EXPECT_EQ(need.least, 2);
  EXPECT_EQ(need.place, "net.nn:7");
}

TEST_F(ModelDescriptionTest, ArenasAreAligned) {
  ModelDescription model = describe();
  const ArenaDescription &parameters = model.arena(NNRT_PARAMETERS);
  ASSERT_EQ(parameters.tensors.size(), 3u);
  // 20 bytes, 128 bytes, 3 bytes (a truth value takes one).
  EXPECT_EQ(parameters.tensors[0].offset, 0u);
  EXPECT_EQ(parameters.tensors[1].offset, 64u);
  EXPECT_EQ(parameters.tensors[2].offset, 192u);
  EXPECT_EQ(parameters.bytes, 256u);
  EXPECT_EQ(parameters.tensors[1].dtype, NNRT_F64);
  EXPECT_EQ(parameters.tensors[2].dtype, NNRT_BOOL);
  ASSERT_EQ(model.arena(NNRT_STATES).tensors.size(), 1u);
  EXPECT_EQ(model.arena(NNRT_STATES).tensors[0].dtype, NNRT_BF16);
  EXPECT_TRUE(model.arena(NNRT_STATES).tensors[0].shape.empty());
  const ArenaDescription &optimizer = model.arena(NNRT_OPTIMIZER);
  ASSERT_EQ(optimizer.tensors.size(), 3u);
  EXPECT_EQ(optimizer.tensors[1].name, "b.w.v");
  EXPECT_EQ(optimizer.tensors[1].offset, 128u);
  EXPECT_EQ(optimizer.tensors[2].offset, 192u);
  EXPECT_EQ(optimizer.bytes, 256u);
  EXPECT_EQ(model.trainingBytes(), 256u + 64 + 256);
}

TEST_F(ModelDescriptionTest, TheRecipeIsJson) {
  ModelDescription model = describe();
  EXPECT_EQ(model.batchSize, 32);
  ASSERT_EQ(model.metrics.size(), 1u);
  EXPECT_EQ(model.metrics[0].name, "mae");
  EXPECT_TRUE(model.metrics[0].shape.empty());
  EXPECT_EQ(model.recipe, R"({"batch":32,"losses":["loss"],"metrics":["mae"],)"
                          R"("numbers":[{"name":"lr","value":0.1}],"seed":18446744073709551615})");
}

TEST_F(ModelDescriptionTest, Json) {
  Builder builder(&context);
  Attribute elements[] = {builder.getStringAttr("a\"\n\xC3\xA9"), builder.getBoolAttr(true),
                          builder.getI64IntegerAttr(-3), builder.getF64FloatAttr(2e-3),
                          builder.getDictionaryAttr({})};
  EXPECT_EQ(toJson(builder.getArrayAttr(elements)), R"(["a\"\n)"
                                                    "\xC3\xA9"
                                                    R"(",true,-3,0.002,{}])");
}

TEST_F(ModelDescriptionTest, Entries) {
  ModelDescription model = describe();
  ASSERT_EQ(model.entries.size(), 4u);
  const EntryDescription &init = model.entries[0], &stepAny = model.entries[1],
                         &step = model.entries[2], &predict = model.entries[3];
  EXPECT_EQ(init.name, "init");
  EXPECT_EQ(init.symbol, "net_init");
  EXPECT_EQ(init.workspaceSymbol, "net_init_workspace");
  EXPECT_EQ(init.dims, (std::vector<int64_t>{0, 0, 0}));
  expectBindings(init.scalars, {{NNRT_SEED, 0}});
  expectBindings(init.buffers, {{NNRT_PARAMETER, 0}, {NNRT_PARAMETER, 1}});
  // Tied results have no buffer of their own; the others come after the arguments.
  expectBindings(stepAny.scalars, {{NNRT_DIM, 0}, {NNRT_STEP, 0}});
  expectBindings(stepAny.buffers, {{NNRT_PARAMETER, 0},
                                   {NNRT_OPTIMIZER_STATE, 2},
                                   {NNRT_FIELD, 1},
                                   {NNRT_LOSS, 0},
                                   {NNRT_PARTIAL, 1}});
  EXPECT_EQ(step.name, "step");
  EXPECT_EQ(step.dims, (std::vector<int64_t>{32, 0, 0}));
  expectBindings(predict.buffers, {{NNRT_INPUT, 0}, {NNRT_OUTPUT, 0}});
  EXPECT_EQ(model.findEntry("step"), &stepAny);
  EXPECT_EQ(model.findEntry("update"), nullptr);
}

TEST_F(ModelDescriptionTest, AnArgumentWithoutABinding) {
  entry("net_init").removeArgAttr(0, train::kBindAttr);
  EXPECT_EQ(describeError(), "'func.func' op expected argument 0 to have 'train.bind'");
}

TEST_F(ModelDescriptionTest, ABindingToWhatIsNotThere) {
  bind("net_step_any", 3, train::Source::Optimizer, 3);
  EXPECT_EQ(describeError(), "'func.func' op binds argument 3 to optimizer number 3, but the model "
                             "has 3 of these");
}

TEST_F(ModelDescriptionTest, AScalarBoundToATensor) {
  bind("net_step_any", 1, train::Source::Parameter, 0);
  EXPECT_EQ(describeError(), "'func.func' op expected argument 1 to be a tensor, found 'i64'");
}

TEST_F(ModelDescriptionTest, TwoEntriesOfOneName) {
  entry("net_predict_any")->setAttr("nn.entry", StringAttr::get(&context, "init"));
  EXPECT_EQ(describeError(), "'func.func' op is the second entry of its name, beside @net_init");
}

TEST_F(ModelDescriptionTest, DimsOfAnotherCount) {
  entry("net_step")->setAttr(train::kDimsOfEntryAttr, DenseI64ArrayAttr::get(&context, {32}));
  EXPECT_EQ(describeError(), "'func.func' op expected 'train.dims' to have a size for each of 3 "
                             "dimensions, found 1");
}

} // namespace
