// Where buffers of entries are, which parts of them views are, and whether two of them may have
// elements in common.
#include "compiler/codegen/gpu/BufferParts.h"
#include "compiler/codegen/shared/Buffers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace nnc::codegen {

using namespace mlir;

namespace {

/// The part of its buffer that a view lies in; null where that isn't a box of elements.
memref::SubViewOp findPart(Value view) {
  memref::SubViewOp first;
  while (auto op = view.getDefiningOp<ViewLikeOpInterface>()) {
    if (auto subview = dyn_cast<memref::SubViewOp>(op.getOperation()))
      first = subview;
    else if (!isa<memref::CastOp>(op))
      first = {}; // Another shape.
    view = op.getViewSource();
  }
  if (!first || llvm::any_of(first.getStaticStrides(), [](int64_t s) { return s != 1; }))
    return {};
  return first;
}

/// Whether no two passes of `loop` have the same `number`.
bool isOwnOfPass(Value number, scf::ForOp loop) {
  if (number == loop.getInductionVar())
    return true;
  Operation *op = number.getDefiningOp();
  if (!isa_and_present<arith::AddIOp, arith::SubIOp>(op))
    return false;
  Value left = op->getOperand(0), right = op->getOperand(1);
  return (isOwnOfPass(left, loop) && loop.isDefinedOutsideOfLoop(right)) ||
         (isOwnOfPass(right, loop) && loop.isDefinedOutsideOfLoop(left));
}

} // namespace

bool isOnHost(Value buffer) {
  return isa_and_present<memref::AllocaOp, memref::GetGlobalOp>(findRoot(buffer).getDefiningOp());
}

bool overlap(Value a, Value b) {
  memref::SubViewOp left = findPart(a), right = findPart(b);
  if (!left || !right || left.getSourceType().getRank() != right.getSourceType().getRank())
    return true;
  for (auto [from, size, otherFrom, otherSize] :
       llvm::zip_equal(left.getStaticOffsets(), left.getStaticSizes(), right.getStaticOffsets(),
                       right.getStaticSizes()))
    if (!llvm::is_contained({from, size, otherFrom, otherSize}, ShapedType::kDynamic) &&
        (from + size <= otherFrom || otherFrom + otherSize <= from))
      return false;
  return true;
}

bool overlapAcrossPasses(Value a, Value b, scf::ForOp loop) {
  if (!overlap(a, b))
    return false;
  memref::SubViewOp left = findPart(a), right = findPart(b);
  if (!left || !right || left.getSourceType() != right.getSourceType())
    return true;
  for (auto [from, size, otherFrom, otherSize] :
       llvm::zip_equal(left.getMixedOffsets(), left.getStaticSizes(), right.getMixedOffsets(),
                       right.getStaticSizes())) {
    auto number = dyn_cast<Value>(from);
    if (number && from == otherFrom && size == 1 && otherSize == 1 && isOwnOfPass(number, loop))
      return false;
  }
  return true;
}

} // namespace nnc::codegen
