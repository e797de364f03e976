// Contractions, reductions, shape operations and lookups against plain C++ loops; each compiled
// with static sizes, with dynamic ones, and with dynamic ones specialized: all three agree bit by
// bit.
#include "dialects/nn/transforms/SpecializeDims.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tests/unit/nn/Jit.h"
#include "gtest/gtest.h"

#include <cmath>
#include <limits>
#include <random>

using namespace nnc::test;

namespace {
constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t batch = 5;

std::string replaceAll(std::string text, const std::string &from, const std::string &to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// Runs `text`, in which B stands for the batch in types and %B in the code, in all three ways.
std::vector<Array> runAllWays(const std::string &text, const std::vector<Array> &arguments) {
  std::string number = std::to_string(batch);
  std::string fixed = replaceAll(replaceAll(text, "%B", number), "<B", "<" + number);
  std::string symbolic = replaceAll(replaceAll(text, "%B", "%n"), "<B", "<?");
  std::unique_ptr<Jit> jit = Jit::compile(fixed);
  if (!jit)
    return {};
  std::vector<Array> results = jit->run(batch, arguments);

  std::vector<std::unique_ptr<Jit>> others;
  others.push_back(Jit::compile(symbolic));
  auto module = parse(symbolic);
  if (!module)
    return {};
  auto function = module->lookupSymbol<mlir::func::FuncOp>("f");
  EXPECT_TRUE(succeeded(mlir::nn::specializeDim(function, 0, batch)));
  for (mlir::Type type : function.getResultTypes())
    EXPECT_TRUE(mlir::cast<mlir::RankedTensorType>(type).hasStaticShape());
  EXPECT_TRUE(succeeded(module->verify()));
  others.push_back(Jit::compile(*module));
  for (const std::unique_ptr<Jit> &other : others) {
    if (!other)
      return {};
    std::vector<Array> otherResults = other->run(batch, arguments);
    EXPECT_EQ(otherResults.size(), results.size());
    for (size_t i = 0; i < results.size(); ++i) {
      EXPECT_EQ(otherResults[i].shape, results[i].shape);
      for (size_t n = 0; n < results[i].values.size(); ++n)
        EXPECT_TRUE(otherResults[i].values[n] == results[i].values[n] ||
                    (std::isnan(results[i].values[n]) && std::isnan(otherResults[i].values[n])));
    }
  }
  return results;
}

Array draw(const std::string &element, std::vector<int64_t> shape, unsigned seed) {
  Array array{element, std::move(shape), {}};
  std::mt19937 engine(seed);
  std::uniform_real_distribution<float> range(-2, 2);
  bool isFloat = element[0] == 'f';
  for (int64_t i = array.size(); i > 0; --i)
    array.values.push_back(isFloat ? range(engine) : std::floor(10 * range(engine)));
  return array;
}

void expectNear(const Array &actual, const Array &expected, double tolerance = 1e-5) {
  ASSERT_EQ(actual.shape, expected.shape);
  for (size_t i = 0; i < expected.values.size(); ++i)
    EXPECT_TRUE(std::abs(actual.values[i] - expected.values[i]) <=
                    tolerance * std::max(1.0, std::abs(expected.values[i])) ||
                actual.values[i] == expected.values[i] ||
                (std::isnan(actual.values[i]) && std::isnan(expected.values[i])))
        << "element " << i << ": " << actual.values[i] << " instead of " << expected.values[i];
}

/// One function from `inputs` to `result` with this body.
std::string function(const std::string &inputs, const std::string &body,
                     const std::string &result) {
  return "func.func @f(%n: index, " + inputs + ") -> " + result + " {\n  %y = nn." + body +
         "\n  return %y : " + result + "\n}";
}

class ValuesOf : public testing::TestWithParam<const char *> {
protected:
  std::string in(const std::string &text) {
    return replaceAll(text, "E>", GetParam() + std::string(">"));
  }
  double tolerance() { return GetParam() == std::string("f64") ? 1e-14 : 1e-5; }
  Array make(std::vector<int64_t> shape, unsigned seed = 1) {
    return draw(GetParam(), std::move(shape), seed);
  }
  Array zeros(std::vector<int64_t> shape) {
    Array array = make(std::move(shape));
    array.values.assign(array.values.size(), 0);
    return array;
  }
  void check(const std::string &inputs, const std::string &body, const std::string &result,
             const std::vector<Array> &arguments, const Array &expected) {
    SCOPED_TRACE(body);
    std::vector<Array> results = runAllWays(in(function(inputs, body, result)), arguments);
    ASSERT_EQ(results.size(), 1u);
    expectNear(results[0], expected, tolerance());
  }
};

TEST_P(ValuesOf, Contract) {
  Array a = make({batch, 4}), b = make({4, 3}, 2), bt = make({3, 4}, 3), c = make({batch, 4}, 4);
  Array ab = zeros({batch, 3}), abt = ab, ac = zeros({4, 4}), dot = zeros({});
  for (int64_t i = 0; i < batch; ++i)
    for (int64_t k = 0; k < 4; ++k) {
      for (int64_t j = 0; j < 3; ++j) {
        ab.at({i, j}) += a.at({i, k}) * b.at({k, j});
        abt.at({i, j}) += a.at({i, k}) * bt.at({j, k});
      }
      for (int64_t j = 0; j < 4; ++j)
        ac.at({k, j}) += a.at({i, k}) * c.at({i, j});
      dot.at({}) += a.at({i, k}) * c.at({i, k});
    }
  check("%a: tensor<Bx4xE>, %b: tensor<4x3xE>",
        "contract \"mk,kn->mn\" %a, %b : (tensor<Bx4xE>, tensor<4x3xE>) -> tensor<Bx3xE>",
        "tensor<Bx3xE>", {a, b}, ab);
  check("%a: tensor<Bx4xE>, %b: tensor<3x4xE>",
        "contract \"mk,nk->mn\" %a, %b : (tensor<Bx4xE>, tensor<3x4xE>) -> tensor<Bx3xE>",
        "tensor<Bx3xE>", {a, bt}, abt);
  check("%a: tensor<Bx4xE>, %b: tensor<Bx4xE>",
        "contract \"mk,mn->kn\" %a, %b : (tensor<Bx4xE>, tensor<Bx4xE>) -> tensor<4x4xE>",
        "tensor<4x4xE>", {a, c}, ac);
  check("%a: tensor<Bx4xE>, %b: tensor<Bx4xE>",
        "contract \"mk,mk->\" %a, %b : (tensor<Bx4xE>, tensor<Bx4xE>) -> tensor<E>", "tensor<E>",
        {a, c}, dot);
}

TEST_P(ValuesOf, Reductions) {
  Array x = make({batch, 3, 2});
  Array sum = zeros({3}), greatest = zeros({batch, 2}), least = zeros({});
  greatest.values.assign(greatest.values.size(), -inf);
  least.values[0] = inf;
  for (int64_t i = 0; i < batch; ++i)
    for (int64_t j = 0; j < 3; ++j)
      for (int64_t k = 0; k < 2; ++k) {
        sum.at({j}) += x.at({i, j, k});
        greatest.at({i, k}) = std::max(greatest.at({i, k}), x.at({i, j, k}));
        least.at({}) = std::min(least.at({}), x.at({i, j, k}));
      }
  check("%x: tensor<Bx3x2xE>", "reduce_sum %x [0, 2] : tensor<Bx3x2xE> -> tensor<3xE>",
        "tensor<3xE>", {x}, sum);
  check("%x: tensor<Bx3x2xE>", "reduce_max %x [1] : tensor<Bx3x2xE> -> tensor<Bx2xE>",
        "tensor<Bx2xE>", {x}, greatest);
  check("%x: tensor<Bx3x2xE>", "reduce_min %x [0, 1, 2] : tensor<Bx3x2xE> -> tensor<E>",
        "tensor<E>", {x}, least);
}

TEST_P(ValuesOf, Broadcast) {
  Array x = make({1, 3}), y = zeros({batch, 4, 3});
  for (int64_t i = 0; i < batch; ++i)
    for (int64_t j = 0; j < 4; ++j)
      for (int64_t k = 0; k < 3; ++k)
        y.at({i, j, k}) = x.at({0, k});
  check("%x: tensor<1x3xE>", "broadcast %x [1, 2] to [%B, 4, 3] : tensor<1x3xE> -> tensor<Bx4x3xE>",
        "tensor<Bx4x3xE>", {x}, y);
}

TEST_P(ValuesOf, ReshapeAndTranspose) {
  Array x = make({batch, 6, 2}), y = x, t = zeros({2, batch, 6});
  y.shape = {batch, 4, 3};
  check("%x: tensor<Bx6x2xE>", "reshape %x to [%B, 4, 3] : tensor<Bx6x2xE> -> tensor<Bx4x3xE>",
        "tensor<Bx4x3xE>", {x}, y);
  y.shape = {4, batch, 3};
  check("%x: tensor<Bx6x2xE>", "reshape %x to [4, %B, 3] : tensor<Bx6x2xE> -> tensor<4x?x3xE>",
        "tensor<4x?x3xE>", {x}, y);
  for (int64_t i = 0; i < batch; ++i)
    for (int64_t j = 0; j < 6; ++j)
      for (int64_t k = 0; k < 2; ++k)
        t.at({k, i, j}) = x.at({i, j, k});
  check("%x: tensor<Bx6x2xE>", "transpose %x [2, 0, 1] : tensor<Bx6x2xE> -> tensor<2x?x6xE>",
        "tensor<2x?x6xE>", {x}, t);
}

TEST_P(ValuesOf, Windows) {
  Array x = make({batch, 7}), z = make({batch, 2}, 2);
  Array slice = zeros({batch, 3}), pad = zeros({batch, 16}), concat = zeros({batch, 9});
  for (int64_t i = 0; i < batch; ++i) {
    for (int64_t j = 0; j < 3; ++j)
      slice.at({i, j}) = x.at({i, 1 + 2 * j});
    for (int64_t j = 0; j < 7; ++j) {
      pad.at({i, 1 + 2 * j}) = x.at({i, j});
      concat.at({i, 2 + j}) = x.at({i, j});
    }
    for (int64_t j = 0; j < 2; ++j)
      concat.at({i, j}) = z.at({i, j});
  }
  check("%x: tensor<Bx7xE>", "slice %x [0, 1] [%B, 3] [1, 2] : tensor<Bx7xE> -> tensor<Bx3xE>",
        "tensor<Bx3xE>", {x}, slice);
  check(
      "%x: tensor<Bx7xE>",
      "pad %x low [0, 1] high [0, 2] interior [0, 1] to [%B, 16] : tensor<Bx7xE> -> tensor<Bx16xE>",
      "tensor<Bx16xE>", {x}, pad);
  check("%z: tensor<Bx2xE>, %x: tensor<Bx7xE>",
        "concat %z, %x axis 1 : (tensor<Bx2xE>, tensor<Bx7xE>) -> tensor<Bx9xE>", "tensor<Bx9xE>",
        {z, x}, concat);
}

TEST_P(ValuesOf, Lookups) {
  Array table = make({4, 3}), updates = make({batch, 3}, 2);
  // Two of the indices lie outside the table: they are taken as its ends.
  Array indices{"i32", {batch}, {2, -3, 0, 9, 2}};
  std::vector<int64_t> rows{2, 0, 0, 3, 2};
  Array gathered = zeros({batch, 3}), scattered = table;
  for (int64_t i = 0; i < batch; ++i)
    for (int64_t j = 0; j < 3; ++j) {
      gathered.at({i, j}) = table.at({rows[i], j});
      scattered.at({rows[i], j}) += updates.at({i, j});
    }
  check("%t: tensor<4x3xE>, %i: tensor<Bxi32>",
        "gather %t, %i : (tensor<4x3xE>, tensor<Bxi32>) -> tensor<Bx3xE>", "tensor<Bx3xE>",
        {table, indices}, gathered);
  check("%u: tensor<Bx3xE>, %i: tensor<Bxi32>, %t: tensor<4x3xE>",
        "scatter_add %u, %i into %t : (tensor<Bx3xE>, tensor<Bxi32>, tensor<4x3xE>) -> "
        "tensor<4x3xE>",
        "tensor<4x3xE>", {updates, indices, table}, scattered);
}

TEST_P(ValuesOf, MadeFromSizes) {
  Array iota = zeros({batch, 3}), index = zeros({});
  for (int64_t i = 0; i < batch; ++i)
    for (int64_t j = 0; j < 3; ++j)
      iota.at({i, j}) = static_cast<double>(i);
  index.at({}) = batch;
  check("%x: tensor<1xE>", "iota 0 [%B, 3] : tensor<Bx3xE>", "tensor<Bx3xE>", {make({1})}, iota);
  check("%x: tensor<1xE>", "from_index %n : tensor<E>", "tensor<E>", {make({1})}, index);
}

INSTANTIATE_TEST_SUITE_P(Nn, ValuesOf, testing::Values("f64", "f32", "i32"),
                         [](const auto &info) { return std::string(info.param); });

TEST(NnValues, ArgmaxTakesTheFirst) {
  std::vector<Array> results = runAllWays(
      function("%x: tensor<Bx3xf32>", "argmax %x[1] : tensor<Bx3xf32> -> tensor<Bxi32>",
               "tensor<Bxi32>"),
      {{"f32",
        {batch, 3},
        {1, 3, 2, /**/ 5, 5, 1, /**/ 1, nan, nan, /**/ -inf, -inf, -inf, /**/ nan, inf, 0}}});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].values, (std::vector<double>{1, 0, 1, 0, 0}));
}

TEST(NnValues, ReductionsKeepNan) {
  std::vector<Array> results =
      runAllWays(function("%x: tensor<Bxf32>", "reduce_max %x [0] : tensor<Bxf32> -> tensor<f32>",
                          "tensor<f32>"),
                 {{"f32", {batch}, {1, 2, nan, 3, inf}}});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_TRUE(std::isnan(results[0].values[0]));
}

TEST(NnValues, BytesReduceUnsigned) {
  std::vector<Array> results =
      runAllWays(function("%x: tensor<Bxui8>", "reduce_max %x [0] : tensor<Bxui8> -> tensor<ui8>",
                          "tensor<ui8>"),
                 {{"ui8", {batch}, {1, 200, 127, 128, 0}}});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].values[0], 200);
}

/// Both 16-bit floats sum in f32: 2048 ones are 2048, where sums in f16 would stay at 2048 from
/// there on and in bf16 at 256.
TEST(NnValues, HalfPrecisionAccumulatesInSinglePrecision) {
  for (std::string element : {"f16", "bf16"}) {
    std::string text =
        "func.func @f(%n: index) -> (tensor<f32>, tensor<f32>) {\n"
        "  %one = nn.constant dense<1.0> : tensor<E>\n"
        "  %ones = nn.broadcast %one [] to [%n] : tensor<E> -> tensor<?xE>\n"
        "  %sum = nn.reduce_sum %ones [0] : tensor<?xE> -> tensor<E>\n"
        "  %dot = nn.contract \"k,k->\" %ones, %ones : (tensor<?xE>, tensor<?xE>) -> "
        "tensor<E>\n"
        "  %a = nn.cast %sum : tensor<E> to tensor<f32>\n"
        "  %b = nn.cast %dot : tensor<E> to tensor<f32>\n"
        "  return %a, %b : tensor<f32>, tensor<f32>\n}";
    std::unique_ptr<Jit> jit = Jit::compile(replaceAll(text, "E>", element + ">"));
    ASSERT_TRUE(jit);
    std::vector<Array> results = jit->run(4096, {});
    ASSERT_EQ(results.size(), 2u);
    EXPECT_EQ(results[0].values[0], 4096) << element;
    EXPECT_EQ(results[1].values[0], 4096) << element;
  }
}
} // namespace
