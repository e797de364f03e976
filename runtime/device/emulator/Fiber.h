// Threads of a GPU on one thread of the host: each has a stack, and one runs at a time.
#pragma once

#include <cstddef>
#include <memory>

namespace nnrt::emulator {

/// Switches between the fibers and the code that resumes them.
class Fibers {
public:
  Fibers();
  ~Fibers();
  Fibers(const Fibers &) = delete;
  Fibers &operator=(const Fibers &) = delete;

  /// Makes fibers 0 to count - 1 ready to call `body` from its beginning; what ran before is
  /// forgotten, wherever it was.
  void prepare(size_t count, void (*body)());
  /// Runs fiber `index` until it calls leave().
  void resume(size_t index);
  /// Called on a fiber: goes back to whoever has resumed it. `isLast`: it is not going to be
  /// resumed.
  void leave(bool isLast = false);
  /// Whether the address lies on the stack of that fiber.
  bool isOnStack(size_t index, const void *address) const;

  static constexpr size_t stackBytes = size_t(64) << 10;

  struct Machine; ///< what a context is on this processor

private:
  std::unique_ptr<Machine> machine;
};

} // namespace nnrt::emulator
