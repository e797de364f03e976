// Reads texts: windows of characters, words or bytes as numbers.
#include "runtime/data/ByteReader.h"
#include "runtime/data/DataReader.h"
#include "runtime/data/TextScanner.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

#include "nnrt/abi.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace nnrt {

namespace {

class TextReader final : public DataReader {
public:
  explicit TextReader(const ReaderRequest &request);

  void read(uint32_t column, uint64_t first, std::span<std::byte> out) override;
  std::string place(uint32_t, uint64_t example, uint64_t element) const override {
    return classPlace(0, example * stride + element);
  }
  std::string example(uint64_t number) const override { return place(0, number, 0); }
  std::vector<ClassPlace> classes(uint32_t column) const override;
  std::string classPlace(uint32_t column, uint64_t first) const override;
  void setClasses(uint32_t column, std::span<const std::string> names) override;

private:
  void scan();

  std::string file, text;
  TextUnit unit;
  uint64_t window, stride;
  std::vector<uint32_t> numbers; ///< of each unit of the text, in the order of first occurrence
  std::vector<std::string> units;
  std::vector<uint64_t> firstPlaces; ///< of each different unit, counted in units
  std::vector<int32_t> classOf;      ///< of each number, once setClasses() has said so
};

} // namespace

TextReader::TextReader(const ReaderRequest &request)
    : file(request.paths.at(0)),
      unit(textUnitNamed(request.source.options.unit).value_or(TextUnit::Character)),
      window(request.source.options.window), stride(request.source.options.stride) {
  ByteReader reader(file);
  text = readText(reader);
  scan();
  if (numbers.size() < window)
    throw errors::shortText(file, numbers.size(), window, nameOf(unit));
  count = (numbers.size() - window) / stride + 1;
  if (count > std::numeric_limits<uint32_t>::max())
    throw errors::tooManyExamples(file, count, std::numeric_limits<uint32_t>::max());
  for (const DataDescription::Column &column : request.data.columns)
    columns.push_back({cat("'", printable(column.name), "'"), NNRT_I32, {int64_t(window)}, file});
}

void TextReader::scan() {
  TextScanner scanner(text, unit);
  UnitNumbers known(unit);
  if (unit != TextUnit::Word)
    numbers.reserve(text.size());
  while (scanner.next()) {
    const uint32_t number =
        unit == TextUnit::Byte ? scanner.code() : known.of(scanner); // a byte is its own number
    if (unit != TextUnit::Byte && number == firstPlaces.size())
      firstPlaces.push_back(numbers.size());
    numbers.push_back(number);
  }
  if (const char *fault = scanner.fault()) {
    const TextPlace at = textPlace(text, scanner.place());
    throw errors::badLine(file, at.line, at.column, fault,
                          "a text is UTF-8; text(..., unit: \"byte\") takes any file as it is");
  }
  units.assign(known.all().begin(), known.all().end());
}

/// Only messages ask for it, so the text is gone through once more.
std::string TextReader::classPlace(uint32_t, uint64_t first) const {
  TextScanner scanner(text, unit);
  for (uint64_t i = 0; i <= first && scanner.next();)
    ++i;
  const TextPlace at = textPlace(text, scanner.place());
  return cat(file, ":", at.line, ":", at.column);
}

std::vector<ClassPlace> TextReader::classes(uint32_t) const {
  std::vector<ClassPlace> found;
  for (size_t i = 0; i < units.size(); ++i)
    found.push_back({units[i], firstPlaces[i]});
  return found;
}

void TextReader::setClasses(uint32_t, std::span<const std::string> names) {
  classOf.clear();
  for (size_t i = 0; i < units.size(); ++i) {
    // The names are sorted, since they are those of all texts that were read.
    auto found = std::lower_bound(names.begin(), names.end(), units[i]);
    if (found == names.end() || *found != units[i])
      throw errors::unknownUnit(classPlace(0, firstPlaces[i]), nameOf(unit), units[i]);
    classOf.push_back(int32_t(found - names.begin()));
  }
}

void TextReader::read(uint32_t, uint64_t first, std::span<std::byte> out) {
  std::vector<int32_t> row(window);
  for (uint64_t i = 0; i < out.size() / (window * sizeof(int32_t)); ++i) {
    const uint32_t *from = numbers.data() + (first + i) * stride;
    for (uint64_t j = 0; j < window; ++j)
      row[j] = classOf.empty() ? int32_t(from[j]) : classOf[from[j]];
    memcpy(&out[i * window * sizeof(int32_t)], row.data(), window * sizeof(int32_t));
  }
}

std::unique_ptr<DataReader> openText(const ReaderRequest &request) {
  return std::make_unique<TextReader>(request);
}

} // namespace nnrt
