/* The contract between a model that was compiled for GPUs and the device that runs it there: plain
 * C.
 *
 * An entry is a function of the host, as for a CPU, but in place of calling kernels it launches
 * them, one after the other: each sees what the ones before have written. Entries compute addresses
 * of buffers, and never read or write through them. */
#ifndef NNRT_GPU_H
#define NNRT_GPU_H

#include "nnrt/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of arithmetic, which a GPU does at rates of their own. What is narrower than f32 counts as
 * bf16. */
enum { NNRT_F64_FLOPS, NNRT_F32_FLOPS, NNRT_TF32_FLOPS, NNRT_BF16_FLOPS, NNRT_NUM_FLOPS };

/* What a kernel has to do at least: bytes of its buffers that it accesses, each counted once, and
 * floating-point operations. */
typedef struct nnrt_work {
  uint64_t bytes;
  uint64_t flops[NNRT_NUM_FLOPS];
} nnrt_work;

/* A kernel. Its tasks are spread over the threads of all blocks in a fixed pattern that depends on
 * neither's number: with any grid the result is the same. */
typedef struct nnrt_kernel {
  const char *name;        /* its symbol in the images */
  const char *places;      /* the lines of the source that it computes: "net.nn:12, net.nn:14" */
  uint32_t threads;        /* of a block: a multiple of 32, along x */
  uint32_t declared_bytes; /* of a block's shared memory: what the kernel itself declares */
  uint32_t shared_bytes;   /* beside these, given at the launch ("dynamic") */
  /* Whether blocks wait for one another, so that all have to be resident. */
  uint32_t is_cooperative;
  uint32_t num_arguments;
  const uint32_t *argument_bytes; /* of each: 1, 2, 4 or 8 */
  /* The same code for the host, one call a thread (nnrt/emulator.h). `arguments` as in nnrt_launch.
   * Denormal numbers are zero while it runs. Null where it was left out. */
  void (*emulated)(void *const *arguments);
  /* The same without telling what it accesses, and with asynchronous copies made at once. Null:
   * the other is to be used. */
  void (*unchecked)(void *const *arguments);
  /* Whether some of its threads wait for others. */
  uint32_t waits;
  /* For each argument, 1 or 0: whether it decides what the threads of a launch access, in which
   * order, and where they wait; 2: and so do the 8 bytes there that it points to. With the same
   * number of blocks and the same of these, two launches do so alike, but for what nnrt_emu_lookup
   * tells of. Null: what memory holds decides more. */
  const uint8_t *decisive;
  /* Null: only a call knows it. */
  const nnrt_work *work;
} nnrt_kernel;

/* The kernels in a form that a driver loads. */
typedef struct nnrt_image {
  /* "sm_90a": a cubin for it; "ptx": a zero-terminated text for any that is new enough */
  const char *chip;
  const unsigned char *bytes;
  uint64_t size;
  /* Of a thread, for each kernel, 0 where that isn't known; null where the driver decides. */
  const uint32_t *registers;
} nnrt_image;

typedef struct nnrt_gpu_code {
  uint32_t num_kernels;
  const nnrt_kernel *kernels;
  uint32_t num_images; /* the most specific first */
  const nnrt_image *images;
} nnrt_gpu_code;

/* How often an entry launches a kernel: for each batch that a call goes through, or for all of them
 * together. */
typedef struct nnrt_launch_count {
  uint32_t kernel;
  uint32_t count;
  uint32_t is_for_all;
} nnrt_launch_count;
typedef struct nnrt_launches {
  uint32_t is_known; /* 0: it depends on sizes that only a call has */
  uint32_t num_counts;
  const nnrt_launch_count *counts; /* each kernel once */
} nnrt_launches;

/* A device of the runtime, which plain C only hands on. */
typedef struct nnrt_device nnrt_device;

/* A model's form for GPUs. */
typedef struct nnrt_gpu_form {
  nnrt_gpu_code code;
  /* The largest workspace of a training entry at the recipe's batch, of these entries. */
  uint64_t activation_bytes;
  /* The model's entries again, with functions that launch kernels and with needs for workspace of
   * their own. */
  uint32_t num_entries;
  const nnrt_entry *entries;
  const nnrt_launches *launches; /* of each entry */
  /* nnrt_make_gpu_device: so programs without this form do without what it brings along. */
  nnrt_device *(*make_device)(const nnrt_model *model, const char *name);
} nnrt_gpu_form;

/* Makes the device "cuda", "cuda:N", "emulator" or "emulator:fast" for a model with such a form;
 * or with "auto" the first GPU that can run it, or null where there is none. For the runtime alone:
 * it throws C++ exceptions. */
nnrt_device *nnrt_make_gpu_device(const nnrt_model *model, const char *name);

/* Called by entries: launches kernels[kernel] for `blocks` blocks (at least 1; of a cooperative
 * kernel as many of these as can be resident). `arguments` points to the value of each argument,
 * which is copied. */
void nnrt_launch(nnrt_context *context, uint32_t kernel, int64_t blocks, void *const *arguments);
/* Called by entries: copies between memory of the device. */
void nnrt_copy(nnrt_context *context, void *to, const void *from, uint64_t bytes);
/* Called by entries: brings numbers and constants of the host to the device, in the order of
 * launches. `from` may change once it has returned. */
void nnrt_set(nnrt_context *context, void *to, const void *from, uint64_t bytes);
/* Called by entries: has body(environment, 0) launch what it launches `passes` times over (>= 0).
 * The body calls nnrt_launch and nnrt_copy alone, with the same arguments for each pass, so that it
 * may be called once and its launches recorded. */
void nnrt_repeat(nnrt_context *context, void (*body)(void *environment, int64_t pass),
                 void *environment, int64_t passes);

#ifdef __cplusplus
}
#endif
#endif
