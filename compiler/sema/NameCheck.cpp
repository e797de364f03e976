// Scopes and names, without values.
#include "compiler/sema/NameCheck.h"

#include "compiler/sema/Primitives.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace nnc::sema {

using namespace ast;

namespace {

class NameChecker {
public:
  NameChecker(FileId file, Modules &modules, Diagnostics &diagnostics)
      : file(file), modules(modules), diagnostics(diagnostics) {
    scopes.emplace_back();
  }

  void checkCallable(const Declaration &decl, const Callable &callable) {
    checkDistinct(callable);
    for (const auto *list : {&callable.parameters, &callable.inputs})
      for (const ast::Parameter &parameter : *list)
        declare(parameter.name.text);
    if (llvm::isa<ScheduleDeclaration>(decl) || llvm::isa<OptimizerDeclaration>(decl))
      declare("step");
    if (llvm::isa<OptimizerDeclaration>(decl)) {
      declare("param");
      declare("grad");
    }
    for (const auto *list : {&callable.parameters, &callable.inputs})
      for (const ast::Parameter &parameter : *list)
        if (parameter.type)
          declareDims(*parameter.type);
    // What a result names without an input is reported with its reason, by the elaborator.
    for (const Result &result : callable.results)
      declareDims(result.type);
    for (const auto *list : {&callable.parameters, &callable.inputs})
      for (const ast::Parameter &parameter : *list)
        if (parameter.defaultValue)
          check(*parameter.defaultValue);
    if (callable.body)
      check(*callable.body);
  }

private:
  /// A signature gives each name one meaning; a scalar parameter may also be a size.
  void checkDistinct(const Callable &callable) {
    llvm::StringMap<SourceRange> taken;
    auto take = [&](const Name &name) {
      auto [it, isNew] = taken.try_emplace(name.text, name.range);
      if (!isNew && !name.text.empty())
        diagnostics
            .error(Code::DuplicateName, name.range,
                   "'" + name.text + "' is declared twice in this signature")
            .note(it->second, "it is first declared here");
    };
    for (const auto *list : {&callable.parameters, &callable.inputs})
      for (const ast::Parameter &parameter : *list)
        take(parameter.name);
    llvm::StringMap<SourceRange> tensors;
    for (const auto *list : {&callable.parameters, &callable.inputs})
      for (const ast::Parameter &parameter : *list)
        if (parameter.type && parameter.type->hasShape)
          tensors.try_emplace(parameter.name.text, parameter.name.range);
    for (const auto *list : {&callable.parameters, &callable.inputs})
      for (const ast::Parameter &parameter : *list)
        if (parameter.type)
          checkNoTensors(*parameter.type, tensors);
  }
  void checkNoTensors(const TypeExpr &type, const llvm::StringMap<SourceRange> &tensors) {
    for (const DimExpr &dim : type.dims) {
      const auto *name = llvm::dyn_cast_or_null<NameExpr>(dim.size.get());
      const Name *used = dim.rest ? &*dim.rest : name ? &name->name : nullptr;
      auto tensor = used ? tensors.find(used->text) : tensors.end();
      if (tensor != tensors.end())
        diagnostics
            .error(Code::DuplicateName, used->range,
                   "'" + used->text + "' is a tensor, so it cannot name a dimension too")
            .note(tensor->second, "the tensor is declared here");
    }
  }

  void declare(llvm::StringRef name) { scopes.back().insert(name); }

  bool isLocal(llvm::StringRef name) const {
    return llvm::any_of(scopes, [&](const auto &scope) { return scope.contains(name); });
  }

  /// Names in a signature's shapes are its dimensions.
  void declareDims(const TypeExpr &type) {
    for (const DimExpr &dim : type.dims) {
      if (dim.rest)
        declare(dim.rest->text);
      else if (dim.size)
        declareDimNames(*dim.size);
    }
  }
  void declareDimNames(const Expr &expr) {
    if (const auto *name = llvm::dyn_cast<NameExpr>(&expr)) {
      declare(name->name.text);
    } else if (const auto *unary = llvm::dyn_cast<UnaryExpr>(&expr)) {
      declareDimNames(*unary->operand);
    } else if (const auto *binary = llvm::dyn_cast<BinaryExpr>(&expr)) {
      declareDimNames(*binary->lhs);
      declareDimNames(*binary->rhs);
    } else if (const auto *call = llvm::dyn_cast<CallExpr>(&expr)) {
      check(*call->callee);
      for (const Argument &argument : call->arguments)
        declareDimNames(*argument.value);
    }
  }

  void checkName(const Name &name) {
    if (isLocal(name.text) || name.text == "pi" || name.text == "training" ||
        modules.find(file, name.text) || findPrimitive(name.text))
      return;
    std::vector<std::string> candidates = modules.names(file);
    for (const auto &scope : scopes)
      for (const auto &entry : scope)
        candidates.push_back(entry.getKey().str());
    std::string near = nearest(name.text, candidates);
    diagnostics.error(Code::UnknownName, name.range, "unknown name '" + name.text + "'")
        .suggest(near.empty() ? "" : "did you mean '" + near + "'?");
  }

  void checkType(const TypeExpr &type) {
    for (const DimExpr &dim : type.dims) {
      if (dim.rest)
        checkName(*dim.rest);
      else if (dim.size)
        check(*dim.size);
    }
  }

  void check(const Block &block) {
    scopes.emplace_back();
    for (const StatementPtr &statement : block.statements)
      check(*statement);
    if (block.result)
      check(*block.result);
    scopes.pop_back();
  }

  void check(const Statement &statement) {
    if (const auto *let = llvm::dyn_cast<LetStatement>(&statement)) {
      if (let->type)
        checkType(*let->type);
      checkMaybe(let->value.get());
      for (const Name &name : let->names)
        declare(name.text);
    } else if (const auto *param = llvm::dyn_cast<ParamStatement>(&statement)) {
      checkType(param->type);
      checkMaybe(param->init.get());
      declare(param->name.text);
    } else if (const auto *state = llvm::dyn_cast<StateStatement>(&statement)) {
      for (const StateStatement::Entry &entry : state->entries) {
        checkMaybe(entry.init.get());
        declare(entry.name.text);
      }
    } else if (const auto *assign = llvm::dyn_cast<AssignStatement>(&statement)) {
      checkMaybe(assign->value.get());
      if (!isLocal(assign->name.text))
        checkAssigned(assign->name);
    } else if (const auto *loop = llvm::dyn_cast<ForStatement>(&statement)) {
      checkMaybe(loop->first.get());
      checkMaybe(loop->last.get());
      scopes.emplace_back();
      declare(loop->variable.text);
      if (loop->body)
        check(*loop->body);
      scopes.pop_back();
    } else if (const auto *choice = llvm::dyn_cast<IfStatement>(&statement)) {
      check(*choice->value);
    }
  }

  /// Only locals can be assigned, so only they are suggested.
  void checkAssigned(const Name &name) {
    std::vector<std::string> candidates;
    for (const auto &scope : scopes)
      for (const auto &entry : scope)
        candidates.push_back(entry.getKey().str());
    std::string near = nearest(name.text, candidates);
    diagnostics.error(Code::UnknownName, name.range, "unknown name '" + name.text + "'")
        .suggest(near.empty() ? "'let' declares a name" : "did you mean '" + near + "'?");
    declare(name.text);
  }

  void checkMaybe(const Expr *expr) {
    if (expr)
      check(*expr);
  }

  void check(const Expr &expr) {
    switch (expr.kind) {
    case Expr::Kind::Name:
      return checkName(llvm::cast<NameExpr>(expr).name);
    case Expr::Kind::Unary:
      return check(*llvm::cast<UnaryExpr>(expr).operand);
    case Expr::Kind::Cast:
      return check(*llvm::cast<CastExpr>(expr).operand);
    case Expr::Kind::Binary: {
      const auto &binary = llvm::cast<BinaryExpr>(expr);
      check(*binary.lhs);
      return check(*binary.rhs);
    }
    case Expr::Kind::Call: {
      const auto &call = llvm::cast<CallExpr>(expr);
      check(*call.callee);
      for (const Argument &argument : call.arguments)
        checkMaybe(argument.value.get());
      return;
    }
    case Expr::Kind::Index: {
      const auto &index = llvm::cast<IndexExpr>(expr);
      check(*index.base);
      for (const IndexItem &item : index.items) {
        checkMaybe(item.first.get());
        checkMaybe(item.last.get());
      }
      return;
    }
    case Expr::Kind::Pipe: {
      const auto &pipe = llvm::cast<PipeExpr>(expr);
      check(*pipe.input);
      checkMaybe(pipe.repeat.get());
      return checkMaybe(pipe.stage.get());
    }
    case Expr::Kind::If: {
      const auto &choice = llvm::cast<IfExpr>(expr);
      check(*choice.condition);
      for (const Block *block : {choice.thenBlock.get(), choice.elseBlock.get()})
        if (block)
          check(*block);
      return;
    }
    case Expr::Kind::Block:
      return check(*llvm::cast<BlockExpr>(expr).block);
    case Expr::Kind::List:
      return checkAll(llvm::cast<ListExpr>(expr).elements);
    case Expr::Kind::Tuple:
      return checkAll(llvm::cast<TupleExpr>(expr).elements);
    case Expr::Kind::Range: {
      const auto &range = llvm::cast<RangeExpr>(expr);
      checkMaybe(range.first.get());
      return checkMaybe(range.last.get());
    }
    default:
      return;
    }
  }

  void checkAll(const std::vector<ExprPtr> &elements) {
    for (const ExprPtr &element : elements)
      checkMaybe(element.get());
  }

  FileId file;
  Modules &modules;
  Diagnostics &diagnostics;
  std::vector<llvm::StringSet<>> scopes;
};

} // namespace

void checkNames(const Declaration &decl, Modules &modules, Diagnostics &diagnostics) {
  NameChecker checker(decl.name.range.file, modules, diagnostics);
  if (const auto *fn = llvm::dyn_cast<FnDeclaration>(&decl))
    checker.checkCallable(decl, *fn);
  else if (const auto *layer = llvm::dyn_cast<LayerDeclaration>(&decl))
    checker.checkCallable(decl, *layer);
  else if (const auto *model = llvm::dyn_cast<ModelDeclaration>(&decl))
    checker.checkCallable(decl, *model);
  else if (const auto *optimizer = llvm::dyn_cast<OptimizerDeclaration>(&decl))
    checker.checkCallable(decl, *optimizer);
  else if (const auto *schedule = llvm::dyn_cast<ScheduleDeclaration>(&decl))
    checker.checkCallable(decl, *schedule);
}

} // namespace nnc::sema
