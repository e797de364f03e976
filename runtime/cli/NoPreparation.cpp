// What programs whose data set gives fields as they are have in place of inputs that are prepared
// as training did.
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
