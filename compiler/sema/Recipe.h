// Elaborates a `train` block: settings, data, loss, metrics, updates.
#pragma once

#include "compiler/sema/Data.h"
#include "compiler/sema/Optimizers.h"

namespace nnc::sema {

class RecipeElaborator {
public:
  RecipeElaborator(Elaborator &elaborator, const ast::TrainDeclaration &decl)
      : e(elaborator), decl(decl) {}

  /// Adds the recipe to the program. False after an error.
  bool run();

private:
  // Recipe.cpp
  bool findModel();
  void collectSettings();
  void declareModelNames();
  Value evalScalar(const ast::Expr &expr, llvm::StringRef what, Code code);
  void evalLosses();
  void evalMetrics();
  std::optional<int64_t> evalCount(llvm::StringRef key, int64_t least);
  std::string entryName(const ast::SettingEntry &entry, llvm::StringRef otherwise);
  const ast::Setting *setting(llvm::StringRef key) const;
  void limitBatch();
  // RecipeData.cpp
  void bindData();
  const ast::DataDeclaration *findData(const ast::Expr &expr,
                                       const std::vector<ast::Argument> *&arguments);
  std::vector<const ast::Name *> fieldNames(const std::vector<ast::Argument> &arguments);
  void bindField(const DeclaredField &field, const ast::Name &binding);
  void checkInputsAreGiven(const ast::Setting &data);
  // RecipeOptimizer.cpp
  void evalOptimizer();
  const ast::OptimizerDeclaration *findOptimizer(const ast::Expr &expr,
                                                 const std::vector<ast::Argument> *&arguments);
  void addUpdates(const ast::Setting &setting);
  void checkEntryWithoutModel(const ast::SettingEntry &entry);

  Elaborator &e;
  const ast::TrainDeclaration &decl;
  const ast::ModelDeclaration *modelDecl = nullptr;
  const Model *model = nullptr; ///< null where the model itself has errors
  std::vector<const Node *> parameterNodes;
  std::map<std::string, const ast::Setting *, std::less<>> settings;
  std::optional<Dim> batch; ///< the leading dimension of the inputs
  Recipe recipe;
  std::vector<Input> inputs; ///< of loss and metrics
  /// Fields bound by the recipe, with the place that binds each.
  std::vector<std::pair<DataField, const ast::Name *>> bound;
};

/// Whether `path` matches the pattern, in which `*` stands for any text.
bool matchesGlob(llvm::StringRef pattern, llvm::StringRef path);

} // namespace nnc::sema
