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
  bool dependsOnParameters(const Node *loss);
  void evalMetrics();
  std::optional<int64_t> evalCount(llvm::StringRef key, int64_t least);
  /// The declaration that a setting names, alone or with arguments. Null after an error.
  template <typename T> struct Named {
    const T *decl = nullptr;
    const std::vector<ast::Argument> *arguments = nullptr; ///< null where none are written
  };
  template <typename T> Named<T> findDeclaration(const ast::Expr &expr);
  std::string entryName(const ast::SettingEntry &entry, llvm::StringRef otherwise);
  const ast::Setting *setting(llvm::StringRef key) const;
  void limitBatch();
  // RecipeData.cpp
  void bindData();
  std::vector<const ast::Name *> fieldNames(const std::vector<ast::Argument> &arguments);
  void bindField(const DeclaredField &field, const ast::Name &binding);
  Type batchType(const DeclaredField &field, const Port *port) const;
  void checkInputsAreGiven(const ast::Setting &data);
  void findBatch();
  bool bindNamed(const ast::DataDeclaration &declared, llvm::ArrayRef<DeclaredField> fields,
                 llvm::ArrayRef<const ast::Name *> names, llvm::ArrayRef<ast::Name> renamed);
  void declareUnknownField(const ast::Name &name);
  void declareUnknownFields(const ast::Setting &data, const std::vector<ast::Argument> *arguments);
  void declareFields();
  // RecipeOptimizer.cpp
  void evalOptimizer();
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
  /// The node of a model's input, by its name; null where there is none.
  const Node *inputNode(llvm::StringRef name) const;
  /// Fields bound by the recipe, with the place that binds each.
  struct BoundField {
    DataField field;
    const ast::Name *name;
    bool hasDeclaredBounds;     ///< else they are derived from the uses
    const Node *node = nullptr; ///< what the recipe's expressions know it by
  };
  std::vector<BoundField> bound;
};

template <typename T>
RecipeElaborator::Named<T> RecipeElaborator::findDeclaration(const ast::Expr &expr) {
  constexpr bool isData = std::is_same_v<T, ast::DataDeclaration>;
  Named<T> result;
  const auto *name = llvm::dyn_cast<ast::NameExpr>(&expr);
  if (const auto *call = llvm::dyn_cast<ast::CallExpr>(&expr)) {
    name = llvm::dyn_cast<ast::NameExpr>(call->callee.get());
    result.arguments = &call->arguments;
  }
  if (llvm::isa<ast::ErrorExpr>(expr))
    return result;
  if (!name) {
    e.error(Code::SettingValue, expr.range,
            isData ? "'data' takes a data set, as in 'mnist(image, label)'"
                   : "'optimizer' takes one such as 'adam(lr: 1e-3)'");
    return result;
  }
  const ast::Declaration *found = e.modules.find(e.frame->file, name->name.text);
  result.decl = llvm::dyn_cast_or_null<T>(found);
  if (!found)
    e.unknownName(name->name);
  else if (!result.decl)
    e.error(Code::SettingValue, name->name.range,
            "'" + name->name.text + "' is " + Value(DeclValue{found}).describe() +
                (isData ? ", not a data set" : ", not an optimizer"));
  return result;
}

/// Whether `path` matches the pattern, in which `*` stands for any text.
bool matchesGlob(llvm::StringRef pattern, llvm::StringRef path);

} // namespace nnc::sema
