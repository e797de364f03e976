// The attributes of the train dialect, and the names of those that it puts on functions.
#pragma once

#include "mlir/IR/Attributes.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

#include "dialects/train/ir/TrainEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/train/ir/TrainAttributes.h.inc"

namespace mlir::train {

/// On an argument or result: what it is bound to.
inline constexpr llvm::StringLiteral kBindAttr = "train.bind";
/// On an entry: the values of dimensions that it is compiled for.
inline constexpr llvm::StringLiteral kDimsOfEntryAttr = "train.dims";
/// On a function that a model names, and on an entry: what it needs of the dimensions.
inline constexpr llvm::StringLiteral kNeedsAttr = "train.needs";

/// What an argument of a function, or a result, is bound to; null where it isn't.
BindAttr getArgumentBinding(FunctionOpInterface function, unsigned index);
BindAttr getResultBinding(FunctionOpInterface function, unsigned index);

/// Of what a pass over a part gives, how many are totals: what has a known shape, which comes
/// first. The others are rows of what is collected.
size_t countTotals(TypeRange results);
/// Whether it can be that of a total or a result: f64s of a known shape.
bool isTotal(Type type);
/// How many numbers totals or results have together. Each is bound by that of its first one.
int64_t countNumbers(TypeRange totals);

/// What a function needs of the dimensions.
SmallVector<NeedAttr> getNeeds(FunctionOpInterface function);

} // namespace mlir::train
