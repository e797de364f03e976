// What is known of each cell of memory: who has written and read it, in which order, and whether it
// holds anything.
//
// Two accesses by different threads, one of which writes, are a race unless something orders them:
// a barrier of the block, of the grid, or of the warp, between. Threads run one after the other
// until they wait; ticks count what orders them. An access is ordered before a thread's next one
// where its tick lies before the last event by which that thread has heard of the other. So races
// are found by what the program says, not by what happened to come first.
#pragma once

#include "runtime/support/Memory.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nnrt::emulator {

constexpr uint32_t lanesOfWarp = 32;

/// Of a launch: ticks go on from one launch to the next.
struct Clock {
  uint32_t now = 1;
  uint32_t grid = 1; ///< the last event that all threads of the launch have waited for
  uint32_t threadsOfBlock = 1;
};

/// A thread, and what it has heard of others. Threads, warps and blocks are numbered through the
/// launch.
struct Viewpoint {
  const Clock *clock = nullptr;
  const uint32_t *blockTick = nullptr; ///< the last barrier of the block
  uint32_t thread = 0, warp = 0, block = 0, lane = 0, inBlock = 0;
  std::array<uint32_t, lanesOfWarp> seen = {}; ///< of each lane, the last event that told of it

  /// Whether what another thread did at that tick is ordered before what this one does now.
  bool knows(uint32_t other, uint32_t tick) const;

  uint32_t blockOf(uint32_t other) const { return other / clock->threadsOfBlock; }
  uint32_t laneOf(uint32_t other) const { return other % lanesOfWarp; }
  /// A block's threads are whole warps.
  uint32_t warpOf(uint32_t other) const { return other / lanesOfWarp; }
  uint32_t blockOfWarp(uint32_t other) const {
    return other / (clock->threadsOfBlock / lanesOfWarp);
  }
};

/// Lanes of a warp have waited for one another, which is event `now`: each knows what any of them
/// has known or done.
void meet(std::span<Viewpoint *const> lanes, uint32_t now);

enum class Fault : uint8_t {
  ReadAfterWrite,
  WriteAfterWrite,
  WriteAfterRead,
  Atomic, ///< a race of an atomic operation and another access
  Uninitialised,
  NotWaitedFor, ///< an asynchronous copy may still be under way
  OutOfBounds,
  Misaligned,
  Divergent,
  BadLane, ///< a lane takes part in an operation of the warp in a way that isn't defined
};

/// Whom a finding speaks of beside the thread itself.
enum class Others : uint8_t { None, Thread, Warp, Block, Grid };

struct Found {
  Fault fault;
  uint64_t offset; ///< in the region
  Others others = Others::None;
  uint32_t other = 0; ///< thread, warp or block
  uint16_t otherSite = 0;
};

/// An allocation, or the shared memory of a block.
class Region {
public:
  /// `tracks`: whether to keep account of it.
  Region(std::byte *base, uint64_t size, bool isShared, bool tracks);

  std::byte *begin() const { return base; }
  uint64_t size() const { return bytes; }
  bool isShared() const { return ofBlock; }
  bool contains(const void *address, uint64_t count) const {
    auto at = uint64_t(static_cast<const std::byte *>(address) - base);
    return at <= bytes && count <= bytes - at;
  }
  uint64_t offsetOf(const void *address) const {
    return uint64_t(static_cast<const std::byte *>(address) - base);
  }

  // Accesses of threads, within the region.
  /// A read of whole cells that nothing can be found in, noted; false, with nothing noted, where
  /// read() has to look.
  bool readPlainly(const Viewpoint &who, uint64_t offset, uint64_t count, uint16_t site) {
    if (shift && (offset | count) % 4)
      return false;
    const uint64_t begin = offset >> shift, end = (offset + count) >> shift;
    for (uint64_t i = begin; i < end; ++i)
      if (state(i) != initialised || !isClearlyBefore(cell(i).writer, who))
        return false;
    note(begin, end);
    for (uint64_t i = begin; i < end; ++i) {
      Group &readers = cell(i).readers;
      if (joins(readers, who)) {
        readers.tick = who.clock->now;
        readers.site = site;
      } else {
        add(readers, who, site);
      }
    }
    return true;
  }
  /// The same of a write.
  bool writePlainly(const Viewpoint &who, uint64_t offset, uint64_t count, uint16_t site) {
    if (shift && (offset | count) % 4)
      return false;
    const uint64_t begin = offset >> shift, end = (offset + count) >> shift;
    for (uint64_t i = begin; i < end; ++i)
      if ((state(i) & (copying | atomics)) || !isClearlyBefore(cell(i).writer, who) ||
          !isClearlyBefore(cell(i).readers, who))
        return false;
    note(begin, end);
    for (uint64_t i = begin; i < end; ++i) {
      setWriter(who, i, site);
      state(i) = initialised;
    }
    return true;
  }
  std::optional<Found> read(const Viewpoint &who, uint64_t offset, uint64_t count, uint16_t site);
  /// A read that may find what nobody has written.
  std::optional<Found> peek(const Viewpoint &who, uint64_t offset, uint64_t count, uint16_t site);
  std::optional<Found> write(const Viewpoint &who, uint64_t offset, uint64_t count, uint16_t site);
  std::optional<Found> atomic(const Viewpoint &who, uint64_t offset, uint64_t count, uint16_t site);
  /// An asynchronous copy to the cells has begun, or the thread knows of its end.
  std::optional<Found> beginCopy(const Viewpoint &who, uint64_t offset, uint64_t count,
                                 uint16_t site);
  void endCopy(const Viewpoint &who, uint64_t offset, uint64_t count, uint16_t site);

  // What the host or the driver does, ordered with all launches.
  void markInitialised(uint64_t offset, uint64_t count);
  /// Accesses that came before have to be past.
  void markUninitialised(uint64_t offset, uint64_t count);
  void copyInitialised(uint64_t offset, const Region &from, uint64_t fromOffset, uint64_t count);
  /// Forgets all accesses; ticks start anew.
  void forgetAccesses();

  // What a launch does to cells, kept for those that do the same (Effects.h).
  /// Cells that a launch has accessed, and whether they were initialised before it and after it.
  struct Run {
    uint64_t first, last;
    unsigned shift;
    bool before, after;
  };
  void beginRecord();
  /// Ends the record, and calls visit(run) for the runs of cells that were accessed since `begin`,
  /// a tick. False where there are more than `most`, or where more matters than what a run says.
  bool takeRecord(uint32_t begin, size_t most, const std::function<void(const Run &)> &visit);
  /// Whether a read of each of these cells would have found nothing wrong.
  bool mayRead(const Viewpoint &who, uint64_t offset, uint64_t count);
  /// Calls visit(run) for cells that have to be initialised before the launch so that they may be
  /// read at `tick` of it. False where one has been written since, or by nobody.
  bool visitLookup(uint64_t offset, uint64_t count, uint32_t begin, uint32_t tick,
                   const std::function<void(const Run &)> &visit);
  bool isBefore(const Run &run) const;
  /// What came of the run's launch then has come of one now.
  void apply(const Run &run);

  const char *purpose = nullptr; ///< "the model's parameters"

private:
  /// Accesses of one kind that nothing orders among themselves; of many, the smallest part of the
  /// launch that holds their threads.
  struct Group {
    uint32_t who;   ///< thread, warp or block
    uint32_t tick;  ///< of the last of them; 0: nobody
    uint32_t lanes; ///< of a warp
    uint16_t site;  ///< of the last of them
    Others part;
  };
  struct Cell {
    Group writer;  ///< the last one, by a write that is not atomic
    Group readers; ///< since then
  };
  enum : uint8_t {
    initialised = 1,
    copying = 2, ///< by the writer
    atomics = 4, ///< there were atomic operations since the last write
  };
  struct Cells {
    uint64_t first, last;
  };
  /// So many cells that lie together, as they were before the launch.
  static constexpr uint64_t cellsOfPage = 1024;
  struct Page {
    uint64_t number;
    std::array<uint8_t, cellsOfPage> states;
  };

  /// Whether isBefore() is true by what needs no second look: barriers of the grid and of the
  /// block, and what the thread itself has done.
  bool isClearlyBefore(const Group &group, const Viewpoint &who) const {
    if (group.tick < who.clock->grid || (ofBlock && group.tick < *who.blockTick))
      return true;
    if (group.part == Others::Thread)
      return group.who == who.thread ||
             (group.tick < *who.blockTick &&
              group.who - who.thread + who.inBlock < who.clock->threadsOfBlock); // of its block
    return group.part == Others::Block && group.who == who.block && group.tick < *who.blockTick;
  }
  /// Whether the thread is of the part of the launch that the group stands for, with nothing that
  /// orders between: add() would change no more than when and where. Adds its lane.
  static bool joins(Group &group, const Viewpoint &who) {
    switch (group.part) {
    case Others::Grid:
      return group.tick >= who.clock->grid;
    case Others::Block:
      return group.who == who.block && group.tick >= std::max(who.clock->grid, *who.blockTick);
    case Others::Warp:
      if (group.who != who.warp || group.tick != who.clock->now)
        return false;
      group.lanes |= 1u << who.lane;
      return true;
    case Others::Thread:
      return group.who == who.thread && group.tick == who.clock->now;
    case Others::None:
      return false;
    }
    return false;
  }
  Cells cellsOf(uint64_t offset, uint64_t count);
  void split();
  /// Before an access to these cells.
  void note(uint64_t first, uint64_t last) {
    for (uint64_t page = first / cellsOfPage; page <= (last - 1) / cellsOfPage; ++page)
      if (!isNoted[page]) [[unlikely]]
        keep(page);
  }
  void keep(uint64_t page);
  bool isBefore(const Group &group, const Viewpoint &who) const;
  /// Those of a cell; null where all are ordered before.
  const Group *racingAtomics(uint64_t index, const Viewpoint &who) const;
  void add(Group &group, const Viewpoint &who, uint16_t site) const;
  /// What was read before matters no more: whoever doesn't know of this write meets it first.
  void setWriter(const Viewpoint &who, uint64_t index, uint16_t site) {
    cell(index) = {.writer = {.who = who.thread,
                              .tick = who.clock->now,
                              .lanes = 0,
                              .site = site,
                              .part = Others::Thread},
                   .readers = {}};
    state(index) = uint8_t(state(index) & ~atomics);
  }
  /// What `access` finds in the first of the cells where it finds something; it is called for all.
  template <typename Access>
  std::optional<Found> visit(uint64_t offset, uint64_t count, Access access) {
    std::optional<Found> first;
    const auto [begin, end] = cellsOf(offset, count);
    note(begin, end);
    for (uint64_t i = begin; i < end; ++i) {
      std::optional<Found> problem = access(i);
      if (!first)
        first = problem;
    }
    return first;
  }
  std::optional<Found> checkRead(const Viewpoint &who, uint64_t index) const;
  std::optional<Found> checkWrite(const Viewpoint &who, uint64_t index) const;
  Found found(Fault fault, uint64_t index) const {
    return {.fault = fault, .offset = index << shift};
  }
  Found foundWith(Fault fault, uint64_t index, const Group &group) const;
  Cell &cell(uint64_t index) const { return reinterpret_cast<Cell *>(cells.data())[index]; }
  uint8_t &state(uint64_t index) const { return reinterpret_cast<uint8_t *>(states.data())[index]; }

  std::byte *base;
  uint64_t bytes;
  bool ofBlock;
  /// Cells are of four bytes until somebody accesses less than that.
  unsigned shift = 2;
  Memory cells, states;
  /// The atomic operations of cells that have had some: they are rare.
  std::unordered_map<uint64_t, Group> atomicsOf;
  std::vector<uint8_t> isNoted; ///< of each page; all of them where there is no record
  std::vector<Page> record;
  bool isRecordLost = false;
};

} // namespace nnrt::emulator
