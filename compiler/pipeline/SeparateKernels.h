// Kernels compiled apart from the entries that call them: each once, in parallel, into an object
// file that other programs can use as well.
#pragma once

#include "compiler/codegen/Target.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <optional>
#include <string>
#include <vector>

namespace nnc {

/// A compiled kernel.
struct KernelObject {
  std::string interface; ///< a `kernel.func` marked external: what callers hand over and provide
  std::string code;      ///< an object file that defines the function of that name
};

/// Keeps compiled kernels from one compilation to the next.
class KernelStore {
public:
  virtual ~KernelStore() = default;
  /// The kernel of that key (hexadecimal digits), where it is there and whole.
  virtual std::optional<KernelObject> find(llvm::StringRef key) = 0;
  /// Keeps it where that is possible.
  virtual void keep(llvm::StringRef key, const KernelObject &object) = 0;
};

/// Counts of one program.
struct KernelCounts {
  unsigned calls = 0;   ///< in the text of entries; a loop's count once
  unsigned kernels = 0; ///< that differ
  unsigned kept = 0;    ///< of these, those that a store had
};

/// Takes a module at stage `kernels` apart and leads it to object files. The same passes run as on
/// the whole, so the code is the same. What fails says so through the module's context.
class SeparateKernels {
public:
  /// `store` may be null. All three live longer than this.
  SeparateKernels(mlir::ModuleOp module, const codegen::Target &target, KernelStore *store)
      : module(module), target(target), store(store) {}

  /// Lets the entries call with buffers, and names each kernel by its content. The module still has
  /// all of them, each once, as they were.
  mlir::LogicalResult takeApart();
  /// Leads the entries to stage `bufferized`, with their memory planned; the kernels that the store
  /// hasn't got to code on buffers.
  mlir::LogicalResult bufferize();
  /// Leads the kernels to object files. In parallel to that it leads the entries to stage `llvm`,
  /// where `emitEntries` goes on with them.
  mlir::LogicalResult compile(llvm::function_ref<mlir::LogicalResult()> emitEntries);

  /// Each one's object file.
  std::vector<llvm::StringRef> code() const;
  KernelCounts count() const;

private:
  struct Kernel {
    std::string name, key;
    KernelObject object;
    bool isKept = false;
    mlir::ModuleOp own; ///< where it is compiled, unless it was kept; then null
  };

  mlir::LogicalResult run(mlir::ModuleOp on,
                          llvm::function_ref<void(mlir::OpPassManager &)> build) const;
  void nameKernels();
  mlir::LogicalResult declare(const Kernel &kernel);
  mlir::LogicalResult compile(Kernel &kernel) const;

  mlir::ModuleOp module;
  const codegen::Target &target;
  KernelStore *store;
  mlir::OwningOpRef<mlir::ModuleOp> apart; ///< a module in which each kernel has one of its own
  std::vector<Kernel> kernels;
  unsigned numCalls = 0;
};

} // namespace nnc
