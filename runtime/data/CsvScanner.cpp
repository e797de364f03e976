// Splits the text of a table into rows and fields: RFC 4180, with any separator and line end.
#include "runtime/data/CsvScanner.h"

#include "runtime/support/Errors.h"

namespace nnrt {

static bool isBlank(char c) { return c == ' ' || c == '\t'; }

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
  if (at == text.size())
    return false;
  readField();
  while (!atLineEnd()) {
    ++at; // the separator
    readField();
  }
  endLine();
  return true;
}

void CsvScanner::readField() {
  while (at < text.size() && isBlank(text[at]) && text[at] != separator)
    ++at;
  CsvField field;
  field.line = number;
  field.column = columnOf(at);
  field.text = at < text.size() && text[at] == '"' ? readQuoted() : readPlain();
  row.push_back(field);
}

std::string_view CsvScanner::readPlain() {
  const size_t begin = at;
  while (!atLineEnd() && text[at] != separator) {
    if (text[at] == '\0')
      throw errors::badTable(file, number, columnOf(at), "holds a NUL byte; expected text");
    ++at;
  }
  std::string_view found = text.substr(begin, at - begin);
  while (!found.empty() && isBlank(found.back()))
    found.remove_suffix(1);
  return found;
}

std::string_view CsvScanner::readQuoted() {
  const uint64_t line = number, column = columnOf(at);
  const size_t begin = ++at;
  bool hasQuotes = false;
  for (;; ++at) {
    if (at == text.size())
      throw errors::badTable(file, line, column, "a quote is opened and never closed");
    if (text[at] == '\0')
      throw errors::badTable(file, number, columnOf(at), "holds a NUL byte; expected text");
    if (text[at] == '\n') {
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
  std::string_view found = text.substr(begin, at - begin);
  ++at;
  while (at < text.size() && isBlank(text[at]) && text[at] != separator)
    ++at;
  if (!atLineEnd() && text[at] != separator)
    throw errors::badTable(file, number, columnOf(at), "text follows a closing quote",
                           "a quote within quotes is written twice");
  if (!hasQuotes)
    return found;
  std::string &plain = unquoted.emplace_back();
  for (size_t i = 0; i < found.size(); ++i) {
    plain += found[i];
    i += found[i] == '"';
  }
  return plain;
}

} // namespace nnrt
