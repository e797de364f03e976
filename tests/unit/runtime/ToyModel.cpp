// A compiled model written by hand: softmax regression with momentum, behind the C descriptor.
#include "tests/unit/runtime/ToyModel.h"

#include "runtime/support/Philox.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace toy {

namespace {

struct Batch {
  const uint8_t *image, *label;
  float *w, *bias, *work;
  int64_t size;
};

/// Logits, then probabilities minus the one-hot label, of one example; into row `b` of the
/// workspace.
void forwardOne(const Batch &batch, int64_t b, float *logits) {
  for (int c = 0; c < classes; ++c)
    logits[c] = batch.bias[c];
  for (int k = 0; k < pixels; ++k) {
    float x = float(batch.image[b * pixels + k]) / 255.0f;
    for (int c = 0; c < classes; ++c)
      logits[c] += x * batch.w[k * classes + c];
  }
}

/// Row b of the workspace: softmax, then loss and whether the largest logit is the label's.
void probabilities(void *environment, int64_t b) {
  const Batch &batch = *static_cast<Batch *>(environment);
  float *row = batch.work + b * (classes + 2);
  forwardOne(batch, b, row);
  int best = int(std::max_element(row, row + classes) - row);
  float top = row[best], sum = 0, own = row[batch.label[b]];
  for (int c = 0; c < classes; ++c)
    sum += row[c] = std::exp(row[c] - top);
  for (int c = 0; c < classes; ++c)
    row[c] /= sum;
  row[classes] = std::log(sum) - (own - top);
  row[classes + 1] = best == batch.label[b];
}

void lossAndMetric(const Batch &batch, float *loss, float *accuracy) {
  *loss = *accuracy = 0;
  for (int64_t b = 0; b < batch.size; ++b) {
    *loss += batch.work[b * (classes + 2) + classes];
    *accuracy += batch.work[b * (classes + 2) + classes + 1];
  }
  *loss /= float(batch.size);
  *accuracy /= float(batch.size);
}

struct Update {
  Batch batch;
  float *wVelocity;
};

void update(float &parameter, float &velocity, float gradient) {
  velocity = 0.9f * velocity + gradient;
  parameter -= 0.05f * velocity;
}

/// One row of w: its gradient is an outer product's.
void updateRow(void *environment, int64_t k) {
  const auto &[batch, velocity] = *static_cast<Update *>(environment);
  for (int c = 0; c < classes; ++c) {
    float gradient = 0;
    for (int64_t b = 0; b < batch.size; ++b)
      gradient += float(batch.image[b * pixels + k]) / 255.0f * batch.work[b * (classes + 2) + c];
    update(batch.w[k * classes + c], velocity[k * classes + c], gradient / float(batch.size));
  }
}

void step(nnrt_context *context, const int64_t *scalars, void *const *buffers, void *workspace) {
  auto f32 = [&](int i) { return static_cast<float *>(buffers[i]); };
  Update all = {{static_cast<const uint8_t *>(buffers[0]), static_cast<const uint8_t *>(buffers[1]),
                 f32(2), f32(3), static_cast<float *>(workspace), scalars[0]},
                f32(5)};
  Batch &batch = all.batch;
  nnrt_parallel_for(context, probabilities, &batch, batch.size);
  lossAndMetric(batch, f32(7), f32(8));
  for (int64_t b = 0; b < batch.size; ++b)
    batch.work[b * (classes + 2) + batch.label[b]] -= 1;
  nnrt_parallel_for(context, updateRow, &all, pixels);
  for (int c = 0; c < classes; ++c) {
    float gradient = 0;
    for (int64_t b = 0; b < batch.size; ++b)
      gradient += batch.work[b * (classes + 2) + c];
    update(f32(3)[c], f32(6)[c], gradient / float(batch.size));
  }
  f32(4)[0] += float(batch.size);
}

void eval(nnrt_context *context, const int64_t *scalars, void *const *buffers, void *workspace) {
  auto f32 = [&](int i) { return static_cast<float *>(buffers[i]); };
  Batch batch = {static_cast<const uint8_t *>(buffers[0]),
                 static_cast<const uint8_t *>(buffers[1]),
                 f32(2),
                 f32(3),
                 static_cast<float *>(workspace),
                 scalars[0]};
  nnrt_parallel_for(context, probabilities, &batch, batch.size);
  lossAndMetric(batch, f32(4), f32(5));
}

void predict(nnrt_context *, const int64_t *scalars, void *const *buffers, void *) {
  Batch batch = {
      static_cast<const uint8_t *>(buffers[0]), nullptr, static_cast<float *>(buffers[1]),
      static_cast<float *>(buffers[2]),         nullptr, scalars[0]};
  for (int64_t b = 0; b < batch.size; ++b)
    forwardOne(batch, b, static_cast<float *>(buffers[3]) + b * classes);
}

void init(nnrt_context *, const int64_t *scalars, void *const *buffers, void *) {
  auto f32 = [&](int i) { return static_cast<float *>(buffers[i]); };
  for (uint32_t i = 0; i < pixels * classes; ++i) {
    uint32_t word = nnrt::philox4x32({i, 0, 0, 1}, nnrt::philoxKey(uint64_t(scalars[0])))[0];
    f32(0)[i] = (float(word >> 8) / float(1 << 24) - 0.5f) * 0.1f;
    f32(3)[i] = 0;
  }
  for (int c = 0; c < classes; ++c)
    f32(1)[c] = f32(4)[c] = 0;
  f32(2)[0] = 0;
}

uint64_t rowsOfWorkspace(const int64_t *scalars) {
  return uint64_t(scalars[0]) * (classes + 2) * sizeof(float);
}
uint64_t noWorkspace(const int64_t *) { return 0; }

constexpr int64_t imageShape[] = {~int64_t(0), 28, 28}, labelShape[] = {~int64_t(0)},
                  logitShape[] = {~int64_t(0), classes}, wShape[] = {pixels, classes},
                  biasShape[] = {classes}, seenShape[] = {1};
constexpr nnrt_tensor parameters[] = {{"dense.w", NNRT_F32, 2, wShape, 0},
                                      {"dense.bias", NNRT_F32, 1, biasShape, 31360},
                                      {"seen", NNRT_F32, 1, seenShape, 31424}};
constexpr nnrt_tensor states[] = {{"dense.w.v", NNRT_F32, 2, wShape, 0},
                                  {"dense.bias.v", NNRT_F32, 1, biasShape, 31360}};
constexpr nnrt_port inputs[] = {{{"image", NNRT_U8, 3, imageShape, 0}, 0, 0}};
constexpr nnrt_tensor outputs[] = {{"logits", NNRT_F32, 2, logitShape, 0}};
constexpr nnrt_port fields[] = {{{"image", NNRT_U8, 3, imageShape, 0}, 0, 0},
                                {{"label", NNRT_U8, 1, labelShape, 0}, 0, classes}};
constexpr nnrt_file files[] = {{"train", 0, "train-images-idx3-ubyte.gz"},
                               {"train", 1, "train-labels-idx1-ubyte.gz"},
                               {"test", 0, "t10k-images-idx3-ubyte.gz"},
                               {"test", 1, "t10k-labels-idx1-ubyte.gz"}};
constexpr const char *dims[] = {"batch"};
constexpr const char *metrics[] = {"accuracy"};
constexpr nnrt_recipe recipe = {"digits", "idx",  "sgd(lr: 0.05, momentum: 0.9)", 8, 2, 0, 0,
                                1,        metrics};

constexpr nnrt_binding batchScalar[] = {{NNRT_DIM, 0}};
constexpr nnrt_binding stepScalars[] = {{NNRT_DIM, 0}, {NNRT_STEP, 0}, {NNRT_SEED, 0}};
constexpr nnrt_binding seedScalar[] = {{NNRT_SEED, 0}};
constexpr nnrt_binding stepBuffers[] = {
    {NNRT_FIELD, 0}, {NNRT_FIELD, 1}, {NNRT_PARAMETER, 0}, {NNRT_PARAMETER, 1}, {NNRT_PARAMETER, 2},
    {NNRT_STATE, 0}, {NNRT_STATE, 1}, {NNRT_LOSS, 0},      {NNRT_METRIC, 0}};
constexpr nnrt_binding evalBuffers[] = {{NNRT_FIELD, 0},     {NNRT_FIELD, 1}, {NNRT_PARAMETER, 0},
                                        {NNRT_PARAMETER, 1}, {NNRT_LOSS, 0},  {NNRT_METRIC, 0}};
constexpr nnrt_binding predictBuffers[] = {
    {NNRT_INPUT, 0}, {NNRT_PARAMETER, 0}, {NNRT_PARAMETER, 1}, {NNRT_OUTPUT, 0}};
constexpr nnrt_binding initBuffers[] = {{NNRT_PARAMETER, 0},
                                        {NNRT_PARAMETER, 1},
                                        {NNRT_PARAMETER, 2},
                                        {NNRT_STATE, 0},
                                        {NNRT_STATE, 1}};
constexpr nnrt_entry entries[] = {
    {NNRT_ENTRY_INIT, 0, init, 1, 5, seedScalar, initBuffers, noWorkspace},
    {NNRT_ENTRY_PREDICT, 0, predict, 1, 4, batchScalar, predictBuffers, noWorkspace},
    {NNRT_ENTRY_STEP, 0, step, 3, 9, stepScalars, stepBuffers, rowsOfWorkspace},
    {NNRT_ENTRY_EVAL, 0, eval, 1, 6, batchScalar, evalBuffers, rowsOfWorkspace},
    {NNRT_ENTRY_STEP, 8, step, 3, 9, stepScalars, stepBuffers, rowsOfWorkspace},
    {NNRT_ENTRY_EVAL, 8, eval, 1, 6, batchScalar, evalBuffers, rowsOfWorkspace},
};

} // namespace

const nnrt_model model = {
    NNRT_ABI_VERSION,
    "toy",
    "nnc 0.0.0-test",
    "x86-64",
    "",
    "model toy(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] { flatten(image) |> dense(10) "
    "}\n",
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
    1,
    dims,
    3,
    1,
    parameters,
    31488,
    2,
    states,
    31424,
    1,
    1,
    inputs,
    outputs,
    2,
    fields,
    4,
    files,
    &recipe,
    8 * (classes + 2) * sizeof(float),
    6,
    entries,
};

nnrt_model withRecipe(const nnrt_recipe &changed) {
  nnrt_model copy = model;
  copy.recipe = &changed;
  return copy;
}

} // namespace toy
