// Every differentiable nn operation against finite differences in f64, found by its interface.
#include "dialects/nn/ir/NnInterfaces.h"
#include "tests/unit/nn/GradientCases.h"
#include "tests/unit/nn/Jit.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace nnc::test;

namespace {

/// `sum(weights * op(operands))`, differentiated with respect to every float operand.
std::string writeLoss(const GradientCase &test, const Writer &w) {
  std::string arguments = "%n: index", weightType = w.type(test.result);
  for (size_t i = 0; i < test.operands.size(); ++i) {
    const Operand &operand = test.operands[i];
    arguments += ", %" + std::to_string(i) + ": " + w.type(operand.shape, operand.element);
    if (operand.element == "f64")
      arguments += " {nn.wrt}";
  }
  std::string axes;
  for (size_t d = 0; d < test.result.size(); ++d)
    axes += (d ? ", " : "") + std::to_string(d);
  return "func.func @f(" + arguments + ", %weights: " + weightType + ") -> tensor<f64> {\n" +
         test.before + "  %y = " + test.code + "\n" + "  %p = nn.mul %y, %weights : " + weightType +
         "\n" + "  %loss = nn.reduce_sum %p [" + axes + "] : " + weightType + " -> tensor<f64>\n" +
         "  return %loss : tensor<f64>\n}\n";
}

std::vector<int64_t> sizesOf(const Shape &shape) {
  std::vector<int64_t> sizes;
  for (const Dim &dim : shape)
    sizes.push_back(dim.size);
  return sizes;
}

/// Values for all operands: floats fall into cells of their range, each cell used once, so that no
/// two come close enough for a maximum to change sides within a finite difference.
std::vector<Array> drawOperands(const GradientCase &test, Writer &w) {
  std::vector<Array> arrays;
  int64_t total = 0;
  for (const Operand &operand : test.operands) {
    arrays.push_back({operand.element, sizesOf(operand.shape), {}});
    total += arrays.back().size();
  }
  std::vector<int64_t> cells(total);
  std::iota(cells.begin(), cells.end(), 0);
  std::shuffle(cells.begin(), cells.end(), w.engine);
  auto next = cells.begin();
  for (size_t i = 0; i < arrays.size(); ++i) {
    const Operand &operand = test.operands[i];
    for (int64_t n = arrays[i].size(); n > 0; --n) {
      double cell = (static_cast<double>(*next++) + 0.3 + 0.4 * w.uniform()) / total;
      double value = operand.low + (operand.high - operand.low) * cell;
      if (operand.element != "f64")
        value = static_cast<double>(
            w.integer(static_cast<int64_t>(operand.low), static_cast<int64_t>(operand.high)));
      arrays[i].values.push_back(value);
    }
  }
  Array weights{"f64", sizesOf(test.result), {}};
  for (int64_t n = weights.size(); n > 0; --n)
    weights.values.push_back(0.5 + w.uniform());
  arrays.push_back(std::move(weights));
  return arrays;
}

/// The derivative of the loss by one element, by a five-point stencil: its error is of order h^4.
double differentiateNumerically(Jit &jit, int64_t batch, std::vector<Array> arguments,
                                size_t operand, size_t element) {
  constexpr double h = 1e-3;
  double &x = arguments[operand].values[element];
  const double center = x;
  auto loss = [&](double offset) {
    x = center + offset;
    return jit.run(batch, arguments)[0].values[0];
  };
  return (8 * (loss(h) - loss(-h)) - (loss(2 * h) - loss(-2 * h))) / (12 * h);
}

void check(const std::string &name, const GradientCaseBuilder &build, unsigned seed, bool dynamic) {
  Writer w(seed, dynamic);
  GradientCase test = build(w);
  std::string text = writeLoss(test, w);
  SCOPED_TRACE(name + ", seed " + std::to_string(seed) + "\n" + text);
  std::unique_ptr<Jit> jit =
      Jit::compile(text, "nn-expand-gradients,func.func(nn-differentiate),nn-simplify");
  ASSERT_TRUE(jit);
  std::vector<Array> arguments = drawOperands(test, w);
  std::vector<Array> results = jit->run(w.batch.size, arguments);
  size_t next = 1;
  for (size_t operand = 0; operand < test.operands.size(); ++operand) {
    if (test.operands[operand].element != "f64")
      continue;
    ASSERT_LT(next, results.size());
    const Array &gradient = results[next++];
    ASSERT_EQ(gradient.shape, arguments[operand].shape);
    double error = 0, norm = 0;
    for (size_t i = 0; i < gradient.values.size(); ++i) {
      double expected = test.stopsGradient
                            ? 0
                            : differentiateNumerically(*jit, w.batch.size, arguments, operand, i);
      error += std::pow(gradient.values[i] - expected, 2);
      norm += std::pow(expected, 2);
    }
    EXPECT_LE(std::sqrt(error), 1e-6 * std::max(std::sqrt(norm), 1e-3))
        << "gradient of operand " << operand << ", which has norm " << std::sqrt(norm);
  }
  EXPECT_EQ(next, results.size());
}

/// The names of all registered nn operations with the interface.
std::vector<std::string> findDifferentiableOps() {
  std::vector<std::string> names;
  for (mlir::RegisteredOperationName name : getContext().getRegisteredOperations())
    if (name.getDialectNamespace() == "nn" &&
        name.hasInterface<mlir::nn::NnDifferentiableOpInterface>())
      names.push_back(name.getStringRef().str());
  return names;
}

TEST(NnGradients, EveryDifferentiableOpHasACase) {
  std::vector<std::string> names = findDifferentiableOps();
  EXPECT_GE(names.size(), 30u);
  for (const std::string &name : names)
    EXPECT_TRUE(gradientCases().count(name)) << name << " needs an entry in GradientCases.cpp";
  for (const auto &[name, builders] : gradientCases())
    EXPECT_TRUE(llvm::is_contained(names, name)) << name << " isn't differentiable";
}

class GradientsOf : public testing::TestWithParam<std::string> {};

TEST_P(GradientsOf, AgreeWithFiniteDifferences) {
  auto entry = gradientCases().find(GetParam());
  ASSERT_NE(entry, gradientCases().end());
  unsigned seed = 1;
  for (const GradientCaseBuilder &build : entry->second)
    for (bool dynamic : {false, true})
      for (int repetition = 0; repetition < 2; ++repetition)
        check(GetParam(), build, seed++, dynamic);
}

INSTANTIATE_TEST_SUITE_P(Nn, GradientsOf, testing::ValuesIn(findDifferentiableOps()),
                         [](const testing::TestParamInfo<std::string> &info) {
                           return info.param.substr(3);
                         });

} // namespace
