// Every operation with a symbolic size, and again with that size made static: the same bits.
#include "dialects/nn/transforms/SpecializeDims.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tests/unit/nn/GradientCases.h"
#include "tests/unit/nn/Jit.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace nnc::test;

namespace {
/// Runs `@f` of the symbolic text as it is and specialized for the batch, and compares.
void check(const std::string &text, int64_t batch, const std::vector<Array> &arguments) {
  SCOPED_TRACE(text);
  auto module = parse(text);
  ASSERT_TRUE(module);
  ASSERT_TRUE(runPasses(*module, "nn-expand-gradients"));
  auto function = module->lookupSymbol<mlir::func::FuncOp>("f");
  ASSERT_TRUE(succeeded(mlir::nn::specializeDim(function, 0, batch)));
  for (mlir::Type type : function.getResultTypes())
    EXPECT_TRUE(mlir::cast<mlir::RankedTensorType>(type).hasStaticShape());
  ASSERT_TRUE(succeeded(module->verify()));

  std::unique_ptr<Jit> symbolic = Jit::compile(text, "nn-expand-gradients"),
                       specialized = Jit::compile(*module);
  ASSERT_TRUE(symbolic && specialized);
  std::vector<Array> expected = symbolic->run(batch, arguments);
  std::vector<Array> found = specialized->run(batch, arguments);
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].shape, expected[i].shape);
    EXPECT_EQ(found[i].values, expected[i].values);
  }
}

Array draw(const Operand &operand, Writer &w) {
  Array array{operand.element, {}, {}};
  for (const Dim &dim : operand.shape)
    array.shape.push_back(dim.size);
  for (int64_t n = array.size(); n > 0; --n) {
    double value = operand.low + (operand.high - operand.low) * w.uniform();
    array.values.push_back(operand.element == "f64" ? value : std::floor(value));
  }
  return array;
}

class Specialize : public testing::TestWithParam<std::string> {};

TEST_P(Specialize, KeepsTheValues) {
  unsigned seed = 1;
  for (const GradientCaseBuilder &build : gradientCases().at(GetParam())) {
    Writer w(seed++, /*dynamic=*/true);
    GradientCase test = build(w);
    std::string parameters = "%n: index";
    std::vector<Array> arguments;
    for (const Operand &operand : test.operands) {
      parameters +=
          ", %" + std::to_string(arguments.size()) + ": " + w.type(operand.shape, operand.element);
      arguments.push_back(draw(operand, w));
    }
    std::string type = w.type(test.result);
    check("func.func @f(" + parameters + ") -> " + type + " {\n" + test.before +
              "  %y = " + test.code + "\n  return %y : " + type + "\n}",
          w.batch.size, arguments);
  }
}

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const auto &entry : gradientCases())
    names.push_back(entry.first);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Nn, Specialize, testing::ValuesIn(names()),
                         [](const auto &info) { return info.param.substr(3); });

/// The operations that have no derivative, and so no such case.
TEST(NnSpecialize, KeepsTheValuesOfWhatHasNoDerivative) {
  std::string function = "func.func @f(%n: index, %x: tensor<?x3xf64>, %seed: tensor<i64>) -> ";
  auto one = [&](const std::string &code, const std::string &type) {
    check(function + type + " {\n  %y = nn." + code + "\n  return %y : " + type + "\n}", 4,
          {{"f64", {4, 3}, {1, 3, 2, 5, 5, 1, 1, 0, 9, -1, -2, -3}}, {"i64", {}, {7}}});
  };
  one("argmax %x[1] : tensor<?x3xf64> -> tensor<?xi32>", "tensor<?xi32>");
  one("argmax %x[0] : tensor<?x3xf64> -> tensor<3xi32>", "tensor<3xi32>");
  one("compare \"lt\" %x, %x : tensor<?x3xf64>", "tensor<?x3xi1>");
  one("from_index %n : tensor<i32>", "tensor<i32>");
  one("iota 0 [%n, 2] : tensor<?x2xi32>", "tensor<?x2xi32>");
  one("random \"uniform\" site 3 %seed [%n, 2] : tensor<?x2xf64>", "tensor<?x2xf64>");
}
} // namespace
