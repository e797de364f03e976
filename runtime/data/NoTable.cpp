// What programs have in place of tables whose data set has none: the reader of tables is an archive
// of its own, which nnc links where a recipe needs it.
#include "runtime/data/DataReader.h"

namespace nnrt {

std::unique_ptr<DataReader> openCsv(const ReaderRequest &) {
  throw Error("the program was linked without the reader of tables", {}, Status::Internal);
}

} // namespace nnrt
