// The number of a pass, where kernels of a loop of launches read it from memory.
#ifndef NNC_COMPILER_CODEGEN_GPU_PASSCOUNTERS_H
#define NNC_COMPILER_CODEGEN_GPU_PASSCOUNTERS_H

#include "llvm/ADT/StringRef.h"

namespace nnc::codegen {

/// Of a kernel's argument: it is the number of the pass, which its counter holds.
inline constexpr llvm::StringLiteral kPassAttr = "nnc.pass";
/// Of the argument that is the counter: how much more it holds, as an i64.
inline constexpr llvm::StringLiteral kCounterAttr = "nnc.counter";
/// Of a loop in an entry: its passes launch the same, with the same arguments.
inline constexpr llvm::StringLiteral kRepeatAttr = "nnc.repeat";

} // namespace nnc::codegen

#endif
