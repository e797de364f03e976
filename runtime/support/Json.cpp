// Writes JSON text into a string.
#include "runtime/support/Json.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace nnrt {

void JsonWriter::separate() {
  if (needsComma)
    out += ", ";
  needsComma = true;
}

JsonWriter &JsonWriter::open(char bracket) {
  separate();
  out += bracket;
  needsComma = false;
  return *this;
}

JsonWriter &JsonWriter::close(char bracket) {
  out += bracket;
  needsComma = true;
  return *this;
}

JsonWriter &JsonWriter::raw(std::string_view text) {
  separate();
  out += text;
  return *this;
}

/// Bytes of the character of UTF-8 that a text begins with, or 0 where it begins with none.
static size_t characterBytes(std::string_view text) {
  unsigned lead = static_cast<unsigned char>(text.front());
  size_t bytes = lead < 0x80   ? 1
                 : lead < 0xc2 ? 0
                 : lead < 0xe0 ? 2
                 : lead < 0xf0 ? 3
                 : lead < 0xf5 ? 4
                               : 0;
  if (bytes > text.size())
    return 0;
  // Of the second byte less is valid: nothing that fewer bytes say, no surrogate, no number beyond
  // the last character.
  unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  for (size_t i = 1; i < bytes; ++i, low = 0x80, high = 0xbf)
    if (unsigned byte = static_cast<unsigned char>(text[i]); byte < low || byte > high)
      return 0;
  return bytes;
}

/// A step that is logged allocates nothing but the text.
static void appendQuoted(std::string &out, std::string_view text) {
  auto isPlain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
  out += '"';
  for (;;) {
    size_t plain = std::find_if_not(text.begin(), text.end(), isPlain) - text.begin();
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty())
      break;
    char first = text.front();
    size_t bytes = characterBytes(text);
    if (first == '"' || first == '\\') {
      (out += '\\') += first;
    } else if (first == '\n') {
      out += "\\n";
    } else if (bytes == 1 && first < ' ') {
      static constexpr char digits[] = "0123456789abcdef";
      ((out += "\\u00") += digits[first >> 4]) += digits[first & 15];
    } else if (bytes == 0) {
      out += "\xef\xbf\xbd"; // U+FFFD
    } else {
      out += text.substr(0, bytes);
    }
    text.remove_prefix(std::max<size_t>(bytes, 1));
  }
  out += '"';
}

JsonWriter &JsonWriter::key(std::string_view name) {
  separate();
  appendQuoted(out, name);
  out += ": ";
  needsComma = false;
  return *this;
}

JsonWriter &JsonWriter::value(std::string_view text) {
  separate();
  appendQuoted(out, text);
  return *this;
}

/// The shortest text that reads back to the same number.
template <typename T> static std::string_view shortest(char (&buffer)[64], T number) {
  auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  return {buffer, size_t(end - buffer)};
}

JsonWriter &JsonWriter::value(double number) {
  char buffer[64];
  if (number == 0 && std::signbit(number))
    return raw("-0.0"); // As a whole number it would lose its sign.
  return std::isfinite(number) ? raw(shortest(buffer, number)) : null();
}

JsonWriter &JsonWriter::value(float number) {
  char buffer[64];
  return std::isfinite(number) ? raw(shortest(buffer, number)) : null();
}

JsonWriter &JsonWriter::value(int64_t number) {
  char buffer[64];
  return raw(shortest(buffer, number));
}

JsonWriter &JsonWriter::value(uint64_t number) {
  char buffer[64];
  return raw(shortest(buffer, number));
}

} // namespace nnrt
