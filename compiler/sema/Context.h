// What code may use while a function is under construction, and what bounds its elaboration.
#pragma once

#include "compiler/sema/Instance.h"

#include "llvm/ADT/ArrayRef.h"

#include <functional>

namespace nnc::sema {

class DataElaborator;

/// Bounds that keep any input from exhausting time, memory or the stack.
struct ElaborationLimits {
  unsigned depth = 1200; ///< of expressions and calls, nested
  unsigned calls = 129;  ///< of calls alone, that of the model included
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  size_t steps = 50'000; ///< under sanitizers and coverage, two million take minutes
#else
  size_t steps = 500'000; ///< expressions evaluated
#endif
  int64_t passes = 10'000;      ///< of all `for` and `repeat` of one function, together
  size_t sequenceLength = 4096; ///< of a list or tuple
  unsigned sequenceDepth = 8;   ///< of lists in lists
  size_t rank = 16;             ///< of a tensor
  unsigned regions = 8;         ///< of scans and gradients in each other
  unsigned evaluations = 32;    ///< passes over a part, each with the network in it
};

/// A reduction as it was written.
struct ReductionCall {
  enum class Kind { Sum, Mean, Max, Min };
  Kind kind;
  const Node *x;
  std::vector<int64_t> axes; ///< sorted; every one where none was given
  bool hasAxis;              ///< whether `axis:` was given
  bool keep;
  SourceRange range;
};

/// What the function under construction is given. Whoever elaborates one sets it (ContextGuard) and
/// lists the nodes that it used among the function's inputs. Null: there is none.
struct FunctionContext {
  /// What `training` is; nothing where it has no meaning yet (a check without a caller).
  std::optional<bool> training;
  const Node *step = nullptr;    ///< f64 scalar: the name `step`, in schedules and optimizers
  const Node *steps = nullptr;   ///< f64 scalar: the name `steps`
  const Node *seed = nullptr;    ///< i64 scalar: draws are allowed where it is set
  const Node *draw = nullptr;    ///< i64 scalar, of draws outside of initial values
  const Node *example = nullptr; ///< i64 scalar, likewise
  /// Of an initial value: where its draws are numbered. Else they belong to the nearest instance.
  DrawPlaces *draws = nullptr;
  /// Called for every reduction; where it gives a value, that is the reduction's. Metrics turn
  /// those without an axis into totals over the evaluated part.
  std::function<std::optional<Value>(const ReductionCall &)> reduce;
  /// What a total over the evaluated part is of the batch at hand, whose gradient is the total's;
  /// null where it is none, or more than a sum. `range`: of who takes the gradient.
  std::function<const Node *(const Node *total, SourceRange range)> ofBatch;
  /// Whether `u` reads a total over the evaluated part that depends on `x`, so that a gradient by
  /// `x` is not of one batch. `range`: of who takes the gradient.
  std::function<bool(const Node *u, const Node *x, SourceRange range)> joinsBatches;
  /// The number (i64 scalar) that the category has for the class `name`; nothing: not a category.
  /// Unknown after an error.
  std::function<std::optional<Value>(const Node *category, const std::string &name, SourceRange)>
      classNumber;
  /// In code over the rows of a data set: who gives it columns (`numbers`, `number`, `category`).
  DataElaborator *data = nullptr;
  /// f64 scalar, likewise: the name `rows` as a number.
  const Node *rows = nullptr;
  /// Whether the parameter of this path is frozen: a layer all of whose parameters are runs as in
  /// evaluation.
  std::function<bool(const std::string &path)> isFrozen;
};

} // namespace nnc::sema
