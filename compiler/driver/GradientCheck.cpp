// Judges a compiled model's gradients by differences of its loss.
#include "compiler/driver/GradientCheck.h"

#include "compiler/driver/Difference.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace nnc::driver {

/// A difference decides where its own error is this part of what is tolerated.
static constexpr double safety = 0.1;
/// Elements smaller than this part of the largest are judged by it.
static constexpr double leastShare = 1e-3;
/// Where a whole gradient is zero, differences up to this part of the loss are taken for zero too.
static constexpr double leastPartOfLoss = 1e-9;

namespace {
/// A way to move one parameter: a single element, or all of them along a direction of length 1.
struct Probe {
  uint64_t element = 0;
  std::vector<double> direction; ///< empty for an element
};

/// The gradient of one parameter at one point, and what errors in it are measured by.
class Reference {
public:
  explicit Reference(llvm::ArrayRef<double> gradient) : gradient(gradient) {
    double squares = 0;
    for (double value : gradient) {
      largest = std::max(largest, std::abs(value));
      squares += value * value;
    }
    rootMeanSquare = std::sqrt(squares / static_cast<double>(gradient.size()));
  }
  bool isZero() const {
    return llvm::all_of(gradient, [](double value) { return value == 0; });
  }
  /// The derivative along the probe.
  double along(const Probe &probe) const {
    return probe.direction.empty()
               ? gradient[probe.element]
               : std::inner_product(gradient.begin(), gradient.end(), probe.direction.begin(), 0.0);
  }
  /// The least that an error is relative to.
  double scale(const Probe &probe) const {
    return probe.direction.empty() ? leastShare * largest : rootMeanSquare;
  }

private:
  llvm::ArrayRef<double> gradient;
  double largest = 0, rootMeanSquare = 0;
};

/// One parameter of one block, and what is still to be found out about it.
struct Pending {
  unsigned index;
  unsigned block;
  std::vector<Probe> probes;
  bool alwaysZero = true;
  GradientError result;
};
} // namespace

/// The slope of the loss along a probe, as accurate as judging it takes.
static Slope measure(ModelPoint &point, const Pending &parameter, const Probe &probe,
                     Accuracy wanted) {
  double *values = point.parameter(parameter.index);
  if (probe.direction.empty()) {
    double &value = values[probe.element], original = value;
    Slope slope = measureSlope(
        [&](double step) {
          value = original + step;
          return point.loss(parameter.block);
        },
        wanted);
    value = original;
    return slope;
  }
  const std::vector<double> original(values, values + probe.direction.size());
  Slope slope = measureSlope(
      [&](double step) {
        for (size_t i = 0; i < original.size(); ++i)
          values[i] = original[i] + step * probe.direction[i];
        return point.loss(parameter.block);
      },
      wanted);
  llvm::copy(original, values);
  return slope;
}

/// What there is to find out about a parameter.
static Pending plan(const nnrt_tensor &tensor, unsigned index, unsigned block, uint64_t size,
                    size_t mostElements, size_t directions) {
  Pending parameter{index, block, {}, true, {}};
  parameter.result.parameter = tensor.name;
  std::mt19937_64 random(index);
  std::vector<uint64_t> elements(size), chosen;
  std::iota(elements.begin(), elements.end(), 0);
  std::sample(elements.begin(), elements.end(), std::back_inserter(chosen), mostElements, random);
  for (uint64_t element : chosen)
    parameter.probes.push_back({element, {}});
  // Every component is of like length, so that each element counts, and no two errors can cancel in
  // all directions.
  std::uniform_real_distribution<double> length(0.5, 1.5);
  for (size_t n = 0; n < directions && size > 1; ++n) {
    std::vector<double> direction(size);
    double squares = 0;
    for (double &component : direction) {
      component = random() % 2 ? length(random) : -length(random);
      squares += component * component;
    }
    for (double &component : direction)
      component /= std::sqrt(squares);
    parameter.probes.push_back({0, std::move(direction)});
  }
  return parameter;
}

/// Whether a probe settles something, which the result is then told.
static bool settle(const Probe &probe, const Slope &slope, double expected, double leastScale,
                   GradientError &result) {
  double off = std::abs(slope.value - expected);
  double scale = std::max({std::abs(slope.value), std::abs(expected), leastScale});
  bool accurate = slope.error <= safety * gradientTolerance * scale;
  // A difference that is none too accurate settles as much where no error of it could explain what
  // it finds. A NaN is always refuted.
  bool refuted = !(off <= gradientTolerance * scale + slope.error / safety);
  if (!accurate && !refuted)
    return false;
  double relative = off == 0 ? 0 : off / scale;
  if (!(relative <= result.maxRelativeError)) // a NaN comes through, and stays
    result.maxRelativeError = relative;
  ++(probe.direction.empty() ? result.elements : result.directions);
  return true;
}

/// Takes away the probes that this point settles.
static void checkAt(ModelPoint &point, Pending &parameter, uint64_t size) {
  Reference reference({point.gradient(parameter.index), size});
  double tolerated = safety * gradientTolerance;
  bool zero = reference.isZero();
  parameter.alwaysZero &= zero;
  // Zero against zero proves little, for a gradient may well vanish at one point alone: only what
  // speaks against it counts.
  double vanishing = leastPartOfLoss * std::abs(point.loss(parameter.block));
  llvm::erase_if(parameter.probes, [&](const Probe &probe) {
    double scale = zero ? vanishing : reference.scale(probe);
    Slope slope =
        measure(point, parameter, probe, {tolerated, (zero ? safety : tolerated) * scale});
    if (zero && !(std::abs(slope.value) > vanishing))
      return false;
    return settle(probe, slope, reference.along(probe), scale, parameter.result);
  });
}

bool GradientError::isRight() const { return declared || maxRelativeError <= gradientTolerance; }

static bool isOpen(const Pending &parameter) { return !parameter.probes.empty(); }

std::vector<GradientError> checkGradients(const nnrt_model &model, const PointOptions &where,
                                          const std::vector<CheckedBlock> &blocks,
                                          const GradientCheckOptions &options) {
  const nnrt_tensor *tensors = model.arenas[NNRT_PARAMETERS].tensors;
  std::vector<Pending> parameters;
  size_t checked = 0;
  for (const CheckedBlock &block : blocks)
    checked += block.parameters.size();
  const size_t mostElements =
      std::min(options.elements,
               std::max(options.leastElements, options.allElements / std::max<size_t>(1, checked)));
  for (unsigned number = 0; number < options.points; ++number) {
    ModelPoint point(model, number, where);
    if (number == 0)
      for (unsigned block = 0; block < blocks.size(); ++block)
        for (unsigned index : blocks[block].parameters)
          parameters.push_back(plan(tensors[index], index, block, point.count(tensors[index]),
                                    mostElements, options.directions));
    for (unsigned block = 0; block < blocks.size(); ++block) {
      auto isNext = [&](const Pending &parameter) {
        return parameter.block == block && isOpen(parameter);
      };
      if (llvm::none_of(parameters, isNext))
        continue;
      point.computeGradients(blocks[block].name);
      for (Pending &parameter : parameters)
        if (isNext(parameter))
          checkAt(point, parameter, point.count(tensors[parameter.index]));
    }
    if (llvm::none_of(parameters, isOpen))
      break;
  }

  std::vector<GradientError> results;
  for (Pending &parameter : parameters) {
    GradientError &result = results.emplace_back(std::move(parameter.result));
    result.zero = parameter.alwaysZero && result.elements + result.directions == 0;
    result.skipped = result.zero ? 0 : parameter.probes.size();
  }
  return results;
}

} // namespace nnc::driver
