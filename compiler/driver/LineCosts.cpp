// Shares out the cost of kernels by the lines that their operations stem from.
#include "compiler/driver/LineCosts.h"

#include "compiler/driver/MlirDiagnostics.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <map>

using namespace llvm;

namespace nnc::driver {

namespace {

class LineCounter {
public:
  explicit LineCounter(const SourceManager &sources) : sources(sources) {}

  void add(const KernelCost &kernel, uint64_t runs);
  std::vector<LineCost> finish();

private:
  /// By file and line; what has no place is the last.
  using Place = std::pair<uint32_t, uint32_t>;
  struct Line {
    LineCost cost;
    double time = 0, timeWithCalls = 0, memoryTime = 0;
  };

  std::vector<Place> placesOf(mlir::Location location) const;

  const SourceManager &sources;
  std::map<Place, Line> lines;
  double total = 0;
};

/// The lines of the user's files that lead to `location`, each once, the innermost first.
std::vector<LineCounter::Place> LineCounter::placesOf(mlir::Location location) const {
  std::vector<Place> places;
  for (const SourceRange &range : callChain(location, sources)) {
    if (sources.isStd(range.file))
      continue;
    Place place(range.file.index, sources.position(range.file, range.begin).line);
    if (!is_contained(places, place))
      places.push_back(place);
  }
  return places;
}

void LineCounter::add(const KernelCost &kernel, uint64_t runs) {
  bool isKnown = kernel.calls && kernel.flops && kernel.bytes;
  std::vector<PlaceCost> parts = kernel.parts;
  uint64_t sum = 0;
  for (const PlaceCost &part : parts)
    sum += part.flops.value_or(0);
  if (parts.empty() || (isKnown && sum == 0)) {
    parts = {{kernel.places.front(), 1}};
    sum = 1;
  }
  double time = kernel.time * double(runs);
  uint64_t bytes = isKnown ? *kernel.bytes * runs : 0;
  // Rounded so that the parts' add up.
  auto bytesUpTo = [&](uint64_t flops) {
    return uint64_t(std::llround(double(bytes) * (double(flops) / double(sum))));
  };
  total += time;
  uint64_t before = 0;
  for (const PlaceCost &part : parts) {
    std::vector<Place> places = placesOf(part.place);
    if (places.empty())
      places = placesOf(kernel.places.front());
    if (places.empty())
      places = {Place(FileId().index, 0)};
    Line &own = lines[places.front()];
    if (!isKnown) {
      own.cost.isKnown = false;
      continue;
    }
    double partTime = time * (double(*part.flops) / double(sum));
    own.time += partTime;
    own.memoryTime += kernel.isBoundByMemory ? partTime : 0;
    own.cost.flops += *kernel.flops == 0 ? 0 : *part.flops * *kernel.calls * runs;
    own.cost.bytes += bytesUpTo(before + *part.flops) - bytesUpTo(before);
    before += *part.flops;
    for (Place place : places)
      lines[place].timeWithCalls += partTime;
  }
}

std::vector<LineCost> LineCounter::finish() {
  std::vector<LineCost> list;
  for (auto &[place, line] : lines) {
    line.cost.file = FileId{place.first};
    line.cost.line = place.second;
    if (total > 0) {
      line.cost.share = line.time / total;
      line.cost.shareWithCalls = line.timeWithCalls / total;
    }
    line.cost.isBoundByMemory = 2 * line.memoryTime > line.time;
    list.push_back(line.cost);
  }
  return list;
}

} // namespace

std::vector<LineCost> countLines(ArrayRef<ChosenEntry> entries, const SourceManager &sources) {
  LineCounter counter(sources);
  for (const ChosenEntry &each : entries)
    for (const KernelCost &kernel : each.entry->kernels)
      counter.add(kernel, each.runs);
  return counter.finish();
}

} // namespace nnc::driver
