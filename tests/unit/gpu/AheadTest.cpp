// The host is ahead of a GPU: it waits neither for each step nor for each batch, and all is as if
// it had.
#include "runtime/device/emulator/EmulatorDriver.h"
#include "runtime/device/gpu/CudaDriver.h"
#include "runtime/device/gpu/GpuDevice.h"
#include "runtime/loop/Interrupt.h"
#include "runtime/loop/Trainer.h"
#include "runtime/model/ResultSlots.h"
#include "runtime/support/Error.h"
#include "tests/unit/gpu/FakeCuda.h"
#include "tests/unit/gpu/ToyForms.h"
#include "tests/unit/runtime/Points.h"

#include <bit>
#include <cmath>
#include <csignal>
#include <dlfcn.h>
#include <filesystem>
#include <thread>

using namespace nnrt;
using namespace nnrt::test;
using nlohmann::json;

namespace {

/// toy::drawn in a form for GPUs, with a loss that is not finite in step 7.
struct Failing {
  static constexpr int64_t failingStep = 7;
  std::vector<nnrt_entry> entries{toy::drawn.entries, toy::drawn.entries + toy::drawn.num_entries};
  nnrt_model plain = toy::drawn;

  Failing() {
    for (nnrt_entry &entry : entries)
      if (std::string_view(entry.name) == "step")
        entry.function = [](nnrt_context *context, const int64_t *scalars, void *const *buffers,
                            void *workspace) {
          original()(context, scalars, buffers, workspace);
          if (scalars[1] == failingStep)
            *static_cast<double *>(buffers[1]) = std::nan("");
        };
    plain.entries = entries.data();
  }
  static nnrt_function original() { return toy::drawn.entries[1].function; }
};

/// Training in the process, on a library that stands in for NVIDIA's and counts.
class AheadTest : public ::testing::Test {
protected:
  FakeCuda *fake = nullptr;
  nnrt_model model = toy::deferred(toy::drawn);

  void SetUp() override {
    void *library = dlopen(FAKE_CUDA, RTLD_NOW | RTLD_LOCAL);
    ASSERT_TRUE(library) << dlerror();
    fake = std::bit_cast<FakeCuda *(*)()>(dlsym(library, "fake_cuda"))();
    *fake = {};
    fake->backend = &emulator::emulatorDriver();
    fake->code = &model.gpu->code;
  }
  /// What so many steps call, with nobody to look on.
  std::map<std::string, int> callsOf(uint64_t steps) {
    static constexpr unsigned char text[] = "//\n.version 8.0\n.target sm_80\n.address_size 64\n";
    static constexpr nnrt_image image = {"ptx", text, sizeof text};
    nnrt_gpu_form form = *model.gpu;
    form.code.num_images = 1;
    form.code.images = &image;
    int version = 0;
    const gpu::Driver driver = gpu::loadCudaDriver(version, FAKE_CUDA);
    gpu::GpuDevice device(driver, version, 0, "cuda", form);
    Recipe recipe = parseRecipe(model.recipe);
    Session session(model, device, &recipe, /*isTraining=*/true);
    session.initialize();
    session.initializeTraining();
    TrainingPosition position;
    position.batch = recipe.batch;
    position.planned = steps;
    position.hasPlan = true;
    TrainingData data;
    data.dims.resize(model.num_dims);
    data.isEvaluated = false;
    InterruptScope scope;
    Trainer trainer(session, recipe, data, {unlimited, steps}, position);
    fake->calls.clear();
    trainer.run();
    return fake->calls;
  }
};

/// ... but for a few times until it knows that steps are quick, and where all slots are full.
TEST_F(AheadTest, WaitsDoNotGrowWithSteps) {
  std::map<std::string, int> calls = callsOf(100);
  EXPECT_EQ(calls["cuLaunchKernelEx"], 100);
  EXPECT_LE(calls["cuStreamSynchronize"], 12);
  calls = callsOf(2000);
  EXPECT_EQ(calls["cuLaunchKernelEx"], 2000);
  EXPECT_LE(calls["cuStreamSynchronize"], 30);
}

//===-- Whole programs -----------------------------------------------------------------------===//

class AheadProgramTest : public PointsTest {};

TEST_F(AheadProgramTest, ALossThatIsNotFiniteIsNamedRight) {
  const Failing failing;
  const nnrt_model model = toy::deferred(failing.plain);
  for (const char *device : {"cpu", "emulator:fast"}) {
    const std::string saved = folder / device, log = saved + ".log";
    Result result = run(model, {"train", "--device", device, "--save", saved, "--save-every", "5",
                                "--log", log, "--log-every", "4"});
    EXPECT_EQ(result.status, 1);
    EXPECT_HAS(result.err, "the loss is not finite (NaN) at step 7; training stopped; the last "
                           "good checkpoint is kept: " +
                               saved);
    EXPECT_EQ(headerOf(readFile(saved))["__metadata__"]["step"], "5");
    const std::string name = std::string(device) + ".log";
    EXPECT_EQ(events(name.c_str(), "error").at(0)["step"], 7);
    EXPECT_EQ(events(name.c_str(), "step").size(), 1u);
  }
}

/// How often somebody looks changes no bit of what is summed up.
TEST_F(AheadProgramTest, MeansAreTheSameHoweverOftenTheyAreLookedAt) {
  model = toy::deferred(toy::table); // accumulates, and has a block every 2
  std::vector<std::vector<json>> epochs;
  std::vector<std::string> saved;
  for (const char *device : {"cpu", "emulator:fast"})
    for (const char *every : {"1", "3", "1000"}) {
      Result result = train({"--device", device, "--save", folder / "w", "--log", folder / "log",
                             "--log-every", every, "--epochs", "7"});
      ASSERT_EQ(result.status, 0) << result.err;
      epochs.push_back(events("log", "epoch"));
      for (json &each : epochs.back()) {
        each.erase("seconds");
        each.erase("examples_per_second");
      }
      saved.push_back(readFile(folder / "w"));
    }
  for (size_t i = 1; i < epochs.size(); ++i) {
    EXPECT_EQ(epochs[i], epochs[0]);
    EXPECT_EQ(saved[i], saved[0]);
  }
}

TEST_F(AheadProgramTest, ASignalLeavesWhatGoesOn) {
  writeDigits(data, 203, 61);
  const nnrt_model &model = toy::onGpu;
  const std::string half = folder / "half", log = folder / "log";
  Child child(model, trainWords({"--device", "emulator:fast", "--steps", "100000000", "--save",
                                 half, "--log", log}));
  for (int i = 0; i < 20000 && events("log", "epoch").empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  kill(child.pid(), SIGINT);
  ASSERT_EQ(child.wait().status, 130);
  const std::string step = headerOf(readFile(half))["__metadata__"]["step"];
  const std::string end = std::to_string(std::stoull(step) + 30);
  Result result = run(model, trainWords({"--device", "emulator:fast", "--resume", half, "--steps",
                                         end, "--save", folder / "a"}));
  ASSERT_EQ(result.status, 0) << result.err;
  ASSERT_EQ(
      run(model, trainWords({"--device", "cpu", "--steps", end, "--save", folder / "b"})).status,
      0);
  EXPECT_EQ(readFile(folder / "a"), readFile(folder / "b"));
}

} // namespace
