// A model with its tensors on a device: what training, evaluation and prediction call.
#pragma once

#include "runtime/device/Device.h"
#include "runtime/model/Recipe.h"

#include <span>
#include <string_view>
#include <vector>

namespace nnrt {

/// What a call brings, beside what the session holds. Pointers are addresses of the device.
struct CallArguments {
  std::span<const int64_t> dims; ///< a value for each dimension of the model
  uint64_t step = 0, steps = 0, batch = 0, draw = 0, example = 0;
  // -Wextra wants the initializers where a use leaves a field out.
  // NOLINTNEXTLINE(readability-redundant-member-init)
  std::span<void *const> fields = {}, inputs = {}, outputs = {}, columns = {};
  /// A slot each (ResultSlots.h): the block's losses; what the batch adds to all totals. That of
  /// each further batch lies `width` numbers behind the one before.
  void *losses = nullptr, *partials = nullptr;
  /// Of each of what is collected the batch's first row; of `finish` the part's.
  // NOLINTNEXTLINE(readability-redundant-member-init)
  std::span<void *const> collected = {};
  uint64_t width = 0;
  /// The batches that the call goes through: more than one where Entry::takesPasses().
  uint64_t passes = 1;
  // What entries find their batches by that take tables.
  void *order = nullptr; ///< null: the rows as they are
  uint64_t place = 0;    ///< of the first batch in that order
  uint64_t rows = 0;     ///< of the tables that `fields` are; 0: as many as the batch has
};

/// All versions of an entry of one name, with the arguments that stay laid out once.
class Entry {
public:
  Entry() = default;
  /// Whether a call may go through several batches.
  bool takesPasses() const { return isBoundToPasses; }
  /// Whether it takes the fields of one batch, and so none from tables.
  bool takesFields() const { return isBoundToFields; }

private:
  friend class Session;
  struct Version {
    const nnrt_entry *entry = nullptr;
    std::vector<int64_t> scalars;
    std::vector<void *> buffers;
    std::vector<uint32_t> varying; ///< the buffers that come with each call
    bool takesTables = false, takesOrder = false;
  };
  /// The number of the first version that is for these dimensions; as many as there are where none
  /// is.
  size_t versionFor(std::span<const int64_t> dims) const;

  std::vector<Version> versions;
  bool isBoundToPasses = false, isBoundToFields = false;
};

/// Owns the tensors of a model, results and workspace. Once reserve() has been called for all that
/// is going to be run, nothing is allocated.
class Session {
public:
  /// `recipe` may be null. Without `isTraining` there are neither optimizer states nor averages nor
  /// gradients, and the parameters are those to evaluate with.
  Session(const nnrt_model &model, Device &device, const Recipe *recipe, bool isTraining);

  /// Makes room for what `next` keeps, before its entry is asked for, or forgets what it holds.
  void clearCaches();

  bool has(std::string_view name) const;
  /// Whether some entry depends on how many steps there are going to be.
  bool asksForSteps() const;
  /// Throws Error (internal): the model has no such entry.
  Entry entry(std::string_view name);
  /// Throws Error where the entry needs larger dimensions than these. run() does so too; whoever
  /// must know before anything has run asks here. `source` is where they come from, such as a file,
  /// or empty.
  void requireSizes(const Entry &entry, std::span<const int64_t> dims,
                    std::string_view source = {}) const;
  /// Makes room to run the entry with these dimensions, or with fewer examples; none where they
  /// don't meet its needs.
  void reserve(const Entry &entry, std::span<const int64_t> dims);
  /// Makes room to run the entry with these very dimensions: versions for others may need more.
  void reserveExactly(const Entry &entry, std::span<const int64_t> dims);
  /// Throws Error: the dimensions don't meet the entry's needs. Nothing has changed then.
  void run(Entry &entry, const CallArguments &arguments);

  /// Parameters and states of layers from the seed.
  void initialize();
  /// Optimizer states and averages from seed and parameters, which have to be there.
  void initializeTraining();

  const nnrt_model &model() const { return description; }
  Device &device() const { return unit; }
  /// The model's dimensions with this many examples in a batch, the others unknown (0).
  std::vector<int64_t> dimsFor(uint64_t batch) const;

  /// The tensors of an arena; none where it has not been allocated.
  std::span<const nnrt_tensor> tensors(nnrt_arena arena) const;
  /// The address of a tensor on the device.
  void *tensor(nnrt_arena arena, uint32_t index) const;
  void read(nnrt_arena arena, uint32_t index, uint64_t offset, std::span<std::byte> out) const;
  void write(nnrt_arena arena, uint32_t index, std::span<const std::byte> bytes);
  /// Whether evaluation uses averages in place of the parameters.
  bool hasAverages() const { return bool(arenas[NNRT_AVERAGES]); }
  void clearGradients();
  /// The first tensor of an arena that training depends on that holds a NaN or an infinity; null
  /// where there is none.
  const nnrt_tensor *firstNotFinite() const;

  void writeTotals(std::span<const double> totals);
  /// The results after `finish`.
  void readFinished(std::span<double> out) const;

  uint64_t seed = 0;
  std::vector<double> numbers;  ///< of the recipe, in its order
  std::vector<int64_t> classes; ///< numbers of the classes that the data's preparation asks for
  uint64_t workspaceBytes() const { return workspace.size(); }

private:
  void *bufferOf(const nnrt_binding &binding, bool isEvaluation) const;
  void reserveVersion(const Entry::Version &version, const std::vector<int64_t> &sizes);
  void fillScalars(Entry::Version &version, const CallArguments &arguments) const;
  /// Rows of the tables that a call takes.
  uint64_t rowsOf(const CallArguments &arguments) const;
  void requireRowsAsTheyAre(uint64_t rows);

  const nnrt_model &description;
  Device &unit;
  Buffer arenas[NNRT_NUM_ARENAS];
  Buffer totals, finished; ///< f64 each
  Buffer workspace;
  Buffer rowsAsTheyAre; ///< i32 0, 1, ...: the order of calls that bring none
};

} // namespace nnrt
