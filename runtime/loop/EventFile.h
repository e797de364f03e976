// Files of TensorBoard: scalars over steps.
#pragma once

#include "runtime/support/Clock.h"
#include "runtime/support/File.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace nnrt {

/// CRC-32C (Castagnoli), as RFC 3720 has it.
uint32_t crc32c(std::string_view bytes);

/// A new file in a folder. Its records are TFRecord's: a length of 8 bytes, its masked CRC-32C, as
/// many bytes, their masked CRC-32C; each is a message `Event` of TensorFlow's event.proto.
class EventFile {
public:
  /// Makes the folder and those above it. Throws Error: these, or the file, cannot be made.
  explicit EventFile(const std::string &folder);
  ~EventFile();
  EventFile(const EventFile &) = delete;
  EventFile &operator=(const EventFile &) = delete;

  const std::string &path() const { return name; }
  /// Gathered, and written with the next flush(), after a second or when there is much of it.
  /// Allocates nothing for a tag of up to 1000 bytes.
  void scalar(std::string_view tag, uint64_t step, double value);
  /// Where it cannot be written, the file ends there: training is worth more. check() then throws.
  void flush();
  bool failed() const { return failure != 0; }
  /// Throws Error: some of it could not be written.
  void check() const;

private:
  void record();

  std::string name, pending, event, summary, value;
  int failure = 0; ///< the system's error that ended the file
  Descriptor fd;
  Clock::time_point lastFlush = Clock::now();
};

} // namespace nnrt
