// Softmax regression (ToyModel.cpp) with kernels for GPUs, as they are compiled for the host.
#include "tests/unit/gpu/ToyForms.h"

#include "runtime/support/Philox.h"
#include "tests/unit/gpu/Kernels.h"
#include "tests/unit/runtime/ToyModel.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <memory>
#include <utility>

namespace toy {

namespace {
using nnrt::test::argument;
using nnrt::test::load;
using nnrt::test::store;

constexpr nnrt_site at = {"toy", "toy.nn:1"};
constexpr int64_t rowFloats = classes + 2; // of the workspace: probabilities, loss, whether right

/// The tasks of the calling thread.
template <typename Body> void forEachTask(int64_t count, Body body) {
  const int64_t threads = int64_t(nnrt_emu_threads(0)) * nnrt_emu_blocks(0);
  for (int64_t i = int64_t(nnrt_emu_block(0)) * nnrt_emu_threads(0) + nnrt_emu_thread(0); i < count;
       i += threads)
    body(i);
}
template <typename Body> void inOneThread(Body body) {
  forEachTask(1, [&](int64_t) { body(); });
}

void forward(const uint8_t *image, const float *w, const float *bias, int64_t b,
             float (&logits)[classes]) {
  for (int c = 0; c < classes; ++c)
    logits[c] = load(bias + c, at);
  for (int k = 0; k < pixels; ++k) {
    float x = float(load(image + b * pixels + k, at)) / 255.0f;
    for (int c = 0; c < classes; ++c)
      logits[c] += x * load(w + k * classes + c, at);
  }
}

/// image, label, w, bias, work, size
void probabilities(void *const *a) {
  auto *work = argument<float *>(a, 4);
  forEachTask(argument<int64_t>(a, 5), [&](int64_t b) {
    float row[classes];
    forward(argument<const uint8_t *>(a, 0), argument<const float *>(a, 2),
            argument<const float *>(a, 3), b, row);
    int best = int(std::max_element(row, row + classes) - row);
    const uint8_t label = load(argument<const uint8_t *>(a, 1) + b, at);
    float top = row[best], sum = 0, own = row[label];
    for (float &each : row)
      sum += each = std::exp(each - top);
    for (int c = 0; c < classes; ++c)
      store(work + b * rowFloats + c, row[c] / sum, at);
    store(work + b * rowFloats + classes, std::log(sum) - (own - top), at);
    store(work + b * rowFloats + classes + 1, float(best == label), at);
  });
}

double column(const float *work, int64_t size, int which) {
  double sum = 0;
  for (int64_t b = 0; b < size; ++b)
    sum += double(load(work + b * rowFloats + which, at));
  return sum;
}

void update(float *parameter, float *velocity, float gradient) {
  const float next = 0.9f * load(velocity, at) + gradient;
  store(velocity, next, at);
  store(parameter, load(parameter, at) - 0.05f * next, at);
}

/// label, bias, seen, bias.v, loss, work, size: all but the rows of w
void rest(void *const *a) {
  inOneThread([&] {
    auto *work = argument<float *>(a, 5);
    const auto size = argument<int64_t>(a, 6);
    store(argument<double *>(a, 4), column(work, size, classes) / double(size), at);
    for (int64_t b = 0; b < size; ++b) {
      float *own = work + b * rowFloats + load(argument<const uint8_t *>(a, 0) + b, at);
      store(own, load(own, at) - 1, at);
    }
    for (int c = 0; c < classes; ++c) {
      float gradient = 0;
      for (int64_t b = 0; b < size; ++b)
        gradient += load(work + b * rowFloats + c, at);
      update(argument<float *>(a, 1) + c, argument<float *>(a, 3) + c, gradient / float(size));
    }
    auto *seen = argument<float *>(a, 2);
    store(seen, load(seen, at) + float(size), at);
  });
}

/// image, w, w.v, work, size
void rows(void *const *a) {
  const auto *image = argument<const uint8_t *>(a, 0);
  const auto *work = argument<const float *>(a, 3);
  const auto size = argument<int64_t>(a, 4);
  forEachTask(pixels, [&](int64_t k) {
    for (int c = 0; c < classes; ++c) {
      float gradient = 0;
      for (int64_t b = 0; b < size; ++b)
        gradient +=
            float(load(image + b * pixels + k, at)) / 255.0f * load(work + b * rowFloats + c, at);
      update(argument<float *>(a, 1) + k * classes + c, argument<float *>(a, 2) + k * classes + c,
             gradient / float(size));
    }
  });
}

/// work, three partial totals, size
void totals(void *const *a) {
  inOneThread([&] {
    const auto *work = argument<const float *>(a, 0);
    const auto size = argument<int64_t>(a, 4);
    store(argument<double *>(a, 1), column(work, size, classes), at);
    store(argument<double *>(a, 2), column(work, size, classes + 1), at);
    store(argument<double *>(a, 3), double(size), at);
  });
}

/// three totals, two results
void results(void *const *a) {
  inOneThread([&] {
    const double count = load(argument<const double *>(a, 2), at);
    store(argument<double *>(a, 3), load(argument<const double *>(a, 0), at) / count, at);
    store(argument<double *>(a, 4), load(argument<const double *>(a, 1), at) / count, at);
  });
}

/// image, w, bias, logits, size
void logits(void *const *a) {
  forEachTask(argument<int64_t>(a, 4), [&](int64_t b) {
    float row[classes];
    forward(argument<const uint8_t *>(a, 0), argument<const float *>(a, 1),
            argument<const float *>(a, 2), b, row);
    for (int c = 0; c < classes; ++c)
      store(argument<float *>(a, 3) + b * classes + c, row[c], at);
  });
}

/// w, bias, seen, seed
void first(void *const *a) {
  forEachTask(pixels * classes, [&](int64_t i) {
    uint32_t word =
        nnrt::philox4x32({uint32_t(i), 0, 0, 1}, nnrt::philoxKey(argument<uint64_t>(a, 3)))[0];
    store(argument<float *>(a, 0) + i, (float(word >> 8) / float(1 << 24) - 0.5f) * 0.1f, at);
  });
  forEachTask(classes, [&](int64_t c) { store(argument<float *>(a, 1) + c, 0.0f, at); });
  inOneThread([&] { store(argument<float *>(a, 2), 0.0f, at); });
}

/// w.v, bias.v
void firstStates(void *const *a) {
  forEachTask(pixels * classes, [&](int64_t i) { store(argument<float *>(a, 0) + i, 0.0f, at); });
  forEachTask(classes, [&](int64_t c) { store(argument<float *>(a, 1) + c, 0.0f, at); });
}

constexpr uint32_t eights[] = {8, 8, 8, 8, 8, 8, 8};
constexpr nnrt_kernel kernelOf(const char *name, const char *places, uint32_t numArguments,
                               void (*emulated)(void *const *), const nnrt_work *work = nullptr) {
  return {.name = name,
          .places = places,
          .threads = 64,
          .declared_bytes = 0,
          .shared_bytes = 0,
          .is_cooperative = 0,
          .num_arguments = numArguments,
          .argument_bytes = eights,
          .emulated = emulated,
          .unchecked = nullptr,
          .waits = 1,
          .decisive = nullptr,
          .work = work};
}
/// 1 us of an H100 in f32, more than its bytes take.
constexpr nnrt_work workOfRest = {.bytes = 20400, .flops = {0, 67'000'000, 0, 0}};
enum Kernel { Probabilities, Rest, Rows, Totals, Results, Logits, First, FirstStates, Count };
constexpr nnrt_kernel kernels[Count] = {
    kernelOf("probabilities", "toy.nn:1", 6, probabilities),
    kernelOf("rest", "toy.nn:1, toy.nn:3", 7, rest, &workOfRest),
    kernelOf("rows", "toy.nn:1", 5, rows),
    kernelOf("totals", "toy.nn:4", 5, totals),
    kernelOf("results", "toy.nn:4", 5, results),
    kernelOf("logits", "toy.nn:1", 5, logits),
    kernelOf("first", "toy.nn:1", 4, first),
    kernelOf("first_states", "toy.nn:3", 2, firstStates)};

/// Launches a kernel with pointers and numbers of 64 bits.
template <typename... Arguments>
void launch(nnrt_context *context, Kernel kernel, int64_t blocks, Arguments... arguments) {
  void *pointers[] = {&arguments...};
  nnrt_launch(context, kernel, blocks, pointers);
}

void step(nnrt_context *context, const int64_t *scalars, void *const *b, void *workspace) {
  launch(context, Probabilities, 2, b[0], b[1], b[2], b[3], workspace, scalars[0]);
  launch(context, Rest, 1, b[1], b[3], b[4], b[6], b[7], workspace, scalars[0]);
  launch(context, Rows, 13, b[0], b[2], b[5], workspace, scalars[0]);
}
void evaluate(nnrt_context *context, const int64_t *scalars, void *const *b, void *workspace) {
  launch(context, Probabilities, 2, b[0], b[1], b[2], b[3], workspace, scalars[0]);
  launch(context, Totals, 1, workspace, b[4], b[5], b[6], scalars[0]);
}
void finish(nnrt_context *context, const int64_t *, void *const *b, void *) {
  launch(context, Results, 1, b[0], b[1], b[2], b[3], b[4]);
}
void predict(nnrt_context *context, const int64_t *scalars, void *const *b, void *) {
  launch(context, Logits, 3, b[0], b[1], b[2], b[3], scalars[0]);
}
void init(nnrt_context *context, const int64_t *scalars, void *const *b, void *) {
  launch(context, First, 7, b[0], b[1], b[2], scalars[0]);
}
void initTraining(nnrt_context *context, const int64_t *, void *const *b, void *) {
  launch(context, FirstStates, 7, b[0], b[1]);
}

/// The model's entries with other functions.
struct Entries {
  Entries() {
    for (uint32_t i = 0; i < count; ++i) {
      list[i] = model.entries[i];
      const std::string name = list[i].name;
      list[i].function = name == "init"            ? init
                         : name == "init_training" ? initTraining
                         : name == "predict"       ? predict
                         : name == "step"          ? step
                         : name == "evaluate.0"    ? evaluate
                                                   : finish;
      if (name == "step")
        launches[i] = {/*is_known=*/1, 3, ofStep};
    }
  }
  static constexpr uint32_t count = 8;
  static constexpr nnrt_launch_count ofStep[] = {{Probabilities, 1, 0}, {Rest, 1, 1}, {Rows, 1, 0}};
  nnrt_entry list[count] = {};
  nnrt_launches launches[count] = {};
};

constexpr unsigned char cubin[] = "a cubin";
constexpr unsigned char ptx[] = "//\n.version 8.0\n.target sm_80\n.address_size 64\n";
constexpr uint32_t registers[Count] = {40, 24, 0, 18};
constexpr nnrt_image images[] = {{"sm_90a", cubin, sizeof cubin, registers},
                                 {"ptx", ptx, sizeof ptx, nullptr}};

nnrt_model make() {
  static const Entries entries;
  static const nnrt_gpu_form form = {.code = {Count, kernels, 2, images},
                                     .activation_bytes = model.activation_bytes + 64,
                                     .num_entries = Entries::count,
                                     .entries = entries.list,
                                     .launches = entries.launches,
                                     .make_device = nnrt_make_gpu_device};
  nnrt_model copy = model;
  copy.gpu = &form;
  return copy;
}

//===-- Entries as kernels -------------------------------------------------------------------===//

constexpr size_t mostEntries = 12;
nnrt_model original;

/// The arguments are the entry's scalars, its buffers and the workspace.
template <size_t index> void runEntry(void *const *arguments) {
  if (nnrt_emu_thread(0))
    return;
  const nnrt_entry &entry = original.entries[index];
  std::vector<int64_t> scalars;
  std::vector<void *> buffers;
  for (uint32_t i = 0; i < entry.num_scalars; ++i)
    scalars.push_back(argument<int64_t>(arguments, i));
  for (uint32_t i = 0; i <= entry.num_buffers; ++i)
    buffers.push_back(argument<void *>(arguments, entry.num_scalars + i));
  entry.function(nullptr, scalars.data(), buffers.data(), buffers.back());
}
template <size_t index>
void launchEntry(nnrt_context *context, const int64_t *scalars, void *const *buffers,
                 void *workspace) {
  const nnrt_entry &entry = original.entries[index];
  std::vector<void *> pointers;
  for (uint32_t i = 0; i < entry.num_scalars; ++i)
    pointers.push_back(const_cast<int64_t *>(scalars + i));
  for (uint32_t i = 0; i < entry.num_buffers; ++i)
    pointers.push_back(const_cast<void **>(buffers + i));
  pointers.push_back(&workspace);
  nnrt_launch(context, index, 1, pointers.data());
}

struct Deferred {
  template <size_t... index> explicit Deferred(std::index_sequence<index...>) {
    (add<index>(), ...);
    form = {.code = {original.num_entries, kernels.data(), 0, nullptr},
            .activation_bytes = original.activation_bytes,
            .num_entries = original.num_entries,
            .entries = entries.data(),
            .launches = launches.data(),
            .make_device = nnrt_make_gpu_device};
  }
  template <size_t index> void add() {
    if (index >= original.num_entries)
      return;
    entries.push_back(original.entries[index]);
    launches.push_back({});
    names.push_back("entry_" + std::to_string(index));
    entries.back().function = launchEntry<index>;
    const nnrt_entry &entry = entries.back();
    kernels.push_back(kernelOf(names.back().c_str(), "", entry.num_scalars + entry.num_buffers + 1,
                               runEntry<index>));
    kernels.back().threads = 32;
    kernels.back().argument_bytes = bytes.data();
  }
  std::vector<uint32_t> bytes = std::vector<uint32_t>(64, 8);
  std::deque<std::string> names;
  std::vector<nnrt_launches> launches;
  std::vector<nnrt_kernel> kernels;
  std::vector<nnrt_entry> entries;
  nnrt_gpu_form form;
};

} // namespace

const nnrt_model onGpu = make();

nnrt_model deferred(const nnrt_model &model) {
  static std::unique_ptr<Deferred> kept;
  original = model;
  kept = std::make_unique<Deferred>(std::make_index_sequence<mostEntries>());
  nnrt_model copy = model;
  copy.gpu = &kept->form;
  return copy;
}

nnrt_model deferredInTables(const nnrt_model &model) {
  const nnrt_model tables = deferred(inTables(model));
  nnrt_model copy = model;
  copy.gpu = tables.gpu;
  return copy;
}

} // namespace toy
