// The settings of a recipe, as whoever runs a program reads them.
#pragma once

#include "compiler/sema/Program.h"

#include "mlir/IR/Builders.h"

namespace nnc::emission {

/// What `settings` of `train.recipe` says; runtime/model/Recipe.h documents it.
mlir::DictionaryAttr makeSettings(mlir::Builder &builder, const sema::Model &model,
                                  const sema::Recipe &recipe);

} // namespace nnc::emission
