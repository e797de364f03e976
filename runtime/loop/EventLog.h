// The machine-readable record of a training: one JSON object per line.
#pragma once

#include "runtime/support/Clock.h"
#include "runtime/support/File.h"
#include "runtime/support/Json.h"

namespace nnrt {

/// Lines are gathered and written every tenth of a second, before a checkpoint, at the end of an
/// epoch and at the end.
/// Without a file it does nothing.
class EventLog {
public:
  EventLog() = default;
  /// Throws Error: cannot be opened. An existing file is overwritten, or continued where `append`,
  /// from its last whole line on.
  /// "-" is standard output.
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
  /// Where it cannot be written, the log ends there: training is worth more. check() then throws.
  void flush();
  bool failed() const { return failure != 0; }
  /// Throws Error: some of it could not be written.
  void check() const;

private:
  std::string path, pending;
  int failure = 0; ///< the system's error that ended the log
  Descriptor fd;
  Clock::time_point lastFlush = Clock::now();
};

} // namespace nnrt
