// Loops with bodies: an LSTM beside the same in double.
#include "tests/unit/codegen/Harness.h"

#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>

namespace nnc::codegen::test {
namespace {

constexpr int kInputs = 28, kUnits = 96;
constexpr int kRows = kInputs + kUnits, kGates = 4 * kUnits;

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// Every pass's output, [batch, time, units].
std::vector<double> runReference(int batch, int time, const std::vector<float> &x,
                                 const std::vector<float> &w, const std::vector<float> &b) {
  std::vector<double> h(batch * kUnits), c(batch * kUnits), all(batch * time * kUnits);
  for (int t = 0; t < time; ++t)
    for (int n = 0; n < batch; ++n) {
      std::vector<double> z(b.begin(), b.end());
      for (int k = 0; k < kRows; ++k) {
        double value = k < kInputs ? x[(n * time + t) * kInputs + k] : h[n * kUnits + k - kInputs];
        for (int j = 0; j < kGates; ++j)
          z[j] += value * w[k * kGates + j];
      }
      for (int u = 0; u < kUnits; ++u) {
        double &cell = c[n * kUnits + u];
        cell = sigmoid(z[kUnits + u]) * cell + sigmoid(z[u]) * std::tanh(z[2 * kUnits + u]);
        double next = sigmoid(z[3 * kUnits + u]) * std::tanh(cell);
        all[(n * time + t) * kUnits + u] = next;
      }
      for (int u = 0; u < kUnits; ++u)
        h[n * kUnits + u] = all[(n * time + t) * kUnits + u];
    }
  return all;
}

struct Lstm {
  int batch = 64, time = 28;
  std::vector<float> x = randomFloats(batch * time * kInputs, 1);
  std::vector<float> w = randomFloats(kRows * kGates, 2, 0.1f);
  std::vector<float> b = randomFloats(kGates, 3, 0.1f);
  std::vector<float> outputs = {}, gates = {};

  std::vector<void *> buffers() {
    outputs.assign(batch * time * kUnits, NAN);
    gates.assign(time * batch * kGates, NAN);
    return {x.data(), w.data(), b.data(), outputs.data(), gates.data()};
  }
  std::vector<double> reference() const { return runReference(batch, time, x, w, b); }
};

void compare(const TargetOptions &options) {
  Compiled compiled(readInput("lstm.mlir"), options);
  Lstm lstm;
  compiled.run("lstm", {}, lstm.buffers());
  EXPECT_LE(worstError(lstm.outputs, lstm.reference()), 1e-5);
}

TEST(Loop, LstmAgreesWithDouble) { compare({}); }

TEST(Loop, OneEntryTakesAnyBatchAndAnyNumberOfPasses) {
  TargetOptions options, plain;
  options.parallelFlops = 1 << 20;
  plain.optLevel = 0;
  Compiled compiled(readInput("lstm-any.mlir"), options), slow(readInput("lstm-any.mlir"), plain);
  for (auto [batch, time] : {std::pair{1, 1}, {1, 7}, {3, 2}, {5, 0}, {0, 3}, {33, 4}, {64, 28}}) {
    ParallelState::threads = 3;
    Lstm lstm{batch, time}, again{batch, time};
    compiled.run("lstm", {batch, time}, lstm.buffers());
    EXPECT_LE(worstError(lstm.outputs, lstm.reference()), 1e-5) << batch << " " << time;
    ParallelState::threads = 1;
    compiled.run("lstm", {batch, time}, again.buffers());
    EXPECT_EQ(lstm.outputs, again.outputs) << batch << " " << time;
    slow.run("lstm", {batch, time}, again.buffers());
    EXPECT_LE(worstError(again.outputs, again.reference()), 1e-5) << batch << " " << time;
  }
}

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
  EXPECT_GE(ParallelState::calls, 3 * want.time); // Within the loop.
  ParallelState::threads = 1;
}

TEST(Loop, DISABLED_Speed) {
  Compiled compiled(readInput("lstm.mlir"));
  Lstm lstm;
  std::vector<void *> buffers = lstm.buffers();
  double seconds = compiled.time("lstm", {}, buffers, 50);
  double operations = 2.0 * lstm.batch * lstm.time * kRows * kGates;
  std::printf("%.2f ms, %.1f GFLOP/s\n", seconds * 1e3, operations / seconds / 1e9);
}

} // namespace
} // namespace nnc::codegen::test
