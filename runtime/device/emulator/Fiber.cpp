// Threads of a GPU on one thread of the host.
#include "runtime/device/emulator/Fiber.h"

#include "runtime/support/Errors.h"

#include <sys/mman.h>
#include <vector>

// On x86-64 a switch is a few instructions; elsewhere the C library's, which asks the system for
// the signal mask each time.
#if defined(__x86_64__) && !defined(NNRT_PORTABLE_FIBERS)
#define NNRT_OWN_SWITCH 1
#else
#define NNRT_OWN_SWITCH 0
#include <ucontext.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#define NNRT_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NNRT_ADDRESS_SANITIZER 1
#endif
#endif
#ifndef NNRT_ADDRESS_SANITIZER
#define NNRT_ADDRESS_SANITIZER 0
#endif
#if NNRT_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#if NNRT_OWN_SWITCH
extern "C" void nnrt_switch_fiber(void **saved, void *to);
// System V: a called function keeps rbx, rbp, r12 to r15 and the stack pointer, and no kernel
// changes how floating-point numbers are rounded.
asm(R"(
.text
.p2align 4
.globl nnrt_switch_fiber
.hidden nnrt_switch_fiber
.type nnrt_switch_fiber, @function
nnrt_switch_fiber:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size nnrt_switch_fiber, . - nnrt_switch_fiber
)");
#endif

namespace nnrt::emulator {

namespace {
constexpr size_t guardBytes = 4096, slotBytes = Fibers::stackBytes + guardBytes;

/// How far below its end a stack begins. Were it at the same place of a page in all, what fibers
/// touch at each switch would share a few sets of the caches, which hold 8 of them.
size_t stackOffset(size_t index) {
  constexpr size_t lineBytes = 64, lines = 61; // odd, and within a page
  return index * 5 % lines * lineBytes;
}

/// One map for all stacks, each above a page that nothing may touch.
class Stacks {
public:
  ~Stacks() { release(); }
  void reserve(size_t count) {
    if (count <= reserved)
      return;
    release();
    void *place = mmap(nullptr, count * slotBytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED)
      throw errors::outOfMemory(count * slotBytes, "the threads of the emulated GPU");
    base = static_cast<std::byte *>(place);
    reserved = count;
    for (size_t i = 0; i < count; ++i)
      (void)mprotect(base + i * slotBytes, guardBytes, PROT_NONE);
  }
  std::byte *bottom(size_t index) const { return base + index * slotBytes + guardBytes; }

private:
  void release() {
    if (base)
      munmap(base, reserved * slotBytes);
    base = nullptr;
    reserved = 0;
  }
  std::byte *base = nullptr;
  size_t reserved = 0;
};
} // namespace

#if NNRT_OWN_SWITCH
using SavedContext = void *; // the stack pointer; all else lies on the stack
#else
using SavedContext = ucontext_t;
#endif

struct Fibers::Machine {
  Stacks stacks;
  std::vector<SavedContext> fibers;
  SavedContext scheduler = {};
  size_t current = 0;
  void (*body)() = nullptr;
#if NNRT_ADDRESS_SANITIZER
  std::vector<void *> fakeStacks;
  void *schedulerFakeStack = nullptr;
  const void *schedulerStack = nullptr;
  size_t schedulerStackBytes = 0;
#endif

  /// On its first run: control has come to a fiber.
  void arrive() {
#if NNRT_ADDRESS_SANITIZER
    __sanitizer_finish_switch_fiber(fakeStacks[current], &schedulerStack, &schedulerStackBytes);
#endif
  }
  void prepareOne(size_t index);
};

/// Where a fiber begins: resume() has said which.
static Fibers::Machine *starting;

Fibers::Fibers() : machine(std::make_unique<Machine>()) {}
Fibers::~Fibers() = default;

[[noreturn]] static void startFiber();

void Fibers::Machine::prepareOne(size_t index) {
#if NNRT_OWN_SWITCH
  auto *top = reinterpret_cast<void **>(stacks.bottom(index) + stackBytes - stackOffset(index));
  // As after a call: below what is aligned to 16 bytes lies a return address, which nobody uses.
  *--top = nullptr;
  *--top = reinterpret_cast<void *>(startFiber);
  constexpr int savedRegisters = 6;
  for (int i = 0; i < savedRegisters; ++i)
    *--top = nullptr;
  fibers[index] = static_cast<void *>(top);
#else
  ucontext_t &context = fibers[index];
  getcontext(&context);
  context.uc_stack.ss_sp = stacks.bottom(index);
  context.uc_stack.ss_size = stackBytes - stackOffset(index);
  context.uc_link = nullptr;
  makecontext(&context, startFiber, 0);
#endif
}

void Fibers::prepare(size_t count, void (*body)()) {
  machine->stacks.reserve(count);
  machine->body = body;
  machine->fibers.resize(count);
#if NNRT_ADDRESS_SANITIZER
  machine->fakeStacks.assign(count, nullptr);
  // Frames that were left for good have poisoned their surroundings.
  for (size_t i = 0; i < count; ++i)
    __asan_unpoison_memory_region(machine->stacks.bottom(i), stackBytes);
#endif
  for (size_t i = 0; i < count; ++i)
    machine->prepareOne(i);
}

void Fibers::resume(size_t index) {
  machine->current = index;
  starting = machine.get();
#if NNRT_ADDRESS_SANITIZER
  __sanitizer_start_switch_fiber(&machine->schedulerFakeStack, machine->stacks.bottom(index),
                                 stackBytes);
#endif
#if NNRT_OWN_SWITCH
  // Fibers mostly run in turn: what the next one pops first is fetched meanwhile.
  if (index + 1 < machine->fibers.size()) {
    const auto *next = static_cast<const std::byte *>(machine->fibers[index + 1]);
    __builtin_prefetch(next);
    __builtin_prefetch(next + 64);
  }
  nnrt_switch_fiber(&machine->scheduler, machine->fibers[index]);
#else
  swapcontext(&machine->scheduler, &machine->fibers[index]);
#endif
#if NNRT_ADDRESS_SANITIZER
  __sanitizer_finish_switch_fiber(machine->schedulerFakeStack, nullptr, nullptr);
#endif
}

void Fibers::leave(bool isLast) {
  const size_t own = machine->current;
#if NNRT_ADDRESS_SANITIZER
  __sanitizer_start_switch_fiber(isLast ? nullptr : &machine->fakeStacks[own],
                                 machine->schedulerStack, machine->schedulerStackBytes);
#else
  (void)isLast;
#endif
#if NNRT_OWN_SWITCH
  nnrt_switch_fiber(&machine->fibers[own], machine->scheduler);
#else
  swapcontext(&machine->fibers[own], &machine->scheduler);
#endif
  machine->arrive();
}

bool Fibers::isOnStack(size_t index, const void *address) const {
  const std::byte *bottom = machine->stacks.bottom(index);
  return address >= bottom && address < bottom + stackBytes;
}

static void startFiber() {
  Fibers::Machine *machine = starting;
  machine->arrive();
  machine->body();
  __builtin_unreachable(); // the body's last act is leave(true)
}

} // namespace nnrt::emulator
