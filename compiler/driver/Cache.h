// The cache of `nnc run`: programs by what they were made from.
#pragma once

#include "compiler/driver/Frontend.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace nnc::driver {

/// A name for the program that `arguments` make of the frontend's files: a hash of every file read,
/// of the options, and of the identity of the compiler and its runtime.
std::string cacheKey(const Frontend &frontend, const Arguments &arguments);

/// What tells this build of the compiler from any other.
std::string compilerIdentity();

/// The folder KEY in the cache, made where it is missing: $NNC_CACHE/KEY, else
/// $XDG_CACHE_HOME/nnc/KEY, else ~/.cache/nnc/KEY. The programs have one each.
llvm::Expected<std::string> cacheFolder(llvm::StringRef key);
/// The one in which kernels are kept.
inline constexpr llvm::StringLiteral kKernelFolder = "kernels";

/// Whether the program is there as `seal` saw it. One that a full disk or a crash cut off isn't.
bool isWhole(llvm::StringRef program);
/// Keeps the hash of a program that was built just now beside it, for `isWhole`.
void seal(llvm::StringRef program);

/// Removes the programs used longest ago, so that at most `keep` are left beside the one at
/// `folder`.
void pruneCache(llvm::StringRef folder, size_t keep = 32);

} // namespace nnc::driver
