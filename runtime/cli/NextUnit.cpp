// What a model of texts says to come next, and a draw from it.
#include "runtime/cli/NextUnit.h"

#include "runtime/support/Errors.h"
#include "runtime/support/Philox.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace nnrt {

/// Keeps draws of texts apart from all others of the same seed.
static constexpr uint32_t purpose = 0x47454e52;

static bool isFloat(uint32_t dtype) { return dtype <= NNRT_BF16; }

static const nnrt_model &requirePorts(const nnrt_model &model) {
  if (model.num_inputs != 1 || model.num_outputs != 1)
    throw Error(cat("the model '", model.name, "' has ", model.num_inputs, " inputs and ",
                    model.num_outputs, " outputs; generate takes one from tokens to logits"));
  return model;
}

NextUnit::NextUnit(Session &session, size_t units)
    : session(session), input(requirePorts(session.model()).inputs[0]),
      output(session.model().outputs[0]), hasPositions(output.rank == 3), logits(units) {
  const nnrt_model &model = session.model();
  checkModel(units);
  dims = session.dimsFor(1);
  mostSeen = size_t(input.tensor.shape[1]);
  predict = session.entry("predict");
  session.requireSizes(predict, dims, "the prompt");
  session.reserve(predict, dims);
  tokens = session.device().stage(mostSeen * sizeof(int32_t), "the tokens");
  const uint64_t bytes = batchBytes(model, output, dims, 1);
  result = session.device().allocate(bytes, "the logits");
  results = Memory(bytes, "the logits");
}

void NextUnit::checkModel(size_t units) const {
  const nnrt_model &model = session.model();
  const nnrt_tensor &from = input.tensor;
  const bool isText = from.dtype == NNRT_I32 && from.rank == 2 && isBatched(model, from) &&
                      from.shape[1] > 0 && isFloat(output.dtype) && isBatched(model, output) &&
                      (output.rank == 2 || (output.rank == 3 && output.shape[1] == from.shape[1]));
  if (!isText)
    throw Error(cat("the model '", model.name, "' goes from ", typeText(model, from), " to ",
                    typeText(model, output), ", not from tokens to the logits of what follows"),
                "such as index(65)[batch, time] to f32[batch, time, 65]; a 'predict' line in the "
                "recipe takes their place");
  if (output.shape[output.rank - 1] != int64_t(units))
    throw Error(cat("the model '", model.name, "' gives ", output.shape[output.rank - 1],
                    " logits, but the text has ", units, " different units"));
}

/// Behind what is seen there is padding, which a model that looks back only doesn't notice.
void NextUnit::run(std::span<const int32_t> seen, int32_t padding) {
  Device &device = session.device();
  device.reuse(tokens);
  std::vector<int32_t> padded(seen.begin(), seen.end());
  padded.resize(mostSeen, padding);
  memcpy(tokens.host, padded.data(), mostSeen * sizeof(int32_t));
  device.submit(tokens, mostSeen * sizeof(int32_t));
  void *inputs[] = {tokens.device}, *outputs[] = {result.at()};
  session.run(predict, {.dims = dims, .inputs = inputs, .outputs = outputs});
  device.download({results.data(), results.size()}, result.at());
}

void NextUnit::readLogits(size_t position, std::span<double> out) {
  const size_t first = hasPositions ? position * out.size() : 0;
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = numberAt(output.dtype, results.data(), first + i);
}

/// What stands behind a position must not matter for it. Any padding would do, so two that differ
/// show it.
void NextUnit::requireCausal(std::span<const int32_t> seen) {
  const auto last = int32_t(logits.size() - 1);
  if (isChecked || seen.size() == mostSeen || last == 0)
    return;
  isChecked = true;
  std::vector<double> other(logits.size());
  run(seen, last);
  readLogits(seen.size() - 1, other);
  // Bits, so that a NaN is as good as any other value.
  if (memcmp(other.data(), logits.data(), other.size() * sizeof(double)) != 0)
    throw Error(cat("the model '", session.model().name,
                    "' looks ahead: what follows a unit depends on those behind it"),
                "attention(heads, causal: true) looks back only; such a model can generate");
}

int32_t NextUnit::draw(std::span<const int32_t> before, double temperature, uint64_t seed,
                       uint64_t number) {
  if (!hasPositions && before.size() < mostSeen)
    throw errors::usage(cat("the prompt has ", before.size(), " units; the model '",
                            session.model().name, "' needs ", mostSeen));
  std::span<const int32_t> seen = before.last(std::min(before.size(), mostSeen));
  run(seen, 0);
  readLogits(seen.size() - 1, logits);
  requireCausal(seen);
  for (double each : logits)
    if (!std::isfinite(each))
      throw Error("the model's logits are not finite, so nothing can be drawn from them",
                  "the training that made these weights may have diverged");
  auto largest = std::max_element(logits.begin(), logits.end());
  if (temperature == 0)
    return int32_t(largest - logits.begin());
  const double most = *largest;
  double sum = 0;
  for (double &each : logits)
    sum += each = std::exp((each - most) / temperature);
  const PhiloxCounter words =
      philox4x32({uint32_t(number), uint32_t(number >> 32), 0, purpose}, philoxKey(seed));
  const double uniform = double(uint64_t(words[0]) << 21 | words[1] >> 11) * 0x1p-53;
  double rest = uniform * sum;
  for (size_t i = 0; i < logits.size(); ++i)
    if ((rest -= logits[i]) < 0)
      return int32_t(i);
  return int32_t(largest - logits.begin()); // rounding has left less than nothing
}

} // namespace nnrt
