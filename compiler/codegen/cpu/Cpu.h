// Code generation for CPUs: from linalg on tensors to an object file.
#ifndef NNC_COMPILER_CODEGEN_CPU_CPU_H
#define NNC_COMPILER_CODEGEN_CPU_CPU_H

#include "compiler/codegen/Target.h"

namespace nnc::codegen {

std::unique_ptr<Target> createCpuTarget(const TargetOptions &options);

/// The CPU that `options` names, "native" resolved: what a descriptor should report.
std::string resolveCpu(const TargetOptions &options);
/// The instruction-set extensions that its code may use, of nnrt/cpu_features.def: "avx avx2 fma".
std::string requiredFeatures(const TargetOptions &options);
/// Whether LLVM knows that CPU for that triple; false leaves the reason in `reason`.
bool isKnownCpu(const TargetOptions &options, std::string &reason);

/// From entry functions in linalg on tensors to calls of kernels (stage "kernels").
void buildCpuKernelPipeline(mlir::OpPassManager &manager, const TargetOptions &options);
/// From there to functions and kernels on buffers; each entry uses one workspace (stage
/// "bufferized"). See Target for the steps.
void buildCpuCallPipeline(mlir::OpPassManager &manager);
void buildCpuKernelCodePipeline(mlir::OpPassManager &manager, const TargetOptions &options);
void buildCpuWorkspacePipeline(mlir::OpPassManager &manager);
void buildCpuBufferPipeline(mlir::OpPassManager &manager, const TargetOptions &options);
/// From there to the LLVM dialect, with the entries' C symbols (stage "llvm").
void buildCpuLlvmPipeline(mlir::OpPassManager &manager, const TargetOptions &options,
                          bool separate);
/// All three.
void buildCpuPipeline(mlir::OpPassManager &manager, const TargetOptions &options);

/// The LLVM module of a module in the LLVM dialect, with triple and data layout set; null after an
/// error was reported.
std::unique_ptr<llvm::Module> translate(mlir::ModuleOp module, llvm::LLVMContext &context,
                                        const TargetOptions &options);
/// Runs LLVM's pipeline of `options.optLevel`.
llvm::Error optimize(llvm::Module &module, const TargetOptions &options);
/// Writes an object file (position independent).
llvm::Error emitObject(llvm::Module &module, const TargetOptions &options,
                       llvm::raw_pwrite_stream &out);
/// The same of a module that was not optimised, whose functions call others and no more.
llvm::Error emitCalls(llvm::Module &module, const TargetOptions &options,
                      llvm::raw_pwrite_stream &out);
/// Writes assembly.
llvm::Error emitAssembly(llvm::Module &module, const TargetOptions &options,
                         llvm::raw_pwrite_stream &out);

} // namespace nnc::codegen

#endif
