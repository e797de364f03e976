// What the descriptor of a compiled model says (runtime/include/nnrt/abi.h), as plain data: read
// from a module, written as a constant by the driver.
#pragma once

#include "runtime/include/nnrt/abi.h"

#include "mlir/Support/LLVM.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mlir {
class ModuleOp;
}

namespace nnc {

/// A tensor's name, type and place. A dimension below 0 is symbolic: ~d names `dims[d]` of the
/// model. The offset is in bytes from the start of its arena, a multiple of 64; 0 for tensors that
/// lie in none.
struct TensorDescription {
  std::string name;
  nnrt_dtype dtype;
  std::vector<int64_t> shape;
  uint64_t offset = 0;
};

/// A size that is computed from the model's dimensions: `nnrt_size`.
struct SizeDescription {
  std::string text;
  std::vector<int64_t> factors;
  std::vector<uint32_t> powers; ///< of each term one per dimension of the model
};

/// What an entry asks of a call's dimensions: that `size` is at least `least`.
struct NeedDescription {
  SizeDescription size;
  int64_t least = 1;
  std::string place; ///< in the source: "net.nn:12"
};

/// A tensor from outside. Its values lie in [low, high) where low < high, in [0, limit) where there
/// is a limit.
struct PortDescription {
  TensorDescription tensor;
  int64_t low = 0, high = 0;
  std::optional<SizeDescription> limit = std::nullopt;
};

/// The tensors of one kind of memory.
struct ArenaDescription {
  std::vector<TensorDescription> tensors;
  uint64_t bytes = 0;
};

/// A compiled function. Its symbol has the type `nnrt_function`; the workspace symbol is the
/// function that tells the bytes of workspace for given scalars.
struct EntryDescription {
  std::string name;
  std::vector<int64_t> dims; ///< one per dimension of the model; 0: any
  std::string symbol;
  std::string workspaceSymbol;
  std::vector<nnrt_binding> scalars;
  /// In the order of the C ABI: tensor arguments, then results that replace none of these.
  std::vector<nnrt_binding> buffers;
  std::vector<NeedDescription> needs;
  uint64_t workspaceBytes = 0; ///< where these don't depend on scalars; 0 before memory is planned
};

/// A metric of the recipe.
struct MetricDescription {
  std::string name;
  std::vector<int64_t> shape; ///< of a table; none: it is one number
};

struct ModelDescription {
  std::string name;
  std::string source, sourceSha256;
  std::vector<std::string> dims;
  int32_t batchDim = -1, rowsDim = -1;
  std::array<ArenaDescription, NNRT_NUM_ARENAS> arenas;
  std::vector<PortDescription> inputs, fields, columns;
  std::vector<TensorDescription> outputs, collected;
  uint32_t numTotals = 0, numResults = 0, numMetricNumbers = 0;
  std::optional<std::string> recipe; ///< as JSON
  int64_t batchSize = 0;             ///< of the recipe, or 0
  std::vector<MetricDescription> metrics;
  std::vector<EntryDescription> entries;

  const ArenaDescription &arena(nnrt_arena kind) const { return arenas[kind]; }
  /// The first entry of that name, or null.
  const EntryDescription *findEntry(llvm::StringRef name) const;
  /// The largest workspace of a training entry at the recipe's batch, in bytes; 0 where the model
  /// has no such entry, and before memory is planned.
  uint64_t activationBytes() const;
  /// What training needs: parameters, states, the optimizer's memory, activations; no data.
  uint64_t trainingBytes() const;
};

/// Describes every built model of a module whose entry functions are on tensors (stages grad and
/// linalg). Fails, after an error at the operation, where an entry's arguments carry no valid
/// `train.bind`.
mlir::FailureOr<std::vector<ModelDescription>> describeModels(mlir::ModuleOp module);

/// Notes what each entry takes, and its workspace, of a module whose memory is planned (stage
/// bufferized).
void noteMemory(mlir::ModuleOp module, std::vector<ModelDescription> &models);

} // namespace nnc
