// A JSON text that is read as the events of its parser.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nnrt {

/// What a JSON text holds, in order. What returns false stops the parser.
class JsonEvents {
public:
  virtual ~JsonEvents() = default;

  virtual bool null() = 0;
  virtual bool truth(bool value) = 0;
  /// A number without sign and fraction.
  virtual bool natural(uint64_t value) = 0;
  /// Any other number.
  virtual bool number(double value) = 0;
  virtual bool text(std::string &value) = 0;
  virtual bool beginObject() = 0;
  virtual bool key(std::string &name) = 0;
  virtual bool endObject() = 0;
  virtual bool beginArray() = 0;
  virtual bool endArray() = 0;
  /// The text is not JSON, as this byte of it shows.
  virtual void invalid(uint64_t offset) = 0;
};

/// Whether the whole text is JSON, and no event stopped the parser.
bool readJson(std::string_view text, JsonEvents &events);

} // namespace nnrt
