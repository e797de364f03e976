// Losses and metrics over a whole part of the data.
#pragma once

#include "runtime/data/Batches.h"
#include "runtime/model/ResultSlots.h"
#include "runtime/model/Session.h"

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace nnrt {

/// What `finish` gives: the losses, then the metrics, row by row where they are tables.
struct Results {
  uint64_t examples = 0; ///< 0: it was interrupted
  std::vector<double> values;

  explicit operator bool() const { return examples != 0; }
  /// The sum of the losses.
  double loss(const Recipe &recipe) const;
  /// What a goal is about. Throws Error (internal): neither a loss nor a metric.
  double value(const Recipe &recipe, const std::string &name) const;
  std::span<const double> ofMetric(const Recipe &recipe, size_t metric) const;
  /// Keys and values in the order in which they are printed: the sum of the losses under `total`,
  /// each loss where they have names, each metric that is one number.
  std::vector<std::pair<std::string, double>> listed(const Recipe &recipe,
                                                     const std::string &total) const;
};

/// Runs the passes of a model's evaluation over batches, then finishes. Totals are combined on the
/// host, in f64 and in the order of the batches; what is collected of each example stays on the
/// device.
class Evaluator {
public:
  /// Without a part, what 16 batches of the recipe's size hold is drawn, `batch` at a time. `dims`
  /// are the model's, its batch aside. `tables` outlive it; null: it has its own, of its part.
  /// Throws Error: the part is too small, or there is no memory for what metrics collect of it.
  Evaluator(Session &session, const Recipe &recipe, const Part *part, std::vector<int64_t> dims,
            uint64_t batch, KeptTables *tables = nullptr);

  /// No examples where it was interrupted. What is returned is overwritten by the next call, here
  /// and below; nothing is allocated after construction.
  const Results &run();
  /// Of a batch of `count` whose fields lie on the device, with the model's dimensions of its own.
  const Results &runOn(std::span<void *const> fields, std::span<const int64_t> dimsOfModel,
                       uint64_t count);

private:
  bool runPass(size_t pass, uint32_t firstTotal);
  /// Of `count` examples each; `example` is the first one's number.
  void addBatches(size_t pass, uint32_t firstTotal, const Stretch &batches, uint64_t example,
                  uint64_t count);
  /// The most batches that a call of a pass may go through.
  uint64_t room(size_t pass) const;
  /// Adds what batches have left to the totals of their pass.
  void combine(size_t pass, uint32_t firstTotal);
  void requireSizes(const Entry &pass) const;
  /// The dimensions with so many examples in the batch.
  std::vector<int64_t> dimsOf(uint64_t examples) const;
  void allocateRows(uint64_t examples);
  /// Where the rows begin of what is collected of this example and those behind it.
  std::span<void *const> placesOf(uint64_t example);
  void clearTotals();
  const Results &finish(uint64_t examples);

  Session &session;
  const Recipe &recipe;
  std::vector<int64_t> dims, whole; ///< of a batch, of the part
  uint64_t batch, examples;
  KeptTables ownTables;
  std::optional<Batches> batches;
  std::vector<Entry> passes;
  Entry finishing;
  std::vector<double> totals;
  ResultSlots partials; ///< of batches
  /// What is collected: all rows, and where those of the next call begin.
  std::vector<Buffer> rows;
  std::vector<void *> rowAddresses;
  Results results;
};

} // namespace nnrt
