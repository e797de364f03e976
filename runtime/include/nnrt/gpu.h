/* The contract between a model that was compiled for GPUs and the device that runs it there: plain C.
 *
 * An entry is a function of the host, as for a CPU, but in place of calling kernels it launches them,
 * one after the other: each sees what the ones before have written. Entries compute addresses of
 * buffers, and never read or write through them. */
#ifndef NNRT_GPU_H
#define NNRT_GPU_H

#include "nnrt/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A kernel. Its tasks are spread over the threads of all blocks in a fixed pattern that depends on
 * neither's number: with any grid the result is the same. */
typedef struct nnrt_kernel {
  const char *name;    /* its symbol in the images */
  const char *places;  /* the lines of the source that it computes: "net.nn:12, net.nn:14" */
  uint32_t threads;    /* of a block: a multiple of 32 */
  uint32_t shared_bytes; /* of a block */
  /* Whether blocks wait for one another, so that all have to be resident. */
  uint32_t is_cooperative;
  uint32_t num_arguments;
  const uint32_t *argument_bytes; /* of each: 1, 2, 4 or 8 */
  /* The same code for the host, one call a thread (nnrt/emulator.h). `arguments` as in nnrt_launch. */
  void (*emulated)(void *const *arguments);
} nnrt_kernel;

/* The kernels in a form that a driver loads. */
typedef struct nnrt_image {
  const char *chip; /* "sm_90a": a cubin for it; "ptx": a zero-terminated text for any that is new enough */
  const unsigned char *bytes;
  uint64_t size;
} nnrt_image;

typedef struct nnrt_gpu_code {
  uint32_t num_kernels;
  const nnrt_kernel *kernels;
  uint32_t num_images; /* the most specific first */
  const nnrt_image *images;
} nnrt_gpu_code;

/* Called by entries: launches kernels[kernel] for `blocks` blocks (at least 1; of a cooperative kernel as many of
 * these as can be resident). `arguments` points to the value of each argument. */
void nnrt_launch(nnrt_context *context, uint32_t kernel, int64_t blocks, void *const *arguments);
/* Called by entries: copies between memory of the device. */
void nnrt_copy(nnrt_context *context, void *to, const void *from, uint64_t bytes);

#ifdef __cplusplus
}
#endif
#endif
