// Makes the device that a name asks for, in a program that was compiled for GPUs.
#include "runtime/device/emulator/EmulatorDriver.h"
#include "runtime/device/gpu/CudaDriver.h"
#include "runtime/device/gpu/GpuDevice.h"
#include "runtime/device/gpu/GpuErrors.h"

#include <charconv>
#include <memory>
#include <optional>

namespace nnrt::gpu {

/// "1" of "cuda:1"; 0 of "cuda". Throws Error: not such a number.
static int ordinalOf(std::string_view name) {
  const size_t colon = name.find(':');
  if (colon == std::string_view::npos)
    return 0;
  const std::string_view digits = name.substr(colon + 1);
  int number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number < 0)
    throw errors::badDeviceName(name);
  return number;
}

static std::unique_ptr<Device> makeCuda(const nnrt_gpu_form &form, int ordinal) {
  int version = 0;
  const Driver driver = loadCudaDriver(version);
  return std::make_unique<GpuDevice>(driver, version, ordinal, "cuda", form);
}

/// The first GPU that can run the program; null: none.
static std::unique_ptr<Device> findCuda(const nnrt_gpu_form &form) {
  int version = 0, count = 0;
  try {
    const Driver driver = loadCudaDriver(version);
    if (driver.init(0) != Result::Success || driver.deviceGetCount(&count) != Result::Success)
      return nullptr;
  } catch (const Error &) {
    return nullptr;
  }
  for (int ordinal = 0; ordinal < count; ++ordinal)
    try {
      return makeCuda(form, ordinal);
    } catch (const Error &) {
      continue; // another one may
    }
  return nullptr;
}

static std::unique_ptr<Device> makeEmulator(const nnrt_gpu_form &form, std::string_view name) {
  if (name != "emulator" && name != "emulator:fast")
    throw errors::badDeviceName(name);
  if (name == "emulator:fast")
    return std::make_unique<GpuDevice>(emulator::emulatorDriver(), 0, emulator::fastDevice,
                                       "emulator", form);
  // A batch, or the two that a call goes through, has memory of its own: beyond its end there is
  // nothing, and an access is found out. With so few, and one place for all, the same launches soon
  // come again, at the same addresses, which then have been checked.
  Ahead ahead = aheadOfGpu;
  ahead.blocks = 1;
  ahead.blockBytes = 0;
  ahead.passes = ahead.leastBatches = 2;
  ahead.keepsTables = false;
  return std::make_unique<GpuDevice>(emulator::emulatorDriver(), 0, emulator::checkingDevice,
                                     "emulator", form, ahead);
}

static std::unique_ptr<Device> make(const nnrt_gpu_form &form, std::string_view name) {
  if (name == "auto")
    return findCuda(form);
  return name.starts_with("cuda") ? makeCuda(form, ordinalOf(name)) : makeEmulator(form, name);
}

} // namespace nnrt::gpu

extern "C" nnrt_device *nnrt_make_gpu_device(const nnrt_model *model, const char *name) {
  return reinterpret_cast<nnrt_device *>(nnrt::gpu::make(*model->gpu, name).release());
}
