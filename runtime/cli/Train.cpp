// The command `train`.
#include "runtime/cli/Commands.h"
#include "runtime/loop/Interrupt.h"
#include "runtime/loop/Trainer.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace nnrt {

static constexpr OptionSpec trainOptions[] = {
    {"data", "DIR", "folder with the data set's files\n(default: $NN_DATA, ./data/NAME, ./data)"},
    {"epochs", "N", "passes over the training data (default: the recipe's)"},
    {"steps", "N",
     "end after step N, counted from the very first one, resumed\nones included; overrides epochs"},
    {"batch", "N", "examples per step (default: the recipe's, which is fastest)"},
    {"seed", "N", "of first weights, order and noise (default: the recipe's, else 0)"},
    {"threads", "N", "the results don't depend on it (default: all processors)"},
    {"device", "NAME", "where to run: cpu"},
    {"weights", "FILE", "start from these weights (.safetensors) with a fresh optimizer"},
    {"resume", "FILE", "go on where this checkpoint was saved, bit for bit"},
    {"save", "FILE", "write weights and training state here at the end"},
    {"save-every", "N", "... and every N steps, to the same file"},
    {"no-shuffle", "", "take examples in file order, from the first"},
    {"log", "FILE",
     "write a JSON object per line: start, step, epoch, end;\n'-' is standard output, without the "
     "progress then"},
    {"log-every", "N", "log every Nth step (default: 100)"},
    {"quiet", "", "no progress on standard output"},
};

const CommandSpec trainCommand = {
    "train", "Trains the model as its recipe says and reports the results on the test data.", "",
    trainOptions,
    "Ctrl-C finishes the step, saves where --save is given, and exits with status 130.\n"
    "A checkpoint is replaced in one go: a kill at any moment leaves the old or the new one.\n\n"
    "  train --data data/mnist --save weights.safetensors\n"
    "  train --data data/mnist --resume weights.safetensors --save weights.safetensors --epochs "
    "10"};

static void checkCombinations(const Arguments &arguments) {
  auto needs = [&](const char *option, const char *other) {
    if (arguments.has(option) && !arguments.has(other))
      throw errors::usage(cat("--", option, " needs --", other));
  };
  needs("save-every", "save");
  needs("log-every", "log");
  if (arguments.has("weights") && arguments.has("resume"))
    throw errors::usage("--weights and --resume exclude each other",
                        "--resume restores the weights, too; --weights starts a new training");
  for (const char *other : {"save", "weights", "resume"})
    if (arguments.has("log") && arguments.has(other) &&
        sameFile(arguments.text("log"), arguments.text(other)))
      throw errors::usage(
          cat("--log and --", other, " name the same file, ", arguments.text("log")),
          "the log would destroy it; choose another name for the log");
}

/// --steps decides alone where it is given; else --epochs; else whichever of the recipe's ends
/// first.
static TrainPlan makePlan(const nnrt_recipe &recipe, const Arguments &arguments) {
  TrainPlan plan;
  constexpr uint64_t most = uint64_t(INT64_MAX);
  std::optional<uint64_t> epochs = arguments.number("epochs", 1, most);
  std::optional<uint64_t> steps = arguments.number("steps", 1, most);
  if (steps)
    plan.steps = *steps;
  else if (epochs)
    plan.epochs = *epochs;
  else {
    plan.epochs = recipe.epochs > 0 ? uint64_t(recipe.epochs) : unlimited;
    plan.steps = recipe.steps > 0 ? uint64_t(recipe.steps) : unlimited;
    if (plan.epochs == unlimited && plan.steps == unlimited)
      throw errors::usage("the recipe doesn't say how long to train", "give --epochs or --steps");
  }
  plan.save = arguments.text("save");
  plan.saveEvery = arguments.number("save-every", 1, most).value_or(0);
  plan.logEvery = arguments.number("log-every", 1, most).value_or(100);
  return plan;
}

namespace {
/// What the command line asks for, where it differs from what a checkpoint or the recipe says.
struct Wishes {
  std::optional<uint64_t> seed, batch;
  bool noShuffle;
};
} // namespace

static void warn(std::string_view text) {
  fprintf(stderr, "warning: %.*s\n", int(text.size()), text.data());
}

static TrainingPosition freshPosition(const nnrt_recipe &recipe, const Wishes &wishes,
                                      uint64_t examples) {
  TrainingPosition position;
  position.seed = wishes.seed.value_or(recipe.seed);
  position.batch = wishes.batch.value_or(uint64_t(recipe.batch > 0 ? recipe.batch : 32));
  position.shuffle = !wishes.noShuffle;
  position.examples = examples;
  return position;
}

/// Restores a checkpoint. What would silently give another result than the uninterrupted training
/// is refused or said.
static TrainingPosition resumedPosition(Session &session, const std::string &path,
                                        const Wishes &wishes, uint64_t examples) {
  SavedPosition position = loadCheckpoint(path, session);
  if (position.sourceHash != session.model().source_sha256)
    warn(cat(path,
             ": was saved by a program from another version of the .nn file; all tensors fit, "
             "so training goes on, but not as that program would have"));
  if (wishes.seed && *wishes.seed != position.seed)
    throw errors::resumeConflict("--seed", std::to_string(*wishes.seed), path,
                                 std::to_string(position.seed));
  if (position.consumed > examples)
    throw errors::resumePosition(path, position.consumed, examples);
  if (position.examples && position.examples != examples)
    warn(cat(path, ": was trained on ", grouped(position.examples), " examples, there are ",
             grouped(examples), " now; the order differs from then on"));
  if (wishes.batch && *wishes.batch != position.batch)
    warn(cat("the batch changes from ", position.batch, " to ", *wishes.batch,
             "; the result will differ from a training without a break"));
  if (wishes.noShuffle && position.shuffle)
    warn("--no-shuffle changes the order; the result will differ from a training without a break");
  position.batch = wishes.batch.value_or(position.batch);
  position.shuffle = position.shuffle && !wishes.noShuffle;
  position.examples = examples;
  return position;
}

static uint64_t parameterCount(const nnrt_model &model) {
  uint64_t count = 0;
  for (uint32_t i = 0; i < model.num_parameters - model.num_buffers; ++i)
    count += tensorBytes(model.parameters[i]) / elementSize(model.parameters[i].dtype);
  return count;
}

static void reportStart(const nnrt_model &model, const Session &session,
                        const TrainingPosition &position, EventLog &log, Progress &progress) {
  const Device &device = session.device();
  log.event("start", [&](JsonWriter &json) {
    json.field("model", model.name).field("params", parameterCount(model));
    json.field("seed", position.seed).field("threads", uint64_t(device.threads()));
    json.field("device", device.name()).field("batch", position.batch);
    json.field("compiler", model.compiler).field("source_sha256", model.source_sha256);
    if (position.step)
      json.field("resumed_after_step", position.step);
  });
  log.flush();
  log.check();
  std::string line =
      cat(model.name, ": ", grouped(parameterCount(model)), " parameters, ",
          grouped(position.examples), " examples, batch ", position.batch, ", seed ", position.seed,
          ", ", device.threads(), device.threads() == 1 ? " thread" : " threads");
  if (position.step)
    line += cat(", resumed after step ", grouped(position.step));
  progress.line(line);
}

Status runTrain(const Program &program, const Arguments &arguments) {
  Clock::time_point begin = Clock::now();
  const nnrt_model &model = program.model;
  checkCombinations(arguments);
  if (!model.recipe)
    throw errors::noRecipe(model.name);
  TrainPlan plan = makePlan(*model.recipe, arguments);
  Wishes wishes = {arguments.number("seed", 0, UINT64_MAX),
                   arguments.number("batch", 1, UINT32_MAX), arguments.has("no-shuffle")};
  std::string device = arguments.has("device") ? arguments.text("device") : "cpu";
  std::unique_ptr<Device> place = makeDevice(device, model, threadsOption(arguments));

  // What can fail at once should not fail after an hour.
  if (!plan.save.empty())
    AtomicFile::checkWritable(plan.save);
  signal(SIGPIPE, SIG_IGN);
  InterruptScope scope;

  std::vector<int64_t> dims(model.num_dims);
  const char *data = getenv("NN_DATA");
  Dataset dataset =
      loadDataset(model, {arguments.text("data"), data ? data : ""}, {"train", "test"}, dims);
  const Split *train = dataset.find("train");
  if (!train)
    throw errors::splitMissing(model.recipe->data, "train");
  const Split *test = nnrt_find_entry(&model, NNRT_ENTRY_EVAL, model.recipe->batch)
                          ? dataset.find("test")
                          : nullptr;

  Session session(model, *place, dims);
  TrainingPosition position;
  if (arguments.has("resume"))
    position = resumedPosition(session, arguments.text("resume"), wishes, train->examples);
  else {
    position = freshPosition(*model.recipe, wishes, train->examples);
    session.initialize(position.seed);
    if (arguments.has("weights"))
      loadWeights(arguments.text("weights"), session);
  }
  session.prepare(std::min(position.batch, train->examples),
                  test ? evaluationBatch(model, *test) : 0, 0);

  // Opened only now: a mistake above leaves an older log as it is.
  EventLog log;
  if (arguments.has("log"))
    log = EventLog(arguments.text("log"), arguments.has("resume"));
  Progress progress(arguments.has("quiet") || arguments.text("log") == "-");
  reportStart(model, session, position, log, progress);
  if (position.step >= plan.steps || position.epoch >= plan.epochs)
    warn(cat("nothing is left to train: ", arguments.text("resume"), " was saved after step ",
             position.step, ", ", position.epoch, " whole epochs; give more --epochs or --steps"));
  Trainer trainer(session, *train, test, plan, position, log, progress, begin);
  bool stopped = trainer.run() == TrainEnd::Interrupted;
  log.check();
  return stopped ? Status::Interrupted : Status::Ok;
}

} // namespace nnrt
