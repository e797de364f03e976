// What a launch needs to find in memory and what it leaves there.
#include "runtime/device/emulator/Effects.h"

#include <algorithm>

namespace nnrt::emulator {

bool Effects::add(const Lookup &lookup, uint32_t begin) {
  return lookup.region->visitLookup(
      lookup.offset, lookup.bytes, begin, lookup.tick,
      [&](const Region::Run &run) { runs.push_back({lookup.region, run}); });
}

bool Effects::holds() const {
  return std::all_of(runs.begin(), runs.end(),
                     [](const Placed &each) { return each.region->isBefore(each.run); });
}

void Effects::apply() const {
  for (const Placed &each : runs)
    each.region->apply(each.run);
}

const Effects *CheckedLaunches::find(const std::string &key) const {
  auto found = known.find(key);
  if (found == known.end())
    return nullptr;
  auto same = std::find_if(found->second.begin(), found->second.end(),
                           [](const Effects &effects) { return effects.holds(); });
  return same == found->second.end() ? nullptr : &*same;
}

void CheckedLaunches::add(const std::string &key, Effects effects) {
  // Launches whose arguments go on changing must not fill the memory.
  constexpr size_t most = 4096;
  if (count == most)
    clear();
  ++count;
  known[key].push_back(std::move(effects));
}

} // namespace nnrt::emulator
