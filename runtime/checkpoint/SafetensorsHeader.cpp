// The JSON header of a safetensors file.
#include "runtime/checkpoint/SafetensorsHeader.h"

#include "runtime/support/JsonEvents.h"
#include "runtime/support/Text.h"

#include <set>

namespace nnrt {

/// Bytes of an element, for every type that the format knows; 0 for another.
static uint64_t storedElementSize(std::string_view dtype) {
  struct Type {
    std::string_view name;
    uint64_t size;
  };
  static constexpr Type types[] = {{"BOOL", 1},    {"U8", 1},  {"I8", 1},  {"F8_E5M2", 1},
                                   {"F8_E4M3", 1}, {"I16", 2}, {"U16", 2}, {"F16", 2},
                                   {"BF16", 2},    {"I32", 4}, {"U32", 4}, {"F32", 4},
                                   {"F64", 8},     {"I64", 8}, {"U64", 8}};
  for (const Type &type : types)
    if (type.name == dtype)
      return type.size;
  return 0;
}

namespace {

/// Follows the events of a JSON parser through the one form that a header has.
class HeaderParser final : public JsonEvents {
public:
  HeaderParser(std::vector<StoredTensor> &tensors, std::map<std::string, std::string> &metadata)
      : tensors(tensors), metadata(metadata) {}

  HeaderError error;

  bool null() override { return refuse("null"); }
  bool truth(bool) override { return refuse("a boolean"); }
  bool number(double) override { return refuse("a negative number or a fraction"); }
  bool natural(uint64_t value) override;
  bool text(std::string &text) override;
  bool beginObject() override;
  bool key(std::string &name) override;
  bool endObject() override;
  bool beginArray() override;
  bool endArray() override;
  void invalid(uint64_t offset) override { error = {offset, "its header is not valid JSON"}; }

private:
  enum class At { Start, Top, Metadata, Tensor, Shape, Offsets, End };

  bool fail(std::string message) {
    error.message = std::move(message);
    return false;
  }
  bool refuse(const char *what) {
    return fail(
        cat("its header has ", what, " in an unexpected place",
            current.name.empty() ? "" : cat(", near tensor '", printable(current.name), "'")));
  }
  bool finishTensor();

  std::vector<StoredTensor> &tensors;
  std::map<std::string, std::string> &metadata;
  std::set<std::string, std::less<>> names;
  At at = At::Start;
  std::string lastKey;
  StoredTensor current;
  std::vector<uint64_t> offsets;
  bool hasShape = false;
};

} // namespace

bool HeaderParser::natural(uint64_t value) {
  if (at == At::Shape && value <= uint64_t(INT64_MAX) && current.shape.size() < 64) {
    current.shape.push_back(int64_t(value));
    return true;
  }
  if (at == At::Offsets && offsets.size() < 2) {
    offsets.push_back(value);
    return true;
  }
  return refuse("a number");
}

bool HeaderParser::text(std::string &text) {
  if (at == At::Metadata) {
    metadata.emplace(lastKey, text);
    return true;
  }
  if (at == At::Tensor && lastKey == "dtype") {
    current.dtype = text;
    return true;
  }
  return refuse("a string");
}

bool HeaderParser::beginObject() {
  if (at == At::Start)
    at = At::Top;
  else if (at == At::Top && lastKey == "__metadata__")
    at = At::Metadata;
  else if (at == At::Top) {
    at = At::Tensor;
    current = {};
    current.name = lastKey;
    offsets.clear();
    hasShape = false;
  } else
    return refuse("an object");
  return true;
}

bool HeaderParser::key(std::string &name) {
  if (at == At::Top && !names.insert(name).second)
    return fail(cat("its header names '", printable(name), "' twice"));
  if (at == At::Tensor && name != "dtype" && name != "shape" && name != "data_offsets")
    return fail(cat("tensor '", printable(current.name), "' has an unknown property '",
                    printable(name), "'"));
  lastKey = name;
  return true;
}

bool HeaderParser::beginArray() {
  if (at == At::Tensor && lastKey == "shape" && !hasShape) {
    at = At::Shape;
    hasShape = true;
  } else if (at == At::Tensor && lastKey == "data_offsets" && offsets.empty())
    at = At::Offsets;
  else
    return refuse("an array");
  return true;
}

bool HeaderParser::endArray() {
  at = At::Tensor;
  return true;
}

bool HeaderParser::endObject() {
  if (at == At::Tensor && !finishTensor())
    return false;
  at = at == At::Top ? At::End : At::Top;
  return true;
}

/// Checks that the offsets are in order and their difference is what the shape says.
bool HeaderParser::finishTensor() {
  std::string name = printable(current.name);
  uint64_t bytes = storedElementSize(current.dtype);
  if (current.dtype.empty() || !hasShape || offsets.size() != 2)
    return fail(cat("tensor '", name, "' lacks a dtype, a shape or two data_offsets"));
  if (!bytes)
    return fail(cat("tensor '", name, "' has an unknown dtype '", printable(current.dtype), "'"));
  bool overflow = false;
  for (int64_t size : current.shape)
    if (size == 0)
      bytes = 0;
  for (int64_t size : current.shape)
    overflow |= __builtin_mul_overflow(bytes, uint64_t(size), &bytes);
  if (overflow || offsets[1] < offsets[0] || offsets[1] - offsets[0] != bytes)
    return fail(cat("tensor '", name, "' is ", current.typeText(), ", but its data_offsets are [",
                    offsets[0], ", ", offsets[1], "]"));
  current.offset = offsets[0];
  current.bytes = bytes;
  tensors.push_back(std::move(current));
  current = {};
  return true;
}

HeaderError parseSafetensorsHeader(std::string_view text, std::vector<StoredTensor> &tensors,
                                   std::map<std::string, std::string> &metadata) {
  HeaderParser parser(tensors, metadata);
  bool valid = readJson(text, parser);
  if (!valid && parser.error.message.empty())
    parser.error.message = "its header is not valid JSON";
  return parser.error;
}

} // namespace nnrt
