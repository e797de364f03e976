// Element types: their names, what converts to what without loss, and the size of a tensor.
#pragma once

#include "compiler/sema/Program.h"

#include <optional>
#include <string>
#include <vector>

namespace nnc::sema {

/// An element type by its name in source: `f32`; nothing for `int`, `float`, `any` and unknown
/// names.
std::optional<Element> elementNamed(llvm::StringRef name);
/// Whether `name` may stand where a type does: an element, `index`, one of the generic int, float
/// and any, or what a setting alone can be.
bool isTypeName(llvm::StringRef name);
/// Every name for which isTypeName holds, for suggestions.
std::vector<std::string> typeNames();

bool isInteger(Element element);

/// The largest finite number of a floating-point type.
double largest(Element element);

/// Whether every value of `from` is exactly a value of `to`, which is all that an implicit
/// conversion may do. Bool converts to floats alone.
bool convertsTo(Element from, Element to);
/// The one of the two to which the other converts.
std::optional<Element> commonElement(Element a, Element b);
/// For two that have none in common.
std::string conversionHint(Element a, Element b);

/// Tensors may take this many bytes, symbolic dimensions counted as 1.
constexpr int64_t maxTensorBytes = int64_t(1) << 40;
/// The bytes of a tensor, symbolic dimensions counted as 1; nothing past maxTensorBytes.
std::optional<int64_t> tensorBytes(const Type &type);

/// `64 MiB`, `1.5 KiB`, `3 bytes`: to one decimal where it is no whole number of units.
std::string bytesText(uint64_t bytes);

/// `[batch, 64]`
std::string str(const Shape &shape);
/// The number of elements; nothing on overflow.
std::optional<Dim> product(llvm::ArrayRef<Dim> dims);

} // namespace nnc::sema
