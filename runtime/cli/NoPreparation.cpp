// What programs whose data set gives fields as they are, and has no tables, have in place of inputs
// that are read as it does.
#include "runtime/cli/PredictInputs.h"
#include "runtime/support/Errors.h"

namespace nnrt {

InputGroup readTable(const InputContext &, const std::string &path) {
  throw errors::unknownInputFormat(path, ".npy or .png; the model was not trained on tables");
}

std::optional<std::vector<InputGroup>> readRawArrays(const InputContext &,
                                                     std::span<const std::string>) {
  return std::nullopt;
}

} // namespace nnrt
