// Code generation for NVIDIA's GPUs: from linalg on tensors to PTX, and to entries of the host that
// launch it.
#ifndef NNC_COMPILER_CODEGEN_GPU_GPU_H
#define NNC_COMPILER_CODEGEN_GPU_GPU_H

#include "compiler/codegen/Target.h"

#include "llvm/ADT/DenseMap.h"

namespace llvm {
class Function;
class GlobalVariable;
} // namespace llvm

namespace nnc::codegen {

/// The threads of a block. With 256 each may have 255 registers.
inline constexpr int64_t kBlockThreads = 256;

/// The module of kernels within that of the entries.
inline constexpr llvm::StringLiteral kDeviceModule = "device";

/// Floating-point operations that take as long as to move a byte: 67 TFLOP/s and 3.3 TB/s.
inline constexpr unsigned kGpuFlopsOfByte = 20;

/// Of the module of kernels: how often each entry launches them, a list by their numbers; below 0
/// where so often for all batches of a call together.
inline constexpr llvm::StringLiteral kLaunchesAttr = "nnc.launches";
/// Of a kernel in it: the lines of the source that it computes.
inline constexpr llvm::StringLiteral kPlacesAttr = "nnc.places";
/// Of a kernel in it: its blocks wait for one another.
inline constexpr llvm::StringLiteral kCooperativeAttr = "nnc.cooperative";

/// An error where LLVM doesn't know the chip, or it is older than what kernels use (sm_80).
llvm::Error checkChip(llvm::StringRef chip);

std::unique_ptr<Target> createGpuTarget(const TargetOptions &options);

void buildGpuKernelPipeline(mlir::OpPassManager &manager, const TargetOptions &options);
void buildGpuKernelCodePipeline(mlir::OpPassManager &manager, const TargetOptions &options);
void buildGpuWorkspacePipeline(mlir::OpPassManager &manager, const TargetOptions &options);
void buildGpuLlvmPipeline(mlir::OpPassManager &manager, const TargetOptions &options);

/// The LLVM module of the kernels, optimised for `chip` ("sm_90a"); null after an error was
/// reported.
std::unique_ptr<llvm::Module> translateKernels(mlir::ModuleOp device, llvm::LLVMContext &context,
                                               llvm::StringRef chip);
/// Writes PTX.
llvm::Error emitPtx(llvm::Module &kernels, llvm::StringRef chip, llvm::raw_pwrite_stream &out);
/// Where a kernel's variables in shared memory begin in that of a block, and the bytes of all.
std::pair<llvm::DenseMap<const llvm::GlobalVariable *, uint64_t>, uint64_t>
placeSharedMemory(const llvm::Function &kernel);
/// Turns each kernel into two functions of the host for the emulator (nnrt/emulator.h), and writes
/// an object file: `void NAME.emulated(void *const *arguments)`, which announces what it accesses,
/// and NAME.unchecked, which doesn't. An error names what the emulator doesn't know.
llvm::Error emulateKernels(llvm::Module &kernels, const TargetOptions &host,
                           llvm::raw_pwrite_stream &object);

} // namespace nnc::codegen

#endif
