// Files by descriptor, and the writing of a whole file so that a crash leaves the old or the new
// one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace nnrt {

/// Owns a file descriptor.
class Descriptor {
public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd(fd) {}
  Descriptor(Descriptor &&other) noexcept : fd(std::exchange(other.fd, -1)) {}
  Descriptor &operator=(Descriptor &&other) noexcept {
    std::swap(fd, other.fd);
    return *this;
  }
  ~Descriptor();

  int get() const { return fd; }
  explicit operator bool() const { return fd >= 0; }
  /// Returns false, with errno set, where closing reports an error.
  bool close();

private:
  int fd = -1;
};

bool fileExists(const std::string &path);
bool isFolder(const std::string &path);

/// Whether two paths name one file, or would once it is made.
bool sameFile(const std::string &a, const std::string &b);

/// Opens what the caller has closed of standard input, output and error, in such a way that using
/// it still fails: else the next file opened, perhaps a checkpoint, would get what is printed.
void reserveStandardDescriptors();

/// Copies a file, atomically. Throws Error.
void copyFile(const std::string &from, const std::string &to);

/// "a/b/c" -> "a/b"; "c" -> ".".
std::string folderOf(const std::string &path);

/// A regular file opened for reading.
class InputFile {
public:
  /// Throws Error: cannot be opened, is not a regular file.
  explicit InputFile(const std::string &path);
  /// One that is open already; `name` is for messages.
  InputFile(std::string name, Descriptor fd, uint64_t bytes)
      : name(std::move(name)), fd(std::move(fd)), bytes(bytes) {}

  const std::string &path() const { return name; }
  uint64_t size() const { return bytes; }
  uint64_t sizeNow() const; ///< somebody may write to it meanwhile
  int descriptor() const { return fd.get(); }
  /// Reads up to `out.size()` bytes at `offset`; fewer only at the end of the file. Throws Error:
  /// cannot be read.
  size_t readAt(uint64_t offset, std::span<std::byte> out) const;

private:
  std::string name;
  Descriptor fd;
  uint64_t bytes = 0;
};

/// Writes all of it; returns false with errno set. Interrupted calls go on.
bool writeFully(int fd, std::span<const std::byte> bytes);

/// A file that appears whole or not at all: an unnamed (or temporary) file in the same folder that
/// is synced and renamed over `path` by commit(). Without commit() nothing is left behind.
class AtomicFile {
public:
  /// Throws Error: no such folder, not a regular file, cannot be written.
  explicit AtomicFile(std::string path);
  AtomicFile(const AtomicFile &) = delete;
  AtomicFile &operator=(const AtomicFile &) = delete;
  ~AtomicFile();

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  /// Syncs and renames. Throws Error: cannot be written; `path` is then as it was before.
  void commit();

  /// Throws the Error that writing would meet, as far as can be told without writing any bytes.
  static void checkWritable(const std::string &path);

private:
  void openTemporary();
  void nameTemporary();

  std::string path;      ///< as given, for messages
  std::string target;    ///< with symbolic links resolved
  std::string temporary; ///< empty while the file has no name
  Descriptor fd;
};

} // namespace nnrt
