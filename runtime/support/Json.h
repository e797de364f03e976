// Writes JSON text into a string.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nnrt {

/// Appends values, objects and arrays; places the commas. Keys keep their order. Numbers that JSON
/// can't say (NaN, infinities) become null. Text that is not UTF-8 gets U+FFFD in place of the
/// stray bytes.
class JsonWriter {
public:
  explicit JsonWriter(std::string &out) : out(out) {}

  JsonWriter &beginObject() { return open('{'); }
  JsonWriter &endObject() { return close('}'); }
  JsonWriter &beginArray() { return open('['); }
  JsonWriter &endArray() { return close(']'); }
  JsonWriter &key(std::string_view name);
  JsonWriter &value(std::string_view text);
  JsonWriter &value(const char *text) { return value(std::string_view(text)); }
  JsonWriter &value(double number);
  JsonWriter &value(float number);
  JsonWriter &value(int64_t number);
  JsonWriter &value(uint64_t number);
  JsonWriter &value(bool truth) { return raw(truth ? "true" : "false"); }
  JsonWriter &null() { return raw("null"); }
  template <typename T> JsonWriter &field(std::string_view name, const T &content) {
    return key(name).value(content);
  }

private:
  JsonWriter &open(char bracket);
  JsonWriter &close(char bracket);
  JsonWriter &raw(std::string_view text);
  void separate();

  std::string &out;
  bool needsComma = false;
};

} // namespace nnrt
