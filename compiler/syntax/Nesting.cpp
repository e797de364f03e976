// Bounds the depth of the syntax tree, token by token.
#include "compiler/syntax/Nesting.h"

#include "compiler/syntax/Limits.h"
#include "compiler/syntax/Tokens.h"

#include "NnParser.h"

#include <algorithm>

namespace nnc::syntax {

size_t Nesting::Level::depth() const { return std::max(deepest, links + operand); }

void Nesting::Level::begin() {
  deepest = depth();
  links = operand = 0;
  afterOperand = false;
}

Nesting::Status Nesting::open() {
  if (openBrackets() == maxNesting)
    return Status::TooManyBrackets;
  levels.emplace_back();
  return Status::Fine;
}

void Nesting::close() {
  if (openBrackets() == 0)
    return;
  size_t depth = levels.back().depth() + 1;
  levels.pop_back();
  Level &outer = levels.back();
  outer.operand = std::max(outer.operand, depth);
  outer.afterOperand = !outer.afterRepeat;
  outer.afterRepeat = false;
}

Nesting::Status Nesting::add(size_t tokenType) {
  Level &level = levels.back();
  switch (tokenType) {
  case NnParser::LPAREN: // behind an operand a call or an index, else an operand
  case NnParser::LBRACKET:
    level.links += level.afterOperand;
    return open();
  case NnParser::LBRACE: // of an `if` or a `for`: belongs to the expression before it
    return open();
  case NnParser::RPAREN:
  case NnParser::RBRACKET:
  case NnParser::RBRACE:
    close();
    break;
  case NnParser::IF:
  case NnParser::SCAN:
    if (level.afterOperand)
      level.begin();
    level.afterOperand = false;
    break;
  case NnParser::REPEAT:
    ++level.links;
    level.afterRepeat = true;
    level.afterOperand = false;
    break;
  case NnParser::PIPE:
  case NnParser::DOT:
  case NnParser::DOTDOT:
  case NnParser::PLUS:
  case NnParser::MINUS:
  case NnParser::STAR:
  case NnParser::SLASH:
  case NnParser::PERCENT:
  case NnParser::AT:
  case NnParser::POWER:
  case NnParser::NOT:
  case NnParser::EQUAL:
  case NnParser::NOT_EQUAL:
  case NnParser::LESS:
  case NnParser::LESS_EQUAL:
  case NnParser::GREATER:
  case NnParser::GREATER_EQUAL:
  case NnParser::AND:
  case NnParser::OR:
  case NnParser::AS:
  case NnParser::ELSE:
    ++level.links;
    level.afterOperand = false;
    break;
  default: // An operand of one token, or what is in no expression.
    if (level.afterOperand || !endsOperand(tokenType))
      level.begin();
    level.afterOperand = endsOperand(tokenType);
    break;
  }
  return levels.back().depth() > maxDepth ? Status::TooDeep : Status::Fine;
}

} // namespace nnc::syntax
