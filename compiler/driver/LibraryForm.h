// The library form of a model (--emit shared): the C functions that it exports, and their header.
#pragma once

#include "compiler/pipeline/ModelDescription.h"

#include "llvm/ADT/StringRef.h"

#include <string>

namespace llvm {
class Module;
} // namespace llvm

namespace nnc::driver {

/// Adds `<model>_create`, `<model>_train_step` and so on: each calls its counterpart in
/// nnrt/library.h. The module holds the descriptor, which becomes private to the library.
void addLibraryFunctions(llvm::Module &module, const ModelDescription &model);

/// The C header that declares them, with types and shapes.
std::string libraryHeader(const ModelDescription &model, llvm::StringRef compiler);

} // namespace nnc::driver
