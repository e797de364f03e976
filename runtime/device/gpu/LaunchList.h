// What a body of an entry launches and copies, recorded to be done again and again.
#pragma once

#include "nnrt/gpu.h"

#include <bit>
#include <cstring>
#include <span>
#include <vector>

namespace nnrt::gpu {

/// Lists are equal where they do the very same. Kernels are numbers in `kernels`, which must be
/// there for as long.
class LaunchList {
public:
  explicit LaunchList(std::span<const nnrt_kernel> kernels) : kernels(kernels) {}

  /// `arguments` as of nnrt_launch; they are copied.
  void addLaunch(uint32_t kernel, int64_t blocks, void *const *arguments) {
    words.push_back(kernel);
    words.push_back(uint64_t(blocks));
    for (uint32_t i = 0; i < kernels[kernel].num_arguments; ++i)
      memcpy(&words.emplace_back(), arguments[i], kernels[kernel].argument_bytes[i]);
    ++numParts;
  }
  void addCopy(void *to, const void *from, uint64_t bytes) {
    words.insert(words.end(), {kernels.size(), reinterpret_cast<uint64_t>(to),
                               reinterpret_cast<uint64_t>(from), bytes});
    ++numParts;
  }

  /// How many launches and copies there are.
  size_t size() const { return numParts; }
  /// Calls launch(kernel, blocks, arguments) and copy(to, from, bytes) in the order in which these
  /// were added, until one returns false. Returns whether none has.
  template <typename Launch, typename Copy> bool forEach(Launch launch, Copy copy) const {
    std::vector<void *> arguments;
    for (size_t at = 0; at < words.size();) {
      const uint64_t *part = words.data() + at;
      if (part[0] == kernels.size()) {
        if (!copy(std::bit_cast<void *>(part[1]), std::bit_cast<const void *>(part[2]), part[3]))
          return false;
        at += 4;
        continue;
      }
      const nnrt_kernel &kernel = kernels[part[0]];
      arguments.clear();
      for (uint32_t i = 0; i < kernel.num_arguments; ++i)
        arguments.push_back(const_cast<uint64_t *>(part + 2 + i)); // as of nnrt_launch
      if (!launch(uint32_t(part[0]), int64_t(part[1]), arguments.data()))
        return false;
      at += 2 + kernel.num_arguments;
    }
    return true;
  }
  bool operator==(const LaunchList &other) const { return words == other.words; }

private:
  std::span<const nnrt_kernel> kernels;
  /// For each part a kernel's number, blocks and arguments, or else the number of kernels and what
  /// is copied.
  std::vector<uint64_t> words;
  size_t numParts = 0;
};

} // namespace nnrt::gpu
