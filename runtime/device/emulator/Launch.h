// One launch of a kernel, emulated: its blocks one after the other, or all at once where they wait
// for one another; in a block, fibers in turn.
#pragma once

#include "runtime/device/emulator/Effects.h"
#include "runtime/device/emulator/Fiber.h"
#include "runtime/device/emulator/Findings.h"
#include "runtime/device/emulator/Shadow.h"
#include "runtime/device/emulator/WarpOperation.h"

#include "nnrt/gpu.h"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace nnrt::emulator {

/// Between what two blocks share, and behind the last one.
constexpr uint64_t sharedGuard = 4096;

/// What of a block's memory is declared comes first, then what the launch gives.
inline uint64_t sharedBytes(const nnrt_kernel &kernel) {
  return uint64_t(kernel.declared_bytes) + kernel.shared_bytes;
}

/// Where allocations of the device lie, by their beginnings.
using Regions = std::map<const std::byte *, std::unique_ptr<Region>>;

/// What launches of a device share.
struct Machine {
  explicit Machine(bool checks) : checks(checks) {}
  /// The allocation that the address is nearest to, from its beginning on; null: none.
  Region *regionAt(const void *address);
  /// Where the address was last looked for; null: elsewhere.
  Region *recentRegion(const void *address, uint64_t bytes) {
    if (lastRegion && lastRegion->contains(address, bytes))
      return lastRegion;
    if (!regionBefore || !regionBefore->contains(address, bytes))
      return nullptr;
    std::swap(lastRegion, regionBefore);
    return lastRegion;
  }
  void forgetRegions() {
    lastRegion = regionBefore = nullptr;
    checked.clear();
  }

  const bool checks;
  Clock clock;
  Sites sites;
  Findings findings;
  Regions regions;
  Region *lastRegion = nullptr, *regionBefore = nullptr;
  CheckedLaunches checked;
  Fibers fibers;
  Memory shared;
};

/// What a thread does next.
enum class State : uint8_t {
  Ready,
  AtBarrier,
  AtGridBarrier,
  InWarpOperation,
  Ended,
  Killed, ///< by an access that cannot be made: it counts as whatever the others do
};

/// A copy that a thread has begun.
struct AsyncCopy {
  std::byte *to;
  const std::byte *from;
  uint32_t bytes, used;
  uint16_t site;
};

struct Block;

struct Thread {
  State state = State::Ready;
  uint32_t inBlock = 0;
  Block *block = nullptr;
  const nnrt_site *site = nullptr; ///< where it waits
  WarpOperation operation;         ///< that it waits in
  Viewpoint view;
  std::vector<AsyncCopy> copies; ///< not yet there, in order
  std::vector<size_t> groups;    ///< how many copies each group has; of these, the rest has none
};

struct Block {
  uint32_t number = 0;
  uint32_t tick = 0; ///< of the last barrier
  size_t firstFiber = 0;
  std::vector<Thread> threads;
  std::byte *shared = nullptr;
  std::unique_ptr<Region> sharedRegion; ///< null where nothing is checked
};

/// Runs on the calling thread of the host, and is what nnrt_emu_* speak to meanwhile.
class Launch {
public:
  Launch(Machine &machine, const nnrt_kernel &kernel, uint32_t blocks, void *const *arguments);
  /// What it finds is in the machine's findings. It is checked unless the same has been checked
  /// before.
  void run();

  static Launch *running; ///< in this process: launches take turns
  static bool isChecking; ///< whether that one checks accesses

  // For the running thread.
  Thread &thread() { return *current; }
  uint32_t numBlocks() const { return blocks; }
  uint32_t threadsOfBlock() const { return kernel.threads; }
  /// The most frequent of accesses, without detours; false, with nothing done, where access() has
  /// to look.
  template <typename Check>
  [[gnu::always_inline]] bool isPlain(const void *address, uint64_t bytes, uint64_t alignment,
                                      const nnrt_site *site, Check check) {
    if (alignment && (reinterpret_cast<uintptr_t>(address) & (alignment - 1))) // a power of two
      return false;
    Region *region = current->block->sharedRegion.get();
    if (!region->contains(address, bytes))
      region = machine.recentRegion(address, bytes);
    return region && (region->*check)(current->view, region->offsetOf(address), bytes,
                                      machine.sites.numberOf(site));
  }
  void access(const void *address, uint64_t bytes, uint64_t alignment, const nnrt_site *site,
              std::optional<Found> (Region::*check)(const Viewpoint &, uint64_t, uint64_t,
                                                    uint16_t),
              bool isWrite);
  /// A launch whose numbers are others may read any of these bytes in place of one that was read.
  void noteLookup(const void *first, uint64_t bytes);
  /// Of what has been moved, what nobody has written remains so.
  void moveState(const void *to, const void *from, uint64_t bytes);
  void requireShared(const void *address, uint64_t bytes, const nnrt_site *site);
  void wait(State state, const nnrt_site *site);
  void copyAsync(void *to, const void *from, uint32_t bytes, uint32_t used, const nnrt_site *site);
  void waitForCopies(uint32_t pending);

private:
  static void body();
  Region *find(const void *address);
  void report(Fault fault, const Thread &thread, const nnrt_site *site, uint16_t otherSite,
              const std::string &what);
  [[noreturn]] void kill();
  /// What decides on its accesses, as bytes; empty where it is more than the arguments.
  std::string key() const;
  void runBlocks();
  void runTogether(uint32_t first, uint32_t count);
  void runThrough(uint32_t number);
  void begin(Block &block, uint32_t number);
  bool runThreads(Block &block);
  void meetLanes(std::span<Thread> warp, uint32_t mask);
  bool finishOperations(Block &block, uint32_t firstThread);
  bool finishBarrier(Block &block);
  bool finishGridBarrier(std::span<Block> together);
  bool reportStuck(const Block &block);
  void reportMissedBlocks(std::span<const Block> together);

  Machine &machine;
  const nnrt_kernel &kernel;
  const uint32_t blocks;
  void *const *arguments;
  std::vector<Lookup> lookups;
  uint32_t firstTick = 0;    ///< of the launch
  bool isRepeatable = false; ///< whether what the check finds holds for launches of the same kind
  bool checks;               ///< whether accesses are announced and checked
  void (*function)(void *const *);
  std::vector<Block> resident;
  Thread *current = nullptr;
};

} // namespace nnrt::emulator
