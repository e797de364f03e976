// What passes over the tokens know of a token by itself.
#pragma once

#include "NnParser.h"

namespace nnc::syntax {

inline bool isCloser(size_t type) {
  return type == NnParser::RPAREN || type == NnParser::RBRACKET || type == NnParser::RBRACE;
}

/// Whether an operand of an expression may end with this token.
inline bool endsOperand(size_t type) {
  switch (type) {
  case NnParser::NAME:
  case NnParser::INTEGER:
  case NnParser::FLOAT:
  case NnParser::STRING:
  case NnParser::TRUE:
  case NnParser::FALSE:
  case NnParser::RPAREN:
  case NnParser::RBRACKET:
  case NnParser::RBRACE:
    return true;
  default:
    return false;
  }
}

} // namespace nnc::syntax
