// The JSON header of a safetensors file.
#pragma once

#include "runtime/checkpoint/Safetensors.h"

namespace nnrt {

/// Where and why a header is not valid; no message: it is.
struct HeaderError {
  uint64_t offset = 0;
  std::string message;
};

/// Parses a header without building a JSON tree: anything that is not of the header's form is
/// refused where it stands, so a hostile header takes no more memory than its text. Offsets of the
/// tensors are as in the text, from the end of the header.
HeaderError parseSafetensorsHeader(std::string_view text, std::vector<StoredTensor> &tensors,
                                   std::map<std::string, std::string> &metadata);

} // namespace nnrt
