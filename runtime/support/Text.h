// Small helpers to put messages together.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace nnrt {

namespace detail {
void append(std::string &out, double value);
inline void append(std::string &out, std::string_view value) { out += value; }
inline void append(std::string &out, char value) { out += value; }
template <typename T>
  requires std::is_integral_v<T>
void append(std::string &out, T value) {
  out += std::to_string(value);
}
} // namespace detail

/// Concatenates text and numbers; floating point numbers are written with up to 6 digits.
template <typename... Ts> std::string cat(const Ts &...parts) {
  std::string out;
  (detail::append(out, parts), ...);
  return out;
}

/// 1234567 -> "1,234,567".
std::string grouped(uint64_t value);

/// 1536 -> "1.5 KiB".
std::string byteCount(uint64_t bytes);

/// Fixed-point text: fixed(0.97314, 4) -> "0.9731".
std::string fixed(double value, int digits);

/// Fixed-point text with six digits behind the point, or as many more as make six significant ones.
std::string significant(double value);

/// A duration that a person reads: "0.42 s", "3 min 05 s", "2 h 10 min".
std::string duration(double seconds);

/// The candidate nearest to `word` in edit distance, or empty where none is near enough to be what
/// was meant.
std::string_view closest(std::string_view word, std::span<const std::string_view> candidates);

/// "a, b and c".
std::string joined(std::span<const std::string> parts);

/// The text with control characters replaced, so that a file's content can't drive the terminal.
std::string printable(std::string_view text);

} // namespace nnrt
