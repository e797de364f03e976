// Shapes: what types agree, the sizes of a value, and small builders that need them.
#pragma once

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/APFloat.h"

namespace mlir::nn {

/// Whether the types have equal element types, and shapes equal where both are static.
bool areCompatible(TypeRange lhs, TypeRange rhs);
/// Whether it is a tensor of floats.
bool isFloatTensor(Type type);
/// Whether numbers of this element type have no sign: ui8, and truth values.
bool isUnsigned(Type element);
/// The same of a tensor's elements, whose scalars look like signed ones.
bool isUnsigned(Value tensor);
/// The type of a value that is a ranked tensor.
RankedTensorType typeOf(Value tensor);
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
/// The sizes of a tensor as a type of its shape has them: attributes where the type is static,
/// values where it isn't.
SmallVector<OpFoldResult> getSizesAs(OpBuilder &builder, Location loc, Value tensor,
                                     RankedTensorType type);
/// The shape that mixed sizes make, kDynamic where they are values.
SmallVector<int64_t> getStaticShape(ArrayRef<OpFoldResult> sizes);
/// The sum of two sizes, static where both are.
OpFoldResult addSizes(OpBuilder &builder, Location loc, OpFoldResult a, OpFoldResult b);
/// The sum of two sizes from 0, and how long a row of `size` elements `stride` apart is: 0 of none,
/// the greatest int64_t beyond it.
int64_t saturatingAdd(int64_t a, int64_t b);
int64_t saturatingSpan(int64_t size, int64_t stride);
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
/// The value as one of this type, which may know more or less of its sizes: an nn.reshape, or the
/// value itself where the types are equal. What isn't a tensor is given back.
Value buildAs(ImplicitLocOpBuilder &builder, Value value, Type type);

/// The one value that every element of `value` has, if it is a constant seen through nn.broadcast
/// and nn.reshape.
std::optional<APFloat> getSplatFloat(Value value);
std::optional<APInt> getSplatInt(Value value);
Attribute getSplat(Value value);

} // namespace mlir::nn
