// Upgrading from 0.1: tokens, words, ends of lines, signatures. UpgradeRecipes.cpp has data sets
// and recipes.
#include "compiler/syntax/Upgrade.h"

#include "compiler/syntax/Tokens.h"
#include "compiler/syntax/UpgradeImpl.h"

#include "llvm/ADT/StringSwitch.h"

namespace nnc {

using namespace syntax;

Upgrader::Upgrader(const Tokens &tokens, FileId file, const SourceManager &sources,
                   Diagnostics &diagnostics)
    : infos(tokens.infos), sources(sources), file(file), diagnostics(diagnostics),
      closers(tokens.infos.size(), tokens.infos.size()), operandEnds(tokens.infos.size()) {
  for (const char *name : {"cosine", "linear_warmup", "step_decay"})
    schedules.insert(name);
  std::vector<size_t> open;
  for (size_t i = 0; i < infos.size(); ++i) {
    if (isOpener(i)) {
      open.push_back(i);
    } else if (isCloser(i) && !open.empty()) {
      closers[open.back()] = i;
      open.pop_back();
    }
  }
}

//===-- Tokens -------------------------------------------------------------------------------===//

bool Upgrader::isOpener(size_t at) const {
  return type(at) == NnParser::LPAREN || type(at) == NnParser::LBRACKET ||
         type(at) == NnParser::LBRACE;
}

bool Upgrader::isCloser(size_t at) const { return syntax::isCloser(type(at)); }

size_t Upgrader::closing(size_t opener) const {
  return opener < closers.size() ? closers[opener] : closers.size();
}

/// `param` was a value, too.
bool Upgrader::endsOperand(size_t at) const {
  return type(at) == NnParser::PARAM || syntax::endsOperand(type(at));
}

bool Upgrader::startsOperand(size_t at) const {
  switch (type(at)) {
  case NnParser::NAME:
  case NnParser::PARAM:
  case NnParser::INTEGER:
  case NnParser::FLOAT:
  case NnParser::STRING:
  case NnParser::TRUE:
  case NnParser::FALSE:
  case NnParser::IF:
    return true;
  case NnParser::NOT:
    return is(at, "!");
  case NnParser::LPAREN:
  case NnParser::LBRACKET:
    return infos[at].firstOnLine || type(at - 1) == NnParser::RBRACE;
  default:
    return false;
  }
}

/// The index behind the expression that begins at a token: where two operands meet, or at what no
/// expression contains.
size_t Upgrader::expressionEnd(size_t at) const {
  bool afterOperand = false, afterRepeat = false;
  while (at < infos.size()) {
    if (afterOperand && startsOperand(at))
      return at;
    switch (type(at)) {
    case antlr4::Token::EOF:
    case NnParser::COMMA:
    case NnParser::SEP:
    case NnParser::COLON:
    case NnParser::ASSIGN:
    case NnParser::RPAREN:
    case NnParser::RBRACKET:
    case NnParser::RBRACE:
    case NnParser::LET:
    case NnParser::STATE:
    case NnParser::FOR:
    case NnParser::IN:
      return at;
    case NnParser::AS: // `as (a, b)` belongs to a setting
      if (type(at + 1) == NnParser::LPAREN)
        return at;
      break;
    default:
      break;
    }
    if (type(at) == NnParser::LBRACE && !afterOperand)
      return at;
    bool isCount = afterRepeat;
    afterRepeat = type(at) == NnParser::REPEAT;
    if (isOpener(at))
      at = closing(at);
    if (at >= infos.size())
      return at;
    afterOperand = endsOperand(at) && !isCount;
    if (type(at + 1) == NnParser::ELSE)
      afterOperand = false;
    ++at;
    // Blocks of an `if` are part of it.
    if (type(at) == NnParser::LBRACE)
      afterOperand = true;
  }
  return at;
}

/// The index behind an operand with its calls, indexes, conversions and powers. Known where a `!`
/// further on was looked at before.
size_t Upgrader::operandEnd(size_t at) {
  while (at < infos.size()) {
    while (type(at) == NnParser::MINUS)
      ++at;
    if (is(at, "!")) {
      if (operandEnds[at])
        return operandEnds[at];
      ++at;
      continue;
    }
    at = isOpener(at) ? closing(at) + 1 : at + 1;
    while ((type(at) == NnParser::LPAREN || type(at) == NnParser::LBRACKET) &&
           !infos[at].firstOnLine)
      at = closing(at) + 1;
    while (type(at) == NnParser::AS)
      at += 2;
    if (type(at) != NnParser::POWER)
      break;
    ++at;
  }
  return std::min(at, infos.size() - 1);
}

bool Upgrader::isDeclarationWord(size_t at) const {
  return type(at) == NnParser::NAME &&
         llvm::StringSwitch<bool>(text(at))
             .Cases({"import", "fn", "layer", "model", "optimizer", "schedule", "data", "train"},
                    true)
             .Default(false);
}

//===-- Edits --------------------------------------------------------------------------------===//

void Upgrader::edit(uint32_t begin, uint32_t end, llvm::StringRef with) {
  edits.push_back({begin, end, edits.size(), with.str()});
}

/// Whether nothing but space lies before a token.
bool Upgrader::followsSpace(size_t at) const {
  return at > 0 && sources.text(SourceRange{file, infos[at - 1].range.end, infos[at].range.begin})
                       .trim()
                       .empty();
}

/// Takes tokens out with the space before them, and leaves the comments between them.
void Upgrader::removeTokens(size_t first, size_t end) {
  for (size_t i = first; i < std::min(end, infos.size()); ++i)
    edit(followsSpace(i) ? infos[i - 1].range.end : infos[i].range.begin, infos[i].range.end, "");
}

/// Puts a token into the line of the one before it.
void Upgrader::joinLines(size_t at) {
  if (at >= infos.size() || !infos[at].firstOnLine)
    return;
  if (followsSpace(at)) {
    edit(infos[at - 1].range.end, infos[at].range.begin, " ");
    return;
  }
  std::string word = text(at).str();
  replace(at, "");
  insertAfter(at - 1, " " + word);
}

void Upgrader::warn(size_t at, std::string message, std::string hint) {
  diagnostics.warning(Code::NotUpgraded, infos[at].range, std::move(message))
      .suggest(std::move(hint));
}

//===-- Words and lines ----------------------------------------------------------------------===//

/// `!x` bound as tightly as a minus; `not x` takes all up to an `and`.
void Upgrader::upgradeNot(size_t at) {
  size_t end = operandEnds[at] = operandEnd(at + 1);
  auto isLoose = [&](size_t index) {
    switch (type(index)) {
    case NnParser::AND:
    case NnParser::OR:
    case NnParser::IF:
    case NnParser::ASSIGN:
    case NnParser::COLON:
    case NnParser::COMMA:
    case NnParser::SEP:
    case NnParser::PIPE:
    case NnParser::ELSE:
    case antlr4::Token::EOF:
      return true;
    default:
      return isOpener(index) || isCloser(index);
    }
  };
  bool before = at == 0 || isLoose(at - 1) || infos[at].firstOnLine;
  bool behind = isLoose(end) || (end < infos.size() && startsOperand(end));
  replace(at, before && behind ? "not " : "(not ");
  if ((!before || !behind) && end > 0)
    insertAfter(end - 1, ")");
}

/// Whether one of the new operators stands where a name did.
bool Upgrader::isNameNow(size_t at) const {
  if (type(at) == NnParser::NOT)
    return !is(at, "!") && !startsOperand(at + 1) && !isOpener(at + 1);
  return (type(at) == NnParser::AND || type(at) == NnParser::OR) && !endsOperand(at - 1);
}

void Upgrader::upgradeWords(size_t first, size_t end) {
  for (size_t i = end; i-- > first;) {
    if (is(i, "&&"))
      replace(i, "and");
    else if (is(i, "||"))
      replace(i, "or");
    else if (is(i, "!"))
      upgradeNot(i);
    else if (is(i, "buffer") && type(i + 1) == NnParser::NAME && type(i + 2) == NnParser::COLON)
      replace(i, "state");
    else if (type(i) == NnParser::DOTDOT &&
             (type(i - 1) == NnParser::LBRACKET || type(i - 1) == NnParser::COMMA) &&
             (type(i + 1) == NnParser::RBRACKET || type(i + 1) == NnParser::COMMA))
      replace(i, ":"); // all of an axis
    else if (isNameNow(i)) {
      warn(i, "'" + text(i).str() + "' was a name; it is a word of the language now",
           "it was renamed '" + text(i).str() + "_'");
      replace(i, text(i).str() + "_");
    }
  }
}

/// Where a line's end would end a statement now that did not then: brings it behind what goes on.
void Upgrader::upgradeLines(size_t first, size_t end) {
  std::vector<size_t> open;
  for (size_t i = first; i < end; ++i) {
    while (!open.empty() && closing(open.back()) <= i)
      open.pop_back();
    bool inBrackets = !open.empty() && type(open.back()) != NnParser::LBRACE;
    if (i > first && infos[i].firstOnLine && !inBrackets) {
      size_t last = type(i - 1);
      bool lacksName = last >= NnParser::LET && last <= NnParser::FOR;
      bool isMinus = type(i) == NnParser::MINUS && endsOperand(i - 1) && last != NnParser::RBRACE;
      if (isMinus || type(i) == NnParser::ASSIGN || type(i) == NnParser::COLON ||
          type(i) == NnParser::DOTDOT || (lacksName && last != NnParser::PARAM) ||
          isDeclarationWord(i - 1))
        joinLines(i);
    }
    if (!open.empty() && type(open.back()) == NnParser::LBRACE)
      separateStatements(i);
    if (isOpener(i))
      open.push_back(i);
  }
}

/// Statements on one line needed no `;` behind a `}` or before their words.
void Upgrader::separateStatements(size_t at) {
  size_t last = type(at - 1);
  if (infos[at].firstOnLine || last == NnParser::SEP || last == NnParser::LBRACE)
    return;
  bool isWord = type(at) == NnParser::LET || type(at) == NnParser::STATE ||
                (is(at, "buffer") && type(at + 2) == NnParser::COLON) ||
                (type(at) == NnParser::PARAM && type(at + 1) == NnParser::NAME &&
                 type(at + 2) == NnParser::COLON) ||
                (type(at) == NnParser::FOR && type(at + 2) == NnParser::IN);
  if (isWord || (last == NnParser::RBRACE && startsOperand(at)))
    insertBefore(at, "; ");
}

//===-- Signatures ---------------------------------------------------------------------------===//

/// Gives parameters without a type one; numbers of a schedule are of any precision.
void Upgrader::upgradeParameters(size_t opener, bool areNumbers) {
  for (size_t i = opener + 1; i < closing(opener);) {
    if (type(i) == NnParser::NAME && type(i + 1) != NnParser::COLON)
      insertAfter(i, ": float");
    else if (areNumbers && type(i + 1) == NnParser::COLON && (is(i + 2, "f32") || is(i + 2, "f64")))
      replace(i + 2, "float");
    while (i < closing(opener) && type(i) != NnParser::COMMA)
      i = isOpener(i) ? closing(i) + 1 : i + 1;
    ++i;
  }
}

void Upgrader::upgradeOptimizer(size_t first, size_t end) {
  size_t opener = first + 2;
  if (type(opener) != NnParser::LPAREN || closing(opener) >= end)
    return;
  size_t body = closing(opener) + 1;
  if (type(body) == NnParser::LPAREN)
    return; // of 0.2
  llvm::StringSet<> used;
  for (size_t i = first; i < end; ++i)
    used.insert(text(i));
  auto unused = [&](std::initializer_list<const char *> names) {
    for (const char *name : names)
      if (!used.contains(name))
        return std::string(name);
    return std::string(*names.begin()) + "_";
  };
  std::string parameter = unused({"w", "weight", "parameter"});
  std::string gradient = unused({"g", "slope", "dw"});
  upgradeParameters(opener, /*areNumbers=*/true);
  insertAfter(closing(opener), "(" + parameter + ": float[...s], " + gradient + ": float[...s])");
  for (size_t i = body; i < end; ++i) {
    if (type(i) == NnParser::STATE)
      upgradeState(i, end);
    else if (type(i) == NnParser::PARAM)
      replace(i, parameter);
    else if (is(i, "grad") && type(i + 1) != NnParser::COLON)
      replace(i, gradient);
  }
}

/// `state m = 0, v = 1`
void Upgrader::upgradeState(size_t at, size_t end) {
  bool isFirst = true;
  for (size_t name = at + 1;
       name < end && type(name) == NnParser::NAME && type(name + 1) == NnParser::ASSIGN;
       isFirst = false) {
    if (!isFirst) {
      replace(name - 1, "");
      insertBefore(name, "\nstate ");
    }
    insertAfter(name, ": float[...s]");
    size_t value = name + 2, behind = expressionEnd(value);
    bool isNumber =
        behind == value + 1 && (type(value) == NnParser::INTEGER || type(value) == NnParser::FLOAT);
    if (isNumber && text(value).find_first_not_of("0.") == llvm::StringRef::npos) {
      replace(value, "zeros()");
    } else {
      insertBefore(value, "full(");
      insertAfter(behind - 1, ")");
    }
    if (type(behind) != NnParser::COMMA)
      break;
    name = behind + 1;
  }
}

/// `schedule s(peak: f32) -> f32 = e`: a function that is given the step.
void Upgrader::upgradeSchedule(size_t first, size_t end) {
  size_t opener = first + 2;
  if (type(opener) != NnParser::LPAREN || closing(opener) >= end)
    return;
  replace(first, "fn");
  bool isEmpty = closing(opener) == opener + 1;
  insertAfter(opener, isEmpty ? "step: float" : "step: float, ");
  upgradeParameters(opener, /*areNumbers=*/true);
  size_t arrow = closing(opener) + 1;
  if (type(arrow) == NnParser::ARROW && (is(arrow + 1, "f32") || is(arrow + 1, "f64")))
    replace(arrow + 1, "float");
}

/// `cosine(peak: 1e-3)`: hands the step in.
void Upgrader::upgradeScheduleCalls(size_t first, size_t end) {
  for (size_t i = first; i < end; ++i) {
    if (type(i) != NnParser::NAME || type(i + 1) != NnParser::LPAREN)
      continue;
    if (is(i, "constant"))
      warn(i, "the schedule 'constant' is gone", "write the value itself");
    if (schedules.contains(text(i)) && !is(i - 1, "schedule") && !is(i + 2, "step"))
      insertAfter(i + 1, type(i + 2) == NnParser::RPAREN ? "step" : "step, ");
  }
}

//===-- Files --------------------------------------------------------------------------------===//

std::string Upgrader::run() {
  for (size_t i = 0; i < infos.size(); ++i)
    if (is(i, "schedule") && type(i + 1) == NnParser::NAME && type(i + 2) == NnParser::LPAREN)
      schedules.insert(text(i + 1));
  size_t end = infos.empty() ? 0 : infos.size() - 1;
  for (size_t first = 0; first < end;) {
    size_t next = first + 1;
    while (next < end && !isDeclarationWord(next))
      next = isOpener(next) ? closing(next) + 1 : next + 1;
    next = std::min(next, end);
    upgradeWords(first, next);
    upgradeLines(first, next);
    if (is(first, "optimizer")) {
      upgradeOptimizer(first, next);
    } else if (is(first, "schedule")) {
      upgradeSchedule(first, next);
      upgradeScheduleCalls(first, next);
    } else if (is(first, "data")) {
      upgradeData(first, next);
    } else if (is(first, "train")) {
      upgradeTrain(first, next);
      upgradeScheduleCalls(first, next);
    }
    if (first > 0 && !infos[first].firstOnLine)
      insertBefore(first, "\n");
    first = next;
  }

  // At one place insertions come first, in the order in which they were decided on.
  llvm::sort(edits, [](const Edit &a, const Edit &b) {
    return std::tuple(a.begin, a.end != a.begin, a.order) <
           std::tuple(b.begin, b.end != b.begin, b.order);
  });
  llvm::StringRef all = sources.text(file);
  std::string result;
  uint32_t done = 0;
  for (const Edit &each : edits) {
    if (each.begin < done)
      continue; // inside of what was replaced
    result += all.slice(done, each.begin);
    result += each.with;
    done = each.end;
  }
  return result += all.drop_front(done);
}

std::string upgrade(FileId file, const SourceManager &sources, Diagnostics &diagnostics) {
  // What is no token is the parser's to report.
  Diagnostics ignored;
  std::optional<Tokens> tokens =
      checkText(file, sources, ignored) ? scan(file, sources, ignored) : std::nullopt;
  if (!tokens)
    return sources.text(file).str();
  return Upgrader(*tokens, file, sources, diagnostics).run();
}

} // namespace nnc
