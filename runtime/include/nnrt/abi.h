/* The contract between a compiled model and whatever runs it: plain C, versioned.
 *
 * The compiler emits one constant `nnrt_model` named `nnrt_model_descriptor`. A program's loop, the
 * library form and the runtime's own tests all drive a model through it alone. */
#ifndef NNRT_ABI_H
#define NNRT_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NNRT_ABI_VERSION 6

typedef enum nnrt_dtype {
  NNRT_F64,
  NNRT_F32,
  NNRT_F16,
  NNRT_BF16,
  NNRT_I64,
  NNRT_I32,
  NNRT_U8,
  NNRT_BOOL
} nnrt_dtype;

/* A tensor's type and place. A dimension below 0 is symbolic: ~d names dims[d] of the model.
 * `offset` is in bytes from the start of its arena, a multiple of 64; inputs and outputs have none
 * (0). */
typedef struct nnrt_tensor {
  const char *name;
  uint32_t dtype; /* nnrt_dtype */
  uint32_t rank;
  const int64_t *shape;
  uint64_t offset;
} nnrt_tensor;

/* A size that is computed from the model's dimensions: a sum of terms, each a factor times the
 * dimensions' powers. */
typedef struct nnrt_size {
  const char *text; /* "n - m", for messages */
  uint32_t num_terms;
  const int64_t *factors;
  const uint32_t *powers; /* of each term as many as the model has dimensions */
} nnrt_size;

/* A tensor that comes from outside: an input of predict, a column as a reader gives it, or a field,
 * whose tensors have the batch (or all rows) as leading dimension. Its integers lie in [low, high)
 * where low < high, or in [0, limit) where there is a limit, which the call's dimensions then tell:
 * they pick a row of something. Whoever calls an entry has checked that. */
typedef struct nnrt_port {
  nnrt_tensor tensor;
  int64_t low, high;
  const nnrt_size *limit; /* null: none, or known and so `high` */
} nnrt_port;

/* Memory that outlives a call, on the device. */
typedef enum nnrt_arena {
  NNRT_PARAMETERS, /* "dense.w" */
  NNRT_STATES,     /* of layers: "norm.centre" */
  NNRT_OPTIMIZER,  /* states of the optimizer: "dense.w.m" */
  NNRT_AVERAGES,   /* of the parameters, one for each, in their order; none without `ema` */
  NNRT_GRADIENTS,  /* sums over batches, one per parameter; none where a step takes one batch */
  NNRT_FITTED,     /* what data preparation fitted: "housing.0" */
  NNRT_CACHES,     /* what `next` keeps of the units before: "0" */
  NNRT_NUM_ARENAS
} nnrt_arena;
typedef struct nnrt_tensors {
  uint32_t count;
  const nnrt_tensor *tensors;
  uint64_t bytes; /* of the arena */
} nnrt_tensors;

/* Where an argument of an entry comes from. Tensors of arenas are read, and written where the entry
 * computes them. */
typedef enum nnrt_source {
  /* Scalars, as int64; NUMBER has the bits of a double. */
  NNRT_DIM,     /* the value of dims[index] */
  NNRT_STEP,    /* the block's own updates, from 1 */
  NNRT_STEPS,   /* how many of these there will be at the end */
  NNRT_BATCH,   /* the examples of a whole batch in training */
  NNRT_SEED,    /* the seed */
  NNRT_DRAW,    /* the number of the batch in training, from 1; 0 outside of training */
  NNRT_EXAMPLE, /* the number of the batch's first example in its part, from 0 */
  NNRT_NUMBER,  /* numbers[index] of the recipe */
  NNRT_CLASS,   /* the number of the class that classes[index] of the data asks for */
  NNRT_PASSES,  /* the batches that the call goes through, at least 1 */
  NNRT_PLACE,   /* where the first one begins in the order of examples, from 0 */
  NNRT_WIDTH,   /* numbers from what is written for one of them to the same of the next one */
  /* Buffers. */
  NNRT_PARAMETER, /* of the arenas, in their order: the tensor [index] */
  NNRT_STATE,
  NNRT_OPTIMIZER_STATE,
  NNRT_AVERAGE,
  NNRT_GRADIENT,
  NNRT_FIT,
  NNRT_CACHE,
  NNRT_INPUT,    /* inputs[index]; of predict */
  NNRT_OUTPUT,   /* outputs[index], written; of predict */
  NNRT_FIELD,    /* one batch of fields[index]; written by `prepare` */
  NNRT_COLUMN,   /* columns[index], all rows of a part */
  NNRT_LOSS,     /* one f64, written: losses[index] of the block, the mean over the batch */
  NNRT_TOTAL,    /* f64s: totals[index] and on over all batches of a part */
  NNRT_PARTIAL,  /* f64s, written: what the batch adds to totals[index] and on */
  NNRT_RESULT,   /* f64s, written: a loss or metric of a whole part, in the recipe's order */
  NNRT_TABLE,    /* fields[index] of all examples of a part, or of some: "rows" many */
  NNRT_ORDER,    /* i32, the rows of these tables in the order in which batches take them */
  NNRT_COLLECTED /* collected[index]: of the batch, written by a pass; in `finish` of the part */
} nnrt_source;
typedef struct nnrt_binding {
  uint32_t source;
  uint32_t index;
} nnrt_binding;

/* Opaque to compiled code: the thread pool, or what takes launches. */
typedef struct nnrt_context nnrt_context;

/* What an entry asks of a call's dimensions: that `size`, which has no constant term, is at least
 * `least`. With less, a tensor within the entry would have no elements or fewer, or lack a listed
 * one. */
typedef struct nnrt_need {
  nnrt_size size;
  int64_t least;
  const char *place; /* in the source, of what computes that tensor: "net.nn:12" */
} nnrt_need;

/* A compiled function, called with dimensions of at least 1 that meet the entry's needs. `scalars`
 * and `buffers` hold one value per binding, in order; `workspace` has workspace_bytes (aligned to
 * 64) and needs no initial value. Pure but for what its bindings say is written; it never allocates
 * and never fails. */
typedef void (*nnrt_function)(nnrt_context *context, const int64_t *scalars, void *const *buffers,
                              void *workspace);

/* An entry, found by name and dimensions. Which names a model has:
 *
 *   init             parameters and layers' states from the seed
 *   init_training    optimizer states and averages, from seed and parameters
 *   predict          outputs from inputs
 *   next             of one unit of a text, at NNRT_PLACE, what predict gives at that place: input
 *                    and output are those of predict with one position, of a batch of 1. It takes
 *                    what it needs of the units before from its caches, and writes its own there;
 *                    they are 0 before place 0. Models of texts that look back only.
 *   step[.BLOCK]     one update from one batch
 *   gradient[.BLOCK] adds the gradient of one batch to the arena of gradients    (instead of step,
 *   update[.BLOCK]   one update from these sums                                   with accumulate)
 *   evaluate.PASS    what a batch adds to the totals of pass 0, 1, ..., and its rows of what these
 *                    passes collect
 *   finish           losses and metrics from all totals, and from all rows of what was collected:
 *                    its batch is the whole part
 *   fit              what preparation fits, from the columns of the training part
 *   prepare          fields from columns
 *
 * An entry that is bound to NNRT_PASSES goes through that many batches of the same size, one after
 * the other, as calls would: the first is that of NNRT_STEP, NNRT_DRAW, NNRT_EXAMPLE and
 * NNRT_PLACE, and for each next one example and place are a batch more and, in training, step and
 * draw one more (outside of training these are 0 for all). Of these it takes no fields, but finds
 * them: the example at place p has the row order[p] of all tables. What it writes of losses or
 * totals lies NNRT_WIDTH numbers behind what it wrote for the batch before. */
typedef struct nnrt_entry {
  const char *name;
  /* Per dimension of the model the one value that this entry was compiled for, or 0: any. */
  const int64_t *dims;
  nnrt_function function;
  uint32_t num_scalars, num_buffers;
  const nnrt_binding *scalars;
  const nnrt_binding *buffers;
  /* The bytes of workspace for given scalars. */
  uint64_t (*workspace_bytes)(const int64_t *scalars);
  uint32_t num_needs;
  const nnrt_need *needs;
} nnrt_entry;

typedef struct nnrt_model {
  uint32_t abi_version;
  const char *name;
  const char *compiler;      /* "nnc 0.2.0" */
  const char *target;        /* "cpu" */
  const char *cpu;           /* what the code is tuned to: "x86-64-v3" */
  const char *cpu_features;  /* what it needs, of nnrt/cpu_features.def: "avx avx2 fma" */
  const char *source;        /* the text of the .nn file */
  const char *source_sha256; /* of that text, in hex */
  uint32_t num_dims;
  const char *const *dims;
  int32_t batch_dim; /* the dimension along which examples lie, or -1 */
  int32_t rows_dim;  /* that of columns: all rows of a part; or -1 */
  nnrt_tensors arenas[NNRT_NUM_ARENAS];
  uint32_t num_inputs, num_outputs, num_fields, num_columns;
  const nnrt_port *inputs;
  const nnrt_tensor *outputs;
  const nnrt_port *fields;
  const nnrt_port *columns;
  uint32_t num_totals, num_results; /* numbers: several where one is a table */
  uint32_t num_collected;
  /* What metrics need of all examples of a part at once: a row for each, the batch leads. */
  const nnrt_tensor *collected;
  /* The recipe and its data, as JSON (runtime/model/Recipe.h says what stands in it); null where
   * the file has none. */
  const char *recipe;
  uint64_t activation_bytes; /* the largest workspace of a training entry at the recipe's batch */
  uint32_t num_entries;
  const nnrt_entry *entries;
  const struct nnrt_gpu_form *gpu; /* nnrt/gpu.h; null where it was compiled for CPUs alone */
} nnrt_model;

extern const nnrt_model nnrt_model_descriptor;

/* Called by compiled code: runs body(environment, i) for every i in [0, count), on any threads of
 * the context's pool, and returns when all are done. Each i writes memory of its own. */
void nnrt_parallel_for(nnrt_context *context, void (*body)(void *environment, int64_t index),
                       void *environment, int64_t count);

#ifdef __cplusplus
}
#endif
#endif
