// A compiled model written by hand: a table that is prepared, two blocks, batches that are
// accumulated, averages, two passes of evaluation.
#include "tests/unit/runtime/ToyModel.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace toy {

namespace {

constexpr int width = 3;
constexpr double accumulated = 2, decay = 0.5;

float *f32(void *const *buffers, int i) { return static_cast<float *>(buffers[i]); }
double *f64(void *const *buffers, int i) { return static_cast<double *>(buffers[i]); }

double scoreOf(const float *features, const float *w, const float *bias) {
  double score = double(bias[0]);
  for (int k = 0; k < width; ++k)
    score += double(features[k]) * double(w[k]);
  return score;
}

/// Scalars: batch. Buffers: features, target, w, bias, the gradient, loss, and, of `slope`, a state
/// that counts examples.
template <bool isSlope>
void gradient(nnrt_context *, const int64_t *scalars, void *const *buffers, void *) {
  const double size = double(scalars[0]);
  double loss = 0, sum[width] = {};
  for (int64_t b = 0; b < scalars[0]; ++b) {
    const float *x = f32(buffers, 0) + b * width;
    double error = scoreOf(x, f32(buffers, 2), f32(buffers, 3)) - double(f32(buffers, 1)[b]);
    loss += error * error / size;
    for (int k = 0; k < (isSlope ? width : 1); ++k)
      sum[k] += 2 * error * (isSlope ? double(x[k]) : 1) / size;
  }
  for (int k = 0; k < (isSlope ? width : 1); ++k)
    f32(buffers, 4)[k] += float(sum[k]);
  *f64(buffers, 5) = loss;
  if (isSlope)
    f32(buffers, 6)[0] += float(size);
}

/// Scalars: STEP, STEPS, NUMBER 0, DRAW. Buffers: parameter, gradient, velocity, average.
template <int size>
void update(nnrt_context *, const int64_t *scalars, void *const *buffers, void *) {
  const double rate =
      std::bit_cast<double>(scalars[2]) * (1 - double(scalars[0] - 1) / double(scalars[1]));
  for (int k = 0; k < size; ++k) {
    double mean = double(f32(buffers, 1)[k]) / accumulated;
    float &velocity = f32(buffers, 2)[k], &parameter = f32(buffers, 0)[k];
    velocity = float(0.5 * double(velocity) + mean);
    parameter = float(double(parameter) - rate * double(velocity));
    float &average = f32(buffers, 3)[k];
    average = float(decay * double(average) + (1 - decay) * double(parameter));
  }
}

/// Scalars: batch, STEP, STEPS, NUMBER 0, DRAW. Buffers: features, target, w, bias, velocity and
/// average of w, two losses, a state that counts examples.
void step(nnrt_context *, const int64_t *scalars, void *const *buffers, void *) {
  const double size = double(scalars[0]);
  double square = 0, absolute = 0, sum[width] = {};
  for (int64_t b = 0; b < scalars[0]; ++b) {
    const float *x = f32(buffers, 0) + b * width;
    double error = scoreOf(x, f32(buffers, 2), f32(buffers, 3)) - double(f32(buffers, 1)[b]);
    square += error * error / size;
    absolute += std::fabs(error) / size;
    for (int k = 0; k < width; ++k)
      sum[k] += 2 * error * double(x[k]) / size;
  }
  *f64(buffers, 6) = square;
  *f64(buffers, 7) = absolute;
  f32(buffers, 8)[0] += float(size);
  const double rate = std::bit_cast<double>(scalars[3]) *
                      (1 - double(scalars[1] - 1) / double(scalars[2])) *
                      (1 + 0.1 * double(scalars[4] % 5));
  for (int k = 0; k < width; ++k) {
    float &velocity = f32(buffers, 4)[k], &parameter = f32(buffers, 2)[k];
    velocity = float(0.5 * double(velocity) + sum[k]);
    parameter = float(double(parameter) - rate * double(velocity));
    float &average = f32(buffers, 5)[k];
    average = float(decay * double(average) + (1 - decay) * double(parameter));
  }
}

/// Pass 0: the sum of squared errors, of scores, of examples, and the largest score.
void evaluate(nnrt_context *, const int64_t *scalars, void *const *buffers, void *) {
  double error = 0, sum = 0, largest = -INFINITY;
  for (int64_t b = 0; b < scalars[0]; ++b) {
    double score = scoreOf(f32(buffers, 0) + b * width, f32(buffers, 2), f32(buffers, 3));
    error += std::pow(score - double(f32(buffers, 1)[b]), 2);
    sum += score;
    largest = std::max(largest, score);
  }
  *f64(buffers, 4) = error;
  *f64(buffers, 5) = sum;
  *f64(buffers, 6) = double(scalars[0]);
  *f64(buffers, 7) = largest;
}

/// Pass 1: the sum of squared distances from the mean.
void evaluateAgain(nnrt_context *, const int64_t *scalars, void *const *buffers, void *) {
  double sum = 0, mean = *f64(buffers, 3) / *f64(buffers, 4);
  for (int64_t b = 0; b < scalars[0]; ++b)
    sum +=
        std::pow(scoreOf(f32(buffers, 0) + b * width, f32(buffers, 1), f32(buffers, 2)) - mean, 2);
  *f64(buffers, 5) = sum;
}

/// Both losses are the mean squared error; then spread and largest.
void finish(nnrt_context *, const int64_t *, void *const *buffers, void *) {
  const double count = *f64(buffers, 1);
  *f64(buffers, 4) = *f64(buffers, 5) = *f64(buffers, 0) / count;
  *f64(buffers, 6) = std::sqrt(*f64(buffers, 3) / count);
  *f64(buffers, 7) = *f64(buffers, 2);
}

/// The means of the two numbers; NaN is skipped.
void fit(nnrt_context *, const int64_t *scalars, void *const *buffers, void *) {
  for (int k = 0; k < 2; ++k) {
    double sum = 0, count = 0;
    for (int64_t row = 0; row < scalars[0]; ++row)
      if (float x = f32(buffers, 0)[row * 2 + k]; !std::isnan(x)) {
        sum += double(x);
        ++count;
      }
    f32(buffers, 1)[k] = float(sum / count);
  }
}

/// Scalars: rows, CLASS 0. Buffers: numbers, kind, t, means; features, target.
void prepare(nnrt_context *, const int64_t *scalars, void *const *buffers, void *) {
  const auto *kind = static_cast<const int32_t *>(buffers[1]);
  for (int64_t row = 0; row < scalars[0]; ++row) {
    float *features = f32(buffers, 4) + row * width;
    for (int k = 0; k < 2; ++k) {
      float x = f32(buffers, 0)[row * 2 + k], mean = f32(buffers, 3)[k];
      features[k] = std::isnan(x) ? 0 : x - mean;
    }
    features[2] = kind[row] == scalars[1];
    f32(buffers, 5)[row] = f32(buffers, 2)[row] / 10;
  }
}

void init(nnrt_context *, const int64_t *scalars, void *const *buffers, void *) {
  for (int k = 0; k < width; ++k)
    f32(buffers, 0)[k] = 0.01f * float(scalars[0] + k);
  f32(buffers, 1)[0] = 0;
  f32(buffers, 2)[0] = 0;
}

/// Buffers: w, bias; velocities of both; averages of both.
void initTraining(nnrt_context *, const int64_t *, void *const *buffers, void *) {
  for (int k = 0; k < width; ++k)
    f32(buffers, 2)[k] = 0;
  f32(buffers, 3)[0] = 0;
  memcpy(buffers[4], buffers[0], width * sizeof(float));
  memcpy(buffers[5], buffers[1], sizeof(float));
}

void predict(nnrt_context *, const int64_t *scalars, void *const *buffers, void *) {
  for (int64_t b = 0; b < scalars[0]; ++b)
    f32(buffers, 3)[b] =
        float(scoreOf(f32(buffers, 0) + b * width, f32(buffers, 1), f32(buffers, 2)));
}

uint64_t noWorkspace(const int64_t *) { return 0; }

// Dimensions: 0 batch, 1 rows.
constexpr int64_t featureShape[] = {~int64_t(0), width}, batchShape[] = {~int64_t(0)},
                  numberShape[] = {~int64_t(1), 2}, rowShape[] = {~int64_t(1)}, wShape[] = {width},
                  meanShape[] = {2}, oneShape[] = {1};
constexpr nnrt_tensor weights[] = {{"line.w", NNRT_F32, 1, wShape, 0},
                                   {"line.bias", NNRT_F32, 0, nullptr, 64}};
constexpr nnrt_tensor states[] = {{"line.seen", NNRT_F32, 1, oneShape, 0}};
constexpr nnrt_tensor optimizer[] = {{"line.w.v", NNRT_F32, 1, wShape, 0},
                                     {"line.bias.v", NNRT_F32, 0, nullptr, 64}};
constexpr nnrt_tensor fitted[] = {{"points.0", NNRT_F32, 1, meanShape, 0}};
constexpr nnrt_port inputs[] = {{{"features", NNRT_F32, 2, featureShape, 0}, 0, 0, nullptr}};
constexpr nnrt_tensor outputs[] = {{"score", NNRT_F32, 1, batchShape, 0}};
constexpr nnrt_port fields[] = {{{"features", NNRT_F32, 2, featureShape, 0}, 0, 0, nullptr},
                                {{"target", NNRT_F32, 1, batchShape, 0}, 0, 0, nullptr}};
constexpr nnrt_port columns[] = {{{"0", NNRT_F32, 2, numberShape, 0}, 0, 0, nullptr},
                                 {{"1", NNRT_I32, 1, rowShape, 0}, 0, 0, nullptr},
                                 {{"2", NNRT_F32, 1, rowShape, 0}, 0, 0, nullptr}};
constexpr const char *dims[] = {"batch", "rows"};
constexpr int64_t any[] = {0, 0};
constexpr const char *recipe = R"text({
  "models": ["line"], "optimizer": "sgd(lr: rate, momentum: 0.5)", "batch": 4, "epochs": 3,
  "seed": 7, "shuffle": true, "accumulate": 2, "average": 0.5,
  "numbers": [{"name": "rate", "value": 0.1}],
  "blocks": [{"name": "slope", "every": 1, "losses": ["of_slope"], "trains": [0]},
             {"name": "level", "every": 2, "losses": ["of_level"], "trains": [1]}],
  "losses": ["of_slope", "of_level"], "metrics": ["spread", "largest"],
  "passes": [["sum", "sum", "sum", "max"], ["sum"]],
  "data": {"name": "points", "sources": [
      {"part": "", "reader": "csv", "files": [{"column": "", "path": "points.csv"}],
       "options": {"separator": ",", "missing": [""], "header": true}}],
    "splits": [{"part": "train", "share": 0.75}, {"part": "test", "share": 0.25}],
    "split_seed": 1,
    "columns": [{"kind": "numbers", "first": "x", "last": "y", "by_position": false},
                {"kind": "category", "first": "kind", "by_position": false, "classes": 2},
                {"kind": "number", "first": "t", "by_position": false}],
    "classes": [{"column": 1, "name": "up"}], "prepared": true, "needs": [[0, 1], [2]]}})text";

constexpr nnrt_binding batchScalar[] = {{NNRT_DIM, 0}}, seedScalar[] = {{NNRT_SEED, 0}},
                       rowsScalar[] = {{NNRT_DIM, 1}},
                       prepareScalars[] = {{NNRT_DIM, 1}, {NNRT_CLASS, 0}},
                       updateScalars[] = {
                           {NNRT_STEP, 0}, {NNRT_STEPS, 0}, {NNRT_NUMBER, 0}, {NNRT_DRAW, 0}};
constexpr nnrt_binding slopeBuffers[] = {
    {NNRT_FIELD, 0},    {NNRT_FIELD, 1}, {NNRT_PARAMETER, 0}, {NNRT_PARAMETER, 1},
    {NNRT_GRADIENT, 0}, {NNRT_LOSS, 0},  {NNRT_STATE, 0}};
constexpr nnrt_binding levelBuffers[] = {{NNRT_FIELD, 0},     {NNRT_FIELD, 1},
                                         {NNRT_PARAMETER, 0}, {NNRT_PARAMETER, 1},
                                         {NNRT_GRADIENT, 1},  {NNRT_LOSS, 0}};
constexpr nnrt_binding updateSlope[] = {
    {NNRT_PARAMETER, 0}, {NNRT_GRADIENT, 0}, {NNRT_OPTIMIZER_STATE, 0}, {NNRT_AVERAGE, 0}};
constexpr nnrt_binding updateLevel[] = {
    {NNRT_PARAMETER, 1}, {NNRT_GRADIENT, 1}, {NNRT_OPTIMIZER_STATE, 1}, {NNRT_AVERAGE, 1}};
constexpr nnrt_binding firstPass[] = {{NNRT_FIELD, 0},     {NNRT_FIELD, 1},   {NNRT_PARAMETER, 0},
                                      {NNRT_PARAMETER, 1}, {NNRT_PARTIAL, 0}, {NNRT_PARTIAL, 1},
                                      {NNRT_PARTIAL, 2},   {NNRT_PARTIAL, 3}};
constexpr nnrt_binding secondPass[] = {{NNRT_FIELD, 0}, {NNRT_PARAMETER, 0}, {NNRT_PARAMETER, 1},
                                       {NNRT_TOTAL, 1}, {NNRT_TOTAL, 2},     {NNRT_PARTIAL, 4}};
constexpr nnrt_binding finishBuffers[] = {{NNRT_TOTAL, 0},  {NNRT_TOTAL, 2},  {NNRT_TOTAL, 3},
                                          {NNRT_TOTAL, 4},  {NNRT_RESULT, 0}, {NNRT_RESULT, 1},
                                          {NNRT_RESULT, 2}, {NNRT_RESULT, 3}};
constexpr nnrt_binding fitBuffers[] = {{NNRT_COLUMN, 0}, {NNRT_FIT, 0}};
constexpr nnrt_binding prepareBuffers[] = {{NNRT_COLUMN, 0}, {NNRT_COLUMN, 1}, {NNRT_COLUMN, 2},
                                           {NNRT_FIT, 0},    {NNRT_FIELD, 0},  {NNRT_FIELD, 1}};
constexpr nnrt_binding initBuffers[] = {{NNRT_PARAMETER, 0}, {NNRT_PARAMETER, 1}, {NNRT_STATE, 0}};
constexpr nnrt_binding trainingBuffers[] = {{NNRT_PARAMETER, 0},       {NNRT_PARAMETER, 1},
                                            {NNRT_OPTIMIZER_STATE, 0}, {NNRT_OPTIMIZER_STATE, 1},
                                            {NNRT_AVERAGE, 0},         {NNRT_AVERAGE, 1}};
constexpr nnrt_binding predictBuffers[] = {
    {NNRT_INPUT, 0}, {NNRT_PARAMETER, 0}, {NNRT_PARAMETER, 1}, {NNRT_OUTPUT, 0}};
constexpr nnrt_entry entries[] = {
    {"init", any, init, 1, 3, seedScalar, initBuffers, noWorkspace, 0, nullptr},
    {"init_training", any, initTraining, 0, 6, nullptr, trainingBuffers, noWorkspace, 0, nullptr},
    {"predict", any, predict, 1, 4, batchScalar, predictBuffers, noWorkspace, 0, nullptr},
    {"gradient.slope", any, gradient<true>, 1, 7, batchScalar, slopeBuffers, noWorkspace, 0,
     nullptr},
    {"update.slope", any, update<width>, 4, 4, updateScalars, updateSlope, noWorkspace, 0, nullptr},
    {"gradient.level", any, gradient<false>, 1, 6, batchScalar, levelBuffers, noWorkspace, 0,
     nullptr},
    {"update.level", any, update<1>, 4, 4, updateScalars, updateLevel, noWorkspace, 0, nullptr},
    {"evaluate.0", any, evaluate, 1, 8, batchScalar, firstPass, noWorkspace, 0, nullptr},
    {"evaluate.1", any, evaluateAgain, 1, 6, batchScalar, secondPass, noWorkspace, 0, nullptr},
    {"finish", any, finish, 0, 8, nullptr, finishBuffers, noWorkspace, 0, nullptr},
    {"fit", any, fit, 1, 2, rowsScalar, fitBuffers, noWorkspace, 0, nullptr},
    {"prepare", any, prepare, 2, 6, prepareScalars, prepareBuffers, noWorkspace, 0, nullptr},
};

constexpr nnrt_binding stepScalars[] = {
    {NNRT_DIM, 0}, {NNRT_STEP, 0}, {NNRT_STEPS, 0}, {NNRT_NUMBER, 0}, {NNRT_DRAW, 0}};
constexpr nnrt_binding stepBuffers[] = {{NNRT_FIELD, 0},
                                        {NNRT_FIELD, 1},
                                        {NNRT_PARAMETER, 0},
                                        {NNRT_PARAMETER, 1},
                                        {NNRT_OPTIMIZER_STATE, 0},
                                        {NNRT_AVERAGE, 0},
                                        {NNRT_LOSS, 0},
                                        {NNRT_LOSS, 1},
                                        {NNRT_STATE, 0}};
constexpr nnrt_entry entriesOfLine[] = {
    entries[0],  entries[1],
    entries[2],  {"step", any, step, 5, 9, stepScalars, stepBuffers, noWorkspace, 0, nullptr},
    entries[7],  entries[8],
    entries[9],  entries[10],
    entries[11],
};

nnrt_model makeLine() {
  static const std::string recipe =
      changedRecipe(table, R"({"accumulate": 1, "blocks": [{"name": "", "every": 1,
                               "losses": ["of_slope", "of_level"], "trains": [0]}]})");
  nnrt_model copy = withRecipe(table, recipe);
  copy.arenas[NNRT_GRADIENTS] = {};
  copy.num_entries = 9;
  copy.entries = entriesOfLine;
  return copy;
}

} // namespace

const nnrt_model table = {
    .abi_version = NNRT_ABI_VERSION,
    .name = "line",
    .compiler = "nnc 0.0.0-test",
    .target = "cpu",
    .cpu = "x86-64",
    .cpu_features = "",
    .source = "",
    .source_sha256 = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100",
    .num_dims = 2,
    .dims = dims,
    .batch_dim = 0,
    .rows_dim = 1,
    .arenas = {{2, weights, 128},
               {1, states, 64},
               {2, optimizer, 128},
               {2, weights, 128},
               {2, weights, 128},
               {1, fitted, 64}},
    .num_inputs = 1,
    .num_outputs = 1,
    .num_fields = 2,
    .num_columns = 3,
    .inputs = inputs,
    .outputs = outputs,
    .fields = fields,
    .columns = columns,
    .num_totals = 5,
    .num_results = 4,
    .num_collected = 0,
    .collected = nullptr,
    .recipe = recipe,
    .activation_bytes = 0,
    .num_entries = 12,
    .entries = entries,
    .gpu = nullptr,
};

const nnrt_model line = makeLine();

} // namespace toy
