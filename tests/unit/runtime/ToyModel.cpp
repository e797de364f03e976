// A compiled model written by hand: softmax regression with momentum, behind the C descriptor.
#include "tests/unit/runtime/ToyModel.h"

#include "runtime/support/Philox.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>

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

/// Sums over the batch: losses, right answers, examples.
void sums(const Batch &batch, double (&totals)[3]) {
  for (int64_t b = 0; b < batch.size; ++b) {
    totals[0] += double(batch.work[b * (classes + 2) + classes]);
    totals[1] += double(batch.work[b * (classes + 2) + classes + 1]);
  }
  totals[2] = double(batch.size);
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
  double totals[3] = {};
  sums(batch, totals);
  *static_cast<double *>(buffers[7]) = totals[0] / totals[2];
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

void evaluate(nnrt_context *context, const int64_t *scalars, void *const *buffers,
              void *workspace) {
  auto f32 = [&](int i) { return static_cast<float *>(buffers[i]); };
  Batch batch = {static_cast<const uint8_t *>(buffers[0]),
                 static_cast<const uint8_t *>(buffers[1]),
                 f32(2),
                 f32(3),
                 static_cast<float *>(workspace),
                 scalars[0]};
  nnrt_parallel_for(context, probabilities, &batch, batch.size);
  double totals[3] = {};
  sums(batch, totals);
  for (int i = 0; i < 3; ++i)
    *static_cast<double *>(buffers[4 + i]) = totals[i];
}

void finish(nnrt_context *, const int64_t *, void *const *buffers, void *) {
  auto f64 = [&](int i) { return static_cast<double *>(buffers[i]); };
  *f64(3) = *f64(0) / *f64(2);
  *f64(4) = *f64(1) / *f64(2);
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
  }
  for (int c = 0; c < classes; ++c)
    f32(1)[c] = 0;
  f32(2)[0] = 0;
}

void initTraining(nnrt_context *, const int64_t *, void *const *buffers, void *) {
  std::fill_n(static_cast<float *>(buffers[0]), pixels * classes, 0.0f);
  std::fill_n(static_cast<float *>(buffers[1]), classes, 0.0f);
}

uint64_t rowsOfWorkspace(const int64_t *scalars) {
  return uint64_t(scalars[0]) * (classes + 2) * sizeof(float);
}
uint64_t noWorkspace(const int64_t *) { return 0; }

constexpr int64_t imageShape[] = {~int64_t(0), 28, 28}, labelShape[] = {~int64_t(0)},
                  logitShape[] = {~int64_t(0), classes}, wShape[] = {pixels, classes},
                  biasShape[] = {classes}, seenShape[] = {1};
constexpr nnrt_tensor parameters[] = {{"dense.w", NNRT_F32, 2, wShape, 0},
                                      {"dense.bias", NNRT_F32, 1, biasShape, 31360}};
constexpr nnrt_tensor states[] = {{"seen", NNRT_F32, 1, seenShape, 0}};
constexpr nnrt_tensor optimizer[] = {{"dense.w.v", NNRT_F32, 2, wShape, 0},
                                     {"dense.bias.v", NNRT_F32, 1, biasShape, 31360}};
constexpr nnrt_port inputs[] = {{{"image", NNRT_U8, 3, imageShape, 0}, 0, 0, nullptr}};
constexpr nnrt_tensor outputs[] = {{"logits", NNRT_F32, 2, logitShape, 0}};
constexpr nnrt_port fields[] = {{{"image", NNRT_U8, 3, imageShape, 0}, 0, 0, nullptr},
                                {{"label", NNRT_U8, 1, labelShape, 0}, 0, classes, nullptr}};
constexpr const char *dims[] = {"batch"};
constexpr int64_t any[] = {0}, eight[] = {8};
constexpr const char *recipe = R"text({
  "models": ["toy"], "optimizer": "sgd(lr: 0.05, momentum: 0.9)",
                     "batch" : 8, "epochs" : 2, "seed" : 0, "shuffle" : true,
                     "accumulate" : 1,
                     "blocks"
    : [ {"name" : "", "every" : 1, "losses" : ["loss"], "trains" : [ 0, 1 ]} ],
                     "losses" : ["loss"],
                     "metrics" : ["accuracy"],
                     "passes" : [[ "sum", "sum", "sum" ]],
                     "data" : {
  "name": "digits", "sources": [
      {"part": "train", "reader": "idx", "files": [
        {"column": "image", "path": "train-images-idx3-ubyte.gz"},
        {"column": "label", "path": "train-labels-idx1-ubyte.gz"}]},
      {"part": "test", "reader": "idx", "files": [
        {"column": "image", "path": "t10k-images-idx3-ubyte.gz"},
        {"column": "label", "path": "t10k-labels-idx1-ubyte.gz"}]}],
    "columns": [{"kind": "array", "name": "image"}, {"kind": "array", "name": "label"}],
    "prepared": false
}
})text";

constexpr nnrt_binding batchScalar[] = {{NNRT_DIM, 0}};
constexpr nnrt_binding stepScalars[] = {{NNRT_DIM, 0}, {NNRT_STEP, 0}, {NNRT_SEED, 0}};
constexpr nnrt_binding seedScalar[] = {{NNRT_SEED, 0}};
constexpr nnrt_binding stepBuffers[] = {
    {NNRT_FIELD, 0}, {NNRT_FIELD, 1},           {NNRT_PARAMETER, 0},       {NNRT_PARAMETER, 1},
    {NNRT_STATE, 0}, {NNRT_OPTIMIZER_STATE, 0}, {NNRT_OPTIMIZER_STATE, 1}, {NNRT_LOSS, 0}};
constexpr nnrt_binding evaluateBuffers[] = {
    {NNRT_FIELD, 0},   {NNRT_FIELD, 1},   {NNRT_PARAMETER, 0}, {NNRT_PARAMETER, 1},
    {NNRT_PARTIAL, 0}, {NNRT_PARTIAL, 1}, {NNRT_PARTIAL, 2}};
constexpr nnrt_binding finishBuffers[] = {
    {NNRT_TOTAL, 0}, {NNRT_TOTAL, 1}, {NNRT_TOTAL, 2}, {NNRT_RESULT, 0}, {NNRT_RESULT, 1}};
constexpr nnrt_binding predictBuffers[] = {
    {NNRT_INPUT, 0}, {NNRT_PARAMETER, 0}, {NNRT_PARAMETER, 1}, {NNRT_OUTPUT, 0}};
constexpr nnrt_binding initBuffers[] = {{NNRT_PARAMETER, 0}, {NNRT_PARAMETER, 1}, {NNRT_STATE, 0}};
constexpr nnrt_binding trainingBuffers[] = {{NNRT_OPTIMIZER_STATE, 0}, {NNRT_OPTIMIZER_STATE, 1}};
constexpr nnrt_entry entries[] = {
    {"init", any, init, 1, 3, seedScalar, initBuffers, noWorkspace, 0, nullptr},
    {"init_training", any, initTraining, 0, 2, nullptr, trainingBuffers, noWorkspace, 0, nullptr},
    {"predict", any, predict, 1, 4, batchScalar, predictBuffers, noWorkspace, 0, nullptr},
    {"step", any, step, 3, 8, stepScalars, stepBuffers, rowsOfWorkspace, 0, nullptr},
    {"evaluate.0", any, evaluate, 1, 7, batchScalar, evaluateBuffers, rowsOfWorkspace, 0, nullptr},
    {"step", eight, step, 3, 8, stepScalars, stepBuffers, rowsOfWorkspace, 0, nullptr},
    {"evaluate.0", eight, evaluate, 1, 7, batchScalar, evaluateBuffers, rowsOfWorkspace, 0,
     nullptr},
    {"finish", any, finish, 0, 5, nullptr, finishBuffers, noWorkspace, 0, nullptr},
};

} // namespace

const nnrt_model model = {
    .abi_version = NNRT_ABI_VERSION,
    .name = "toy",
    .compiler = "nnc 0.0.0-test",
    .target = "cpu",
    .cpu = "x86-64",
    .cpu_features = "",
    .source = "model toy(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] { flatten(image) |> "
              "dense(10) }\n",
    .source_sha256 = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
    .num_dims = 1,
    .dims = dims,
    .batch_dim = 0,
    .rows_dim = -1,
    .arenas = {{2, parameters, 31424}, {1, states, 64}, {2, optimizer, 31424}, {}, {}, {}},
    .num_inputs = 1,
    .num_outputs = 1,
    .num_fields = 2,
    .num_columns = 0,
    .inputs = inputs,
    .outputs = outputs,
    .fields = fields,
    .columns = nullptr,
    .num_totals = 3,
    .num_results = 2,
    .num_collected = 0,
    .collected = nullptr,
    .recipe = recipe,
    .activation_bytes = 8 * (classes + 2) * sizeof(float),
    .num_entries = 8,
    .entries = entries,
    .gpu = nullptr,
};

std::string changedRecipe(const nnrt_model &model, const std::string &change) {
  nlohmann::json recipe = nlohmann::json::parse(model.recipe);
  recipe.merge_patch(nlohmann::json::parse(change));
  return recipe.dump();
}

nnrt_model withRecipe(const nnrt_model &model, const std::string &recipe) {
  nnrt_model copy = model;
  copy.recipe = recipe.c_str();
  return copy;
}

} // namespace toy
