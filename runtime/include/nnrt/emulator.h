/* What kernels call when they run on the host: the compiler takes the very modules that PTX is made
 * from, replaces what only a GPU has by these functions, and announces each access to memory. */
#ifndef NNRT_EMULATOR_H
#define NNRT_EMULATOR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where an access stands. One constant per kernel and line. */
typedef struct nnrt_site {
  const char *kernel;
  const char *place; /* "net.nn:12" */
} nnrt_site;

/* The calling thread's indices and sizes of the launch; axis 0, 1, 2 are x, y, z. */
uint32_t nnrt_emu_thread(uint32_t axis);
uint32_t nnrt_emu_threads(uint32_t axis); /* of a block */
uint32_t nnrt_emu_block(uint32_t axis);
uint32_t nnrt_emu_blocks(uint32_t axis);

/* The block's shared memory, aligned to 1024. */
void *nnrt_emu_shared(void);

/* Before each access to global or shared memory, through generic pointers too; accesses to local
 * memory and to constants of the module aren't announced. `alignment` is what the instruction asks
 * for. Does not return where the access would be out of bounds or misaligned: the thread ends
 * there. */
void nnrt_emu_read(const void *address, uint64_t bytes, uint64_t alignment, const nnrt_site *site);
void nnrt_emu_write(void *address, uint64_t bytes, uint64_t alignment, const nnrt_site *site);
/* Before a write of what was read from `from` (announced by nnrt_emu_peek) and nothing else: to
 * move what nobody has written is no fault, to compute with it is. */
void nnrt_emu_peek(const void *address, uint64_t bytes, uint64_t alignment, const nnrt_site *site);
void nnrt_emu_move(void *address, const void *from, uint64_t bytes, uint64_t alignment,
                   const nnrt_site *site);

/* After the announcement of a read whose address depends on what memory holds: with other numbers
 * there, it would have been another one of these bytes. */
void nnrt_emu_lookup(const void *first, uint64_t bytes);

/* bar.sync 0 of all threads of the block. */
void nnrt_emu_barrier(const nnrt_site *site);
/* A barrier of all threads of all blocks (cooperative launches). */
void nnrt_emu_grid_barrier(const nnrt_site *site);
/* bar.warp.sync; the mask says which lanes take part. */
void nnrt_emu_warp_barrier(uint32_t mask, const nnrt_site *site);

/* shfl.sync: the lane's value of 32 bits exchanged with `lane` (idx), `lane ^ offset` (bfly), lane
 * - offset (up), lane + offset (down), as PTX defines them with `clamp` (the instruction's c
 * operand). mode: 0 up, 1 down, 2 bfly, 3 idx. Lanes wait for one another, but their accesses to
 * memory are not ordered by that: barriers alone do so. */
uint32_t nnrt_emu_shuffle(uint32_t mode, uint32_t mask, uint32_t value, uint32_t offset,
                          uint32_t clamp, const nnrt_site *site);
/* vote.sync.ballot. */
uint32_t nnrt_emu_ballot(uint32_t mask, uint32_t predicate, const nnrt_site *site);

/* cp.async of 4, 8 or 16 bytes from global to shared memory, of which the last bytes - used are
 * zeros: done when a wait covers it, and not before. */
void nnrt_emu_async_copy(void *shared, const void *global, uint32_t bytes, uint32_t used,
                         const nnrt_site *site);
void nnrt_emu_async_commit(void);
/* A copy like that of nnrt_emu_async_copy, done at once. */
void nnrt_emu_copy(void *shared, const void *global, uint32_t bytes, uint32_t used);
/* cp.async.wait_group: all but the last `pending` groups of this thread are there. */
void nnrt_emu_async_wait(uint32_t pending);

/* mma.sync and ldmatrix, as PTX defines them: fragments of the lane, as 32-bit words.
 * kind 0: m16n8k8 tf32 (a: 4, b: 2, c and d: 4 words), 1: m16n8k16 bf16 (a: 4, b: 2, c and d: 4
 * words), 2: m16n8k16 f16 with f32 sums. */
void nnrt_emu_mma(uint32_t kind, uint32_t *d, const uint32_t *a, const uint32_t *b,
                  const uint32_t *c, const nnrt_site *site);
/* ldmatrix of `count` (1, 2, 4) 8x8 matrices of 16-bit elements; `row` is this lane's row in shared
 * memory. */
void nnrt_emu_load_matrix(uint32_t *words, const void *row, uint32_t count, uint32_t transposed,
                          const nnrt_site *site);

/* Atomic operations on global or shared memory are announced by nnrt_emu_atomic in place of read
 * and write. */
void nnrt_emu_atomic(void *address, uint64_t bytes, const nnrt_site *site);

#ifdef __cplusplus
}
#endif
#endif
