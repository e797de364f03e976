// What an emulated launch has done wrong, in words.
#pragma once

#include "runtime/device/emulator/Shadow.h"

#include "nnrt/emulator.h"

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nnrt::emulator {

/// Sites by small numbers, which cells have room for. Beyond the last number nothing is told.
class Sites {
public:
  uint16_t numberOf(const nnrt_site *site) {
    Slot &slot = cache[(reinterpret_cast<uintptr_t>(site) >> 4) % cache.size()];
    if (slot.site != site)
      slot = {site, look(site)};
    return slot.number;
  }
  /// Null: unknown.
  const nnrt_site *at(uint16_t number) const {
    return number < sites.size() ? sites[number] : nullptr;
  }

private:
  uint16_t look(const nnrt_site *site);
  struct Slot {
    const nnrt_site *site = nullptr;
    uint16_t number = 0;
  };
  std::array<Slot, 256> cache;
  std::vector<const nnrt_site *> sites = {nullptr};
  std::unordered_map<const nnrt_site *, uint16_t> numbers;
};

/// Each fault at a site once, with the first thread that met it and how many did.
class Findings {
public:
  struct Finding {
    Fault fault;
    const nnrt_site *site;
    std::string thread; ///< "block 3, thread 17"
    std::string what;   ///< "reads what thread 0 has written at net.nn:12, ..."
    uint16_t otherSite = 0;
  };
  void add(Finding finding);
  /// Whether that would be a new one.
  bool isNew(Fault fault, const nnrt_site *site, uint16_t otherSite);
  size_t count() const { return list.size(); }
  /// Whether there are so many that more would not help.
  bool isFull() const { return list.size() >= most; }
  /// A line each, of which the first names the kernel; then there are none.
  std::string take();

private:
  static constexpr size_t most = 20;
  struct Counted {
    Finding finding;
    uint64_t count = 1;
  };
  std::vector<Counted> list;
};

/// "block 3, thread 17".
std::string threadText(uint32_t thread, uint32_t threadsOfBlock);

/// What an access does wrong: "reads byte 12 of the shared memory, which ...".
std::string accessText(const Found &found, bool isWrite, const Region &region, const Sites &sites,
                       uint32_t threadsOfBlock);

} // namespace nnrt::emulator
