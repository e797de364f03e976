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

/// Bytes of which a launch has read some, which depend on what memory held.
struct Lookup {
  Region *region;
  uint64_t offset, bytes;
  uint32_t tick; ///< when
  bool operator==(const Lookup &) const = default;
};

/// Of one launch without findings.
class Effects {
public:
  /// What `regions` have recorded since `begin`, a tick; none where that is too much to keep, or
  /// depends on more than whether cells are initialised.
  template <typename Regions>
  static std::optional<Effects> take(const Regions &regions, uint32_t begin,
                                     const std::vector<Lookup> &lookups) {
    Effects effects;
    bool isComplete = true;
    for (const auto &[base, region] : regions)
      isComplete &= region->takeRecord(
          begin, mostRuns - std::min(mostRuns, effects.runs.size()),
          [&](const Region::Run &run) { effects.runs.push_back({region.get(), run}); });
    for (const Lookup &lookup : lookups)
      isComplete &= effects.add(lookup, begin);
    return isComplete ? std::optional(std::move(effects)) : std::nullopt;
  }
  /// Whether memory is as it was then.
  bool holds() const;
  void apply() const;

private:
  /// What any of its bytes needs is needed; false where the launch has written one later.
  bool add(const Lookup &lookup, uint32_t begin);

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
  /// One with that key which found memory as it is now; null: there is none.
  const Effects *find(const std::string &key) const;
  void add(const std::string &key, Effects effects);
  /// Regions come or go.
  void clear() {
    known.clear();
    count = 0;
  }

private:
  std::unordered_map<std::string, std::vector<Effects>> known;
  size_t count = 0;
};

} // namespace nnrt::emulator
