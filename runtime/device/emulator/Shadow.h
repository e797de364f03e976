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

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

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
  uint32_t thread = 0, warp = 0, block = 0, lane = 0;
  std::array<uint32_t, lanesOfWarp> seen = {}; ///< of each lane, the last event that told of it

  bool knows(uint32_t other, uint32_t tick) const;
};

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
  std::optional<Found> read(const Viewpoint &who, uint64_t offset, uint64_t count, uint16_t site);
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

  const char *purpose = nullptr; ///< "the model's parameters"

private:
  struct Cell {
    uint32_t writer, written;  ///< its thread; the tick, 0: nobody
    uint32_t reader, readTick; ///< what `Readers` says; the last of them, 0: nobody
    uint32_t lanes;            ///< the readers of one warp
    uint16_t writerSite, readerSite;
  };
  /// Bits of a state. Readers are all since the last write that nothing orders among themselves; of
  /// many, the smallest group that holds them is kept.
  enum : uint8_t {
    initialised = 1,
    copying = 2,
    atomics = 4, ///< the readers are atomic operations
    readersMask = 3 << 3,
    oneReader = 0,
    warpOfReaders = 1 << 3,
    blockOfReaders = 2 << 3,
    gridOfReaders = 3 << 3,
  };
  struct Cells {
    uint64_t first, last;
  };

  Cells cellsOf(uint64_t offset, uint64_t count);
  void split();
  bool isPast(const Viewpoint &who, uint32_t tick) const;
  bool writerIsBefore(const Viewpoint &who, const Cell &cell) const;
  bool readersAreBefore(const Viewpoint &who, const Cell &cell, uint8_t state) const;
  void addReader(const Viewpoint &who, Cell &cell, uint8_t &state, uint16_t site) const;
  void setWriter(const Viewpoint &who, uint64_t index, uint16_t site);
  std::optional<Found> checkWrite(const Viewpoint &who, uint64_t index) const;
  Found found(Fault fault, uint64_t index) const {
    return {.fault = fault, .offset = index << shift};
  }
  Found withWriter(Fault fault, uint64_t index) const;
  Found withReaders(Fault fault, uint64_t index) const;
  Cell &cell(uint64_t index) const { return reinterpret_cast<Cell *>(cells.data())[index]; }
  uint8_t &state(uint64_t index) const { return reinterpret_cast<uint8_t *>(states.data())[index]; }

  std::byte *base;
  uint64_t bytes;
  bool ofBlock;
  /// Cells are of four bytes until somebody accesses less than that.
  unsigned shift = 2;
  Memory cells, states;
};

} // namespace nnrt::emulator
