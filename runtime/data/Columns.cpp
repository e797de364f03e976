// Columns of a data source, matched with what the model takes and read into memory.
#include "runtime/data/Columns.h"

#include "runtime/data/Convert.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Range.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <algorithm>
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

Table makeTable(const nnrt_model &model, const DataDescription &data, const DataReader &reader,
                std::span<const int64_t> dims) {
  Table table;
  table.examples = reader.examples();
  for (const nnrt_port &port : portsOf(model, data)) {
    uint64_t rowBytes = exampleBytes(port.tensor, dims), bytes = 0;
    if (__builtin_mul_overflow(rowBytes, table.examples, &bytes))
      throw errors::outOfMemory(UINT64_MAX, port.tensor.name);
    table.columns.push_back({Memory(bytes, cat("'", port.tensor.name, "'")), rowBytes});
  }
  return table;
}

void readColumn(DataReader &reader, uint32_t index, const nnrt_port &port, Column &column) {
  const DataField &field = reader.fields()[index];
  const uint32_t dtype = port.tensor.dtype;
  std::span<std::byte> all(column.memory.data(), column.memory.size());
  // No input is made of it: whoever needs a column that is missing has refused it before.
  if (reader.missing(index)) {
    std::fill(all.begin(), all.end(), std::byte());
    return;
  }
  const uint64_t perExample = column.rowBytes / std::max(1u, elementSize(dtype));
  auto fail = [&](uint64_t element, int64_t value, int64_t low, int64_t high) {
    throw errors::valueOutOfRange(reader.place(index, element / perExample, element % perExample),
                                  port.tensor.name, value, low, high);
  };
  if (field.dtype == dtype || perExample == 0) {
    reader.read(index, 0, all);
  } else {
    const uint64_t storedRow = perExample * elementSize(field.dtype);
    const uint64_t step = std::max<uint64_t>(1, (1 << 20) / storedRow);
    std::vector<std::byte> piece(step * storedRow);
    for (uint64_t first = 0; first < reader.examples(); first += step) {
      uint64_t count = std::min(step, reader.examples() - first);
      auto stored = std::span(piece).first(count * storedRow);
      reader.read(index, first, stored);
      if (auto bad =
              convertElements(field.dtype, stored, dtype,
                              all.subspan(first * column.rowBytes, count * column.rowBytes))) {
        bool isBounded = port.low < port.high;
        fail(first * perExample + bad->element, bad->value, isBounded ? port.low : bad->low,
             isBounded ? port.high : bad->high);
      }
    }
  }
  if (auto found = findOutOfRange(dtype, port.low, port.high, all))
    fail(found->element, found->value, port.low, port.high);
}

/// The place of the first example of the class that is one too many, in the order of the rows.
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
    if (names.size() > expected)
      throw errors::unitCount(placeOfSurplus(readers, column, expected),
                              data.sources.front().options.unit, names.size(), expected);
  } else if (data.columns[column].kind == DataDescription::Kind::Label) {
    if (names.size() > expected)
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
