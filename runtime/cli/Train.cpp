// The command `train`.
#include "runtime/cli/Commands.h"
#include "runtime/cli/TrainOptions.h"
#include "runtime/data/Locate.h"
#include "runtime/loop/Curves.h"
#include "runtime/loop/Interrupt.h"
#include "runtime/loop/Reports.h"
#include "runtime/loop/Watching.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <set>

namespace nnrt {

static constexpr OptionSpec trainOptions[] = {
    {"data", "DIR", "folder with the data set's files\n(default: $NN_DATA, ./data/NAME, ./data)"},
    {"epochs", "N", "passes over the training data (default: the recipe's)"},
    {"steps", "N",
     "end after step N, counted from the very first one, resumed\nones included, whatever the "
     "epochs say; the plan stays"},
    {"batch", "N", "examples per batch (default: the recipe's, which is fastest)"},
    {"seed", "N", "of first weights, order and noise (default: the recipe's, else 0)"},
    {"threads", "N",
     "the results don't depend on it (default: one for each\nprocessor that the process may use)"},
    {"set", "NAME=VALUE",
     "another value for a number that the recipe names with `let`;\nmay be given several times",
     true},
    {"device", "NAME",
     "where to run: auto (the default), cpu; built for GPUs: cuda, cuda:N, emulator"},
    {"weights", "FILE", "start from these weights (.safetensors) with a fresh optimizer"},
    {"resume", "FILE", "go on where this checkpoint was saved, bit for bit"},
    {"save", "FILE", "write weights and training state here at the end"},
    {"save-every", "N", "... and every N steps, to the same file"},
    {"no-shuffle", "", "take examples in file order, from the first"},
    {"log", "FILE",
     "write a JSON object per line: start, step, epoch, eval, end,\nor error where training "
     "fails;\n'-' is standard output, "
     "without the "
     "progress then"},
    {"plot", "FILE",
     "draw the curves of losses and metrics as an SVG picture,\nanew at each epoch's end"},
    {"tensorboard", "DIR",
     "write losses and metrics for TensorBoard, into a new file in\nthis folder"},
    {"log-every", "N",
     "log every Nth step (default: 100; for --plot and\n--tensorboard as many as make 200 points, "
     "at most 100)"},
    {"quiet", "", "no progress on standard output"},
};

const CommandSpec trainCommand = {
    "train", "Trains the model as its recipe says and reports the results on the test data.", "",
    trainOptions,
    "A step is one update, whatever `accumulate` says. With `keep`, the best weights are written "
    "to\n"
    "NAME.best.safetensors beside --save NAME.safetensors.\n"
    "Ctrl-C finishes the step, saves where --save is given, and exits with status 130.\n"
    "A checkpoint is replaced in one go: a kill at any moment leaves the old or the new one.\n\n"
    "  train --data data/mnist --save weights.safetensors\n"
    "  train --data data/mnist --resume weights.safetensors --save weights.safetensors --epochs "
    "10"};

namespace {

/// What the command line asks for, where it differs from what a checkpoint or the recipe says.
struct Requests {
  std::optional<uint64_t> seed, batch, epochs, steps;
  bool hasNoShuffle = false;
  std::string weights, resume, save;
  uint64_t saveEvery = 0;
  std::optional<uint64_t> logEvery;
};

/// A training from its options to its end.
class Training {
public:
  Training(const Program &program, const Arguments &arguments, const Recipe &recipe);
  Status run(Clock::time_point begin);

private:
  void startAnew();
  void resume();
  void loadData();
  void setNumbers();
  uint64_t stepsOf(uint64_t epochs) const;
  uint64_t plannedSteps() const;
  void takeSavedPlan(uint64_t steps);
  void makePlan();
  void checkBudget() const;
  uint64_t curveEvery() const;
  void reportStart(EventLog &log, Progress &progress) const;

  const nnrt_model &model;
  const Arguments &arguments;
  const Recipe &recipe;
  Requests requests;
  std::unique_ptr<Device> device;
  Session session;
  DataFacts facts;
  Dataset dataset;
  TrainingData data;
  TrainingPosition position;
  TrainPlan plan;
  std::optional<SavedTraining> saved;
};

} // namespace

static void warn(std::string_view text) {
  fprintf(stderr, "warning: %.*s\n", int(text.size()), text.data());
}

static Requests readRequests(const Arguments &arguments) {
  constexpr uint64_t most = uint64_t(INT64_MAX);
  Requests requests;
  requests.seed = arguments.number("seed", 0, UINT64_MAX);
  requests.batch = arguments.number("batch", 1, UINT32_MAX);
  requests.epochs = arguments.number("epochs", 1, most);
  requests.steps = arguments.number("steps", 1, most);
  requests.hasNoShuffle = arguments.has("no-shuffle");
  requests.weights = arguments.text("weights");
  requests.resume = arguments.text("resume");
  requests.save = arguments.text("save");
  requests.saveEvery = arguments.number("save-every", 1, most).value_or(0);
  requests.logEvery = arguments.number("log-every", 1, most);
  return requests;
}

Training::Training(const Program &program, const Arguments &arguments, const Recipe &recipe)
    : model(program.model), arguments(arguments), recipe(recipe), requests(readRequests(arguments)),
      device(deviceOption(program, arguments)),
      session(model, *device, &recipe, /*isTraining=*/true) {
  if (!requests.steps && !requests.epochs && !recipe.steps && !recipe.epochs)
    throw errors::usage("the recipe doesn't say how long to train",
                        recipe.data ? "give --epochs or --steps" : "give --steps");
  // What can fail at once should not fail after an hour.
  if (!requests.save.empty()) {
    AtomicFile::checkWritable(requests.save);
    if (recipe.keep)
      AtomicFile::checkWritable(bestFileOf(requests.save));
  }
  if (arguments.has("plot"))
    AtomicFile::checkWritable(arguments.text("plot"));
}

//===-- Where it starts ----------------------------------------------------------------------===//

/// The first weights: drawn, or those of other trainings.
void Training::startAnew() {
  position.seed = session.seed = requests.seed.value_or(recipe.seed);
  position.batch = requests.batch.value_or(recipe.batch);
  position.shuffle = recipe.shuffle && !requests.hasNoShuffle;
  session.initialize();
  if (!requests.weights.empty()) {
    loadWeights(requests.weights, session, &recipe, WeightsFor::Training);
    return;
  }
  for (const auto &load : stageLoads(recipe, dataPlaces(arguments), session))
    load();
}

/// Restores a checkpoint. What would silently give another result than the uninterrupted training
/// is refused or said.
void Training::resume() {
  const std::string &path = requests.resume;
  saved = loadCheckpoint(path, session, recipe);
  position = saved->position;
  facts = saved->facts;
  session.seed = position.seed;
  if (saved->sourceHash != model.source_sha256)
    warn(cat(path,
             ": was saved by a program from another version of the .nn file; all tensors fit, "
             "so training goes on, but not as that program would have"));
  if (requests.seed && *requests.seed != position.seed)
    throw errors::resumeConflict("--seed", std::to_string(*requests.seed), path,
                                 std::to_string(position.seed));
  if (requests.batch && *requests.batch != position.batch)
    warn(cat("the batch changes from ", position.batch, " to ", *requests.batch,
             "; the result will differ from a training without a break"));
  if (requests.hasNoShuffle && position.shuffle)
    warn("--no-shuffle changes the order; the result will differ from a training without a break");
  position.batch = requests.batch.value_or(position.batch);
  position.shuffle = position.shuffle && !requests.hasNoShuffle;
}

void Training::loadData() {
  data.dims.resize(model.num_dims);
  data.isEvaluated = session.has("finish");
  if (!recipe.data)
    return;
  LoadRequest request = {
      session, *recipe.data, dataPlaces(arguments), {"train", "valid", "test"}, saved.has_value()};
  dataset = loadDataset(request, data.dims, facts);
  data.train = dataset.find("train");
  data.badValue = dataset.badValue;
  data.test = dataset.find("test");
  data.facts = &facts;
  data.watched = dataset.find("valid") ? dataset.find("valid") : data.test;
  data.isEvaluated &= data.watched != nullptr;
  const uint64_t examples = data.train->examples;
  if (position.consumed >= examples)
    throw errors::resumePosition(requests.resume, position.consumed, examples);
  if (position.examples && position.examples != examples)
    warn(cat(requests.resume, ": was trained on ", grouped(position.examples),
             " examples, there are ", grouped(examples), " now; the order differs from then on"));
  position.examples = examples;
}

/// --set NAME=VALUE
void Training::setNumbers() {
  std::set<std::string_view> given;
  for (const std::string &text : arguments.all("set")) {
    size_t equals = text.find('=');
    if (equals == std::string::npos)
      throw errors::usage(cat("--set ", printable(text), ": expected NAME=VALUE"));
    std::string_view name = std::string_view(text).substr(0, equals);
    if (!given.insert(name).second)
      throw errors::usage(cat("--set ", printable(text), ": '", printable(name),
                              "' has been given a value already"));
    std::vector<std::string_view> names;
    std::string list;
    size_t at = recipe.numbers.size();
    for (size_t i = 0; i < recipe.numbers.size(); ++i) {
      names.push_back(recipe.numbers[i].name);
      list += cat(i ? ", " : "", names.back());
      if (names.back() == name)
        at = i;
    }
    if (at == recipe.numbers.size()) {
      std::string_view near = closest(name, names);
      std::string there = list.empty()
                              ? std::string("the recipe has no `let` that is a plain number")
                              : cat("there are: ", list);
      throw errors::usage(cat("--set ", printable(text), ": the recipe has no number '",
                              printable(name), "'; ", there),
                          near.empty() ? std::string() : cat("did you mean '", near, "'?"));
    }
    const char *begin = text.data() + equals + 1, *end = text.data() + text.size();
    double value = 0;
    auto [stop, error] = std::from_chars(begin, end, value);
    if (error != std::errc() || stop != end || !std::isfinite(value))
      throw errors::usage(cat("--set ", printable(text), ": '",
                              printable(std::string_view(begin, size_t(end - begin))),
                              "' is not a number"));
    if (saved && session.numbers[at] != value)
      warn(cat(names[at], " changes from ", exactText(session.numbers[at]), " to ",
               exactText(value), "; the result will differ from a training without a break"));
    session.numbers[at] = value;
  }
}

//===-- How far it goes ----------------------------------------------------------------------===//

/// The updates that these epochs make.
uint64_t Training::stepsOf(uint64_t epochs) const {
  unsigned __int128 batches =
      static_cast<unsigned __int128>(epochs) * batchesLeft(position.examples, 0, position.batch);
  return uint64_t(std::min<unsigned __int128>(batches / recipe.accumulate, INT64_MAX));
}

/// How many updates the recipe means to make, whatever --steps cuts off; 0 where it doesn't say.
uint64_t Training::plannedSteps() const {
  uint64_t planned = unlimited;
  if (requests.epochs && data.train) {
    planned = stepsOf(*requests.epochs);
  } else if (saved && position.planned) {
    planned = position.planned;
  } else {
    if (recipe.epochs && data.train)
      planned = stepsOf(*recipe.epochs);
    planned = std::min(planned, recipe.steps.value_or(unlimited));
  }
  return planned == unlimited ? 0 : planned;
}

/// Goes on to the end that an earlier --epochs set, where that isn't the recipe's: what depends on
/// `steps` was computed for it.
void Training::takeSavedPlan(uint64_t steps) {
  uint64_t stated = plan.epochs == unlimited ? unlimited : stepsOf(plan.epochs);
  if (steps == std::min(stated, plan.steps))
    return;
  plan.steps = steps;
  plan.epochs = unlimited;
  if (!data.train)
    return;
  uint64_t epochs = steps * recipe.accumulate / batchesLeft(position.examples, 0, position.batch);
  for (uint64_t each : {epochs, epochs + 1})
    if (stepsOf(each) == steps) {
      plan.epochs = each;
      plan.steps = unlimited;
      return;
    }
}

/// --steps decides alone where it is given; else --epochs; else the plan of the training that is
/// resumed; else whichever of the recipe's ends first.
void Training::makePlan() {
  const uint64_t before = position.planned, planned = plannedSteps();
  if (requests.steps)
    plan.steps = *requests.steps;
  else if (requests.epochs)
    plan.epochs = *requests.epochs;
  else {
    plan.epochs = data.train ? recipe.epochs.value_or(unlimited) : unlimited;
    plan.steps = recipe.steps.value_or(unlimited);
    if (saved && before)
      takeSavedPlan(before);
  }
  position.hasPlan = planned != 0;
  position.planned = planned ? planned : plan.steps;
  if (saved && before && session.asksForSteps() && before != position.planned)
    warn(cat("the plan changes from ", before, " to ", position.planned,
             " steps, and what depends on `steps` with it"));
  if (position.planned == 0 || position.planned == unlimited)
    throw errors::usage(
        cat("the training has fewer batches than the ", recipe.accumulate, " that a step takes"),
        "give more --epochs, or a smaller --batch");
}

/// Once all that is going to run has made room for itself.
void Training::checkBudget() const {
  if (!recipe.budgetBytes)
    return;
  uint64_t bytes = session.workspaceBytes();
  for (const nnrt_tensors &arena : model.arenas)
    bytes += arena.bytes;
  if (bytes > *recipe.budgetBytes)
    throw errors::overBudget(bytes, *recipe.budgetBytes, position.batch);
}

//===-- What it says -------------------------------------------------------------------------===//

/// How many steps lie between the points of a curve.
uint64_t Training::curveEvery() const {
  constexpr uint64_t points = 200, most = 100;
  const uint64_t left = position.planned - std::min(position.step, position.planned);
  const uint64_t steps = std::min(left, plan.steps);
  return requests.logEvery.value_or(std::clamp<uint64_t>(steps / points, 1, most));
}

static uint64_t parameterCount(const nnrt_model &model) {
  uint64_t count = 0;
  const nnrt_tensors &parameters = model.arenas[NNRT_PARAMETERS];
  for (const nnrt_tensor &tensor : std::span(parameters.tensors, parameters.count))
    count += tensorBytes(tensor) / elementSize(tensor.dtype);
  return count;
}

void Training::reportStart(EventLog &log, Progress &progress) const {
  log.event("start", [&](JsonWriter &json) {
    json.field("model", model.name).field("params", parameterCount(model));
    json.field("seed", position.seed).field("threads", uint64_t(device->threads()));
    json.field("device", device->name()).field("batch", position.batch);
    json.field("compiler", model.compiler).field("source_sha256", model.source_sha256);
    if (!session.numbers.empty()) {
      json.key("numbers").beginObject();
      for (size_t i = 0; i < session.numbers.size(); ++i)
        json.field(recipe.numbers[i].name, session.numbers[i]);
      json.endObject();
    }
    if (position.step)
      json.field("resumed_after_step", position.step);
  });
  log.flush();
  log.check();
  std::string line = cat(model.name, ": ", grouped(parameterCount(model)), " parameters, ",
                         data.train ? cat(grouped(position.examples), " examples, ") : "", "batch ",
                         position.batch, ", seed ", position.seed, ", ", device->threads(),
                         device->threads() == 1 ? " thread" : " threads");
  for (const std::string &set : arguments.all("set"))
    line += cat(", ", set);
  if (position.step)
    line += cat(", resumed after step ", grouped(position.step));
  progress.line(line);
}

Status Training::run(Clock::time_point begin) {
  if (requests.resume.empty())
    startAnew();
  else
    resume();
  setNumbers();
  loadData();
  makePlan();
  if (!saved)
    session.initializeTraining();
  Trainer trainer(session, recipe, data, plan, position);
  checkBudget();

  // Opened only now: a mistake above leaves an older log as it is.
  EventLog log;
  if (arguments.has("log"))
    log = EventLog(arguments.text("log"), saved.has_value());
  Progress progress(arguments.has("quiet") || arguments.text("log") == "-");
  LogReport logging(trainer, log, requests.logEvery.value_or(100), begin);
  ProgressReport showing(trainer, progress);
  std::optional<PlotReport> plot;
  std::optional<TensorBoardReport> board;
  trainer.observe(logging);
  trainer.observe(showing);
  if (arguments.has("plot"))
    trainer.observe(plot.emplace(trainer, arguments.text("plot"), curveEvery()));
  if (arguments.has("tensorboard"))
    trainer.observe(board.emplace(trainer, arguments.text("tensorboard"), curveEvery()));
  std::optional<EvaluationSchedule> schedule;
  std::optional<KeepBest> keep;
  std::optional<EarlyStop> stop;
  std::optional<Saver> saver;
  if (recipe.evaluateEvery)
    trainer.observe(schedule.emplace(trainer, *recipe.evaluateEvery));
  if (recipe.keep)
    trainer.observe(keep.emplace(trainer, *recipe.keep, requests.save, facts));
  if (recipe.stop)
    trainer.observe(stop.emplace(*recipe.stop, recipe.patience, recipe));
  if (!requests.save.empty())
    trainer.observe(saver.emplace(trainer, requests.save, requests.saveEvery, facts));
  if (saved) {
    trainer.restore(MetadataReader(requests.resume, saved->metadata));
    if (keep)
      keep->takeOver(requests.resume);
  }
  reportStart(log, progress);
  if (stop && stop->wantsToStop())
    warn(cat("nothing is left to train: ", requests.resume,
             " was saved where the recipe's `stop` had ended training, after step ",
             position.step));
  else if (trainer.isFinished() && !trainer.isEvaluationDue())
    warn(cat("nothing is left to train: ", requests.resume, " was saved after step ", position.step,
             ", ", position.epoch, " whole epochs; give more --epochs or --steps"));
  bool isInterrupted = trainer.run() == TrainEnd::Interrupted;
  log.check();
  if (plot)
    plot->check();
  if (board)
    board->check();
  if (keep)
    keep->check();
  return isInterrupted ? Status::Interrupted : Status::Ok;
}

Status runTrain(const Program &program, const Arguments &arguments) {
  Clock::time_point begin = Clock::now();
  std::unique_ptr<const Recipe> recipe = recipeOf(program.model);
  if (!recipe)
    throw errors::noRecipe(program.model.name);
  checkTrainOptions(*recipe, arguments);
  signal(SIGPIPE, SIG_IGN);
  InterruptScope scope;
  return Training(program, arguments, *recipe).run(begin);
}

} // namespace nnrt
