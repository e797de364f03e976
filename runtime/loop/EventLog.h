// The machine-readable record of a training: one JSON object per line.
#pragma once

#include "runtime/support/Clock.h"
#include "runtime/support/File.h"
#include "runtime/support/Json.h"

namespace nnrt {

/// Lines are gathered and written every tenth of a second, at the end of an epoch and at the end.
/// Without a file it does nothing.
class EventLog {
public:
  EventLog() = default;
  /// Throws Error: cannot be opened. An existing file is overwritten, or continued where `append`.
  EventLog(const std::string &path, bool append);
  ~EventLog();
  EventLog(EventLog &&) = default;
  EventLog &operator=(EventLog &&) = default;

  explicit operator bool() const { return bool(fd); }

  /// Writes {"event": name, ...}; `fill` adds the other fields.
  template <typename Fill> void event(const char *name, const Fill &fill) {
    if (!fd)
      return;
    {
      JsonWriter json(pending);
      json.beginObject().field("event", name);
      fill(json);
      json.endObject();
    }
    pending += '\n';
    if (pending.size() > 1 << 15 || secondsSince(lastFlush) > 0.1)
      flush();
  }
  /// Throws Error: cannot be written.
  void flush();

private:
  std::string path, pending;
  Descriptor fd;
  Clock::time_point lastFlush = Clock::now();
};

} // namespace nnrt
