// Curves over the steps of a training, and the picture of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nnrt {

/// Values over steps. It holds a bounded number of them, whatever a training's length: where there
/// are more, every second one goes, and from then on it takes half as many.
class Curve {
public:
  enum class Style {
    Faint, ///< of many noisy values: a thin line
    Solid, ///< a line with a mark at each value
    Dashed
  };
  struct Point {
    double step, value;
  };
  static constexpr size_t mostPoints = 1024;

  explicit Curve(std::string name, Style style);

  /// Allocates nothing.
  void add(uint64_t step, double value);

  const std::string &name() const { return label; }
  Style style() const { return drawnAs; }
  std::span<const Point> points() const { return list; }
  /// Values that are NaN, infinite or nearly so: they have no place, and the line is broken there.
  uint64_t notFinite() const { return bad; }
  /// Whether any value has a place.
  bool isVisible() const;

private:
  std::string label;
  Style drawnAs;
  std::vector<Point> list;
  uint64_t stride = 1, seen = 0, bad = 0;
};

/// Curves that share a scale, one above the other with other panels.
struct Panel {
  enum class Scale {
    Linear,
    Fitting ///< logarithmic where the values are positive and the largest is 100 times the least
  };

  Scale scale = Scale::Linear;
  std::vector<Curve> curves;
};

/// An SVG document: the panels below each other, with axes, ticks and a legend each. The axis of
/// steps begins at `firstStep`. Colours that people who see few of them tell apart, on light and on
/// dark ground as the viewer asks for.
std::string drawChart(std::string_view title, std::span<const Panel> panels, uint64_t firstStep);

} // namespace nnrt
