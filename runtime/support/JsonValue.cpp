// Values of a JSON text that is read as a tree.
#include "runtime/support/JsonValue.h"

#include "runtime/support/JsonEvents.h"
#include "runtime/support/Text.h"

#include <limits>

namespace nnrt {

/// What is destroyed by recursion must not nest without bound.
static constexpr size_t mostDepth = 64;

class JsonValue::Builder final : public JsonEvents {
public:
  JsonValue root;

  bool null() override { return add(Kind::Null), true; }
  bool truth(bool value) override { return add(Kind::Truth).isTrue = value, true; }
  bool natural(uint64_t value) override {
    JsonValue &added = add(Kind::Natural);
    added.whole = value;
    added.real = double(value);
    return true;
  }
  bool number(double value) override { return add(Kind::Number).real = value, true; }
  bool text(std::string &value) override {
    add(Kind::Text).characters = std::move(value);
    return true;
  }
  bool beginObject() override { return begin(Kind::Object); }
  bool key(std::string &value) override { return name = std::move(value), true; }
  bool endObject() override { return open.pop_back(), true; }
  bool beginArray() override { return begin(Kind::Array); }
  bool endArray() override { return open.pop_back(), true; }
  void invalid(uint64_t) override {}

private:
  JsonValue &add(Kind kind) {
    JsonValue &added = open.empty() ? root : open.back()->children.emplace_back();
    added.kind = kind;
    added.name = std::move(name);
    name.clear();
    return added;
  }
  bool begin(Kind kind) {
    open.push_back(&add(kind));
    return open.size() <= mostDepth;
  }

  /// From the outermost in: only the innermost gets more children, so that none of them moves.
  std::vector<JsonValue *> open;
  std::string name;
};

std::optional<JsonValue> JsonValue::parse(std::string_view text) {
  Builder builder;
  if (!readJson(text, builder))
    return std::nullopt;
  return std::move(builder.root);
}

void JsonValue::require(bool holds, const char *what) const {
  if (!holds)
    throw JsonError(name.empty() ? cat("a value is not ", what)
                                 : cat("'", name, "' is not ", what));
}

const JsonValue *JsonValue::find(std::string_view name) const {
  require(kind == Kind::Object, "an object");
  for (size_t i = children.size(); i-- > 0;)
    if (children[i].name == name)
      return &children[i];
  return nullptr;
}

const std::vector<JsonValue> &JsonValue::elements() const {
  require(kind == Kind::Array, "an array");
  return children;
}

void JsonValue::get(bool &value) const {
  require(kind == Kind::Truth, "true or false");
  value = isTrue;
}

void JsonValue::get(uint32_t &value) const {
  require(kind == Kind::Natural && whole <= std::numeric_limits<uint32_t>::max(),
          "a whole number below 2^32");
  value = uint32_t(whole);
}

void JsonValue::get(uint64_t &value) const {
  require(kind == Kind::Natural, "a whole number");
  value = whole;
}

void JsonValue::get(double &value) const {
  require(isNumber(), "a number");
  value = real;
}

void JsonValue::get(std::string &value) const {
  require(kind == Kind::Text, "text");
  value = characters;
}

} // namespace nnrt
