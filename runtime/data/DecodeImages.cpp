// What decodes images in programs whose data has folders of them.
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#include "runtime/data/DecodeStb.h"
#include "runtime/support/Text.h"

namespace nnrt {

std::string_view decodedKinds() { return "a PNG or JPEG file"; }

/// Whether a segment holds whole Huffman tables (ITU-T T.81, B.2.4.2), each of at most 256 codes:
/// the decoder has room for so many, and reads what a table announces before it compares lengths.
static bool areWholeTables(std::span<const std::byte> tables) {
  constexpr size_t header = 17; // which table it is, and how many codes there are of each length
  while (!tables.empty()) {
    if (tables.size() < header)
      return false;
    size_t codes = 0;
    for (std::byte count : tables.subspan(1, header - 1))
      codes += size_t(count);
    if (codes > 256 || codes > tables.size() - header)
      return false;
    tables = tables.subspan(header + codes);
  }
  return true;
}

/// Goes from marker to marker (ITU-T T.81, annex B) to that of the image's end.
std::optional<std::string> jpegFault(std::span<const std::byte> file) {
  auto at = [&](size_t place) { return place < file.size() ? unsigned(file[place]) : 0U; };
  size_t place = 0;
  while (at(place) == 0xff)
    ++place; // of which each may be repeated before a marker
  if (place == 0 || at(place) != 0xd8)
    return std::nullopt;
  ++place;
  bool isInScan = false; // where everything but a marker is data
  while (place + 1 < file.size()) {
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
    if (kind == 0xc4 && !areWholeTables(file.subspan(place + 4, length - 2)))
      return cat("the tables at byte ", place, " are damaged");
    isInScan = kind == 0xda;
    place += 2 + length;
  }
  return cat("it ends at byte ", file.size(), ", before the end of the image");
}

} // namespace nnrt
