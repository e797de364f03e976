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

#define NNRT_ABI_VERSION 2

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

/* A tensor that comes from outside: an input of the model, or a field of the data set, whose tensor
 * has the batch as leading dimension. Its integers lie in [low, high) where low < high: they pick a
 * row of something. Whoever calls an entry has checked that. */
typedef struct nnrt_port {
  nnrt_tensor tensor;
  int64_t low, high;
} nnrt_port;

typedef struct nnrt_file {
  const char *split; /* "train", "test" */
  uint32_t field;    /* index into fields */
  const char *path;  /* relative to the data directory */
} nnrt_file;

/* Where an argument of an entry comes from. */
typedef enum nnrt_source {
  NNRT_DIM,       /* scalar: the value of dims[index] */
  NNRT_STEP,      /* scalar: the step, from 1, as int64 */
  NNRT_SEED,      /* scalar: the seed, as int64 */
  NNRT_FIELD,     /* buffer: one batch of fields[index], rows contiguous */
  NNRT_INPUT,     /* buffer: inputs[index] of the model (predict) */
  NNRT_PARAMETER, /* buffer: parameters[index], read, and in `step` and `init` written */
  NNRT_STATE,     /* buffer: states[index], the optimizer's */
  NNRT_OUTPUT,    /* buffer: outputs[index], written */
  NNRT_LOSS,      /* buffer: one f32, written: the mean over the batch */
  NNRT_METRIC     /* buffer: metrics[index], one f32, written: the mean over the batch */
} nnrt_source;
typedef struct nnrt_binding {
  uint32_t source;
  uint32_t index;
} nnrt_binding;

/* Opaque to compiled code: the thread pool. */
typedef struct nnrt_context nnrt_context;

/* A compiled function. `scalars` and `buffers` hold one value per binding, in order; `workspace`
 * has workspace_bytes (aligned to 64) and needs no initial value. Pure but for what its bindings
 * say is written; it never allocates and never fails. */
typedef void (*nnrt_function)(nnrt_context *context, const int64_t *scalars, void *const *buffers,
                              void *workspace);

/* What an entry does. A model without a recipe has no step and no eval. */
typedef enum nnrt_entry_kind {
  NNRT_ENTRY_INIT,   /* writes all parameters, buffers and states from the seed */
  NNRT_ENTRY_STEP,   /* one training step */
  NNRT_ENTRY_EVAL,   /* loss and metrics, no update */
  NNRT_ENTRY_PREDICT /* outputs from inputs */
} nnrt_entry_kind;

typedef struct nnrt_entry {
  uint32_t kind; /* nnrt_entry_kind */
  /* The one value of dims[0] that this entry was compiled for, or 0: any. */
  int64_t batch;
  nnrt_function function;
  uint32_t num_scalars, num_buffers;
  const nnrt_binding *scalars;
  const nnrt_binding *buffers;
  /* The bytes of workspace for given scalars. */
  uint64_t (*workspace_bytes)(const int64_t *scalars);
} nnrt_entry;

typedef struct nnrt_recipe {
  const char *data;   /* the name of the data set: "mnist" */
  const char *format; /* how its files are read: "idx" */
  const char *optimizer;
  int64_t batch;
  int64_t epochs; /* 0: not stated */
  int64_t steps;  /* 0: not stated */
  uint64_t seed;
  /* Metrics in order; the first is the one a progress bar shows. */
  uint32_t num_metrics;
  const char *const *metrics;
} nnrt_recipe;

typedef struct nnrt_model {
  uint32_t abi_version;
  const char *name;
  const char *compiler;      /* "nnc 0.1.0" */
  const char *cpu;           /* what the code is tuned to: "x86-64-v3" */
  const char *cpu_features;  /* what it needs, of nnrt/cpu_features.def: "avx avx2 fma" */
  const char *source;        /* the text of the .nn file */
  const char *source_sha256; /* of that text, in hex */
  uint32_t num_dims;
  const char *const *dims; /* "batch" first where there is one */
  uint32_t num_parameters; /* parameters, then buffers, in one arena */
  uint32_t num_buffers;    /* how many of these, at the end, are buffers (not trained) */
  const nnrt_tensor *parameters;
  uint64_t parameter_bytes;
  uint32_t num_states; /* the optimizer's, in an arena of their own: "dense.w.m" */
  const nnrt_tensor *states;
  uint64_t state_bytes;
  uint32_t num_inputs, num_outputs;
  const nnrt_port *inputs;
  const nnrt_tensor *outputs;
  uint32_t num_fields;
  const nnrt_port *fields;
  uint32_t num_files;
  const nnrt_file *files;
  const nnrt_recipe *recipe; /* null where the file has no recipe */
  uint64_t activation_bytes; /* workspace of `step` at the recipe's batch */
  /* At most one of each kind and batch. Step and eval come twice: for the recipe's batch, and for
   * any. */
  uint32_t num_entries;
  const nnrt_entry *entries;
} nnrt_model;

/* The entry to call for a batch: the one compiled for it, else the one for any; null where the
 * model has neither. */
static inline const nnrt_entry *nnrt_find_entry(const nnrt_model *model, nnrt_entry_kind kind,
                                                int64_t batch) {
  const nnrt_entry *any = NULL;
  for (uint32_t i = 0; i < model->num_entries; ++i) {
    const nnrt_entry *entry = &model->entries[i];
    if (entry->kind == (uint32_t)kind && entry->batch == batch)
      return entry;
    if (entry->kind == (uint32_t)kind && entry->batch == 0)
      any = entry;
  }
  return any;
}

extern const nnrt_model nnrt_model_descriptor;

/* Called by compiled code: runs body(environment, i) for every i in [0, count), on any threads of
 * the context's pool, and returns when all are done. Each i writes memory of its own. */
void nnrt_parallel_for(nnrt_context *context, void (*body)(void *environment, int64_t index),
                       void *environment, int64_t count);

#ifdef __cplusplus
}
#endif
#endif
