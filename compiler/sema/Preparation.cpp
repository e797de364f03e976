// Cuts the code of a data set: what is fitted on the training part, and what is done to each row.
#include "compiler/sema/Data.h"
#include "compiler/sema/Examples.h"

namespace nnc::sema {

namespace {

/// Tells nodes that have a value for each row from those made of all rows, which have one value.
class RowAnalysis {
public:
  /// Whether the node's shape, or that of another result of its operation, has the rows in it.
  static bool isRowwise(const Node *node) {
    auto has = [](const Type &type) {
      return llvm::any_of(type.shape,
                          [](const Dim &dim) { return llvm::is_contained(dim.symbols(), "rows"); });
    };
    return has(node->type) || llvm::any_of(node->resultTypes, has);
  }

  /// Whether the value changes with the rows. `order`: each node after its operands.
  void run(llvm::ArrayRef<const Node *> order, const llvm::DenseSet<const Node *> &columns) {
    for (const Node *node : order) {
      bool readsSize = llvm::any_of(
          node->sizes, [](const Dim &dim) { return llvm::is_contained(dim.symbols(), "rows"); });
      if (columns.contains(node) || readsSize ||
          llvm::any_of(node->operands, [&](const Node *each) { return dependent.contains(each); }))
        dependent.insert(node);
    }
  }
  bool isFitted(const Node *node) const { return dependent.contains(node) && !isRowwise(node); }

private:
  llvm::DenseSet<const Node *> dependent;
};

/// Whether each row of the fields is made of that row alone, and what is fitted: rows are prepared
/// piece by piece. Reports where they are not.
bool keepsRowsApart(Elaborator &e, llvm::ArrayRef<const Node *> roots,
                    llvm::ArrayRef<Input> columns, llvm::ArrayRef<Function::Result> fitted) {
  ExampleAnalysis rows(rowsDim());
  for (const Input &column : columns)
    rows.giveExamples(column.node);
  for (const Function::Result &each : fitted)
    rows.give(each.node, {});
  llvm::DenseSet<const Node *> causes;
  for (const Node *root : roots) {
    const ExampleAnalysis::Layout layout = rows.of(root);
    bool isByRows = layout.kind == ExampleAnalysis::Layout::Kind::Same ||
                    (layout.isExact() && layout.axis == 0 && layout.inner == Dim(1));
    const Node *cause = layout.isExact() ? root : rows.causeOf(root);
    if (isByRows || !causes.insert(cause).second)
      continue;
    e.error(Code::MixedRows, e.userPlaceOf(*cause),
            "a row of a column would depend on other rows than itself")
        .detail("it is " + cause->type.str())
        .suggest("a reduction over the rows is fitted on the training part; what else is done is "
                 "done to each row");
  }
  return causes.empty();
}

} // namespace

std::optional<Preparation> cutPreparation(Elaborator &e, llvm::ArrayRef<Function::Result> fields,
                                          llvm::ArrayRef<Input> columns,
                                          llvm::ArrayRef<Input> classes) {
  std::vector<const Node *> roots;
  for (const Function::Result &field : fields)
    roots.push_back(field.node);
  llvm::DenseSet<const Node *> columnNodes;
  for (const Input &column : columns)
    columnNodes.insert(column.node);
  RowAnalysis rows;
  std::vector<const Node *> all = e.graph.reachable(roots);
  rows.run(all, columnNodes);

  // What is fitted is met first on the way from the fields: what leads there is fitting.
  std::vector<Input> prepareInputs(columns.begin(), columns.end());
  llvm::DenseSet<const Node *> fitted;
  llvm::DenseSet<const Node *> seen;
  std::vector<const Node *> pending(roots.begin(), roots.end());
  while (!pending.empty()) {
    const Node *node = pending.back();
    pending.pop_back();
    if (!seen.insert(node).second)
      continue;
    if (rows.isFitted(node)) {
      fitted.insert(node);
      continue;
    }
    pending.insert(pending.end(), node->operands.begin(), node->operands.end());
  }
  // In order of appearance, so that names stay when lines are added at the end.
  std::vector<Function::Result> ordered;
  for (const Node *node : all)
    if (fitted.contains(node))
      ordered.push_back({std::to_string(ordered.size()), node});
  if (!keepsRowsApart(e, roots, columns, ordered))
    return std::nullopt;
  for (const Function::Result &each : ordered)
    prepareInputs.push_back({Input::Kind::Fitted, each.name, each.node});
  std::vector<Input> fitInputs(columns.begin(), columns.end());
  fitInputs.insert(fitInputs.end(), classes.begin(), classes.end());
  prepareInputs.insert(prepareInputs.end(), classes.begin(), classes.end());
  Preparation result;
  result.fit = e.graph.cut("fit", std::move(fitInputs), std::move(ordered));
  result.prepare = e.graph.cut("prepare", std::move(prepareInputs),
                               std::vector<Function::Result>(fields.begin(), fields.end()));
  return result;
}

} // namespace nnc::sema
