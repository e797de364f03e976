// What the patterns that lower nn to linalg share. Internal to this folder.
#pragma once

#include "dialects/nn/ir/NnOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/DialectConversion.h"

namespace mlir::nn {

/// Makes tensors and scalars signless: ui8 becomes i8.
class SignlessConverter : public TypeConverter {
public:
  SignlessConverter();
};

/// What is read off the nn operations before any is rewritten, as later their operands are gone.
class LoweringInfo {
public:
  explicit LoweringInfo(Operation *root);

  /// The sizes of a tensor operand or result of an nn op, as values that hold after the signature
  /// was converted.
  SmallVector<OpFoldResult> getSizes(ConversionPatternRewriter &rewriter, Value tensor) const;
  /// The one value of all elements of an operand, or null.
  Attribute getSplat(Value operand) const { return splats.lookup(operand); }

  /// What the end of a pass has to know of a lowered nn.scan: the number of the pass, how many
  /// values are carried, and along which axes the others are stacked.
  struct Scan {
    Value pass;
    unsigned numCarried;
    SmallVector<int64_t> stackAxes;
  };
  mutable DenseMap<Operation *, Scan> scans;
  /// The tensor that nn.windows reads, padding included, by the op's result.
  mutable DenseMap<Value, Value> windowed;

private:
  DenseMap<Value, SmallVector<OpFoldResult>> sizes;
  DenseMap<Value, Attribute> splats;
};

/// A pattern for one nn operation.
template <typename OpTy> class NnLowering : public OpConversionPattern<OpTy> {
public:
  NnLowering(const TypeConverter &converter, MLIRContext *context, const LoweringInfo &info)
      : OpConversionPattern<OpTy>(converter, context), info(info) {}

protected:
  /// The signless type of the result.
  RankedTensorType getResultType(OpTy op) const {
    return cast<RankedTensorType>(this->getTypeConverter()->convertType(op.getType()));
  }
  SmallVector<OpFoldResult> getSizes(ConversionPatternRewriter &rewriter, OpTy op) const {
    return info.getSizes(rewriter, op.getResult());
  }

  const LoweringInfo &info;
};

/// An uninitialised tensor of these sizes.
Value buildEmpty(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> sizes, Type element);
/// A tensor of these sizes whose elements are all `value`.
Value buildFilled(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> sizes, TypedAttr value);
/// The sum's element type: f32 for f16 and bf16, else the type itself.
Type getAccumulatorType(Type element);
/// An elementwise `linalg.generic` from one tensor to another element type by `body`.
Value buildMap(ImplicitLocOpBuilder &b, Value input, ArrayRef<OpFoldResult> sizes, Type element,
               function_ref<Value(ImplicitLocOpBuilder &, Value)> body);
/// What was summed as getAccumulatorType() says, in the element type.
Value buildRounded(ImplicitLocOpBuilder &b, Value sums, ArrayRef<OpFoldResult> sizes, Type element);
/// `sums + added` for tensors of one shape, in the element type of `sums` and in its place.
Value buildAddInto(ImplicitLocOpBuilder &b, Value sums, Value added);
/// Where a part of a tensor lies, and which of its dimensions, of size 1, the part alone has not.
struct PartOfTensor {
  SmallVector<OpFoldResult> offsets, sizes, strides;
  llvm::SmallBitVector dropped;

  /// All of a tensor of these sizes.
  PartOfTensor(Builder &b, ArrayRef<OpFoldResult> whole);
  /// Takes one position of a dimension, which is dropped.
  void pick(int64_t dim, OpFoldResult offset);
};
/// Slices that drop dimensions are not always slices of one op. Where the dimensions of size 1 that
/// are dropped are not the first of that size, upstream's canonicalisation takes others, and gives
/// the part another shape (llvm/llvm-project#178118, #217361): there, a reshape drops them.
Value buildExtract(ImplicitLocOpBuilder &b, Value whole, const PartOfTensor &part);
Value buildInsert(ImplicitLocOpBuilder &b, Value value, Value whole, const PartOfTensor &part);
/// Builds a `linalg.generic` with parallel iterators over one output, `body` given the scalars of
/// the inputs.
Value buildParallel(ImplicitLocOpBuilder &b, ValueRange inputs, ArrayRef<AffineMap> inputMaps,
                    ArrayRef<OpFoldResult> sizes, Type element,
                    function_ref<Value(ImplicitLocOpBuilder &, ValueRange)> body);
/// The operand in another shape with as many elements, by collapsing and expanding dimensions.
Value buildSignlessReshape(ImplicitLocOpBuilder &b, Value operand, ArrayRef<OpFoldResult> sizes);
/// The index, held within 0 and the last of `size` positions, as an `index`.
Value buildClampedIndex(ImplicitLocOpBuilder &b, Value index, Value size);

/// Where in its operand (padded) nn.windows finds the element at a place of its result.
SmallVector<AffineExpr> getWindowPlaces(WindowsOp op, ArrayRef<AffineExpr> place);
/// The sum's element type where `count` elements are added, or as many as isn't known: wide enough
/// for the error not to grow with them.
Type getSumType(Type element, std::optional<int64_t> count);

struct Lowering {
  const TypeConverter &converter;
  const LoweringInfo &info;
};
void populateConstantLowerings(RewritePatternSet &patterns, const Lowering &lowering);
void populateContractionLowerings(RewritePatternSet &patterns, const Lowering &lowering);
void populateElementwiseLowerings(RewritePatternSet &patterns, const Lowering &lowering);
void populateLookupLowerings(RewritePatternSet &patterns, const Lowering &lowering);
void populateRandomLowerings(RewritePatternSet &patterns, const Lowering &lowering);
void populateReductionLowerings(RewritePatternSet &patterns, const Lowering &lowering);
void populateScanLowerings(RewritePatternSet &patterns, const Lowering &lowering);
void populateShapeLowerings(RewritePatternSet &patterns, const Lowering &lowering);
void populateWindowLowerings(RewritePatternSet &patterns, const Lowering &lowering);

} // namespace mlir::nn
