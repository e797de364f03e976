// Writes JSON text into a string.
#include "runtime/support/Json.h"

#include <charconv>
#include <cmath>
#include <cstdio>

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

/// The length of the well-formed UTF-8 sequence at the start of `text`; 0 where there is none.
static size_t utf8Length(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char lead = byte(0);
  if (lead < 0x80)
    return 1;
  size_t length = lead >= 0xc2 && lead < 0xe0   ? 2
                  : lead >= 0xe0 && lead < 0xf0 ? 3
                  : lead >= 0xf0 && lead < 0xf5 ? 4
                                                : 0;
  if (!length || text.size() < length)
    return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80)
      return 0;
  bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  bool surrogateOrBeyond = (lead == 0xed && byte(1) >= 0xa0) || (lead == 0xf4 && byte(1) >= 0x90);
  return overlong || surrogateOrBeyond ? 0 : length;
}

static void appendQuoted(std::string &out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    char c = text.front();
    size_t length = utf8Length(text);
    if (length == 0) {
      out += "\\ufffd";
      length = 1;
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char buffer[8];
      snprintf(buffer, sizeof buffer, "\\u%04x", unsigned(c));
      out += buffer;
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
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
