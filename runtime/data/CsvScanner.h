// Splits the text of a table into rows and fields: RFC 4180, with any separator and line end.
//
// The one place that says what a table's text means: programs read whole tables with it, the
// compiler their first rows. It throws nothing, since the compiler is built without exceptions.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nnrt {

/// A field of a row. Blanks around text that is not quoted are no part of it.
struct CsvField {
  std::string_view text;
  uint64_t line = 0, column = 0; ///< where it begins in the file, from 1
};

/// Where the text is no table, and why; lines and columns from 1.
struct CsvFault {
  uint64_t line = 0, column = 0;
  std::string_view why, hint;
};

/// Goes through the rows of a text. Empty lines are none, but where a row is a single field.
class CsvScanner {
public:
  CsvScanner(std::string_view text, char separator)
      : text(text), separator(separator), contentEnd(text.find_last_not_of(" \t\r\n") + 1) {
    if (text.starts_with("\xef\xbb\xbf")) // a byte order mark, as spreadsheets write it
      at = lineStart = 3;
  }

  /// Reads the next row; false at the end and where there is a fault: a quote that is not closed or
  /// is followed by text, a NUL byte. Where rows are `narrow`, of one field, an empty line that
  /// another row follows is a row whose field is empty. The fields stay valid until the next call.
  bool next(bool narrow = false);
  /// What ended the rows, where it was not the end of the text.
  const std::optional<CsvFault> &fault() const { return found; }
  /// Whether the row, or the fault, goes up to the end of the text: more text could change it.
  bool isAtEnd() const { return at == text.size(); }
  const std::vector<CsvField> &fields() const { return row; }
  uint64_t line() const { return row.front().line; }

private:
  bool atLineEnd() const { return at == text.size() || text[at] == '\n' || text[at] == '\r'; }
  void endLine();
  bool readField();
  bool readQuoted(std::string_view &field);
  bool readPlain(std::string_view &field);
  uint64_t columnOf(size_t place) const { return place - lineStart + 1; }
  /// Notes the fault; false.
  bool fail(uint64_t line, uint64_t column, std::string_view why, std::string_view hint = {});

  std::string_view text;
  char separator;
  size_t contentEnd; ///< behind it there are blanks and line ends alone
  size_t at = 0, lineStart = 0;
  uint64_t number = 1;
  std::vector<CsvField> row;
  std::deque<std::string> unquoted; ///< texts that hold quotes
  std::optional<CsvFault> found;
};

} // namespace nnrt
