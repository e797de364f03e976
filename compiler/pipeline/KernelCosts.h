// What the kernels of an entry cost, counted from the operations in them.
#pragma once

#include "compiler/codegen/Target.h"

#include "dialects/kernel/ir/KernelOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <optional>
#include <string>
#include <vector>

namespace nnc {

/// What the operations that stem from one place of the source compute in a kernel.
struct PlaceCost {
  mlir::Location place;
  std::optional<uint64_t> flops; ///< of one call
};

/// A kernel, and all calls of it in one entry. A number is none where it depends on a size that is
/// known only when the program runs.
struct KernelCost {
  std::string name; ///< that of its function
  /// In the source, one for each call in the entry's text; the entry's own of a constant.
  std::vector<mlir::Location> places;
  /// What is fused in it; empty where it computes no floats. Of equal kernels that were folded
  /// into one, the places of the first.
  std::vector<PlaceCost> parts;
  std::optional<uint64_t> calls; ///< while the entry runs once
  /// Floating-point operations of all calls: one for each result of an operation that computes
  /// floats, whatever it computes; none for what converts or moves them.
  std::optional<uint64_t> flops;
  /// Bytes that all calls move between the kernel and its arguments: each input that is read and
  /// each result once a call, however often a kernel reads them. Of what it only looks things up
  /// in, those that it looks at.
  std::optional<uint64_t> bytes;
  /// By the roofline: the greater of `flops` and of what the target computes while it moves
  /// `bytes`; in floating-point operations. 0 where these aren't known.
  double time = 0;
  /// Whether it is the bytes that take so long.
  bool isBoundByMemory = false;
};

/// The kernels that `entry` calls, in order of their first calls. Their bodies are linalg on
/// tensors (stage kernels, and what SeparateKernels::takeApart() leaves).
std::vector<KernelCost> listKernels(mlir::func::FuncOp entry, const codegen::Target &target);

} // namespace nnc
