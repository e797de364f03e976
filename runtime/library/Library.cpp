// The C interface of a session, behind the library form of a model.
#include "nnrt/library.h"

#include "runtime/checkpoint/Checkpoint.h"
#include "runtime/loop/BlockSteps.h"
#include "runtime/loop/Evaluate.h"
#include "runtime/model/Sizes.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Range.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <optional>

using namespace nnrt;

namespace {
/// Where the tensors of a kind lie on the device, batch by batch.
struct Ports {
  std::vector<Staging> staging;
  std::vector<void *> addresses;
};
} // namespace

struct nnrt_session {
  explicit nnrt_session(const nnrt_model &model) : model(model) {}

  const nnrt_model &model;
  std::vector<int64_t> maxDims;
  uint64_t maxBatch = 1; ///< of them
  Recipe recipe;         ///< empty where the model has none
  std::unique_ptr<Device> device;
  std::optional<Session> session;
  Ports fields, inputs;
  std::vector<Buffer> outputs;
  std::vector<void *> outputAddresses;
  std::vector<int64_t> dims; ///< of the call
  std::vector<BlockSteps> blocks;
  std::optional<ResultSlots> losses; ///< of each block, one batch
  std::optional<Evaluator> evaluator;
  Entry predict;
  TrainingPosition position;
  DataFacts facts;
  uint64_t batches = 0; ///< of the step that is being accumulated
  bool hasWeights = false;
  std::string message;
  /// What has to be said where there is no memory to say it in.
  bool outOfMemory = false;
};

namespace {

Error badCall(std::string message, std::string hint) {
  return Error(std::move(message), std::move(hint), Status::BadCommandLine);
}

/// Runs `body`; what it throws becomes a status and the session's message.
template <typename Body> int guarded(nnrt_session *session, Body body) noexcept {
  session->outOfMemory = false;
  try {
    try {
      body();
      return NNRT_OK;
    } catch (const Error &error) {
      session->message = error.what();
      if (!error.getHint().empty())
        session->message += cat("; ", error.getHint());
      return int(error.getStatus());
    } catch (const std::bad_alloc &) {
      throw;
    } catch (const std::exception &error) {
      session->message = error.what();
      return NNRT_INTERNAL;
    }
  } catch (...) {
    session->outOfMemory = true;
    return NNRT_BAD_INPUT;
  }
}

Session &usable(nnrt_session *session) {
  if (!session->session)
    throw badCall("the session could not be made", "its message said why");
  return *session->session;
}

/// A session with weights.
Session &ready(nnrt_session *session) {
  Session &made = usable(session);
  if (!session->hasWeights)
    throw badCall("the session has no weights yet", "call init, load or resume first");
  return made;
}

/// A session with weights, for a call with sizes that it has room for.
Session &readyFor(nnrt_session *session, const uint64_t *dims) {
  Session &made = ready(session);
  const nnrt_model &model = session->model;
  auto isCallers = [&](uint32_t i) { return int32_t(i) != model.rows_dim; };
  for (uint32_t i = 0; i < model.num_dims; ++i)
    if (isCallers(i) && (dims[i] == 0 || dims[i] > uint64_t(session->maxDims[i])))
      throw badCall(cat("'", model.dims[i], "' is ", dims[i], ", which does not fit"),
                    cat("the session was made for 1 to ", session->maxDims[i]));
  for (uint32_t i = 0; i < model.num_dims; ++i)
    if (isCallers(i))
      session->dims[i] = int64_t(dims[i]);
  return made;
}

/// Examples of the call.
uint64_t batchOf(const nnrt_session &session) {
  int32_t batch = session.model.batch_dim;
  return batch >= 0 ? uint64_t(session.dims[size_t(batch)]) : 1;
}

/// The bytes of a tensor in the call. Throws Error where memory has no room for as many.
uint64_t bytesOf(const nnrt_session &session, const nnrt_tensor &tensor) {
  return batchBytes(session.model, tensor, session.dims, batchOf(session));
}

void checkPointer(const void *pointer, const nnrt_tensor &tensor) {
  if (!pointer)
    throw Error(cat("'", tensor.name, "' is a null pointer"));
}

/// Brings a batch to the device, once the pointers are there, and integers that pick a row of
/// something lie within it.
std::span<void *const> bring(const nnrt_session &session, std::span<const nnrt_port> ports,
                             const Ports &to, const void *const *pointers) {
  for (size_t i = 0; i < ports.size(); ++i) {
    const nnrt_port &port = ports[i];
    checkPointer(pointers[i], port.tensor);
    std::span data(static_cast<const std::byte *>(pointers[i]), bytesOf(session, port.tensor));
    const auto [low, high] = boundsOf(port, session.dims);
    if (auto found = findOutOfRange(port.tensor.dtype, low, high, data))
      throw errors::inputValue("a batch", port.tensor.name, found->value, low, high,
                               found->element);
  }
  for (size_t i = 0; i < ports.size(); ++i) {
    uint64_t bytes = bytesOf(session, ports[i].tensor);
    session.device->reuse(to.staging[i]);
    memcpy(to.staging[i].host, pointers[i], bytes);
    session.device->submit(to.staging[i], bytes);
  }
  return to.addresses;
}

Ports stageFor(const nnrt_session &session, std::span<const nnrt_port> ports) {
  Ports made;
  for (const nnrt_port &port : ports) {
    made.staging.push_back(
        session.device->stage(std::max<uint64_t>(1, bytesOf(session, port.tensor)), "a batch"));
    made.addresses.push_back(made.staging.back().device);
  }
  return made;
}

/// Finds the entries of the recipe and makes room for what they need.
void prepareTraining(nnrt_session &session) {
  Session &made = *session.session;
  for (const Recipe::Block &block : session.recipe.blocks)
    session.blocks.emplace_back(made, session.recipe, block).reserve(session.dims);
  session.losses.emplace(*session.device, session.recipe.mostLosses(), session.blocks.size());
  if (made.has("finish"))
    session.evaluator.emplace(made, session.recipe, nullptr, session.dims, session.maxBatch);
  session.fields = stageFor(session, {session.model.fields, session.model.num_fields});
}

void preparePrediction(nnrt_session &session) {
  const nnrt_model &model = session.model;
  session.inputs = stageFor(session, {model.inputs, model.num_inputs});
  for (uint32_t i = 0; i < model.num_outputs; ++i)
    session.outputs.push_back(session.device->allocate(
        std::max<uint64_t>(1, bytesOf(session, model.outputs[i])), "the outputs"));
  for (const Buffer &output : session.outputs)
    session.outputAddresses.push_back(output.at());
  session.predict = session.session->entry("predict");
  session.session->reserve(session.predict, session.dims);
}

/// A recipe that can be trained batch by batch, with the sizes of this call.
void requireTraining(const nnrt_session &session) {
  if (session.blocks.empty())
    throw errors::noRecipe(session.model.name);
  if (session.recipe.accumulate > 1 && session.blocks.size() > 1)
    throw badCall("a recipe of several `step` blocks with `accumulate` cannot be trained batch by "
                  "batch",
                  "its blocks take the same batches in turn; use the executable, or accumulate 1");
  if (!session.position.planned && session.session->asksForSteps())
    throw badCall("the recipe's `steps` are not known here",
                  "it counts epochs, whose length only its data set has; state `steps N` in it");
  // Before the first block changes anything.
  for (const BlockSteps &block : session.blocks)
    block.requireSizes(session.dims);
}

/// One batch: an update, or a part of one. Returns the loss.
double trainOn(nnrt_session &session, std::span<void *const> fields) {
  Session &made = *session.session;
  TrainingPosition &position = session.position;
  const uint64_t number = session.batches;
  if (number == 0)
    made.clearGradients();
  session.losses->forget(); // of a call that failed
  for (BlockSteps &block : session.blocks)
    if (block.isDue(position))
      block.run(position, number,
                {.dims = session.dims, .fields = fields, .losses = session.losses->next()});
  double loss = 0;
  session.losses->fetch();
  for (size_t i = 0, slot = 0; i < session.blocks.size(); ++i)
    if (session.blocks[i].isDue(position))
      for (double each : session.losses->slot(slot++).first(session.recipe.blocks[i].losses.size()))
        loss += each;
  session.batches = (number + 1) % session.recipe.accumulate;
  if (session.batches == 0)
    ++position.step;
  return loss;
}

/// The weights have been set: training would start here.
void startFresh(nnrt_session &session, uint64_t seed) {
  session.position = {};
  session.position.seed = session.session->seed = seed;
  session.position.batch = session.maxBatch;
  session.position.planned = session.recipe.steps.value_or(0);
  session.position.hasPlan = session.position.planned != 0;
  session.batches = 0;
  session.hasWeights = true;
}

} // namespace

int nnrt_session_create(const nnrt_model *model, const uint64_t *max_dims, uint32_t threads,
                        nnrt_session **result) {
  auto *made = new (std::nothrow) nnrt_session(*model);
  *result = made;
  if (!made)
    return NNRT_BAD_INPUT;
  return guarded(made, [&] {
    if (model->abi_version != NNRT_ABI_VERSION)
      throw errors::abiMismatch(model->compiler, model->abi_version, NNRT_ABI_VERSION);
    made->maxDims.resize(model->num_dims);
    for (uint32_t i = 0; i < model->num_dims; ++i) {
      if (int32_t(i) == model->rows_dim)
        continue;
      if (max_dims[i] == 0 || max_dims[i] > UINT32_MAX)
        throw badCall(cat("max_", model->dims[i], " is ", max_dims[i]),
                      cat("expected 1 to ", UINT32_MAX));
      made->maxDims[i] = int64_t(max_dims[i]);
    }
    made->dims = made->maxDims;
    made->maxBatch = batchOf(*made);
    if (threads > 1024)
      throw badCall(cat("threads is ", threads), "expected 0 (one per processor) to 1024");
    made->device = makeDevice("auto", *model, threads);
    if (model->recipe)
      made->recipe = parseRecipe(model->recipe);
    made->session.emplace(*model, *made->device, model->recipe ? &made->recipe : nullptr,
                          /*isTraining=*/true);
    try {
      if (model->recipe)
        prepareTraining(*made);
      preparePrediction(*made);
    } catch (...) {
      made->session.reset();
      throw;
    }
    made->position.batch = made->maxBatch;
  });
}

void nnrt_session_destroy(nnrt_session *session) { delete session; }

const char *nnrt_session_message(const nnrt_session *session) {
  if (!session || session->outOfMemory)
    return "not enough memory";
  return session->message.c_str();
}

int nnrt_session_init(nnrt_session *session, uint64_t seed) {
  return guarded(session, [&] {
    Session &made = usable(session);
    const char *environment = getenv("NN_DATA");
    const auto loads = stageLoads(
        session->recipe, {.option = "", .environment = environment ? environment : ""}, made);
    made.seed = seed;
    made.initialize();
    for (const auto &load : loads)
      load();
    made.initializeTraining();
    startFresh(*session, seed);
  });
}

int nnrt_session_train_step(nnrt_session *session, const uint64_t *dims, const void *const *fields,
                            float *loss) {
  return guarded(session, [&] {
    readyFor(session, dims);
    requireTraining(*session);
    std::span<void *const> addresses = bring(
        *session, {session->model.fields, session->model.num_fields}, session->fields, fields);
    double value = trainOn(*session, addresses);
    if (loss)
      *loss = float(value);
  });
}

int nnrt_session_eval_step(nnrt_session *session, const uint64_t *dims, const void *const *fields,
                           float *loss, float *metrics) {
  return guarded(session, [&] {
    readyFor(session, dims);
    if (!session->evaluator)
      throw errors::noRecipe(session->model.name);
    std::span<void *const> addresses = bring(
        *session, {session->model.fields, session->model.num_fields}, session->fields, fields);
    const Results &results = session->evaluator->runOn(addresses, session->dims, batchOf(*session));
    if (loss)
      *loss = float(results.loss(session->recipe));
    const size_t numLosses = session->recipe.losses.size();
    for (size_t i = numLosses; metrics && i < results.values.size(); ++i)
      metrics[i - numLosses] = float(results.values[i]);
  });
}

int nnrt_session_predict(nnrt_session *session, const uint64_t *dims, const void *const *inputs,
                         void *const *outputs) {
  return guarded(session, [&] {
    Session &made = readyFor(session, dims);
    const nnrt_model &model = session->model;
    for (uint32_t i = 0; i < model.num_outputs; ++i)
      checkPointer(outputs[i], model.outputs[i]);
    std::span<void *const> given =
        bring(*session, {model.inputs, model.num_inputs}, session->inputs, inputs);
    made.run(session->predict,
             {.dims = session->dims, .inputs = given, .outputs = session->outputAddresses});
    for (uint32_t i = 0; i < model.num_outputs; ++i)
      session->device->download(
          {static_cast<std::byte *>(outputs[i]), bytesOf(*session, model.outputs[i])},
          session->outputAddresses[i]);
  });
}

int nnrt_session_load(nnrt_session *session, const char *path) {
  return guarded(session, [&] {
    Session &made = usable(session);
    const Recipe *recipe = session->model.recipe ? &session->recipe : nullptr;
    WeightsInfo info = loadWeights(path, made, recipe, WeightsFor::Use);
    session->facts = std::move(info.facts);
    startFresh(*session, info.seed.value_or(session->recipe.seed));
    made.initializeTraining();
  });
}

int nnrt_session_resume(nnrt_session *session, const char *path) {
  return guarded(session, [&] {
    SavedTraining saved = loadCheckpoint(path, usable(session), session->recipe);
    session->facts = std::move(saved.facts);
    startFresh(*session, saved.position.seed);
    // Which examples come next is the caller's affair.
    session->position.step = saved.position.step;
    session->position.batch = saved.position.batch;
    if (saved.position.planned) {
      session->position.planned = saved.position.planned;
      session->position.hasPlan = true;
    }
  });
}

int nnrt_session_save(nnrt_session *session, const char *path) {
  return guarded(session, [&] {
    Session &made = ready(session);
    if (session->batches)
      throw badCall(cat("a step has taken ", session->batches, " of its ",
                        session->recipe.accumulate, " batches"),
                    "save between steps");
    CheckpointContent content = {session->recipe, session->facts, session->position};
    const std::vector<double> none(session->recipe.losses.size());
    content.observers = {{"loss_sum", exactText(none)}, {"loss_examples", exactText(none)}};
    saveCheckpoint(path, made, content);
  });
}
