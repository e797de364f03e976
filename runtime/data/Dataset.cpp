// The data set that a recipe names: found, checked, prepared and held, in memory where that is
// enough.
#include "runtime/data/Dataset.h"

#include "runtime/data/Columns.h"
#include "runtime/data/JoinedReader.h"
#include "runtime/data/Locate.h"
#include "runtime/data/Parts.h"
#include "runtime/data/Preparation.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Range.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <exception>
#include <system_error>
#include <thread>

namespace nnrt {

const Part *Dataset::find(std::string_view name) const {
  for (const Part &part : parts)
    if (part.name == name)
      return &part;
  return nullptr;
}

namespace {

class Loader {
public:
  Loader(const LoadRequest &request, std::vector<int64_t> &dims, DataFacts &facts)
      : session(request.session), model(request.session.model()), data(request.data),
        request(request), dims(dims), facts(facts) {}

  Dataset load() {
    chooseSources();
    openFiles();
    for (const std::unique_ptr<DataReader> &reader : readers)
      checkColumns(model, data, *reader, dims);
    numberClasses(session, data, readers, request.isFitted, facts);
    tables = makeTables(model, data, readers, dims);
    for (size_t i = 0; i < readers.size(); ++i)
      for (PartRows &part : divide(data, parts[i].front()->part, uint32_t(readers[i]->examples())))
        divided.push_back({i, std::move(part)});
    readAll();
    if (data.prepared)
      prepare();
    return assemble();
  }

private:
  struct Divided {
    size_t source; ///< whose reader and table
    PartRows part;
  };

  bool isWanted(std::string_view part) const {
    return std::find(request.parts.begin(), request.parts.end(), part) != request.parts.end();
  }
  void chooseSources();
  void openFiles();
  std::string pathOf(const std::string &folder, const DataDescription::Source &source,
                     const DataDescription::File &file, std::span<const std::string> all) const;
  void readAll();
  void prepare();
  std::string findBadValue() const;
  Dataset assemble();

  Session &session;
  const nnrt_model &model;
  const DataDescription &data;
  const LoadRequest &request;
  std::vector<int64_t> &dims;
  DataFacts &facts;
  /// The sources of each part that the files are divided into: those beside each other.
  std::vector<std::vector<const DataDescription::Source *>> parts;
  std::vector<std::unique_ptr<DataReader>> readers; ///< one per part
  std::vector<Table> tables;                        ///< one per part
  std::vector<Divided> divided;
};

} // namespace

/// Those that the wanted parts come from.
void Loader::chooseSources() {
  for (const DataDescription::Source &source : data.sources) {
    bool isAny = source.part.empty() && data.splits.empty() && isWanted("train");
    if (source.part.empty())
      for (const DataDescription::Share &share : data.splits)
        isAny |= isWanted(share.part);
    bool hasValid =
        data.validShare > 0 && isWanted("valid") && (source.part.empty() || source.part == "train");
    if (!isAny && !hasValid && !isWanted(source.part))
      continue;
    auto same = std::find_if(parts.begin(), parts.end(), [&](const auto &others) {
      return others.front()->part == source.part;
    });
    if (same == parts.end())
      parts.push_back({&source});
    else
      same->push_back(&source);
  }
  if (parts.empty())
    throw errors::splitMissing(data.name, request.parts.front());
}

std::string Loader::pathOf(const std::string &folder, const DataDescription::Source &source,
                           const DataDescription::File &file,
                           std::span<const std::string> all) const {
  std::string path = findDataFile(folder, file.path);
  if (path.empty())
    throw errors::dataFileMissing(cat(folder, folder.ends_with('/') ? "" : "/", file.path),
                                  source.part, file.column, data.name, folder, data.isLibrary,
                                  findSimilar(std::span(&folder, 1), file.path, all));
  return path;
}

void Loader::openFiles() {
  std::vector<std::string> files;
  for (const auto &sources : parts)
    for (const DataDescription::Source *source : sources)
      for (const DataDescription::File &file : source->files)
        files.push_back(file.path);
  std::string folder = locateData(data, request.places, files);
  std::vector<std::vector<std::vector<std::string>>> paths;
  for (const auto &sources : parts) {
    auto &ofPart = paths.emplace_back();
    for (const DataDescription::Source *source : sources) {
      auto &ofSource = ofPart.emplace_back();
      for (const DataDescription::File &file : source->files)
        ofSource.push_back(pathOf(folder, *source, file, files));
    }
  }
  // A range of columns is what it was in training, or else in the first table, whatever the order
  // of the columns in another.
  std::vector<std::vector<std::string>> names;
  if (request.isFitted)
    names = facts.names;
  for (size_t i = 0; i < parts.size(); ++i) {
    readers.push_back(openPart({data, parts[i], paths[i], names}));
    for (uint32_t column = 0; names.size() < data.columns.size(); ++column)
      names.push_back(readers.front()->names(column));
  }
}

void Loader::readAll() {
  std::span<const nnrt_port> ports = portsOf(model, data);
  std::vector<std::exception_ptr> failures(readers.size() * ports.size());
  {
    std::vector<std::jthread> threads;
    threads.reserve(failures.size());
    for (size_t source = 0; source < readers.size(); ++source)
      for (uint32_t i = 0; i < ports.size(); ++i) {
        auto read = [&, source, i] {
          try {
            readColumn(*readers[source], i, ports[i], tables[source].columns[i]);
          } catch (...) {
            failures[source * ports.size() + i] = std::current_exception();
          }
        };
        try {
          threads.emplace_back(read);
        } catch (const std::system_error &) {
          read(); // no thread to be had: one after the other, then
        }
      }
  }
  // The first in the recipe's order, so that a message does not depend on which thread was first.
  for (const std::exception_ptr &failure : failures)
    if (failure)
      std::rethrow_exception(failure);
}

void Loader::prepare() {
  if (!request.isFitted) {
    const Divided *train = nullptr;
    for (const Divided &each : divided)
      if (each.part.name == "train")
        train = &each;
    if (!train)
      throw errors::splitMissing(data.name, "train");
    fitPreparation(session, data, tables[train->source], train->part.rows, dims);
    checkFitted(session, data, *readers[train->source], tables[train->source], train->part.rows);
  }
  for (size_t i = 0; i < tables.size(); ++i) {
    tables[i] = prepareFields(session, tables[i], dims);
    for (uint32_t field = 0; field < model.num_fields; ++field)
      checkField(model.fields[field], tables[i], field,
                 [&](uint64_t row) { return readers[i]->example(row); });
  }
}

/// The first value of the training part that is not finite, as a message says it; empty where all
/// are. A model may deal with it, so it is no error by itself.
std::string Loader::findBadValue() const {
  for (const Divided &each : divided) {
    if (each.part.name != "train")
      continue;
    const Table &table = tables[each.source];
    for (uint32_t i = 0; i < model.num_fields; ++i) {
      const nnrt_tensor &tensor = model.fields[i].tensor;
      const Column &column = table.columns[i];
      if (column.isFinite)
        continue;
      std::vector<std::byte> bytes(column.rowBytes);
      for (uint32_t row : each.part.rows) {
        column.read(row, 1, bytes.data());
        if (auto element = findNotFinite(tensor.dtype, bytes))
          return cat(data.prepared ? readers[each.source]->example(row)
                                   : readers[each.source]->place(i, row, *element),
                     ": '", tensor.name, "' holds a value that is not finite");
      }
    }
  }
  return {};
}

Dataset Loader::assemble() {
  std::string badValue = findBadValue();
  std::vector<std::shared_ptr<const Table>> shared;
  shared.reserve(tables.size());
  for (Table &table : tables)
    shared.push_back(std::make_shared<const Table>(std::move(table)));
  Dataset dataset;
  dataset.badValue = std::move(badValue);
  // In the order in which they are asked for.
  for (const std::string &name : request.parts)
    for (Divided &each : divided)
      if (each.part.name == name && !dataset.find(name)) {
        Part part = {name, each.part.rows.size(), shared[each.source], std::move(each.part.rows)};
        if (part.examples == part.table->examples)
          part.rows = {}; // as they are in the file
        dataset.parts.push_back(std::move(part));
      }
  if (!dataset.find(request.parts.front()))
    throw errors::splitMissing(data.name, request.parts.front());
  return dataset;
}

Dataset loadDataset(const LoadRequest &request, std::vector<int64_t> &dims, DataFacts &facts) {
  return Loader(request, dims, facts).load();
}

} // namespace nnrt
