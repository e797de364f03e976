// What entries promise their callers: results in place, buffers in order, sizes from scalars,
// errors.
#include "compiler/codegen/RegisterCodegen.h"
#include "tests/unit/codegen/Harness.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include <gtest/gtest.h>

namespace nnc::codegen::test {
namespace {

TEST(Entry, ResultsMaySwapArguments) {
  const char *text = R"(
func.func @f(%a: tensor<5xf32>, %b: tensor<5xf32>)
    -> (tensor<5xf32> {nn.tied = 0 : i64}, tensor<5xf32> {nn.tied = 1 : i64}) attributes {nn.entry = "step"} {
  return %b, %a : tensor<5xf32>, tensor<5xf32>
})";
  for (unsigned level : {0u, 3u}) {
    TargetOptions options;
    options.optLevel = level;
    Compiled compiled(text, options);
    std::vector<float> a{1, 2, 3, 4, 5}, b{6, 7, 8, 9, 10}, oldA = a, oldB = b;
    compiled.run("f", {}, {a.data(), b.data()});
    EXPECT_EQ(a, oldB);
    EXPECT_EQ(b, oldA);
  }
}

TEST(Entry, AnUpdateReadsOldValuesOnly) {
  // The second result reads the first argument, which the first result replaces.
  const char *text = R"(
#id = affine_map<(i) -> (i)>
func.func @f(%a: tensor<37xf32>, %b: tensor<37xf32>)
    -> (tensor<37xf32> {nn.tied = 0 : i64}, tensor<37xf32> {nn.tied = 1 : i64}, tensor<37xf32>) attributes {nn.entry = "step"} {
  %e = tensor.empty() : tensor<37xf32>
  %0 = linalg.add ins(%a, %b : tensor<37xf32>, tensor<37xf32>) outs(%e : tensor<37xf32>) -> tensor<37xf32>
  %1 = linalg.sub ins(%b, %a : tensor<37xf32>, tensor<37xf32>) outs(%e : tensor<37xf32>) -> tensor<37xf32>
  return %0, %1, %a : tensor<37xf32>, tensor<37xf32>, tensor<37xf32>
})";
  for (unsigned level : {0u, 1u, 2u, 3u}) {
    TargetOptions options;
    options.optLevel = level;
    Compiled compiled(text, options);
    std::vector<float> a = randomFloats(37, 1), b = randomFloats(37, 2), c(37), oldA = a, oldB = b;
    compiled.run("f", {}, {a.data(), b.data(), c.data()});
    for (int i = 0; i < 37; ++i) {
      EXPECT_EQ(a[i], oldA[i] + oldB[i]);
      EXPECT_EQ(b[i], oldB[i] - oldA[i]);
      EXPECT_EQ(c[i], oldA[i]);
    }
  }
}

TEST(Entry, BuffersOfDisjointLifetimesShareTheWorkspace) {
  // A chain of transposes, which nothing fuses: at most two temporaries are in use at a time.
  std::string text = "func.func @f(%x0: tensor<64x64xf32>) -> tensor<64x64xf32> attributes "
                     "{nn.entry = \"predict\"} {\n"
                     "  %e = tensor.empty() : tensor<64x64xf32>\n";
  for (int i = 0; i < 7; ++i)
    text += "  %x" + std::to_string(i + 1) + " = linalg.matmul ins(%x" + std::to_string(i) +
            ", %x" + std::to_string(i) +
            " : tensor<64x64xf32>, tensor<64x64xf32>) outs(%f : tensor<64x64xf32>) -> "
            "tensor<64x64xf32>\n";
  size_t at = text.find("  %x1");
  text.insert(at, "  %z = arith.constant 0.0 : f32\n  %f = linalg.fill ins(%z : f32) outs(%e : "
                  "tensor<64x64xf32>) -> tensor<64x64xf32>\n");
  text += "  return %x7 : tensor<64x64xf32>\n}\n";
  Compiled compiled(text);
  EXPECT_LE(compiled.workspace("f", {}), 2u * 64 * 64 * 4);
  std::vector<float> x = randomFloats(64 * 64, 1, 0.125f), y(64 * 64, NAN);
  std::vector<double> want(x.begin(), x.end()), next(64 * 64);
  for (int round = 0; round < 7; ++round) {
    std::fill(next.begin(), next.end(), 0);
    for (int i = 0; i < 64; ++i)
      for (int k = 0; k < 64; ++k)
        for (int j = 0; j < 64; ++j)
          next[i * 64 + j] += want[i * 64 + k] * want[k * 64 + j];
    want = next;
  }
  compiled.run("f", {}, {x.data(), y.data()});
  EXPECT_LE(worstError(y, want), 1e-3);
}

TEST(Entry, SeveralSymbolicDimensions) {
  const char *text = R"(
func.func @f(%m: index, %n: index, %x: tensor<?x?xf32> {nn.dims = array<i64: 0, 1>})
    -> (tensor<?x?xf32> {nn.dims = array<i64: 1, 0>}) attributes {nn.entry = "predict"} {
  %e = tensor.empty(%n, %m) : tensor<?x?xf32>
  %t = linalg.transpose ins(%x : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>) permutation = [1, 0]
  return %t : tensor<?x?xf32>
})";
  Compiled compiled(text);
  for (auto [m, n] : {std::pair{1, 1}, {3, 5}, {20, 9}}) {
    std::vector<float> x = randomFloats(m * n, 1), y(m * n, NAN);
    compiled.run("f", {m, n}, {x.data(), y.data()});
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < n; ++j)
        EXPECT_EQ(y[j * m + i], x[i * n + j]);
  }
}

TEST(Entry, WhatCannotBeVectorizedStillRuns) {
  // A gather, and an argmax of two results.
  const char *text = R"(
func.func @f(%table: tensor<9x4xf32>, %ids: tensor<5xi32>) -> tensor<5x4xf32> attributes {nn.entry = "predict"} {
  %e = tensor.empty() : tensor<5x4xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]} ins(%ids : tensor<5xi32>) outs(%e : tensor<5x4xf32>) {
    ^bb0(%id: i32, %o: f32):
      %j = linalg.index 1 : index
      %i = arith.index_cast %id : i32 to index
      %v = tensor.extract %table[%i, %j] : tensor<9x4xf32>
      linalg.yield %v : f32
  } -> tensor<5x4xf32>
  return %r : tensor<5x4xf32>
})";
  Compiled compiled(text);
  std::vector<float> table = randomFloats(36, 1), result(20);
  std::vector<int32_t> ids{8, 0, 3, 3, 7};
  compiled.run("f", {}, {table.data(), ids.data(), result.data()});
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(result[i], table[ids[i / 4] * 4 + i % 4]);
}

TEST(Entry, UnknownCpusAreRefused) {
  TargetOptions options;
  std::string reason;
  EXPECT_TRUE(isKnownCpu(options, reason));
  options.cpu = "pentium-9000";
  EXPECT_FALSE(isKnownCpu(options, reason));
  EXPECT_NE(reason.find("pentium-9000"), std::string::npos);
  options.cpu = "x86-64-v3";
  EXPECT_TRUE(isKnownCpu(options, reason));
  EXPECT_EQ(resolveCpu(options), "x86-64-v3");
  EXPECT_NE(resolveCpu({}), "native");
}

/// Halves 4096 numbers.
constexpr const char *kHalve = R"(
#id = affine_map<(i) -> (i)>
func.func @halve(%x: tensor<4096xf32>) -> tensor<4096xf32> attributes {nn.entry = "predict"} {
  %half = arith.constant 0.5 : f32
  %e = tensor.empty() : tensor<4096xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<4096xf32>) outs(%e : tensor<4096xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = arith.mulf %a, %half : f32
      linalg.yield %0 : f32
  } -> tensor<4096xf32>
  return %r : tensor<4096xf32>
}
)";

TEST(Entry, DenormalsAreZeroOnAllThreadsAndTheCallersModeStays) {
  TargetOptions options;
  options.parallelFlops = 256;
  Compiled compiled(kHalve, options);
  constexpr float least = std::numeric_limits<float>::min();
  for (int threads : {1, 3}) {
    ParallelState::threads = threads;
    std::vector<float> x(4096, least), y(4096, NAN);
    x.front() = 4 * least;
    compiled.run("halve", {}, {x.data(), y.data()});
    EXPECT_EQ(y.front(), 2 * least);
    for (size_t i = 1; i < y.size(); ++i)
      ASSERT_EQ(y[i], 0) << i << " of " << threads << " threads";
    volatile float mine = least;
    EXPECT_NE(mine * 0.5f, 0);
  }
  ParallelState::threads = 1;
}

} // namespace
} // namespace nnc::codegen::test
