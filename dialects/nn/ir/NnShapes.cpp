// Shapes: what types agree, the sizes of a value, and small builders that need them.
#include "dialects/nn/ir/NnShapes.h"
#include "dialects/nn/ir/NnAttributes.h"

#include "dialects/nn/ir/NnOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace mlir::nn;

bool nn::areCompatible(TypeRange lhs, TypeRange rhs) {
  return llvm::equal(lhs, rhs, [](Type a, Type b) {
    return getElementTypeOrSelf(a) == getElementTypeOrSelf(b) &&
           succeeded(verifyCompatibleShape(a, b));
  });
}

bool nn::isFloatTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && isa<FloatType>(tensor.getElementType());
}

bool nn::isUnsigned(Type element) {
  auto type = dyn_cast<IntegerType>(element);
  return type && (type.isUnsigned() || type.getWidth() == 1);
}

bool nn::isUnsigned(Value tensor) { return isUnsigned(getElementTypeOrSelf(tensor.getType())); }

RankedTensorType nn::typeOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()); }

RankedTensorType nn::withElement(RankedTensorType type, Type element) {
  return RankedTensorType::get(type.getShape(), element, type.getEncoding());
}

Type nn::withI1(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? withElement(tensor, IntegerType::get(type.getContext(), 1)) : type;
}

std::optional<SmallVector<int64_t>> nn::getDimArguments(BlockArgument argument) {
  auto function = dyn_cast_if_present<FunctionOpInterface>(argument.getOwner()->getParentOp());
  auto type = dyn_cast<RankedTensorType>(argument.getType());
  if (!function || !type || !argument.getOwner()->isEntryBlock())
    return std::nullopt;
  if (auto dims = function.getArgAttrOfType<DenseI64ArrayAttr>(argument.getArgNumber(), kDimsAttr))
    return SmallVector<int64_t>(dims.asArrayRef());
  SmallVector<int64_t> indices;
  for (BlockArgument other : function.getArguments())
    if (other.getType().isIndex())
      indices.push_back(other.getArgNumber());
  if (indices.size() != 1)
    return std::nullopt;
  return SmallVector<int64_t>(type.getNumDynamicDims(), indices.front());
}

/// A size of an argument of a body: where its op is given it as an operand of its own, the argument
/// that this is within the body; else it is read from the tensor.
static OpFoldResult getBodyArgumentSize(OpBuilder &builder, Location loc, BlockArgument argument,
                                        int64_t dimension, NnBodyOpInterface op) {
  unsigned body = argument.getParentRegion()->getRegionNumber();
  if (Value operand = op.getBodyOperand(body, argument.getArgNumber())) {
    OpBuilder outside(op);
    if (auto size = dyn_cast<Value>(nn::getSize(outside, loc, operand, dimension)))
      for (BlockArgument other : argument.getOwner()->getArguments())
        if (other.getType().isIndex() && op.getBodyOperand(body, other.getArgNumber()) == size)
          return other;
  }
  return tensor::getMixedSize(builder, loc, argument, dimension);
}

/// A size that a block argument's type doesn't tell.
static OpFoldResult getArgumentSize(OpBuilder &builder, Location loc, BlockArgument argument,
                                    int64_t dimension) {
  if (auto op = dyn_cast_if_present<NnBodyOpInterface>(argument.getOwner()->getParentOp()))
    return getBodyArgumentSize(builder, loc, argument, dimension, op);
  if (std::optional<SmallVector<int64_t>> dims = getDimArguments(argument)) {
    auto type = cast<RankedTensorType>(argument.getType());
    return argument.getOwner()->getArgument((*dims)[type.getDynamicDimIndex(dimension)]);
  }
  return tensor::getMixedSize(builder, loc, argument, dimension);
}

OpFoldResult nn::getSize(OpBuilder &builder, Location loc, Value tensor, int64_t dimension,
                         KnownSizes *known) {
  // Step by step back to where it was given, rather than by recursion: chains are long.
  std::pair<Value, int64_t> wanted(tensor, dimension);
  OpFoldResult size;
  while (!size) {
    auto type = cast<RankedTensorType>(tensor.getType());
    if (!type.isDynamicDim(dimension)) {
      size = builder.getIndexAttr(type.getDimSize(dimension));
      break;
    }
    if (known)
      size = known->lookup({tensor, dimension});
    if (size)
      break;
    if (auto argument = dyn_cast<BlockArgument>(tensor)) {
      size = getArgumentSize(builder, loc, argument, dimension);
      break;
    }
    SizeOrigin origin;
    if (auto op = tensor.getDefiningOp<NnSizedOpInterface>())
      origin = op.getSizeOrigin(builder, cast<OpResult>(tensor).getResultNumber(), dimension);
    size = origin.size;
    if (!size && !origin.tensor)
      size = tensor::getMixedSize(builder, loc, tensor, dimension);
    tensor = origin.tensor;
    dimension = origin.dimension;
  }
  if (known)
    known->try_emplace(wanted, size);
  return size;
}

SmallVector<OpFoldResult> nn::getSizes(OpBuilder &builder, Location loc, Value tensor,
                                       KnownSizes *known) {
  auto type = cast<RankedTensorType>(tensor.getType());
  return llvm::map_to_vector(llvm::seq<int64_t>(0, type.getRank()), [&](int64_t dimension) {
    return getSize(builder, loc, tensor, dimension, known);
  });
}

SmallVector<OpFoldResult> nn::getSizesAs(OpBuilder &builder, Location loc, Value tensor,
                                         RankedTensorType type) {
  SmallVector<OpFoldResult> sizes = getSizes(builder, loc, tensor);
  for (auto [size, known] : llvm::zip_equal(sizes, type.getShape()))
    size = ShapedType::isStatic(known)
               ? OpFoldResult(builder.getIndexAttr(known))
               : OpFoldResult(getValueOrCreateConstantIndexOp(builder, loc, size));
  return sizes;
}

SmallVector<int64_t> nn::getStaticShape(ArrayRef<OpFoldResult> sizes) {
  return llvm::map_to_vector(sizes, [](OpFoldResult size) {
    auto attribute = dyn_cast<Attribute>(size);
    return attribute ? cast<IntegerAttr>(attribute).getInt() : ShapedType::kDynamic;
  });
}

OpFoldResult nn::addSizes(OpBuilder &builder, Location loc, OpFoldResult a, OpFoldResult b) {
  std::optional<int64_t> first = getConstantIntValue(a), second = getConstantIntValue(b);
  if (first && second)
    return builder.getIndexAttr(*first + *second);
  if (first == 0)
    return b;
  if (second == 0)
    return a;
  return arith::AddIOp::create(builder, loc, getValueOrCreateConstantIndexOp(builder, loc, a),
                               getValueOrCreateConstantIndexOp(builder, loc, b))
      .getResult();
}

int64_t nn::saturatingAdd(int64_t a, int64_t b) {
  int64_t sum;
  return llvm::AddOverflow(a, b, sum) ? std::numeric_limits<int64_t>::max() : sum;
}

int64_t nn::saturatingSpan(int64_t size, int64_t stride) {
  int64_t last;
  if (size == 0)
    return 0;
  return llvm::MulOverflow(size - 1, stride, last) ? std::numeric_limits<int64_t>::max()
                                                   : saturatingAdd(last, 1);
}

Value nn::buildScalarConstant(ImplicitLocOpBuilder &builder, Type element, double value) {
  auto type = RankedTensorType::get({}, element);
  if (auto floating = dyn_cast<FloatType>(element)) {
    APFloat rounded(value);
    bool inexact;
    rounded.convert(floating.getFloatSemantics(), APFloat::rmNearestTiesToEven, &inexact);
    return ConstantOp::create(builder, DenseElementsAttr::get(type, rounded));
  }
  APInt integer(element.getIntOrFloatBitWidth(), static_cast<int64_t>(value), /*isSigned=*/true,
                /*implicitTrunc=*/true);
  return ConstantOp::create(builder, DenseElementsAttr::get(type, integer));
}

Value nn::buildBroadcast(ImplicitLocOpBuilder &builder, Value operand, ArrayRef<int64_t> dimensions,
                         ArrayRef<OpFoldResult> sizes) {
  auto type = cast<RankedTensorType>(operand.getType());
  SmallVector<int64_t> shape = getStaticShape(sizes);
  // Every dimension in place, and known to be no repetition.
  if (type.getRank() == static_cast<int64_t>(sizes.size()) &&
      llvm::all_of(llvm::zip(type.getShape(), shape), [](auto pair) {
        auto [from, to] = pair;
        return from == to;
      }))
    return operand;
  SmallVector<Value> dynamic;
  SmallVector<int64_t> fixed;
  dispatchIndexOpFoldResults(sizes, dynamic, fixed);
  return BroadcastOp::create(builder, RankedTensorType::get(shape, type.getElementType()), operand,
                             dimensions, fixed, dynamic);
}

Value nn::buildReshape(ImplicitLocOpBuilder &builder, Value operand, ArrayRef<OpFoldResult> sizes) {
  auto type = cast<RankedTensorType>(operand.getType());
  SmallVector<int64_t> shape = getStaticShape(sizes);
  if (type.hasStaticShape() && type.getShape() == ArrayRef(shape))
    return operand;
  SmallVector<Value> dynamic;
  SmallVector<int64_t> fixed;
  dispatchIndexOpFoldResults(sizes, dynamic, fixed);
  return ReshapeOp::create(builder, RankedTensorType::get(shape, type.getElementType()), operand,
                           fixed, dynamic);
}

Value nn::buildBroadcastLike(ImplicitLocOpBuilder &builder, Value operand,
                             ArrayRef<int64_t> dimensions, Value like) {
  auto type = cast<RankedTensorType>(like.getType());
  return buildBroadcast(builder, operand, dimensions,
                        getSizesAs(builder, builder.getLoc(), like, type));
}

Value nn::buildAs(ImplicitLocOpBuilder &builder, Value value, Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || value.getType() == type)
    return value;
  return buildReshape(builder, value, getSizesAs(builder, builder.getLoc(), value, tensor));
}

Value nn::buildConstantLike(ImplicitLocOpBuilder &builder, Value like, double value) {
  Value scalar = buildScalarConstant(builder, getElementTypeOrSelf(like.getType()), value);
  return buildBroadcastLike(builder, scalar, {}, like);
}

Attribute nn::getSplat(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<BroadcastOp, ReshapeOp>(op))
      break;
    value = op->getOperand(0);
  }
  // Constants have no operands; whether an operation is one costs more to ask, and folds ask often.
  Operation *op = value.getDefiningOp();
  DenseElementsAttr elements;
  if (!op || op->getNumOperands() != 0 || !matchPattern(op, m_Constant(&elements)) ||
      !elements.isSplat())
    return {};
  return elements.getSplatValue<Attribute>();
}

std::optional<APFloat> nn::getSplatFloat(Value value) {
  if (auto attribute = dyn_cast_if_present<FloatAttr>(getSplat(value)))
    return attribute.getValue();
  return std::nullopt;
}

std::optional<APInt> nn::getSplatInt(Value value) {
  if (auto attribute = dyn_cast_if_present<IntegerAttr>(getSplat(value)))
    return attribute.getValue();
  return std::nullopt;
}
