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
  return found == known.end() ? nullptr : &found->second;
}

void CheckedLaunches::add(const std::string &key, Effects effects) {
  // Launches whose arguments go on changing must not fill the memory.
  constexpr size_t most = 4096;
  if (known.size() == most)
    known.clear();
  known.insert_or_assign(key, std::move(effects));
}

} // namespace nnrt::emulator
