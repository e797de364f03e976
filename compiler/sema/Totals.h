// Losses and metrics over a whole part: reductions become totals that are added up over its
// batches, and what mixes examples in another way is given all of them.
#pragma once

#include "compiler/sema/Elaborator.h"
#include "compiler/sema/Examples.h"

namespace nnc::sema {

/// Warns where the examples of a batch met on the way to what models gave: their authors meant it.
void warnOfMeetings(Elaborator &e, ExampleAnalysis &examples);

/// Gathers the totals that the losses and metrics of one recipe need, and cuts the passes.
///
/// `sqrt(mean((x - mean(x)) ^ 2))` takes two passes: the first adds up x and its count, the second
/// the squares of what is left when their quotient is taken off.
///
/// `median(x)` is no function of totals. Passes collect x, a row for each example, and `finish`
/// computes the median of all rows: there the batch is the whole part.
class Totals {
public:
  /// `batch`: the dimension of examples; `columns`: inputs that have them first; `batchwise`: other
  /// inputs that differ between batches; `scalars`: those that are there without a batch.
  Totals(Elaborator &e, const Dim &batch, llvm::ArrayRef<const Node *> columns,
         llvm::ArrayRef<const Node *> batchwise, llvm::ArrayRef<const Node *> scalars);

  /// Another input that is there without a batch.
  void allow(const Node *scalar) { scalars.insert(scalar); }

  /// What a reduction is worth while a metric is elaborated: a total where it has no axis, or
  /// joins all examples, and is no part of a layer. Of a loss it may then leave one element alone.
  /// For FunctionContext::reduce.
  std::optional<Value> reduce(const ReductionCall &call);

  /// For FunctionContext::ofBatch. Notes where it gave nothing.
  const Node *ofBatch(const Node *node, SourceRange range);
  /// For FunctionContext::joinsBatches. Notes where it said yes.
  bool joinsBatches(const Node *u, const Node *x, SourceRange range);
  /// Where a gradient could last not be taken over the whole part; invalid where none.
  SourceRange refusedGradient;

  /// How a value of a metric line stands to the part.
  enum class Scope { Whole, PerBatch, Mixed };
  Scope scopeOf(const Node *node);

  /// Where examples of one batch meet on the way to a value, so that it depends on how the part is
  /// cut into batches; null where it does not.
  const Node *meetingIn(const Node *node);
  /// Takes a value over the part, such as a loss, for granted in what reads it.
  void accept(const Node *whole) { accepted.insert(whole); }

  /// The value over the whole part, an f64 scalar of totals and numbers: the mean of what has
  /// elements, the mean of batches, by their examples, of a scalar that each batch has for itself.
  /// A table of a metric is itself; null where it is too large for one.
  const Node *settle(const Node *node);

  /// While it is set, what is elaborated is a metric: it may have several numbers.
  bool isMetric = false;
  /// While it is set, reductions of what depends on how the part is cut into batches are left as
  /// they are, for collect().
  bool isCollecting = false;
  /// The value over the whole part, an f64 scalar as above, where `finish` is given all examples of
  /// what is mixed on the way to it. Null where it depends on something that only a batch has, such
  /// as its draws, or is neither a number nor a table nor has a dimension of examples, of which it
  /// would be the mean.
  const Node *collect(const Node *node);

  /// Whether a metric may have these numbers, none of which is of an example: a vector or a matrix
  /// of a known size, not too many to be looked at.
  static bool isTable(const Type &type);

  /// How many passes over the part the value takes; 0: it reads no total.
  unsigned passesFor(const Node *node) { return sourcesOf(node).passes; }

  /// The passes and the function of their totals. `inputs`: everything that may occur.
  Evaluation finish(llvm::ArrayRef<Input> inputs, std::vector<Function::Result> results);

private:
  struct Total {
    const Node *input;        ///< stands for the total
    const Node *contribution; ///< of one batch, f64
    const Node *source;       ///< what is added up; null of a count, which is as exact as that
    Evaluation::Combine combine;
    unsigned pass, number; ///< in order of appearance
  };
  const Node *total(const Node *contribution, const Node *source, Evaluation::Combine combine);
  /// Along these axes, as are the next ones.
  const Node *sumOf(const Node *x, llvm::ArrayRef<int64_t> axes);
  const Node *countOf(const Node *x, llvm::ArrayRef<int64_t> axes);
  const Node *meanOf(const Node *x, llvm::ArrayRef<int64_t> axes);
  /// In f64, with all digits where it is a total.
  const Node *toDouble(const Node *x);
  /// The same of what has one element.
  const Node *toScalar(const Node *x);
  const Node *reduceWhole(const ReductionCall &call);
  const Node *totalOf(const ReductionCall &call);
  const Node *rowsOf(const Node *node);
  /// Whether axes are given that leave no example, but one number of all, or a known count of them.
  bool joinsExamples(const ReductionCall &call) const;
  /// What a node is computed from.
  struct Sources {
    bool isPerBatch = false;
    unsigned passes = 0; ///< until the totals that it reads are known; 0: it reads none
  };
  Sources sourcesOf(const Node *node);
  bool isPerBatch(const Node *node) { return sourcesOf(node).isPerBatch; }

  Elaborator &e;
  Dim batch;
  llvm::DenseSet<const Node *> perBatch, scalars, accepted;
  ExampleAnalysis examples;
  std::vector<Total> totals;
  struct Rows {
    const Node *node; ///< with the batch as leading dimension
    unsigned pass, number;
  };
  std::vector<Rows> collected;
  llvm::DenseMap<const Node *, Sources> known;
  std::map<std::tuple<const Node *, int, std::vector<int64_t>>, const Node *> made;
  std::map<std::string, const Node *> counts; ///< by the dimension
  /// Totals with dimensions, f64, by what they are in the type of what is added up.
  llvm::DenseMap<const Node *, const Node *> unrounded;
};

/// The inputs that a function's results need, in the order given.
std::vector<Input> usedInputs(llvm::ArrayRef<Input> inputs,
                              llvm::ArrayRef<Function::Result> results);

} // namespace nnc::sema
