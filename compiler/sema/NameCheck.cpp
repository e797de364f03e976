// Scopes and names, without values.
#include "compiler/sema/NameCheck.h"

#include "compiler/sema/Dimensions.h"
#include "compiler/sema/ForeignNames.h"
#include "compiler/sema/Primitives.h"

#include "llvm/ADT/StringMap.h"

#include <set>

namespace nnc::sema {

using namespace ast;

namespace {

/// A name of a body. What the language gives has no kind, and need not be used.
struct Local {
  SourceRange range;
  llvm::StringRef kind;
  bool isUsed = false;
};

class NameChecker {
public:
  NameChecker(FileId file, Modules &modules, Diagnostics &diagnostics,
              std::vector<UnusedName> &unused)
      : file(file), modules(modules), diagnostics(diagnostics), unused(unused) {
    scopes.emplace_back();
  }

  void checkCallable(const Declaration &decl, const Callable &callable) {
    checkDistinct(callable);
    llvm::StringRef inputKind = llvm::isa<ModelDeclaration>(decl) ? "input" : "argument";
    for (const ast::Parameter &parameter : callable.parameters)
      declare(parameter.name, "argument");
    for (const ast::Parameter &parameter : callable.inputs)
      declare(parameter.name, inputKind);
    for (const auto *list : {&callable.parameters, &callable.inputs})
      for (const ast::Parameter &parameter : *list)
        if (parameter.type)
          declareDims(*parameter.type, /*isResult=*/false);
    // What a result names without an input is reported with its reason, by the elaborator.
    for (const Result &result : callable.results)
      declareDims(result.type, /*isResult=*/true);
    for (const auto *list : {&callable.parameters, &callable.inputs})
      for (const ast::Parameter &parameter : *list)
        if (parameter.defaultValue)
          check(*parameter.defaultValue);
    if (callable.body)
      check(*callable.body);
    if (const auto *fn = llvm::dyn_cast<FnDeclaration>(&decl); fn && fn->gradient)
      checkGradient(*fn->gradient);
    keepWhatSettlesSizes(callable);
    noteUnused();
  }

  void checkValue(const LetDeclaration &decl) { check(decl.let); }

private:
  void checkGradient(const GradientClause &clause) {
    scopes.emplace_back();
    for (const ast::Parameter &parameter : clause.parameters)
      declare(parameter.name, "argument");
    if (clause.body)
      check(*clause.body);
    noteUnused();
    scopes.pop_back();
  }

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
      if (name && !name->qualifiers.empty())
        continue;
      const Name *used = dim.rest ? &*dim.rest : name ? &name->name : nullptr;
      auto tensor = used ? tensors.find(used->text) : tensors.end();
      if (tensor != tensors.end())
        diagnostics
            .error(Code::DuplicateName, used->range,
                   "'" + used->text + "' is a tensor, so it cannot name a dimension too")
            .note(tensor->second, "the tensor is declared here");
    }
  }

  /// A tensor that is never read may be what tells a size: `fn like(x: f32[n]) -> f32[n] =
  /// full(0)`.
  void keepWhatSettlesSizes(const Callable &callable) {
    llvm::StringMap<unsigned> tensorsWith;
    std::vector<std::pair<Local *, std::set<std::string>>> tensors;
    for (const auto *list : {&callable.parameters, &callable.inputs})
      for (const ast::Parameter &parameter : *list) {
        if (!parameter.type || !parameter.type->hasShape)
          continue;
        std::set<std::string> names;
        for (const Name *name : dimNames(*parameter.type))
          if (find(name->text))
            names.insert(name->text);
        for (const std::string &name : names)
          ++tensorsWith[name];
        tensors.emplace_back(find(parameter.name.text), std::move(names));
      }
    for (auto &[tensor, names] : tensors)
      for (const std::string &name : names)
        if (tensorsWith[name] == 1 && find(name)->isUsed)
          tensor->isUsed = true;
  }

  void declare(llvm::StringRef name) { scopes.back().try_emplace(name); }
  void declare(const Name &name, llvm::StringRef kind) {
    if (name.text != "_") // which takes what is not wanted, as often as need be
      scopes.back().try_emplace(name.text, Local{name.range, kind});
  }

  Local *find(llvm::StringRef name) {
    for (auto &scope : llvm::reverse(scopes))
      if (auto it = scope.find(name); it != scope.end())
        return &it->second;
    return nullptr;
  }

  /// Adds what the innermost scope declares in vain.
  void noteUnused() {
    for (const auto &entry : scopes.back())
      if (const Local &local = entry.second;
          !local.kind.empty() && !local.isUsed && !entry.getKey().starts_with("_"))
        unused.push_back({entry.getKey().str(), local.kind.str(), local.range});
  }

  /// Names in a signature's shapes are its dimensions, or arguments.
  void declareDims(const TypeExpr &type, bool isResult) {
    for (const Name *name : dimNames(type)) {
      Local *known = find(name->text);
      const Declaration *value = known ? nullptr : modules.find(file, name->text);
      if (value && llvm::isa<LetDeclaration>(*value))
        continue; // a constant of the file
      if (!known)
        declare(name->text);
      else if (!known->kind.empty())
        known->isUsed = true;
    }
    for (const DimExpr &dim : type.dims) {
      // A rest called like a constant of the file is not in these scopes.
      if (Local *rest = dim.rest && isResult ? find(dim.rest->text) : nullptr)
        rest->isUsed = true;
      // A lone name of an input is settled there, anything else is computed from what is known.
      if (dim.size && (isResult || !llvm::isa<NameExpr>(*dim.size)))
        check(*dim.size);
    }
  }

  void addLocals(std::vector<std::string> &names) const {
    for (const auto &scope : scopes)
      for (const auto &entry : scope)
        names.push_back(entry.getKey().str());
  }

  void checkName(const Name &name) {
    if (Local *local = find(name.text)) {
      local->isUsed = true;
      return;
    }
    if (name.text == "pi" || name.text == "training" || name.text == "step" ||
        name.text == "steps" || modules.find(file, name.text) || findPrimitive(name.text))
      return;
    std::vector<std::string> candidates;
    if (diagnostics.errorCount() < mostSuggestions) {
      candidates = modules.names(file);
      addLocals(candidates);
    }
    std::string near = nearest(name.text, candidates);
    if (precedesSyntaxError(diagnostics, name.range))
      return;
    std::string foreign = hintForForeign(name.text);
    diagnostics.error(Code::UnknownName, name.range, "unknown name '" + name.text + "'")
        .suggest(!foreign.empty()   ? foreign
                 : !near.empty()    ? "did you mean '" + near + "'?"
                 : name.text == "_" ? "'_' takes a value that is not wanted; it has none"
                                    : "");
  }

  /// `std.dense`, `m.tower`
  void checkQualified(const NameExpr &expr) {
    const Name &qualifier = expr.qualifiers.front();
    if (Local *local = find(qualifier.text)) {
      local->isUsed = true; // and so reported by the elaborator, if this body is ever entered
      return;
    }
    Modules::Found found = modules.findIn(file, qualifier.text, expr.name.text);
    if (found.decl || expr.qualifiers.size() > 1 ||
        (qualifier.text == "std" && findPrimitive(expr.name.text)))
      return;
    UnknownPart unknown = describeUnknownPart(modules, file, expr);
    diagnostics.error(Code::UnknownName, unknown.range, std::move(unknown.message))
        .suggest(std::move(unknown.hint));
  }

  /// `binds`: a `let`'s type may name dimensions that have no size yet.
  void checkType(const TypeExpr &type, bool binds = false) {
    auto checkDim = [&](const Expr &size) {
      const auto *name = llvm::dyn_cast<NameExpr>(&size);
      bool isNew = binds && name && name->qualifiers.empty() && !find(name->name.text) &&
                   !modules.find(file, name->name.text);
      if (isNew)
        scopes.front().try_emplace(name->name.text);
      else
        check(size);
    };
    if (type.argument)
      checkDim(*type.argument);
    for (const DimExpr &dim : type.dims) {
      if (dim.rest && binds && !find(dim.rest->text))
        scopes.front().try_emplace(dim.rest->text);
      else if (dim.rest)
        checkName(*dim.rest);
      else if (dim.size)
        checkDim(*dim.size);
    }
  }

  void check(const Block &block) {
    scopes.emplace_back();
    for (const StatementPtr &statement : block.statements)
      check(*statement);
    if (block.result)
      check(*block.result);
    noteUnused();
    scopes.pop_back();
  }

  void declarePattern(const Pattern &pattern, llvm::StringRef kind) {
    for (const Name &name : pattern.names)
      declare(name, kind);
  }

  void check(const LetStatement &let) {
    if (let.type)
      checkType(*let.type, /*binds=*/true);
    checkMaybe(let.value.get());
    declarePattern(let.pattern, "value");
  }

  /// A loop's own names need not be read.
  void checkLoop(const Pattern &pattern, const Expr *sequence, const Block *body) {
    checkMaybe(sequence);
    scopes.emplace_back();
    for (const Name &name : pattern.names)
      declare(name.text);
    if (body)
      check(*body);
    scopes.pop_back();
  }

  void check(const Statement &statement) {
    if (const auto *let = llvm::dyn_cast<LetStatement>(&statement)) {
      check(*let);
    } else if (const auto *param = llvm::dyn_cast<ParamStatement>(&statement)) {
      checkType(param->type);
      checkMaybe(param->init.get());
      declare(param->name, "parameter");
    } else if (const auto *state = llvm::dyn_cast<StateStatement>(&statement)) {
      checkType(state->type);
      checkMaybe(state->init.get());
      declare(state->name, "state");
    } else if (const auto *assign = llvm::dyn_cast<AssignStatement>(&statement)) {
      checkMaybe(assign->value.get());
      checkAssigned(assign->name);
    } else if (const auto *yield = llvm::dyn_cast<YieldStatement>(&statement)) {
      checkMaybe(yield->value.get());
    } else if (const auto *loop = llvm::dyn_cast<ForStatement>(&statement)) {
      checkLoop(loop->pattern, loop->sequence.get(), loop->body.get());
    } else if (const auto *value = llvm::dyn_cast<ExprStatement>(&statement)) {
      checkMaybe(value->value.get());
    }
  }

  /// Only locals can be assigned, so only they are suggested.
  void checkAssigned(const Name &name) {
    if (Local *local = find(name.text)) {
      // A new value of a 'let' is for those who read it; others are kept from step to step.
      if (local->kind != "value")
        local->isUsed = true;
      return;
    }
    std::vector<std::string> candidates;
    if (diagnostics.errorCount() < mostSuggestions)
      addLocals(candidates);
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
    case Expr::Kind::Name: {
      const auto &name = llvm::cast<NameExpr>(expr);
      return name.qualifiers.empty() ? checkName(name.name) : checkQualified(name);
    }
    case Expr::Kind::Unary:
      return check(*llvm::cast<UnaryExpr>(expr).operand);
    case Expr::Kind::Cast: {
      const auto &cast = llvm::cast<CastExpr>(expr);
      checkMaybe(cast.type.argument.get());
      return checkMaybe(cast.operand.get());
    }
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
      return checkMaybe(pipe.stage.get());
    }
    case Expr::Kind::Repeat: {
      const auto &repeat = llvm::cast<RepeatExpr>(expr);
      checkMaybe(repeat.count.get());
      return checkMaybe(repeat.stage.get());
    }
    case Expr::Kind::Scan: {
      const auto &scan = llvm::cast<ScanExpr>(expr);
      if (scan.axis)
        checkName(*scan.axis);
      return checkLoop(scan.pattern, scan.sequence.get(), scan.body.get());
    }
    case Expr::Kind::If: {
      const auto &choice = llvm::cast<IfExpr>(expr);
      check(*choice.condition);
      for (const Block *block : {choice.thenBlock.get(), choice.elseBlock.get()})
        if (block)
          check(*block);
      return;
    }
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
  std::vector<UnusedName> &unused;
  std::vector<llvm::StringMap<Local>> scopes;
};

} // namespace

void checkNames(const Declaration &decl, Modules &modules, Diagnostics &diagnostics,
                std::vector<UnusedName> &unused) {
  NameChecker checker(decl.name.range.file, modules, diagnostics, unused);
  if (const auto *fn = llvm::dyn_cast<FnDeclaration>(&decl))
    checker.checkCallable(decl, *fn);
  else if (const auto *layer = llvm::dyn_cast<LayerDeclaration>(&decl))
    checker.checkCallable(decl, *layer);
  else if (const auto *model = llvm::dyn_cast<ModelDeclaration>(&decl))
    checker.checkCallable(decl, *model);
  else if (const auto *optimizer = llvm::dyn_cast<OptimizerDeclaration>(&decl))
    checker.checkCallable(decl, *optimizer);
  else if (const auto *let = llvm::dyn_cast<LetDeclaration>(&decl))
    checker.checkValue(*let);
}

bool precedesSyntaxError(const Diagnostics &diagnostics, SourceRange name) {
  return llvm::any_of(diagnostics.all(), [&](const auto &each) {
    return each->severity == Severity::Error && static_cast<unsigned>(each->code) < 200 &&
           each->range.file == name.file && each->range.begin >= name.end &&
           each->range.begin <= name.end + 1;
  });
}

} // namespace nnc::sema
