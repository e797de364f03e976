// What programs whose data set is no table have in place of the reader of tables.
#include "runtime/data/DataReader.h"

namespace nnrt {

std::unique_ptr<DataReader> openCsv(const ReaderRequest &) {
  throw Error("the program was linked without the reader of tables", {}, Status::Internal);
}

} // namespace nnrt
