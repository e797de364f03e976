// What the descriptor of a compiled model says (runtime/include/nnrt/abi.h), as plain data: read
// from a module, written as a constant by the driver.
#pragma once

#include "runtime/include/nnrt/abi.h"

#include "mlir/Support/LLVM.h"

#include <cstdint>
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

/// An input of the model or a field of the data set. Its values lie in [low, high) where low <
/// high.
struct PortDescription {
  TensorDescription tensor;
  int64_t low = 0, high = 0;
};

struct FileDescription {
  std::string split;
  uint32_t field; ///< index into fields
  std::string path;
};

/// A compiled function. Its symbol has the type `nnrt_function`; the workspace symbol is the
/// function that tells the bytes of workspace for given scalars.
struct EntryDescription {
  nnrt_entry_kind kind;
  int64_t batch = 0; ///< the one value of dims[0] that it is compiled for; 0: any
  std::string symbol;
  std::string workspaceSymbol;
  std::vector<nnrt_binding> scalars;
  /// In the order of the C ABI: tensor arguments, then results that replace none of these.
  std::vector<nnrt_binding> buffers;
  uint64_t workspaceBytes = 0; ///< where these don't depend on scalars; 0 before memory is planned
};

struct RecipeDescription {
  std::string data, format, optimizer;
  int64_t batch = 0, epochs = 0, steps = 0; ///< epochs, steps: 0 where not stated
  uint64_t seed = 0;
  std::vector<std::string> metrics;
};

struct ModelDescription {
  std::string name;
  std::string source, sourceSha256;
  std::vector<std::string> dims;
  std::vector<TensorDescription> parameters; ///< then the buffers, in one arena
  uint32_t numBuffers = 0;
  uint64_t parameterBytes = 0;
  std::vector<TensorDescription> states; ///< "dense.w.m"
  uint64_t stateBytes = 0;
  std::vector<PortDescription> inputs;
  std::vector<TensorDescription> outputs;
  std::vector<PortDescription> fields;
  std::vector<FileDescription> files;
  bool hasRecipe = false;
  RecipeDescription recipe;
  std::vector<EntryDescription> entries;

  /// The workspace of a training step at the recipe's batch, in bytes; 0 where the model has no
  /// such entry, and before memory is planned.
  uint64_t activationBytes() const;
};

/// Describes every built model of a module whose entry functions are on tensors (stages grad and
/// linalg). Fails, after an error at the operation, where an entry's arguments carry no valid
/// `nn.binding`.
mlir::FailureOr<std::vector<ModelDescription>> describeModels(mlir::ModuleOp module);

/// Notes the workspace of each entry, of a module whose memory is planned (stage bufferized).
void noteWorkspaces(mlir::ModuleOp module, std::vector<ModelDescription> &models);

} // namespace nnc
