// What the patterns that lower nn to linalg share.
#include "dialects/nn/lowering/Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::nn;

SignlessConverter::SignlessConverter() {
  addConversion([](Type type) { return type; });
  addConversion([](IntegerType type) -> Type {
    return IntegerType::get(type.getContext(), type.getWidth());
  });
  addConversion([this](RankedTensorType type) -> Type {
    return withElement(type, convertType(type.getElementType()));
  });
  auto castBetween = [](OpBuilder &builder, Type type, ValueRange inputs, Location loc) -> Value {
    return UnrealizedConversionCastOp::create(builder, loc, type, inputs).getResult(0);
  };
  addSourceMaterialization(castBetween);
  addTargetMaterialization(castBetween);
}

LoweringInfo::LoweringInfo(Operation *root) {
  KnownSizes known;
  root->walk([&](Operation *op) {
    if (!isa_and_present<NnDialect>(op->getDialect()))
      return;
    OpBuilder builder(op);
    for (Value result : op->getResults())
      sizes[result] = nn::getSizes(builder, op->getLoc(), result, &known);
    for (Value operand : op->getOperands()) {
      if (isa<RankedTensorType>(operand.getType()) && !sizes.contains(operand))
        sizes[operand] = nn::getSizes(builder, op->getLoc(), operand, &known);
      if (Attribute splat = nn::getSplat(operand))
        splats[operand] = splat;
    }
  });
}

SmallVector<OpFoldResult> LoweringInfo::getSizes(ConversionPatternRewriter &rewriter,
                                                 Value tensor) const {
  SmallVector<OpFoldResult> mapped = sizes.lookup(tensor);
  auto type = cast<RankedTensorType>(tensor.getType());
  for (auto [size, known] : llvm::zip_equal(mapped, type.getShape()))
    if (auto value = dyn_cast<Value>(size))
      size = rewriter.getRemappedValue(value);
    else if (ShapedType::isDynamic(known))
      // The type says less than the sizes: keep it, since users of the value expect it.
      size = getValueOrCreateConstantIndexOp(rewriter, tensor.getLoc(), size);
  return mapped;
}

Value nn::buildEmpty(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> sizes, Type element) {
  return tensor::EmptyOp::create(b, sizes, element);
}

Value nn::buildFilled(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> sizes, TypedAttr value) {
  Value scalar = arith::ConstantOp::create(b, value);
  Value empty = buildEmpty(b, sizes, value.getType());
  return linalg::FillOp::create(b, scalar, empty).getResult(0);
}

Type nn::getAccumulatorType(Type element) {
  if (element.isF16() || element.isBF16())
    return Float32Type::get(element.getContext());
  return element;
}

Type nn::getSumType(Type element, std::optional<int64_t> count) {
  // So few f32 lose no digit that counts.
  constexpr int64_t few = 64;
  if (isa<FloatType>(element) && (!count || *count > few))
    return Float64Type::get(element.getContext());
  return getAccumulatorType(element);
}

Value nn::buildParallel(ImplicitLocOpBuilder &b, ValueRange inputs, ArrayRef<AffineMap> inputMaps,
                        ArrayRef<OpFoldResult> sizes, Type element,
                        function_ref<Value(ImplicitLocOpBuilder &, ValueRange)> body) {
  Value empty = buildEmpty(b, sizes, element);
  SmallVector<AffineMap> maps(inputMaps);
  maps.push_back(b.getMultiDimIdentityMap(sizes.size()));
  SmallVector<utils::IteratorType> iterators(sizes.size(), utils::IteratorType::parallel);
  auto generic =
      linalg::GenericOp::create(b, empty.getType(), inputs, empty, maps, iterators,
                                [&](OpBuilder &nested, Location loc, ValueRange scalars) {
                                  ImplicitLocOpBuilder inner(loc, nested);
                                  linalg::YieldOp::create(inner, body(inner, scalars.drop_back()));
                                });
  return generic.getResult(0);
}

Value nn::buildMap(ImplicitLocOpBuilder &b, Value input, ArrayRef<OpFoldResult> sizes, Type element,
                   function_ref<Value(ImplicitLocOpBuilder &, Value)> body) {
  return buildParallel(
      b, input, b.getMultiDimIdentityMap(sizes.size()), sizes, element,
      [&](ImplicitLocOpBuilder &inner, ValueRange scalars) { return body(inner, scalars[0]); });
}

Value nn::buildRounded(ImplicitLocOpBuilder &b, Value sums, ArrayRef<OpFoldResult> sizes,
                       Type element) {
  if (getElementTypeOrSelf(sums.getType()) == element)
    return sums;
  return buildMap(b, sums, sizes, element, [&](ImplicitLocOpBuilder &inner, Value sum) {
    return arith::TruncFOp::create(inner, element, sum);
  });
}

Value nn::buildAddInto(ImplicitLocOpBuilder &b, Value sums, Value added) {
  auto type = cast<RankedTensorType>(sums.getType());
  Type element = type.getElementType();
  AffineMap identity = b.getMultiDimIdentityMap(type.getRank());
  SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
  auto sum = linalg::GenericOp::create(
      b, type, added, sums, ArrayRef<AffineMap>{identity, identity}, iterators,
      [&](OpBuilder &nested, Location loc, ValueRange s) {
        ImplicitLocOpBuilder inner(loc, nested);
        Value value = s[0];
        if (value.getType() != element)
          value = arith::ExtFOp::create(inner, element, value);
        Value total = isa<FloatType>(element) ? Value(arith::AddFOp::create(inner, s[1], value))
                                              : Value(arith::AddIOp::create(inner, s[1], value));
        linalg::YieldOp::create(inner, total);
      });
  return sum.getResult(0);
}

nn::PartOfTensor::PartOfTensor(Builder &b, ArrayRef<OpFoldResult> whole)
    : offsets(whole.size(), b.getIndexAttr(0)), sizes(whole),
      strides(whole.size(), b.getIndexAttr(1)), dropped(whole.size()) {}

void nn::PartOfTensor::pick(int64_t dim, OpFoldResult offset) {
  offsets[dim] = offset;
  sizes[dim] = Builder(offset.getContext()).getIndexAttr(1);
  dropped.set(dim);
}

/// The shape of a part without what is dropped.
static SmallVector<int64_t> getShape(const nn::PartOfTensor &part) {
  SmallVector<int64_t> shape;
  for (auto [dim, size] : llvm::enumerate(getStaticShape(part.sizes)))
    if (!part.dropped.test(dim))
      shape.push_back(size);
  return shape;
}

/// Whether the shape is the same where the first dimensions of size 1 are dropped.
static bool isCanonical(const nn::PartOfTensor &part) {
  unsigned left = part.dropped.count();
  SmallVector<int64_t> shape;
  for (int64_t size : getStaticShape(part.sizes))
    if (size == 1 && left)
      --left;
    else
      shape.push_back(size);
  return shape == getShape(part);
}

/// Of each dimension that is kept, those that it takes with it.
static SmallVector<ReassociationIndices> getGroups(const nn::PartOfTensor &part) {
  SmallVector<ReassociationIndices> groups;
  bool hasKept = false;
  for (int64_t dim = 0, rank = part.sizes.size(); dim < rank; ++dim) {
    bool isKept = !part.dropped.test(dim);
    if (groups.empty() || (isKept && hasKept))
      groups.emplace_back();
    groups.back().push_back(dim);
    hasKept |= isKept;
  }
  return groups;
}

Value nn::buildExtract(ImplicitLocOpBuilder &b, Value whole, const PartOfTensor &part) {
  auto type = RankedTensorType::get(getShape(part), getElementTypeOrSelf(whole.getType()));
  if (isCanonical(part))
    return tensor::ExtractSliceOp::create(b, type, whole, part.offsets, part.sizes, part.strides);
  Value slice = tensor::ExtractSliceOp::create(b, whole, part.offsets, part.sizes, part.strides);
  return tensor::CollapseShapeOp::create(b, type, slice, getGroups(part));
}

Value nn::buildInsert(ImplicitLocOpBuilder &b, Value value, Value whole, const PartOfTensor &part) {
  if (!isCanonical(part)) {
    auto type =
        RankedTensorType::get(getStaticShape(part.sizes), getElementTypeOrSelf(value.getType()));
    value = tensor::ExpandShapeOp::create(b, type, value, getGroups(part), part.sizes);
  }
  return tensor::InsertSliceOp::create(b, value, whole, part.offsets, part.sizes, part.strides);
}

/// The reassociation that makes one dimension of all `rank`; none for rank 0.
static SmallVector<ReassociationIndices> collapseAll(int64_t rank) {
  if (rank == 0)
    return {};
  return {llvm::to_vector<2>(llvm::seq<int64_t>(0, rank))};
}

Value nn::buildSignlessReshape(ImplicitLocOpBuilder &b, Value operand,
                               ArrayRef<OpFoldResult> sizes) {
  auto type = cast<RankedTensorType>(operand.getType());
  auto result = RankedTensorType::get(getStaticShape(sizes), type.getElementType());
  if (type == result && type.getNumDynamicDims() <= 1)
    return operand;
  auto direct = type.getRank() == result.getRank()
                    ? std::nullopt
                    : getReassociationIndicesForReshape(type, result);
  if (direct && type.getRank() > result.getRank())
    return tensor::CollapseShapeOp::create(b, result, operand, *direct);
  if (direct)
    return tensor::ExpandShapeOp::create(b, result, operand, *direct, sizes);

  // By way of one dimension. A static result makes it static, however it was reached.
  if (type.getRank() != 1) {
    int64_t elements = type.hasStaticShape() ? type.getNumElements() : ShapedType::kDynamic;
    auto flat = RankedTensorType::get(elements, type.getElementType());
    operand =
        type.getRank() == 0
            ? Value(tensor::ExpandShapeOp::create(b, flat, operand,
                                                  ArrayRef<ReassociationIndices>(),
                                                  ArrayRef<OpFoldResult>(b.getIndexAttr(1))))
            : Value(tensor::CollapseShapeOp::create(b, flat, operand, collapseAll(type.getRank())));
  }
  if (result.hasStaticShape() && !cast<RankedTensorType>(operand.getType()).hasStaticShape())
    operand = tensor::CastOp::create(
        b, RankedTensorType::get(result.getNumElements(), type.getElementType()), operand);
  if (result.getRank() == 1 && operand.getType() == result)
    return operand;
  if (result.getRank() == 0)
    return tensor::CollapseShapeOp::create(b, result, operand, ArrayRef<ReassociationIndices>());
  if (result.getRank() == 1)
    return tensor::CastOp::create(b, result, operand);
  if (!result.hasStaticShape() && cast<RankedTensorType>(operand.getType()).hasStaticShape())
    operand = tensor::CastOp::create(
        b, RankedTensorType::get(ShapedType::kDynamic, type.getElementType()), operand);
  return tensor::ExpandShapeOp::create(b, result, operand, collapseAll(result.getRank()), sizes);
}

Value nn::buildClampedIndex(ImplicitLocOpBuilder &b, Value index, Value size) {
  Value position = arith::IndexCastOp::create(b, b.getIndexType(), index);
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value one = arith::ConstantIndexOp::create(b, 1);
  Value last = arith::SubIOp::create(b, size, one);
  // The lower bound last, so that an empty table gives 0 rather than -1.
  return arith::MaxSIOp::create(b, arith::MinSIOp::create(b, position, last), zero);
}
