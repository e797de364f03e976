// A kernel that does what several calls do.
#ifndef NNC_COMPILER_CODEGEN_GPU_MERGEDKERNEL_H
#define NNC_COMPILER_CODEGEN_GPU_MERGEDKERNEL_H

#include "compiler/codegen/gpu/RepeatedCall.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"

#include <optional>

namespace nnc::codegen {

/// The kernels of a module, and of those that were merged how many calls they do the work of.
struct KernelTable {
  KernelTable(mlir::SymbolTable &symbols, bool takesBatches)
      : symbols(symbols), takesBatches(takesBatches) {}

  mlir::SymbolTable &symbols;
  bool takesBatches; ///< whether a kernel may go through all batches of a call
  llvm::SmallDenseMap<mlir::Operation *, unsigned> numCalls;
};

/// Collects neighbouring calls of one block of an entry, and makes them one.
///
/// Those that depend on one another by memory are in different stages of the kernel, in their
/// order; all others may run at the same time. Copies on the device, and of numbers and splat
/// constants to it, are calls too. A loop that makes a call in each pass becomes a loop of stages.
class MergedKernel {
public:
  explicit MergedKernel(KernelTable &kernels) : kernels(&kernels) {}

  /// Takes `op` as well; false where it is something else than a call, or too much for one kernel.
  bool add(mlir::Operation *op);
  llvm::ArrayRef<mlir::Operation *> getCalls() const { return ops; }
  /// Whether it spares launches.
  bool isWorthIt() const;

  /// Writes the kernel, and a call of it before the last one of the calls, which are to be erased.
  mlir::kernel::CallOp create(mlir::func::FuncOp entry, llvm::StringRef name);

  /// The first stage of the i-th call; after create().
  unsigned getStageOf(unsigned i) const { return parts[i].stages.front(); }
  unsigned getNumStages() const { return numStages; }

private:
  /// A part of a buffer that a call reads or writes.
  struct Access {
    mlir::Value root, view;
    bool isWrite;
  };
  /// What one operation does.
  struct Part {
    llvm::SmallVector<Access> accesses;
    mlir::kernel::FuncOp callee; ///< null: a copy, which is one stage
    RepeatedCall call;           ///< of it; a loop is one stage
    unsigned numStages = 1;
    unsigned numCalls = 1;              ///< that it does the work of
    llvm::SmallVector<unsigned> stages; ///< where each of its own is; after schedule()
    bool isSmall = true;                ///< One block does it in no time.
  };
  class Writer;

  std::optional<Part> describe(mlir::Operation *op) const;
  bool describeCall(Part &part) const;
  bool fits(mlir::Operation *op, const Part &part);
  /// Decides in which stages the calls are.
  void schedule();
  static bool dependOnEachOther(const Part &a, const Part &b);

  KernelTable *kernels;
  llvm::SmallVector<mlir::Operation *> ops;
  llvm::SmallVector<Part> parts; ///< of each
  unsigned numStages = 0;
  /// What the kernel is handed, and the words that it goes in.
  llvm::SmallDenseSet<mlir::Value> handed;
  unsigned numWords = 0;
  unsigned numCalls = 0;
};

} // namespace nnc::codegen

#endif
