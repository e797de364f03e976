// Blocks and statements: which expressions are statements, and which one is the block's value.
#include "compiler/syntax/Builder.h"
#include "compiler/syntax/Messages.h"

using namespace nnc::ast;
using llvm::dyn_cast;
using llvm::isa;

namespace nnc::syntax {

/// The primary that the expression consists of, or null.
static NnParser::PrimaryContext *asPrimary(NnParser::ExpressionContext *context) {
  if (!context || !context->operation() || !context->stage().empty())
    return nullptr;
  auto *operation = dynamic_cast<NnParser::PrimaryOperationContext *>(context->operation());
  return operation ? operation->primary() : nullptr;
}

NnParser::ConditionalContext *asConditional(NnParser::ExpressionContext *context) {
  NnParser::PrimaryContext *primary = asPrimary(context);
  return primary ? primary->conditional() : nullptr;
}

/// Whether a branch of the conditional ends with something that may be a value.
static bool hasValue(NnParser::ConditionalContext *context);

static NnParser::ExpressionContext *lastExpression(NnParser::BlockContext *block) {
  return block && !block->statement().empty() ? block->statement().back()->expression() : nullptr;
}

static bool hasValue(NnParser::BlockContext *block) {
  NnParser::ExpressionContext *last = lastExpression(block);
  NnParser::ConditionalContext *nested = asConditional(last);
  return nested ? hasValue(nested) : last != nullptr;
}

static bool hasValue(NnParser::ConditionalContext *context) {
  return llvm::any_of(context->block(), [](auto *block) { return hasValue(block); });
}

/// `require(c, "why")` is checked, and has no value.
static bool isRequire(const Expr &value) {
  auto *call = dyn_cast<CallExpr>(&value);
  auto *callee = call ? dyn_cast<NameExpr>(call->callee.get()) : nullptr;
  return callee && callee->name.text == "require" &&
         (callee->qualifiers.empty() ||
          (callee->qualifiers.size() == 1 && callee->qualifiers.front().text == "std"));
}

std::unique_ptr<Block> Builder::emptyBlock(SourceRange where) const {
  auto result = std::make_unique<Block>();
  result->range = where;
  result->result = error(where);
  return result;
}

std::unique_ptr<Block> Builder::block(NnParser::BlockContext *context, Value value,
                                      const std::string &what) {
  if (!context)
    return nullptr;
  auto result = std::make_unique<Block>();
  result->range = range(context);
  size_t errorsBefore = diagnostics.errorCount();
  std::vector<NnParser::StatementContext *> statements = context->statement();
  for (size_t i = 0; i < statements.size(); ++i)
    statement(*result, statements[i], i + 1 == statements.size(), value);
  if (value == Value::Wanted)
    finishBlock(*result, context, errorsBefore, what);
  return result;
}

/// Null where it was forgotten: what the parser puts in its place is no token of the file.
antlr4::tree::TerminalNode *Builder::closingBrace(NnParser::BlockContext *context) const {
  Terminal *brace = context->RBRACE();
  return brace && brace->getSymbol()->getTokenIndex() < tokens.infos.size() ? brace : nullptr;
}

/// Whether the block around something goes on behind what was taken for its end.
bool Builder::isInUnclosedBlock(const Context *context) const {
  for (antlr4::tree::ParseTree *node = context->parent; node; node = node->parent)
    if (auto *block = dynamic_cast<NnParser::BlockContext *>(node))
      return !closingBrace(block);
  return false;
}

/// Sees to the value of a block that must have one.
void Builder::finishBlock(Block &block, NnParser::BlockContext *context, size_t errorsBefore,
                          const std::string &what) {
  std::vector<NnParser::StatementContext *> statements = context->statement();
  if (block.result) {
    bool isPart = tokens.infos[statements.back()->start->getTokenIndex()].afterBadText ||
                  hasErrorSince(block.result->range.begin, block.result->range.end);
    if (isPart)
      block.result = error(block.result->range); // it is but a part of what was meant
    return;
  }
  Terminal *brace = closingBrace(context);
  SourceRange end = brace ? range(brace) : block.range;
  // Where something in it was not understood, its value may have been there.
  bool broken = context->exception || !brace || info(brace->getSymbol()).afterBadText ||
                diagnostics.errorCount() != errorsBefore ||
                hasErrorSince(block.range.begin, block.range.end) ||
                llvm::any_of(statements, [](auto *child) { return child->exception != nullptr; });
  if (!broken)
    diagnostics.error(Code::MissingValue, end, what + " has no value")
        .suggest("end the block with an expression");
  block.result = error(end);
}

/// Whether text in these bounds was not understood.
bool Builder::hasErrorSince(uint32_t begin, uint32_t end) const {
  return llvm::any_of(diagnostics.all(), [&](const auto &each) {
    switch (each->code) {
    case Code::UnexpectedToken:
    case Code::ExpectedExpression:
    case Code::UnclosedBracket:
    case Code::ReservedWord:
    case Code::UnknownCharacter:
      return each->range.file == fileId && each->range.begin >= begin && each->range.begin < end;
    default:
      return false;
    }
  });
}

void Builder::statement(Block &block, NnParser::StatementContext *context, bool isLast,
                        Value value) {
  StatementPtr built;
  if (auto *child = context->letStatement()) {
    auto node = std::make_unique<LetStatement>();
    fill(*node, child);
    built = std::move(node);
  } else if (auto *child = context->paramStatement())
    built = param(child);
  else if (auto *child = context->stateStatement())
    built = state(child);
  else if (auto *child = context->forStatement())
    built = forLoop(child);
  else if (auto *child = context->yieldStatement())
    built = yield(child);
  else if (auto *child = context->assignStatement())
    built = assign(child);
  if (built) {
    built->range = range(context);
    block.statements.push_back(std::move(built));
    return;
  }
  NnParser::ExpressionContext *written = context->expression();
  bool isValue = isLast && value != Value::Unwanted;
  auto push = [&](ExprPtr expr) {
    auto node = std::make_unique<ExprStatement>();
    node->range = expr->range;
    node->value = std::move(expr);
    block.statements.push_back(std::move(node));
  };
  NnParser::ConditionalContext *conditional = asConditional(written);
  if (conditional && !(isValue && hasValue(conditional))) {
    push(this->conditional(conditional, Value::Unwanted));
    return;
  }
  ExprPtr expr = expression(written, range(context));
  bool isError = isa<ErrorExpr>(expr.get()) || context->exception;
  if (!isError && isRequire(*expr))
    push(std::move(expr));
  else if (isValue)
    block.result = std::move(expr);
  else if (!isError && !runsOn(context))
    reportUnused(*expr, context);
}

/// Whether the token behind the statement doesn't end it: that was reported.
bool Builder::runsOn(NnParser::StatementContext *context) const {
  size_t next = context->stop ? context->stop->getTokenIndex() + 1 : 0;
  if (next == 0 || next >= tokens.infos.size())
    return true;
  const TokenInfo &token = tokens.infos[next];
  return token.afterBadText || (token.type != NnParser::SEP && token.type != NnParser::RBRACE);
}

static bool opensAnew(const TokenInfo &token) {
  return token.type == NnParser::MINUS || token.type == NnParser::LPAREN ||
         token.type == NnParser::LBRACKET;
}

void Builder::reportUnused(const Expr &value, NnParser::StatementContext *context) {
  size_t first = context->start->getTokenIndex(), next = context->stop->getTokenIndex() + 2;
  Diagnostic &error = diagnostics.error(Code::UnusedValue, value.range, "this value is not used");
  auto opener = [&](size_t index) {
    return "'" + sources.text(tokens.infos[index].range).str() + "'";
  };
  bool hasLineBefore = first > 0 && tokens.infos[first - 1].isLineEnd;
  if (hasLineBefore && opensAnew(tokens.infos[first]))
    error.suggest("a " + opener(first) +
                  " that opens a line begins a new value; put it at the end of the line above to "
                  "go on");
  else if (next < tokens.infos.size() && tokens.infos[next - 1].isLineEnd &&
           opensAnew(tokens.infos[next]))
    error
        .note(tokens.infos[next].range,
              "a " + opener(next) + " that opens a line begins a new value")
        .suggest("put the " + opener(next) + " at the end of this line to go on");
  else
    error.suggest("name it with 'let', or make it the last expression of its block");
}

Pattern Builder::pattern(NnParser::PatternContext *context) {
  Pattern result;
  if (!context) {
    result.range = {fileId, 0, 0};
    return result;
  }
  result.names = names(context->NAME());
  result.isTuple = context->LPAREN() != nullptr;
  result.range = range(context);
  return result;
}

void Builder::fill(LetStatement &let, NnParser::LetStatementContext *context) {
  let.pattern = pattern(context->pattern());
  let.range = range(context);
  if (context->type())
    let.type = type(context->type());
  let.value = expression(context->expression(), let.range);
}

StatementPtr Builder::param(NnParser::ParamStatementContext *context) {
  auto node = std::make_unique<ParamStatement>();
  node->name = name(context->NAME());
  node->type = type(context->type());
  node->init = expression(context->expression(), range(context));
  return node;
}

StatementPtr Builder::state(NnParser::StateStatementContext *context) {
  auto node = std::make_unique<StateStatement>();
  node->name = name(context->NAME());
  node->type = type(context->type());
  node->init = expression(context->expression(), range(context));
  return node;
}

StatementPtr Builder::forLoop(NnParser::ForStatementContext *context) {
  auto node = std::make_unique<ForStatement>();
  SourceRange where = range(context);
  node->pattern = pattern(context->pattern());
  node->sequence = expression(context->expression(), where, /*mayBeRange=*/true);
  node->body = context->block() ? block(context->block(), Value::Unwanted, "") : emptyBlock(where);
  return node;
}

StatementPtr Builder::yield(NnParser::YieldStatementContext *context) {
  auto node = std::make_unique<YieldStatement>();
  node->value = expression(context->expression(), range(context));
  return node;
}

StatementPtr Builder::assign(NnParser::AssignStatementContext *context) {
  auto node = std::make_unique<AssignStatement>();
  node->name = name(context->NAME());
  node->value = expression(context->expression(), range(context));
  return node;
}

} // namespace nnc::syntax
