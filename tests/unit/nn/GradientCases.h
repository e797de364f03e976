// For every differentiable nn operation, functions to check its derivative on.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace nnc::test {

/// A size; `symbolic` ones are all equal and can be `?` in types and `%n` in the code.
struct Dim {
  int64_t size;
  bool symbolic = false;
};
using Shape = std::vector<Dim>;

/// Draws shapes, and spells them with symbolic sizes or with numbers.
class Writer {
public:
  Writer(unsigned seed, bool dynamic)
      : engine(seed), dynamic(dynamic),
        batch{std::uniform_int_distribution<int64_t>(2, 4)(engine), true} {}

  /// A random size from 2 to 4.
  Dim dim() { return {std::uniform_int_distribution<int64_t>(2, 4)(engine)}; }
  int64_t integer(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(engine);
  }
  double uniform() { return std::uniform_real_distribution<>()(engine); }
  std::string type(const Shape &shape, const std::string &element = "f64") const;
  /// `[%n, 4]`
  std::string sizes(const Shape &shape) const;

  std::mt19937_64 engine;
  const bool dynamic;
  const Dim batch;
};

/// An operand. Floats get distinct values within the range, well apart; integers any value of it.
struct Operand {
  Shape shape;
  double low = -1, high = 1;
  std::string element = "f64";
};

/// One operation `%y = <code>` on operands `%0`, `%1`, ... with an f64 result.
struct GradientCase {
  std::vector<Operand> operands;
  std::string code;
  Shape result;
  /// The derivative is zero by definition, whatever finite differences say.
  bool stopsGradient = false;
  /// Operations before that one.
  std::string before = "";
};
using GradientCaseBuilder = std::function<GradientCase(Writer &)>;

/// Cases of operations with bodies, of windows and of lookups, by the name of the operation.
std::map<std::string, std::vector<GradientCaseBuilder>> bodyGradientCases();

/// The cases of each operation, by its name.
const std::map<std::string, std::vector<GradientCaseBuilder>> &gradientCases();

} // namespace nnc::test
