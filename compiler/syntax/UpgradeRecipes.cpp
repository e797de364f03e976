// Upgrading from 0.1: data sets and recipes.
#include "compiler/syntax/UpgradeImpl.h"

namespace nnc::syntax {

//===-- Data sets ----------------------------------------------------------------------------===//

/// `image: u8[28, 28]`, `label: u8 in 0..10`: moves to the header. The index behind it.
size_t Upgrader::upgradeField(size_t at, std::string &columns) {
  size_t name = at, element = at + 2, behind = element + 1;
  if (type(behind) == NnParser::LBRACKET)
    behind = closing(behind) + 1;
  std::string type = sources
                         .text(SourceRange{file, infos[element].range.begin,
                                           infos[std::min(behind, infos.size()) - 1].range.end})
                         .str();
  if (this->type(behind) == NnParser::IN) {
    size_t low = behind + 1, end = expressionEnd(low), dots = low;
    while (dots < end && this->type(dots) != NnParser::DOTDOT)
      ++dots;
    bool isIndex = dots + 1 < end && dots == low + 1 && is(low, "0");
    if (isIndex) {
      SourceRange high{file, infos[dots + 1].range.begin, infos[end - 1].range.end};
      type = "index(" + sources.text(high).str() + ")" + type.substr(text(element).size());
    } else {
      warn(behind, "the bounds of '" + text(name).str() + "' don't begin with 0",
           "there is 'index(n)' alone, for 0..n");
    }
    behind = end;
  }
  columns += (columns.empty() ? "" : ", ") + text(name).str() + ": " + type;
  if (this->type(behind) == NnParser::COMMA)
    ++behind;
  removeTokens(at, behind);
  return behind;
}

/// `train { image: "a", label: "b" }`. The index behind it.
size_t Upgrader::upgradeSplit(size_t at) {
  size_t opener = at + 1, end = closing(opener);
  if (!infos[at].firstOnLine)
    insertBefore(at, "\n");
  replace(opener, "idx(");
  for (size_t i = opener + 1; i + 1 < end; ++i)
    if (type(i) == NnParser::STRING && type(i + 1) == NnParser::NAME)
      insertAfter(i, ",");
  replace(end, ")");
  if (type(end + 1) != NnParser::COMMA)
    return end + 1;
  replace(end + 1, "");
  return end + 2;
}

void Upgrader::upgradeData(size_t first, size_t end) {
  size_t sign = first + 2, format = first + 3, opener = first + 4;
  if (type(sign) != NnParser::ASSIGN || type(opener) != NnParser::LBRACE || closing(opener) >= end)
    return;
  if (!is(format, "idx"))
    warn(format, "the format '" + text(format).str() + "' is not known", "there was 'idx'");
  std::string columns;
  for (size_t i = opener + 1; i < closing(opener);) {
    if (type(i) == NnParser::NAME && type(i + 1) == NnParser::COLON)
      i = upgradeField(i, columns);
    else if (type(i) == NnParser::NAME && type(i + 1) == NnParser::LBRACE)
      i = upgradeSplit(i);
    else
      ++i;
  }
  insertAfter(first + 1, "(" + columns + ")");
  removeTokens(sign, opener);
}

//===-- Recipes ------------------------------------------------------------------------------===//

/// `mnist(image, label) as (picture, digit)`: what is renamed says so itself.
void Upgrader::upgradeBindings(size_t data, size_t as) {
  size_t opener = as + 1, end = closing(opener);
  std::vector<size_t> names, columns;
  for (size_t i = opener + 1; i < end; ++i)
    if (type(i) == NnParser::NAME)
      names.push_back(i);
  for (size_t i = data + 2; type(data + 1) == NnParser::LPAREN && i < closing(data + 1); ++i)
    if (type(i) == NnParser::NAME)
      columns.push_back(i);
  if (names.size() != columns.size()) {
    warn(as, "the names behind 'as' are not as many as the columns",
         "a column is renamed where it is named: 'data text(token, target: next)'");
    return;
  }
  for (size_t i = 0; i < names.size(); ++i)
    if (text(names[i]) != text(columns[i]))
      insertBefore(columns[i], text(names[i]).str() + ": ");
  removeTokens(as, end + 1);
}

/// `NAME = e for "*.w"`, or without the name and the pattern. The index behind it.
size_t Upgrader::upgradeEntry(size_t at, size_t end) {
  if (type(at) == NnParser::NAME && type(at + 1) == NnParser::ASSIGN)
    at += 2;
  at = std::min(expressionEnd(at), end);
  if (type(at) != NnParser::FOR)
    return at;
  if (is(at + 1, "rest")) {
    removeTokens(at, at + 2);
    // Further lines would never get a parameter.
    size_t next = at + 2 + (type(at + 2) == NnParser::NAME);
    if (type(next) == NnParser::LPAREN)
      next = closing(next) + 1;
    if (type(next) == NnParser::FOR)
      warn(at, "'for rest' is not the last",
           "the line without 'for' has what the lines above leave: put it below the others");
  } else if (infos[at].firstOnLine) {
    joinLines(at);
  }
  return at + 2;
}

/// A key with its entries, each of which becomes a line. The index behind it.
size_t Upgrader::upgradeSetting(size_t at, size_t end) {
  size_t key = at++;
  if (!infos[key].firstOnLine && type(key - 1) != NnParser::LBRACE)
    insertBefore(key, "\n");
  if (is(at, "every"))
    insertAfter(at++, ":");
  bool isSection = type(at) == NnParser::NAME && type(at + 1) == NnParser::LBRACE;
  if (at >= end || isSection)
    return at + 1;
  joinLines(at);
  size_t first = at;
  at = upgradeEntry(at, end);
  while (at < end && type(at) == NnParser::NAME) {
    size_t behind = at + 1;
    bool isNamed = type(behind) == NnParser::ASSIGN;
    if (type(behind) == NnParser::LPAREN)
      behind = closing(behind) + 1;
    if (!isNamed && type(behind) != NnParser::FOR)
      break;
    insertBefore(at, (infos[at].firstOnLine ? "" : "\n") + text(key).str() + " ");
    at = upgradeEntry(at, end);
  }
  if (type(at) == NnParser::AS && type(at + 1) == NnParser::LPAREN) {
    upgradeBindings(first, at);
    at = closing(at + 1) + 1;
  }
  return at;
}

void Upgrader::upgradeTrain(size_t first, size_t end) {
  size_t opener = first + 2;
  if (type(opener) != NnParser::LBRACE || closing(opener) >= end)
    return;
  for (size_t i = opener + 1; i < closing(opener);)
    i = type(i) == NnParser::NAME ? upgradeSetting(i, closing(opener)) : i + 1;
}

} // namespace nnc::syntax
