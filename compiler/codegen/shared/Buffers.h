// What the passes agree on about buffers.
#ifndef NNC_COMPILER_CODEGEN_SHARED_BUFFERS_H
#define NNC_COMPILER_CODEGEN_SHARED_BUFFERS_H

#include "mlir/Dialect/MemRef/Utils/MemRefUtils.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/MathExtras.h"

namespace nnc::codegen {

/// Every temporary begins at a multiple of so many bytes: a line of the cache.
inline constexpr int64_t kBufferAlignment = 64;

/// The bytes of an element in memory.
inline int64_t getElementBytes(mlir::MemRefType type) {
  mlir::Type element = type.getElementType();
  return element.isIndex() ? 8 : llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

/// Whether the elements are known to lie one after the other, without gaps.
inline bool isContiguous(mlir::MemRefType type) {
  return type.getLayout().isIdentity() || (type.hasStaticShape() && type.getNumElements() > 0 &&
                                           mlir::memref::isStaticShapeAndContiguousRowMajor(type));
}

/// The buffer that `value` is a view of, or itself.
inline mlir::Value findRoot(mlir::Value value) {
  auto buffer = llvm::dyn_cast<mlir::MemrefValue>(value);
  return buffer ? mlir::memref::skipViewLikeOps(buffer) : value;
}

} // namespace nnc::codegen

#endif
