// Code generation for NVIDIA's GPUs: from linalg on tensors to PTX, and to entries of the host that
// launch it.
#ifndef NNC_COMPILER_CODEGEN_GPU_GPU_H
#define NNC_COMPILER_CODEGEN_GPU_GPU_H

#include "compiler/codegen/Target.h"

namespace nnc::codegen {

/// The threads of a block. With 256 each may have 255 registers.
inline constexpr int64_t kBlockThreads = 256;

/// The module of kernels within that of the entries.
inline constexpr llvm::StringLiteral kDeviceModule = "device";

/// Floating-point operations that take as long as to move a byte: 67 TFLOP/s and 3.3 TB/s.
inline constexpr unsigned kGpuFlopsOfByte = 20;

/// An error where LLVM doesn't know the chip, or it is older than what kernels use (sm_80).
llvm::Error checkChip(llvm::StringRef chip);

std::unique_ptr<Target> createGpuTarget(const TargetOptions &options);

void buildGpuKernelPipeline(mlir::OpPassManager &manager, const TargetOptions &options);
void buildGpuKernelCodePipeline(mlir::OpPassManager &manager, const TargetOptions &options);
void buildGpuWorkspacePipeline(mlir::OpPassManager &manager);
void buildGpuLlvmPipeline(mlir::OpPassManager &manager, const TargetOptions &options);

/// The LLVM module of the kernels, optimised for `chip` ("sm_90a"); null after an error was
/// reported.
std::unique_ptr<llvm::Module> translateKernels(mlir::ModuleOp device, llvm::LLVMContext &context,
                                               llvm::StringRef chip);
/// Writes PTX.
llvm::Error emitPtx(llvm::Module &kernels, llvm::StringRef chip, llvm::raw_pwrite_stream &out);

} // namespace nnc::codegen

#endif
