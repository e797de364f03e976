// Loops with bodies: an LSTM beside the same in double.
#include "tests/unit/codegen/Harness.h"

#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>

namespace nnc::codegen::test {
namespace {

constexpr int kBatch = 64, kTime = 28, kInputs = 28, kUnits = 96;
constexpr int kRows = kInputs + kUnits, kGates = 4 * kUnits;

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// Every pass's output, [batch, time, units].
std::vector<double> runReference(const std::vector<float> &x, const std::vector<float> &w,
                                 const std::vector<float> &b) {
  std::vector<double> h(kBatch * kUnits), c(kBatch * kUnits), all(kBatch * kTime * kUnits);
  for (int t = 0; t < kTime; ++t)
    for (int n = 0; n < kBatch; ++n) {
      std::vector<double> z(b.begin(), b.end());
      for (int k = 0; k < kRows; ++k) {
        double value =
            k < kInputs ? x[(n * kTime + t) * kInputs + k] : h[n * kUnits + k - kInputs];
        for (int j = 0; j < kGates; ++j)
          z[j] += value * w[k * kGates + j];
      }
      for (int u = 0; u < kUnits; ++u) {
        double &cell = c[n * kUnits + u];
        cell = sigmoid(z[kUnits + u]) * cell + sigmoid(z[u]) * std::tanh(z[2 * kUnits + u]);
        double next = sigmoid(z[3 * kUnits + u]) * std::tanh(cell);
        all[(n * kTime + t) * kUnits + u] = next;
      }
      for (int u = 0; u < kUnits; ++u)
        h[n * kUnits + u] = all[(n * kTime + t) * kUnits + u];
    }
  return all;
}

struct Lstm {
  std::vector<float> x = randomFloats(kBatch * kTime * kInputs, 1);
  std::vector<float> w = randomFloats(kRows * kGates, 2, 0.1f);
  std::vector<float> b = randomFloats(kGates, 3, 0.1f);
  std::vector<float> outputs, gates;

  std::vector<void *> buffers() {
    outputs.assign(kBatch * kTime * kUnits, NAN);
    gates.assign(kTime * kBatch * kGates, NAN);
    return {x.data(), w.data(), b.data(), outputs.data(), gates.data()};
  }
};

void compare(const TargetOptions &options) {
  Compiled compiled(readInput("lstm.mlir"), options);
  Lstm lstm;
  compiled.run("lstm", {}, lstm.buffers());
  EXPECT_LE(worstError(lstm.outputs, runReference(lstm.x, lstm.w, lstm.b)), 1e-5);
}

TEST(Loop, LstmAgreesWithDouble) { compare({}); }

TEST(Loop, UnoptimizedLstmAgreesWithDouble) {
  TargetOptions options;
  options.optLevel = 0;
  compare(options);
}

TEST(Loop, ThreadsDoNotChangeABitOfAnLstm) {
  TargetOptions options;
  options.parallelFlops = 4096;
  Compiled compiled(readInput("lstm.mlir"), options), sequential(readInput("lstm.mlir"));
  Lstm want;
  sequential.run("lstm", {}, want.buffers());
  ParallelState::calls = 0;
  for (int threads = 1; threads <= 3; ++threads) {
    ParallelState::threads = threads;
    Lstm got;
    compiled.run("lstm", {}, got.buffers());
    EXPECT_EQ(got.outputs, want.outputs) << threads;
    EXPECT_EQ(got.gates, want.gates) << threads;
  }
  EXPECT_GE(ParallelState::calls, 3 * kTime); // Within the loop.
  ParallelState::threads = 1;
}

TEST(Loop, DISABLED_Speed) {
  Compiled compiled(readInput("lstm.mlir"));
  Lstm lstm;
  std::vector<void *> buffers = lstm.buffers();
  double seconds = compiled.time("lstm", {}, buffers, 50);
  double operations = 2.0 * kBatch * kTime * kRows * kGates;
  std::printf("%.2f ms, %.1f GFLOP/s\n", seconds * 1e3, operations / seconds / 1e9);
}

} // namespace
} // namespace nnc::codegen::test
