// Expressions.
#include "compiler/syntax/Builder.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/Support/Error.h"

using namespace nnc::ast;
using llvm::dyn_cast;

namespace nnc::syntax {

ExprPtr Builder::error(SourceRange where) const {
  auto node = std::make_unique<ErrorExpr>();
  node->range = where;
  return node;
}

ExprPtr Builder::expression(NnParser::ExpressionContext *context, SourceRange at, bool mayBeRange) {
  if (!context)
    return error(at);
  std::vector<NnParser::StageContext *> stages = context->stage();
  ExprPtr value = operation(context->operation(), range(context), mayBeRange && stages.empty());
  for (NnParser::StageContext *child : stages) {
    auto node = std::make_unique<PipeExpr>();
    node->range = between(value->range, range(child));
    node->input = std::move(value);
    node->stage = stage(child);
    value = std::move(node);
  }
  return value;
}

ExprPtr Builder::stage(NnParser::StageContext *context) {
  SourceRange where = range(context);
  if (context->REPEAT() && context->stage()) {
    auto node = std::make_unique<RepeatExpr>();
    node->range = where;
    node->count = expression(context->expression(), where);
    node->stage = stage(context->stage());
    return node;
  }
  if (!context->path() || context->exception)
    return error(where);
  ExprPtr value = path(context->path(), where);
  for (NnParser::ArgumentsContext *child : context->arguments())
    value = call(std::move(value), child);
  return value;
}

ExprPtr Builder::path(NnParser::PathContext *context, SourceRange at) {
  std::vector<Name> all = names(context->NAME());
  if (all.empty() || context->exception)
    return error(at);
  auto node = std::make_unique<NameExpr>();
  node->range = range(context);
  node->name = std::move(all.back());
  all.pop_back();
  node->qualifiers = std::move(all);
  return node;
}

ExprPtr Builder::operation(NnParser::OperationContext *context, SourceRange at, bool mayBeRange) {
  if (!context)
    return error(at);
  if (context->exception)
    return error(range(context));
  if (auto *child = dynamic_cast<NnParser::PrimaryOperationContext *>(context))
    return primary(child->primary(), range(context), mayBeRange);
  if (auto *child = dynamic_cast<NnParser::BinaryContext *>(context))
    return binary(child);
  if (auto *child = dynamic_cast<NnParser::CallContext *>(context))
    return call(operation(child->operation(), range(context)), child->arguments());
  if (auto *child = dynamic_cast<NnParser::UnaryContext *>(context))
    return unary(child);
  if (auto *child = dynamic_cast<NnParser::IndexingContext *>(context))
    return indexing(child);
  if (auto *child = dynamic_cast<NnParser::CastContext *>(context))
    return cast(child);
  if (auto *child = dynamic_cast<NnParser::RangeContext *>(context))
    return span(child, mayBeRange);
  return error(range(context));
}

static BinaryOp binaryOp(size_t type) {
  switch (type) {
  case NnParser::PLUS:
    return BinaryOp::Add;
  case NnParser::MINUS:
    return BinaryOp::Subtract;
  case NnParser::STAR:
    return BinaryOp::Multiply;
  case NnParser::SLASH:
    return BinaryOp::Divide;
  case NnParser::PERCENT:
    return BinaryOp::Modulo;
  case NnParser::AT:
    return BinaryOp::MatMul;
  case NnParser::POWER:
    return BinaryOp::Power;
  case NnParser::EQUAL:
    return BinaryOp::Equal;
  case NnParser::NOT_EQUAL:
    return BinaryOp::NotEqual;
  case NnParser::LESS:
    return BinaryOp::Less;
  case NnParser::LESS_EQUAL:
    return BinaryOp::LessEqual;
  case NnParser::GREATER:
    return BinaryOp::Greater;
  case NnParser::GREATER_EQUAL:
    return BinaryOp::GreaterEqual;
  case NnParser::AND:
    return BinaryOp::And;
  default:
    return BinaryOp::Or;
  }
}

static bool isComparison(BinaryOp op) {
  return op >= BinaryOp::Equal && op <= BinaryOp::GreaterEqual;
}

/// `a == not b` reads like something else than it would have to mean.
void Builder::checkNot(const Expr &operand, llvm::StringRef op) {
  auto *unary = dyn_cast<UnaryExpr>(&operand);
  if (!unary || unary->op != UnaryOp::Not || unary->parenthesized)
    return;
  diagnostics
      .error(Code::UnexpectedToken, {fileId, unary->range.begin, unary->range.begin + 3},
             "'not' binds less tightly than '" + op.str() + "'")
      .suggest("put it in parentheses, with what it negates");
}

ExprPtr Builder::binary(NnParser::BinaryContext *context) {
  auto *op = dynamic_cast<Terminal *>(context->children[1]);
  if (!op)
    return error(range(context));
  auto node = std::make_unique<BinaryExpr>();
  node->range = range(context);
  node->op = binaryOp(op->getSymbol()->getType());
  node->opRange = range(op);
  node->lhs = operation(orNull(context->operation(), 0), node->range);
  node->rhs = operation(orNull(context->operation(), 1), node->range);
  if (node->op != BinaryOp::And && node->op != BinaryOp::Or)
    checkNot(*node->rhs, spelling(node->op));
  if (auto *left = dyn_cast<BinaryExpr>(node->lhs.get()))
    if (isComparison(node->op) && isComparison(left->op) && !left->parenthesized) {
      diagnostics.error(Code::ChainedComparison, node->opRange, "comparisons cannot be chained")
          .note(left->opRange, "the first comparison is here")
          .suggest("join two comparisons with 'and'");
      return error(node->range);
    }
  return node;
}

ExprPtr Builder::unary(NnParser::UnaryContext *context) {
  auto node = std::make_unique<UnaryExpr>();
  node->range = range(context);
  node->op = context->MINUS() ? UnaryOp::Negate : UnaryOp::Not;
  node->operand = operation(context->operation(), node->range);
  if (node->op == UnaryOp::Negate)
    checkNot(*node->operand, "-");
  return node;
}

/// `a..b`
ExprPtr Builder::span(NnParser::RangeContext *context, bool mayBeRange) {
  auto node = std::make_unique<RangeExpr>();
  node->range = range(context);
  node->first = operation(orNull(context->operation(), 0), node->range);
  node->last = operation(orNull(context->operation(), 1), node->range);
  if (!mayBeRange) {
    bool isChain = dynamic_cast<NnParser::RangeContext *>(context->parent) != nullptr;
    if (!isChain)
      diagnostics.error(Code::UnexpectedToken, range(context->DOTDOT()),
                        "a range stands in an index and behind 'in' alone");
    return error(node->range);
  }
  if (llvm::isa<RangeExpr>(node->last.get()) || llvm::isa<ErrorExpr>(node->first.get()) ||
      llvm::isa<ErrorExpr>(node->last.get()))
    return error(node->range);
  return node;
}

ExprPtr Builder::call(ExprPtr callee, NnParser::ArgumentsContext *arguments) {
  auto node = std::make_unique<CallExpr>();
  node->range = arguments ? between(callee->range, range(arguments)) : callee->range;
  node->callee = std::move(callee);
  fillArguments(*node, arguments);
  return node;
}

void Builder::addArgument(std::vector<Argument> &arguments, NnParser::ArgumentContext *context) {
  Argument argument;
  if (context->NAME())
    argument.name = name(context->NAME());
  argument.value = expression(context->expression(), range(context));
  if (!anyOrder && !argument.name && !arguments.empty() && arguments.back().name &&
      !llvm::isa<ErrorExpr>(argument.value.get())) {
    diagnostics
        .error(Code::UnexpectedToken, argument.value->range,
               "an argument without a name follows one with a name")
        .suggest("arguments by place come first; name this one too, or move it");
    argument.value = error(argument.value->range);
  }
  arguments.push_back(std::move(argument));
}

void Builder::fillArguments(CallExpr &call, NnParser::ArgumentsContext *context) {
  if (!context) {
    call.argumentsRange = call.range;
    return;
  }
  call.argumentsRange = range(context);
  for (NnParser::ArgumentContext *child : context->argument())
    addArgument(call.arguments, child);
  if (context->exception)
    call.arguments.push_back({std::nullopt, error(call.argumentsRange)});
  // What the parser passed over, after a missing comma, stands for one argument.
  if (context->RPAREN() && !context->argument().empty() && context->argument().back()->stop) {
    size_t last = context->argument().back()->stop->getTokenIndex();
    size_t closer = context->RPAREN()->getSymbol()->getTokenIndex();
    if (closer > last + 1 && tokens.infos[last + 1].type != NnParser::COMMA)
      call.arguments.push_back({std::nullopt, error(tokens.infos[last + 1].range)});
  }
}

ExprPtr Builder::indexing(NnParser::IndexingContext *context) {
  auto node = std::make_unique<IndexExpr>();
  node->range = range(context);
  node->base = operation(context->operation(), node->range);
  for (NnParser::IndexContext *child : context->index())
    node->items.push_back(indexItem(child));
  return node;
}

IndexItem Builder::indexItem(NnParser::IndexContext *context) {
  IndexItem item;
  item.range = range(context);
  if (context->ELLIPSIS()) {
    item.kind = IndexItem::Kind::Rest;
    return item;
  }
  if (context->COLON() || context->DOTDOT())
    item.kind = IndexItem::Kind::Range;
  if (context->operation())
    item.last = operation(context->operation(), item.range);
  else if (!context->COLON())
    item.first = expression(context->expression(), item.range, /*mayBeRange=*/true);
  if (!item.first || item.kind == IndexItem::Kind::Range)
    return item;
  if (auto *both = dyn_cast<RangeExpr>(item.first.get())) {
    item.kind = IndexItem::Kind::Range;
    item.last = std::move(both->last);
    item.first = std::move(both->first);
  } else if (auto *word = dyn_cast<NameExpr>(item.first.get());
             word && !word->parenthesized && word->qualifiers.empty() && word->name.text == "new") {
    item.kind = IndexItem::Kind::New;
    item.first = nullptr;
  }
  return item;
}

ExprPtr Builder::cast(NnParser::CastContext *context) {
  auto node = std::make_unique<CastExpr>();
  node->range = range(context);
  node->operand = operation(context->operation(), node->range);
  node->type.element = name(context->NAME());
  node->type.range = node->type.element.range;
  if (context->expression()) {
    node->type.argument = expression(context->expression(), node->range);
    node->type.range = between(node->type.range, node->range);
  }
  return node;
}

ExprPtr Builder::primary(NnParser::PrimaryContext *context, SourceRange at, bool mayBeRange) {
  if (!context || context->exception)
    return error(at);
  if (context->INTEGER())
    return integer(context->INTEGER());
  if (context->FLOAT())
    return floating(context->FLOAT());
  if (Terminal *terminal = context->STRING())
    return std::make_unique<StringExpr>(string(terminal));
  if (context->TRUE() || context->FALSE()) {
    auto node = std::make_unique<BoolExpr>();
    node->value = context->TRUE() != nullptr;
    node->range = range(context);
    return node;
  }
  if (context->path())
    return path(context->path(), at);
  if (context->conditional())
    return conditional(context->conditional(), Value::Wanted);
  if (context->scan())
    return scan(context->scan());
  if (context->LPAREN())
    return parenthesized(context, mayBeRange);
  if (context->LBRACKET())
    return list(context);
  return error(at);
}

/// `20_000` as `20000`
static std::string withoutSeparators(llvm::StringRef number) {
  std::string digits = number.str();
  llvm::erase(digits, '_');
  return digits;
}

ExprPtr Builder::integer(Terminal *terminal) {
  auto node = std::make_unique<IntegerExpr>();
  node->range = range(terminal);
  llvm::StringRef text = sources.text(node->range);
  node->spelling = text.str();
  std::string digits = withoutSeparators(text);
  if (digits.find_first_not_of("0123456789") != std::string::npos || text.ends_with("_") ||
      text.contains("__"))
    return error(node->range); // the scanner has said so
  if (llvm::StringRef(digits).getAsInteger(10, node->value)) {
    diagnostics
        .error(Code::IntegerTooLarge, node->range,
               "the integer '" + text.str() + "' does not fit in 64 bits")
        .suggest("the largest is " + std::to_string(INT64_MAX));
    return error(node->range);
  }
  return node;
}

ExprPtr Builder::floating(Terminal *terminal) {
  auto node = std::make_unique<FloatExpr>();
  node->range = range(terminal);
  node->spelling = sources.text(node->range).str();
  llvm::APFloat value(llvm::APFloat::IEEEdouble());
  auto status = value.convertFromString(withoutSeparators(node->spelling),
                                        llvm::APFloat::rmNearestTiesToEven);
  if (!status) {
    llvm::consumeError(status.takeError());
    return error(node->range);
  }
  if (*status & llvm::APFloat::opOverflow) {
    diagnostics.error(Code::FloatOutOfRange, node->range,
                      "the number '" + node->spelling + "' is beyond the range of f64");
    return error(node->range);
  }
  node->value = value.convertToDouble();
  return node;
}

/// Resolves the escapes.
StringExpr Builder::string(Terminal *terminal) {
  StringExpr node;
  node.range = range(terminal);
  llvm::StringRef text = sources.text(node.range).drop_front();
  text.consume_back("\""); // absent where the string is not closed
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      node.value += text[i];
      continue;
    }
    switch (text[++i]) {
    case 'n':
      node.value += '\n';
      break;
    case 't':
      node.value += '\t';
      break;
    case '"':
    case '\\':
      node.value += text[i];
      break;
    default:
      uint32_t at = node.range.begin + i, end = at + 2;
      // The whole of a character that takes several bytes.
      while (i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xc0) == 0x80) {
        ++i;
        ++end;
      }
      diagnostics
          .error(Code::UnknownEscape, {fileId, at, end},
                 "unknown escape sequence '" + sources.text({fileId, at, end}).str() + "'")
          .suggest("there are \\n, \\t, \\\" and \\\\");
    }
  }
  return node;
}

ExprPtr Builder::parenthesized(NnParser::PrimaryContext *context, bool mayBeRange) {
  std::vector<NnParser::ExpressionContext *> elements = context->expression();
  SourceRange where = range(context);
  if (elements.size() < 2) {
    ExprPtr inner = expression(orNull(elements, 0), where, mayBeRange);
    inner->range = where;
    inner->parenthesized = true;
    return inner;
  }
  auto node = std::make_unique<TupleExpr>();
  node->range = where;
  for (NnParser::ExpressionContext *child : elements)
    node->elements.push_back(expression(child, where));
  return node;
}

ExprPtr Builder::list(NnParser::PrimaryContext *context) {
  auto node = std::make_unique<ListExpr>();
  node->range = range(context);
  for (NnParser::ExpressionContext *child : context->expression())
    node->elements.push_back(expression(child, node->range));
  return node;
}

/// Whether the block yields, itself or in a branch of its `if`s.
static bool yields(const Block &block) {
  auto inBranch = [](const Expr *value) {
    auto *conditional = value ? dyn_cast<IfExpr>(value) : nullptr;
    return conditional && (yields(*conditional->thenBlock) ||
                           (conditional->elseBlock && yields(*conditional->elseBlock)));
  };
  for (const StatementPtr &statement : block.statements) {
    if (llvm::isa<YieldStatement>(statement.get()))
      return true;
    auto *loop = dyn_cast<ForStatement>(statement.get());
    if (loop && yields(*loop->body))
      return true;
    auto *expr = dyn_cast<ExprStatement>(statement.get());
    if (expr && inBranch(expr->value.get()))
      return true;
  }
  return inBranch(block.result.get());
}

ExprPtr Builder::scan(NnParser::ScanContext *context) {
  auto node = std::make_unique<ScanExpr>();
  node->range = range(context);
  node->pattern = pattern(context->pattern());
  node->sequence = expression(context->expression(), node->range, /*mayBeRange=*/true);
  if (context->NAME().size() == 2) {
    Name word = name(context->NAME(0));
    if (word.text != "over")
      diagnostics
          .error(Code::UnexpectedToken, word.range,
                 "expected 'over' or '{', found '" + word.text + "'")
          .suggest("'scan xt in x over time {' names the dimension that the loop runs along");
    node->axis = name(context->NAME(1));
  }
  size_t errorsBefore = diagnostics.errorCount();
  node->body = context->block() ? block(context->block(), Value::Possible, "this 'scan'")
                                : emptyBlock(node->range);
  if (!node->body->result && !yields(*node->body) && context->block())
    finishBlock(*node->body, context->block(), errorsBefore, "this 'scan'");
  return node;
}

std::unique_ptr<IfExpr> Builder::conditional(NnParser::ConditionalContext *context, Value value) {
  // `if a {} else if b {} else {}`: built from the last `else` to the first `if`, each inside the
  // one before.
  std::vector<NnParser::ExpressionContext *> conditions = context->expression();
  std::vector<NnParser::BlockContext *> blocks = context->block();
  SourceRange where = range(context);
  auto branch = [&](size_t i) {
    NnParser::BlockContext *child = orNull(blocks, i);
    return child ? block(child, value, "this branch") : emptyBlock(where);
  };
  std::unique_ptr<Block> rest;
  if (blocks.size() > conditions.size()) {
    rest = branch(conditions.size());
  } else if (value != Value::Unwanted) {
    SourceRange keyword = range(context->IF(0));
    if (!context->exception && !isInUnclosedBlock(context))
      diagnostics
          .error(Code::MissingValue, keyword, "this 'if' is used as a value and has no 'else'")
          .suggest("add 'else { ... }' with the other value");
    rest = emptyBlock(keyword);
  }
  std::unique_ptr<IfExpr> node;
  for (size_t i = std::max<size_t>(conditions.size(), 1); i-- > 0;) {
    node = std::make_unique<IfExpr>();
    node->condition = expression(orNull(conditions, i), where);
    node->thenBlock = branch(i);
    node->elseBlock = std::move(rest);
    antlr4::tree::TerminalNode *keyword = orNull(context->IF(), i);
    node->range = between(keyword ? range(keyword) : where, where);
    if (i == 0)
      break;
    rest = std::make_unique<Block>();
    rest->range = node->range;
    rest->isElseIf = true;
    rest->result = std::move(node);
  }
  return node;
}

} // namespace nnc::syntax
