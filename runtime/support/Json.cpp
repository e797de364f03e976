// Writes JSON text into a string.
#include "runtime/support/Json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

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

/// Stray bytes that are no UTF-8 become U+FFFD.
static void appendQuoted(std::string &out, std::string_view text) {
  auto isPlain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
  if (std::all_of(text.begin(), text.end(), isPlain)) {
    // Keys are, and a step that is logged allocates nothing.
    ((out += '"') += text) += '"';
    return;
  }
  out += nlohmann::json(text).dump(-1, ' ', /*ensure_ascii=*/false,
                                   nlohmann::json::error_handler_t::replace);
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
