// What an emulated launch has done wrong, in words.
#include "runtime/device/emulator/Findings.h"

#include "runtime/support/Text.h"

#include <algorithm>

namespace nnrt::emulator {

uint16_t Sites::look(const nnrt_site *site) {
  if (!site)
    return 0;
  if (auto known = numbers.find(site); known != numbers.end())
    return known->second;
  if (sites.size() > UINT16_MAX)
    return 0;
  const auto number = uint16_t(sites.size());
  sites.push_back(site);
  numbers.emplace(site, number);
  return number;
}

bool Findings::isNew(Fault fault, const nnrt_site *site, uint16_t otherSite) {
  auto known = std::find_if(list.begin(), list.end(), [&](const Counted &each) {
    return each.finding.fault == fault && each.finding.site == site &&
           each.finding.otherSite == otherSite;
  });
  if (known == list.end())
    return !isFull();
  ++known->count;
  return false;
}

void Findings::add(Finding finding) { list.push_back({std::move(finding)}); }

static const char *kindText(Fault fault) {
  switch (fault) {
  case Fault::ReadAfterWrite:
  case Fault::WriteAfterWrite:
  case Fault::WriteAfterRead:
  case Fault::Atomic:
    return "race";
  case Fault::Uninitialised:
    return "uninitialised read";
  case Fault::NotWaitedFor:
    return "asynchronous copy not waited for";
  case Fault::OutOfBounds:
    return "out of bounds";
  case Fault::Misaligned:
    return "misaligned";
  case Fault::Divergent:
    return "divergent barrier";
  case Fault::BadLane:
    return "lane of a warp";
  }
  return "";
}

std::string Findings::take() {
  std::string text;
  for (const auto &[finding, count] : list) {
    const nnrt_site *site = finding.site;
    text +=
        cat(text.empty() ? "" : "\n", "  ", site ? site->place : "?", ": ", kindText(finding.fault),
            " in kernel '", site ? site->kernel : "?", "': ", finding.thread, " ", finding.what);
    if (count > 1)
      text += cat(" (and ", count - 1, " more like it)");
  }
  if (isFull())
    text += "\n  and perhaps more";
  list.clear();
  return text;
}

std::string threadText(uint32_t thread, uint32_t threadsOfBlock) {
  return cat("block ", thread / threadsOfBlock, ", thread ", thread % threadsOfBlock);
}

static std::string othersText(const Found &found, uint32_t threadsOfBlock) {
  const uint32_t warpsOfBlock = threadsOfBlock / lanesOfWarp;
  switch (found.others) {
  case Others::Thread:
    return threadText(found.other, threadsOfBlock);
  case Others::Warp:
    return cat("threads of block ", found.other / warpsOfBlock, ", warp ",
               found.other % warpsOfBlock, ",");
  case Others::Block:
    return cat("threads of several warps of block ", found.other);
  case Others::Grid:
    return "threads of several blocks";
  case Others::None:
    break;
  }
  return "another thread";
}

/// "byte 12 of the 512 of shared memory".
static std::string placeText(uint64_t offset, const Region &region) {
  return cat("byte ", offset, " of ", region.size(), " of ",
             region.isShared() ? "shared memory"
             : region.purpose  ? region.purpose
                               : "an allocation");
}

std::string accessText(const Found &found, bool isWrite, const Region &region, const Sites &sites,
                       uint32_t threadsOfBlock) {
  const nnrt_site *site = sites.at(found.otherSite);
  std::string place = placeText(found.offset, region);
  const std::string others =
      cat(othersText(found, threadsOfBlock), found.others == Others::Thread ? " has" : " have");
  const std::string where = site ? cat(" at ", site->place) : std::string();
  switch (found.fault) {
  case Fault::ReadAfterWrite:
    return cat("reads ", place, ", which ", others, " written", where, " with no barrier between");
  case Fault::WriteAfterWrite:
    return cat("writes ", place, ", which ", others, " written", where, " with no barrier between");
  case Fault::WriteAfterRead:
    return cat("writes ", place, ", which ", others, " read", where, " with no barrier between");
  case Fault::Atomic:
    return cat("accesses ", place, ", which ", others, " accessed", where,
               ", one of them by an atomic operation, with no barrier between");
  case Fault::Uninitialised:
    return cat("reads ", place, ", which nobody has written");
  case Fault::NotWaitedFor:
    return cat(isWrite ? "writes " : "reads ", place, ", to which a copy that ", others, " begun",
               where, " may still be under way");
  default:
    return place;
  }
}

} // namespace nnrt::emulator
