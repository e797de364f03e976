// Tables as inputs of `predict`: raw columns, prepared as in training.
#include "runtime/cli/PredictInputs.h"
#include "runtime/data/Columns.h"
#include "runtime/data/Preparation.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace nnrt {

namespace {

/// The table, its columns and what is made of them.
class TableInput {
public:
  TableInput(const InputContext &context, const std::string &path);

  InputGroup read();

private:
  void findFields();
  void readColumns();
  void checkAbsent();
  bool dependsOn(uint32_t column);
  Table sample() const;
  void fill(Table &table, uint32_t column, int variant) const;
  InputArray arrayOf(uint32_t input) const;

  const InputContext &context;
  const nnrt_model &model;
  const DataDescription &data;
  std::string path;
  std::unique_ptr<DataReader> reader;
  std::vector<uint32_t> fieldOf; ///< of each input
  std::vector<int64_t> dims;
  Table columns, fields;
};

} // namespace

static const DataDescription::Source *tableSource(const DataDescription &data) {
  for (const DataDescription::Source &source : data.sources)
    if (source.reader == "csv")
      return &source;
  return nullptr;
}

/// The description of data whose inputs may come from a table. Throws Error: it has none.
static const DataDescription &tableData(const InputContext &context, const std::string &path) {
  const Recipe *recipe = context.recipe;
  if (!recipe || !recipe->data || !recipe->data->prepared || !tableSource(*recipe->data))
    throw errors::unknownInputFormat(path, ".npy or .png; the model was not trained on tables");
  if (!context.weights.isComplete(*recipe->data))
    throw errors::notFitted(context.weightsFile);
  return *recipe->data;
}

TableInput::TableInput(const InputContext &context, const std::string &path)
    : context(context), model(context.session.model()), data(tableData(context, path)), path(path),
      dims(model.num_dims) {
  ReaderRequest request = {data,
                           *tableSource(data),
                           {path},
                           context.weights.facts.names,
                           /*isLenient=*/true};
  reader = openReader(request);
}

void TableInput::findFields() {
  for (uint32_t i = 0; i < model.num_inputs; ++i) {
    std::string_view name = model.inputs[i].tensor.name;
    uint32_t field = 0;
    while (field < model.num_fields && name != model.fields[field].tensor.name)
      ++field;
    if (field == model.num_fields)
      throw Error(cat(path, ": input '", name, "' is no column of data set '", data.name,
                      "', so a table does not have it"),
                  cat("give it as ", name, "=FILE.npy"));
    fieldOf.push_back(field);
  }
}

void TableInput::readColumns() {
  DataFacts facts = context.weights.facts;
  numberClasses(context.session, data, std::span(&reader, 1), /*isFitted=*/true, facts);
  checkColumns(model, data, *reader, dims);
  columns = makeTable(model, data, *reader, dims);
  for (uint32_t i = 0; i < columns.columns.size(); ++i)
    readColumn(*reader, i, model.columns[i], columns.columns[i]);
}

/// The first rows: enough to see what depends on what.
Table TableInput::sample() const {
  constexpr uint64_t mostRows = 64;
  Table few;
  few.examples = std::min(mostRows, columns.examples);
  for (const Column &column : columns.columns) {
    Column copy = {Memory(few.examples * column.rowBytes, "a column"), column.rowBytes};
    if (copy.memory.size())
      memcpy(copy.memory.data(), column.memory.data(), copy.memory.size());
    few.columns.push_back(std::move(copy));
  }
  return few;
}

/// Puts another value everywhere into a column.
void TableInput::fill(Table &table, uint32_t column, int variant) const {
  Memory &memory = table.columns[column].memory;
  const float numbers[] = {0, 1, std::numeric_limits<float>::quiet_NaN()};
  const auto last = int32_t(std::max<size_t>(1, context.weights.facts.classes[column].size()) - 1);
  const int32_t classes[] = {0, last, last / 2};
  const void *value = model.columns[column].tensor.dtype == NNRT_I32
                          ? static_cast<const void *>(&classes[variant])
                          : static_cast<const void *>(&numbers[variant]);
  for (uint64_t at = 0; at + sizeof(float) <= memory.size(); at += sizeof(float))
    memcpy(memory.data() + at, value, sizeof(float));
}

/// Whether an input changes with a column. Preparation is a function that was compiled as a whole:
/// trying is how to find out.
bool TableInput::dependsOn(uint32_t column) {
  std::vector<Table> results;
  for (int variant = 0; variant < 3; ++variant) {
    Table table = sample();
    fill(table, column, variant);
    results.push_back(prepareFields(context.session, table, dims));
  }
  for (uint32_t field : fieldOf) {
    const Memory &first = results[0].columns[field].memory;
    for (const Table &other : results)
      if (first.size() && memcmp(first.data(), other.columns[field].memory.data(), first.size()))
        return true;
  }
  return false;
}

/// A column that is not there, or is not as it should be, is borne where no input needs it.
void TableInput::checkAbsent() {
  for (uint32_t i = 0; i < columns.columns.size(); ++i) {
    const Error *why = reader->missing(i);
    if (why && (columns.columns[i].rowBytes == 0 || dependsOn(i)))
      throw *why;
  }
}

InputArray TableInput::arrayOf(uint32_t input) const {
  const nnrt_tensor &tensor = model.fields[fieldOf[input]].tensor;
  const Memory &from = fields.columns[fieldOf[input]].memory;
  InputArray array;
  array.path = path;
  array.dtype = tensor.dtype;
  array.shape = {int64_t(fields.examples)};
  for (uint32_t i = 1; i < tensor.rank; ++i)
    array.shape.push_back(tensor.shape[i] < 0 ? dims[size_t(~tensor.shape[i])] : tensor.shape[i]);
  array.bytes = Memory(from.size(), path);
  if (from.size())
    memcpy(array.bytes.data(), from.data(), from.size());
  return array;
}

InputGroup TableInput::read() {
  findFields();
  readColumns();
  checkAbsent();
  fields = prepareFields(context.session, columns, dims);
  InputGroup group;
  group.name = path;
  group.dims.resize(model.num_dims);
  for (uint32_t i = 0; i < model.num_inputs; ++i) {
    checkField(model.fields[fieldOf[i]], fields.columns[fieldOf[i]],
               [&](uint64_t row) { return reader->example(row); });
    group.arrays.push_back(arrayOf(i));
    group.examples = matchInput(model, model.inputs[i], group.arrays.back(), group.dims);
  }
  return group;
}

InputGroup readTable(const InputContext &context, const std::string &path) {
  return TableInput(context, path).read();
}

} // namespace nnrt
