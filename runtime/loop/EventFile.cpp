// Files of TensorBoard: scalars over steps.
#include "runtime/loop/EventFile.h"

#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nnrt {

//===-- Bytes --------------------------------------------------------------------------------===//

static constexpr std::array<uint32_t, 256> crcOfByte = [] {
  std::array<uint32_t, 256> table = {};
  for (uint32_t i = 0; i < table.size(); ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit)
      crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0); // the polynomial, its bits turned round
    table[i] = crc;
  }
  return table;
}();

uint32_t crc32c(std::string_view bytes) {
  uint32_t crc = ~0u;
  for (char byte : bytes)
    crc = crc >> 8 ^ crcOfByte[(crc ^ uint8_t(byte)) & 0xff];
  return ~crc;
}

/// Little-endian.
template <typename T> static void append(std::string &out, T number) {
  for (size_t i = 0; i < sizeof number; ++i)
    out += char(number >> 8 * i & 0xff);
}

/// The masked sum of what stands in `bytes`: a record that holds sums of its own has others.
static void appendMasked(std::string &out, std::string_view bytes) {
  const uint32_t crc = crc32c(bytes);
  append(out, (crc >> 15 | crc << 17) + 0xa282ead8u);
}

//===-- Messages -----------------------------------------------------------------------------===//

// Protocol buffers: a field's number and kind, then its content.
namespace {
enum Kind : uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };
} // namespace

static void appendVarint(std::string &out, uint64_t number) {
  for (; number >= 0x80; number >>= 7)
    out += char(number | 0x80);
  out += char(number);
}

static void appendKey(std::string &out, int field, Kind kind) { out += char(field << 3 | kind); }

static void appendBytes(std::string &out, int field, std::string_view bytes) {
  appendKey(out, field, Bytes);
  appendVarint(out, bytes.size());
  out += bytes;
}

/// Event.wall_time = 1
static void beginEvent(std::string &event) {
  using Seconds = std::chrono::duration<double>;
  const Seconds now = std::chrono::system_clock::now().time_since_epoch();
  event.clear();
  appendKey(event, 1, Fixed64);
  append(event, std::bit_cast<uint64_t>(now.count()));
}

//===-- The file -----------------------------------------------------------------------------===//

/// With those above it.
static void makeFolder(const std::string &folder) {
  for (size_t end = folder.find('/', 1);; end = folder.find('/', end + 1)) {
    const std::string part = folder.substr(0, end);
    if (!isFolder(part) && mkdir(part.c_str(), 0777) != 0) {
      const int why = errno; // isFolder() has one of its own
      if (!isFolder(part))
        throw errors::cannotMakeFolder(part, why);
    }
    if (end == std::string::npos)
      return;
  }
}

static std::string hostName() {
  char host[256] = {};
  if (gethostname(host, sizeof host - 1) != 0 || !*host)
    return "localhost";
  std::string name = host;
  for (char &c : name)
    if (c == '/')
      c = '_';
  return name;
}

static constexpr size_t room = 1 << 16;

EventFile::EventFile(const std::string &folder) {
  makeFolder(folder);
  using Seconds = std::chrono::duration<int64_t>;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::string first =
      cat(folder, folder.ends_with('/') ? "" : "/", "events.out.tfevents.",
          std::chrono::duration_cast<Seconds>(now).count(), ".", hostName(), ".", getpid());
  name = first;
  // Another run of the same second may have the same number where processes are counted anew, as in
  // containers.
  constexpr int mostNames = 100;
  for (int i = 1; !fd && i < mostNames; ++i) {
    fd = Descriptor(open(name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666));
    if (!fd && errno != EEXIST)
      break;
    if (!fd)
      name = cat(first, ".", i);
  }
  if (!fd)
    throw errors::cannotWrite(name, errno);
  for (std::string *each : {&pending, &event, &summary, &value})
    each->reserve(each == &pending ? room : 1 << 10 | 1 << 8);
  beginEvent(event);
  appendBytes(event, 3, "brain.Event:2"); // Event.file_version
  record();
  flush();
  check();
}

EventFile::~EventFile() { flush(); }

void EventFile::record() {
  if (pending.size() + event.size() + 16 > room)
    flush();
  const size_t begin = pending.size();
  append(pending, uint64_t(event.size()));
  appendMasked(pending, std::string_view(pending).substr(begin));
  pending += event;
  appendMasked(pending, event);
}

void EventFile::scalar(std::string_view tag, uint64_t step, double number) {
  if (!fd)
    return;
  value.clear();
  appendBytes(value, 1, tag);   // Summary.Value.tag
  appendKey(value, 2, Fixed32); // Summary.Value.simple_value
  append(value, std::bit_cast<uint32_t>(float(number)));
  summary.clear();
  appendBytes(summary, 1, value); // Summary.value
  beginEvent(event);
  appendKey(event, 2, Varint); // Event.step
  appendVarint(event, step);
  appendBytes(event, 5, summary); // Event.summary
  record();
  // Whoever looks on sees a long epoch's steps, too.
  if (secondsSince(lastFlush) > 1)
    flush();
}

void EventFile::flush() {
  if (!fd)
    return;
  const bool isWritten = writeFully(fd.get(), std::as_bytes(std::span(pending)));
  const int error = errno;
  pending.clear();
  lastFlush = Clock::now();
  if (isWritten)
    return;
  failure = error;
  fd.close();
}

void EventFile::check() const {
  if (failure)
    throw errors::cannotWrite(name, failure);
}

} // namespace nnrt
