// A driver library that stands in for NVIDIA's: what a test tells it, and what it tells.
#pragma once

#include "runtime/device/gpu/Driver.h"

#include <map>
#include <string>
#include <vector>

namespace nnrt::test {

/// Behind each function stands the emulator's, unless a test says otherwise.
struct FakeCuda {
  const gpu::Driver *backend = nullptr;
  const nnrt_gpu_code *code = nullptr; ///< what is loaded, whatever the image
  int version = 12040;
  int count = 1, major = 9, minor = 0;
  size_t free = 0;                            ///< bytes of memory; 0: as the backend says
  std::string missing;                        ///< a function that it doesn't have
  std::map<std::string, gpu::Result> failing; ///< functions that fail
  std::map<std::string, gpu::Result> refused; ///< images by their first word
  // What was done.
  std::vector<std::string> loaded; ///< images
  std::map<std::string, int> calls;
  int ordinal = -1;
};

} // namespace nnrt::test

/// The library's own one. Set it before loading.
extern "C" nnrt::test::FakeCuda *fake_cuda();
