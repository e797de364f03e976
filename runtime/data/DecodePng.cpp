// What decodes images in programs whose data has no folders of them.
#define STBI_ONLY_PNG
#include "runtime/data/DecodeStb.h"

namespace nnrt {

std::string_view decodedKinds() { return "a PNG file"; }

std::optional<std::string> jpegFault(std::span<const std::byte>) { return std::nullopt; }

} // namespace nnrt
