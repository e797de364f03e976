// Attributes as JSON text.
#include "compiler/pipeline/Json.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <charconv>

using namespace mlir;

static void write(llvm::json::OStream &json, Attribute attribute) {
  if (auto dictionary = dyn_cast<DictionaryAttr>(attribute)) {
    json.object([&] {
      for (NamedAttribute entry : dictionary)
        json.attributeBegin(entry.getName().getValue()), write(json, entry.getValue()),
            json.attributeEnd();
    });
  } else if (auto list = dyn_cast<ArrayAttr>(attribute)) {
    json.array([&] {
      for (Attribute element : list)
        write(json, element);
    });
  } else if (auto text = dyn_cast<StringAttr>(attribute)) {
    // Text of a source is UTF-8 or has been refused; json asserts it.
    json.value(llvm::json::isUTF8(text.getValue()) ? text.str()
                                                   : llvm::json::fixUTF8(text.getValue()));
  } else if (auto flag = dyn_cast<BoolAttr>(attribute)) {
    json.value(flag.getValue());
  } else if (auto number = dyn_cast<FloatAttr>(attribute)) {
    // The shortest text that reads back alike.
    char text[32];
    auto [end, error] = std::to_chars(text, std::end(text), number.getValueAsDouble());
    json.rawValue(StringRef(text, end - text));
    (void)error;
  } else if (auto whole = cast<IntegerAttr>(attribute); whole.getType().isUnsignedInteger()) {
    json.value(whole.getValue().getZExtValue());
  } else {
    json.value(whole.getValue().getSExtValue());
  }
}

std::string nnc::toJson(Attribute attribute) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::OStream json(stream);
  write(json, attribute);
  return text;
}
