// Rows that lie in a file, since memory would not hold them.
#include "runtime/data/RowFile.h"

#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace nnrt {

std::string temporaryFolder() {
  const char *folder = getenv("TMPDIR");
  if (folder && *folder)
    return folder;
  return isFolder("/var/tmp") ? "/var/tmp" : "/tmp";
}

RowFile::RowFile(const FilePlace &place) : file(place.path), offset(place.offset), isOwn(false) {}

static Descriptor openTemporary(const std::string &folder) {
  Descriptor fd(open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600));
  if (fd || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
    return fd;
  // Not every file system knows files without a name.
  std::string name = folder + "/nn-data-XXXXXX";
  fd = Descriptor(mkostemp(name.data(), O_CLOEXEC));
  if (fd)
    unlink(name.c_str());
  return fd;
}

RowFile RowFile::temporary(uint64_t bytes, std::string_view what) {
  const std::string folder = temporaryFolder();
  struct statvfs system = {};
  if (statvfs(folder.c_str(), &system) == 0 && bytes / system.f_frsize >= system.f_bavail)
    throw errors::noRoomForData(folder, bytes, uint64_t(system.f_bavail) * system.f_frsize, what);
  Descriptor fd = openTemporary(folder);
  if (!fd || ftruncate(fd.get(), off_t(bytes)) != 0)
    throw errors::cannotWriteData(folder, errno);
  return {InputFile(folder, std::move(fd), bytes), 0, true};
}

void RowFile::read(uint64_t at, std::span<std::byte> out) const {
  if (file.readAt(offset + at, out) < out.size())
    throw errors::dataCutShort(file.path(), file.sizeNow(), offset + at + out.size());
}

void RowFile::write(uint64_t at, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put =
        pwrite(file.descriptor(), bytes.data(), std::min<size_t>(bytes.size(), 1 << 30), off_t(at));
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      throw errors::cannotWriteData(file.path(), errno);
    bytes = bytes.subspan(size_t(put));
    at += uint64_t(put);
  }
}

void RowFile::expect(uint64_t at, uint64_t bytes) const {
  // A wish: whatever comes of it, read() does the work.
  (void)posix_fadvise(file.descriptor(), off_t(offset + at), off_t(bytes), POSIX_FADV_WILLNEED);
}

} // namespace nnrt
