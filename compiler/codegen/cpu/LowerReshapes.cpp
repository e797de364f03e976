// codegen-lower-reshapes: gives views their strides where upstream has none for them.
#include "compiler/codegen/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_LOWERRESHAPES
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// Upstream's expand-strided-metadata finds the one open size of a group by a division, and crashes
/// where there are several.
bool hasSeveralOpenSizes(memref::ExpandShapeOp expand) {
  ArrayRef<int64_t> shape = expand.getResultType().getShape();
  return llvm::any_of(expand.getReassociationIndices(), [&](ArrayRef<int64_t> group) {
    return llvm::count_if(group, [&](int64_t dim) { return ShapedType::isDynamic(shape[dim]); }) >
           1;
  });
}

/// What the type knows, else the value.
OpFoldResult knownOr(OpBuilder &builder, int64_t known, OpFoldResult value) {
  return ShapedType::isDynamic(known) ? value : OpFoldResult(builder.getIndexAttr(known));
}

class LowerReshapesPass : public impl::LowerReshapesBase<LowerReshapesPass> {
public:
  void runOnOperation() override {
    SmallVector<memref::ExpandShapeOp> found;
    getOperation().walk([&](memref::ExpandShapeOp expand) {
      if (hasSeveralOpenSizes(expand))
        found.push_back(expand);
    });
    IRRewriter rewriter(&getContext());
    for (memref::ExpandShapeOp expand : found)
      lower(rewriter, expand);
  }

private:
  /// A group walks through its source dimension: the innermost with its stride, each other over
  /// all that is within.
  void lower(IRRewriter &rewriter, memref::ExpandShapeOp expand) {
    rewriter.setInsertionPoint(expand);
    Location loc = expand.getLoc();
    auto source = memref::ExtractStridedMetadataOp::create(rewriter, loc, expand.getSrc());
    MemRefType type = expand.getResultType();
    auto [knownStrides, knownOffset] = type.getStridesAndOffset();
    auto [sourceStrides, sourceOffset] = expand.getSrcType().getStridesAndOffset();
    SmallVector<OpFoldResult> sizes =
        getMixedValues(expand.getStaticOutputShape(), expand.getOutputShape(), rewriter);
    SmallVector<OpFoldResult> strides(type.getRank());
    for (auto [i, group] : llvm::enumerate(expand.getReassociationIndices())) {
      OpFoldResult stride = knownOr(rewriter, sourceStrides[i], source.getStrides()[i]);
      for (int64_t dim : llvm::reverse(group)) {
        strides[dim] = knownOr(rewriter, knownStrides[dim], stride);
        stride = multiply(rewriter, loc, strides[dim], sizes[dim]);
      }
    }
    OpFoldResult offset = knownOr(rewriter, knownOffset, source.getOffset());
    rewriter.replaceOpWithNewOp<memref::ReinterpretCastOp>(expand, type, source.getBaseBuffer(),
                                                           offset, sizes, strides);
    ++numReshapes;
  }

  static OpFoldResult multiply(OpBuilder &builder, Location loc, OpFoldResult a, OpFoldResult b) {
    auto x = getConstantIntValue(a), y = getConstantIntValue(b);
    if (x && y)
      return builder.getIndexAttr(*x * *y);
    if (x == 1)
      return b;
    return arith::MulIOp::create(builder, loc, getValueOrCreateConstantIndexOp(builder, loc, a),
                                 getValueOrCreateConstantIndexOp(builder, loc, b))
        .getResult();
  }
};

} // namespace
} // namespace nnc::codegen
