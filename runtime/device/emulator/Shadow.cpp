// What is known of each cell of memory.
#include "runtime/device/emulator/Shadow.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace nnrt::emulator {

bool Viewpoint::knows(uint32_t other, uint32_t tick) const {
  if (tick < clock->grid || other == thread)
    return true;
  if (blockOf(other) != block)
    return false;
  return tick < *blockTick || (warpOf(other) == warp && tick < seen[laneOf(other)]);
}

void meet(std::span<Viewpoint *const> lanes, uint32_t now) {
  std::array<uint32_t, lanesOfWarp> seen = {};
  for (const Viewpoint *each : lanes)
    for (uint32_t other = 0; other < lanesOfWarp; ++other)
      seen[other] = std::max(seen[other], each->seen[other]);
  for (const Viewpoint *each : lanes)
    seen[each->lane] = now;
  for (Viewpoint *each : lanes)
    each->seen = seen;
}

Region::Region(std::byte *base, uint64_t size, bool isShared, bool tracks)
    : base(base), bytes(size), ofBlock(isShared) {
  if (!tracks)
    return;
  const uint64_t count = (size + 3) / 4;
  cells = Memory(count * sizeof(Cell), "the emulator's account of memory");
  states = Memory(count, "the emulator's account of memory");
  isNoted.assign(count / cellsOfPage + 1, true);
}

/// From now on a cell is a byte.
void Region::split() {
  const uint64_t before = states.size();
  Memory newCells(bytes * sizeof(Cell), "the emulator's account of memory");
  Memory newStates(bytes, "the emulator's account of memory");
  auto *toCells = reinterpret_cast<Cell *>(newCells.data());
  auto *toStates = reinterpret_cast<uint8_t *>(newStates.data());
  for (uint64_t i = 0; i < before; ++i) {
    const uint64_t first = i * 4, last = std::min(first + 4, bytes);
    // Pages of cells that nobody has accessed stay untouched.
    if (cell(i).writer.tick || cell(i).readers.tick)
      std::fill(toCells + first, toCells + last, cell(i));
    std::fill(toStates + first, toStates + last, state(i));
  }
  std::unordered_map<uint64_t, Group> newAtomics;
  for (const auto &[index, group] : atomicsOf)
    for (uint64_t i = index * 4; i < std::min(index * 4 + 4, bytes); ++i)
      newAtomics.emplace(i, group);
  cells = std::move(newCells);
  states = std::move(newStates);
  atomicsOf = std::move(newAtomics);
  shift = 0;
  isNoted.assign(bytes / cellsOfPage + 1, true);
  isRecordLost = true;
}

Region::Cells Region::cellsOf(uint64_t offset, uint64_t count) {
  const uint64_t end = offset + count;
  if (shift && ((offset & 3) || ((end & 3) && end != bytes)))
    split();
  return {offset >> shift, (end + (uint64_t(1) << shift) - 1) >> shift};
}

/// Whether all of the group are ordered before what the thread does now.
bool Region::isBefore(const Group &group, const Viewpoint &who) const {
  const uint32_t tick = group.tick;
  // Shared memory is the block's own: what came before the block is past, whoever it was.
  if (!tick || tick < who.clock->grid || (ofBlock && tick < *who.blockTick))
    return true;
  switch (group.part) {
  case Others::Thread:
    return who.knows(group.who, tick);
  case Others::Warp:
    if (who.blockOfWarp(group.who) == who.block && tick < *who.blockTick)
      return true;
    if (group.who != who.warp)
      return false;
    for (uint32_t lane = 0; lane < lanesOfWarp; ++lane)
      if ((group.lanes >> lane & 1) && lane != who.lane && tick >= who.seen[lane])
        return false;
    return true;
  case Others::Block:
    return group.who == who.block && tick < *who.blockTick;
  default:
    return false;
  }
}

/// An access that is ordered after all of the group stands for them: whoever knows of it knows of
/// them.
void Region::add(Group &group, const Viewpoint &who, uint16_t site) const {
  auto set = [&](Others part, uint32_t number) {
    group.part = part;
    group.who = number;
  };
  // Nothing orders what has happened since the last event, but for what one thread does.
  const bool isPast = group.tick == who.clock->now
                          ? group.part == Others::Thread && group.who == who.thread
                          : isBefore(group, who);
  if (isPast) {
    set(Others::Thread, who.thread);
  } else if (group.part == Others::Thread && who.warpOf(group.who) == who.warp) {
    group.lanes = 1u << who.laneOf(group.who) | 1u << who.lane;
    set(Others::Warp, who.warp);
  } else if (group.part == Others::Warp && group.who == who.warp) {
    group.lanes |= 1u << who.lane;
  } else {
    const uint32_t block = group.part == Others::Thread ? who.blockOf(group.who)
                           : group.part == Others::Warp ? who.blockOfWarp(group.who)
                                                        : group.who;
    if (group.part != Others::Grid && block == who.block)
      set(Others::Block, block);
    else
      set(Others::Grid, 0);
  }
  group.tick = who.clock->now;
  group.site = site;
}

Found Region::foundWith(Fault fault, uint64_t index, const Group &group) const {
  Found result = found(fault, index);
  result.others = group.part;
  result.other = group.who;
  result.otherSite = group.site;
  return result;
}

const Region::Group *Region::racingAtomics(uint64_t index, const Viewpoint &who) const {
  if (!(state(index) & atomics))
    return nullptr;
  const Group &group = atomicsOf.at(index);
  return isBefore(group, who) ? nullptr : &group;
}

std::optional<Found> Region::checkRead(const Viewpoint &who, uint64_t index) const {
  const Group &writer = cell(index).writer;
  if (state(index) & copying)
    return foundWith(Fault::NotWaitedFor, index, writer);
  if (!isBefore(writer, who))
    return foundWith(Fault::ReadAfterWrite, index, writer);
  if (const Group *racing = racingAtomics(index, who))
    return foundWith(Fault::Atomic, index, *racing);
  return std::nullopt;
}

std::optional<Found> Region::read(const Viewpoint &who, uint64_t offset, uint64_t count,
                                  uint16_t site) {
  return visit(offset, count, [&](uint64_t i) {
    std::optional<Found> problem = checkRead(who, i);
    if (!problem && !(state(i) & initialised))
      problem = found(Fault::Uninitialised, i);
    add(cell(i).readers, who, site);
    return problem;
  });
}

std::optional<Found> Region::peek(const Viewpoint &who, uint64_t offset, uint64_t count,
                                  uint16_t site) {
  return visit(offset, count, [&](uint64_t i) {
    std::optional<Found> problem = checkRead(who, i);
    add(cell(i).readers, who, site);
    return problem;
  });
}

std::optional<Found> Region::checkWrite(const Viewpoint &who, uint64_t index) const {
  const auto &[writer, readers] = cell(index);
  if (state(index) & copying)
    return foundWith(Fault::NotWaitedFor, index, writer);
  if (!isBefore(writer, who))
    return foundWith(Fault::WriteAfterWrite, index, writer);
  if (const Group *racing = racingAtomics(index, who))
    return foundWith(Fault::Atomic, index, *racing);
  if (!isBefore(readers, who))
    return foundWith(Fault::WriteAfterRead, index, readers);
  return std::nullopt;
}

std::optional<Found> Region::write(const Viewpoint &who, uint64_t offset, uint64_t count,
                                   uint16_t site) {
  return visit(offset, count, [&](uint64_t i) {
    std::optional<Found> problem = checkWrite(who, i);
    setWriter(who, i, site);
    state(i) |= initialised;
    return problem;
  });
}

/// Atomic operations don't race with one another, and so don't stand for what was before them.
std::optional<Found> Region::atomic(const Viewpoint &who, uint64_t offset, uint64_t count,
                                    uint16_t site) {
  std::optional<Found> first;
  isRecordLost = true; // Of atomic operations more is known than a run can say.
  const auto [begin, end] = cellsOf(offset, count);
  for (uint64_t i = begin; i < end; ++i) {
    const Cell &each = cell(i);
    uint8_t &now = state(i);
    std::optional<Found> problem;
    if (now & copying)
      problem = foundWith(Fault::NotWaitedFor, i, each.writer);
    else if (!isBefore(each.writer, who))
      problem = foundWith(Fault::Atomic, i, each.writer);
    else if (!isBefore(each.readers, who))
      problem = foundWith(Fault::Atomic, i, each.readers);
    else if (!(now & initialised))
      problem = found(Fault::Uninitialised, i);
    Group &group = atomicsOf[i];
    if (!(now & atomics))
      group = {};
    now |= atomics;
    add(group, who, site);
    if (!first)
      first = problem;
  }
  return first;
}

std::optional<Found> Region::beginCopy(const Viewpoint &who, uint64_t offset, uint64_t count,
                                       uint16_t site) {
  return visit(offset, count, [&](uint64_t i) {
    std::optional<Found> problem = checkWrite(who, i);
    setWriter(who, i, site);
    state(i) |= copying;
    return problem;
  });
}

void Region::endCopy(const Viewpoint &who, uint64_t offset, uint64_t count, uint16_t site) {
  const auto [begin, end] = cellsOf(offset, count);
  for (uint64_t i = begin; i < end; ++i) {
    setWriter(who, i, site);
    state(i) = uint8_t((state(i) & ~copying) | initialised);
  }
}

void Region::markInitialised(uint64_t offset, uint64_t count) {
  if (!states.data() || !count)
    return;
  const auto [begin, end] = cellsOf(offset, count);
  for (uint64_t i = begin; i < end; ++i)
    state(i) |= initialised;
}

void Region::markUninitialised(uint64_t offset, uint64_t count) {
  if (!states.data() || !count)
    return;
  const auto [begin, end] = cellsOf(offset, count);
  memset(&state(begin), 0, end - begin);
}

void Region::copyInitialised(uint64_t offset, const Region &from, uint64_t fromOffset,
                             uint64_t count) {
  if (!states.data())
    return;
  const auto [begin, end] = cellsOf(offset, count);
  for (uint64_t i = begin; i < end; ++i) {
    const uint64_t at = fromOffset + ((i - begin) << shift);
    const uint8_t source = from.state(at >> from.shift) & initialised;
    state(i) = uint8_t((state(i) & ~initialised) | source);
  }
}

//===-- Records ------------------------------------------------------------------------------===//

void Region::beginRecord() {
  record.clear();
  isRecordLost = false;
  std::fill(isNoted.begin(), isNoted.end(), false);
}

void Region::keep(uint64_t page) {
  isNoted[page] = true;
  Page &kept = record.emplace_back();
  kept.number = page;
  const uint64_t first = page * cellsOfPage;
  memcpy(kept.states.data(), &state(first), std::min(cellsOfPage, states.size() - first));
}

bool Region::takeRecord(uint32_t begin, size_t most,
                        const std::function<void(const Run &)> &visit) {
  std::fill(isNoted.begin(), isNoted.end(), true);
  std::vector<Page> pages = std::exchange(record, {});
  std::sort(pages.begin(), pages.end(),
            [](const Page &a, const Page &b) { return a.number < b.number; });
  Run run = {.first = 0, .last = 0, .shift = shift, .before = false, .after = false};
  size_t count = 0;
  auto close = [&] {
    if (run.first == run.last)
      return;
    ++count;
    visit(run);
  };
  for (const Page &page : pages) {
    const uint64_t first = page.number * cellsOfPage;
    for (uint64_t i = first; i < std::min(first + cellsOfPage, states.size()); ++i) {
      const uint8_t before = page.states[i - first], after = state(i);
      if (before == after && cell(i).writer.tick < begin && cell(i).readers.tick < begin)
        continue;
      isRecordLost |= ((before | after) & ~initialised) != 0;
      if (run.last != i || run.before != bool(before) || run.after != bool(after)) {
        close();
        run.first = i;
      }
      run.last = i + 1;
      run.before = before;
      run.after = after;
    }
    if (isRecordLost || count > most)
      return false;
  }
  close();
  return !isRecordLost && count <= most;
}

bool Region::mayRead(const Viewpoint &who, uint64_t offset, uint64_t count) {
  const auto [begin, end] = cellsOf(offset, count);
  for (uint64_t i = begin; i < end; ++i)
    if (!(state(i) & initialised) || checkRead(who, i))
      return false;
  return true;
}

bool Region::visitLookup(uint64_t offset, uint64_t count, uint32_t begin, uint32_t tick,
                         const std::function<void(const Run &)> &visit) {
  const auto [first, last] = cellsOf(offset, count);
  uint64_t from = first; // of a run that ends at i
  auto close = [&](uint64_t i) {
    if (from < i)
      visit({.first = from, .last = i, .shift = shift, .before = true, .after = true});
  };
  for (uint64_t i = first; i < last; ++i) {
    if (cell(i).writer.tick >= tick || !(state(i) & initialised))
      return false;
    if (cell(i).writer.tick < begin)
      continue;
    close(i);
    from = i + 1;
  }
  close(last);
  return true;
}

bool Region::isBefore(const Run &run) const {
  if (run.shift != shift)
    return false;
  uint8_t differences = 0;
  for (uint64_t i = run.first; i < run.last; ++i)
    differences |= state(i) ^ uint8_t(run.before);
  return !(differences & initialised);
}

void Region::apply(const Run &run) {
  if (run.before != run.after)
    memset(&state(run.first), run.after, run.last - run.first);
}

void Region::forgetAccesses() {
  if (cells.data())
    cells = Memory(cells.size(), "the emulator's account of memory");
  for (uint64_t i = 0; i < states.size(); ++i)
    state(i) &= initialised;
  atomicsOf.clear();
}

} // namespace nnrt::emulator
