// What programs have in place of folders of images whose data set has none: the part of the runtime
// that reads them is an archive of its own, which nnc links where a recipe needs it.
#include "runtime/data/DataReader.h"
#include "runtime/data/InputArray.h"

namespace nnrt {

static Error missingPart() {
  return Error("the program was linked without the reader of folders", {}, Status::Internal);
}

std::unique_ptr<DataReader> openFolder(const ReaderRequest &) { throw missingPart(); }

InputArray readImageOfAnySize(const std::string &, std::span<const int64_t>) {
  throw missingPart();
}

} // namespace nnrt
