// The attributes by which entry functions say what their arguments are.
#ifndef NNC_COMPILER_CODEGEN_SHARED_ENTRY_H
#define NNC_COMPILER_CODEGEN_SHARED_ENTRY_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"

namespace nnc::codegen::entry {

/// On functions: marks an entry; its kind ("step").
inline constexpr llvm::StringLiteral kEntry = "nn.entry";
/// On arguments and results: ["dim", 0], where the value comes from or goes to.
inline constexpr llvm::StringLiteral kBinding = "nn.binding";
/// On results: the number of the argument that the result replaces in place.
inline constexpr llvm::StringLiteral kTied = "nn.tied";
/// On functions on buffers: the types of the arguments, the workspace left out.
inline constexpr llvm::StringLiteral kArguments = "nn.arguments";
/// On a tensor argument with symbolic dimensions: for each, the number of the index argument that
/// holds its size. May be left out where the function has one index argument.
inline constexpr llvm::StringLiteral kDims = "nn.dims";
/// On functions on buffers: for each argument, what kDims says.
inline constexpr llvm::StringLiteral kArgumentDims = "nn.argument_dims";
/// On tile loops whose iterations are independent: how many to run as one task.
inline constexpr llvm::StringLiteral kParallel = "nn.parallel";

/// On functions on buffers, after memory planning: the workspace's bytes where they don't depend on
/// scalars.
inline constexpr llvm::StringLiteral kWorkspaceBytes = "nn.workspace_bytes";

/// The private functions behind an entry's C symbols: "<name>.body", "<name>.workspace".
inline constexpr llvm::StringLiteral kBodySuffix = ".body";
inline constexpr llvm::StringLiteral kWorkspaceSuffix = ".workspace";

/// Whether the function runs once, so that plain loops do.
inline bool runsOnce(mlir::Operation *func) {
  auto kind = func->getAttrOfType<mlir::StringAttr>(kEntry);
  return kind && kind.getValue() == "init";
}

} // namespace nnc::codegen::entry

#endif
