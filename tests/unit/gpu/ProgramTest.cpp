// Whole programs on the emulator: the same bits as on the processor.
#include "nnrt/emulator.h"
#include "nnrt/library.h"
#include "tests/unit/gpu/ToyForms.h"
#include "tests/unit/runtime/Points.h"

#include <dlfcn.h>

using namespace nnrt;
using namespace nnrt::test;
using nlohmann::json;

namespace {

/// A model as it is, and its form for GPUs.
class OnGpuTest : public ProgramTest {
protected:
  /// The weights, states and whatever else a training saves.
  std::string trained(const nnrt_model &model, std::vector<std::string> more) {
    const std::string path = folder / ("saved" + std::to_string(++saved) + ".safetensors");
    more.insert(more.end(), {"--save", path, "--quiet"});
    Result result = run(model, trainWords(more));
    EXPECT_EQ(result.status, 0) << result.err;
    return readFile(path);
  }
  int saved = 0;
};

TEST_F(OnGpuTest, TrainsToTheSameBits) {
  const std::string expected = trained(toy::onGpu, {"--device", "cpu"});
  EXPECT_EQ(trained(toy::onGpu, {"--device", "emulator:fast"}), expected);
  EXPECT_EQ(trained(toy::onGpu, {"--device", "emulator", "--log", folder / "log"}), expected);
  EXPECT_EQ(events("log", "start").at(0)["device"], "emulator");
}

TEST_F(OnGpuTest, GoesOnWhereTheOtherDeviceStopped) {
  const std::string expected = trained(toy::onGpu, {"--device", "cpu", "--steps", "9"});
  for (const auto &[before, after] :
       {std::pair("cpu", "emulator:fast"), {"emulator:fast", "cpu"}}) {
    const std::string half = folder / "half.safetensors";
    ASSERT_EQ(
        run(toy::onGpu, trainWords({"--device", before, "--steps", "5", "--save", half})).status,
        0);
    EXPECT_EQ(trained(toy::onGpu, {"--device", after, "--steps", "9", "--resume", half}), expected);
  }
}

TEST_F(OnGpuTest, EvaluatesAndPredicts) {
  const std::string weights = folder / "w.safetensors";
  writeFile(weights, trained(toy::onGpu, {"--device", "cpu"}));
  std::string image = "\x93NUMPY";
  const std::string header =
      "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 28, 28), }                \n";
  image += std::string("\x01\x00", 2) + le(header.size(), 2) + header;
  for (int i = 0; i < 3 * toy::pixels; ++i)
    image += char(i % 251);
  writeFile(folder / "x.npy", image);
  for (std::vector<std::string> words :
       {std::vector<std::string>{"eval", "--weights", weights, "--data", data},
        {"predict", "--weights", weights, folder / "x.npy"}}) {
    words.insert(words.begin() + 1, {"--device", "cpu"});
    Result expected = run(toy::onGpu, words);
    ASSERT_EQ(expected.status, 0) << expected.err;
    words[2] = "emulator";
    Result result = run(toy::onGpu, words);
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.out, expected.out);
  }
}

/// What entries do is done as late as it may be: nobody reads results too early, or writes over a
/// batch that is still to be copied.
TEST_F(OnGpuTest, NothingIsReadOrWrittenTooEarly) {
  const nnrt_model model = toy::deferred(toy::drawn);
  auto of = [&](const char *device) {
    const std::string path = folder / device;
    Result result = run(model, {"train", "--device", device, "--save", path, "--log-every", "1",
                                "--log", path + ".log"});
    EXPECT_EQ(result.status, 0) << result.err;
    return readFile(path);
  };
  EXPECT_EQ(of("emulator"), of("cpu"));
}

class TableOnGpuTest : public PointsTest {};

TEST_F(TableOnGpuTest, PreparesAccumulatesAndAverages) {
  model = toy::deferred(toy::table);
  auto of = [&](const char *device) {
    const std::string path = folder / device;
    Result result = train({"--device", device, "--save", path, "--log", path + ".log"});
    EXPECT_EQ(result.status, 0) << result.err;
    Result evaluated = eval(path, {"--device", device});
    EXPECT_EQ(evaluated.status, 0) << evaluated.err;
    return readFile(path) + evaluated.out;
  };
  EXPECT_EQ(of("emulator"), of("cpu"));
  EXPECT_EQ(of("emulator:fast"), of("cpu"));
}

//===-- Choosing a device --------------------------------------------------------------------===//

TEST_F(OnGpuTest, NamesOfDevices) {
  Result result = run(toy::onGpu, trainWords({"--device", "emulator:quick"}));
  EXPECT_EQ(result.status, 2);
  EXPECT_HAS(result.err, "unknown device 'emulator:quick'");
  result = run(toy::onGpu, trainWords({"--device", "cuda:one"}));
  EXPECT_EQ(result.status, 2);
  EXPECT_HAS(result.err, "say cuda, cuda:1 for the second GPU, emulator or emulator:fast");
  result = run(toy::onGpu, trainWords({"--device", "emulater"}));
  EXPECT_EQ(result.status, 2);
  EXPECT_HAS(result.err, "did you mean 'emulator'?");
  for (const char *device : {"cuda", "cuda:1", "emulator", "emulator:fast"}) {
    result = run(toy::model, trainWords({"--device", device}));
    EXPECT_EQ(result.status, 2);
    EXPECT_HAS(result.err, std::string("was not built for device '") + device + "'; it has: cpu");
  }
}

/// Where there is a driver, it doesn't take the images of a toy.
TEST_F(OnGpuTest, AutoFallsBackToTheProcessor) {
  Result result =
      run(toy::onGpu, trainWords({"--device", "auto", "--steps", "1", "--log", folder / "log"}));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(events("log", "start").at(0)["device"], "cpu");
}

TEST_F(OnGpuTest, WithoutADriver) {
  if (void *library = dlopen("libcuda.so.1", RTLD_LAZY)) {
    dlclose(library);
    GTEST_SKIP() << "there is a driver";
  }
  Result result = run(toy::onGpu, trainWords({"--device", "cuda"}));
  EXPECT_EQ(result.status, 1);
  EXPECT_HAS(result.err, "error: there is no NVIDIA driver: libcuda.so.1 cannot be loaded");
  EXPECT_HAS(result.err, "--device cpu runs the program on the processor");
}

TEST(OnGpu, ALibraryTakesTheProcessorWhereThereIsNoGpu) {
  nnrt_session *session = nullptr;
  const uint64_t dims[] = {4};
  ASSERT_EQ(nnrt_session_create(&toy::onGpu, dims, 1, &session), NNRT_OK)
      << nnrt_session_message(session);
  EXPECT_EQ(nnrt_session_init(session, 1), NNRT_OK);
  nnrt_session_destroy(session);
}

/// What training with other kernels in place of the toy's gives.
static Result trainOnEmulator(const std::vector<nnrt_kernel> &kernels, int examples) {
  nnrt_gpu_form form = *toy::onGpu.gpu;
  form.code.kernels = kernels.data();
  nnrt_model model = toy::onGpu;
  model.gpu = &form;
  TempFolder folder;
  writeDigits(folder / "data", examples, 10);
  return run(model, {"train", "--data", folder / "data", "--device", "emulator"});
}

//===-- What is told -------------------------------------------------------------------------===//

TEST(OnGpu, AFaultOfAKernelIsAnInternalError) {
  static const uint32_t eights[] = {8, 8, 8, 8, 8, 8, 8};
  std::vector<nnrt_kernel> kernels(toy::onGpu.gpu->code.kernels,
                                   toy::onGpu.gpu->code.kernels + toy::onGpu.gpu->code.num_kernels);
  // All threads write what one should.
  static constexpr nnrt_site site = {"first_states", "toy.nn:3"};
  kernels.back().argument_bytes = eights;
  kernels.back().emulated = [](void *const *arguments) {
    auto *to = *static_cast<float **>(arguments[0]);
    nnrt_emu_write(to, 4, 4, &site);
    *to = 0;
  };
  Result result = trainOnEmulator(kernels, 20);
  EXPECT_EQ(result.status, 3);
  EXPECT_HAS(result.err,
             "error: the emulator has found faults in kernels\n  toy.nn:3: race in kernel "
             "'first_states': block 0, thread 1 writes byte 0 of 31424 of the optimizer's "
             "state, which block 0, thread 0 has written at toy.nn:3 with no barrier "
             "between");
  EXPECT_HAS(result.err, "This is a fault of nnc");
}

/// A GPU has many batches in a block; here each has memory of its own.
TEST(OnGpu, AReadBeyondABatchIsFound) {
  std::vector<nnrt_kernel> kernels(toy::onGpu.gpu->code.kernels,
                                   toy::onGpu.gpu->code.kernels + toy::onGpu.gpu->code.num_kernels);
  static constexpr nnrt_site site = {"probabilities", "toy.nn:1"};
  static void (*const own)(void *const *) = kernels.front().emulated;
  kernels.front().emulated = [](void *const *arguments) {
    own(arguments);
    if (nnrt_emu_thread(0) == 0)
      nnrt_emu_read(*static_cast<uint8_t **>(arguments[1]) + 8, 1, 1, &site); // of 8 labels
  };
  Result result = trainOnEmulator(kernels, 40);
  EXPECT_EQ(result.status, 3);
  EXPECT_HAS(result.err, "toy.nn:1: out of bounds in kernel 'probabilities'");
  EXPECT_HAS(result.err, "a batch of examples");
}

TEST(OnGpu, Info) {
  json info = json::parse(run(toy::onGpu, {"info", "--json"}).out);
  EXPECT_EQ(info["chips"], json::parse(R"(["sm_90a", "ptx"])"));
  ASSERT_EQ(info["kernels"].size(), 8u);
  json rest = info["kernels"][1];
  EXPECT_NEAR(rest["least_seconds"]["a100"].get<double>(), 67e6 / 19.5e12, 1e-9);
  EXPECT_NEAR(rest["least_seconds"]["h100"].get<double>(), 1e-6, 1e-9);
  rest.erase("least_seconds");
  EXPECT_EQ(rest, json::parse(R"({"name": "rest", "places": "toy.nn:1, toy.nn:3",
    "launches_per_step": 1, "for_all_steps": true, "threads": 64, "shared_bytes": 0, "registers": {"sm_90a": 24},
    "flops": 67000000, "bytes": 20400})"));
  EXPECT_FALSE(info["kernels"][0].contains("least_seconds"));
  EXPECT_EQ(info["kernels"][3]["launches_per_step"], 0);
  EXPECT_EQ(info["memory"]["activations"], toy::model.activation_bytes + 64);
  Result text = run(toy::onGpu, {"info"});
  EXPECT_HAS(text.out, "built for GPUs: sm_90a and ptx");
  EXPECT_HAS(text.out, R"(
  kernels        launches   registers  shared   us on A100  us on H100  lines
  probabilities  1          40         0 bytes  ?           ?           toy.nn:1
  rest           1 for all  24         0 bytes  3.44        1.00        toy.nn:1, toy.nn:3
  rows           1          ?          0 bytes  ?           ?           toy.nn:1
  and 5 that a step doesn't launch
  launches: in a training step, or for all steps of a call; registers: of a thread on sm_90a; shared: memory of a block; )");
  info = json::parse(run(toy::deferred(toy::table), {"info", "--json"}).out);
  EXPECT_TRUE(info["kernels"][0]["launches_per_step"].is_null());
}

} // namespace
