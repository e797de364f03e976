// What the tests of GPUs share: kernels written by hand as the compiler would make them for the
// host, and a device that runs them.
#pragma once

#include "nnrt/emulator.h"
#include "runtime/device/emulator/EmulatorDriver.h"
#include "runtime/device/gpu/GpuDevice.h"
#include "runtime/support/Error.h"

#include <cstring>
#include <functional>
#include <string>
#include <vector>

namespace nnrt::test {

/// An announced access.
template <typename T> T load(const T *from, const nnrt_site &site) {
  nnrt_emu_read(from, sizeof(T), alignof(T), &site);
  return *from;
}
template <typename T> void store(T *to, T value, const nnrt_site &site) {
  nnrt_emu_write(to, sizeof(T), alignof(T), &site);
  *to = value;
}

template <typename T> T argument(void *const *arguments, size_t index) {
  return *static_cast<const T *>(arguments[index]);
}
template <typename T> T *shared(size_t byte = 0) {
  return reinterpret_cast<T *>(static_cast<char *>(nnrt_emu_shared()) + byte);
}
inline uint32_t threadIndex() { return nnrt_emu_thread(0); }
inline uint32_t blockIndex() { return nnrt_emu_block(0); }

/// bfly over all lanes.
inline float shuffleXor(float value, uint32_t offset, const nnrt_site &site) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  bits = nnrt_emu_shuffle(2, UINT32_MAX, bits, offset, 31, &site);
  memcpy(&value, &bits, sizeof value);
  return value;
}

struct KernelShape {
  uint32_t threads = 32, sharedBytes = 0;
  bool isCooperative = false;
  void (*unchecked)(void *const *) = nullptr;
  const uint8_t *decisive = nullptr;
};

/// A program of one kernel, whose arguments all are 64 bits wide.
class OneKernel {
public:
  OneKernel(void (*function)(void *const *), size_t numArguments, KernelShape shape,
            bool checks = true);

  template <typename T> Buffer filled(const std::vector<T> &values) {
    Buffer buffer = device->allocate(values.size() * sizeof(T), "the numbers");
    device->upload(buffer.at(), std::as_bytes(std::span(values)));
    return buffer;
  }
  template <typename T> std::vector<T> read(const Buffer &buffer) {
    std::vector<T> values(buffer.size() / sizeof(T));
    device->download(std::as_writable_bytes(std::span(values)), buffer.at());
    return values;
  }
  /// Launches it and waits. Returns what was found, or else is wrong; empty where nothing.
  std::string run(int64_t blocks, const std::vector<const void *> &arguments,
                  void *workspace = nullptr) {
    start(blocks, arguments, workspace);
    return finish();
  }
  void start(int64_t blocks, const std::vector<const void *> &arguments, void *workspace = nullptr);
  std::string finish();

  Device &getDevice() { return *device; }

private:
  std::vector<uint32_t> argumentBytes;
  nnrt_kernel kernel;
  nnrt_gpu_form form = {};
  std::unique_ptr<Device> device;
};

/// Whether the text names the kind of a fault at a place; for EXPECT_TRUE.
inline bool finds(const std::string &text, const std::string &kind, const std::string &place) {
  return text.find("  " + place + ": " + kind + " in kernel ") != std::string::npos;
}

} // namespace nnrt::test
