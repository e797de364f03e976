// The recipe of a model and its data: what the descriptor holds as JSON, read once.
#include "runtime/model/Recipe.h"

#include "runtime/support/Error.h"
#include "runtime/support/JsonValue.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <array>

namespace nnrt {

namespace {

[[noreturn]] void fail(const std::string &why) {
  throw Error(cat("the program's recipe cannot be read: ", why), {}, Status::Internal);
}

/// Whether a key is there and says something.
const JsonValue *find(const JsonValue &object, const char *key) {
  const JsonValue *found = object.find(key);
  return found && !found->isNull() ? found : nullptr;
}

template <typename T> void get(const JsonValue &object, const char *key, T &value) {
  if (const JsonValue *found = find(object, key))
    found->get(value);
}
template <typename T> T required(const JsonValue &object, const char *key) {
  const JsonValue *found = object.find(key);
  if (!found)
    fail(cat("it has no '", key, "'"));
  return found->as<T>();
}

/// A list of objects, each read by `read`.
template <typename T, typename Read>
void list(const JsonValue &object, const char *key, std::vector<T> &values, const Read &read) {
  if (const JsonValue *found = find(object, key))
    for (const JsonValue &each : found->elements())
      values.push_back(read(each));
}

/// The place of a word in a list that has it.
template <typename Enum, size_t size>
Enum oneOf(const std::string &word, const std::array<const char *, size> &words) {
  for (size_t i = 0; i < size; ++i)
    if (word == words[i])
      return Enum(i);
  fail(cat("'", printable(word), "' is not known"));
}

/// A folder there is, and a size that images are brought to.
void checkFolder(const DataDescription::Source &source) {
  constexpr uint64_t mostPixels = 1 << 15; // in a direction
  const std::vector<uint64_t> &shape = source.options.shape;
  const bool isShape =
      (shape.size() == 2 || (shape.size() == 3 && (shape[2] == 1 || shape[2] == 3))) &&
      shape[0] >= 1 && shape[0] <= mostPixels && shape[1] >= 1 && shape[1] <= mostPixels;
  if (source.files.size() != 1 || !isShape)
    fail("a folder of images says neither where it is nor what size they get");
}

DataDescription::Source readSource(const JsonValue &object) {
  DataDescription::Source source;
  get(object, "part", source.part);
  source.reader = required<std::string>(object, "reader");
  list(object, "files", source.files, [](const JsonValue &file) {
    DataDescription::File read;
    get(file, "column", read.column);
    read.path = required<std::string>(file, "path");
    return read;
  });
  if (const JsonValue *options = find(object, "options")) {
    get(*options, "separator", source.options.separator);
    get(*options, "missing", source.options.missing);
    get(*options, "header", source.options.header);
    get(*options, "unit", source.options.unit);
    get(*options, "window", source.options.window);
    get(*options, "stride", source.options.stride);
    get(*options, "shape", source.options.shape);
    if (source.options.window == 0 || source.options.stride == 0)
      fail("windows of a text have no units, or begin every 0 units");
  }
  if (source.reader == "folder")
    checkFolder(source);
  return source;
}

DataDescription::Column readColumn(const JsonValue &object) {
  DataDescription::Column column;
  column.kind = oneOf<DataDescription::Kind>(required<std::string>(object, "kind"),
                                             std::array<const char *, 7>{"array", "numbers",
                                                                         "number", "category",
                                                                         "text", "image", "label"});
  get(object, "name", column.name);
  get(object, "first", column.first);
  column.last = column.first;
  get(object, "last", column.last);
  if (column.last.empty())
    column.last = column.first;
  get(object, "by_position", column.byPosition);
  get(object, "classes", column.classes);
  return column;
}

DataDescription readData(const JsonValue &object) {
  DataDescription data;
  data.name = required<std::string>(object, "name");
  list(object, "sources", data.sources, readSource);
  list(object, "splits", data.splits, [](const JsonValue &share) {
    return DataDescription::Share{required<std::string>(share, "part"),
                                  required<double>(share, "share")};
  });
  get(object, "split_seed", data.splitSeed);
  if (const JsonValue *valid = find(object, "valid")) {
    data.validShare = required<double>(*valid, "share");
    get(*valid, "seed", data.validSeed);
  }
  list(object, "columns", data.columns, readColumn);
  list(object, "classes", data.classes, [](const JsonValue &each) {
    return DataDescription::Class{required<uint32_t>(each, "column"),
                                  required<std::string>(each, "name")};
  });
  get(object, "prepared", data.prepared);
  get(object, "needs", data.needs);
  get(object, "fits", data.fits);
  get(object, "library", data.isLibrary);
  for (const auto *lists : {&data.needs, &data.fits})
    for (const std::vector<uint32_t> &columns : *lists)
      for (uint32_t column : columns)
        if (column >= data.columns.size())
          fail("a field or fitted value needs a column that there is not");
  for (const DataDescription::Class &each : data.classes)
    if (each.column >= data.columns.size())
      fail("a class belongs to no column");
  return data;
}

Goal readGoal(const JsonValue &object) {
  Goal goal;
  goal.isMax = required<std::string>(object, "goal") == "max";
  goal.of = required<std::string>(object, "of");
  return goal;
}

Recipe::Block readBlock(const JsonValue &object) {
  Recipe::Block block;
  get(object, "name", block.name);
  get(object, "every", block.every);
  get(object, "losses", block.losses);
  get(object, "trains", block.trains);
  if (block.every == 0)
    fail("a block runs every 0 steps");
  return block;
}

/// That a metric or a total may have.
constexpr uint64_t mostNumbers = 1 << 20;

void readTables(const JsonValue &object, Recipe &recipe) {
  recipe.tables.resize(recipe.metrics.size());
  const JsonValue *tables = find(object, "tables");
  if (!tables)
    return;
  for (const JsonValue &each : tables->elements()) {
    const auto metric = required<uint64_t>(each, "metric");
    if (metric >= recipe.metrics.size())
      fail("a table is no metric");
    MetricTable &table = recipe.tables[metric];
    get(each, "shape", table.shape);
    get(each, "classes", table.classes);
    uint64_t numbers = 1;
    for (uint64_t size : table.shape)
      numbers = size >= 1 && size <= mostNumbers ? numbers * size : mostNumbers + 1;
    if (table.shape.empty() || table.shape.size() > 2 || numbers > mostNumbers)
      fail("a table has no size, or too large a one");
  }
}

Recipe readRecipe(const JsonValue &object) {
  Recipe recipe;
  get(object, "optimizer", recipe.optimizer);
  get(object, "clip", recipe.clip);
  get(object, "precision", recipe.precision);
  get(object, "batch", recipe.batch);
  get(object, "epochs", recipe.epochs);
  get(object, "steps", recipe.steps);
  get(object, "seed", recipe.seed);
  get(object, "shuffle", recipe.shuffle);
  get(object, "accumulate", recipe.accumulate);
  get(object, "average", recipe.average);
  get(object, "evaluate_every", recipe.evaluateEvery);
  if (const JsonValue *keep = find(object, "keep"))
    recipe.keep = readGoal(*keep);
  if (const JsonValue *stop = find(object, "stop")) {
    recipe.stop = readGoal(*stop);
    get(*stop, "patience", recipe.patience);
  }
  get(object, "budget_bytes", recipe.budgetBytes);
  list(object, "load", recipe.loads, [](const JsonValue &load) {
    Recipe::Load read = {required<std::string>(load, "file"), {}};
    get(load, "under", read.under);
    return read;
  });
  list(object, "numbers", recipe.numbers, [](const JsonValue &number) {
    return Recipe::Number{required<std::string>(number, "name"), required<double>(number, "value")};
  });
  list(object, "blocks", recipe.blocks, readBlock);
  get(object, "losses", recipe.losses);
  get(object, "metrics", recipe.metrics);
  readTables(object, recipe);
  get(object, "targets", recipe.targets);
  list(object, "passes", recipe.passes, [](const JsonValue &pass) {
    std::vector<Recipe::Combine> read;
    for (const JsonValue &total : pass.elements()) {
      const bool isOne = total.isText();
      const auto combine = oneOf<Recipe::Combine>(isOne ? total.as<std::string>()
                                                        : required<std::string>(total, "combine"),
                                                  std::array<const char *, 3>{"sum", "max", "min"});
      const uint64_t numbers = isOne ? 1 : required<uint64_t>(total, "numbers");
      if (numbers > mostNumbers)
        fail("a total has too many numbers");
      read.insert(read.end(), numbers, combine);
    }
    return read;
  });
  get(object, "frozen", recipe.frozen);
  if (const JsonValue *data = find(object, "data"))
    recipe.data = readData(*data);
  return recipe;
}

} // namespace

Recipe parseRecipe(const char *text) {
  Recipe recipe;
  try {
    std::optional<JsonValue> value = JsonValue::parse(text);
    if (!value)
      fail("it is not JSON");
    recipe = readRecipe(*value);
  } catch (const JsonError &error) {
    fail(error.what());
  }
  if (recipe.batch == 0 || recipe.accumulate == 0 || recipe.blocks.empty() ||
      (recipe.evaluateEvery && *recipe.evaluateEvery == 0))
    fail("batch, accumulate, evaluate_every and the number of blocks are at least 1");
  size_t losses = 0;
  for (const Recipe::Block &block : recipe.blocks)
    losses += block.losses.size();
  if (losses != recipe.losses.size())
    fail("the losses are not those of the blocks");
  return recipe;
}

bool Recipe::hasNamedLosses() const {
  return losses.size() > 1 ||
         (losses.size() == 1 && !losses.front().empty() && losses.front() != "loss");
}

std::string Recipe::lossKey(size_t index) const {
  return losses[index].empty() ? cat("loss_", index + 1) : cat("loss_", losses[index]);
}

size_t MetricTable::count() const {
  size_t numbers = 1;
  for (uint64_t size : shape)
    numbers *= size;
  return numbers;
}

size_t Recipe::resultOf(size_t metric) const {
  size_t place = losses.size();
  for (size_t i = 0; i < metric; ++i)
    place += tables[i].count();
  return place;
}

size_t Recipe::mostLosses() const {
  size_t most = 0;
  for (const Block &block : blocks)
    most = std::max(most, block.losses.size());
  return most;
}

} // namespace nnrt
