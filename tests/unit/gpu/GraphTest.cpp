// Launches that entries repeat: by graphs or one by one they do the same, and fail alike.
#include "runtime/device/gpu/Graphs.h"
#include "tests/unit/gpu/Kernels.h"
#include "tests/unit/runtime/Support.h"

#include <array>
#include <cstdlib>
#include <gtest/gtest.h>
#include <optional>

using namespace nnrt;
using namespace nnrt::test;
using gpu::Driver;

namespace {

constexpr nnrt_site advanceSite = {"advance", "net.nn:1"}, gatherSite = {"gather", "net.nn:2"},
                    lastSite = {"last", "net.nn:3"};

/// (numbers): counts up numbers[0]
void advance(void *const *a) {
  auto *numbers = argument<uint64_t *>(a, 0);
  if (blockIndex() == 0 && threadIndex() == 0)
    store(numbers, load(numbers, advanceSite) + 1, advanceSite);
}
/// (numbers, factor): what it makes of numbers[1] depends on numbers[0], and on all before
void gather(void *const *a) {
  auto *numbers = argument<uint64_t *>(a, 0);
  if (blockIndex() == 0 && threadIndex() == 0)
    store(numbers + 1,
          load(numbers + 1, gatherSite) * argument<uint32_t>(a, 1) + load(numbers, gatherSite),
          gatherSite);
}
/// (numbers, count): all threads write the last of so many
void last(void *const *a) {
  store(argument<uint64_t *>(a, 0) + argument<uint32_t>(a, 1) - 1, uint64_t(threadIndex()),
        lastSite);
}

constexpr uint32_t bytes[] = {8, 4};
constexpr nnrt_kernel kernelOf(const char *name, const char *places, uint32_t numArguments,
                               void (*emulated)(void *const *), bool isCooperative = false) {
  return {.name = name,
          .places = places,
          .threads = 32,
          .declared_bytes = 0,
          .shared_bytes = 0,
          .is_cooperative = isCooperative,
          .num_arguments = numArguments,
          .argument_bytes = bytes,
          .emulated = emulated,
          .unchecked = nullptr,
          .waits = 1,
          .decisive = nullptr,
          .work = nullptr};
}
enum Kernel { Advance, Gather, Last, NumKernels };
constexpr nnrt_kernel kernels[NumKernels] = {
    kernelOf("advance", "net.nn:1", 1, advance, /*isCooperative=*/true),
    kernelOf("gather", "net.nn:2", 2, gather), kernelOf("last", "net.nn:3", 2, last)};

/// What the driver was asked for since the test began.
struct Calls {
  int launches = 0, copies = 0, captures = 0, graphLaunches = 0, graphs = 0, destroyed = 0;
};
Calls calls;
/// What functions of the driver give instead of doing anything.
struct Refusals {
  gpu::Result begin = gpu::Result::Success, instantiate = gpu::Result::Success,
              launchGraph = gpu::Result::Success, synchronize = gpu::Result::Success,
              launch = gpu::Result::Success;
  bool hasNoMemory = false; ///< the host, for launches
};
Refusals refusals;

/// The emulator's driver, counted and made to fail.
Driver watchedDriver() {
  using namespace gpu;
  using gpu::Result; // of the two
  static const Driver &own = emulator::emulatorDriver();
  Driver driver = own;
  driver.launchKernelEx = [](const LaunchConfig *config, Function function, void **arguments,
                             void **extra) {
    ++calls.launches;
    if (refusals.hasNoMemory)
      throw std::bad_alloc();
    return refusals.launch != Result::Success
               ? refusals.launch
               : own.launchKernelEx(config, function, arguments, extra);
  };
  driver.memcpyDtoDAsync = [](Address to, Address from, size_t size, Stream stream) {
    ++calls.copies;
    return own.memcpyDtoDAsync(to, from, size, stream);
  };
  driver.streamBeginCapture = [](Stream stream, CaptureMode mode) {
    ++calls.captures;
    return refusals.begin != Result::Success ? refusals.begin
                                             : own.streamBeginCapture(stream, mode);
  };
  driver.graphInstantiateWithFlags = [](GraphExec *executable, Graph graph,
                                        unsigned long long flags) {
    if (refusals.instantiate != Result::Success)
      return refusals.instantiate;
    ++calls.graphs;
    return own.graphInstantiateWithFlags(executable, graph, flags);
  };
  driver.graphLaunch = [](GraphExec executable, Stream stream) {
    ++calls.graphLaunches;
    return refusals.launchGraph != Result::Success ? refusals.launchGraph
                                                   : own.graphLaunch(executable, stream);
  };
  driver.graphExecDestroy = [](GraphExec executable) {
    ++calls.destroyed;
    const Result result = own.graphExecDestroy(executable);
    EXPECT_EQ(result, Result::Success);
    return result;
  };
  driver.moduleUnload = [](Module module) {
    EXPECT_EQ(calls.destroyed, calls.graphs); // they call its kernels
    return own.moduleUnload(module);
  };
  driver.streamSynchronize = [](Stream stream) {
    const Result result = own.streamSynchronize(stream); // what was asked for has ended
    return refusals.synchronize != Result::Success ? refusals.synchronize : result;
  };
  return driver;
}

/// Launches a kernel with arguments of their own types.
template <typename... Arguments>
void launch(nnrt_context *context, Kernel kernel, Arguments... arguments) {
  void *pointers[] = {&arguments...};
  nnrt_launch(context, kernel, 2, pointers);
}

/// What a body is called with.
struct Environment {
  nnrt_context *context;
  uint64_t *numbers; ///< of the device, 3
  uint32_t factor;   ///< of gather; of last the count
  int called = 0;    ///< the body
};
using Body = void (*)(void *, int64_t);

Environment &environmentOf(void *pointer) {
  Environment &environment = *static_cast<Environment *>(pointer);
  ++environment.called;
  return environment;
}
void count(void *pointer, int64_t) {
  Environment &own = environmentOf(pointer);
  launch(own.context, Advance, own.numbers);
  launch(own.context, Gather, own.numbers, own.factor);
  nnrt_copy(own.context, own.numbers + 2, own.numbers + 1, 8);
  nnrt_copy(own.context, own.numbers + 2, own.numbers + 1, 0); // nothing
}

class GraphTest : public testing::Test {
protected:
  nnrt_gpu_form form = {};
  std::unique_ptr<Device> device;
  Buffer memory;

  void SetUp() override {
    calls = {};
    refusals = {};
    form.code = {.num_kernels = NumKernels, .kernels = kernels, .num_images = 0, .images = nullptr};
    make();
  }
  void TearDown() override {
    refusals = {};
    memory = {};
    device.reset();
    EXPECT_EQ(calls.destroyed, calls.graphs);
  }
  void make() {
    memory = {};
    device = std::make_unique<gpu::GpuDevice>(watchedDriver(), 0, emulator::checkingDevice,
                                              "emulator", form);
    memory = device->allocate(24, "the numbers");
  }
  /// Repeats a body; how often it was called.
  int repeat(int64_t passes, Body body = count, uint32_t factor = 3) {
    struct Call {
      Body body;
      int64_t passes;
      Environment environment;
    };
    Call call = {body, passes, {nullptr, static_cast<uint64_t *>(memory.at()), factor}};
    nnrt_entry entry = {};
    entry.function = [](nnrt_context *context, const int64_t *, void *const *buffers, void *) {
      Call &call = *static_cast<Call *>(buffers[0]);
      call.environment.context = context;
      nnrt_repeat(context, call.body, &call.environment, call.passes);
    };
    void *buffers[] = {&call};
    device->run(entry, nullptr, buffers, nullptr);
    return call.environment.called;
  }
  std::array<uint64_t, 3> numbers() {
    std::array<uint64_t, 3> read = {};
    device->download(std::as_writable_bytes(std::span(read)), memory.at());
    return read;
  }
  static std::array<uint64_t, 3> expected(int64_t passes, uint64_t factor = 3) {
    uint64_t sum = 0;
    for (int64_t i = 1; i <= passes; ++i)
      sum = sum * factor + uint64_t(i);
    return {uint64_t(passes), sum, sum};
  }
  template <typename Action> Error errorOf(Action action) {
    try {
      action();
    } catch (const Error &error) {
      return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return Error("");
  }
};

constexpr int64_t passCounts[] = {0, 1, 2, 3, 31, 32, 33, 63, 64, 65, 1000};

static_assert(gpu::passesOfGraph(1) == 64 && gpu::passesOfGraph(2) == 32 &&
              gpu::passesOfGraph(3) == 16 && gpu::passesOfGraph(32) == 2 &&
              gpu::passesOfGraph(33) == 1 && gpu::passesOfGraph(1000) == 1);

TEST_F(GraphTest, DoesWhatSingleLaunchesDo) {
  for (int64_t passes : passCounts) {
    SCOPED_TRACE(passes);
    make();
    calls = {};
    EXPECT_EQ(repeat(passes), passes ? 1 : 0);
    EXPECT_EQ(numbers(), expected(passes));
    // 16 passes of 3 parts are a graph, which is made where it is launched twice at least.
    const bool usesGraphs = passes >= 32;
    EXPECT_EQ(calls.graphLaunches, usesGraphs ? passes / 16 : 0);
    EXPECT_EQ(calls.graphs, usesGraphs);
    EXPECT_EQ(calls.launches, 2 * (usesGraphs ? 16 + passes % 16 : passes));
    EXPECT_EQ(calls.copies, usesGraphs ? 16 + passes % 16 : passes);
    make(); // all are destroyed
    EXPECT_EQ(calls.destroyed, calls.graphs);
    calls = {};
  }
}

TEST_F(GraphTest, ABodyOfManyLaunchesIsAGraphByItself) {
  auto body = [](void *pointer, int64_t) {
    for (int i = 0; i < 40; ++i)
      launch(environmentOf(pointer).context, Advance, static_cast<Environment *>(pointer)->numbers);
  };
  repeat(1, body);
  EXPECT_EQ(calls.graphs, 0);
  repeat(5, body);
  EXPECT_EQ(calls.graphLaunches, 5);
  EXPECT_EQ(calls.launches, 40 + 40);
  EXPECT_EQ(numbers()[0], 240u);
}

TEST_F(GraphTest, ABodyOfNothing) {
  EXPECT_EQ(repeat(1000, [](void *pointer, int64_t) { environmentOf(pointer); }), 1);
  EXPECT_EQ(calls.captures, 0);
}

TEST_F(GraphTest, EqualBodiesShareAGraph) {
  for (int i = 0; i < 3; ++i)
    repeat(100);
  EXPECT_EQ(calls.graphs, 1);
  EXPECT_EQ(numbers(), expected(300));
  repeat(100, count, /*factor=*/4);
  EXPECT_EQ(calls.graphs, 2);
  repeat(100);
  EXPECT_EQ(calls.graphs, 2);
  // The same kernel on other memory.
  Buffer before = std::exchange(memory, device->allocate(24, "other numbers"));
  repeat(100);
  EXPECT_EQ(calls.graphs, 3);
  EXPECT_EQ(numbers(), expected(100));
}

TEST_F(GraphTest, TheGraphsThatWereUsedLastAreKept) {
  for (uint32_t factor = 0; factor < 8; ++factor)
    repeat(100, count, factor);
  EXPECT_EQ(calls.graphs, 8);
  EXPECT_EQ(calls.destroyed, 0);
  repeat(100, count, 0);
  EXPECT_EQ(calls.graphs, 8);
  repeat(100, count, 8); // 1 goes
  EXPECT_EQ(calls.graphs, 9);
  EXPECT_EQ(calls.destroyed, 1);
  repeat(100, count, 0);
  EXPECT_EQ(calls.graphs, 9);
  repeat(100, count, 1);
  EXPECT_EQ(calls.graphs, 10);
  EXPECT_EQ(calls.destroyed, 2);
  EXPECT_EQ(numbers()[0], 1200u);
}

/// A graph that is destroyed while it is still to run, runs.
TEST_F(GraphTest, WhatIsUnderWayIsNotDisturbed) {
  repeat(32);
  Buffer before = std::exchange(memory, device->allocate(24, "other numbers"));
  for (uint32_t factor = 4; factor < 20; ++factor)
    repeat(32, count, factor);
  memory = std::move(before);
  EXPECT_GE(calls.destroyed, 8);
  EXPECT_EQ(numbers(), expected(32));
}

TEST_F(GraphTest, NobodyMakesGraphsWhereEachLaunchIsWaitedFor) {
  setenv("NN_SYNC", "1", 1);
  make();
  unsetenv("NN_SYNC");
  calls = {};
  EXPECT_EQ(repeat(100), 1);
  EXPECT_EQ(calls.captures, 0);
  EXPECT_EQ(calls.launches, 200);
  EXPECT_EQ(numbers(), expected(100));
}

TEST_F(GraphTest, ADriverThatMakesNoGraphs) {
  for (gpu::Result Refusals::*member : {&Refusals::begin, &Refusals::instantiate}) {
    make();
    calls = {};
    refusals.*member = gpu::Result(801); // not supported
    repeat(100);
    repeat(100);
    EXPECT_EQ(calls.captures, 1); // it isn't asked again
    EXPECT_EQ(calls.graphLaunches, 0);
    EXPECT_EQ(numbers(), expected(200));
    refusals = {};
  }
}

//===-- Failures -----------------------------------------------------------------------------===//

TEST_F(GraphTest, FaultsAreFoundInGraphs) {
  auto body = [](void *pointer, int64_t) {
    count(pointer, 0);
    Environment &own = *static_cast<Environment *>(pointer);
    launch(own.context, Last, own.numbers, own.factor);
  };
  repeat(100, body, 3);
  EXPECT_EQ(calls.graphLaunches, 6);
  std::string found = errorOf([&] { numbers(); }).what();
  EXPECT_TRUE(finds(found, "race", "net.nn:3")) << found;
  make();
  calls = {};
  repeat(100, body, 4);
  EXPECT_EQ(calls.graphLaunches, 6);
  found = errorOf([&] { numbers(); }).what();
  EXPECT_TRUE(finds(found, "out of bounds", "net.nn:3")) << found;
  EXPECT_HAS(found, "kernel 'last'");
}

TEST_F(GraphTest, KernelsThatFailAreNamed) {
  repeat(96); // by graphs alone
  refusals.synchronize = gpu::Result::IllegalAddress;
  Error error = errorOf([&] { numbers(); });
  EXPECT_HAS(std::string(error.what()), "it is one of\n"
                                        "  kernel 'advance' (net.nn:1)\n"
                                        "  kernel 'gather' (net.nn:2)");
  EXPECT_EQ(error.getStatus(), Status::Internal);
  refusals.synchronize = gpu::Result::Success;
  numbers();
  repeat(1024, [](void *pointer, int64_t) {
    Environment &own = environmentOf(pointer);
    launch(own.context, Gather, own.numbers, own.factor);
  });
  refusals.launchGraph = gpu::Result::IllegalAddress;
  error = errorOf([&] { repeat(96); });
  EXPECT_HAS(std::string(error.what()), "kernel 'gather' (net.nn:2) failed on the emulator");
}

/// Entries are plain C: what is thrown within one comes out behind it.
TEST_F(GraphTest, TheHostsMemoryIsUsedUp) {
  refusals.hasNoMemory = true;
  EXPECT_THROW(repeat(1), std::bad_alloc);
  EXPECT_THROW(repeat(100), std::bad_alloc);
  refusals = {};
  EXPECT_EQ(numbers(), expected(0));
}

TEST_F(GraphTest, GraphsAndLaunchesThatAreNotAccepted) {
  refusals.launchGraph = gpu::Result::OutOfMemory;
  EXPECT_STREQ(errorOf([&] { repeat(100); }).what(),
               "cuGraphLaunch failed on the emulator: out of memory (CUDA error 2)");
  refusals = {};
  EXPECT_EQ(numbers(), expected(0)); // nor what remains
  // What can't be captured is launched by itself, and tells why.
  refusals.launch = gpu::Result::InvalidValue;
  EXPECT_STREQ(errorOf([&] { repeat(100, count, /*factor=*/5); }).what(),
               "kernel 'advance' (net.nn:1) cannot be launched on the emulator: invalid argument "
               "(CUDA error 1)");
  refusals = {};
  repeat(100);
  EXPECT_EQ(numbers(), expected(100));
}

TEST_F(GraphTest, WhatCannotBeRepeated) {
  for (int64_t passes : {1, 100}) {
    Error error = errorOf([&] {
      repeat(passes, [](void *pointer, int64_t) {
        Environment &own = environmentOf(pointer);
        launch(own.context, Advance, own.numbers);
        nnrt_set(own.context, own.numbers, &own.factor, 4);
      });
    });
    EXPECT_STREQ(error.what(), "nnrt_set was called among launches that are to be repeated");
    EXPECT_EQ(error.getStatus(), Status::Internal);
    error = errorOf([&] {
      repeat(passes, [](void *pointer, int64_t) {
        nnrt_repeat(environmentOf(pointer).context, count, pointer, 2);
      });
    });
    EXPECT_STREQ(error.what(), "nnrt_repeat was called among launches that are to be repeated");
  }
  EXPECT_EQ(calls.launches, 0);
  repeat(100); // then all is well again
  EXPECT_EQ(numbers(), expected(100));
}

/// After an error nothing is launched, and the first one is told.
TEST_F(GraphTest, TheFirstErrorIsKept) {
  nnrt_entry entry = {};
  entry.function = [](nnrt_context *context, const int64_t *, void *const *buffers, void *) {
    Environment environment = {context, static_cast<uint64_t *>(buffers[0]), 3};
    refusals.launch = gpu::Result::InvalidValue;
    launch(context, Advance, environment.numbers);
    refusals.launch = gpu::Result::Success;
    nnrt_repeat(context, count, &environment, 100);
    EXPECT_EQ(environment.called, 0);
  };
  void *buffers[] = {memory.at()};
  Error error = errorOf([&] { device->run(entry, nullptr, buffers, nullptr); });
  EXPECT_HAS(std::string(error.what()), "kernel 'advance' (net.nn:1) cannot be launched");
  EXPECT_EQ(numbers(), expected(0));
}

} // namespace
