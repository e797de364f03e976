// SIGINT and SIGTERM as a wish to stop.
#pragma once

namespace nnrt {

/// While it lives, the first SIGINT or SIGTERM only sets a flag; a second one kills as usual.
/// Signals that were ignored (as under nohup) stay ignored.
class InterruptScope {
public:
  InterruptScope();
  ~InterruptScope();
  InterruptScope(const InterruptScope &) = delete;
  InterruptScope &operator=(const InterruptScope &) = delete;
};

/// Whether a signal came since the scope began.
bool interrupted();

} // namespace nnrt
