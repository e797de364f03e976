// Splits the text of a table into rows and fields: RFC 4180, with any separator and line end.
#include "runtime/data/CsvScanner.h"

namespace nnrt {

static bool isBlank(char c) { return c == ' ' || c == '\t'; }

/// What stands behind a quote is often another separator than was said.
static std::string_view hintAfterQuote(char c) {
  switch (c) {
  case ';':
    return "perhaps ';' separates the fields: csv(..., separator: \";\")";
  case '\t':
    return "perhaps tabs separate the fields: csv(..., separator: \"\\t\")";
  case '|':
    return "perhaps '|' separates the fields: csv(..., separator: \"|\")";
  case ',':
    return "perhaps ',' separates the fields: csv(..., separator: \",\")";
  default:
    return "a quote within quotes is written twice";
  }
}

bool CsvScanner::fail(uint64_t line, uint64_t column, std::string_view why, std::string_view hint) {
  found = {line, column, why, hint};
  return false;
}

void CsvScanner::endLine() {
  if (at == text.size())
    return;
  at += text.substr(at).starts_with("\r\n") ? 2 : 1;
  lineStart = at;
  ++number;
}

bool CsvScanner::next(bool narrow) {
  row.clear();
  unquoted.clear();
  // Nothing, or blanks alone.
  while (at < text.size()) {
    size_t end = at;
    while (end < text.size() && isBlank(text[end]) && text[end] != separator)
      ++end;
    if (end < text.size() && text[end] != '\n' && text[end] != '\r')
      break;
    if (narrow && end < contentEnd)
      break;
    at = end;
    endLine();
  }
  if (found || at == text.size() || !readField())
    return false;
  while (!atLineEnd()) {
    ++at; // the separator
    if (!readField())
      return false;
  }
  endLine();
  return true;
}

bool CsvScanner::readField() {
  while (at < text.size() && isBlank(text[at]) && text[at] != separator)
    ++at;
  CsvField &field = row.emplace_back();
  field.line = number;
  field.column = columnOf(at);
  return at < text.size() && text[at] == '"' ? readQuoted(field.text) : readPlain(field.text);
}

bool CsvScanner::readPlain(std::string_view &field) {
  const size_t begin = at;
  for (; !atLineEnd() && text[at] != separator; ++at)
    if (text[at] == '\0')
      return fail(number, columnOf(at), "holds a NUL byte; expected text");
  field = text.substr(begin, at - begin);
  while (!field.empty() && isBlank(field.back()))
    field.remove_suffix(1);
  return true;
}

bool CsvScanner::readQuoted(std::string_view &field) {
  const uint64_t line = number, column = columnOf(at);
  const size_t begin = ++at;
  bool hasQuotes = false;
  for (;; ++at) {
    if (at == text.size())
      return fail(line, column, "a quote is opened and never closed");
    if (text[at] == '\0')
      return fail(number, columnOf(at), "holds a NUL byte; expected text");
    if (text[at] == '\n' || (text[at] == '\r' && !text.substr(at).starts_with("\r\n"))) {
      ++number;
      lineStart = at + 1;
    }
    if (text[at] != '"')
      continue;
    if (at + 1 == text.size() || text[at + 1] != '"')
      break;
    hasQuotes = true;
    ++at;
  }
  field = text.substr(begin, at - begin);
  ++at;
  while (at < text.size() && isBlank(text[at]) && text[at] != separator)
    ++at;
  if (!atLineEnd() && text[at] != separator)
    return fail(number, columnOf(at), "text follows a closing quote", hintAfterQuote(text[at]));
  if (!hasQuotes)
    return true;
  std::string &plain = unquoted.emplace_back();
  for (size_t i = 0; i < field.size(); ++i) {
    plain += field[i];
    i += field[i] == '"';
  }
  field = plain;
  return true;
}

} // namespace nnrt
