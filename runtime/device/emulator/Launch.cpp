// One launch of a kernel, emulated: what its threads do.
#include "runtime/device/emulator/Launch.h"

#include "runtime/support/Text.h"

#include <cstring>

namespace nnrt::emulator {

Launch *Launch::running = nullptr;
bool Launch::isChecking = false;

Region *Machine::regionAt(const void *address) {
  if (Region *known = recentRegion(address, 1))
    return known;
  regionBefore = lastRegion;
  auto after = regions.upper_bound(static_cast<const std::byte *>(address));
  return lastRegion = after == regions.begin() ? nullptr : std::prev(after)->second.get();
}

Launch::Launch(Machine &machine, const nnrt_kernel &kernel, uint32_t blocks, void *const *arguments)
    : machine(machine), kernel(kernel), blocks(blocks), arguments(arguments),
      checks(machine.checks), function(kernel.emulated) {}

//===-- Threads that run ---------------------------------------------------------------------===//

void Launch::body() {
  Launch &launch = *running;
  launch.function(launch.arguments);
  launch.current->state = State::Ended;
  launch.machine.fibers.leave(/*isLast=*/true);
}

void Launch::wait(State state, const nnrt_site *site) {
  Thread &own = *current;
  if (state == State::AtGridBarrier && !kernel.is_cooperative) {
    report(Fault::Divergent, own, site, 0, "waits for all blocks, which don't all run at a time");
    kill();
  }
  own.state = state;
  own.site = site;
  machine.fibers.leave();
}

void Launch::kill() {
  current->state = State::Killed;
  machine.fibers.leave(/*isLast=*/true);
  __builtin_unreachable(); // nobody resumes it
}

void Launch::report(Fault fault, const Thread &thread, const nnrt_site *site, uint16_t otherSite,
                    const std::string &what) {
  if (machine.findings.isNew(fault, site, otherSite))
    machine.findings.add(
        {fault, site, threadText(thread.view.thread, kernel.threads), what, otherSite});
}

Region *Launch::find(const void *address) {
  const auto *at = static_cast<const std::byte *>(address);
  const Block &block = *current->block;
  if (at >= block.shared && at < block.shared + sharedBytes(kernel) + sharedGuard)
    return block.sharedRegion.get();
  return machine.regionAt(address);
}

/// "4 bytes at byte 16 of the 16 of shared memory".
static std::string beyondText(const void *address, uint64_t bytes, const Region *region) {
  constexpr uint64_t near = 1 << 20;
  const uint64_t offset = region ? region->offsetOf(address) : 0;
  if (!region || offset > region->size() + near)
    return cat(bytes, bytes == 1 ? " byte" : " bytes", " where no memory of the device is");
  return cat(bytes, bytes == 1 ? " byte" : " bytes", " at byte ", offset, " of ",
             region->isShared() ? "shared memory"
             : region->purpose  ? region->purpose
                                : "an allocation",
             ", which has ", region->size());
}

void Launch::access(const void *address, uint64_t bytes, uint64_t alignment, const nnrt_site *site,
                    std::optional<Found> (Region::*check)(const Viewpoint &, uint64_t, uint64_t,
                                                          uint16_t),
                    bool isWrite) {
  if (!checks || !bytes)
    return;
  Region *region = find(address);
  const char *verb = isWrite ? "writes " : "reads ";
  if (!region || !region->contains(address, bytes)) {
    const size_t fiber = current->block->firstFiber + current->inBlock;
    if (machine.fibers.isOnStack(fiber, address))
      return;
    report(Fault::OutOfBounds, *current, site, 0, verb + beyondText(address, bytes, region));
    kill();
  }
  const uint64_t offset = region->offsetOf(address);
  if (alignment && reinterpret_cast<uintptr_t>(address) % alignment) {
    report(Fault::Misaligned, *current, site, 0,
           cat(verb, bytes, " bytes at byte ", offset, ", which is no multiple of ", alignment));
    kill();
  }
  std::optional<Found> found =
      (region->*check)(current->view, offset, bytes, machine.sites.numberOf(site));
  if (found && machine.findings.isNew(found->fault, site, found->otherSite))
    machine.findings.add({found->fault, site, threadText(current->view.thread, kernel.threads),
                          accessText(*found, isWrite, *region, machine.sites, kernel.threads),
                          found->otherSite});
}

void Launch::noteLookup(const void *first, uint64_t bytes) {
  constexpr size_t mostBytes = 1 << 12, most = 1 << 12;
  if (!isRepeatable)
    return;
  Region *region = find(first);
  isRepeatable =
      region && !region->isShared() && region->contains(first, bytes) && lookups.size() < most;
  if (!isRepeatable)
    return;
  if (bytes > mostBytes) {
    // Of a table, which is one for many lookups: all of it, as it was before the launch.
    const Lookup whole = {region, 0, region->size(), firstTick};
    if (std::find(lookups.begin(), lookups.end(), whole) == lookups.end())
      lookups.insert(lookups.begin(), whole);
    return;
  }
  const Lookup lookup = {region, region->offsetOf(first), bytes, machine.clock.now};
  isRepeatable = region->mayRead(current->view, lookup.offset, bytes);
  if (lookups.empty() || lookups.back() != lookup)
    lookups.push_back(lookup);
}

void Launch::moveState(const void *to, const void *from, uint64_t bytes) {
  Region *target = find(to);
  const Region *source = find(from);
  // A stack has no account.
  if (target && source && target->contains(to, bytes) && source->contains(from, bytes))
    target->copyInitialised(target->offsetOf(to), *source, source->offsetOf(from), bytes);
}

/// What works on shared memory alone ends the thread elsewhere.
void Launch::requireShared(const void *address, uint64_t bytes, const nnrt_site *site) {
  if (!checks || current->block->sharedRegion->contains(address, bytes))
    return;
  report(Fault::OutOfBounds, *current, site, 0,
         cat("needs ", bytes, " bytes of shared memory, and is given ",
             beyondText(address, bytes, find(address))));
  kill();
}

void Launch::copyAsync(void *to, const void *from, uint32_t bytes, uint32_t used,
                       const nnrt_site *site) {
  requireShared(to, bytes, site);
  access(from, used, bytes, site, &Region::read, /*isWrite=*/false);
  access(to, bytes, bytes, site, &Region::beginCopy, /*isWrite=*/true);
  current->copies.push_back({static_cast<std::byte *>(to), static_cast<const std::byte *>(from),
                             bytes, used, checks ? machine.sites.numberOf(site) : uint16_t(0)});
}

void Launch::waitForCopies(uint32_t pending) {
  Thread &own = *current;
  if (own.groups.size() <= pending)
    return;
  const auto done = own.groups.end() - ptrdiff_t(pending);
  size_t count = 0;
  for (auto group = own.groups.begin(); group != done; ++group)
    count += *group;
  own.groups.erase(own.groups.begin(), done);
  const auto last = own.copies.begin() + ptrdiff_t(count);
  for (auto copy = own.copies.begin(); copy != last; ++copy) {
    if (copy->used)
      memcpy(copy->to, copy->from, copy->used);
    memset(copy->to + copy->used, 0, copy->bytes - copy->used);
    if (Region *region = own.block->sharedRegion.get())
      region->endCopy(own.view, region->offsetOf(copy->to), copy->bytes, copy->site);
  }
  own.copies.erase(own.copies.begin(), last);
}

} // namespace nnrt::emulator
