// A number that threads wait on until it changes.
#include "runtime/device/EventCount.h"

#include "runtime/support/Clock.h"

#include <climits>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace nnrt {

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t), "a futex is a plain word");

static void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

void EventCount::wake() {
  // add() comes before this look, and a sleeper counts itself before the kernel looks at the value:
  // one of the two sees the other.
  if (sleepers.load() != 0)
    syscall(SYS_futex, &value, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

void EventCount::wait(uint32_t seen, std::chrono::microseconds limit) {
  if (get() != seen)
    return;
  // By the clock: a pause takes from ten cycles to more than a hundred, by the processor.
  if (limit > limit.zero())
    for (Clock::time_point begin = Clock::now(); Clock::now() - begin < limit;)
      for (int i = 0; i < 16; ++i) {
        relax();
        if (get() != seen)
          return;
      }
  sleepers.fetch_add(1);
  syscall(SYS_futex, &value, FUTEX_WAIT_PRIVATE, seen, nullptr, nullptr, 0);
  sleepers.fetch_sub(1);
}

} // namespace nnrt
