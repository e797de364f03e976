// What a kernel has to do at least, whatever code it becomes, as attributes of it.
#ifndef NNC_COMPILER_CODEGEN_GPU_KERNELWORK_H
#define NNC_COMPILER_CODEGEN_GPU_KERNELWORK_H

#include "compiler/codegen/Target.h"
#include "dialects/kernel/ir/KernelOps.h"

#include <optional>

namespace nnc::codegen {

/// Of a kernel: its operations, by kinds of arithmetic, and after merging all bytes. Not there
/// where they depend on what only a call knows.
inline constexpr llvm::StringLiteral kWorkAttr = "nnc.work";
/// Of an argument: how many bytes of it are accessed, each counted once.
inline constexpr llvm::StringLiteral kBytesAttr = "nnc.bytes";

std::optional<KernelWork> readWork(mlir::Operation *kernel);
void noteWork(mlir::Operation *kernel, const KernelWork &work);
uint64_t readBytes(mlir::kernel::FuncOp kernel, unsigned argument);
void noteBytes(mlir::kernel::FuncOp kernel, unsigned argument, uint64_t bytes);

} // namespace nnc::codegen

#endif
