// Shapes: what types agree, the sizes of a value, and small builders that need them.
#pragma once

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/APFloat.h"

namespace mlir::nn {

/// Whether the types have equal element types, and shapes equal where both are static.
bool areCompatible(TypeRange lhs, TypeRange rhs);
/// A tensor type of this shape, with elements i1.
Type withI1(Type type);
/// A tensor type of this shape, with other elements.
RankedTensorType withElement(RankedTensorType type, Type element);

/// Sizes of tensors that have been found, by tensor and dimension.
using KnownSizes = DenseMap<std::pair<Value, int64_t>, OpFoldResult>;
/// The size of a tensor along a dimension: an attribute where it is static, an `index` value where
/// it isn't. A value is found where it was first given (sizes of a defining op, `nn.dims` of a
/// function argument), which takes a step per operation on the way; only if that fails, a
/// `tensor.dim` is built. One who asks for the sizes of many values in their order gives `known`,
/// to find them in a step each; no operation on their way may change in between.
OpFoldResult getSize(OpBuilder &builder, Location loc, Value tensor, int64_t dimension,
                     KnownSizes *known = nullptr);
/// The sizes of a tensor along all dimensions.
SmallVector<OpFoldResult> getSizes(OpBuilder &builder, Location loc, Value tensor,
                                   KnownSizes *known = nullptr);
/// The shape that mixed sizes make, kDynamic where they are values.
SmallVector<int64_t> getStaticShape(ArrayRef<OpFoldResult> sizes);
/// The numbers of the index arguments that are the sizes of the `?` of a function argument: its
/// attribute `nn.dims`, or where it has none the function's only index argument. None if neither
/// says.
std::optional<SmallVector<int64_t>> getDimArguments(BlockArgument argument);

/// `value` as a rank-0 constant of the element type: floats rounded to nearest, integers truncated.
Value buildScalarConstant(ImplicitLocOpBuilder &builder, Type element, double value);
/// A constant tensor with the type and sizes of `like`: every element is `value`.
Value buildConstantLike(ImplicitLocOpBuilder &builder, Value like, double value);
/// nn.broadcast of `operand` to the type and sizes of `like`.
Value buildBroadcastLike(ImplicitLocOpBuilder &builder, Value operand, ArrayRef<int64_t> dimensions,
                         Value like);
/// nn.broadcast, nn.reshape of `operand` to the sizes; `operand` itself where that is no change.
Value buildBroadcast(ImplicitLocOpBuilder &builder, Value operand, ArrayRef<int64_t> dimensions,
                     ArrayRef<OpFoldResult> sizes);
Value buildReshape(ImplicitLocOpBuilder &builder, Value operand, ArrayRef<OpFoldResult> sizes);

/// The one value that every element of `value` has, if it is a constant seen through nn.broadcast
/// and nn.reshape.
std::optional<APFloat> getSplatFloat(Value value);
std::optional<APInt> getSplatInt(Value value);
Attribute getSplat(Value value);

} // namespace mlir::nn
