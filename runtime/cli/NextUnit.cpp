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

NextUnit::NextUnit(Session &session, size_t units, std::string_view unit)
    : session(session), input(requirePorts(session.model()).inputs[0]),
      output(session.model().outputs[0]), units(units), unit(unit), hasNext(session.has("next")) {
  const nnrt_model &model = session.model();
  checkModel();
  dims = session.dimsFor(1);
  mostSeen = size_t(input.tensor.shape[1]);
  predict = session.entry("predict");
  session.requireSizes(predict, dims, "the prompt");
  session.reserve(predict, dims);
  if (hasNext) {
    session.clearCaches();
    next = session.entry("next");
    session.reserve(next, dims);
  }
  tokens = session.device().stage(mostSeen * sizeof(int32_t), "the tokens");
  const uint64_t bytes = batchBytes(model, output, dims, 1);
  result = session.device().allocate(bytes, "the logits");
  results = Memory(bytes, "the logits");
  check();
}

void NextUnit::checkModel() const {
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
                    " logits, but the text has ", units, " different ", unit, "s"));
}

void NextUnit::take(int32_t unit) {
  if (seen.size() == mostSeen) {
    // A model of whole windows needs all but the first.
    const size_t forgotten = hasPositions() ? mostSeen - mostSeen / 2 : 1;
    seen.erase(seen.begin(), seen.begin() + ptrdiff_t(forgotten));
    taken = 0;
  }
  seen.push_back(unit);
}

void NextUnit::call(Entry &entry, std::span<const int32_t> numbers, uint64_t place) {
  Device &device = session.device();
  device.reuse(tokens);
  memcpy(tokens.host, numbers.data(), numbers.size_bytes());
  device.submit(tokens, numbers.size_bytes());
  void *inputs[] = {tokens.device}, *outputs[] = {result.at()};
  session.run(entry, {.dims = dims, .inputs = inputs, .outputs = outputs, .place = place});
}

std::vector<double> NextUnit::logitsOf(size_t position, size_t count) const {
  const size_t each = units * elementSize(output.dtype);
  session.device().download({results.data(), count * each},
                            static_cast<std::byte *>(result.at()) + position * each);
  std::vector<double> logits(count * units);
  for (size_t i = 0; i < logits.size(); ++i)
    logits[i] = numberAt(output.dtype, results.data(), i);
  return logits;
}

std::vector<double> NextUnit::fromNext() {
  if (taken == 0)
    session.clearCaches();
  for (; taken < seen.size(); ++taken)
    call(next, {&seen[taken], 1}, taken);
  return logitsOf(0, 1);
}

std::vector<double> NextUnit::fromPredict() {
  std::vector<int32_t> padded(seen);
  padded.resize(mostSeen);
  call(predict, padded, 0);
  return logitsOf(hasPositions() ? seen.size() - 1 : 0, 1);
}

/// Units at random, the same in every program.
std::vector<int32_t> NextUnit::anyWindow() const {
  std::vector<int32_t> window(mostSeen);
  for (size_t i = 0; i < mostSeen; ++i)
    window[i] = int32_t(
        philox4x32({uint32_t(i), uint32_t(uint64_t(i) >> 32), 1, purpose}, philoxKey(0))[0] %
        units);
  return window;
}

std::vector<double> NextUnit::allLogits(std::span<const int32_t> window) {
  call(predict, window, 0);
  return logitsOf(0, mostSeen);
}

/// Softmax of logits is no logits: what is drawn from it is nearly all alike.
static bool areProbabilities(std::span<const double> logits, size_t units) {
  for (size_t row = 0; row < logits.size(); row += units) {
    double sum = 0;
    for (double each : logits.subspan(row, units)) {
      if (!(each >= 0))
        return false;
      sum += each;
    }
    if (!(std::fabs(sum - 1) < 1e-2))
      return false;
  }
  return units > 1;
}

/// Whether a window whose units behind a position are others gives the same bits up to there: for
/// the first positions, and for some behind.
void NextUnit::requireCausal(std::span<const int32_t> window, std::span<const double> logits) {
  constexpr size_t first = 8;
  for (size_t cut = 1; cut < mostSeen && units > 1; ++cut) {
    if (cut > first && cut != mostSeen / 2 && cut != mostSeen - 1)
      continue;
    std::vector<int32_t> other(window.begin(), window.end());
    for (size_t i = cut; i < mostSeen; ++i)
      other[i] = int32_t((size_t(other[i]) + 1) % units);
    const std::vector<double> found = allLogits(other);
    // Bits are compared, so that a NaN is as good as any other value.
    if (memcmp(found.data(), logits.data(), cut * units * sizeof(double)) != 0)
      throw Error(cat("the model '", session.model().name, "' looks ahead: what follows a ", unit,
                      " depends on those behind it"),
                  "attention(heads, causal: true) looks back only; such a model can generate");
  }
}

/// Whether `next` says what predict does, at each position of a window. What stands behind a unit
/// is 0 in what `next` keeps, which no unit need give: a model may take that otherwise, and is then
/// asked for all positions each time.
bool NextUnit::isNextRight(std::span<const int32_t> window, std::span<const double> logits) {
  const double tolerance = elementSize(output.dtype) < 4 ? 0.05 : 1e-3;
  double largest = 0;
  for (double each : logits)
    largest = std::max(largest, std::fabs(each));
  session.clearCaches();
  for (size_t position = 0; position < mostSeen; ++position) {
    call(next, {&window[position], 1}, position);
    const std::vector<double> here = logitsOf(0, 1);
    for (size_t i = 0; i < units; ++i)
      if (!(std::fabs(here[i] - logits[position * units + i]) <= tolerance * largest))
        return false;
  }
  return true;
}

void NextUnit::check() {
  if (!hasPositions())
    return;
  const std::vector<int32_t> window = anyWindow();
  const std::vector<double> logits = allLogits(window);
  if (areProbabilities(logits, units))
    throw Error(cat("the model '", session.model().name, "' gives '", output.name,
                    "', which are probabilities, not logits"),
                "a 'predict' line in the recipe takes the place of the model's outputs: leave it "
                "out, or predict the logits");
  requireCausal(window, logits);
  hasNext = hasNext && isNextRight(window, logits);
}

int32_t NextUnit::draw(double temperature, uint64_t seed, uint64_t number) {
  if (!hasPositions() && seen.size() < mostSeen)
    throw errors::usage(cat("the prompt has ", seen.size(), " ", unit, seen.size() == 1 ? "" : "s",
                            "; the model '", session.model().name, "' needs ", mostSeen));
  std::vector<double> logits = hasNext ? fromNext() : fromPredict();
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
  for (size_t i = 0; i < logits.size(); ++i) {
    rest -= logits[i];
    if (rest < 0)
      return int32_t(i);
  }
  return int32_t(largest - logits.begin()); // rounding has left less than nothing
}

} // namespace nnrt
