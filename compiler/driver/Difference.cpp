// Central differences, extrapolated, and their errors.
#include "compiler/driver/Difference.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace nnc::driver {

/// The widest step, an exact power of 2, is as wide as what it is added to can be small; the last
/// is far narrower than the distance to the nearest of thousands of kinks.
static constexpr double widestStep = 0x1p-3;
static constexpr int numSteps = 18;
/// How many terms of the error are extrapolated away.
static constexpr int numColumns = 4;

namespace {
/// One row of Neville's tableau: a quantity at one step, and with more and more terms of its error
/// in powers of the step taken away by means of the row before, whose step was twice as wide.
class Row {
public:
  Row() = default;
  /// The terms are those of step^power, step^(power + 2), ...
  Row(double measured, const Row &wider, int power) : count(std::min(wider.count + 1, numColumns)) {
    columns[0] = measured;
    for (int i = 1; i < count; ++i, power += 2) {
      double factor = std::ldexp(1.0, power);
      columns[i] = (factor * columns[i - 1] - wider.columns[i - 1]) / (factor - 1);
    }
  }

  int size() const { return count; }
  double operator[](int column) const { return columns[column]; }

private:
  std::array<double, numColumns> columns = {};
  int count = 0;
};
} // namespace

Slope measureSlope(llvm::function_ref<double(double)> function, Accuracy wanted) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  double center = function(0), step = widestStep;
  Slope best{0, infinity};
  Row widerSlope, widerJump;
  double widerError = infinity;
  for (int i = 0; i < numSteps; ++i, step /= 2) {
    double right = function(step), left = function(-step);
    // The series of the slope's error has even powers of the step, that of the jump odd ones.
    Row slope((right - left) / (2 * step), widerSlope, 2);
    Row jump((right - center - (center - left)) / step, widerJump, 1);
    Slope here{0, infinity};
    for (int j = 1; j < slope.size(); ++j) {
      double moved =
          std::max(std::abs(slope[j] - slope[j - 1]), std::abs(slope[j] - widerSlope[j - 1]));
      double error = std::max(moved, std::abs(jump[j]));
      if (error < here.error) // never where one of them is NaN
        here = {slope[j], error};
    }
    double largest = std::max({std::abs(left), std::abs(center), std::abs(right)});
    double error = std::max(here.error, 2 * epsilon * largest / step);
    // Numbers that rounding has made coarse agree by chance now and then, but seldom twice.
    double trusted = std::max(error, widerError / 16);
    if (trusted < best.error)
      best = {here.value, trusted};
    if (best.error <= std::max(wanted.absolute, wanted.relative * std::abs(best.value)))
      break;
    widerSlope = slope;
    widerJump = jump;
    widerError = error;
  }
  return best;
}

} // namespace nnc::driver
