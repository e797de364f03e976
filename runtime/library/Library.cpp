// The C interface of a session, behind the library form of a model.
#include "nnrt/library.h"

#include "runtime/checkpoint/Checkpoint.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Range.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <memory>
#include <new>
#include <optional>

using namespace nnrt;

struct nnrt_session {
  const nnrt_model &model;
  uint64_t maxBatch;
  std::unique_ptr<Device> device;
  std::optional<Session> session;
  TrainingPosition position;
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

/// A session with weights, for a batch that it has room for.
Session &ready(nnrt_session *session, uint64_t batch) {
  Session &made = usable(session);
  if (!session->hasWeights)
    throw badCall("the session has no weights yet", "call init, load or resume first");
  if (batch == 0 || batch > session->maxBatch)
    throw badCall(cat("a batch of ", batch, " does not fit"),
                  cat("the session was made for 1 to ", session->maxBatch));
  return made;
}

void checkPointer(const void *pointer, const nnrt_tensor &tensor) {
  if (!pointer)
    throw Error(cat("'", tensor.name, "' is a null pointer"));
}

/// The pointers are there, and integers that pick a row of something lie within it.
void checkPorts(const nnrt_session &session, std::span<const nnrt_port> ports, uint64_t batch,
                const void *const *pointers) {
  for (const nnrt_port &port : ports) {
    const void *pointer = *pointers++;
    checkPointer(pointer, port.tensor);
    uint64_t bytes = batch * exampleBytes(port.tensor, session.session->dims());
    if (auto found = findOutOfRange(port.tensor.dtype, port.low, port.high,
                                    {static_cast<const std::byte *>(pointer), bytes}))
      throw errors::inputValue("a batch", port.tensor.name, found->value, port.low, port.high,
                               found->element);
  }
}

/// Entries take pointers that they may write through; to fields and inputs they never do.
std::span<void *const> mutablePointers(const void *const *pointers, uint32_t count) {
  return {const_cast<void *const *>(pointers), count};
}

} // namespace

int nnrt_session_create(const nnrt_model *model, uint64_t max_batch, uint32_t threads,
                        nnrt_session **result) {
  auto *made = new (std::nothrow) nnrt_session{*model, max_batch, {}, {}, {}, false, {}, false};
  *result = made;
  if (!made)
    return NNRT_BAD_INPUT;
  return guarded(made, [&] {
    if (model->abi_version != NNRT_ABI_VERSION)
      throw errors::abiMismatch(model->compiler, model->abi_version, NNRT_ABI_VERSION);
    if (max_batch == 0 || max_batch > UINT32_MAX)
      throw badCall(cat("max_batch is ", max_batch), cat("expected 1 to ", UINT32_MAX));
    if (threads > 1024)
      throw badCall(cat("threads is ", threads), "expected 0 (one per processor) to 1024");
    made->device = makeDevice("cpu", *model, threads);
    Session session(*model, *made->device, std::vector<int64_t>(model->num_dims));
    session.prepare(max_batch, max_batch, max_batch);
    made->session.emplace(std::move(session));
    made->position.batch = max_batch;
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
    usable(session).initialize(seed);
    session->position = {.seed = seed, .batch = session->maxBatch};
    session->hasWeights = true;
  });
}

int nnrt_session_train_step(nnrt_session *session, uint64_t batch, const void *const *fields,
                            float *loss) {
  return guarded(session, [&] {
    Session &made = ready(session, batch);
    if (!session->model.recipe)
      throw errors::noRecipe(session->model.name);
    checkPorts(*session, {session->model.fields, session->model.num_fields}, batch, fields);
    TrainingPosition &position = session->position;
    made.step(mutablePointers(fields, session->model.num_fields), batch, position.step + 1,
              position.seed);
    ++position.step;
    position.batch = batch;
    if (loss)
      *loss = made.loss();
  });
}

int nnrt_session_eval_step(nnrt_session *session, uint64_t batch, const void *const *fields,
                           float *loss, float *metrics) {
  return guarded(session, [&] {
    Session &made = ready(session, batch);
    if (!session->model.recipe)
      throw errors::noRecipe(session->model.name);
    checkPorts(*session, {session->model.fields, session->model.num_fields}, batch, fields);
    made.evaluate(mutablePointers(fields, session->model.num_fields), batch,
                  session->position.seed);
    if (loss)
      *loss = made.loss();
    if (metrics)
      std::copy(made.metrics().begin(), made.metrics().end(), metrics);
  });
}

int nnrt_session_predict(nnrt_session *session, uint64_t batch, const void *const *inputs,
                         void *const *outputs) {
  return guarded(session, [&] {
    Session &made = ready(session, batch);
    const nnrt_model &model = session->model;
    checkPorts(*session, {model.inputs, model.num_inputs}, batch, inputs);
    for (uint32_t i = 0; i < model.num_outputs; ++i)
      checkPointer(outputs[i], model.outputs[i]);
    made.predict(mutablePointers(inputs, model.num_inputs), {outputs, model.num_outputs}, batch);
  });
}

int nnrt_session_load(nnrt_session *session, const char *path) {
  return guarded(session, [&] {
    Session &made = usable(session);
    // The file is checked before anything is changed, and its weights replace the first ones.
    const uint64_t seed = session->position.seed;
    loadWeights(path, made);
    made.initialize(seed);
    loadWeights(path, made);
    session->position = {.seed = seed, .batch = session->maxBatch};
    session->hasWeights = true;
  });
}

int nnrt_session_resume(nnrt_session *session, const char *path) {
  return guarded(session, [&] {
    SavedPosition saved = loadCheckpoint(path, usable(session));
    // Which examples come next is the caller's affair.
    session->position = {.step = saved.step, .seed = saved.seed, .batch = saved.batch};
    session->hasWeights = true;
  });
}

int nnrt_session_save(nnrt_session *session, const char *path) {
  return guarded(session, [&] { saveCheckpoint(path, ready(session, 1), session->position); });
}
