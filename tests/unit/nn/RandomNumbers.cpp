// Philox against Random123's published vectors, and the moments of nn.random.
#include "dialects/nn/lowering/Philox.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "tests/unit/nn/Jit.h"
#include "gtest/gtest.h"

#include <array>
#include <cmath>

using namespace mlir;
using namespace nnc::test;

namespace {
using Words = std::array<uint32_t, 4>;
using Key = std::array<uint32_t, 2>;

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
  Value lastByKey = arith::XOrIOp::create(b, words[3], words[5]);
  std::array<Value, 4> block =
      nn::buildPhilox4x32(b, {words[0], words[1], words[2]}, lastByKey, {words[4], words[5]});
  Value result = tensor::FromElementsOp::create(b, four, ValueRange(ArrayRef<Value>(block)));
  func::ReturnOp::create(b, result);

  std::unique_ptr<Jit> jit = Jit::compile(*module);
  ASSERT_TRUE(jit);
  for (const Vector &vector : vectors) {
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
