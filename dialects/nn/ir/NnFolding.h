// Constant folding of elementwise operations on splat (in particular rank-0) constants.
#pragma once

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APInt.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace mlir::nn {

using FloatFn = llvm::function_ref<APFloat(const APFloat &)>;
using IntFn = llvm::function_ref<APInt(const APInt &)>;
using FloatBinaryFn = llvm::function_ref<APFloat(const APFloat &, const APFloat &)>;
/// `isUnsigned` tells ui8 and i1 from the signed types.
using IntBinaryFn = llvm::function_ref<APInt(const APInt &, const APInt &, bool isUnsigned)>;

/// The splat constant that the function makes of a splat constant; null where the operands are no
/// such constants or the function for their kind is null.
Attribute foldUnary(Attribute operand, FloatFn onFloat, IntFn onInt);
Attribute foldBinary(Attribute lhs, Attribute rhs, FloatBinaryFn onFloat, IntBinaryFn onInt);
/// A splat constant converted as nn.cast would.
Attribute foldCast(Attribute operand, Type element);
/// The sum of `count` times the product of the splat constants `factors`, at each place of `type`;
/// null where an attribute is no such constant or a size isn't known.
Attribute foldSum(ArrayRef<Attribute> factors, uint64_t count, Type type);

} // namespace mlir::nn
