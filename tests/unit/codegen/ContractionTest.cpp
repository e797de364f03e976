// Contractions of many shapes, with and without epilogues, at every layout, against sums in double.
#include "tests/unit/codegen/Harness.h"

#include "llvm/Support/FormatVariadic.h"

#include <gtest/gtest.h>

namespace nnc::codegen::test {
namespace {

/// One product: sizes, which operands are stored transposed, whether bias and relu follow, whether
/// rows are symbolic.
struct Case {
  int m, n, k;
  bool transposeLhs, transposeRhs, epilogue, dynamic;
};

std::string sizeOf(int size, bool dynamic) { return dynamic ? "?" : std::to_string(size); }

/// The entry @f<index>.
std::string entryFor(const Case &c, int index) {
  std::string m = sizeOf(c.m, c.dynamic);
  std::string lhs = c.transposeLhs ? llvm::formatv("{0}x{1}xf32", c.k, m).str()
                                   : llvm::formatv("{1}x{0}xf32", c.k, m).str();
  std::string rhs = c.transposeRhs ? llvm::formatv("{0}x{1}xf32", c.n, c.k).str()
                                   : llvm::formatv("{1}x{0}xf32", c.n, c.k).str();
  std::string result = llvm::formatv("tensor<{0}x{1}xf32>", m, c.n).str();
  std::string text =
      llvm::formatv(
          R"(func.func @f{0}({1}%a: tensor<{2}>, %b: tensor<{3}>, %bias: tensor<{4}xf32>) -> {5} attributes {{nn.entry = "predict"} {{
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty({6}) : {5}
  %fill = linalg.fill ins(%zero : f32) outs(%empty : {5}) -> {5}
  %p = linalg.generic {{indexing_maps = [affine_map<(m, n, k) -> ({7})>, affine_map<(m, n, k) -> ({8})>,
      affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<{2}>, tensor<{3}>) outs(%fill : {5}) {{
    ^bb0(%x: f32, %y: f32, %acc: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %acc, %0 : f32
      linalg.yield %1 : f32
  } -> {5}
)",
          index, c.dynamic ? "%m: index, " : "", lhs, rhs, c.n, result, c.dynamic ? "%m" : "",
          c.transposeLhs ? "k, m" : "m, k", c.transposeRhs ? "n, k" : "k, n")
          .str();
  if (!c.epilogue)
    return text + llvm::formatv("  return %p : {0}\n}\n", result).str();
  return text + llvm::formatv(R"(
  %r = linalg.generic {{indexing_maps = [affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (n)>,
      affine_map<(m, n) -> (m, n)>], iterator_types = ["parallel", "parallel"]}
      ins(%p, %bias : {0}, tensor<{1}xf32>) outs(%empty : {0}) {{
    ^bb0(%x: f32, %y: f32, %o: f32):
      %0 = arith.addf %x, %y : f32
      %1 = arith.maximumf %0, %zero : f32
      linalg.yield %1 : f32
  } -> {0}
  return %r : {0}
}
)",
                              result, c.n)
                    .str();
}

/// Runs `c`, the entry @f<index>.
std::vector<float> compute(Compiled &compiled, const Case &c, int index) {
  std::vector<float> a = randomFloats(c.m * c.k, index), b = randomFloats(c.k * c.n, index + 1000);
  std::vector<float> bias = randomFloats(c.n, index + 2000), result(c.m * c.n, NAN);
  std::vector<int64_t> scalars;
  if (c.dynamic)
    scalars.push_back(c.m);
  compiled.run("f" + std::to_string(index), scalars,
               {a.data(), b.data(), bias.data(), result.data()});
  return result;
}

std::vector<double> reference(const Case &c, int index) {
  std::vector<float> a = randomFloats(c.m * c.k, index), b = randomFloats(c.k * c.n, index + 1000);
  std::vector<float> bias = randomFloats(c.n, index + 2000);
  std::vector<double> result(c.m * c.n);
  for (int i = 0; i < c.m; ++i)
    for (int j = 0; j < c.n; ++j) {
      double sum = 0;
      for (int l = 0; l < c.k; ++l)
        sum += double(c.transposeLhs ? a[l * c.m + i] : a[i * c.k + l]) *
               (c.transposeRhs ? b[j * c.k + l] : b[l * c.n + j]);
      result[i * c.n + j] = c.epilogue ? std::max(0.0, sum + bias[j]) : sum;
    }
  return result;
}

std::vector<Case> randomCases(int count, unsigned seed) {
  std::mt19937 engine(seed);
  auto pick = [&](int low, int high) { return int(engine() % (high - low + 1)) + low; };
  std::vector<Case> cases;
  for (int i = 0; i < count; ++i)
    cases.push_back({pick(1, 70), pick(1, 70), pick(1, 70), pick(0, 1) == 1, pick(0, 1) == 1,
                     pick(0, 1) == 1, pick(0, 2) == 0});
  // Sizes around multiples of vectors and tiles, and of one.
  for (int size : {1, 2, 7, 8, 9, 15, 16, 17, 23, 24, 25, 64})
    cases.push_back({size, size, size, false, false, true, false});
  return cases;
}

/// Products of few rows or columns, many of them sums of many products: in dot products where that
/// costs less, without the loop of the columns where there is one column.
std::vector<Case> thinCases() {
  std::vector<Case> cases;
  for (auto [m, n] : std::initializer_list<std::pair<int, int>>{
           {1, 1}, {1, 37}, {37, 1}, {3, 67}, {101, 2}, {67, 7}, {5, 11}})
    for (int k : {1, 16, 131, 1031})
      for (int layout = 0; layout < 4; ++layout)
        cases.push_back({m, n, k, (layout & 1) != 0, (layout & 2) != 0, (m + k + layout) % 3 != 0,
                         (n + k + layout) % 5 == 0});
  return cases;
}

std::string textOf(const std::vector<Case> &cases) {
  std::string text;
  for (auto [index, c] : llvm::enumerate(cases))
    text += entryFor(c, int(index));
  return text;
}

void compare(const std::vector<Case> &cases, TargetOptions options, double bound) {
  Compiled compiled(textOf(cases), options);
  for (auto [index, c] : llvm::enumerate(cases)) {
    double error = worstError(compute(compiled, c, int(index)), reference(c, int(index)));
    EXPECT_LE(error, bound) << "m " << c.m << " n " << c.n << " k " << c.k << " transposed "
                            << c.transposeLhs << c.transposeRhs << " epilogue " << c.epilogue
                            << " dynamic " << c.dynamic;
  }
}

TEST(Contraction, OptimizedAgreesWithSumsInDouble) { compare(randomCases(60, 1), {}, 1e-5); }

TEST(Contraction, UnoptimizedAgreesWithSumsInDouble) {
  TargetOptions options;
  options.optLevel = 0;
  compare(randomCases(20, 2), options, 1e-5);
}

TEST(Contraction, OtherVectorUnitsAgree) {
  for (const char *cpu : {"x86-64", "x86-64-v2", "x86-64-v3"}) {
    TargetOptions options;
    options.cpu = cpu;
    compare(randomCases(8, 3), options, 1e-5);
  }
}

TEST(Contraction, ThinOnesAgreeWithSumsInDouble) {
  for (const char *cpu : {"native", "x86-64-v2"}) {
    TargetOptions options;
    options.cpu = cpu;
    compare(thinCases(), options, 3e-4);
  }
}

TEST(Contraction, LargeOnesThatExceedCaches) {
  compare({{300, 200, 700, false, false, true, false}, {129, 257, 400, true, true, false, false}},
          {}, 2e-4);
}

/// Products that are computed in blocks: in one part and in several, whole ones and with rests.
const std::vector<Case> &blockedCases() {
  static const std::vector<Case> cases = {
      {280, 256, 128, false, false, true, false},  {280, 256, 128, true, false, false, false},
      {256, 256, 1024, false, true, true, false},  {131, 203, 1031, false, true, false, false},
      {257, 211, 1031, false, false, true, false}, {509, 307, 67, true, true, true, false},
      {263, 1023, 300, true, false, false, false}, {1031, 131, 300, false, false, false, false}};
  return cases;
}

TEST(Contraction, BlocksAgreeWithSumsInDouble) {
  compare(blockedCases(), {}, 3e-4);
  for (const char *cpu : {"x86-64-v2", "x86-64-v3"}) {
    TargetOptions options;
    options.cpu = cpu;
    compare(blockedCases(), options, 3e-4);
  }
}

TEST(Contraction, OneEntryTakesAnyNumberOfRows) {
  Case c{1, 20, 30, false, false, true, true};
  Compiled compiled(entryFor(c, 0));
  for (c.m = 1; c.m <= 40; ++c.m)
    EXPECT_LE(worstError(compute(compiled, c, 0), reference(c, 0)), 1e-5) << c.m;
}

TEST(Contraction, WorkIsSharedOnceItIsLargeWhateverTheNumberOfRows) {
  Case c{1, 96, 100, false, false, true, true};
  TargetOptions options;
  options.parallelFlops = 1 << 20;
  Compiled compiled(entryFor(c, 0), options);
  for (int rows : {1, 7, 30, 64, 201, 403}) {
    c.m = rows;
    ParallelState::calls = 0, ParallelState::tasks = 0;
    ParallelState::threads = 3;
    std::vector<float> got = compute(compiled, c, 0);
    EXPECT_LE(worstError(got, reference(c, 0)), 1e-5) << rows;
    bool isLarge = 2.0 * c.m * c.n * c.k >= double(options.parallelFlops);
    if (isLarge)
      EXPECT_GE(ParallelState::tasks, 4) << rows;
    else
      EXPECT_LE(ParallelState::tasks, ParallelState::calls) << rows;
    ParallelState::threads = 1;
    EXPECT_EQ(compute(compiled, c, 0), got) << rows;
  }
}

TEST(Contraction, ThreadsDoNotChangeABit) {
  std::vector<Case> cases = randomCases(12, 4);
  cases.push_back({257, 2, 1031, false, false, true, false});
  cases.push_back({1031, 1, 300, false, false, true, false});
  cases.push_back({200, 96, 100, false, false, true, false});
  cases.insert(cases.end(), blockedCases().begin(), blockedCases().end());
  TargetOptions options;
  options.parallelFlops = 64;
  Compiled compiled(textOf(cases), options), sequential(textOf(cases));
  ParallelState::calls = 0;
  for (auto [index, c] : llvm::enumerate(cases)) {
    ParallelState::threads = 1;
    std::vector<float> want = compute(sequential, c, int(index));
    for (int threads = 1; threads <= 3; ++threads) {
      ParallelState::threads = threads;
      std::vector<float> got = compute(compiled, c, int(index));
      EXPECT_EQ(0, memcmp(got.data(), want.data(), got.size() * sizeof(float)))
          << threads << " threads, case " << index;
    }
  }
  EXPECT_GT(ParallelState::calls, 12);
}

} // namespace
} // namespace nnc::codegen::test
