// Means of loss and metrics over examples, from means over batches.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace nnrt {

/// Weighs each batch by its examples, so that a ragged last batch counts for what it is. Sums are
/// f64.
class Averages {
public:
  explicit Averages(size_t metrics) : sums(1 + metrics) {}

  void add(float loss, std::span<const float> metrics, uint64_t batch) {
    sums[0] += double(loss) * double(batch);
    for (size_t i = 0; i < metrics.size() && i + 1 < sums.size(); ++i)
      sums[i + 1] += double(metrics[i]) * double(batch);
    count += batch;
  }
  /// Goes on from an earlier part of the same epoch.
  void restore(double lossSum, uint64_t examples) {
    sums[0] = lossSum;
    count = examples;
  }
  void reset() {
    sums.assign(sums.size(), 0);
    count = 0;
  }

  uint64_t examples() const { return count; }
  double lossSum() const { return sums[0]; }
  double loss() const { return count ? sums[0] / double(count) : 0; }
  double metric(size_t index) const { return count ? sums[index + 1] / double(count) : 0; }

private:
  std::vector<double> sums;
  uint64_t count = 0;
};

} // namespace nnrt
