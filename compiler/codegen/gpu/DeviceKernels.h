// The kernels of a module, each compiled apart from the others.
#ifndef NNC_COMPILER_CODEGEN_GPU_DEVICEKERNELS_H
#define NNC_COMPILER_CODEGEN_GPU_DEVICEKERNELS_H

#include "compiler/codegen/Target.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

namespace nnc::codegen {

/// The bytes of arguments that PTX hands over to a kernel.
inline constexpr uint64_t kMostArgumentBytes = 4096;

/// Compiles a module of kernels in the LLVM dialect: one kernel at a time on as many threads as the
/// module's context has, so that neither texts nor errors depend on how many there are.
class DeviceKernels {
public:
  DeviceKernels(mlir::ModuleOp device, const TargetOptions &options);
  ~DeviceKernels();

  /// The PTX of all kernels for `chip`; none after an error was reported.
  std::optional<std::string> assemble(llvm::StringRef chip);
  /// Adds the objects for the emulator, and says of each kernel what only its code tells. To be
  /// called once, after the first chip's assemble(): that chip's code is emulated.
  llvm::LogicalResult emulate(DeviceCode &code);

private:
  struct Kernel {
    explicit Kernel(mlir::ModuleOp own) : own(own) {}

    mlir::OwningOpRef<mlir::ModuleOp> own; ///< it, with what it uses
    std::string name;
    llvm::LLVMContext context;
    std::unique_ptr<llvm::Module> optimized; ///< for the first chip
    std::string text;                        ///< for the chip at hand
  };

  /// Calls visit(kernel, number) for each, the longest first, so that threads end together.
  llvm::LogicalResult forEach(llvm::function_ref<llvm::LogicalResult(Kernel &, size_t)> visit);
  llvm::LogicalResult assemble(Kernel &kernel, llvm::StringRef chip);

  mlir::MLIRContext &context;
  const TargetOptions &options;
  std::vector<std::unique_ptr<Kernel>> kernels; ///< in the module's order
  std::vector<size_t> longestFirst;
};

} // namespace nnc::codegen

#endif
