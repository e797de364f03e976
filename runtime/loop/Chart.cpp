// Curves over the steps of a training, and the picture of them.
#include "runtime/loop/Chart.h"

#include "runtime/support/Text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace nnrt {

//===-- Curves -------------------------------------------------------------------------------===//

/// Not NaN, and so far from the largest numbers that a scale can be computed.
static bool hasPlace(double value) { return std::fabs(value) <= 1e300; }

Curve::Curve(std::string name, Style style) : label(std::move(name)), drawnAs(style) {
  list.reserve(mostPoints);
}

void Curve::add(uint64_t step, double value) {
  bad += !hasPlace(value);
  if (seen++ % stride != 0)
    return;
  if (list.size() == mostPoints) {
    for (size_t i = 0; 2 * i < list.size(); ++i)
      list[i] = list[2 * i];
    list.resize(mostPoints / 2);
    stride *= 2;
  }
  list.push_back({double(step), value});
}

bool Curve::isVisible() const {
  return std::any_of(list.begin(), list.end(),
                     [](const Point &point) { return hasPlace(point.value); });
}

//===-- Scales -------------------------------------------------------------------------------===//

static constexpr double width = 720, left = 66, right = 18;
static constexpr double titleHeight = 34, legendRow = 18, axisHeight = 40;
static constexpr double tallPanel = 260, lowPanel = 150;

namespace {

/// From values to pixels.
struct Axis {
  double low, high;   ///< values, or their decimal logarithms
  double begin, size; ///< pixels; a size below 0 goes the other way
  bool isLogarithmic = false;

  double at(double value) const {
    double x = isLogarithmic ? std::log10(value) : value;
    return begin + size * (x - low) / (high - low);
  }
};

struct Range {
  double low = INFINITY, high = -INFINITY;

  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

} // namespace

/// The round distance (1, 2 or 5 times a power of 10) that cuts `span` into about `count` pieces.
static double roundDistance(double span, double count) {
  double rough = span / count, power = std::pow(10, std::floor(std::log10(rough)));
  double share = rough / power;
  return power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
}

static std::vector<double> ticksOf(const Axis &axis, double count, double least) {
  std::vector<double> ticks;
  if (axis.isLogarithmic) {
    // Few decades leave room for 2 and 5 between them; many don't have room for each.
    const double decades = axis.high - axis.low;
    const int every = std::max(1, int(std::ceil(decades / 8)));
    const int first = int(std::floor(axis.low)), last = int(std::floor(axis.high));
    for (int k = first; k <= last; k += every)
      for (double digit : {1.0, 2.0, 5.0})
        if (double value = digit * std::pow(10, k); (digit == 1 || decades < 3) &&
                                                    std::log10(value) >= axis.low - 1e-9 &&
                                                    std::log10(value) <= axis.high + 1e-9)
          ticks.push_back(value);
    return ticks;
  }
  const double distance = std::max(roundDistance(axis.high - axis.low, count), least);
  // Counted in whole distances: adding them up would leave -1e-17 where 0 is meant.
  const double first = std::ceil(axis.low / distance - 1e-9);
  const auto many = int(std::floor(axis.high / distance + 1e-9) - first);
  for (int k = 0; k <= many; ++k)
    ticks.push_back((first + k) * distance + 0.0); // -0 becomes 0
  return ticks;
}

static Axis valueAxis(const Panel &panel, double bottom, double height) {
  Range range;
  for (const Curve &curve : panel.curves)
    for (const Curve::Point &point : curve.points())
      if (hasPlace(point.value))
        range.include(point.value);
  if (range.low > range.high)
    range = {0, 1};
  const bool isLogarithmic =
      panel.scale == Panel::Scale::Fitting && range.low > 0 && range.high / range.low >= 100;
  if (isLogarithmic)
    range = {std::log10(range.low), std::log10(range.high)};
  double margin = 0.05 * (range.high - range.low);
  // What differs by rounding alone is one value.
  if (margin <= 1e-9 * std::max(std::fabs(range.low), std::fabs(range.high)))
    margin = range.high == 0 ? 1 : 0.1 * std::fabs(range.high);
  return {range.low - margin, range.high + margin, bottom, -height, isLogarithmic};
}

//===-- The document -------------------------------------------------------------------------===//

/// What XML and terminals take for text.
static std::string escaped(std::string_view text) {
  std::string out;
  for (char c : printable(text)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

static std::string pixels(double value) { return fixed(value, 1); }

static std::string tickText(double value) {
  if (value >= 1000 && value < 1e7 && value == std::floor(value))
    return grouped(uint64_t(value));
  char buffer[32];
  snprintf(buffer, sizeof buffer, "%.6g", value);
  return buffer;
}

// Okabe & Ito 2008, but for their black and their yellow on white.
static constexpr std::string_view style =
    "<style>\n"
    "svg { background: #ffffff; font: 12px sans-serif; }\n"
    "text { fill: #333333; } .title { font-size: 14px; font-weight: bold; }\n"
    ".grid { stroke: #e4e4e4; fill: none; } .frame { stroke: #999999; fill: none; }\n"
    ".c0 { color: #0072b2; } .c1 { color: #d55e00; } .c2 { color: #009e73; }\n"
    ".c3 { color: #cc79a7; } .c4 { color: #e69f00; } .c5 { color: #56b4e9; }\n"
    ".line { stroke: currentColor; fill: none; stroke-width: 2; stroke-linejoin: round; }\n"
    ".faint { stroke-width: 1; stroke-opacity: 0.55; } .dashed { stroke-dasharray: 6 3; }\n"
    ".mark { fill: currentColor; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "svg { background: #1b1d21; } text { fill: #d8d8d8; }\n"
    ".grid { stroke: #33363c; } .frame { stroke: #777777; }\n"
    ".c0 { color: #56b4e9; } .c1 { color: #ff8c42; } .c2 { color: #2bc79a; }\n"
    ".c3 { color: #e39ac4; } .c4 { color: #f0e442; } .c5 { color: #8aa9ff; }\n"
    "}\n</style>\n";
static constexpr size_t colours = 6;

static void addText(std::string &out, double x, double y, std::string_view anchor,
                    std::string_view text) {
  out += cat("<text x=\"", pixels(x), "\" y=\"", pixels(y), "\" text-anchor=\"", anchor, "\">",
             escaped(text), "</text>\n");
}

static void addLine(std::string &out, std::string_view kind, double x1, double y1, double x2,
                    double y2) {
  out += cat("<line class=\"", kind, "\" x1=\"", pixels(x1), "\" y1=\"", pixels(y1), "\" x2=\"",
             pixels(x2), "\" y2=\"", pixels(y2), "\"/>\n");
}

static std::string_view lineClass(const Curve &curve) {
  switch (curve.style()) {
  case Curve::Style::Faint:
    return "line faint";
  case Curve::Style::Dashed:
    return "line dashed";
  case Curve::Style::Solid:
    break;
  }
  return "line";
}

static void addCurve(std::string &out, const Curve &curve, size_t colour, const Axis &x,
                     const Axis &y) {
  constexpr size_t mostMarks = 60;
  const std::span<const Curve::Point> points = curve.points();
  const bool isMarked = curve.style() != Curve::Style::Faint && points.size() <= mostMarks;
  auto isPlaced = [&](size_t i) { return i < points.size() && hasPlace(points[i].value); };
  std::string path, marks;
  for (size_t i = 0; i < points.size(); ++i) {
    if (!isPlaced(i))
      continue;
    const bool begins = i == 0 || !isPlaced(i - 1);
    const std::string atX = pixels(x.at(points[i].step)), atY = pixels(y.at(points[i].value));
    path += cat(begins ? "M" : "L", atX, " ", atY);
    // A point between two breaks has no line.
    if (isMarked || (begins && !isPlaced(i + 1)))
      marks += cat("<circle class=\"mark\" cx=\"", atX, "\" cy=\"", atY, "\" r=\"2.5\"/>\n");
  }
  out += cat("<g class=\"c", colour % colours, "\">\n<path class=\"", lineClass(curve), "\" d=\"",
             path, "\"/>\n", marks, "</g>\n");
}

static std::string legendOf(const Curve &curve) {
  if (!curve.notFinite())
    return curve.name();
  return cat(curve.name(), " (", grouped(curve.notFinite()), " not finite)");
}

/// Entries beside each other, in as many rows as they need; returns where the last one ends.
static double addLegend(std::string &out, const Panel &panel, double top) {
  double x = left, y = top + 12;
  for (size_t i = 0; i < panel.curves.size(); ++i) {
    const Curve &curve = panel.curves[i];
    if (curve.points().empty())
      continue;
    const std::string text = legendOf(curve);
    const double wide = 34 + 7 * double(text.size()) + 14;
    if (x > left && x + wide > width - right) {
      x = left;
      y += legendRow;
    }
    out += cat("<g class=\"c", i % colours, "\">");
    addLine(out, lineClass(curve), x, y - 4, x + 26, y - 4);
    out += "</g>\n";
    addText(out, x + 32, y, "start", text);
    x += wide;
  }
  return y + 8;
}

static double addPanel(std::string &out, const Panel &panel, Axis x, double top, double height) {
  const double up = addLegend(out, panel, top), down = up + height;
  const Axis y = valueAxis(panel, down, height);
  for (double tick : ticksOf(y, height / 45, 0)) {
    addLine(out, "grid", left, y.at(tick), width - right, y.at(tick));
    addText(out, left - 6, y.at(tick) + 4, "end", tickText(tick));
  }
  for (double tick : ticksOf(x, 7, /*least=*/1)) {
    addLine(out, "grid", x.at(tick), up, x.at(tick), down);
    addText(out, x.at(tick), down + 16, "middle", tickText(tick));
  }
  out += cat("<rect class=\"frame\" x=\"", pixels(left), "\" y=\"", pixels(up), "\" width=\"",
             pixels(width - left - right), "\" height=\"", pixels(height), "\"/>\n");
  bool isEmpty = true;
  for (size_t i = 0; i < panel.curves.size(); ++i) {
    if (!panel.curves[i].isVisible())
      continue;
    addCurve(out, panel.curves[i], i, x, y);
    isEmpty = false;
  }
  if (isEmpty)
    addText(out, (left + width - right) / 2, (up + down) / 2, "middle", "no values");
  return down + axisHeight;
}

std::string drawChart(std::string_view title, std::span<const Panel> panels, uint64_t firstStep) {
  double last = double(firstStep) + 1;
  for (const Panel &panel : panels)
    for (const Curve &curve : panel.curves)
      if (!curve.points().empty())
        last = std::max(last, curve.points().back().step);
  const Axis x = {double(firstStep), last, left, width - left - right};

  std::string body(style);
  body +=
      cat("<text class=\"title\" x=\"", pixels(left), "\" y=\"22\">", escaped(title), "</text>\n");
  double y = titleHeight;
  for (size_t i = 0; i < panels.size(); ++i)
    y = addPanel(body, panels[i], x, y, i == 0 ? tallPanel : lowPanel);
  addText(body, (left + width - right) / 2, y - 6, "middle", "step");
  const std::string size = cat(pixels(width), " ", pixels(y + 4));
  return cat("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ", size, "\" width=\"",
             pixels(width), "\" height=\"", pixels(y + 4), "\" role=\"img\">\n<title>",
             escaped(title), "</title>\n", body, "</svg>\n");
}

} // namespace nnrt
