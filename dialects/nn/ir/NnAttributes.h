// The attributes that the nn dialect puts on functions, their arguments and results, and loops.
// The dialect verifies them: NnAttributes.cpp.
#pragma once

#include "llvm/ADT/StringRef.h"

namespace mlir::nn {

//===- On functions ---------------------------------------------------------------------------===//

/// Marks an entry, a function that a program's runtime calls; its name ("step").
inline constexpr llvm::StringLiteral kEntryAttr = "nn.entry";
/// The names of entries; those of one of several blocks or passes go on with a '.' and which.
inline constexpr llvm::StringLiteral kInitEntry = "init";
inline constexpr llvm::StringLiteral kInitTrainingEntry = "init_training";
inline constexpr llvm::StringLiteral kPredictEntry = "predict";
inline constexpr llvm::StringLiteral kNextEntry = "next";
inline constexpr llvm::StringLiteral kStepEntry = "step";
inline constexpr llvm::StringLiteral kGradientEntry = "gradient";
inline constexpr llvm::StringLiteral kUpdateEntry = "update";
inline constexpr llvm::StringLiteral kEvaluateEntry = "evaluate";
inline constexpr llvm::StringLiteral kFinishEntry = "finish";
inline constexpr llvm::StringLiteral kFitEntry = "fit";
inline constexpr llvm::StringLiteral kPrepareEntry = "prepare";
/// One number per argument: the value of an index argument to compile for, or -1.
inline constexpr llvm::StringLiteral kSpecializeAttr = "nn.specialize";
/// On buffers: the types of the arguments, the workspace left out.
inline constexpr llvm::StringLiteral kArgumentsAttr = "nn.arguments";
/// On buffers: for each argument, what kDimsAttr says.
inline constexpr llvm::StringLiteral kArgumentDimsAttr = "nn.argument_dims";
/// After memory planning: the workspace's bytes where they don't depend on scalars.
inline constexpr llvm::StringLiteral kWorkspaceBytesAttr = "nn.workspace_bytes";
/// Other object files of the same program call the function, or have it.
inline constexpr llvm::StringLiteral kHiddenAttr = "nn.hidden";

//===- On arguments and results ---------------------------------------------------------------===//

/// On a tensor with symbolic dimensions: for each, the number of the index argument that holds its
/// size. May be left out where the function has one index argument.
inline constexpr llvm::StringLiteral kDimsAttr = "nn.dims";
/// On an argument: differentiate with respect to it.
inline constexpr llvm::StringLiteral kWrtAttr = "nn.wrt";
/// On an argument: it is the runtime's context, through which loops of tasks find threads.
inline constexpr llvm::StringLiteral kContextAttr = "nn.context";
/// On a result: the number of the argument that it replaces in place.
inline constexpr llvm::StringLiteral kTiedAttr = "nn.tied";
/// On a result: the number of the argument whose gradient it is.
inline constexpr llvm::StringLiteral kGradientOfAttr = "nn.gradient_of";

} // namespace mlir::nn
