// Where the examples lie in a value, and whether they meet in it.
//
// One batch of examples is cut out of a part as it happens to be. What is computed for each example
// by itself is the same however it is cut; what joins, picks or reorders examples is not.
#pragma once

#include "compiler/sema/Graph.h"

#include <utility>

namespace nnc::sema {

class ExampleAnalysis {
public:
  /// `count`: the symbol that stands for the number of examples.
  explicit ExampleAnalysis(Dim count) : count(std::move(count)) {}

  struct Layout {
    enum class Kind {
      Same, ///< no example has a part in it; along `count`, if it has that dimension, it is uniform
      Along, ///< example i has block i of `axis`, and no part in the others
      Added, ///< a sum over the examples of what each has for itself
      Mixed  ///< anything else
    };
    Kind kind = Kind::Same;
    int64_t axis = 0;
    /// Of Along: elements of the axis to an example. The axis may repeat all examples, block by
    /// block, so that its size is a multiple of `count * inner`.
    Dim inner = 1;

    bool operator==(const Layout &) const = default;
    /// Whether it does not depend on how examples are cut into batches.
    bool isExact() const { return kind == Kind::Same || kind == Kind::Along; }
  };

  /// Says what an input is.
  void give(const Node *node, Layout layout) { known[node] = {std::move(layout)}; }
  /// One with the examples along its first dimension; its values lie in [0, limit) where there is
  /// one.
  void giveExamples(const Node *node, const std::optional<Dim> &limit = std::nullopt);
  /// An input that differs between batches, and belongs to no example.
  void giveBatchwise(const Node *node) { give(node, {Layout::Kind::Mixed, 0, Dim(1)}); }

  using Given = llvm::DenseMap<const Node *, std::vector<const Node *>>;
  /// Takes these, each made of what was given for it, for examples, whatever was made of a batch on
  /// the way from there, and notes where examples met. Those of which examples had met before are
  /// as they are.
  void trust(const Given &nodes) { trusted = &nodes; }
  /// Whether it was taken for examples, or would have been.
  bool isTrusted(const Node *node);
  /// What was noted since the last call.
  std::vector<const Node *> takeMeetings() { return std::exchange(meetings, {}); }

  Layout of(const Node *node);
  /// Where examples meet first on the way to a value that is not exact.
  const Node *causeOf(const Node *node);

private:
  using Layouts = std::vector<Layout>;
  const Layouts &layoutsOf(const Node *root);
  Layouts transfer(const Node *node);
  Layout transferPlain(const Node *node, llvm::ArrayRef<Layout> operands);
  Layout contract(const Node *node, llvm::ArrayRef<Layout> operands);
  Layout reshape(const Node *node, const Layout &operand);
  Layout reduce(const Node *node, const Layout &operand, std::vector<int64_t> axes);
  Layout gather(const Node *node, llvm::ArrayRef<Layout> operands);

  //===-- Rows of all examples (ExampleRows.cpp) ---------------------------------------------===//

  /// An integer as `scale * i` of example i, and a rest that lies in [low, high] where these are
  /// known.
  struct Rows {
    Dim scale = 0;
    std::optional<Dim> low = std::nullopt, high = std::nullopt;
    Layout layout = {}; ///< where the examples lie if their own numbers are no others' business
  };
  static std::optional<Rows> sumRows(const Rows &a, const Rows &b);
  static std::optional<Rows> scaleRows(const Rows &a, const Dim &by);
  /// Nothing where the operation isn't followed.
  std::optional<Rows> combineRows(const Node *node, llvm::ArrayRef<Rows> of) const;
  const Rows &rowsOf(const Node *root);
  /// Of rows of all examples: each example's own where no index leads to another's.
  Layout gatherOwn(const Node *node, const Layout &table);

  Layout concat(const Node *node, llvm::ArrayRef<Layout> operands);
  Layouts scan(const Node *node, llvm::ArrayRef<Layout> operands);
  Layouts gradient(const Node *node, llvm::ArrayRef<Layout> operands);
  Layouts body(const Function &body, llvm::ArrayRef<Layout> inputs) const;
  static Layout join(const Layout &a, const Layout &b);
  /// The layout where a value of this type can have it.
  Layout fit(Layout layout, const Type &type) const;
  bool isCounted(const Dim &dim) const;
  bool hasExamples(const Node &node) const;
  /// The one dimension that has to do with `count`; -1 without one, -2 with several.
  int64_t countedAxis(const Shape &shape) const;

  Dim count;
  const Given *trusted = nullptr;
  std::vector<const Node *> meetings;
  llvm::DenseMap<const Node *, Layouts> known; ///< a layout per result
  llvm::DenseMap<const Node *, Rows> rows;
};

} // namespace nnc::sema
