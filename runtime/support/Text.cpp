// Small helpers to put messages together.
#include "runtime/support/Text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

namespace nnrt {

void detail::Part::appendTo(std::string &out) const {
  switch (length) {
  case isSigned:
    out += std::to_string(integer);
    break;
  case isUnsigned:
    out += std::to_string(natural);
    break;
  case isFloating: {
    char buffer[32];
    snprintf(buffer, sizeof buffer, "%.6g", floating);
    out += buffer;
    break;
  }
  default:
    out.append(text, length);
  }
}

std::string detail::concatenated(std::initializer_list<Part> parts) {
  std::string out;
  for (const Part &part : parts)
    part.appendTo(out);
  return out;
}

std::string grouped(uint64_t value) {
  std::string digits = std::to_string(value);
  for (size_t at = digits.size(); at > 3;)
    digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string byteCount(uint64_t bytes) {
  static constexpr const char *units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024)
    return cat(bytes, bytes == 1 ? " byte" : " bytes");
  double value = static_cast<double>(bytes);
  unsigned unit = 0;
  for (; value >= 1024 && unit < 6; ++unit)
    value /= 1024;
  return cat(fixed(value, value < 10 ? 1 : 0), " ", units[unit]);
}

std::string fixed(double value, int digits) {
  // NaN has no sign that means anything.
  if (std::isnan(value))
    return "nan";
  char buffer[64];
  snprintf(buffer, sizeof buffer, std::fabs(value) < 1e15 ? "%.*f" : "%.*g", digits, value);
  return buffer;
}

std::string significant(double value) {
  int digits = 6;
  double size = std::fabs(value);
  for (; size > 0 && size < 0.1 && digits < 17; ++digits)
    size *= 10;
  return fixed(value, digits);
}

std::string duration(double seconds) {
  if (!(seconds < 1e9))
    return "?";
  if (seconds < 10)
    return cat(fixed(seconds, 2), " s");
  if (seconds < 59.95)
    return cat(fixed(seconds, 1), " s");
  auto whole = static_cast<uint64_t>(std::lround(seconds));
  char buffer[64];
  if (whole < 3600)
    snprintf(buffer, sizeof buffer, "%u min %02u s", unsigned(whole / 60), unsigned(whole % 60));
  else
    snprintf(buffer, sizeof buffer, "%u h %02u min", unsigned(whole / 3600),
             unsigned(whole / 60 % 60));
  return buffer;
}

/// Edit distance where exchanging two neighbours counts as one edit ("optimal string alignment");
/// words are short.
static size_t editDistance(std::string_view a, std::string_view b) {
  const size_t width = b.size() + 1;
  std::vector<size_t> table((a.size() + 1) * width);
  auto at = [&](size_t i, size_t j) -> size_t & { return table[i * width + j]; };
  for (size_t j = 0; j <= b.size(); ++j)
    at(0, j) = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    at(i, 0) = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      at(i, j) =
          std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
    }
  }
  return at(a.size(), b.size());
}

std::string_view closest(std::string_view word, std::span<const std::string_view> candidates) {
  // A long garbage word is like nothing, and would only cost time.
  if (word.empty() || word.size() > 64)
    return {};
  std::string_view best;
  size_t bestDistance = std::max<size_t>(1, word.size() / 3) + 1;
  for (std::string_view candidate : candidates) {
    size_t distance = editDistance(word, candidate);
    if (word.size() >= 3 && candidate.substr(0, word.size()) == word)
      distance = std::min<size_t>(distance, 1);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string joined(std::span<const std::string> parts) {
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i)
      out += i + 1 == parts.size() ? " and " : ", ";
    out += parts[i];
  }
  return out;
}

std::string printable(std::string_view text) {
  std::string out(text.substr(0, 200));
  for (char &c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      c = '?';
  return text.size() > 200 ? out + "..." : out;
}

} // namespace nnrt
