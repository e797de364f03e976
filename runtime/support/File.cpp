// Files by descriptor, and the writing of a whole file so that a crash leaves the old or the new
// one.
#include "runtime/support/File.h"

#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace nnrt {

Descriptor::~Descriptor() { close(); }

bool Descriptor::close() { return fd < 0 || ::close(std::exchange(fd, -1)) == 0; }

bool fileExists(const std::string &path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0;
}

bool isFolder(const std::string &path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool sameFile(const std::string &a, const std::string &b) {
  struct stat statusA, statusB;
  bool thereA = stat(a.c_str(), &statusA) == 0, thereB = stat(b.c_str(), &statusB) == 0;
  if (thereA && thereB)
    return statusA.st_dev == statusB.st_dev && statusA.st_ino == statusB.st_ino;
  if (thereA || thereB)
    return false;
  auto base = [](const std::string &path) { return path.substr(path.find_last_of('/') + 1); };
  return base(a) == base(b) && (folderOf(a) == folderOf(b) || sameFile(folderOf(a), folderOf(b)));
}

void reserveStandardDescriptors() {
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
      // The lowest free number is this one. The wrong direction: reading or writing fails.
      (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

std::string folderOf(const std::string &path) {
  size_t slash = path.find_last_of('/');
  if (slash == std::string::npos)
    return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

InputFile::InputFile(const std::string &path) : name(path) {
  // Non-blocking, so that a named pipe is refused rather than waited for.
  fd = Descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status;
  if (!fd || fstat(fd.get(), &status) != 0)
    throw errors::cannotOpen(path, errno);
  if (!S_ISREG(status.st_mode))
    throw errors::notARegularFile(path);
  bytes = uint64_t(status.st_size);
}

uint64_t InputFile::sizeNow() const {
  struct stat status;
  return fstat(fd.get(), &status) == 0 ? uint64_t(status.st_size) : bytes;
}

size_t InputFile::readAt(uint64_t offset, std::span<std::byte> out) const {
  size_t done = 0;
  while (done < out.size()) {
    ssize_t got = pread(fd.get(), out.data() + done, std::min<size_t>(out.size() - done, 1 << 30),
                        off_t(offset + done));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      throw errors::cannotRead(name, offset + done, errno);
    if (got == 0)
      break;
    done += size_t(got);
  }
  return done;
}

bool writeFully(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    ssize_t put = ::write(fd, bytes.data(), std::min<size_t>(bytes.size(), 1 << 30));
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      return false;
    bytes = bytes.subspan(size_t(put));
  }
  return true;
}

/// What a symbolic link points at, there or not: a link stays one, and its target is written.
static std::string behindLinks(const std::string &path) {
  if (char *real = realpath(path.c_str(), nullptr)) {
    std::string target = real;
    free(real);
    return target;
  }
  std::string target = path;
  constexpr int mostLinks = 40; // the kernel's own limit
  for (int i = 0; i < mostLinks; ++i) {
    char text[4096];
    ssize_t length = readlink(target.c_str(), text, sizeof text);
    if (length <= 0 || size_t(length) == sizeof text)
      return target;
    std::string_view next(text, size_t(length));
    target = next.front() == '/' ? std::string(next) : cat(folderOf(target), "/", next);
  }
  return {}; // they run in a circle
}

/// A name beside `target` that nobody else has chosen.
static std::string randomNameBeside(const std::string &target) {
  uint64_t bits = 0;
  if (getrandom(&bits, sizeof bits, 0) != ssize_t(sizeof bits))
    bits = uint64_t(getpid()) << 32 ^
           uint64_t(std::chrono::steady_clock::now().time_since_epoch().count());
  char digits[24];
  snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(bits));
  return cat(target, ".", digits, ".tmp");
}

/// How often another name is tried where one is taken.
static constexpr int mostNames = 100;

AtomicFile::AtomicFile(std::string path) : path(std::move(path)), target(this->path) {
  target = behindLinks(target);
  struct stat status;
  bool replaces = stat(target.c_str(), &status) == 0;
  if (replaces && !S_ISREG(status.st_mode))
    throw errors::notARegularFile(this->path);
  if (!isFolder(folderOf(target)))
    throw errors::noSuchFolder(this->path, folderOf(target));
  if (target.empty() || target.back() == '/')
    throw errors::notARegularFile(this->path);
  openTemporary();
  if (replaces)
    (void)fchmod(fd.get(), status.st_mode & 07777);
}

AtomicFile::~AtomicFile() {
  if (!temporary.empty())
    unlink(temporary.c_str());
}

void AtomicFile::openTemporary() {
  // Without a name, nothing is left behind even by a kill. Naming it later needs /proc.
  if (access("/proc/self/fd", X_OK) == 0)
    fd = Descriptor(open(folderOf(target).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666));
  if (fd)
    return;
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL && errno != ENOENT)
    throw errors::cannotWrite(path, errno);
  for (int i = 0; i < mostNames && !fd; ++i) {
    temporary = randomNameBeside(target);
    fd = Descriptor(open(temporary.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666));
    if (!fd && errno != EEXIST)
      break;
  }
  if (!fd) {
    int error = errno;
    temporary.clear();
    throw errors::cannotWrite(path, error);
  }
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  if (!writeFully(fd.get(), bytes))
    throw errors::cannotWrite(path, errno);
}

/// Gives the unnamed file a name: only a name can be renamed over another.
void AtomicFile::nameTemporary() {
  std::string self = cat("/proc/self/fd/", fd.get());
  for (int i = 0; i < mostNames; ++i) {
    std::string name = randomNameBeside(target);
    if (linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      temporary = name;
      return;
    }
    if (errno != EEXIST)
      break;
  }
  throw errors::cannotWrite(path, errno, "naming the new file");
}

void AtomicFile::checkWritable(const std::string &path) {
  AtomicFile probe(path);
  if (probe.temporary.empty())
    probe.nameTemporary();
}

void AtomicFile::commit() {
  if (fsync(fd.get()) != 0)
    throw errors::cannotWrite(path, errno, "syncing");
  if (temporary.empty())
    nameTemporary();
  if (!fd.close())
    throw errors::cannotWrite(path, errno, "closing");
  if (rename(temporary.c_str(), target.c_str()) != 0)
    throw errors::cannotWrite(path, errno, "renaming");
  temporary.clear();
  // The rename itself is durable once the folder is synced; some file systems can't, which is no
  // failure.
  Descriptor folder(open(folderOf(target).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder)
    (void)fsync(folder.get());
}

void copyFile(const std::string &from, const std::string &to) {
  InputFile source(from);
  AtomicFile file(to);
  std::vector<std::byte> piece(1 << 20);
  uint64_t at = 0;
  size_t got = 0;
  while ((got = source.readAt(at, piece)) != 0) {
    file.write(std::span(piece).first(got));
    at += got;
  }
  file.commit();
}

} // namespace nnrt
