// The MLP's whole training step against the same step in double, for a batch of 32 and for others.
#include "tests/unit/codegen/Harness.h"

#include <cmath>
#include <gtest/gtest.h>

namespace nnc::codegen::test {
namespace {

constexpr int kInputs = 784, kHidden = 64, kClasses = 10;
constexpr int kSizes[] = {kInputs * kHidden, kHidden, kHidden *kClasses, kClasses};

/// Parameters and moments.
template <typename T> struct Model {
  std::vector<T> values[4], first[4], second[4];
};

struct Batch {
  int size;
  std::vector<uint8_t> images;
  std::vector<int32_t> labels;
};

Batch randomBatch(int size, unsigned seed) {
  std::mt19937 engine(seed);
  Batch batch{size, std::vector<uint8_t>(size * kInputs), std::vector<int32_t>(size)};
  for (uint8_t &pixel : batch.images)
    pixel = engine() % 4 ? 0 : engine() % 256;
  for (int32_t &label : batch.labels)
    label = int32_t(engine() % kClasses);
  return batch;
}

/// Gradients of the mean cross-entropy; returns the loss.
double differentiate(const Model<double> &model, const Batch &batch,
                     std::vector<double> (&gradients)[4]) {
  const auto &w1 = model.values[0], &b1 = model.values[1];
  const auto &w2 = model.values[2], &b2 = model.values[3];
  for (int i = 0; i < 4; ++i)
    gradients[i].assign(kSizes[i], 0);
  double loss = 0;
  for (int b = 0; b < batch.size; ++b) {
    double x[kInputs], z1[kHidden], h[kHidden], z2[kClasses], d[kClasses];
    double highest = -INFINITY, sum = 0;
    for (int i = 0; i < kInputs; ++i)
      x[i] = batch.images[b * kInputs + i] / 255.0;
    for (int j = 0; j < kHidden; ++j) {
      z1[j] = b1[j];
      for (int i = 0; i < kInputs; ++i)
        z1[j] += x[i] * w1[i * kHidden + j];
      h[j] = std::max(0.0, z1[j]);
    }
    for (int c = 0; c < kClasses; ++c) {
      z2[c] = b2[c];
      for (int j = 0; j < kHidden; ++j)
        z2[c] += h[j] * w2[j * kClasses + c];
      highest = std::max(highest, z2[c]);
    }
    for (double z : z2)
      sum += std::exp(z - highest);
    for (int c = 0; c < kClasses; ++c) {
      double logProbability = z2[c] - highest - std::log(sum);
      bool isLabel = batch.labels[b] == c;
      loss -= isLabel ? logProbability / batch.size : 0;
      d[c] = (std::exp(logProbability) - isLabel) / batch.size;
      gradients[3][c] += d[c];
    }
    for (int j = 0; j < kHidden; ++j) {
      double dh = 0;
      for (int c = 0; c < kClasses; ++c) {
        gradients[2][j * kClasses + c] += h[j] * d[c];
        dh += d[c] * w2[j * kClasses + c];
      }
      dh = z1[j] > 0 ? dh : 0;
      gradients[1][j] += dh;
      for (int i = 0; i < kInputs; ++i)
        gradients[0][i * kHidden + j] += x[i] * dh;
    }
  }
  return loss;
}

/// One step of Adam; returns the loss before it.
double referenceStep(Model<double> &model, const Batch &batch, int step) {
  std::vector<double> gradients[4];
  double loss = differentiate(model, batch, gradients);
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < kSizes[i]; ++j) {
      double g = gradients[i][j], &m = model.first[i][j], &v = model.second[i][j];
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      model.values[i][j] -= 1e-3 * (m / (1 - std::pow(0.9, step))) /
                            (std::sqrt(v / (1 - std::pow(0.999, step))) + 1e-8);
    }
  return loss;
}

Model<float> randomModel() {
  Model<float> model;
  for (int i = 0; i < 4; ++i) {
    model.values[i] = randomFloats(kSizes[i], i, 0.05f);
    model.first[i].assign(kSizes[i], 0);
    model.second[i].assign(kSizes[i], 0);
  }
  return model;
}

double run(Compiled &compiled, bool any, Model<float> &model, Batch &batch, int step) {
  double loss = NAN;
  std::vector<void *> buffers;
  for (std::vector<float> &values : model.values)
    buffers.push_back(values.data());
  for (int i = 0; i < 4; ++i) {
    buffers.push_back(model.first[i].data());
    buffers.push_back(model.second[i].data());
  }
  buffers.insert(buffers.end(), {batch.images.data(), batch.labels.data(), &loss});
  compiled.run(any ? "mlp.step_any" : "mlp.step", {batch.size, step}, buffers);
  return loss;
}

/// Twelve steps beside the reference.
void compare(Compiled &compiled, bool any, int batchSize) {
  Model<float> model = randomModel();
  Model<double> reference;
  for (int i = 0; i < 4; ++i) {
    reference.values[i].assign(model.values[i].begin(), model.values[i].end());
    reference.first[i].assign(kSizes[i], 0);
    reference.second[i].assign(kSizes[i], 0);
  }
  for (int step = 1; step <= 12; ++step) {
    Batch batch = randomBatch(batchSize, step);
    double want = referenceStep(reference, batch, step);
    double got = run(compiled, any, model, batch, step);
    EXPECT_NEAR(got, want, 1e-5 * want) << "step " << step << " batch " << batchSize;
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_LE(worstError(model.values[i], reference.values[i]), 1e-4);
    EXPECT_LE(worstError(model.first[i], reference.first[i]), 1e-6);
  }
}

TEST(TrainingStep, StaticBatch) {
  Compiled compiled(readPrinted("mlp-step.mlir"));
  compare(compiled, /*any=*/false, 32);
}

TEST(TrainingStep, AnyBatch) {
  Compiled compiled(readPrinted("mlp-step.mlir"));
  for (int size : {1, 2, 7, 32, 45})
    compare(compiled, /*any=*/true, size);
}

TEST(TrainingStep, Unoptimized) {
  TargetOptions options;
  options.optLevel = 0;
  Compiled compiled(readPrinted("mlp-step.mlir"), options);
  compare(compiled, /*any=*/false, 32);
  compare(compiled, /*any=*/true, 5);
}

TEST(TrainingStep, ThreadsDoNotChangeABit) {
  TargetOptions options;
  options.parallelFlops = 4096;
  Compiled compiled(readPrinted("mlp-step.mlir"), options);
  std::vector<float> weights[3];
  for (int threads = 1; threads <= 3; ++threads) {
    ParallelState::threads = threads;
    ParallelState::calls = 0;
    Model<float> model = randomModel();
    for (int step = 1; step <= 5; ++step) {
      Batch batch = randomBatch(32, step);
      run(compiled, /*any=*/false, model, batch, step);
    }
    EXPECT_GT(ParallelState::calls, 0);
    weights[threads - 1] = model.values[0];
    EXPECT_EQ(weights[threads - 1], weights[0]);
  }
  ParallelState::threads = 1;
}

TEST(TrainingStep, WorkspaceIsSmallerThanTheParameters) {
  // Whatever the step keeps besides activations would be a copy of a parameter or a stored
  // gradient.
  Compiled compiled(readPrinted("mlp-step.mlir"));
  uint64_t images = 32 * kInputs * sizeof(float);
  EXPECT_LE(compiled.workspace("mlp.step", {32, 1}), images + 48 * 1024);
  EXPECT_GT(compiled.workspace("mlp.step_any", {64, 1}),
            compiled.workspace("mlp.step_any", {32, 1}));
}

} // namespace
} // namespace nnc::codegen::test
