// Raw data as inputs of `predict`: tables, and what a data set prepares, as in training.
#include "runtime/cli/PredictInputs.h"
#include "runtime/data/Columns.h"
#include "runtime/data/JoinedReader.h"
#include "runtime/data/Preparation.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <cstring>
#include <map>
#include <numeric>
#include <optional>
#include <set>

namespace nnrt {

namespace {

/// Arrays that were given for some columns of the data.
class GivenArrays final : public DataReader {
public:
  /// Of these columns of the data set, in this order.
  GivenArrays(const nnrt_model &model, const DataDescription &data, std::span<const uint32_t> which,
              std::map<uint32_t, InputArray> given);

  void read(uint32_t column, uint64_t first, std::span<std::byte> out) override {
    auto found = arrays.find(column);
    if (found == arrays.end() || out.empty())
      return;
    const Memory &bytes = found->second.bytes;
    memcpy(out.data(), bytes.data() + first * (bytes.size() / count), out.size());
  }
  std::string place(uint32_t column, uint64_t number, uint64_t element) const override {
    return cat(columns[column].file, ": example ", number, ", element ", element);
  }
  std::string example(uint64_t number) const override {
    return cat(arrays.begin()->second.path, ": example ", number);
  }
  const Error *missing(uint32_t column) const override {
    auto found = absent.find(column);
    return found == absent.end() ? nullptr : &found->second;
  }

private:
  std::map<uint32_t, InputArray> arrays; ///< by their places among the columns
  std::map<uint32_t, Error> absent;
};

/// Columns of raw data, and the inputs that preparation makes of them.
class RawInput {
public:
  RawInput(const InputContext &context, const DataDescription &data, std::string path)
      : context(context), model(context.session.model()), data(data), path(std::move(path)),
        dims(model.num_dims) {
    findFields();
  }

  /// The columns that the inputs are made of.
  std::vector<uint32_t> neededColumns() const;
  InputGroup read(std::unique_ptr<DataReader> from);

private:
  void findFields();
  void readColumns();
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

GivenArrays::GivenArrays(const nnrt_model &model, const DataDescription &data,
                         std::span<const uint32_t> which, std::map<uint32_t, InputArray> given) {
  for (uint32_t i = 0; i < which.size(); ++i) {
    const nnrt_tensor &tensor = portsOf(model, data)[which[i]].tensor;
    const std::string &name = data.columns[which[i]].name;
    DataField field = {name, tensor.dtype, {}, name};
    auto found = given.find(which[i]);
    if (found == given.end()) {
      absent.emplace(i, errors::usage(cat("no file is given for column '", field.name,
                                          "', which an input is made of"),
                                      cat("give ", field.name, "=FILE")));
    } else {
      InputArray &array = arrays.emplace(i, std::move(found->second)).first->second;
      if (array.shape.size() + 1 == tensor.rank)
        array.shape.insert(array.shape.begin(), 1); // one example
      if (array.shape.empty() || array.shape.front() == 0)
        throw errors::inputShape(array.path, typeText(array.dtype, array.shape), field.name,
                                 typeText(model, tensor));
      uint64_t examples = uint64_t(array.shape.front());
      if (count && examples != count)
        throw errors::inputCount(array.path, examples, columns.front().file, count);
      count = examples;
      field.dtype = array.dtype;
      field.shape.assign(array.shape.begin() + 1, array.shape.end());
      field.file = array.path;
    }
    columns.push_back(std::move(field));
  }
}

static const DataDescription::Source *tableSource(const DataDescription &data) {
  for (const DataDescription::Source &source : data.sources)
    if (source.reader == "csv")
      return &source;
  return nullptr;
}

/// What raw data is read as: where neither code nor a table lies before the fields, inputs are it.
static const DataDescription *rawData(const InputContext &context) {
  const Recipe *recipe = context.recipe;
  if (!recipe || !recipe->data || !(recipe->data->prepared || tableSource(*recipe->data)))
    return nullptr;
  return &*recipe->data;
}

/// The field that an input is; none where it is none.
static std::optional<uint32_t> fieldCalled(const nnrt_model &model, std::string_view name) {
  for (uint32_t i = 0; i < model.num_fields; ++i)
    if (name == model.fields[i].tensor.name)
      return i;
  return std::nullopt;
}

void RawInput::findFields() {
  for (uint32_t i = 0; i < model.num_inputs; ++i) {
    std::string_view name = model.inputs[i].tensor.name;
    std::optional<uint32_t> field = fieldCalled(model, name);
    if (!field)
      throw Error(cat(path, ": input '", name, "' is no column of data set '", data.name,
                      "', so raw data does not have it"),
                  cat("give it as ", name, "=FILE.npy"));
    fieldOf.push_back(*field);
  }
}

void RawInput::readColumns() {
  checkColumns(model, data, *reader, dims);
  columns = std::move(makeTables(model, data, std::span(&reader, 1), dims).front());
  for (uint32_t i = 0; i < columns.columns.size(); ++i)
    readColumn(*reader, i, portsOf(model, data)[i], columns.columns[i]);
}

std::vector<uint32_t> RawInput::neededColumns() const {
  std::set<uint32_t> needed;
  for (uint32_t field : fieldOf)
    if (!data.prepared)
      needed.insert(field);
    else if (field < data.needs.size())
      needed.insert(data.needs[field].begin(), data.needs[field].end());
    else // nothing says which it needs: all of them, then
      for (uint32_t i = 0; i < data.columns.size(); ++i)
        needed.insert(i);
  return {needed.begin(), needed.end()};
}

InputArray RawInput::arrayOf(uint32_t input) const {
  const nnrt_tensor &tensor = model.fields[fieldOf[input]].tensor;
  const Column &from = fields.columns[fieldOf[input]];
  InputArray array;
  array.path = path;
  array.dtype = tensor.dtype;
  array.shape = {int64_t(fields.examples)};
  for (uint32_t i = 1; i < tensor.rank; ++i)
    array.shape.push_back(tensor.shape[i] < 0 ? dims[size_t(~tensor.shape[i])] : tensor.shape[i]);
  array.bytes = Memory(fields.examples * from.rowBytes, path);
  from.read(0, fields.examples, array.bytes.data());
  return array;
}

/// A column that is not there, or is not as it should be, is borne where no input needs it.
InputGroup RawInput::read(std::unique_ptr<DataReader> from) {
  reader = std::move(from);
  DataFacts facts = context.weights.facts;
  numberClasses(context.session, data, std::span(&reader, 1), /*isFitted=*/true, facts);
  for (uint32_t column : neededColumns())
    if (const Error *why = reader->missing(column))
      throw Error(why->what(), why->getHint(), why->getStatus());
  readColumns();
  fields = data.prepared ? prepareFields(context.session, columns, dims) : std::move(columns);
  InputGroup group;
  group.name = path;
  group.dims.resize(model.num_dims);
  for (uint32_t i = 0; i < model.num_inputs; ++i) {
    checkField(model.fields[fieldOf[i]], fields, fieldOf[i],
               [&](uint64_t row) { return reader->example(row); });
    group.arrays.push_back(arrayOf(i));
    group.examples = matchInput(model, model.inputs[i], group.arrays.back(), group.dims);
  }
  return group;
}

InputGroup readTable(const InputContext &context, const std::string &path) {
  const DataDescription *data = rawData(context);
  const DataDescription::Source *source = data ? tableSource(*data) : nullptr;
  if (!source)
    throw errors::unknownInputFormat(path, ".npy or .png; the model was not trained on tables");
  if (!context.weights.isComplete(*data))
    throw errors::notFitted(context.weightsFile);
  RawInput input(context, *data, path);
  return input.read(
      openReader({*data, *source, {path}, context.weights.facts.names, /*isLenient=*/true}));
}

/// The column that an operand names, and its file.
static std::optional<std::pair<uint32_t, std::string>> namedColumn(const DataDescription &data,
                                                                   const std::string &operand) {
  size_t equals = operand.find('=');
  for (uint32_t i = 0; equals != std::string::npos && i < data.columns.size(); ++i)
    if (operand.compare(0, equals, data.columns[i].name) == 0)
      return std::pair(i, operand.substr(equals + 1));
  return std::nullopt;
}

/// A table and, beside it, NAME=FILE for arrays; nothing where the operands are anything else.
static std::optional<std::vector<InputGroup>>
readTableAndArrays(const InputContext &context, const DataDescription &data,
                   const DataDescription::Source &source, std::span<const std::string> operands) {
  std::string table, all;
  std::map<uint32_t, InputArray> arrays;
  for (const std::string &operand : operands) {
    if (auto named = namedColumn(data, operand)) {
      const nnrt_tensor &tensor = portsOf(context.session.model(), data)[named->first].tensor;
      if (!arrays.emplace(named->first, readFile(context, tensor, named->second)).second)
        throw errors::inputTwice(operand, data.columns[named->first].name);
    } else if (table.empty() && operand.find('=') == std::string::npos) {
      table = operand;
    } else {
      return std::nullopt;
    }
    all += cat(all.empty() ? "" : ", ", operand);
  }
  if (table.empty() || arrays.empty())
    return std::nullopt;
  if (!context.weights.isComplete(data))
    throw errors::notFitted(context.weightsFile);
  std::vector<JoinedPart> parts(2);
  parts[0].columns = std::make_unique<SourceColumns>(columnsOf(data, source));
  std::vector<std::vector<std::string>> names;
  for (uint32_t place : parts[0].columns->places)
    names.push_back(context.weights.facts.names[place]);
  parts[0].reader =
      openReader({parts[0].columns->data, source, {table}, names, /*isLenient=*/true});
  parts[1].columns = std::make_unique<SourceColumns>();
  for (uint32_t i = 0; i < data.columns.size(); ++i)
    if (!data.columns[i].isOfTable())
      parts[1].columns->places.push_back(i);
  parts[1].reader = std::make_unique<GivenArrays>(context.session.model(), data,
                                                  parts[1].columns->places, std::move(arrays));
  std::vector<InputGroup> groups;
  groups.push_back(RawInput(context, data, all).read(joinReaders(data, std::move(parts))));
  return groups;
}

std::optional<std::vector<InputGroup>> readRawArrays(const InputContext &context,
                                                     std::span<const std::string> operands) {
  const nnrt_model &model = context.session.model();
  const DataDescription *data = rawData(context);
  if (!data)
    return std::nullopt;
  if (const DataDescription::Source *source = tableSource(*data))
    return readTableAndArrays(context, *data, *source, operands);
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    if (!fieldCalled(model, model.inputs[i].tensor.name))
      return std::nullopt;
  std::vector<uint32_t> needed;
  bool areNamed = false;
  for (const std::string &operand : operands)
    areNamed |= namedColumn(*data, operand).has_value();
  if (!areNamed) {
    for (const std::string &operand : operands)
      for (uint32_t i = 0; i < model.num_inputs; ++i)
        if (operand.starts_with(cat(model.inputs[i].tensor.name, "=")))
          return std::nullopt; // an input as it is
    needed = RawInput(context, *data, operands.front()).neededColumns();
    if (needed.empty())
      return std::nullopt;
  }
  if (!context.weights.isComplete(*data))
    throw errors::notFitted(context.weightsFile);
  std::string names;
  for (const DataDescription::Column &column : data->columns)
    names += cat(names.empty() ? "" : " ", column.name, "=FILE");
  if (!areNamed && needed.size() > 1)
    throw errors::inputNotNamed(operands.front(), names);
  auto read = [&](const std::map<uint32_t, std::string> &paths) {
    std::map<uint32_t, InputArray> arrays;
    std::string all;
    for (const auto &[column, path] : paths) {
      arrays.emplace(column, readFile(context, model.columns[column].tensor, path));
      all += cat(all.empty() ? "" : ", ", path);
    }
    std::vector<uint32_t> which(data->columns.size());
    std::iota(which.begin(), which.end(), 0u);
    auto reader = std::make_unique<GivenArrays>(model, *data, which, std::move(arrays));
    return RawInput(context, *data, all).read(std::move(reader));
  };
  std::vector<InputGroup> groups;
  std::map<uint32_t, std::string> paths;
  for (const std::string &operand : operands) {
    std::optional<std::pair<uint32_t, std::string>> named = namedColumn(*data, operand);
    if (areNamed && (!named || !paths.insert(*named).second))
      throw errors::inputNotNamed(operand, names);
    if (!areNamed)
      groups.push_back(read({{needed.front(), operand}}));
  }
  if (areNamed)
    groups.push_back(read(paths));
  return groups;
}

} // namespace nnrt
