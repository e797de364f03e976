// What tests share that look at how a GPU is driven: a device in the process, and a training on it.
#pragma once

#include "runtime/device/emulator/EmulatorDriver.h"
#include "runtime/device/gpu/CudaDriver.h"
#include "runtime/device/gpu/GpuDevice.h"
#include "runtime/loop/Interrupt.h"
#include "runtime/loop/Trainer.h"
#include "tests/unit/gpu/FakeCuda.h"

#include <bit>
#include <dlfcn.h>
#include <gtest/gtest.h>

namespace nnrt::test {

/// A device on a library that stands in for NVIDIA's and counts.
class FakeDeviceTest : public ::testing::Test {
protected:
  FakeCuda *fake = nullptr;
  nnrt_gpu_form form = {};

  void SetUp() override {
    void *library = dlopen(FAKE_CUDA, RTLD_NOW | RTLD_LOCAL);
    ASSERT_TRUE(library) << dlerror();
    fake = std::bit_cast<FakeCuda *(*)()>(dlsym(library, "fake_cuda"))();
    *fake = {};
    fake->backend = &emulator::emulatorDriver();
    fake->code = &form.code;
  }
  std::unique_ptr<Device> make(const nnrt_model &model, Ahead ahead = gpu::aheadOfGpu) {
    static constexpr unsigned char text[] = "//\n.version 8.0\n.target sm_80\n.address_size 64\n";
    static constexpr nnrt_image image = {"ptx", text, sizeof text, nullptr};
    form = *model.gpu;
    form.code.num_images = 1;
    form.code.images = &image;
    int version = 0;
    const gpu::Driver driver = gpu::loadCudaDriver(version, FAKE_CUDA);
    return std::make_unique<gpu::GpuDevice>(driver, version, 0, "cuda", form, ahead);
  }
  /// The calls of the driver in a training, once all is ready for it.
  std::map<std::string, int> callsOfTraining(const nnrt_model &model, uint64_t steps, Ahead ahead,
                                             const Part *part = nullptr) {
    std::unique_ptr<Device> device = make(model, ahead);
    Recipe recipe = parseRecipe(model.recipe);
    Session session(model, *device, &recipe, /*isTraining=*/true);
    session.initialize();
    session.initializeTraining();
    TrainingPosition position;
    position.batch = recipe.batch;
    position.planned = steps;
    position.hasPlan = true;
    TrainingData data;
    data.train = part;
    data.dims.resize(model.num_dims);
    data.isEvaluated = false;
    InterruptScope scope;
    Trainer trainer(session, recipe, data, {unlimited, steps}, position);
    fake->calls.clear();
    trainer.run();
    return fake->calls;
  }
};

} // namespace nnrt::test
