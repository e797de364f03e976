// Blocks and statements: which items are statements, and which one is the block's value.
#include "compiler/syntax/Builder.h"
#include "compiler/syntax/Messages.h"

using namespace nnc::ast;
using llvm::isa;

namespace nnc::syntax {

NnParser::ConditionalContext *asConditional(NnParser::ExpressionContext *context) {
  if (!context || context->operation() == nullptr || !context->stage().empty())
    return nullptr;
  auto *operation = dynamic_cast<NnParser::PrimaryOperationContext *>(context->operation());
  return operation && operation->primary() ? operation->primary()->conditional() : nullptr;
}

/// Whether a branch of the conditional ends with something that may be a value.
static bool hasValue(NnParser::ConditionalContext *context);

static bool hasValue(NnParser::BlockContext *block) {
  if (!block || block->item().empty())
    return false;
  NnParser::ExpressionContext *last = block->item().back()->expression();
  NnParser::ConditionalContext *nested = asConditional(last);
  return nested ? hasValue(nested) : last != nullptr;
}

static bool hasValue(NnParser::ConditionalContext *context) {
  return llvm::any_of(context->block(), [](auto *block) { return hasValue(block); });
}

std::unique_ptr<Block> Builder::emptyBlock(SourceRange where) const {
  auto result = std::make_unique<Block>();
  result->range = where;
  result->result = error(where);
  return result;
}

std::unique_ptr<Block> Builder::block(NnParser::BlockContext *context, bool wantsValue,
                                      llvm::StringRef what) {
  auto result = std::make_unique<Block>();
  result->range = range(context);
  std::vector<NnParser::ItemContext *> items = context->item();
  size_t errorsBefore = diagnostics.errorCount();
  for (size_t i = 0; i < items.size(); ++i)
    item(*result, items[i], i + 1 == items.size(), wantsValue);
  bool isPart =
      result->result && (tokens.infos[items.back()->start->getTokenIndex()].afterBadText ||
                         hasErrorSince(result->result->range.begin, result->range.end));
  if (wantsValue && isPart)
    result->result = error(result->result->range); // it is but a part of what was meant
  if (!wantsValue || result->result)
    return result;
  SourceRange end = context->RBRACE() ? range(context->RBRACE()) : result->range;
  // Where something in it was not understood, its value may have been there.
  bool broken = context->exception || !context->RBRACE() ||
                info(context->RBRACE()->getSymbol()).afterBadText ||
                diagnostics.errorCount() != errorsBefore ||
                hasErrorSince(result->range.begin, result->range.end) ||
                llvm::any_of(items, [](auto *child) { return child->exception != nullptr; });
  if (!broken)
    diagnostics.error(Code::MissingValue, end, what.str() + " has no value")
        .suggest("end the block with an expression");
  result->result = error(end);
  return result;
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

void Builder::item(Block &block, NnParser::ItemContext *context, bool isLast, bool wantsValue) {
  bool separated = checkSeparated(context);
  StatementPtr statement;
  if (auto *child = context->letStatement())
    statement = let(child);
  else if (auto *child = context->paramStatement())
    statement = param(child);
  else if (auto *child = context->stateStatement())
    statement = state(child);
  else if (auto *child = context->forStatement())
    statement = forLoop(child);
  else if (auto *child = context->assignStatement())
    statement = assign(child);
  if (statement) {
    statement->range = range(context);
    block.statements.push_back(std::move(statement));
    return;
  }
  NnParser::ExpressionContext *value = context->expression();
  NnParser::ConditionalContext *conditional = asConditional(value);
  if (conditional && !(isLast && wantsValue && hasValue(conditional))) {
    auto node = std::make_unique<IfStatement>();
    node->value = this->conditional(conditional, /*isStatement=*/true);
    node->range = node->value->range;
    block.statements.push_back(std::move(node));
    return;
  }
  ExprPtr built = expression(value, range(context));
  bool isError = isa<ErrorExpr>(built.get()) || context->exception;
  if (isLast && wantsValue)
    block.result = std::move(built);
  else if (!isError && separated && !runsOn(context))
    reportUnused(*built);
}

/// Whether the token behind the item is on its line, though it doesn't belong to it: that is
/// reported, by the parser or as an item that is not separated from this one.
bool Builder::runsOn(NnParser::ItemContext *context) const {
  size_t next = context->stop ? context->stop->getTokenIndex() + 1 : 0;
  if (next == 0 || next >= tokens.infos.size())
    return true;
  const TokenInfo &token = tokens.infos[next];
  return token.afterBadText || (!token.firstOnLine && token.type != NnParser::SEMICOLON &&
                                token.type != NnParser::RBRACE);
}

void Builder::reportUnused(const Expr &value) {
  diagnostics.error(Code::UnusedValue, value.range, "this value is not used")
      .suggest("name it with 'let', or make it the last expression of its block");
}

/// Two items on one line are more likely one that lacks something. False after an error.
bool Builder::checkSeparated(NnParser::ItemContext *context) {
  size_t index = context->start->getTokenIndex();
  const TokenInfo &first = tokens.infos[index], &before = tokens.infos[index - 1];
  if (first.firstOnLine || before.type == NnParser::SEMICOLON || before.type == NnParser::LBRACE ||
      before.type == NnParser::RBRACE || first.afterBadText)
    return true;
  // After a broken item, the trouble is known.
  auto *parent = static_cast<Context *>(context->parent);
  auto self = llvm::find(parent->children, context);
  auto *previous =
      self == parent->children.begin() ? nullptr : dynamic_cast<Context *>(*(self - 1));
  if (context->exception || (previous && previous->exception))
    return false;
  bool isStatement = !context->expression() && !context->assignStatement();
  if (isStatement)
    return true;
  if (before.type == NnParser::PARAM && first.type == NnParser::NAME) {
    const TokenInfo &next = tokens.infos[index + 1];
    diagnostics.error(Code::UnexpectedToken, next.range,
                      "expected ':' and the type of parameter '" + sources.text(first.range).str() +
                          "', found " + describe(next, sources));
    return false;
  }
  llvm::StringRef word = sources.text(before.range);
  std::string hint = hintForWord(word).str();
  if (hint.empty())
    hint = hintForWord(sources.text(first.range)).str();
  std::string near = before.type == NnParser::NAME ? nearest(word, statementWords()) : "";
  if (hint.empty() && !near.empty())
    hint = "did you mean '" + near + "'?";
  if (hint.empty())
    hint = first.type == NnParser::NAME
               ? "is a '|>' missing before it? Statements on one line are separated by ';'"
               : "statements on one line are separated by ';'";
  diagnostics
      .error(Code::UnexpectedToken, first.range,
             "expected an operator or the end of the statement, found " + describe(first, sources))
      .suggest(hint);
  return false;
}

StatementPtr Builder::let(NnParser::LetStatementContext *context) {
  auto node = std::make_unique<LetStatement>();
  node->names = names(context->NAME());
  node->isTuple = context->LPAREN() != nullptr;
  if (context->type())
    node->type = type(context->type());
  node->value = expression(context->expression(), range(context));
  return node;
}

StatementPtr Builder::param(NnParser::ParamStatementContext *context) {
  auto node = std::make_unique<ParamStatement>();
  node->isBuffer = context->BUFFER() != nullptr;
  node->name = name(context->NAME());
  node->type = type(context->type());
  node->init = expression(context->expression(), range(context));
  return node;
}

StatementPtr Builder::state(NnParser::StateStatementContext *context) {
  auto node = std::make_unique<StateStatement>();
  for (NnParser::StateEntryContext *child : context->stateEntry())
    node->entries.push_back({name(child->NAME()), expression(child->expression(), range(child))});
  return node;
}

StatementPtr Builder::forLoop(NnParser::ForStatementContext *context) {
  auto node = std::make_unique<ForStatement>();
  SourceRange where = range(context);
  node->variable = name(context->NAME());
  node->first = operation(orNull(context->operation(), 0), where);
  node->last = operation(orNull(context->operation(), 1), where);
  node->body =
      context->block() ? block(context->block(), /*wantsValue=*/false, "") : emptyBlock(where);
  return node;
}

StatementPtr Builder::assign(NnParser::AssignStatementContext *context) {
  auto node = std::make_unique<AssignStatement>();
  node->name = name(context->NAME());
  node->value = expression(context->expression(), range(context));
  return node;
}

} // namespace nnc::syntax
