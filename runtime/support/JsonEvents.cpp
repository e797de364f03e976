// A JSON text that is read as the events of its parser.
#include "runtime/support/JsonEvents.h"

#include <nlohmann/json.hpp>

namespace nnrt {

using nlohmann::json;

namespace {

/// Hands the parser's events on. The one type that the parser is instantiated for, since every
/// program carries what is; without a name outside, so that what the library could read but text
/// is seen not to be called.
class Adapter final {
public:
  explicit Adapter(JsonEvents &events) : events(events) {}

  bool null() { return events.null(); }
  bool boolean(bool value) { return events.truth(value); }
  bool number_integer(int64_t value) { return events.number(double(value)); }
  bool number_unsigned(uint64_t value) { return events.natural(value); }
  bool number_float(double value, const std::string &) { return events.number(value); }
  bool string(std::string &value) { return events.text(value); }
  bool binary(json::binary_t &) { return false; }
  bool start_object(size_t) { return events.beginObject(); }
  bool key(std::string &name) { return events.key(name); }
  bool end_object() { return events.endObject(); }
  bool start_array(size_t) { return events.beginArray(); }
  bool end_array() { return events.endArray(); }
  bool parse_error(size_t position, const std::string &, const json::exception &) {
    events.invalid(position ? position - 1 : 0);
    return false;
  }

private:
  JsonEvents &events;
};

} // namespace

bool readJson(std::string_view text, JsonEvents &events) {
  Adapter adapter(events);
  return json::sax_parse(text.data(), text.data() + text.size(), &adapter);
}

} // namespace nnrt
