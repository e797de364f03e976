// Splits the text of a table into rows and fields: RFC 4180, with any separator and line end.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace nnrt {

/// A field of a row. Blanks around text that is not quoted are no part of it.
struct CsvField {
  std::string_view text;
  uint64_t line = 0, column = 0; ///< where it begins in the file, from 1
};

/// Goes through the rows of a text. Empty lines are none, but where a row is a single field.
class CsvScanner {
public:
  CsvScanner(const std::string &file, std::string_view text, char separator)
      : file(file), text(text), separator(separator),
        contentEnd(text.find_last_not_of(" \t\r\n") + 1) {
    if (text.starts_with("\xef\xbb\xbf")) // a byte order mark, as spreadsheets write it
      at = lineStart = 3;
  }

  /// Reads the next row; false at the end. Where rows are `narrow`, of one field, an empty line
  /// that another row follows is a row whose field is empty. The fields stay valid until the next
  /// call. Throws Error: a quote that is not closed or is followed by text, a NUL byte.
  bool next(bool narrow = false);
  const std::vector<CsvField> &fields() const { return row; }
  uint64_t line() const { return row.front().line; }

private:
  bool atLineEnd() const { return at == text.size() || text[at] == '\n' || text[at] == '\r'; }
  void endLine();
  void readField();
  std::string_view readQuoted();
  std::string_view readPlain();
  uint64_t columnOf(size_t place) const { return place - lineStart + 1; }

  const std::string &file;
  std::string_view text;
  char separator;
  size_t contentEnd; ///< behind it there are blanks and line ends alone
  size_t at = 0, lineStart = 0;
  uint64_t number = 1;
  std::vector<CsvField> row;
  std::deque<std::string> unquoted; ///< texts that hold quotes
};

} // namespace nnrt
