// What emulated kernels call (nnrt/emulator.h): of the thread that runs.
#include "nnrt/emulator.h"

#include "runtime/device/emulator/Launch.h"

#include <cstring>

using namespace nnrt::emulator;

static Launch &launch() { return *Launch::running; }

/// Waits in an operation of the warp; afterwards its result is there.
static WarpOperation &waitIn(const WarpOperation &operation, const nnrt_site *site) {
  Thread &thread = launch().thread();
  thread.operation = operation;
  thread.operation.mask |= 1u << thread.view.lane; // whoever calls it takes part
  launch().wait(State::InWarpOperation, site);
  return thread.operation;
}

extern "C" {

// Launches have one axis.
uint32_t nnrt_emu_thread(uint32_t axis) { return axis ? 0 : launch().thread().inBlock; }
uint32_t nnrt_emu_threads(uint32_t axis) { return axis ? 1 : launch().threadsOfBlock(); }
uint32_t nnrt_emu_block(uint32_t axis) { return axis ? 0 : launch().thread().block->number; }
uint32_t nnrt_emu_blocks(uint32_t axis) { return axis ? 1 : launch().numBlocks(); }

void *nnrt_emu_shared(void) { return launch().thread().block->shared; }

void nnrt_emu_read(const void *address, uint64_t bytes, uint64_t alignment, const nnrt_site *site) {
  if (Launch::isChecking &&
      !launch().isPlain(address, bytes, alignment, site, &Region::readPlainly))
    launch().access(address, bytes, alignment, site, &Region::read, /*isWrite=*/false);
}

void nnrt_emu_write(void *address, uint64_t bytes, uint64_t alignment, const nnrt_site *site) {
  if (Launch::isChecking &&
      !launch().isPlain(address, bytes, alignment, site, &Region::writePlainly))
    launch().access(address, bytes, alignment, site, &Region::write, /*isWrite=*/true);
}

void nnrt_emu_peek(const void *address, uint64_t bytes, uint64_t alignment, const nnrt_site *site) {
  if (Launch::isChecking)
    launch().access(address, bytes, alignment, site, &Region::peek, /*isWrite=*/false);
}

void nnrt_emu_move(void *address, const void *from, uint64_t bytes, uint64_t alignment,
                   const nnrt_site *site) {
  if (!Launch::isChecking)
    return;
  launch().access(address, bytes, alignment, site, &Region::write, /*isWrite=*/true);
  launch().moveState(address, from, bytes);
}

void nnrt_emu_atomic(void *address, uint64_t bytes, const nnrt_site *site) {
  launch().access(address, bytes, bytes, site, &Region::atomic, /*isWrite=*/true);
}

void nnrt_emu_lookup(const void *first, uint64_t bytes) {
  if (Launch::isChecking)
    launch().noteLookup(first, bytes);
}

void nnrt_emu_barrier(const nnrt_site *site) { launch().wait(State::AtBarrier, site); }

void nnrt_emu_grid_barrier(const nnrt_site *site) { launch().wait(State::AtGridBarrier, site); }

void nnrt_emu_warp_barrier(uint32_t mask, const nnrt_site *site) {
  waitIn({.kind = WarpOperation::Kind::Barrier, .mask = mask}, site);
}

uint32_t nnrt_emu_shuffle(uint32_t mode, uint32_t mask, uint32_t value, uint32_t offset,
                          uint32_t clamp, const nnrt_site *site) {
  return waitIn({.kind = WarpOperation::Kind::Shuffle,
                 .mode = mode,
                 .mask = mask,
                 .value = value,
                 .offset = offset,
                 .clamp = clamp},
                site)
      .result;
}

uint32_t nnrt_emu_ballot(uint32_t mask, uint32_t predicate, const nnrt_site *site) {
  return waitIn({.kind = WarpOperation::Kind::Ballot, .mask = mask, .value = predicate}, site)
      .result;
}

void nnrt_emu_async_copy(void *shared, const void *global, uint32_t bytes, uint32_t used,
                         const nnrt_site *site) {
  launch().copyAsync(shared, global, bytes, used, site);
}

void nnrt_emu_copy(void *shared, const void *global, uint32_t bytes, uint32_t used) {
  auto *to = static_cast<std::byte *>(shared);
  if (used == 16) [[likely]] {
    memcpy(to, global, 16);
    return;
  }
  if (used)
    memcpy(to, global, used);
  memset(to + used, 0, bytes - used);
}

void nnrt_emu_async_commit(void) {
  Thread &thread = launch().thread();
  size_t committed = 0;
  for (size_t group : thread.groups)
    committed += group;
  thread.groups.push_back(thread.copies.size() - committed);
}

void nnrt_emu_async_wait(uint32_t pending) { launch().waitForCopies(pending); }

void nnrt_emu_mma(uint32_t kind, uint32_t *d, const uint32_t *a, const uint32_t *b,
                  const uint32_t *c, const nnrt_site *site) {
  waitIn({.kind = WarpOperation::Kind::Multiply,
          .mode = kind,
          .mask = UINT32_MAX,
          .a = a,
          .b = b,
          .c = c,
          .d = d},
         site);
}

void nnrt_emu_load_matrix(uint32_t *words, const void *row, uint32_t count, uint32_t transposed,
                          const nnrt_site *site) {
  constexpr uint64_t rowBytes = 16;
  // Lanes beyond the last matrix bring no row.
  if (launch().thread().view.lane < 8 * count) {
    launch().requireShared(row, rowBytes, site);
    launch().access(row, rowBytes, rowBytes, site, &Region::read, /*isWrite=*/false);
  }
  waitIn({.kind = WarpOperation::Kind::LoadMatrix,
          .mode = transposed,
          .mask = UINT32_MAX,
          .count = count,
          .d = words,
          .row = static_cast<const std::byte *>(row)},
         site);
}

} // extern "C"
