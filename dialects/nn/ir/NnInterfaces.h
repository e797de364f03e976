// The op interfaces of the nn dialect, and what their verifiers and defaults share.
#pragma once

#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

namespace mlir::OpTrait {
// mlir::Op derives from a trait and constructs it, not the op, so the op as a friend is not enough.
// NOLINTBEGIN(bugprone-crtp-constructor-accessibility)
/// The op's result is made of elements of its operands (and zeros), each as it is.
template <typename ConcreteType>
class NnMovesElements : public TraitBase<ConcreteType, NnMovesElements> {};
/// Each element of the result is one of the first operand's, perhaps of another type: what holds
/// for all of these holds for it.
template <typename ConcreteType>
class NnCarriesIndex : public TraitBase<ConcreteType, NnCarriesIndex> {};
/// The derivative is 0 wherever there is one, or by definition.
template <typename ConcreteType> class NnFlat : public TraitBase<ConcreteType, NnFlat> {};
/// Two floating-point operations for each point of the space that the letters of its attribute
/// `equation` span.
template <typename ConcreteType>
class NnSumsProducts : public TraitBase<ConcreteType, NnSumsProducts> {};
/// Each element of the first operand is combined with others: one operation for each.
template <typename ConcreteType>
class NnCombinesElements : public TraitBase<ConcreteType, NnCombinesElements> {};
/// Its body is run forwards, and then backwards.
template <typename ConcreteType>
class NnDifferentiates : public TraitBase<ConcreteType, NnDifferentiates> {};
// NOLINTEND(bugprone-crtp-constructor-accessibility)
} // namespace mlir::OpTrait

namespace mlir::nn {

/// The attribute of operations with mixed sizes that holds those that are constant.
inline constexpr llvm::StringLiteral kStaticSizesAttr = "static_sizes";
/// Where a size comes from: it is `size`; else that of `tensor` along `dimension`; else, if
/// `tensor` is null, it can only be read from the value itself.
struct SizeOrigin {
  OpFoldResult size;
  Value tensor;
  int64_t dimension = 0;

  static SizeOrigin of(Value tensor, int64_t dimension) { return {{}, tensor, dimension}; }
};

} // namespace mlir::nn

namespace mlir::nn::detail {

LogicalResult verifyElementwise(Operation *op);
LogicalResult verifyMixedSizes(Operation *op);
LogicalResult verifyBodies(Operation *op);
/// The default of NnDifferentiableOpInterface::isDifferentiableWrt.
bool isFloatToFloat(Operation *op, unsigned operand);

} // namespace mlir::nn::detail

#include "dialects/nn/ir/NnInterfaces.h.inc"
