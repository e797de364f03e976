// NVIDIA's assembler, where this machine has it: from PTX to the machine code of one chip.
#pragma once

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>

namespace nnc::driver {

/// $NNC_PTXAS, else the one in $PATH, $CUDA_HOME/bin or /usr/local/cuda/bin; none where NNC_PTXAS
/// is set and empty. An error where the one that NNC_PTXAS names isn't there.
llvm::Expected<std::optional<std::string>> findPtxas();

struct Cubin {
  std::string bytes;
  llvm::StringMap<uint32_t> registers; ///< of a thread, by the kernel's name
};

/// Runs the assembler `ptxas` on `text`; an error says what it says.
llvm::Expected<Cubin> assemblePtx(const std::string &ptxas, const std::string &text,
                                  const std::string &chip);

} // namespace nnc::driver
