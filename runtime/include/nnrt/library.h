/* What the functions of the library form call. A compiled library wraps them in functions of its
 * own, `<model>_train_step` and so on, with one typed argument per tensor, and exports only those:
 * several models live in one process.
 *
 * A session is used by one thread at a time; several sessions are independent. Functions return a
 * status, 0 for success; nothing is changed by a call that fails before it runs. */
#ifndef NNRT_LIBRARY_H
#define NNRT_LIBRARY_H

#include "nnrt/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nnrt_status {
  NNRT_OK = 0,
  NNRT_BAD_INPUT = 1, /* an argument, a file or its content */
  NNRT_BAD_CALL = 2,  /* the wrong order of calls, or a size beyond what the session has room for */
  NNRT_INTERNAL = 3   /* a fault of the compiler or the runtime */
} nnrt_status;

typedef struct nnrt_session nnrt_session;

/* Sizes are an array with one per dimension of the model, in the descriptor's order; that of rows
 * is not read. Each call has its own. Tensors are dense, in row-major order. */

/* Makes a session for sizes of up to `max_dims`: on the first GPU that can run the model, where
 * it was built for GPUs, else on the processor, with a pool of `threads` (0: one per processor
 * that the process may use, by its affinity mask and its CPU quota). Whatever training,
 * evaluation and prediction need is allocated here. On failure `*result` is a session all the
 * same, good for nnrt_session_message and nnrt_session_destroy, or null where there was no
 * memory even for that. */
int nnrt_session_create(const nnrt_model *model, const uint64_t *max_dims, uint32_t threads,
                        nnrt_session **result);
void nnrt_session_destroy(nnrt_session *session);

/* What the last call that failed has to say; "" before the first. Valid until the next call. */
const char *nnrt_session_message(const nnrt_session *session);

/* First weights and optimizer state from the seed, and from the files that the recipe loads, looked
 * for in the working folder, $NN_DATA and ./data; the next step is the first. */
int nnrt_session_init(nnrt_session *session, uint64_t seed);

/* One batch: an update, or, with `accumulate n`, the n-th part of one. `fields` has a pointer per
 * field of the data set, to as many rows as the batch has examples. `loss`, which may be null, gets
 * the sum of the losses, each the mean over the batch before the update; one that is no number is
 * no error. */
int nnrt_session_train_step(nnrt_session *session, const uint64_t *dims, const void *const *fields,
                            float *loss);

/* The sum of the losses and the metrics (as many numbers as those of the recipe have, tables row by
 * row) over the batch; either may be null. */
int nnrt_session_eval_step(nnrt_session *session, const uint64_t *dims, const void *const *fields,
                           float *loss, float *metrics);

/* `inputs` and `outputs` have a pointer per input and output of the model. */
int nnrt_session_predict(nnrt_session *session, const uint64_t *dims, const void *const *inputs,
                         void *const *outputs);

/* The weights of a safetensors file, and the seed that it states, else the recipe's; the optimizer
 * starts anew. */
int nnrt_session_load(nnrt_session *session, const char *path);
/* Everything of a file that nnrt_session_save or a program's --save wrote: the next step is what it
 * would have been. */
int nnrt_session_resume(nnrt_session *session, const char *path);
/* Weights, optimizer state, step and seed; the file is replaced in one go. */
int nnrt_session_save(nnrt_session *session, const char *path);

#ifdef __cplusplus
}
#endif
#endif
