// A compiled model written by hand that has no data: each step draws its examples.
#include "tests/unit/runtime/ToyModel.h"

#include "runtime/support/Philox.h"

#include <cmath>

namespace toy {

namespace {

/// A number in [0, 1) for a draw and an example.
double point(int64_t seed, int64_t draw, int64_t example) {
  nnrt::PhiloxCounter words =
      nnrt::philox4x32({uint32_t(example), uint32_t(draw), 0, 3}, nnrt::philoxKey(uint64_t(seed)));
  return double(words[0]) / 4294967296.0;
}

/// Scalars: batch, STEP, STEPS, SEED, DRAW. Buffers: w, loss.
void step(nnrt_context *, const int64_t *scalars, void *const *buffers, void *) {
  float &w = *static_cast<float *>(buffers[0]);
  double loss = 0, slope = 0;
  for (int64_t i = 0; i < scalars[0]; ++i) {
    double far = double(w) - point(scalars[3], scalars[4], i);
    loss += far * far / double(scalars[0]);
    slope += 2 * far / double(scalars[0]);
  }
  *static_cast<double *>(buffers[1]) = loss;
  w -= float(slope / double(1 + scalars[2] - scalars[1]));
}

/// Scalars: batch, SEED, EXAMPLE, DRAW.
void evaluate(nnrt_context *, const int64_t *scalars, void *const *buffers, void *) {
  double loss = 0, far = 0;
  for (int64_t i = 0; i < scalars[0]; ++i) {
    double each =
        double(*static_cast<float *>(buffers[0])) - point(scalars[1], scalars[3], scalars[2] + i);
    loss += each * each;
    far += std::fabs(each);
  }
  *static_cast<double *>(buffers[1]) = loss;
  *static_cast<double *>(buffers[2]) = far;
  *static_cast<double *>(buffers[3]) = double(scalars[0]);
}

void finish(nnrt_context *, const int64_t *, void *const *buffers, void *) {
  auto f64 = [&](int i) { return static_cast<double *>(buffers[i]); };
  *f64(3) = *f64(0) / *f64(2);
  *f64(4) = *f64(1) / *f64(2);
}

void init(nnrt_context *, const int64_t *, void *const *buffers, void *) {
  *static_cast<float *>(buffers[0]) = 5;
}

uint64_t noWorkspace(const int64_t *) { return 0; }

constexpr int64_t shape[] = {1}, any[] = {0};
constexpr nnrt_tensor parameters[] = {{"w", NNRT_F32, 1, shape, 0}};
constexpr const char *dims[] = {"batch"};
constexpr const char *recipe = R"text({
  "models": ["drawn"], "optimizer": "sgd()", "batch": 3, "steps": 12, "seed": 4,
  "blocks": [{"name": "", "losses": ["loss"], "trains": [0]}],
  "losses": ["loss"], "metrics": ["far"], "passes": [["sum", "sum", "sum"]]})text";
constexpr nnrt_binding stepScalars[] = {
    {NNRT_DIM, 0}, {NNRT_STEP, 0}, {NNRT_STEPS, 0}, {NNRT_SEED, 0}, {NNRT_DRAW, 0}};
constexpr nnrt_binding evaluateScalars[] = {
    {NNRT_DIM, 0}, {NNRT_SEED, 0}, {NNRT_EXAMPLE, 0}, {NNRT_DRAW, 0}};
constexpr nnrt_binding w[] = {{NNRT_PARAMETER, 0}},
                       stepBuffers[] = {{NNRT_PARAMETER, 0}, {NNRT_LOSS, 0}},
                       evaluateBuffers[] = {{NNRT_PARAMETER, 0},
                                            {NNRT_PARTIAL, 0},
                                            {NNRT_PARTIAL, 1},
                                            {NNRT_PARTIAL, 2}},
                       finishBuffers[] = {{NNRT_TOTAL, 0},
                                          {NNRT_TOTAL, 1},
                                          {NNRT_TOTAL, 2},
                                          {NNRT_RESULT, 0},
                                          {NNRT_RESULT, 1}};
constexpr nnrt_entry entries[] = {
    {"init", any, init, 0, 1, nullptr, w, noWorkspace, 0, nullptr},
    {"step", any, step, 5, 2, stepScalars, stepBuffers, noWorkspace, 0, nullptr},
    {"evaluate.0", any, evaluate, 4, 4, evaluateScalars, evaluateBuffers, noWorkspace, 0, nullptr},
    {"finish", any, finish, 0, 5, nullptr, finishBuffers, noWorkspace, 0, nullptr},
};

} // namespace

const nnrt_model drawn = {
    .abi_version = NNRT_ABI_VERSION,
    .name = "drawn",
    .compiler = "nnc 0.0.0-test",
    .target = "cpu",
    .cpu = "x86-64",
    .cpu_features = "",
    .source = "",
    .source_sha256 = "aa",
    .num_dims = 1,
    .dims = dims,
    .batch_dim = 0,
    .rows_dim = -1,
    .arenas = {{1, parameters, 64}, {}, {}, {}, {}, {}},
    .num_inputs = 0,
    .num_outputs = 0,
    .num_fields = 0,
    .num_columns = 0,
    .inputs = nullptr,
    .outputs = nullptr,
    .fields = nullptr,
    .columns = nullptr,
    .num_totals = 3,
    .num_results = 2,
    .num_collected = 0,
    .collected = nullptr,
    .recipe = recipe,
    .activation_bytes = 0,
    .num_entries = 4,
    .entries = entries,
    .gpu = nullptr,
};

} // namespace toy
