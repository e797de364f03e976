// The path to NVIDIA's driver, on a library that stands in for it.
#include "runtime/device/gpu/CudaDriver.h"
#include "runtime/device/gpu/GpuDevice.h"
#include "runtime/device/gpu/Images.h"
#include "runtime/support/Error.h"
#include "tests/unit/gpu/FakeDevice.h"
#include "tests/unit/gpu/Kernels.h"
#include "tests/unit/gpu/ToyForms.h"
#include "tests/unit/runtime/Support.h"
#include "tests/unit/runtime/ToyModel.h"

#include <array>
#include <gtest/gtest.h>

using namespace nnrt;
using namespace nnrt::test;

namespace {

/// What an action throws.
Error thrownBy(const std::function<void()> &action) {
  try {
    action();
  } catch (const Error &error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return Error("");
}

class CudaTest : public FakeDeviceTest {
protected:
  void SetUp() override {
    FakeDeviceTest::SetUp();
    form = *toy::onGpu.gpu;
  }
  std::unique_ptr<Device> make(int ordinal = 0) {
    int version = 0;
    const gpu::Driver driver = gpu::loadCudaDriver(version, FAKE_CUDA);
    return std::make_unique<gpu::GpuDevice>(driver, version, ordinal, "cuda", form);
  }
  Error failure(int ordinal = 0) {
    return thrownBy([&] { make(ordinal); });
  }
  /// The first weights of the toy model.
  void runInit(Device &device) {
    Buffer w = device.allocate(31360, "w"), bias = device.allocate(64, "bias"),
           seen = device.allocate(64, "seen");
    const std::array<void *, 3> buffers = {w.at(), bias.at(), seen.at()};
    const int64_t seed = 1;
    device.run(form.entries[0], &seed, buffers.data(), nullptr);
    std::array<std::byte, 4> bytes;
    device.download(bytes, w.at());
  }
};

TEST_F(CudaTest, RunsEntries) {
  std::unique_ptr<Device> device = make();
  EXPECT_STREQ(device->name(), "cuda");
  EXPECT_EQ(fake->loaded, (std::vector<std::string>{"a"})); // "a cubin"
  runInit(*device);
  EXPECT_EQ(fake->calls["cuLaunchKernelEx"], 1);
}

TEST_F(CudaTest, NoLibrary) {
  int version = 0;
  Error error = thrownBy([&] { gpu::loadCudaDriver(version, "libnone.so.1"); });
  EXPECT_EQ(error.getStatus(), Status::BadInput);
  EXPECT_HAS(std::string(error.what()),
             "there is no NVIDIA driver: libnone.so.1 cannot be loaded (cannot open");
  EXPECT_HAS(error.getHint(), "--device cpu");
}

TEST_F(CudaTest, OldAndBrokenLibraries) {
  fake->version = 11080;
  Error error = failure();
  EXPECT_STREQ(error.what(),
               "the NVIDIA driver is too old: it supports CUDA 11.8, and this program "
               "needs CUDA 12.0 at least");
  EXPECT_EQ(error.getStatus(), Status::BadInput);
  fake->version = 12020;
  fake->missing = "cuLaunchKernelEx";
  EXPECT_STREQ(failure().what(),
               "the NVIDIA driver (CUDA 12.2) has no 'cuLaunchKernelEx', which this program needs");
}

TEST_F(CudaTest, NoDevices) {
  fake->failing["cuInit"] = gpu::Result::NoDevice;
  EXPECT_STREQ(failure().what(),
               "no GPU can be used: no CUDA-capable device is detected (CUDA error 100)");
  fake->failing.clear();
  fake->count = 0;
  EXPECT_STREQ(failure().what(), "no GPU can be used: the driver finds none");
  fake->count = 2;
  EXPECT_STREQ(failure(2).what(), "there is no device cuda:2; they are cuda:0 to cuda:1");
  make(1);
  EXPECT_EQ(fake->ordinal, 1);
}

TEST_F(CudaTest, ChipsThatItWasBuiltFor) {
  fake->major = 8; // the cubin is for 9.0; the PTX for 8.0 and later ones
  fake->minor = 6;
  make();
  EXPECT_EQ(fake->loaded, (std::vector<std::string>{"//"}));
  fake->major = 7;
  Error error = failure();
  EXPECT_STREQ(error.what(),
               "this program was not built for Fake H100, which is sm_76; it has sm_90a "
               "and PTX for sm_80");
  EXPECT_HAS(error.getHint(), "kernels need sm_80 or newer; ");
}

TEST_F(CudaTest, ImagesThatTheDriverRefuses) {
  // Another image may do.
  fake->refused["a"] = gpu::Result::NoBinaryForGpu;
  make();
  EXPECT_EQ(fake->loaded, (std::vector<std::string>{"a", "//"}));
  fake->refused["//"] = gpu::Result::UnsupportedPtxVersion;
  Error error = failure();
  EXPECT_STREQ(error.what(),
               "the NVIDIA driver (CUDA 12.4) is too old for this program's kernels (PTX 8.0)");
  EXPECT_EQ(error.getStatus(), Status::BadInput);
  fake->refused["//"] = gpu::Result::InvalidPtx;
  error = failure();
  EXPECT_HAS(std::string(error.what()),
             "the driver does not load the kernels (ptx): some error (CUDA "
             "error 218)\nptxas: line 3: oops");
  EXPECT_EQ(error.getStatus(), Status::Internal);
}

TEST_F(CudaTest, NotEnoughMemory) {
  std::unique_ptr<Device> device = make();
  fake->failing["cuMemAlloc"] = gpu::Result::OutOfMemory;
  Error error =
      thrownBy([&] { device->allocate(uint64_t(3) << 30, "the results within the network"); });
  EXPECT_HAS(
      std::string(error.what()),
      "not enough memory on Fake H100 for the results within the network: 3.0 GiB are needed, ");
  EXPECT_HAS(std::string(error.what()), " are free");
  EXPECT_EQ(error.getStatus(), Status::BadInput);
  EXPECT_HAS(error.getHint(), "--batch");
}

TEST_F(CudaTest, AKernelThatFails) {
  std::unique_ptr<Device> device = make();
  fake->failing["cuStreamSynchronize"] = gpu::Result::IllegalAddress;
  Error error = thrownBy([&] { runInit(*device); });
  EXPECT_STREQ(error.what(),
               "kernel 'first' (toy.nn:1) failed on Fake H100: an illegal memory access "
               "was encountered (CUDA error 700)");
  EXPECT_EQ(error.getStatus(), Status::Internal);
}

TEST_F(CudaTest, OneOfSeveralKernelsFails) {
  std::unique_ptr<Device> device = make();
  Buffer buffer = device->allocate(1 << 16, "all");
  const std::array<void *, 8> buffers = {buffer.at(), buffer.at(), buffer.at(), buffer.at(),
                                         buffer.at(), buffer.at(), buffer.at(), buffer.at()};
  const std::array<int64_t, 3> scalars = {1, 1, 1};
  device->run(form.entries[3], scalars.data(), buffers.data(), buffer.at()); // "step"
  fake->failing["cuStreamSynchronize"] = gpu::Result::IllegalAddress;
  Error error = thrownBy([&] { device->download({}, nullptr); });
  EXPECT_HAS(std::string(error.what()),
             "a kernel failed on Fake H100: an illegal memory access was "
             "encountered (CUDA error 700); it is one of\n"
             "  kernel 'probabilities' (toy.nn:1)\n"
             "  kernel 'rest' (toy.nn:1, toy.nn:3)\n"
             "  kernel 'rows' (toy.nn:1)");
  EXPECT_HAS(error.getHint(), "NN_SYNC=1");
}

TEST_F(CudaTest, WaitsForEachLaunchWhereAsked) {
  setenv("NN_SYNC", "1", 1);
  std::unique_ptr<Device> device = make();
  unsetenv("NN_SYNC");
  Buffer w = device->allocate(1 << 16, "all");
  const std::array<void *, 2> buffers = {w.at(), w.at()};
  fake->failing["cuStreamSynchronize"] = gpu::Result::MisalignedAddress;
  Error error = thrownBy([&] { device->run(form.entries[1], nullptr, buffers.data(), nullptr); });
  EXPECT_HAS(std::string(error.what()), "kernel 'first_states' (toy.nn:3) failed");
}

TEST_F(CudaTest, ALaunchThatIsNotAccepted) {
  std::unique_ptr<Device> device = make();
  fake->failing["cuLaunchKernelEx"] = gpu::Result(701);
  Error error = thrownBy([&] { runInit(*device); });
  EXPECT_STREQ(error.what(),
               "kernel 'first' (toy.nn:1) cannot be launched on Fake H100: some error "
               "(CUDA error 701)");
  EXPECT_EQ(error.getStatus(), Status::Internal);
}

/// A call that comes later fails for the same reason.
TEST_F(CudaTest, AKernelThatFailsIsToldByAnyCall) {
  std::unique_ptr<Device> device = make();
  Buffer w = device->allocate(1 << 16, "all");
  const std::array<void *, 3> buffers = {w.at(), w.at(), w.at()};
  const int64_t seed = 1;
  device->run(form.entries[0], &seed, buffers.data(), nullptr);
  fake->failing["cuLaunchKernelEx"] = gpu::Result::IllegalAddress;
  Error error = thrownBy([&] { device->run(form.entries[1], nullptr, buffers.data(), nullptr); });
  EXPECT_HAS(std::string(error.what()),
             "kernel 'first' (toy.nn:1) failed on Fake H100: an illegal");
  fake->failing = {{"cuMemAlloc", gpu::Result::IllegalAddress}};
  error = thrownBy([&] { device->allocate(16, "more"); });
  EXPECT_HAS(std::string(error.what()),
             "kernel 'first' (toy.nn:1) failed on Fake H100: an illegal");
}

TEST_F(CudaTest, SharedMemoryBeyondWhatEveryBlockHas) {
  std::vector<nnrt_kernel> kernels(form.code.kernels, form.code.kernels + form.code.num_kernels);
  form.code.kernels = kernels.data();
  kernels[0].shared_bytes = 100 << 10;
  make();
  EXPECT_EQ(fake->calls["cuFuncSetAttribute"], 1);
  kernels[0].shared_bytes = 300 << 10;
  EXPECT_HAS(std::string(failure().what()),
             "kernel 'probabilities' (toy.nn:1) needs 300 KiB of shared memory a block; Fake H100 "
             "has 227 KiB");
}

/// What was submitted is copied late; whoever asks may write over it.
TEST_F(CudaTest, ABatchIsNotOverwritten) {
  std::unique_ptr<Device> device = make();
  Staging staging = device->stage(4, "a batch");
  auto submit = [&](uint32_t value) {
    device->reuse(staging);
    memcpy(staging.host, &value, sizeof value);
    device->submit(staging, sizeof value);
  };
  Buffer kept = device->allocate(4, "what was there");
  nnrt_entry entry = {};
  entry.function = [](nnrt_context *context, const int64_t *, void *const *buffers, void *) {
    nnrt_copy(context, buffers[0], buffers[1], 4);
  };
  const std::array<void *, 2> buffers = {kept.at(), staging.device};
  submit(1);
  device->run(entry, nullptr, buffers.data(), nullptr);
  submit(2);
  submit(3); // waits until the copy before has been made, and so for what reads what it replaces
  uint32_t read = 0;
  device->download(std::as_writable_bytes(std::span(&read, 1)), kept.at());
  EXPECT_EQ(read, 1u);
  device->download(std::as_writable_bytes(std::span(&read, 1)), staging.device);
  EXPECT_EQ(read, 3u);
}

/// Copies between buffers of the device.
TEST_F(CudaTest, Copies) {
  std::unique_ptr<Device> device = make();
  Buffer from = device->allocate(16, "a"), to = device->allocate(16, "b");
  const std::array<uint32_t, 4> numbers = {1, 2, 3, 4};
  device->upload(from.at(), std::as_bytes(std::span(numbers)));
  nnrt_entry entry = {};
  entry.function = [](nnrt_context *context, const int64_t *, void *const *buffers, void *) {
    nnrt_copy(context, buffers[0], buffers[1], 16);
  };
  const std::array<void *, 2> buffers = {to.at(), from.at()};
  device->run(entry, nullptr, buffers.data(), nullptr);
  std::array<uint32_t, 4> read = {};
  device->download(std::as_writable_bytes(std::span(read)), to.at());
  EXPECT_EQ(read, numbers);
}

/// Launches that are repeated are graphs of the driver, which are destroyed in the end.
TEST_F(CudaTest, RepeatsByGraphs) {
  std::unique_ptr<Device> device = make();
  Buffer numbers = device->allocate(16, "numbers");
  const std::array<uint32_t, 4> before = {1, 2, 3, 4};
  device->upload(numbers.at(), std::as_bytes(std::span(before)));
  struct Call {
    nnrt_context *context;
    char *numbers;
  };
  nnrt_entry entry = {};
  entry.function = [](nnrt_context *context, const int64_t *, void *const *buffers, void *) {
    Call call = {context, static_cast<char *>(buffers[0])};
    auto body = [](void *pointer, int64_t) {
      const Call &call = *static_cast<Call *>(pointer);
      nnrt_copy(call.context, call.numbers + 8, call.numbers, 8);
    };
    nnrt_repeat(context, body, &call, 129);
  };
  void *buffers[] = {numbers.at()};
  device->run(entry, nullptr, buffers, nullptr);
  std::array<uint32_t, 4> read = {};
  device->download(std::as_writable_bytes(std::span(read)), numbers.at());
  EXPECT_EQ(read, (std::array<uint32_t, 4>{1, 2, 1, 2}));
  numbers = {};
  device.reset();
  for (const char *once : {"cuStreamBeginCapture", "cuStreamEndCapture",
                           "cuGraphInstantiateWithFlags", "cuGraphDestroy", "cuGraphExecDestroy"})
    EXPECT_EQ(fake->calls[once], 1) << once;
  EXPECT_EQ(fake->calls["cuGraphLaunch"], 2);
}

//===-- Images -------------------------------------------------------------------------------===//

/// The chips of the images that run on a device.
std::string runOn(int major, int minor, const std::vector<const char *> &chips) {
  std::vector<nnrt_image> images;
  for (const char *chip : chips) {
    const std::string_view text = chip;
    const bool isPtx = text.starts_with(".");
    images.push_back({isPtx ? "ptx" : chip, reinterpret_cast<const unsigned char *>(chip),
                      text.size(), nullptr});
  }
  const nnrt_gpu_code code = {0, nullptr, uint32_t(images.size()), images.data()};
  std::string list;
  for (const nnrt_image *image : gpu::imagesFor(code, {major, minor}))
    list += std::string(list.empty() ? "" : " ") + image->chip;
  return list;
}

TEST(Images, ACubinRunsOnItsMajorVersionFromItsMinorOneOn) {
  EXPECT_EQ(runOn(8, 6, {"sm_80", "sm_86", "sm_89", "sm_90"}), "sm_80 sm_86");
  EXPECT_EQ(runOn(12, 1, {"sm_120", "sm_121", "sm_90"}), "sm_120 sm_121");
}

TEST(Images, CodeOfOneChipAndOfAFamily) {
  EXPECT_EQ(runOn(9, 0, {"sm_90a"}), "sm_90a");
  EXPECT_EQ(runOn(10, 3, {"sm_100a", "sm_100f", "sm_103a"}), "sm_100f sm_103a");
}

TEST(Images, PtxRunsFromItsTargetOn) {
  EXPECT_EQ(runOn(9, 0, {".version 8.0\n.target sm_80, debug\n"}), "ptx");
  EXPECT_EQ(runOn(7, 5, {".version 8.0\n.target sm_80\n"}), "");
  EXPECT_EQ(runOn(10, 0, {".version 8.4\n.target sm_90a\n"}), "");
}

} // namespace
