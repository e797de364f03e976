// Attributes as JSON text.
#pragma once

#include "mlir/IR/BuiltinAttributes.h"

#include <string>

namespace nnc {

/// Strings, finite numbers, truth values, lists and dictionaries of these, as `train.recipe`
/// verifies them. Keys are in alphabetical order, numbers of a float such that they read back
/// alike.
std::string toJson(mlir::Attribute attribute);

} // namespace nnc
