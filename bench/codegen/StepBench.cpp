// How long a module takes to compile, and its training step to run, beside the core's multiply-add
// peak.
//
//   codegen_bench [FILE.mlir [cpu [threads]]]
//
// The entry is @mlp.step of that file, by default of examples/mnist_mlp.nn: batch 32, 6.55 MFLOP in
// contractions a step.
#include "tests/unit/codegen/Harness.h"

#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

using namespace nnc::codegen;
using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// GFLOP/s of independent multiply-adds on vectors that fill the host's registers.
static double measurePeak() {
#if defined(__AVX512F__)
  typedef float Vector __attribute__((vector_size(64)));
  constexpr int kAccumulators = 20, kLanes = 16;
#else
  typedef float Vector __attribute__((vector_size(32)));
  constexpr int kAccumulators = 12, kLanes = 8;
#endif
  double best = 0;
  for (int round = 0; round < 20; ++round) {
    Vector sums[kAccumulators] = {}, x = {}, y = {};
    x += 0.999f;
    y += 1e-6f;
    asm volatile("" : "+x"(x), "+x"(y));
    constexpr int kIterations = 200000;
    Clock::time_point start = Clock::now();
    for (int i = 0; i < kIterations; ++i)
#pragma clang loop unroll(full)
      for (int j = 0; j < kAccumulators; ++j)
        sums[j] = sums[j] * x + y;
    double seconds = secondsSince(start);
    Vector total = {};
    for (Vector sum : sums)
      total += sum;
    asm volatile("" ::"x"(total));
    best = std::max(best, 2.0 * kIterations * kAccumulators * kLanes / seconds / 1e9);
  }
  return best;
}

int main(int argc, char **argv) {
  std::ifstream file(argc > 1 ? argv[1] : NNC_CODEGEN_PRINTED "/mlp-step.mlir");
  std::stringstream text;
  text << file.rdbuf();
  TargetOptions options;
  if (argc > 2)
    options.cpu = argv[2];
  if (argc > 3) {
    test::ParallelState::threads = std::atoi(argv[3]);
    options.parallelFlops = 1 << 20;
  }
  Clock::time_point start = Clock::now();
  test::Compiled compiled(text.str(), options);
  std::printf("compile: %.3f s\n", secondsSince(start));

  const size_t sizes[] = {784 * 64, 64, 640, 10};
  std::vector<std::vector<float>> values;
  for (size_t size : sizes)
    values.push_back(test::randomFloats(size, unsigned(size), 0.05f));
  for (size_t size : sizes)
    for (int moment = 0; moment < 2; ++moment)
      values.emplace_back(size, 0.0f);
  std::vector<uint8_t> images(32 * 784);
  std::vector<int32_t> labels(32);
  std::mt19937 engine(1);
  for (uint8_t &pixel : images)
    pixel = engine() % 256;
  for (int32_t &label : labels)
    label = int32_t(engine() % 10);
  double loss = 0;
  std::vector<void *> buffers;
  for (std::vector<float> &value : values)
    buffers.push_back(value.data());
  buffers.insert(buffers.end(), {images.data(), labels.data(), &loss});

  double best = 1;
  for (int round = 0; round < 200; ++round)
    best = std::min(best, compiled.time("mlp.step", {32, round + 1}, buffers, 20));
  double peak = measurePeak(), rate = 6.55e6 / best / 1e9;
  std::printf("step: %.1f us, %.1f GFLOP/s, %.2f of %.1f (built for the host: see -march)\n",
              best * 1e6, rate, rate / peak, peak);
  return 0;
}
