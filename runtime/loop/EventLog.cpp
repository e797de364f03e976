// The machine-readable record of a training: one JSON object per line.
#include "runtime/loop/EventLog.h"

#include "runtime/support/Errors.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nnrt {

/// Cuts off a line that a kill or a full disk has left without its end: it is no JSON.
static void cutOpenLine(const std::string &path) {
  Descriptor fd(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
  struct stat status;
  if (!fd || fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return;
  off_t end = status.st_size;
  for (char last = 0; end > 0; --end)
    if (pread(fd.get(), &last, 1, end - 1) != 1 || last == '\n')
      break;
  if (end < status.st_size && ftruncate(fd.get(), end) != 0)
    throw errors::cannotWrite(path, errno);
}

EventLog::EventLog(const std::string &path, bool append)
    : path(path == "-" ? "standard output" : path) {
  if (append && path != "-")
    cutOpenLine(path);
  int mode = append ? O_APPEND : O_TRUNC;
  fd = Descriptor(path == "-" ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                              : open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC | mode, 0666));
  const int why = errno;
  if (!fd && why == ENOENT && !isFolder(folderOf(path)))
    throw errors::noSuchFolder(path, folderOf(path));
  if (!fd)
    throw errors::cannotWrite(path, why);
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
