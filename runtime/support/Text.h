// Small helpers to put messages together.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace nnrt {

namespace detail {
/// A part of a message: text that outlives it, or a number. Kept small, since each message is an
/// array of them in the code that raises it.
class Part {
public:
  Part(std::string_view text) : text(text.data()), length(text.size()) {}
  Part(const char &character) : text(&character), length(1) {}
  Part(double value) : floating(value), length(isFloating) {}
  template <typename T>
    requires std::is_integral_v<T>
  Part(T value) {
    if constexpr (std::is_signed_v<T>)
      integer = value, length = isSigned;
    else
      natural = value, length = isUnsigned;
  }

  void appendTo(std::string &out) const;

private:
  // In place of a length, which none is as large as.
  static constexpr size_t isSigned = -1, isUnsigned = -2, isFloating = -3;

  union {
    const char *text;
    int64_t integer;
    uint64_t natural;
    double floating;
  };
  size_t length;
};

std::string concatenated(std::initializer_list<Part> parts);
} // namespace detail

/// Concatenates text and numbers; floating point numbers are written with up to 6 digits.
/// Inlined, since each list of types would be a function of its own otherwise.
template <typename... Ts> [[gnu::always_inline]] inline std::string cat(const Ts &...parts) {
  return detail::concatenated({detail::Part(parts)...});
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
