// Columns of a data source, matched with what the model takes and read.
#include "runtime/data/Columns.h"

#include "runtime/data/Convert.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Range.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace nnrt {

std::span<const nnrt_port> portsOf(const nnrt_model &model, const DataDescription &data) {
  if (data.prepared)
    return {model.columns, model.num_columns};
  return {model.fields, model.num_fields};
}

/// A column as the header of a file says it: all examples of it.
static std::string foundText(const DataReader &reader, const DataField &field) {
  std::vector<int64_t> shape = {int64_t(reader.examples())};
  shape.insert(shape.end(), field.shape.begin(), field.shape.end());
  return typeText(field.dtype, shape);
}

static void checkColumn(const nnrt_model &model, const nnrt_tensor &tensor,
                        const DataReader &reader, const DataField &field,
                        std::vector<int64_t> &dims) {
  if (!isConvertible(field.dtype, tensor.dtype))
    throw errors::fieldType(field.file, elementName(field.dtype), tensor.name,
                            elementName(tensor.dtype));
  bool fits = field.shape.size() + 1 == tensor.rank;
  for (uint32_t i = 1; fits && i < tensor.rank; ++i) {
    int64_t found = field.shape[i - 1], expected = tensor.shape[i];
    if (expected >= 0) {
      fits = found == expected;
      continue;
    }
    int64_t &value = dims[size_t(~expected)];
    if (value && value != found)
      throw errors::dimensionMismatch(field.file, tensor.name, model.dims[~expected], found, value);
    value = found;
  }
  if (!fits)
    throw errors::fieldShape(field.file, foundText(reader, field), tensor.name,
                             typeText(model, tensor));
}

void checkColumns(const nnrt_model &model, const DataDescription &data, const DataReader &reader,
                  std::vector<int64_t> &dims) {
  std::span<const nnrt_port> ports = portsOf(model, data);
  if (ports.size() != reader.fields().size())
    throw Error(cat("the model has ", ports.size(), " columns, but its data set has ",
                    reader.fields().size()),
                {}, Status::Internal);
  for (uint32_t i = 0; i < ports.size(); ++i)
    if (!reader.missing(i))
      checkColumn(model, ports[i].tensor, reader, reader.fields()[i], dims);
}

/// Where the model may read a column's rows while it trains. What has bounds must not change any
/// more once it has been checked, so it does not stay in a file of the user's.
static std::optional<FilePlace> placeFor(const DataReader &reader, uint32_t index,
                                         const nnrt_port &port) {
  if (reader.fields()[index].dtype != port.tensor.dtype || port.low < port.high)
    return std::nullopt;
  return reader.rowsPlace(index);
}

std::vector<Table> makeTables(const nnrt_model &model, const DataDescription &data,
                              std::span<const std::unique_ptr<DataReader>> readers,
                              std::span<const int64_t> dims) {
  std::span<const nnrt_port> ports = portsOf(model, data);
  std::vector<ColumnNeed> needs;
  for (const std::unique_ptr<DataReader> &reader : readers)
    for (uint32_t i = 0; i < ports.size(); ++i)
      needs.push_back({ports[i].tensor.name, exampleBytes(ports[i].tensor, dims),
                       reader->examples(), placeFor(*reader, i, ports[i])});
  std::vector<Column> columns = makeColumns(needs, "the data");
  std::vector<Table> tables;
  for (size_t i = 0; i < readers.size(); ++i) {
    Table &table = tables.emplace_back();
    table.examples = readers[i]->examples();
    auto first = columns.begin() + ptrdiff_t(i * ports.size());
    std::move(first, first + ptrdiff_t(ports.size()), std::back_inserter(table.columns));
  }
  return tables;
}

namespace {
/// Brings a column from its reader to its place, piece by piece: all at once where nothing has to
/// be done to it but to lie in memory.
class ColumnTransfer {
public:
  ColumnTransfer(DataReader &reader, uint32_t index, const nnrt_port &port, Column &column)
      : reader(reader), index(index), port(port), column(column),
        perExample(column.rowBytes / std::max(1u, elementSize(port.tensor.dtype))),
        storedRow(perExample * elementSize(reader.fields()[index].dtype)),
        isConverted(reader.fields()[index].dtype != port.tensor.dtype && perExample) {}

  void run() {
    constexpr uint64_t pieceBytes = 1 << 20;
    uint64_t step = reader.examples();
    if (isConverted || column.file)
      step = std::clamp<uint64_t>(pieceBytes / std::max(storedRow, column.rowBytes), 1, step);
    if (isConverted)
      stored.resize(step * storedRow);
    if (column.file)
      rows.resize(step * column.rowBytes);
    for (uint64_t first = 0; first < reader.examples(); first += step)
      bring(first, std::min(step, reader.examples() - first));
  }

private:
  void bring(uint64_t first, uint64_t count);
  [[noreturn]] void fail(uint64_t element, int64_t value, int64_t low, int64_t high) const {
    throw errors::valueOutOfRange(reader.place(index, element / perExample, element % perExample),
                                  port.tensor.name, value, low, high);
  }

  DataReader &reader;
  uint32_t index;
  const nnrt_port &port;
  Column &column;
  uint64_t perExample, storedRow;
  bool isConverted;
  std::vector<std::byte> stored, rows; ///< of a piece, before and after it is converted
};
} // namespace

void ColumnTransfer::bring(uint64_t first, uint64_t count) {
  const uint32_t dtype = port.tensor.dtype;
  const uint64_t bytes = count * column.rowBytes;
  const std::span<std::byte> out =
      column.file ? std::span(rows).first(bytes)
                  : std::span(column.memory.data() + first * column.rowBytes, bytes);
  if (!isConverted) {
    reader.read(index, first, out);
  } else {
    auto piece = std::span(stored).first(count * storedRow);
    reader.read(index, first, piece);
    if (auto bad = convertElements(reader.fields()[index].dtype, piece, dtype, out)) {
      const bool isBounded = port.low < port.high;
      fail(first * perExample + bad->element, bad->value, isBounded ? port.low : bad->low,
           isBounded ? port.high : bad->high);
    }
  }
  if (auto found = findOutOfRange(dtype, port.low, port.high, out))
    fail(first * perExample + found->element, found->value, port.low, port.high);
  if (findNotFinite(dtype, out))
    column.isFinite = false;
  if (column.file && column.file->isTemporary())
    column.write(first, out);
}

void readColumn(DataReader &reader, uint32_t index, const nnrt_port &port, Column &column) {
  // The rows of what is missing stay the zeros that they are. No input is made of them: whoever
  // needs such a column has refused it before.
  if (!reader.missing(index))
    ColumnTransfer(reader, index, port, column).run();
}

/// The place of the first example of the class that is one too many, in the order of the rows; the
/// file, where there are too few.
static std::string placeOfSurplus(std::span<const std::unique_ptr<DataReader>> readers,
                                  uint32_t column, uint64_t expected) {
  std::set<std::string> seen;
  for (const std::unique_ptr<DataReader> &reader : readers)
    for (const ClassPlace &each : reader->classes(column))
      if (seen.insert(each.name).second && seen.size() > expected)
        return reader->classPlace(column, each.first);
  return readers.front()->fields()[column].file;
}

static std::vector<std::string> collectClasses(const DataDescription &data,
                                               std::span<const std::unique_ptr<DataReader>> readers,
                                               uint32_t column) {
  std::set<std::string> all;
  for (const std::unique_ptr<DataReader> &reader : readers)
    for (const ClassPlace &each : reader->classes(column))
      all.insert(each.name);
  std::vector<std::string> names(all.begin(), all.end());
  uint64_t expected = data.columns[column].classes;
  if (data.columns[column].kind == DataDescription::Kind::Text) {
    // Fewer would train as well, but what is drawn from such a model may be no unit at all. Bytes
    // are their own numbers, so nothing is collected of them.
    const std::string &unit = data.sources.front().options.unit;
    if (unit != "byte" && names.size() != expected)
      throw errors::unitCount(placeOfSurplus(readers, column, expected), unit, names.size(),
                              expected);
  } else if (data.columns[column].kind == DataDescription::Kind::Label) {
    if (names.size() != expected)
      throw errors::labelCount(placeOfSurplus(readers, column, expected), names.size(), expected);
  } else if (expected && names.size() != expected)
    throw errors::classCount(placeOfSurplus(readers, column, expected),
                             readers.front()->fields()[column].name, names.size(), expected, names);
  return names;
}

void numberClasses(Session &session, const DataDescription &data,
                   std::span<const std::unique_ptr<DataReader>> readers, bool isFitted,
                   DataFacts &facts) {
  facts.classes.resize(data.columns.size());
  facts.names.resize(data.columns.size());
  for (uint32_t i = 0; i < data.columns.size(); ++i) {
    if (!isFitted)
      facts.names[i] = readers.front()->names(i);
    if (!data.columns[i].hasClasses())
      continue;
    if (!isFitted)
      facts.classes[i] = collectClasses(data, readers, i);
    for (const std::unique_ptr<DataReader> &reader : readers)
      reader->setClasses(i, facts.classes[i]);
  }
  for (size_t i = 0; i < data.classes.size(); ++i) {
    uint32_t column = data.classes[i].column;
    const std::vector<std::string> &names = facts.classes[column];
    auto found = std::find(names.begin(), names.end(), data.classes[i].name);
    if (found == names.end())
      throw errors::noSuchClass(readers.front()->fields()[column].file,
                                readers.front()->fields()[column].name, data.classes[i].name,
                                names);
    session.classes[i] = found - names.begin();
  }
}

} // namespace nnrt
