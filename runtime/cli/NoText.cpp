// What programs have in place of texts whose data set has none: the part of the runtime that reads
// and writes texts is an archive of its own, which nnc links where a recipe needs it.
#include "runtime/cli/Commands.h"
#include "runtime/data/DataReader.h"
#include "runtime/support/Text.h"

namespace nnrt {

std::unique_ptr<DataReader> openText(const ReaderRequest &) {
  throw Error("the program was linked without the reader of texts", {}, Status::Internal);
}

Status runGenerate(const Program &program, const Arguments &) {
  throw Error(
      cat("the model '", program.model.name, "' was not trained on a text, so it writes none"),
      "a data set 'from text(\"book.txt\", window: 65)' has windows of one as examples");
}

} // namespace nnrt
