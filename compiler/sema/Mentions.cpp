// Walks expressions for the names in them.
#include "compiler/sema/Mentions.h"

namespace nnc::sema {

using namespace ast;

namespace {

class NameVisitor {
public:
  explicit NameVisitor(llvm::function_ref<void(const NameExpr &, bool)> visit) : visit(visit) {}

  void walk(const Expr *expr, bool isCalled = false) {
    if (!expr)
      return;
    switch (expr->kind) {
    case Expr::Kind::Name:
      if (const auto *name = llvm::cast<NameExpr>(expr); name->qualifiers.empty())
        visit(*name, isCalled);
      return;
    case Expr::Kind::Unary:
      return walk(llvm::cast<UnaryExpr>(expr)->operand.get());
    case Expr::Kind::Binary:
      walk(llvm::cast<BinaryExpr>(expr)->lhs.get());
      return walk(llvm::cast<BinaryExpr>(expr)->rhs.get());
    case Expr::Kind::Cast:
      return walk(llvm::cast<CastExpr>(expr)->operand.get());
    case Expr::Kind::Call:
      walk(llvm::cast<CallExpr>(expr)->callee.get(), /*isCalled=*/true);
      for (const Argument &argument : llvm::cast<CallExpr>(expr)->arguments)
        walk(argument.value.get());
      return;
    case Expr::Kind::Index:
      walk(llvm::cast<IndexExpr>(expr)->base.get());
      for (const IndexItem &item : llvm::cast<IndexExpr>(expr)->items) {
        walk(item.first.get());
        walk(item.last.get());
      }
      return;
    case Expr::Kind::Pipe:
      walk(llvm::cast<PipeExpr>(expr)->input.get());
      return walk(llvm::cast<PipeExpr>(expr)->stage.get(), /*isCalled=*/true);
    case Expr::Kind::Repeat:
      walk(llvm::cast<RepeatExpr>(expr)->count.get());
      return walk(llvm::cast<RepeatExpr>(expr)->stage.get(), /*isCalled=*/true);
    case Expr::Kind::If:
      walk(llvm::cast<IfExpr>(expr)->condition.get());
      walk(llvm::cast<IfExpr>(expr)->thenBlock.get());
      return walk(llvm::cast<IfExpr>(expr)->elseBlock.get());
    case Expr::Kind::Scan:
      walk(llvm::cast<ScanExpr>(expr)->sequence.get());
      return walk(llvm::cast<ScanExpr>(expr)->body.get());
    case Expr::Kind::List:
      for (const ExprPtr &element : llvm::cast<ListExpr>(expr)->elements)
        walk(element.get());
      return;
    case Expr::Kind::Tuple:
      for (const ExprPtr &element : llvm::cast<TupleExpr>(expr)->elements)
        walk(element.get());
      return;
    case Expr::Kind::Range:
      walk(llvm::cast<RangeExpr>(expr)->first.get());
      return walk(llvm::cast<RangeExpr>(expr)->last.get());
    case Expr::Kind::Integer:
    case Expr::Kind::Float:
    case Expr::Kind::Bool:
    case Expr::Kind::String:
    case Expr::Kind::Error:
      return;
    }
  }

  void walk(const TypeExpr &type) {
    walk(type.argument.get());
    for (const DimExpr &dim : type.dims)
      walk(dim.size.get());
  }

private:
  void walk(const Block *block) {
    if (!block)
      return;
    for (const StatementPtr &statement : block->statements)
      walk(*statement);
    walk(block->result.get());
  }

  void walk(const Statement &statement) {
    if (const auto *let = llvm::dyn_cast<LetStatement>(&statement)) {
      if (let->type)
        walk(*let->type);
      walk(let->value.get());
    } else if (const auto *state = llvm::dyn_cast<StateStatement>(&statement)) {
      walk(state->type);
      walk(state->init.get());
    } else if (const auto *assign = llvm::dyn_cast<AssignStatement>(&statement)) {
      walk(assign->value.get());
    } else if (const auto *yield = llvm::dyn_cast<YieldStatement>(&statement)) {
      walk(yield->value.get());
    } else if (const auto *loop = llvm::dyn_cast<ForStatement>(&statement)) {
      walk(loop->sequence.get());
      walk(loop->body.get());
    } else if (const auto *value = llvm::dyn_cast<ExprStatement>(&statement)) {
      walk(value->value.get());
    }
  }

  llvm::function_ref<void(const NameExpr &, bool)> visit;
};

} // namespace

void visitNames(const Expr &expr, llvm::function_ref<void(const NameExpr &, bool)> visit) {
  NameVisitor(visit).walk(&expr);
}

void visitNames(const LetStatement &let, llvm::function_ref<void(const NameExpr &, bool)> visit) {
  NameVisitor visitor(visit);
  if (let.type)
    visitor.walk(*let.type);
  visitor.walk(let.value.get());
}

/// The names that `visitNames` meets.
template <typename Syntax> static std::set<std::string> namesOf(const Syntax &syntax) {
  std::set<std::string> names;
  visitNames(syntax, [&](const NameExpr &name, bool) { names.insert(name.name.text); });
  return names;
}

std::set<std::string> mentionedNames(const Expr &expr) { return namesOf(expr); }
std::set<std::string> mentionedNames(const LetStatement &let) { return namesOf(let); }

} // namespace nnc::sema
