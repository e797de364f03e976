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

ExprPtr Builder::expression(NnParser::ExpressionContext *context, SourceRange at) {
  if (!context)
    return error(at);
  ExprPtr value = operation(context->operation(), range(context));
  for (NnParser::StageContext *child : context->stage())
    value = stage(child, std::move(value));
  return value;
}

ExprPtr Builder::stage(NnParser::StageContext *context, ExprPtr input) {
  auto node = std::make_unique<PipeExpr>();
  node->range = between(input->range, range(context));
  node->input = std::move(input);
  node->stageRange = range(context);
  if (context->REPEAT())
    node->repeat = expression(context->expression(), node->stageRange);
  if (!context->NAME() || context->exception) {
    node->stage = error(node->stageRange);
    return node;
  }
  node->stage = named(context->NAME(), context->arguments());
  return node;
}

ExprPtr Builder::named(Terminal *terminal, NnParser::ArgumentsContext *arguments) {
  auto callee = std::make_unique<NameExpr>();
  callee->name = name(terminal);
  callee->range = callee->name.range;
  if (!arguments)
    return callee;
  auto call = std::make_unique<CallExpr>();
  call->range = between(callee->range, range(arguments));
  call->callee = std::move(callee);
  fillArguments(*call, arguments);
  return call;
}

ExprPtr Builder::operation(NnParser::OperationContext *context, SourceRange at) {
  if (!context)
    return error(at);
  if (context->exception)
    return error(range(context));
  if (auto *child = dynamic_cast<NnParser::PrimaryOperationContext *>(context))
    return primary(child->primary(), range(context));
  if (auto *child = dynamic_cast<NnParser::BinaryContext *>(context))
    return binary(child);
  if (auto *child = dynamic_cast<NnParser::CallContext *>(context))
    return call(child);
  if (auto *child = dynamic_cast<NnParser::UnaryContext *>(context))
    return unary(child);
  if (auto *child = dynamic_cast<NnParser::IndexingContext *>(context))
    return indexing(child);
  if (auto *child = dynamic_cast<NnParser::CastContext *>(context))
    return cast(child);
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
  if (auto *left = dyn_cast<BinaryExpr>(node->lhs.get()))
    if (isComparison(node->op) && isComparison(left->op) && !left->parenthesized) {
      diagnostics.error(Code::ChainedComparison, node->opRange, "comparisons cannot be chained")
          .note(left->opRange, "the first comparison is here")
          .suggest("join two comparisons with '&&'");
      return error(node->range);
    }
  return node;
}

ExprPtr Builder::unary(NnParser::UnaryContext *context) {
  auto node = std::make_unique<UnaryExpr>();
  node->range = range(context);
  node->op = context->MINUS() ? UnaryOp::Negate : UnaryOp::Not;
  node->operand = operation(context->operation(), node->range);
  return node;
}

ExprPtr Builder::call(NnParser::CallContext *context) {
  auto node = std::make_unique<CallExpr>();
  node->range = range(context);
  node->callee = operation(context->operation(), node->range);
  fillArguments(*node, context->arguments());
  return node;
}

void Builder::fillArguments(CallExpr &call, NnParser::ArgumentsContext *context) {
  if (!context) {
    call.argumentsRange = call.range;
    return;
  }
  call.argumentsRange = range(context);
  for (NnParser::ArgumentContext *child : context->argument()) {
    Argument argument;
    if (child->NAME())
      argument.name = name(child->NAME());
    argument.value = expression(child->expression(), range(child));
    if (!argument.name && !call.arguments.empty() && call.arguments.back().name &&
        !llvm::isa<ErrorExpr>(argument.value.get())) {
      diagnostics
          .error(Code::UnexpectedToken, argument.value->range,
                 "an argument without a name follows one with a name")
          .suggest("arguments by place come first; name this one too, or move it");
      argument.value = error(argument.value->range);
    }
    call.arguments.push_back(std::move(argument));
  }
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
  item.isRange = context->COLON() || context->DOTDOT();
  if (context->expression())
    item.first = expression(context->expression(), item.range);
  else if (!item.isRange)
    item.first = error(item.range);
  if (context->operation())
    item.last = operation(context->operation(), item.range);
  return item;
}

ExprPtr Builder::cast(NnParser::CastContext *context) {
  auto node = std::make_unique<CastExpr>();
  node->range = range(context);
  node->operand = operation(context->operation(), node->range);
  node->element = name(context->NAME());
  return node;
}

ExprPtr Builder::primary(NnParser::PrimaryContext *context, SourceRange at) {
  if (!context || context->exception)
    return error(at);
  if (context->INTEGER())
    return integer(context->INTEGER());
  if (context->FLOAT())
    return floating(context->FLOAT());
  if (Terminal *terminal = context->STRING()) {
    auto node = std::make_unique<StringExpr>(string(terminal));
    return node;
  }
  if (context->TRUE() || context->FALSE()) {
    auto node = std::make_unique<BoolExpr>();
    node->value = context->TRUE() != nullptr;
    node->range = range(context);
    return node;
  }
  if (Terminal *terminal = context->NAME() ? context->NAME() : context->PARAM()) {
    auto node = std::make_unique<NameExpr>();
    node->name = name(terminal);
    node->range = node->name.range;
    return node;
  }
  if (context->conditional())
    return conditional(context->conditional(), /*isStatement=*/false);
  if (context->LPAREN())
    return parenthesized(context);
  if (context->LBRACKET())
    return list(context);
  return error(at);
}

ExprPtr Builder::integer(Terminal *terminal) {
  auto node = std::make_unique<IntegerExpr>();
  node->range = range(terminal);
  llvm::StringRef text = sources.text(node->range);
  node->spelling = text.str();
  if (text.find_first_not_of("0123456789") != llvm::StringRef::npos)
    return error(node->range); // the scanner has said so
  if (text.getAsInteger(10, node->value)) {
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
  auto status = value.convertFromString(node->spelling, llvm::APFloat::rmNearestTiesToEven);
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
      uint32_t at = node.range.begin + i;
      diagnostics
          .error(Code::UnknownEscape, {fileId, at, at + 2},
                 "unknown escape sequence '" + sources.text({fileId, at, at + 2}).str() + "'")
          .suggest("there are \\n, \\t, \\\" and \\\\");
    }
  }
  return node;
}

ExprPtr Builder::parenthesized(NnParser::PrimaryContext *context) {
  std::vector<NnParser::ExpressionContext *> elements = context->expression();
  SourceRange where = range(context);
  if (elements.size() < 2) {
    ExprPtr inner = expression(orNull(elements, 0), where);
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

std::unique_ptr<IfExpr> Builder::conditional(NnParser::ConditionalContext *context,
                                             bool isStatement) {
  // `if a {} else if b {} else {}`: built from the last `else` to the first `if`, each inside the
  // one before.
  std::vector<NnParser::ExpressionContext *> conditions = context->expression();
  std::vector<NnParser::BlockContext *> blocks = context->block();
  SourceRange where = range(context);
  auto branch = [&](size_t i) {
    NnParser::BlockContext *child = orNull(blocks, i);
    return child ? block(child, !isStatement, "this branch") : emptyBlock(where);
  };
  std::unique_ptr<Block> rest;
  if (blocks.size() > conditions.size()) {
    rest = branch(conditions.size());
  } else if (!isStatement) {
    SourceRange keyword = range(context->IF(0));
    if (!context->exception)
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
    if (isStatement) {
      auto statement = std::make_unique<IfStatement>();
      statement->range = node->range;
      statement->value = std::move(node);
      rest->statements.push_back(std::move(statement));
    } else {
      rest->result = std::move(node);
    }
  }
  return node;
}

} // namespace nnc::syntax
