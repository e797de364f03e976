// What kind of file the first bytes tell, for messages about a file of the wrong kind.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace nnrt {

/// As many first bytes of a file as fileKindOf() makes use of.
constexpr size_t fileKindBytes = 256;

struct FileKind {
  std::string_view name;      ///< "a NumPy array (.npy)"; empty where the kind is not known
  std::string_view toWeights; ///< how to make a safetensors file of it; may be empty
};

/// `start`: the first bytes of the file. Meant for files that have been refused: a file that is
/// what its reader expects may well look like another kind.
FileKind fileKindOf(std::span<const std::byte> start);

} // namespace nnrt
