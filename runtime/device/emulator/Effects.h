// What a launch needs to find in memory and what it leaves there, as far as the account of memory
// knows: whether cells hold anything. A launch that has been checked needs no second check where
// it is certain to access the same memory in the same way (nnrt_kernel::decisive), and finds
// initialised what it has found initialised before.
#pragma once

#include "runtime/device/emulator/Shadow.h"

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace nnrt::emulator {

/// Of one launch without findings.
class Effects {
public:
  /// What `regions` have recorded since `begin`, a tick; none where that is too much to keep, or
  /// depends on more than whether cells are initialised.
  template <typename Regions>
  static std::optional<Effects> take(const Regions &regions, uint32_t begin) {
    Effects effects;
    bool isComplete = true;
    for (const auto &[base, region] : regions)
      isComplete &= region->takeRecord(
          begin, mostRuns - std::min(mostRuns, effects.runs.size()),
          [&](const Region::Run &run) { effects.runs.push_back({region.get(), run}); });
    return isComplete ? std::optional(std::move(effects)) : std::nullopt;
  }
  /// Whether memory is as it was then.
  bool holds() const;
  void apply() const;

private:
  static constexpr size_t mostRuns = 1 << 16;
  struct Placed {
    Region *region;
    Region::Run run;
  };
  std::vector<Placed> runs;
};

/// Those of the launches that have been checked.
class CheckedLaunches {
public:
  const Effects *find(const std::string &key) const;
  void add(const std::string &key, Effects effects);
  /// Regions come or go.
  void clear() { known.clear(); }

private:
  std::unordered_map<std::string, Effects> known;
};

} // namespace nnrt::emulator
