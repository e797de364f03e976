// The data set that a recipe names: found, checked and held in memory.
#include "runtime/data/Dataset.h"

#include "runtime/data/Idx.h"
#include "runtime/data/Locate.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Range.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>

namespace nnrt {

const Split *Dataset::find(std::string_view name) const {
  for (const Split &split : splits)
    if (split.name == name)
      return &split;
  return nullptr;
}

namespace {

/// A file of the data set on its way into memory.
struct Source {
  std::string split;
  uint32_t field;
  IdxReader reader;
  std::exception_ptr failure;
};

class Loader {
public:
  Loader(const nnrt_model &model, const DataPlaces &places, std::vector<int64_t> &dims)
      : model(model), places(places), dims(dims) {}

  Dataset load(const std::vector<std::string> &splits) {
    openFiles(splits);
    for (Source &source : sources)
      checkType(source);
    Dataset dataset;
    for (const std::string &split : splits)
      if (std::any_of(sources.begin(), sources.end(),
                      [&](const Source &source) { return source.split == split; }))
        dataset.splits.push_back(prepare(split));
    readAll(dataset);
    return dataset;
  }

private:
  void openFiles(const std::vector<std::string> &splits);
  void checkType(const Source &source);
  Split prepare(const std::string &name);
  void readOne(Source &source, Column &column, uint64_t examples);
  void readAll(Dataset &dataset);

  const nnrt_model &model;
  const DataPlaces &places;
  std::vector<int64_t> &dims;
  std::vector<Source> sources;
};

} // namespace

void Loader::openFiles(const std::vector<std::string> &splits) {
  std::string data = model.recipe->data;
  if (strcmp(model.recipe->format, "idx") != 0)
    throw errors::unknownFormat(data, model.recipe->format);
  std::vector<const nnrt_file *> wanted;
  std::vector<std::string> names;
  for (uint32_t i = 0; i < model.num_files; ++i)
    if (std::find(splits.begin(), splits.end(), model.files[i].split) != splits.end()) {
      wanted.push_back(&model.files[i]);
      names.push_back(model.files[i].path);
    }
  if (wanted.empty())
    throw errors::splitMissing(data, splits.front());
  std::string folder = locateData(data, places, names);
  for (const nnrt_file *file : wanted) {
    std::string path = findDataFile(folder, file->path);
    if (path.empty())
      throw errors::dataFileMissing(cat(folder, folder.ends_with('/') ? "" : "/", file->path),
                                    file->split, model.fields[file->field].tensor.name, data,
                                    folder);
    sources.push_back({file->split, file->field, IdxReader(path), nullptr});
  }
}

/// The file's element type and the sizes behind the first must be the field's; symbolic ones are
/// settled here.
void Loader::checkType(const Source &source) {
  const nnrt_tensor &tensor = model.fields[source.field].tensor;
  const IdxReader &reader = source.reader;
  if (reader.dtype() != tensor.dtype)
    throw errors::idxElementType(reader.path(), elementName(reader.dtype()), tensor.name,
                                 elementName(tensor.dtype));
  bool fits = reader.shape().size() == tensor.rank;
  for (uint32_t i = 1; fits && i < tensor.rank; ++i) {
    int64_t found = reader.shape()[i], expected = tensor.shape[i];
    if (expected >= 0) {
      fits = found == expected;
      continue;
    }
    int64_t &value = dims[size_t(~expected)];
    if (value && value != found)
      throw errors::dimensionMismatch(reader.path(), tensor.name, model.dims[~expected], found,
                                      value);
    value = found;
  }
  if (!fits)
    throw errors::idxShape(reader.path(), typeText(reader.dtype(), reader.shape()), tensor.name,
                           typeText(model, tensor));
  // Orders of examples are kept as 32-bit numbers.
  if (reader.examples() > UINT32_MAX)
    throw errors::tooManyExamples(reader.path(), reader.examples(), UINT32_MAX);
}

/// Checks that the split's files agree, then asks for its memory.
Split Loader::prepare(const std::string &name) {
  Split split;
  split.name = name;
  split.columns.resize(model.num_fields);
  const Source *first = nullptr;
  std::vector<bool> has(model.num_fields);
  for (const Source &source : sources) {
    if (source.split != name)
      continue;
    has[source.field] = true;
    if (first && first->reader.examples() != source.reader.examples())
      throw errors::countMismatch(first->reader.path(), model.fields[first->field].tensor.name,
                                  first->reader.examples(), source.reader.path(),
                                  model.fields[source.field].tensor.name, source.reader.examples());
    if (!first)
      first = &source;
  }
  for (uint32_t field = 0; field < model.num_fields; ++field)
    if (!has[field])
      throw errors::fieldWithoutFile(model.recipe->data, name, model.fields[field].tensor.name);
  split.examples = first->reader.examples();
  for (const Source &source : sources)
    if (source.split == name) {
      Column &column = split.columns[source.field];
      column.memory = Memory(source.reader.dataBytes(), source.reader.path());
      column.rowBytes = source.reader.dataBytes() / split.examples;
    }
  return split;
}

void Loader::readOne(Source &source, Column &column, uint64_t examples) {
  try {
    source.reader.readExamples({column.memory.data(), column.memory.size()});
    checkRange(model.fields[source.field], column, examples, source.reader.path(),
               source.reader.headerBytes());
  } catch (...) {
    source.failure = std::current_exception();
  }
}

void Loader::readAll(Dataset &dataset) {
  {
    std::vector<std::jthread> threads;
    threads.reserve(sources.size());
    for (Source &source : sources)
      for (Split &split : dataset.splits) {
        if (split.name != source.split)
          continue;
        Column &column = split.columns[source.field];
        auto read = [this, &source, &column, examples = split.examples] {
          readOne(source, column, examples);
        };
        try {
          threads.emplace_back(read);
        } catch (const std::system_error &) {
          read(); // no thread to be had: one after the other, then
        }
      }
  }
  // The first in the recipe's order, so that a message does not depend on which thread was first.
  for (const Source &source : sources)
    if (source.failure)
      std::rethrow_exception(source.failure);
}

Dataset loadDataset(const nnrt_model &model, const DataPlaces &places,
                    const std::vector<std::string> &splits, std::vector<int64_t> &dims) {
  return Loader(model, places, dims).load(splits);
}

void checkRange(const nnrt_port &field, const Column &column, uint64_t examples,
                const std::string &file, uint64_t headerBytes) {
  const nnrt_tensor &tensor = field.tensor;
  std::span data(column.memory.data(), examples * column.rowBytes);
  if (auto found = findOutOfRange(tensor.dtype, field.low, field.high, data)) {
    uint64_t offset = found->element * elementSize(tensor.dtype);
    throw errors::valueOutOfRange(file, tensor.name, found->value, field.low, field.high,
                                  offset / column.rowBytes, headerBytes + offset);
  }
}

} // namespace nnrt
