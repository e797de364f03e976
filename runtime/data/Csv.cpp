// Reads tables of text: numbers and categories by the names of a header, or by position.
#include "runtime/data/ByteReader.h"
#include "runtime/data/CsvScanner.h"
#include "runtime/data/DataReader.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

#include "nnrt/abi.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <optional>

namespace nnrt {

namespace {

using Kind = DataDescription::Kind;

/// A column of the data: which columns of the table it takes, and what they hold.
struct Taken {
  std::vector<size_t> places;     ///< in a row
  std::vector<std::string> names; ///< in the header
  std::vector<float> numbers;
  std::vector<int32_t> ids; ///< of classes, in the order of their first examples
  std::map<std::string, int32_t, std::less<>> idOf;
  std::vector<uint64_t> firstRows; ///< of each class
  std::vector<int32_t> numberOf;   ///< of each id, once setClasses() has said so
  std::optional<Error> missing;
};

class CsvReader final : public DataReader {
public:
  explicit CsvReader(const ReaderRequest &request);

  void read(uint32_t column, uint64_t first, std::span<std::byte> out) override;
  std::string place(uint32_t, uint64_t example, uint64_t) const override {
    return this->example(example);
  }
  std::string example(uint64_t number) const override { return cat(file, ":", lines[number]); }
  std::vector<std::string> names(uint32_t column) const override { return taken[column].names; }
  std::vector<ClassPlace> classes(uint32_t column) const override;
  void setClasses(uint32_t column, std::span<const std::string> names) override;
  const Error *missing(uint32_t column) const override {
    return taken[column].missing ? &*taken[column].missing : nullptr;
  }

private:
  void readHeader(const std::vector<CsvField> &row);
  void choose(uint32_t column, const std::vector<CsvField> &row);
  void refuseNumbers(const std::vector<size_t> &places, const std::vector<CsvField> &header) const;
  size_t placeOf(const std::string &name, const std::vector<CsvField> &header) const;
  size_t position(const std::string &digits, const std::vector<CsvField> &row) const;
  void readRow(const std::vector<CsvField> &row);
  void readNumbers(Taken &column, const std::vector<CsvField> &row);
  bool isMissing(std::string_view text) const;
  std::string markersWith(std::string_view text) const;
  float number(const CsvField &field) const;
  void readCategory(Taken &column, const CsvField &field) const;
  void describe(uint32_t column);

  const DataDescription &data;
  const DataDescription::Options &options;
  std::span<const std::vector<std::string>> known;
  bool isLenient;
  std::string file, text;
  std::vector<Taken> taken;
  std::vector<uint32_t> lines; ///< where each row begins
  size_t width = 0;
};

} // namespace

CsvReader::CsvReader(const ReaderRequest &request)
    : data(request.data), options(request.source.options), known(request.names),
      isLenient(request.isLenient), file(request.paths.at(0)), taken(request.data.columns.size()) {
  ByteReader reader(file);
  if (reader.fileSize() == 0)
    throw errors::emptyFile(file, "a table");
  text = readText(reader);
  CsvScanner scanner(text, options.separator.empty() ? ',' : options.separator[0]);
  bool isFirst = true;
  while (scanner.next(/*narrow=*/width == 1)) {
    const std::vector<CsvField> &row = scanner.fields();
    if (isFirst)
      readHeader(row);
    if (!isFirst || !options.header)
      readRow(row);
    isFirst = false;
  }
  if (const std::optional<CsvFault> &fault = scanner.fault())
    throw errors::badLine(file, fault->line, fault->column, fault->why, std::string(fault->hint));
  if (lines.empty())
    throw errors::tableWithoutRows(file, options.header);
  count = lines.size();
  for (uint32_t i = 0; i < taken.size(); ++i)
    describe(i);
  text = {};
}

void CsvReader::readHeader(const std::vector<CsvField> &row) {
  width = row.size();
  for (uint32_t i = 0; i < taken.size(); ++i)
    try {
      choose(i, row);
    } catch (const Error &error) {
      if (!isLenient)
        throw;
      taken[i].missing = error;
    }
}

/// Finds the columns of the table that a column of the data takes.
void CsvReader::choose(uint32_t column, const std::vector<CsvField> &row) {
  const DataDescription::Column &wanted = data.columns[column];
  if (!wanted.isOfTable())
    throw Error(cat("'", printable(wanted.name), "' is an array beside the table ", file,
                    ", which does not have it"),
                cat("give ", printable(wanted.name), "=FILE, too"));
  Taken &result = taken[column];
  if (column < known.size() && !known[column].empty() && options.header) {
    for (const std::string &name : known[column])
      result.places.push_back(placeOf(name, row));
  } else {
    auto find = [&](const std::string &which) {
      return wanted.byPosition ? position(which, row) : placeOf(which, row);
    };
    size_t first = find(wanted.first), last = find(wanted.last);
    if (last < first)
      throw errors::badLine(file, row[last].line, row[last].column,
                            cat("column '", printable(wanted.last), "' stands before '",
                                printable(wanted.first), "'"),
                            "name the first of them first");
    for (size_t place = first; place <= last; ++place)
      result.places.push_back(place);
    if (options.header && wanted.byPosition && wanted.kind != Kind::Category)
      refuseNumbers(result.places, row);
  }
  if (options.header && !wanted.byPosition)
    for (size_t place : result.places)
      result.names.emplace_back(row[place].text);
}

/// A first line of numbers, where numbers are read by position, is an example: taken for a header
/// it would be lost without a word.
void CsvReader::refuseNumbers(const std::vector<size_t> &places,
                              const std::vector<CsvField> &header) const {
  auto isNumber = [&](size_t place) {
    const std::string_view text = header[place].text;
    double value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return !text.empty() && error == std::errc() && end == text.data() + text.size();
  };
  if (places.empty() || !std::all_of(places.begin(), places.end(), isNumber))
    return;
  const CsvField &field = header[places.front()];
  throw errors::badLine(
      file, field.line, field.column,
      cat("the header is all numbers where numbers are read: '", printable(field.text), "'"),
      "if it is the first example: csv(..., header: false); columns that have "
      "numbers for names are asked for by these names");
}

size_t CsvReader::placeOf(const std::string &name, const std::vector<CsvField> &header) const {
  std::optional<size_t> found;
  std::vector<std::string_view> names;
  for (size_t i = 0; i < header.size(); ++i) {
    names.push_back(header[i].text);
    if (header[i].text != name)
      continue;
    if (found)
      throw errors::badLine(file, header[i].line, header[i].column,
                            cat("a second column is called '", printable(name), "'"));
    found = i;
  }
  if (found)
    return *found;
  std::string_view near = closest(name, names);
  std::string list;
  for (std::string_view each : names)
    list += cat(list.empty() ? "" : ", ", printable(each));
  const bool isOtherSeparator =
      header.size() == 1 && list.find_first_of(";\t|,") != std::string::npos;
  throw errors::badLine(
      file, header.front().line, header.front().column,
      cat("no column is called '", printable(name), "'"),
      isOtherSeparator
          ? std::string("the header is a single field: perhaps the separator is another one: "
                        "csv(..., separator: \";\")")
          : cat(near.empty() ? "" : cat("did you mean '", printable(near), "'? "), "its columns: ",
                list.size() > 160 ? printable(list.substr(0, 157)) + "..." : printable(list)));
}

size_t CsvReader::position(const std::string &digits, const std::vector<CsvField> &row) const {
  size_t place = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), place);
  if (error != std::errc() || end != digits.data() + digits.size())
    throw Error(cat("'", printable(digits), "' is no position of a column"), {}, Status::Internal);
  if (place >= row.size())
    throw errors::badLine(file, row.back().line, row.back().column,
                          cat("the row has ", row.size(), row.size() == 1 ? " field" : " fields",
                              ", but column ", place, " is asked for (counted from 0)"),
                          "perhaps the separator is another one: csv(..., separator: \";\")");
  return place;
}

void CsvReader::readRow(const std::vector<CsvField> &row) {
  if (row.size() != width)
    throw errors::badLine(file, row.back().line, row.back().column,
                          cat("the row has ", row.size(), row.size() == 1 ? " field" : " fields",
                              ", expected ", width, " as in the first"));
  if (lines.size() == std::numeric_limits<uint32_t>::max() ||
      row.front().line > std::numeric_limits<uint32_t>::max())
    throw errors::tooManyExamples(file, lines.size(), std::numeric_limits<uint32_t>::max());
  for (size_t i = 0; i < taken.size(); ++i)
    try {
      if (taken[i].missing)
        continue;
      if (data.columns[i].kind == Kind::Category)
        readCategory(taken[i], row[taken[i].places.front()]);
      else
        readNumbers(taken[i], row);
    } catch (const Error &error) {
      if (!isLenient)
        throw;
      taken[i].missing = error;
    }
  lines.push_back(uint32_t(row.front().line));
}

void CsvReader::readNumbers(Taken &column, const std::vector<CsvField> &row) {
  for (size_t place : column.places)
    column.numbers.push_back(number(row[place]));
}

bool CsvReader::isMissing(std::string_view text) const {
  return std::find(options.missing.begin(), options.missing.end(), text) != options.missing.end();
}

/// What `missing:` has to be for this text to be missing as well: `"NA"`, `["NA", ""]`.
std::string CsvReader::markersWith(std::string_view text) const {
  std::string list;
  for (const std::string &marker : options.missing)
    list += cat("\"", printable(marker), "\", ");
  list += cat("\"", printable(text), "\"");
  return options.missing.empty() ? list : cat("[", list, "]");
}

/// The number that a field's text says, all of it, in f32.
float CsvReader::number(const CsvField &field) const {
  std::string_view digits = field.text;
  if (isMissing(digits))
    return std::numeric_limits<float>::quiet_NaN();
  if (digits.empty())
    throw errors::badLine(
        file, field.line, field.column, "a number is missing here",
        cat("csv(..., missing: ", markersWith(""), ") makes it NaN, which `fill` replaces"));
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-')
    digits.remove_prefix(1);
  float value = 0;
  const char *last = digits.data() + digits.size();
  auto [end, error] = std::from_chars(digits.data(), last, value);
  if (end != last || error == std::errc::invalid_argument || std::isnan(value) ||
      (error == std::errc() && std::isinf(value)))
    throw errors::badLine(
        file, field.line, field.column, cat("'", printable(field.text), "' is not a number"),
        cat("if it stands for no number: csv(..., missing: ", markersWith(field.text), ")"));
  if (error == std::errc())
    return value;
  // Out of range: too large, or so small that it is zero.
  long double wide = 0;
  auto again = std::from_chars(digits.data(), last, wide);
  bool isSmall = again.ec == std::errc() ? std::fabs(wide) < 1
                                         : digits.find("e-") != std::string_view::npos ||
                                               digits.find("E-") != std::string_view::npos;
  if (!isSmall)
    throw errors::badLine(file, field.line, field.column,
                          cat("'", printable(field.text), "' is too large for f32"));
  return 0;
}

void CsvReader::readCategory(Taken &column, const CsvField &field) const {
  // However a table writes that a value is missing, it is one class.
  const std::string_view text =
      isMissing(field.text) ? std::string_view(options.missing.front()) : field.text;
  auto found = column.idOf.find(text);
  if (found == column.idOf.end()) {
    // A column of numbers taken for one of categories would have a class per row.
    constexpr size_t most = 1 << 16;
    if (column.idOf.size() == most)
      throw errors::badLine(file, field.line, field.column,
                            cat("a column of categories has more than ", most, " classes"));
    found = column.idOf.emplace(std::string(text), int32_t(column.idOf.size())).first;
    column.firstRows.push_back(lines.size());
  }
  column.ids.push_back(found->second);
}

void CsvReader::describe(uint32_t column) {
  const DataDescription::Column &wanted = data.columns[column];
  const Taken &found = taken[column];
  DataField field;
  field.name = wanted.first == wanted.last ? cat("column '", printable(wanted.first), "'")
                                           : cat("columns '", printable(wanted.first), "' to '",
                                                 printable(wanted.last), "'");
  field.file = file;
  field.dtype = wanted.kind == Kind::Category ? NNRT_I32 : NNRT_F32;
  if (wanted.kind == Kind::Numbers)
    field.shape.push_back(int64_t(found.places.size()));
  columns.push_back(std::move(field));
}

void CsvReader::read(uint32_t column, uint64_t first, std::span<std::byte> out) {
  const Taken &from = taken[column];
  if (from.missing) {
    memset(out.data(), 0, out.size());
  } else if (data.columns[column].kind == Kind::Category) {
    for (uint64_t i = 0; i < out.size() / sizeof(int32_t); ++i) {
      auto id = size_t(from.ids[first + i]);
      int32_t value = id < from.numberOf.size() ? from.numberOf[id] : int32_t(id);
      memcpy(&out[i * sizeof value], &value, sizeof value);
    }
  } else {
    memcpy(out.data(), from.numbers.data() + first * from.places.size(), out.size());
  }
}

std::vector<ClassPlace> CsvReader::classes(uint32_t column) const {
  const Taken &from = taken[column];
  std::vector<ClassPlace> found(from.idOf.size());
  for (const auto &[name, id] : from.idOf)
    found[size_t(id)] = {name, from.firstRows[size_t(id)]};
  return found;
}

void CsvReader::setClasses(uint32_t column, std::span<const std::string> names) {
  Taken &from = taken[column];
  from.numberOf.assign(from.idOf.size(), 0);
  // The first row with a class that is none, so that the message does not depend on its name.
  const std::string *unknown = nullptr;
  uint64_t row = 0;
  for (const auto &[name, id] : from.idOf) {
    auto found = std::find(names.begin(), names.end(), name);
    from.numberOf[size_t(id)] = int32_t(found - names.begin());
    if (found == names.end() && (!unknown || from.firstRows[size_t(id)] < row)) {
      unknown = &name;
      row = from.firstRows[size_t(id)];
    }
  }
  if (!unknown)
    return;
  Error error = errors::unknownClass(example(row), columns[column].name, *unknown, names);
  if (!isLenient)
    throw error;
  from.missing = error;
}

std::unique_ptr<DataReader> openCsv(const ReaderRequest &request) {
  return std::make_unique<CsvReader>(request);
}

} // namespace nnrt
