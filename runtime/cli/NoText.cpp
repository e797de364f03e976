// What programs whose data set is no text have in place of what reads and writes texts.
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
