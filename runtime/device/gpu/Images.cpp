// Which of a program's images a chip runs.
#include "runtime/device/gpu/Images.h"

#include "runtime/support/Text.h"

#include <charconv>
#include <optional>

namespace nnrt::gpu {

std::string Capability::chip() const { return cat("sm_", major, minor); }

namespace {
/// "sm_90a": a capability, and whether others run its code.
struct Chip {
  Capability capability;
  char suffix = 0; ///< 'a': that chip alone; 'f': its family
};

/// The last digit is the minor version: sm_121 is 12.1.
std::optional<Chip> parseChip(std::string_view text) {
  if (!text.starts_with("sm_"))
    return std::nullopt;
  text.remove_prefix(3);
  int number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 10)
    return std::nullopt;
  const std::string_view rest = text.substr(size_t(end - text.data()));
  if (!rest.empty() && rest != "a" && rest != "f")
    return std::nullopt;
  return Chip{{number / 10, number % 10}, rest.empty() ? char(0) : rest.front()};
}

bool runsCubin(const Chip &chip, Capability device) {
  if (chip.capability.major != device.major)
    return false;
  return chip.suffix == 'a' ? chip.capability.minor == device.minor
                            : chip.capability.minor <= device.minor;
}

bool runsPtx(const Chip &target, Capability device) {
  if (target.suffix)
    return runsCubin(target, device);
  return target.capability.major < device.major ||
         (target.capability.major == device.major && target.capability.minor <= device.minor);
}

bool isPtx(const nnrt_image &image) { return std::string_view(image.chip) == "ptx"; }

/// The word after a directive at the beginning of a line.
std::string_view wordAfter(std::string_view text, std::string_view directive) {
  for (size_t at = text.find(directive); at != std::string_view::npos;
       at = text.find(directive, at + 1)) {
    if (at && text[at - 1] != '\n')
      continue;
    std::string_view rest = text.substr(at + directive.size());
    if (rest.empty() || (rest.front() != ' ' && rest.front() != '\t'))
      continue;
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    return rest.substr(0, rest.find_first_of(" \t,\r\n"));
  }
  return {};
}
} // namespace

PtxFacts factsOf(const nnrt_image &ptx) {
  const std::string_view text(reinterpret_cast<const char *>(ptx.bytes), size_t(ptx.size));
  return {wordAfter(text, ".version"), wordAfter(text, ".target")};
}

std::vector<const nnrt_image *> imagesFor(const nnrt_gpu_code &code, Capability device) {
  std::vector<const nnrt_image *> found;
  for (const nnrt_image &image : std::span(code.images, code.num_images)) {
    const bool isText = isPtx(image);
    const std::optional<Chip> chip = parseChip(isText ? factsOf(image).target : image.chip);
    // A text that doesn't tell is for the driver to judge.
    if (chip ? (isText ? runsPtx(*chip, device) : runsCubin(*chip, device)) : isText)
      found.push_back(&image);
  }
  return found;
}

std::vector<std::string> chipsOf(const nnrt_gpu_code &code) {
  std::vector<std::string> names;
  for (const nnrt_image &image : std::span(code.images, code.num_images)) {
    const std::string_view target = isPtx(image) ? factsOf(image).target : "";
    names.push_back(!isPtx(image)    ? std::string(image.chip)
                    : target.empty() ? std::string("PTX")
                                     : cat("PTX for ", target));
  }
  return names;
}

} // namespace nnrt::gpu
