// Makes the nodes of a program and cuts functions out of them.
#pragma once

#include "compiler/sema/Program.h"
#include "compiler/sema/Types.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

namespace nnc::sema {

/// Adds nodes to a Program. Knows shapes no more than the types it is given. Every node is made
/// after its operands.
class Graph {
public:
  explicit Graph(Program &program) : program(program) {}

  /// Nodes past this number are not made; the elaborator reports it.
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  static constexpr size_t maxNodes = 5000; // which sanitizers and coverage make slow enough
#else
  static constexpr size_t maxNodes = 200000;
#endif
  bool isFull() const { return program.nodes.size() + withinBodies - before >= maxNodes; }
  /// The nodes that there are so far no longer count.
  void beginAttempt() { before = program.nodes.size() + withinBodies; }

  /// Where the nodes made from now on come from.
  void setPlace(SourceRange range, const CallSite *site) {
    place = range;
    placeSite = site;
  }

  Node *make(llvm::StringRef op, std::vector<const Node *> operands, Type type,
             std::vector<Attribute> attributes = {});
  /// An op that is given the sizes of its result.
  Node *makeSized(llvm::StringRef op, std::vector<const Node *> operands, Type type,
                  std::vector<Attribute> attributes = {});
  Node *input(Type type) { return make("input", {}, std::move(type)); }
  /// A rank-0 constant; an integer element takes the value's whole part, bool whether it is not 0.
  Node *constant(Element element, double value);
  Node *constant(Element element, int64_t value);
  Node *cast(const Node *node, Element element);
  /// `node`, repeated to `shape`: its dimensions are the last ones of `shape`.
  const Node *broadcastTo(const Node *node, const Shape &shape);
  /// An integer known when the program runs, as an f64 scalar.
  Node *fromDim(const Dim &dim);
  /// The same; bodies are given it from outside and do not compute it.
  Node *fromOuterDim(const Dim &dim);
  /// An operation with these results; their nodes.
  std::vector<const Node *> makeSeveral(Node *node, std::vector<Type> types);

  /// All nodes that the roots need, themselves included, each after its operands.
  std::vector<const Node *> reachable(llvm::ArrayRef<const Node *> roots) { return reach(roots); }
  /// The part of the graph between the inputs and the results, in an order that defines each node
  /// before its use. An input may be any node: what it is computed from is then left out.
  Function cut(std::string name, std::vector<Input> inputs, std::vector<Function::Result> results);
  /// The same with those inputs alone that the results need.
  Function cutUsed(std::string name, llvm::ArrayRef<Input> inputs,
                   std::vector<Function::Result> results);
  /// The inputs that `node` depends on.
  std::vector<const Node *> inputsOf(const Node *node);
  /// Those of them that a gradient of `node` flows back to.
  std::vector<const Node *> trainableInputsOf(const Node *node);
  /// Whether `node` depends on one of these.
  bool dependsOn(const Node *node, llvm::ArrayRef<const Node *> sources);
  /// Whether nothing but constants leads to it.
  bool isConstant(const Node *node) const { return !needsInput.lookup(node); }

  //===-- Bodies (Regions.cpp) ---------------------------------------------------------------===//

  /// What a body uses of its surroundings, in order: operands of the operation. Bodies of one
  /// operation share them.
  using Captures = llvm::SetVector<const Node *>;
  /// Copies what `results` need of `arguments` into a body of its own. Values that do not depend on
  /// the arguments are captured whole, so that they are computed once; constants are copied.
  /// Arguments may be any nodes: the body has inputs in their place.
  std::unique_ptr<Function> isolate(std::string name, llvm::ArrayRef<const Node *> arguments,
                                    llvm::ArrayRef<const Node *> results, Captures &captures);

  /// Gives the operation a body. Bodies in bodies count, for each is code of its own.
  void addBody(Node *node, std::unique_ptr<Function> body);
  /// How deep bodies lie in each other within the operation: 0 where it has none.
  unsigned nesting(const Node *node) const { return extents.lookup(node).depth; }

  Program &program;

private:
  /// All nodes that `roots` need, themselves included, in order of creation; with `byGradient`,
  /// those alone that a gradient flows back to; only nodes made at `since` or later.
  std::vector<const Node *> reach(llvm::ArrayRef<const Node *> roots, bool byGradient = false,
                                  size_t since = 0, llvm::ArrayRef<Input> stops = {});
  static std::vector<const Node *> inputsAmong(llvm::ArrayRef<const Node *> nodes);
  const Node *copy(const Node *node, std::vector<const Node *> operands);

  friend class RegionBuilder;

  SourceRange place;
  const CallSite *placeSite = nullptr;
  llvm::DenseMap<const Node *, size_t> order;
  llvm::DenseMap<const Node *, bool> needsInput;
  struct Extent {
    unsigned depth = 0;
    size_t nodes = 0; ///< in its bodies and theirs
  };
  llvm::DenseMap<const Node *, Extent> extents; ///< of operations with bodies
  size_t before = 0;                            ///< nodes of earlier attempts
  size_t withinBodies = 0;                      ///< nodes that are emitted besides those made
};

/// Calls `visit` for each node that leads to `root` and that `isKnown` doesn't know yet, operands
/// first; `visit` makes it known. Chains are as long as the program, so there is no recursion.
template <typename IsKnown, typename Visit>
void visitUnknown(const Node *root, IsKnown isKnown, Visit visit) {
  std::vector<const Node *> pending{root};
  while (!pending.empty()) {
    const Node *node = pending.back();
    size_t before = pending.size();
    if (!isKnown(node))
      for (const Node *operand : node->operands)
        if (!isKnown(operand))
          pending.push_back(operand);
    if (pending.size() != before)
      continue;
    pending.pop_back();
    if (!isKnown(node))
      visit(node);
  }
}

} // namespace nnc::sema
