// Bounds the depth of the syntax tree before a parser recurses into it, by one pass over the
// tokens.
#pragma once

#include <cstddef>
#include <vector>

namespace nnc::syntax {

/// Is given a file's tokens one by one, and keeps an upper bound of the depth of the tree that the
/// parser would make of them: per open bracket, the number of operators of the current expression
/// plus the depth of its deepest bracketed operand. A new expression begins where two operands
/// meet.
class Nesting {
public:
  enum class Status { Fine, TooManyBrackets, TooDeep };

  Status add(size_t tokenType);
  /// Closes a bracket without a token of its own: it was forgotten.
  void close();
  size_t openBrackets() const { return levels.size() - 1; }

private:
  /// What is inside one bracket, so far.
  struct Level {
    size_t links = 0;   ///< operators of the current expression
    size_t operand = 0; ///< depth of its deepest operand
    size_t deepest = 0; ///< of the expressions before it
    bool afterOperand = false;
    bool afterRepeat = false; ///< the next `(...)` is a count, not an operand

    size_t depth() const;
    void begin(); ///< of another expression
  };

  Status open();

  std::vector<Level> levels{1};
};

} // namespace nnc::syntax
