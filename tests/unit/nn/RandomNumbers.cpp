// Philox against Random123's published vectors, and nn.random against a plain implementation of its
// description.
#include "dialects/nn/lowering/Philox.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "tests/unit/nn/Jit.h"
#include "gtest/gtest.h"

#include <array>
#include <cmath>
#include <numbers>

using namespace mlir;
using namespace nnc::test;

namespace {
using Words = std::array<uint32_t, 4>;
using Key = std::array<uint32_t, 2>;

Words philox(Words x, Key key) {
  for (int round = 0; round < 10; ++round) {
    if (round != 0)
      key = {key[0] + 0x9E3779B9u, key[1] + 0xBB67AE85u};
    uint64_t product0 = uint64_t(0xD2511F53u) * x[0], product1 = uint64_t(0xCD9E8D57u) * x[2];
    x = {static_cast<uint32_t>(product1 >> 32) ^ x[1] ^ key[0], static_cast<uint32_t>(product1),
         static_cast<uint32_t>(product0 >> 32) ^ x[3] ^ key[1], static_cast<uint32_t>(product0)};
  }
  return x;
}

struct Vector {
  Words counter;
  Key key;
  Words expected;
};
/// `philox4x32 10` in Random123's kat_vectors.
constexpr Vector vectors[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

Array word(uint32_t value) { return {"i32", {}, {double(static_cast<int32_t>(value))}}; }

TEST(NnPhilox, AgreesWithRandom123) {
  MLIRContext &context = getContext();
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  ImplicitLocOpBuilder b(UnknownLoc::get(&context), module->getBodyRegion());
  auto scalar = RankedTensorType::get({}, b.getI32Type());
  SmallVector<Type> arguments(7, scalar);
  arguments[0] = b.getIndexType();
  auto four = RankedTensorType::get({4}, b.getI32Type());
  auto function = func::FuncOp::create(b, "f", b.getFunctionType(arguments, four));
  Block *body = function.addEntryBlock();
  b.setInsertionPointToStart(body);
  SmallVector<Value> words;
  for (Value argument : body->getArguments().drop_front())
    words.push_back(tensor::ExtractOp::create(b, argument, ValueRange()));
  std::array<Value, 4> block =
      nn::buildPhilox4x32(b, {words[0], words[1], words[2], words[3]}, {words[4], words[5]});
  Value result = tensor::FromElementsOp::create(b, four, ValueRange(ArrayRef<Value>(block)));
  func::ReturnOp::create(b, result);

  std::unique_ptr<Jit> jit = Jit::compile(*module);
  ASSERT_TRUE(jit);
  for (const Vector &vector : vectors) {
    EXPECT_EQ(philox(vector.counter, vector.key), vector.expected);
    std::vector<Array> inputs;
    for (uint32_t value : vector.counter)
      inputs.push_back(word(value));
    for (uint32_t value : vector.key)
      inputs.push_back(word(value));
    Array words = jit->run(0, inputs)[0];
    for (size_t i = 0; i < 4; ++i)
      EXPECT_EQ(static_cast<uint32_t>(static_cast<int32_t>(words.values[i])), vector.expected[i]);
  }
}

/// The top `digits` bits of a number, as a fraction of 1.
double fraction(uint64_t bits, int width, int digits, int plus) {
  return std::ldexp(static_cast<double>((bits >> (width - digits)) + plus), -digits);
}

double reference(uint64_t seed, uint64_t step, uint32_t site, uint64_t number, bool isDouble,
                 bool isNormal) {
  Words x = philox({static_cast<uint32_t>(number), static_cast<uint32_t>(number >> 32),
                    static_cast<uint32_t>(step), site},
                   {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
  uint64_t first = isDouble ? uint64_t(x[1]) << 32 | x[0] : x[0];
  uint64_t second = isDouble ? uint64_t(x[3]) << 32 | x[2] : x[1];
  int width = isDouble ? 64 : 32, digits = isDouble ? 53 : 24;
  if (!isNormal)
    return fraction(first, width, digits, 0);
  double u = fraction(first, width, digits, 1), v = fraction(second, width, digits, 0);
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
}

struct RandomCase {
  std::string element, distribution;
  bool hasStep, isDynamic;
};

class RandomOf : public testing::TestWithParam<RandomCase> {};

TEST_P(RandomOf, FollowsItsDescription) {
  const RandomCase &test = GetParam();
  // Seeds beyond 32 bits, but exact as doubles, which carry them here.
  constexpr int64_t seed = (int64_t(5) << 40) + 12345, step = (int64_t(1) << 35) + 77, batch = 37;
  constexpr uint32_t site = 4000000000u;
  std::string rows = test.isDynamic ? "%n" : std::to_string(batch);
  std::string type =
      "tensor<" + (test.isDynamic ? "?" : std::to_string(batch)) + "x3x" + test.element + ">";
  std::unique_ptr<Jit> jit =
      Jit::compile("func.func @f(%n: index, %seed: tensor<i64>, %step: tensor<i64>) -> " + type +
                   " {\n" + "  %0 = nn.random \"" + test.distribution + "\" site " +
                   std::to_string(site) + " %seed" + (test.hasStep ? ", %step" : "") + " [" + rows +
                   ", 3] : " + type + "\n  return %0 : " + type + "\n}");
  ASSERT_TRUE(jit);
  Array numbers = jit->run(batch, {{"i64", {}, {double(seed)}}, {"i64", {}, {double(step)}}})[0];
  ASSERT_EQ(numbers.shape, (std::vector<int64_t>{batch, 3}));
  bool isDouble = test.element == "f64", isNormal = test.distribution == "normal";
  for (size_t i = 0; i < numbers.values.size(); ++i) {
    double expected = reference(seed, test.hasStep ? step : 0, site, i, isDouble, isNormal);
    if (isNormal)
      EXPECT_NEAR(numbers.values[i], expected, isDouble ? 1e-13 : 2e-6 * (1 + std::abs(expected)));
    else
      EXPECT_EQ(numbers.values[i], expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Nn, RandomOf,
                         testing::Values(RandomCase{"f32", "uniform", false, false},
                                         RandomCase{"f32", "uniform", true, true},
                                         RandomCase{"f32", "normal", true, false},
                                         RandomCase{"f32", "normal", false, true},
                                         RandomCase{"f64", "uniform", true, true},
                                         RandomCase{"f64", "normal", true, true}));

TEST(NnRandom, HasTheMomentsOfItsDistribution) {
  constexpr int64_t count = 100000;
  std::unique_ptr<Jit> jit = Jit::compile(
      "func.func @f(%n: index, %seed: tensor<i64>) -> (tensor<?xf32>, tensor<?xf32>) {\n"
      "  %0 = nn.random \"uniform\" site 1 %seed [%n] : tensor<?xf32>\n"
      "  %1 = nn.random \"normal\" site 2 %seed [%n] : tensor<?xf32>\n"
      "  return %0, %1 : tensor<?xf32>, tensor<?xf32>\n}");
  ASSERT_TRUE(jit);
  std::vector<Array> results = jit->run(count, {{"i64", {}, {42}}});
  auto moment = [&](const Array &array, double center, int power) {
    double sum = 0;
    for (double value : array.values)
      sum += std::pow(value - center, power);
    return sum / count;
  };
  // Five standard errors of each estimate.
  EXPECT_NEAR(moment(results[0], 0, 1), 0.5, 5 * 0.2887 / std::sqrt(count));
  EXPECT_NEAR(moment(results[0], 0.5, 2), 1.0 / 12, 5 * 0.0745 / std::sqrt(count));
  EXPECT_NEAR(moment(results[1], 0, 1), 0, 5 / std::sqrt(count));
  EXPECT_NEAR(moment(results[1], 0, 2), 1, 5 * 1.4142 / std::sqrt(count));
  EXPECT_NEAR(moment(results[1], 0, 4), 3, 5 * 9.8 / std::sqrt(count));
}
} // namespace
