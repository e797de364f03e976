// Weights and the state of training, from and to files.
#include "runtime/checkpoint/Checkpoint.h"

#include "runtime/checkpoint/Safetensors.h"
#include "runtime/data/Locate.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Json.h"
#include "runtime/support/JsonValue.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace nnrt {

static constexpr std::string_view statePrefix = "optimizer/", rawPrefix = "raw/",
                                  dataPrefix = "data/";

namespace {

/// A tensor of the session and its name in files.
struct Slot {
  nnrt_arena arena;
  uint32_t index;
  std::string name;
};

class Slots {
public:
  explicit Slots(const Session &session) : session(session) {}

  /// What evaluation uses.
  std::vector<Slot> weights() const {
    std::vector<Slot> slots;
    add(slots, session.hasAverages() ? NNRT_AVERAGES : NNRT_PARAMETERS, "", NNRT_PARAMETERS);
    add(slots, NNRT_STATES, "");
    return slots;
  }
  /// What a training starts from.
  std::vector<Slot> first() const {
    std::vector<Slot> slots;
    add(slots, NNRT_PARAMETERS, "");
    add(slots, NNRT_STATES, "");
    return slots;
  }
  std::vector<Slot> fitted() const {
    std::vector<Slot> slots;
    add(slots, NNRT_FITTED, dataPrefix);
    return slots;
  }
  std::vector<Slot> training() const {
    std::vector<Slot> slots;
    if (session.hasAverages())
      add(slots, NNRT_PARAMETERS, rawPrefix);
    add(slots, NNRT_OPTIMIZER, statePrefix);
    return slots;
  }

private:
  void add(std::vector<Slot> &slots, nnrt_arena arena, std::string_view prefix) const {
    add(slots, arena, prefix, arena);
  }
  /// Averages have the names of the parameters.
  void add(std::vector<Slot> &slots, nnrt_arena arena, std::string_view prefix,
           nnrt_arena named) const {
    std::span<const nnrt_tensor> tensors = session.tensors(named);
    for (uint32_t i = 0; i < tensors.size(); ++i)
      slots.push_back({arena, i, cat(prefix, tensors[i].name)});
  }

  const Session &session;
};

const nnrt_tensor &typeOf(const Session &session, const Slot &slot) {
  return session.tensors(slot.arena)[slot.index];
}

} // namespace

//===-- Writing ------------------------------------------------------------------------------===//

static TensorView viewOf(const Session &session, const Slot &slot) {
  const nnrt_tensor &tensor = typeOf(session, slot);
  std::span<const int64_t> shape = shapeOf(tensor);
  return {slot.name,
          safetensorsName(tensor.dtype),
          {shape.begin(), shape.end()},
          tensorBytes(tensor),
          [&session, slot](uint64_t offset, std::span<std::byte> out) {
            session.read(slot.arena, slot.index, offset, out);
          }};
}

static void write(const std::string &path, const Session &session, const std::vector<Slot> &slots,
                  const Metadata &metadata) {
  std::vector<TensorView> tensors;
  for (const Slot &slot : slots)
    tensors.push_back(viewOf(session, slot));
  writeSafetensors(path, tensors, metadata);
}

static void append(std::vector<Slot> &to, const std::vector<Slot> &from) {
  to.insert(to.end(), from.begin(), from.end());
}

static std::string textOf(const std::vector<std::vector<std::string>> &lists) {
  std::string text;
  JsonWriter writer(text);
  writer.beginArray();
  for (const std::vector<std::string> &list : lists) {
    writer.beginArray();
    for (const std::string &each : list)
      writer.value(each);
    writer.endArray();
  }
  writer.endArray();
  return text;
}

/// What goes with the weights.
static Metadata describe(const Session &session, const CheckpointContent &content) {
  const nnrt_model &model = session.model();
  Metadata metadata = {{"format", "nnc"},
                       {"model", model.name},
                       {"compiler", model.compiler},
                       {"source_sha256", model.source_sha256},
                       {"step", std::to_string(content.position.step)},
                       {"seed", std::to_string(content.position.seed)}};
  if (!session.numbers.empty()) {
    JsonWriter writer(metadata["numbers"]);
    writer.beginObject();
    for (size_t i = 0; i < session.numbers.size(); ++i)
      writer.field(content.recipe.numbers[i].name, session.numbers[i]);
    writer.endObject();
  }
  auto hasAny = [](const std::vector<std::vector<std::string>> &lists) {
    return std::any_of(lists.begin(), lists.end(), [](const auto &list) { return !list.empty(); });
  };
  if (hasAny(content.facts.classes))
    metadata["classes"] = textOf(content.facts.classes);
  if (hasAny(content.facts.names))
    metadata["columns"] = textOf(content.facts.names);
  return metadata;
}

void saveWeights(const std::string &path, const Session &session,
                 const CheckpointContent &content) {
  std::vector<Slot> slots = Slots(session).weights();
  append(slots, Slots(session).fitted());
  Metadata metadata = describe(session, content);
  metadata.insert(content.observers.begin(), content.observers.end());
  write(path, session, slots, metadata);
}

void saveCheckpoint(const std::string &path, const Session &session,
                    const CheckpointContent &content) {
  std::vector<Slot> slots = Slots(session).weights();
  append(slots, Slots(session).fitted());
  append(slots, Slots(session).training());
  const TrainingPosition &position = content.position;
  Metadata metadata = describe(session, content);
  metadata.insert({{"batch", std::to_string(position.batch)},
                   {"epoch", std::to_string(position.epoch)},
                   {"consumed", std::to_string(position.consumed)},
                   {"examples", std::to_string(position.examples)},
                   {"reported_epochs", std::to_string(position.reported)},
                   {"planned_steps", std::to_string(position.hasPlan ? position.planned : 0)},
                   {"shuffle", position.shuffle ? "true" : "false"}});
  metadata.insert(content.observers.begin(), content.observers.end());
  write(path, session, slots, metadata);
}

//===-- Reading ------------------------------------------------------------------------------===//

/// The stored tensor for `tensor`, checked for type and shape.
static const StoredTensor &require(const SafetensorsFile &file, const nnrt_model &model,
                                   const nnrt_tensor &tensor, const std::string &name) {
  const StoredTensor *stored = file.find(name);
  if (!stored) {
    std::vector<std::string_view> names;
    for (const StoredTensor &other : file.tensors())
      names.push_back(other.name);
    throw errors::missingTensor(file.path(), name, typeText(model, tensor), closest(name, names));
  }
  std::span<const int64_t> shape = shapeOf(tensor);
  if (stored->dtype != safetensorsName(tensor.dtype) ||
      !std::equal(shape.begin(), shape.end(), stored->shape.begin(), stored->shape.end()))
    throw errors::tensorMismatch(
        file.path(), name, stored->typeText(),
        StoredTensor{{}, safetensorsName(tensor.dtype), {shape.begin(), shape.end()}}.typeText());
  return *stored;
}

namespace {
/// What is going to be loaded: all of it is read and found right before any of it is written.
class Loading {
public:
  Loading(const SafetensorsFile &file, Session &session) : file(file), session(session) {}

  void add(const Slot &slot) {
    const StoredTensor &stored = require(file, session.model(), typeOf(session, slot), slot.name);
    pending.push_back({slot, &stored});
    names.insert(slot.name);
  }
  void add(const std::vector<Slot> &slots) {
    for (const Slot &slot : slots)
      add(slot);
  }
  /// Every tensor of the file has been asked for, or is state of training.
  void checkOthers() const {
    for (const StoredTensor &stored : file.tensors())
      if (stored.name.find('/') == std::string::npos && !names.contains(stored.name))
        throw errors::unknownTensor(file.path(), stored.name, session.model().name);
  }
  /// Reads; what it returns writes, and cannot fail.
  std::function<void()> stage() const {
    std::vector<std::pair<Slot, std::vector<std::byte>>> staged;
    for (const auto &[slot, stored] : pending) {
      std::vector<std::byte> bytes(stored->bytes);
      file.read(*stored, bytes);
      // Compiled code takes a truth value for one bit.
      if (typeOf(session, slot).dtype == NNRT_BOOL)
        for (size_t i = 0; i < bytes.size(); ++i)
          if (std::to_integer<unsigned>(bytes[i]) > 1)
            throw errors::badSafetensors(file.path(), stored->offset + i,
                                         "a truth value is neither 0 nor 1");
      staged.emplace_back(slot, std::move(bytes));
    }
    return [&to = session, staged = std::move(staged)] {
      for (const auto &[slot, bytes] : staged)
        to.write(slot.arena, slot.index, bytes);
    };
  }
  void run() const { stage()(); }

private:
  const SafetensorsFile &file;
  Session &session;
  std::vector<std::pair<Slot, const StoredTensor *>> pending;
  std::set<std::string, std::less<>> names;
};
} // namespace

static JsonValue parsed(const MetadataReader &metadata, const char *key) {
  std::optional<JsonValue> value = JsonValue::parse(metadata.text(key));
  if (!value)
    metadata.fail(key);
  return *std::move(value);
}

static std::vector<std::vector<std::string>> readLists(const MetadataReader &metadata,
                                                       const char *key, size_t columns) {
  if (!metadata.has(key))
    return {};
  try {
    auto lists = parsed(metadata, key).as<std::vector<std::vector<std::string>>>();
    if (lists.size() == columns)
      return lists;
  } catch (const JsonError &) { // NOLINT(bugprone-empty-catch)
  }
  metadata.fail(key);
}

/// Numbers that the recipe no longer has are left out: another version of it wrote them.
static std::vector<double> readNumbers(const MetadataReader &metadata, const Recipe &recipe,
                                       const Session &session) {
  std::vector<double> numbers = session.numbers;
  if (!metadata.has("numbers"))
    return numbers;
  try {
    JsonValue values = parsed(metadata, "numbers");
    for (size_t i = 0; i < recipe.numbers.size(); ++i)
      if (const JsonValue *found = values.find(recipe.numbers[i].name))
        found->get(numbers[i]);
  } catch (const JsonError &) {
    metadata.fail("numbers");
  }
  return numbers;
}

static WeightsInfo readInfo(const MetadataReader &metadata, const Recipe *recipe) {
  WeightsInfo info;
  if (metadata.has("seed"))
    info.seed = metadata.number("seed");
  if (recipe && recipe->data) {
    info.facts.classes = readLists(metadata, "classes", recipe->data->columns.size());
    info.facts.names = readLists(metadata, "columns", recipe->data->columns.size());
    // Numbers alone may take several columns of a table.
    for (size_t i = 0; i < info.facts.names.size(); ++i)
      if (info.facts.names[i].size() > 1 &&
          recipe->data->columns[i].kind != DataDescription::Kind::Numbers)
        metadata.fail("columns");
  }
  return info;
}

bool WeightsInfo::isComplete(const DataDescription &data) const {
  for (size_t i = 0; i < data.columns.size(); ++i)
    if (data.columns[i].hasClasses() && (facts.classes.size() <= i || facts.classes[i].empty()))
      return false;
  return isFitted;
}

WeightsInfo loadWeights(const std::string &path, Session &session, const Recipe *recipe,
                        WeightsFor purpose) {
  SafetensorsFile file(path);
  MetadataReader metadata(path, file.metadata());
  Loading loading(file, session);
  loading.add(Slots(session).first());
  loading.checkOthers();
  WeightsInfo info = readInfo(metadata, recipe);
  // Weights of another tool may lack what preparation fits: then only prepared inputs can be used.
  std::vector<Slot> fitted = Slots(session).fitted();
  bool hasFitted = !fitted.empty() && file.find(fitted.front().name);
  if (purpose == WeightsFor::Use && hasFitted)
    loading.add(fitted);
  std::vector<double> numbers = session.numbers;
  if (purpose == WeightsFor::Use && recipe)
    numbers = readNumbers(metadata, *recipe, session);
  loading.run();
  session.numbers = std::move(numbers);
  info.isFitted = fitted.empty() || hasFitted;
  return info;
}

std::vector<std::function<void()>> stageLoads(const Recipe &recipe, const DataPlaces &places,
                                              Session &session) {
  std::vector<std::function<void()>> staged;
  for (const Recipe::Load &load : recipe.loads) {
    SafetensorsFile file(
        locateWeights(load.file, recipe.data ? recipe.data->name : std::string(), places));
    Loading loading(file, session);
    const std::string prefix = load.under.empty() ? std::string() : cat(load.under, ".");
    for (Slot &slot : Slots(session).first())
      if (slot.name.starts_with(prefix)) {
        slot.name.erase(0, prefix.size());
        loading.add(slot);
      }
    loading.checkOthers();
    staged.push_back(loading.stage());
  }
  return staged;
}

static TrainingPosition readPosition(const MetadataReader &metadata) {
  TrainingPosition position;
  // The largest that the command line takes; beyond them, counting on could overflow.
  constexpr uint64_t mostSteps = INT64_MAX, mostExamples = UINT32_MAX;
  position.step = metadata.number("step", mostSteps);
  position.seed = metadata.number("seed");
  position.batch = metadata.number("batch", mostExamples);
  position.epoch = metadata.number("epoch", mostSteps);
  position.consumed = metadata.number("consumed", mostSteps);
  position.examples = metadata.number("examples", mostSteps);
  position.reported = metadata.number("reported_epochs", mostSteps);
  position.planned = metadata.number("planned_steps", mostSteps);
  position.shuffle = metadata.truth("shuffle");
  if (position.batch == 0)
    metadata.fail("batch");
  return position;
}

SavedTraining loadCheckpoint(const std::string &path, Session &session, const Recipe &recipe) {
  SafetensorsFile file(path);
  MetadataReader metadata(path, file.metadata());
  Loading loading(file, session);
  loading.add(Slots(session).weights());
  loading.checkOthers();
  SavedTraining saved;
  saved.metadata = file.metadata();
  saved.position = readPosition(metadata);
  saved.sourceHash = metadata.text("source_sha256");
  static_cast<WeightsInfo &>(saved) = readInfo(metadata, &recipe);
  loading.add(Slots(session).fitted());
  loading.add(Slots(session).training());
  std::vector<double> numbers = readNumbers(metadata, recipe, session);
  loading.run();
  session.numbers = std::move(numbers);
  saved.isFitted = true;
  return saved;
}

} // namespace nnrt
