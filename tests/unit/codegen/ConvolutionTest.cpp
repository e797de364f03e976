// Convolutions and pools by windows that no buffer holds, and their gradients, beside sums in
// double.
#include "tests/unit/codegen/Harness.h"

#include "llvm/Support/FormatVariadic.h"

#include <cstdio>
#include <gtest/gtest.h>

namespace nnc::codegen::test {
namespace {

/// Sizes of images and filters, and how windows lie.
struct Case {
  int batch, height, width, channels, filters, kernel, stride, dilation;

  int span() const { return dilation * (kernel - 1) + 1; }
  int rows() const { return (height - span()) / stride + 1; }
  int columns() const { return (width - span()) / stride + 1; }
};

std::string tensor(std::initializer_list<int> sizes) {
  std::string text = "tensor<";
  for (int size : sizes)
    text += (size < 0 ? "?" : std::to_string(size)) + "x";
  return text + "f32>";
}

std::string windowMap(const Case &c, const char *loops, const char *channel) {
  return llvm::formatv("affine_map<({0}) -> (b, h * {1} + i * {2}, w * {1} + j * {2}, {3})>", loops,
                       c.stride, c.dilation, channel)
      .str();
}

const char *const kBody = R"({
    ^bb0(%a: f32, %c: f32, %sum: f32):
      %0 = arith.mulf %a, %c : f32
      %1 = arith.addf %sum, %0 : f32
      linalg.yield %1 : f32
  })";

/// @forward, @filter (the gradient of filters) and @pool.
std::string textOf(const Case &c, bool dynamic) {
  int b = dynamic ? -1 : c.batch;
  std::string x = tensor({b, c.height, c.width, c.channels});
  std::string f = tensor({c.kernel, c.kernel, c.channels, c.filters});
  std::string y = tensor({b, c.rows(), c.columns(), c.filters});
  std::string p = tensor({b, c.rows(), c.columns(), c.channels});
  std::string k = tensor({c.kernel, c.kernel});
  const char *size = dynamic ? "%n: index, " : "", *n = dynamic ? "%n" : "";
  const char *loops = "b, h, w, k, i, j, c", *gradient = "i, j, c, k, b, h, w";
  std::string text;
  text += llvm::formatv(R"(
func.func @forward({0}%x: {1}, %f: {2}) -> {3} attributes {{nn.entry = "predict"} {{
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty({4}) : {3}
  %start = linalg.fill ins(%zero : f32) outs(%e : {3}) -> {3}
  %y = linalg.generic {{indexing_maps = [{5}, affine_map<({6}) -> (i, j, c, k)>, affine_map<({6}) -> (b, h, w, k)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%x, %f : {1}, {2}) outs(%start : {3}) {7} -> {3}
  return %y : {3}
}
)",
                        size, x, f, y, n, windowMap(c, loops, "c"), loops, kBody)
              .str();
  text += llvm::formatv(R"(
func.func @filter({0}%x: {1}, %dy: {3}) -> {2} attributes {{nn.entry = "predict"} {{
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : {2}
  %start = linalg.fill ins(%zero : f32) outs(%e : {2}) -> {2}
  %df = linalg.generic {{indexing_maps = [{5}, affine_map<({6}) -> (b, h, w, k)>, affine_map<({6}) -> (i, j, c, k)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%x, %dy : {1}, {3}) outs(%start : {2}) {7} -> {2}
  return %df : {2}
}
)",
                        size, x, f, y, n, windowMap(c, gradient, "c"), gradient, kBody)
              .str();
  text += llvm::formatv(R"(
func.func @pool({0}%x: {1}) -> {2} attributes {{nn.entry = "predict"} {{
  %least = arith.constant 0xFF800000 : f32
  %e = tensor.empty({3}) : {2}
  %start = linalg.fill ins(%least : f32) outs(%e : {2}) -> {2}
  %sizes = tensor.empty() : {4}
  %y = linalg.generic {{indexing_maps = [{5}, affine_map<(b, h, w, c, i, j) -> (i, j)>, affine_map<(b, h, w, c, i, j) -> (b, h, w, c)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
      ins(%x, %sizes : {1}, {4}) outs(%start : {2}) {{
    ^bb0(%a: f32, %s: f32, %max: f32):
      %0 = arith.maximumf %max, %a : f32
      linalg.yield %0 : f32
  } -> {2}
  return %y : {2}
}
)",
                        size, x, p, n, k, windowMap(c, "b, h, w, c, i, j", "c"))
              .str();
  return text;
}

struct Data {
  explicit Data(const Case &c)
      : x(randomFloats(size_t(c.batch) * c.height * c.width * c.channels, 1)),
        f(randomFloats(size_t(c.kernel) * c.kernel * c.channels * c.filters, 2)),
        dy(randomFloats(size_t(c.batch) * c.rows() * c.columns() * c.filters, 3)) {}
  std::vector<float> x, f, dy;
};

/// Calls `visit` with the positions of x, f, y of every product.
template <typename Visit> void forEachProduct(const Case &c, Visit visit) {
  for (int b = 0; b < c.batch; ++b)
    for (int h = 0; h < c.rows(); ++h)
      for (int w = 0; w < c.columns(); ++w)
        for (int i = 0; i < c.kernel; ++i)
          for (int j = 0; j < c.kernel; ++j)
            for (int ch = 0; ch < c.channels; ++ch) {
              size_t row = size_t(b) * c.height + h * c.stride + i * c.dilation;
              size_t x = (row * c.width + w * c.stride + j * c.dilation) * c.channels + ch;
              size_t place = (size_t(b) * c.rows() + h) * c.columns() + w;
              visit(x, ((i * c.kernel + j) * c.channels + ch) * size_t(c.filters),
                    place * c.filters, place * c.channels + ch);
            }
}

void compare(const Case &c, bool dynamic, const TargetOptions &options = {}) {
  Compiled compiled(textOf(c, dynamic), options);
  Data data(c);
  std::vector<double> y(data.dy.size()), df(data.f.size());
  std::vector<double> max(size_t(c.batch) * c.rows() * c.columns() * c.channels, -INFINITY);
  forEachProduct(c, [&](size_t x, size_t f, size_t place, size_t pool) {
    for (int k = 0; k < c.filters; ++k) {
      y[place + k] += double(data.x[x]) * data.f[f + k];
      df[f + k] += double(data.x[x]) * data.dy[place + k];
    }
    max[pool] = std::max(max[pool], double(data.x[x]));
  });
  std::vector<int64_t> scalars;
  if (dynamic)
    scalars.push_back(c.batch);
  std::vector<float> got(y.size(), NAN), gotFilter(df.size(), NAN), gotMax(max.size(), NAN);
  compiled.run("forward", scalars, {data.x.data(), data.f.data(), got.data()});
  compiled.run("filter", scalars, {data.x.data(), data.dy.data(), gotFilter.data()});
  compiled.run("pool", scalars, {data.x.data(), gotMax.data()});
  EXPECT_LE(worstError(got, y), 1e-5);
  EXPECT_LE(worstError(gotFilter, df), 1e-4);
  EXPECT_EQ(std::vector<double>(gotMax.begin(), gotMax.end()), max);
}

TEST(Convolution, ManyShapesAgreeWithSumsInDouble) {
  for (Case c : {Case{2, 9, 11, 3, 16, 3, 1, 1}, Case{1, 8, 8, 1, 5, 3, 1, 1},
                 Case{2, 12, 13, 4, 7, 3, 2, 1}, Case{1, 14, 11, 2, 33, 3, 1, 2},
                 Case{3, 6, 6, 5, 8, 2, 2, 1}, Case{2, 5, 5, 17, 4, 5, 1, 1},
                 Case{1, 16, 16, 3, 1, 1, 3, 1}}) {
    SCOPED_TRACE(llvm::formatv("{0} {1} {2}", c.height, c.channels, c.kernel).str());
    compare(c, /*dynamic=*/false);
    compare(c, /*dynamic=*/true);
  }
}

TEST(Convolution, ThreadsAndUnoptimizedCodeAgree) {
  Case c{4, 9, 11, 3, 16, 3, 2, 1};
  TargetOptions options;
  options.parallelFlops = 256;
  ParallelState::threads = 3;
  compare(c, /*dynamic=*/false, options);
  compare(c, /*dynamic=*/true, options);
  ParallelState::threads = 1;
  options.optLevel = 0;
  compare(c, /*dynamic=*/true, options);
}

/// Filters of few elements, summed over many images: each image is a part, and threads share these.
TEST(Convolution, FiltersSummedInPartsAreTheSameForAnyThreads) {
  for (Case c : {Case{9, 28, 28, 1, 16, 3, 1, 1}, Case{11, 29, 31, 1, 13, 3, 1, 1},
                 Case{8, 59, 53, 1, 17, 3, 2, 1}}) {
    SCOPED_TRACE(llvm::formatv("{0} {1}", c.height, c.filters).str());
    Data data(c);
    std::vector<float> want;
    for (bool dynamic : {false, true}) {
      compare(c, dynamic);
      TargetOptions options;
      options.parallelFlops = 4096;
      Compiled compiled(textOf(c, dynamic), options);
      std::vector<int64_t> scalars;
      if (dynamic)
        scalars.push_back(c.batch);
      for (int threads = 1; threads <= 3; ++threads) {
        ParallelState::threads = threads;
        ParallelState::tasks = 0;
        std::vector<float> got(data.f.size(), NAN);
        compiled.run("filter", scalars, {data.x.data(), data.dy.data(), got.data()});
        EXPECT_GE(ParallelState::tasks, c.batch);
        if (want.empty())
          want = got;
        EXPECT_EQ(got, want) << threads << " threads, dynamic " << dynamic;
      }
      ParallelState::threads = 1;
    }
  }
}

TEST(Convolution, DISABLED_Speed) {
  for (Case c : {Case{64, 28, 28, 1, 16, 3, 1, 1}, Case{64, 13, 13, 16, 32, 4, 1, 1}}) {
    Compiled compiled(textOf(c, false));
    Data data(c);
    std::vector<float> y(data.dy.size()), df(data.f.size());
    double operations = 2.0 * c.kernel * c.kernel * c.channels * data.dy.size();
    double forward = compiled.time("forward", {}, {data.x.data(), data.f.data(), y.data()}, 30);
    double filter = compiled.time("filter", {}, {data.x.data(), data.dy.data(), df.data()}, 30);
    std::vector<float> pool(size_t(c.batch) * c.rows() * c.columns() * c.channels);
    double max = compiled.time("pool", {}, {data.x.data(), pool.data()}, 30);
    std::printf("forward %.1f GFLOP/s, filter %.1f GFLOP/s, pool %.2f ms\n",
                operations / forward / 1e9, operations / filter / 1e9, max * 1e3);
  }
}

} // namespace
} // namespace nnc::codegen::test
