// What is known of each cell of memory.
#include "runtime/device/emulator/Shadow.h"

#include <algorithm>
#include <cstring>

namespace nnrt::emulator {

bool Viewpoint::knows(uint32_t other, uint32_t tick) const {
  if (tick < clock->grid || other == thread)
    return true;
  const uint32_t otherBlock = other / clock->threadsOfBlock;
  if (otherBlock != block)
    return false;
  if (tick < *blockTick)
    return true;
  const uint32_t inBlock = other % clock->threadsOfBlock, own = thread % clock->threadsOfBlock;
  return inBlock / lanesOfWarp == own / lanesOfWarp && tick < seen[inBlock % lanesOfWarp];
}

Region::Region(std::byte *base, uint64_t size, bool isShared, bool tracks)
    : base(base), bytes(size), ofBlock(isShared) {
  if (!tracks)
    return;
  const uint64_t count = (size + 3) / 4;
  cells = Memory(count * sizeof(Cell), "the emulator's account of memory");
  states = Memory(count, "the emulator's account of memory");
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
    if (cell(i).written || cell(i).readTick)
      std::fill(toCells + first, toCells + last, cell(i));
    std::fill(toStates + first, toStates + last, state(i));
  }
  cells = std::move(newCells);
  states = std::move(newStates);
  shift = 0;
}

Region::Cells Region::cellsOf(uint64_t offset, uint64_t count) {
  const uint64_t end = offset + count;
  if (shift && ((offset & 3) || ((end & 3) && end != bytes)))
    split();
  return {offset >> shift, (end + (uint64_t(1) << shift) - 1) >> shift};
}

/// Whether the tick lies before all that runs: of shared memory, before the block.
bool Region::isPast(const Viewpoint &who, uint32_t tick) const {
  return tick < who.clock->grid || (ofBlock && tick < *who.blockTick);
}

bool Region::writerIsBefore(const Viewpoint &who, const Cell &cell) const {
  return !cell.written || isPast(who, cell.written) || who.knows(cell.writer, cell.written);
}

bool Region::readersAreBefore(const Viewpoint &who, const Cell &cell, uint8_t state) const {
  if (!cell.readTick || isPast(who, cell.readTick))
    return true;
  switch (state & readersMask) {
  case oneReader:
    return who.knows(cell.reader, cell.readTick);
  case warpOfReaders: {
    const uint32_t warpsOfBlock = (who.clock->threadsOfBlock + lanesOfWarp - 1) / lanesOfWarp;
    if (cell.reader / warpsOfBlock == who.block && cell.readTick < *who.blockTick)
      return true;
    if (cell.reader != who.warp)
      return false;
    for (uint32_t lane = 0; lane < lanesOfWarp; ++lane)
      if ((cell.lanes >> lane & 1) && lane != who.lane && cell.readTick >= who.seen[lane])
        return false;
    return true;
  }
  case blockOfReaders:
    return cell.reader == who.block && cell.readTick < *who.blockTick;
  default:
    return false;
  }
}

/// A reader that knows of all before it stands for them: whoever knows of it knows of them.
void Region::addReader(const Viewpoint &who, Cell &cell, uint8_t &state, uint16_t site) const {
  auto set = [&](uint8_t readers, uint32_t reader) {
    state = uint8_t((state & ~readersMask) | readers);
    cell.reader = reader;
  };
  const uint32_t threads = who.clock->threadsOfBlock;
  const uint32_t warpsOfBlock = (threads + lanesOfWarp - 1) / lanesOfWarp;
  auto widen = [&](uint32_t blockOfOthers) {
    if (blockOfOthers == who.block)
      set(blockOfReaders, who.block);
    else
      set(gridOfReaders, 0);
  };
  if (readersAreBefore(who, cell, state)) {
    set(oneReader, who.thread);
  } else {
    switch (state & readersMask) {
    case oneReader: {
      const uint32_t other = cell.reader, otherBlock = other / threads;
      const uint32_t otherInBlock = other % threads;
      if (otherBlock * warpsOfBlock + otherInBlock / lanesOfWarp == who.warp) {
        set(warpOfReaders, who.warp);
        cell.lanes = 1u << otherInBlock % lanesOfWarp | 1u << who.lane;
      } else {
        widen(otherBlock);
      }
      break;
    }
    case warpOfReaders:
      if (cell.reader == who.warp)
        cell.lanes |= 1u << who.lane;
      else
        widen(cell.reader / warpsOfBlock);
      break;
    case blockOfReaders:
      widen(cell.reader);
      break;
    default:
      break;
    }
  }
  cell.readTick = who.clock->now;
  cell.readerSite = site;
}

Found Region::withWriter(Fault fault, uint64_t index) const {
  Found result = found(fault, index);
  result.others = Others::Thread;
  result.other = cell(index).writer;
  result.otherSite = cell(index).writerSite;
  return result;
}

Found Region::withReaders(Fault fault, uint64_t index) const {
  Found result = found(fault, index);
  const uint8_t readers = state(index) & readersMask;
  result.others = readers == oneReader        ? Others::Thread
                  : readers == warpOfReaders  ? Others::Warp
                  : readers == blockOfReaders ? Others::Block
                                              : Others::Grid;
  result.other = cell(index).reader;
  result.otherSite = cell(index).readerSite;
  return result;
}

std::optional<Found> Region::read(const Viewpoint &who, uint64_t offset, uint64_t count,
                                  uint16_t site) {
  std::optional<Found> first;
  const auto [begin, end] = cellsOf(offset, count);
  for (uint64_t i = begin; i < end; ++i) {
    Cell &each = cell(i);
    uint8_t &now = state(i);
    std::optional<Found> problem;
    if (now & copying)
      problem = withWriter(Fault::NotWaitedFor, i);
    else if (!writerIsBefore(who, each))
      problem = withWriter(Fault::ReadAfterWrite, i);
    else if (!(now & initialised))
      problem = found(Fault::Uninitialised, i);
    if (now & atomics) {
      if (!problem && !readersAreBefore(who, each, now))
        problem = withReaders(Fault::Atomic, i);
      now = uint8_t(now & ~atomics);
      each.readTick = 0;
    }
    addReader(who, each, now, site);
    if (!first)
      first = problem;
  }
  return first;
}

std::optional<Found> Region::checkWrite(const Viewpoint &who, uint64_t index) const {
  if (state(index) & copying)
    return withWriter(Fault::NotWaitedFor, index);
  if (!writerIsBefore(who, cell(index)))
    return withWriter(Fault::WriteAfterWrite, index);
  if (!readersAreBefore(who, cell(index), state(index)))
    return withReaders(state(index) & atomics ? Fault::Atomic : Fault::WriteAfterRead, index);
  return std::nullopt;
}

/// What was read before matters no more: whoever doesn't know of this write meets it first.
void Region::setWriter(const Viewpoint &who, uint64_t index, uint16_t site) {
  Cell &each = cell(index);
  each.writer = who.thread;
  each.written = who.clock->now;
  each.writerSite = site;
  each.readTick = 0;
  state(index) = uint8_t(state(index) & ~atomics);
}

std::optional<Found> Region::write(const Viewpoint &who, uint64_t offset, uint64_t count,
                                   uint16_t site) {
  std::optional<Found> first;
  const auto [begin, end] = cellsOf(offset, count);
  for (uint64_t i = begin; i < end; ++i) {
    if (std::optional<Found> problem = checkWrite(who, i); problem && !first)
      first = problem;
    setWriter(who, i, site);
    state(i) |= initialised;
  }
  return first;
}

std::optional<Found> Region::atomic(const Viewpoint &who, uint64_t offset, uint64_t count,
                                    uint16_t site) {
  std::optional<Found> first;
  const auto [begin, end] = cellsOf(offset, count);
  for (uint64_t i = begin; i < end; ++i) {
    Cell &each = cell(i);
    uint8_t &now = state(i);
    std::optional<Found> problem;
    if (now & copying)
      problem = withWriter(Fault::NotWaitedFor, i);
    else if (!writerIsBefore(who, each))
      problem = withWriter(Fault::Atomic, i);
    else if (!(now & initialised))
      problem = found(Fault::Uninitialised, i);
    if (!(now & atomics)) {
      if (!problem && !readersAreBefore(who, each, now))
        problem = withReaders(Fault::Atomic, i);
      now |= atomics;
      each.readTick = 0;
    }
    addReader(who, each, now, site);
    if (!first)
      first = problem;
  }
  return first;
}

std::optional<Found> Region::beginCopy(const Viewpoint &who, uint64_t offset, uint64_t count,
                                       uint16_t site) {
  std::optional<Found> first;
  const auto [begin, end] = cellsOf(offset, count);
  for (uint64_t i = begin; i < end; ++i) {
    if (std::optional<Found> problem = checkWrite(who, i); problem && !first)
      first = problem;
    setWriter(who, i, site);
    state(i) |= copying;
  }
  return first;
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

void Region::forgetAccesses() {
  if (cells.data())
    cells = Memory(cells.size(), "the emulator's account of memory");
  for (uint64_t i = 0; i < states.size(); ++i)
    state(i) &= initialised;
}

} // namespace nnrt::emulator
