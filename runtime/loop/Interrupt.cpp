// SIGINT, SIGTERM and SIGHUP as a wish to stop.
#include "runtime/loop/Interrupt.h"

#include <csignal>
#include <initializer_list>

namespace nnrt {

// A signal handler reaches nothing but globals.
static volatile sig_atomic_t signalled = 0;

static constexpr int stopSignals[] = {SIGINT, SIGTERM, SIGHUP};

extern "C" {
static void onStopSignal(int) {
  signalled = 1;
  for (int number : stopSignals)
    signal(number, SIG_DFL);
}
}

InterruptScope::InterruptScope() {
  signalled = 0;
  for (int number : stopSignals) {
    struct sigaction action = {};
    if (sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
      continue;
    action = {};
    action.sa_handler = onStopSignal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, nullptr);
  }
}

InterruptScope::~InterruptScope() {
  for (int number : stopSignals) {
    struct sigaction action = {};
    if (sigaction(number, nullptr, &action) == 0 && action.sa_handler == onStopSignal)
      signal(number, SIG_DFL);
  }
  signalled = 0;
}

bool interrupted() { return signalled != 0; }

} // namespace nnrt
