// What decodes images in programs whose data has folders of them.
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#include "runtime/data/DecodeStb.h"
#include "runtime/support/Text.h"

namespace nnrt {

std::string_view decodedKinds() { return "a PNG or JPEG file"; }

/// Goes from marker to marker (ITU-T T.81, annex B) to that of the image's end.
std::optional<std::string> jpegFault(std::span<const std::byte> file) {
  auto at = [&](size_t place) { return place < file.size() ? unsigned(file[place]) : 0U; };
  if (at(0) != 0xff || at(1) != 0xd8)
    return std::nullopt;
  bool isInScan = false; // where everything but a marker is data
  for (size_t place = 2; place + 1 < file.size();) {
    const unsigned kind = at(place) == 0xff ? at(place + 1) : 0;
    if (kind == 0xd9)
      return std::nullopt;
    const bool isRestart = kind >= 0xd0 && kind <= 0xd7;
    if (kind == 0 || kind == 0xff || isRestart || kind == 0x01) {
      // A zero hides an 0xff of the data; 0xff may fill up; the others are markers alone.
      if (!isInScan && kind == 0)
        return cat("there is no marker at byte ", place);
      place += isRestart || kind == 0x01 ? 2 : 1;
      continue;
    }
    const size_t length = at(place + 2) << 8 | at(place + 3);
    if (length < 2 || place + 2 + length > file.size())
      return cat("the segment at byte ", place, " is cut short");
    isInScan = kind == 0xda;
    place += 2 + length;
  }
  return cat("it ends at byte ", file.size(), ", before the end of the image");
}

} // namespace nnrt
