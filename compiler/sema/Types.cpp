// Element types and shapes.
#include "compiler/sema/Types.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

namespace nnc::sema {

const char *spelling(Element element) {
  switch (element) {
  case Element::F64:
    return "f64";
  case Element::F32:
    return "f32";
  case Element::F16:
    return "f16";
  case Element::BF16:
    return "bf16";
  case Element::I64:
    return "i64";
  case Element::I32:
    return "i32";
  case Element::U8:
    return "u8";
  case Element::Bool:
    return "bool";
  }
  llvm_unreachable("an element type without a name");
}

unsigned byteSize(Element element) {
  switch (element) {
  case Element::F64:
  case Element::I64:
    return 8;
  case Element::F32:
  case Element::I32:
    return 4;
  case Element::F16:
  case Element::BF16:
    return 2;
  case Element::U8:
  case Element::Bool:
    return 1;
  }
  llvm_unreachable("an element type without a size");
}

bool isFloat(Element element) {
  return element == Element::F64 || element == Element::F32 || element == Element::F16 ||
         element == Element::BF16;
}

bool isInteger(Element element) {
  return element == Element::I64 || element == Element::I32 || element == Element::U8;
}

std::optional<Element> elementNamed(llvm::StringRef name) {
  return llvm::StringSwitch<std::optional<Element>>(name)
      .Case("f64", Element::F64)
      .Case("f32", Element::F32)
      .Case("f16", Element::F16)
      .Case("bf16", Element::BF16)
      .Case("i64", Element::I64)
      .Case("i32", Element::I32)
      .Case("u8", Element::U8)
      .Case("bool", Element::Bool)
      .Default(std::nullopt);
}

std::vector<std::string> typeNames() {
  return {"f64", "f32",   "f16", "bf16",   "i64",   "i32", "u8",   "bool",
          "int", "float", "any", "string", "index", "fn",  "layer"};
}

bool isTypeName(llvm::StringRef name) {
  return elementNamed(name) || name == "int" || name == "float" || name == "any" ||
         name == "string" || name == "index" || name == "fn" || name == "layer";
}

/// Bits of a value that `element` holds exactly, counted for whole numbers.
static unsigned exactBits(Element element) {
  switch (element) {
  case Element::F64:
    return 53;
  case Element::F32:
    return 24;
  case Element::F16:
    return 11;
  case Element::BF16:
    return 8;
  case Element::I64:
    return 63;
  case Element::I32:
    return 31;
  case Element::U8:
    return 8;
  case Element::Bool:
    return 1;
  }
  llvm_unreachable("an element type without a precision");
}

bool convertsTo(Element from, Element to) {
  if (from == to)
    return true;
  if (to == Element::Bool || to == Element::U8)
    return false;
  if (from == Element::Bool) // computes as a float does
    return isFloat(to);
  if (isFloat(from) && !isFloat(to))
    return false;
  // bf16 has fewer digits than f16, but a wider range.
  if (from == Element::BF16 && to == Element::F16)
    return false;
  return exactBits(from) <= exactBits(to);
}

std::optional<Element> commonElement(Element a, Element b) {
  if (convertsTo(a, b))
    return b;
  if (convertsTo(b, a))
    return a;
  return std::nullopt;
}

std::string conversionHint(Element a, Element b) {
  bool isWide = a == Element::F64 || b == Element::F64;
  return std::string("say 'as ") + (isWide ? "f64" : "f32") + "' to convert one of them";
}

std::optional<int64_t> tensorBytes(const Type &type) {
  int64_t bytes = byteSize(type.element);
  for (const Dim &dim : type.shape) {
    int64_t size = dim.constant().value_or(1);
    if (llvm::MulOverflow(bytes, size, bytes) || bytes > maxTensorBytes)
      return std::nullopt;
  }
  return bytes;
}

std::string bytesText(uint64_t bytes) {
  static constexpr llvm::StringLiteral units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(units); ++unit)
    value /= 1024;
  std::string text;
  llvm::raw_string_ostream os(text);
  os << llvm::format(value == std::floor(value) ? "%.0f " : "%.1f ", value)
     << (bytes == 1 ? "byte" : units[unit]);
  return text;
}

std::string str(const Shape &shape) {
  return "[" + llvm::join(llvm::map_range(shape, [](const Dim &dim) { return dim.str(); }), ", ") +
         "]";
}

std::optional<Dim> product(llvm::ArrayRef<Dim> dims) {
  std::optional<Dim> result = Dim(1);
  for (const Dim &dim : dims) {
    result = Dim::multiply(*result, dim);
    if (!result)
      return std::nullopt;
  }
  return result;
}

std::string Type::str() const {
  return shape.empty() ? std::string(spelling(element)) : spelling(element) + sema::str(shape);
}

} // namespace nnc::sema
