// A model with its tensors on a device: what training, evaluation and prediction call.
#pragma once

#include "runtime/device/Device.h"

#include <cstring>
#include <span>
#include <vector>

namespace nnrt {

/// An entry with its arguments laid out once, so that a call only fills in what changes.
class Call {
public:
  Call() = default;
  const nnrt_entry *entry = nullptr;
  std::vector<int64_t> scalars;
  std::vector<void *> buffers;

  /// Sets every scalar that comes from `source` (and, of dimensions, has this index).
  void setScalar(uint32_t source, uint32_t index, int64_t value);
  /// Sets every buffer bound to `source`[index].
  void setBuffer(uint32_t source, uint32_t index, void *buffer);
};

/// Owns parameters, optimizer state, results and workspace. After prepare() nothing is allocated.
class Session {
public:
  /// `dims` are the values of the symbolic dimensions; the batch's is set by each call.
  Session(const nnrt_model &model, Device &device, std::vector<int64_t> dims);

  /// Makes room for batches of up to `batch` in training and evaluation, and of up to
  /// `predictBatch` in predict.
  void prepare(uint64_t trainBatch, uint64_t evalBatch, uint64_t predictBatch);

  /// Writes all parameters, buffers and states from the seed. Throws Error where the model can't.
  void initialize(uint64_t seed);

  /// One training step; `fields` has one pointer per field. Afterwards loss() is the mean over the
  /// batch before the update.
  void step(std::span<void *const> fields, uint64_t batch, uint64_t number, uint64_t seed);
  /// Loss and metrics of a batch.
  void evaluate(std::span<void *const> fields, uint64_t batch, uint64_t seed);
  /// Outputs from inputs; the latter have one pointer per input of the model, the former per
  /// output.
  void predict(std::span<void *const> inputs, std::span<void *const> outputs, uint64_t batch);

  float loss() const { return results[0]; }
  std::span<const float> metrics() const { return std::span(results).subspan(1); }
  /// Whether the training step computes metrics too.
  bool stepHasMetrics() const { return trainingMetrics; }

  const nnrt_model &model() const { return description; }
  Device &device() const { return place; }
  std::span<const int64_t> dims() const { return dimensions; }
  std::byte *parameter(uint32_t index) const {
    return parameters.data() + description.parameters[index].offset;
  }
  /// The first parameter or state that holds a NaN or an infinity; null where there is none.
  const nnrt_tensor *firstNotFinite() const;
  std::byte *state(uint32_t index) const {
    return states.data() + description.states[index].offset;
  }

private:
  Call bind(const nnrt_entry &entry);
  void reserveWorkspace(nnrt_entry_kind kind, uint64_t batch);
  /// The call of the entry for a batch, its dimensions set. Throws Error: the model has none.
  Call &choose(nnrt_entry_kind kind, uint64_t batch);
  void run(Call &call);

  const nnrt_model &description;
  Device &place;
  std::vector<int64_t> dimensions;
  Memory parameters, states, workspace;
  std::vector<float> results; ///< loss, then metrics
  bool trainingMetrics = false;
  std::vector<Call> calls; ///< one per entry
};

} // namespace nnrt
