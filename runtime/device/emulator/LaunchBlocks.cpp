// One launch of a kernel, emulated: which threads run, and what they wait for.
#include "runtime/device/emulator/Launch.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace nnrt::emulator {

namespace {
/// While it is there, denormal numbers are zero, as in all compiled code: for the launch as a
/// whole, since fibers share the mode.
class FlushedDenormals {
public:
#if defined(__x86_64__)
  FlushedDenormals() : before(__builtin_ia32_stmxcsr()) {
    constexpr unsigned flushResults = 0x8000, zeroInputs = 0x40;
    __builtin_ia32_ldmxcsr(before | flushResults | zeroInputs);
  }
  ~FlushedDenormals() { __builtin_ia32_ldmxcsr(before); }
#elif defined(__aarch64__)
  FlushedDenormals() {
    constexpr uint64_t flush = uint64_t(1) << 24;
    asm volatile("mrs %0, fpcr" : "=r"(before));
    asm volatile("msr fpcr, %0" ::"r"(before | flush));
  }
  ~FlushedDenormals() { asm volatile("msr fpcr, %0" ::"r"(before)); }
#else
  FlushedDenormals() = default;
#endif
  FlushedDenormals(const FlushedDenormals &) = delete;
  FlushedDenormals &operator=(const FlushedDenormals &) = delete;

private:
#if defined(__x86_64__)
  unsigned before;
#elif defined(__aarch64__)
  uint64_t before = 0;
#endif
};
} // namespace

//===-- Threads that wait --------------------------------------------------------------------===//

/// Whether a thread that is waited for needs no more waiting: one that has been stopped is not to
/// be the reason of another finding.
static bool isPresent(const Thread &thread, State state) {
  return thread.state == state || thread.state == State::Killed;
}

/// Whether the lane needn't be waited for in that operation. PTX lets lanes that have ended be
/// named.
static bool hasArrived(const Thread &lane, const WarpOperation &operation) {
  if (lane.state == State::Ended || lane.state == State::Killed)
    return true;
  return lane.state == State::InWarpOperation && lane.operation.matches(operation);
}

/// Lanes have waited for one another at a barrier of their own.
void Launch::meetLanes(std::span<Thread> warp, uint32_t mask) {
  std::array<Viewpoint *, lanesOfWarp> views;
  size_t count = 0;
  for (uint32_t lane = 0; lane < warp.size(); ++lane)
    if (mask >> lane & 1)
      views[count++] = &warp[lane].view;
  meet(std::span(views).first(count), ++machine.clock.now);
}

/// Completes the operations of a warp whose lanes are all there.
bool Launch::finishOperations(Block &block, uint32_t firstThread) {
  std::span<Thread> warp = std::span(block.threads).subspan(firstThread, lanesOfWarp);
  bool any = false;
  for (Thread &leader : warp) {
    if (leader.state != State::InWarpOperation)
      continue;
    const WarpOperation &operation = leader.operation;
    const uint32_t mask = operation.mask;
    const WarpOperation::Kind kind = operation.kind;
    std::array<WarpOperation *, lanesOfWarp> lanes = {};
    bool allArrived = true, isAnyKilled = false;
    uint32_t present = 0;
    for (uint32_t lane = 0; lane < lanesOfWarp; ++lane) {
      if (!(mask >> lane & 1))
        continue;
      allArrived &= hasArrived(warp[lane], operation);
      isAnyKilled |= warp[lane].state == State::Killed;
      if (warp[lane].state == State::InWarpOperation) {
        lanes[lane] = &warp[lane].operation;
        present |= 1u << lane;
      }
    }
    if (!allArrived)
      continue;
    any = true;
    const bool needsAll =
        kind == WarpOperation::Kind::Multiply || kind == WarpOperation::Kind::LoadMatrix;
    const bool isIncomplete = needsAll && present != UINT32_MAX;
    if (!isIncomplete)
      complete(lanes);
    if (kind == WarpOperation::Kind::Barrier)
      meetLanes(warp, present);
    for (uint32_t lane = 0; lane < lanesOfWarp; ++lane) {
      if (!(present >> lane & 1))
        continue;
      Thread &thread = warp[lane];
      thread.state = isIncomplete ? State::Killed : State::Ready;
      const bool isAbsent = std::exchange(thread.operation.readsAbsent, false) && !isAnyKilled;
      if (isAbsent && checks)
        report(Fault::BadLane, thread, thread.site, 0,
               "reads a lane that has no part in the shuffle");
    }
    auto ended = std::find_if(warp.begin(), warp.end(),
                              [](const Thread &each) { return each.state == State::Ended; });
    if (isIncomplete && ended != warp.end())
      report(Fault::Divergent, leader, leader.site, 0,
             cat("waits for all lanes of its warp, but lane ", ended - warp.begin(), " has ended"));
  }
  return any;
}

bool Launch::finishBarrier(Block &block) {
  const Thread *first = nullptr, *elsewhere = nullptr;
  for (const Thread &thread : block.threads) {
    if (!isPresent(thread, State::AtBarrier))
      return false;
    if (thread.state != State::AtBarrier)
      continue;
    if (!first)
      first = &thread;
    else if (thread.site != first->site)
      elsewhere = &thread;
  }
  if (!first)
    return false;
  if (elsewhere && checks)
    report(Fault::Divergent, *first, first->site, machine.sites.numberOf(elsewhere->site),
           cat("waits at a barrier, ", threadText(elsewhere->view.thread, kernel.threads),
               " at another one at ", elsewhere->site ? elsewhere->site->place : "?"));
  block.tick = ++machine.clock.now;
  for (Thread &thread : block.threads)
    if (thread.state == State::AtBarrier)
      thread.state = State::Ready;
  return true;
}

bool Launch::finishGridBarrier(std::span<Block> together) {
  bool any = false;
  for (const Block &block : together)
    for (const Thread &thread : block.threads) {
      if (!isPresent(thread, State::AtGridBarrier))
        return false;
      any |= thread.state == State::AtGridBarrier;
    }
  if (!any)
    return false;
  machine.clock.grid = ++machine.clock.now;
  for (Block &block : together) {
    block.tick = machine.clock.now;
    for (Thread &thread : block.threads)
      if (thread.state == State::AtGridBarrier)
        thread.state = State::Ready;
  }
  return true;
}

//===-- Blocks -------------------------------------------------------------------------------===//

void Launch::begin(Block &block, uint32_t number) {
  const uint32_t count = kernel.threads, warps = count / lanesOfWarp;
  block.number = number;
  block.tick = ++machine.clock.now;
  block.threads.resize(count);
  for (uint32_t i = 0; i < count; ++i) {
    Thread &thread = block.threads[i];
    thread.state = State::Ready;
    thread.inBlock = i;
    thread.block = &block;
    thread.copies.clear();
    thread.groups.clear();
    thread.view = {.clock = &machine.clock,
                   .blockTick = &block.tick,
                   .thread = number * count + i,
                   .warp = number * warps + i / lanesOfWarp,
                   .block = number,
                   .lane = i % lanesOfWarp,
                   .inBlock = i};
  }
  // Fresh memory holds no numbers that a kernel could count on, and always the same.
  if (sharedBytes(kernel))
    memset(block.shared, 0xff, sharedBytes(kernel));
  if (block.sharedRegion)
    block.sharedRegion->markUninitialised(0, sharedBytes(kernel));
}

/// Runs all threads of a block until each waits for others. Whether any has run.
bool Launch::runThreads(Block &block) {
  bool any = false;
  for (uint32_t first = 0; first < block.threads.size(); first += lanesOfWarp)
    do {
      for (uint32_t i = first; i < first + lanesOfWarp; ++i) {
        if (block.threads[i].state != State::Ready)
          continue;
        current = &block.threads[i];
        machine.fibers.resume(block.firstFiber + i);
        any = true;
      }
    } while (finishOperations(block, first));
  return any;
}

/// What keeps a thread of the block waiting for ever; whether there is such a thing within it.
bool Launch::reportStuck(const Block &block) {
  auto text = [](State state) {
    return state == State::AtBarrier       ? "waits at a barrier"
           : state == State::AtGridBarrier ? "waits for all blocks"
                                           : "waits for lanes of its warp";
  };
  for (const Thread &thread : block.threads) {
    const bool isInWarp = thread.state == State::InWarpOperation;
    if (!isInWarp && thread.state != State::AtBarrier && thread.state != State::AtGridBarrier)
      continue;
    const uint32_t warp = thread.inBlock / lanesOfWarp;
    auto other = std::find_if(block.threads.begin(), block.threads.end(), [&](const Thread &each) {
      if (!isInWarp)
        return !isPresent(each, thread.state);
      const bool isNamed = each.inBlock / lanesOfWarp == warp &&
                           (thread.operation.mask >> each.inBlock % lanesOfWarp & 1);
      return isNamed && !hasArrived(each, thread.operation);
    });
    if (other == block.threads.end())
      continue;
    const bool hasEnded = other->state == State::Ended;
    report(Fault::Divergent, thread, thread.site, machine.sites.numberOf(other->site),
           cat(text(thread.state), ", which ", threadText(other->view.thread, kernel.threads),
               " does not reach: it ", hasEnded ? "has ended" : text(other->state),
               hasEnded || !other->site ? "" : " at ",
               hasEnded || !other->site ? "" : other->site->place));
    return true;
  }
  return false;
}

/// Threads wait for all blocks, of which some are over.
void Launch::reportMissedBlocks(std::span<const Block> together) {
  for (const Block &block : together)
    for (const Thread &thread : block.threads)
      if (thread.state == State::AtGridBarrier) {
        report(Fault::Divergent, thread, thread.site, 0,
               "waits for all blocks, of which some have ended");
        return;
      }
}

/// Blocks that run at a time, to their ends.
void Launch::runTogether(uint32_t first, uint32_t count) {
  machine.fibers.prepare(size_t(count) * kernel.threads, body);
  std::span<Block> together = std::span(resident).first(count);
  for (uint32_t i = 0; i < count; ++i)
    begin(together[i], first + i);
  auto isOver = [](const Block &block) {
    return std::all_of(block.threads.begin(), block.threads.end(), [](const Thread &thread) {
      return thread.state == State::Ended || thread.state == State::Killed;
    });
  };
  while (!std::all_of(together.begin(), together.end(), isOver)) {
    bool any = false;
    for (Block &block : together) {
      any |= runThreads(block);
      any |= finishBarrier(block);
    }
    if (any || finishGridBarrier(together))
      continue;
    bool isKnown = false;
    for (const Block &block : together)
      isKnown |= reportStuck(block);
    if (!isKnown)
      reportMissedBlocks(together);
    return;
  }
}

/// The threads of a block, none of which waits for another, one after the other.
void Launch::runThrough(uint32_t number) {
  Block &block = resident.front();
  begin(block, number);
  for (Thread &thread : block.threads) {
    current = &thread;
    function(arguments);
  }
}

void Launch::runBlocks() {
  Clock &clock = machine.clock;
  clock.threadsOfBlock = kernel.threads;
  clock.grid = ++clock.now;
  const uint32_t atATime = kernel.is_cooperative ? blocks : 1;
  const uint64_t stride = (sharedBytes(kernel) + 1023) / 1024 * 1024 + sharedGuard;
  if (machine.shared.size() < stride * atATime)
    machine.shared = Memory(stride * atATime, "the emulator's shared memory");
  resident.resize(atATime);
  for (uint32_t i = 0; i < atATime; ++i) {
    Block &block = resident[i];
    block.firstFiber = size_t(i) * kernel.threads;
    block.shared = machine.shared.data() + i * stride;
    if (checks)
      block.sharedRegion = std::make_unique<Region>(block.shared, sharedBytes(kernel),
                                                    /*isShared=*/true, /*tracks=*/true);
  }
  const FlushedDenormals mode;
  running = this;
  isChecking = checks;
  for (uint32_t first = 0; first < blocks && !machine.findings.isFull(); first += atATime)
    if (checks || kernel.waits)
      runTogether(first, atATime);
    else
      runThrough(first);
  running = nullptr;
}

std::string Launch::key() const {
  std::string bytes;
  if (!kernel.decisive)
    return bytes;
  auto append = [&](const void *value, size_t count) {
    bytes.append(static_cast<const char *>(value), count);
  };
  const auto which = reinterpret_cast<uintptr_t>(&kernel);
  append(&which, sizeof which);
  append(&blocks, sizeof blocks);
  for (uint32_t i = 0; i < kernel.num_arguments; ++i) {
    if (kernel.decisive[i])
      append(arguments[i], kernel.argument_bytes[i]);
    if (kernel.decisive[i] != 2)
      continue;
    constexpr uint64_t counted = 8;
    const void *there = *static_cast<void *const *>(arguments[i]);
    const Region *region = machine.regionAt(there);
    if (!region || !region->contains(there, counted))
      return {};
    append(there, counted);
  }
  return bytes;
}

void Launch::run() {
  // Ticks of 32 bits begin anew before they are used up.
  if (machine.clock.now > UINT32_MAX / 2) {
    for (auto &[base, region] : machine.regions)
      region->forgetAccesses();
    machine.clock.now = 1;
  }
  const std::string same = checks ? key() : std::string();
  const Effects *known = same.empty() ? nullptr : machine.checked.find(same);
  if (known) {
    checks = false;
    known->apply();
  } else if (!same.empty()) {
    isRepeatable = true;
    for (auto &[base, region] : machine.regions)
      region->beginRecord();
  }
  if (!checks && kernel.unchecked)
    function = kernel.unchecked;
  firstTick = machine.clock.now;
  runBlocks();
  if (!checks || same.empty())
    return;
  std::optional<Effects> effects = Effects::take(machine.regions, firstTick, lookups);
  if (effects && isRepeatable && !machine.findings.count())
    machine.checked.add(same, std::move(*effects));
}

} // namespace nnrt::emulator
