// What rewrites a file of version 0.1: its tokens, and the edits that were decided on.
#pragma once

#include "compiler/syntax/Lexing.h"

#include "NnParser.h"

#include "llvm/ADT/StringSet.h"

namespace nnc::syntax {

/// Goes over the tokens once, declaration by declaration, by the few rules of the grammar of 0.1
/// that matter: an expression ends where two operands meet, and every newline is but space.
class Upgrader {
public:
  Upgrader(const Tokens &tokens, FileId file, const SourceManager &sources,
           Diagnostics &diagnostics);
  std::string run();

private:
  // Tokens.
  size_t type(size_t at) const { return at < infos.size() ? infos[at].type : antlr4::Token::EOF; }
  llvm::StringRef text(size_t at) const {
    return at < infos.size() ? sources.text(infos[at].range) : llvm::StringRef();
  }
  bool is(size_t at, llvm::StringRef word) const { return text(at) == word; }
  bool isOpener(size_t at) const;
  bool isCloser(size_t at) const;
  bool endsOperand(size_t at) const;
  bool startsOperand(size_t at) const;
  size_t closing(size_t opener) const;
  size_t expressionEnd(size_t at) const;
  size_t operandEnd(size_t at);
  bool isDeclarationWord(size_t at) const;

  // Edits.
  void replace(size_t at, llvm::StringRef with) {
    if (at < infos.size())
      edit(infos[at].range.begin, infos[at].range.end, with);
  }
  void insertBefore(size_t at, llvm::StringRef what) {
    if (at < infos.size())
      edit(infos[at].range.begin, infos[at].range.begin, what);
  }
  void insertAfter(size_t at, llvm::StringRef what) {
    if (at < infos.size())
      edit(infos[at].range.end, infos[at].range.end, what);
  }
  bool followsSpace(size_t at) const;
  void removeTokens(size_t first, size_t end);
  void edit(uint32_t begin, uint32_t end, llvm::StringRef with);
  void joinLines(size_t at);
  void warn(size_t at, std::string message, std::string hint);

  // The language.
  void upgradeWords(size_t first, size_t end);
  bool isNameNow(size_t at) const;
  void upgradeNot(size_t at);
  void upgradeLines(size_t first, size_t end);
  void separateStatements(size_t at);
  void upgradeParameters(size_t opener, bool areNumbers);
  void upgradeOptimizer(size_t first, size_t end);
  void upgradeState(size_t at, size_t end);
  void upgradeSchedule(size_t first, size_t end);
  void upgradeScheduleCalls(size_t first, size_t end);
  void upgradeData(size_t first, size_t end);
  size_t upgradeField(size_t at, std::string &columns);
  size_t upgradeSplit(size_t at);
  void upgradeTrain(size_t first, size_t end);
  size_t upgradeSetting(size_t at, size_t end);
  size_t upgradeEntry(size_t at, size_t end);
  void upgradeBindings(size_t data, size_t as);

  struct Edit {
    uint32_t begin, end;
    size_t order;
    std::string with;
  };

  const std::vector<TokenInfo> &infos;
  const SourceManager &sources;
  FileId file;
  Diagnostics &diagnostics;
  std::vector<size_t> closers;     ///< by opener: its closing bracket, or the number of tokens
  std::vector<size_t> operandEnds; ///< by `!`: the index behind its operand, or 0
  llvm::StringSet<> schedules;     ///< functions of the step: the library's and the file's
  std::vector<Edit> edits;
};

} // namespace nnc::syntax
