// The machine-readable record of a training: one JSON object per line.
#include "runtime/loop/EventLog.h"

#include "runtime/support/Errors.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace nnrt {

EventLog::EventLog(const std::string &path, bool append)
    : path(path == "-" ? "standard output" : path) {
  int mode = append ? O_APPEND : O_TRUNC;
  fd = Descriptor(path == "-" ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                              : open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC | mode, 0666));
  if (!fd)
    throw errors::cannotWrite(path, errno);
  // Room for all that gathers between two writes, so that a step allocates nothing.
  pending.reserve(1 << 16);
}

EventLog::~EventLog() {
  if (fd)
    (void)writeFully(fd.get(), std::as_bytes(std::span(pending)));
}

void EventLog::flush() {
  if (!fd)
    return;
  bool written = writeFully(fd.get(), std::as_bytes(std::span(pending)));
  int error = errno;
  pending.clear();
  lastFlush = Clock::now();
  if (written)
    return;
  failure = error;
  fd.close();
}

void EventLog::check() const {
  if (failure)
    throw errors::cannotWrite(path, failure);
}

} // namespace nnrt
