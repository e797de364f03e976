// nnc data: fetches a well-known data set, and checks what it has got.
#include "compiler/driver/Commands.h"
#include "compiler/driver/DataSets.h"
#include "compiler/driver/Files.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace nnc::driver {

static void list(raw_ostream &os) {
  os << "data sets:\n";
  for (const DataSet &set : dataSets()) {
    os << "  " << left_justify(set.name, 20) << set.description << "\n";
    os.indent(22) << set.source << "\n";
    os.indent(22) << (set.files.size() == 1 ? "file: " : "files: ");
    interleaveComma(set.files, os, [&](const DataSetFile &file) { os << file.name; });
    os << "\n";
  }
  os << "\n'nnc data NAME' fetches one into data/NAME, where a program looks for a data set of "
        "that "
        "name;\ngive others the folder: --data data/NAME. A file is kept only where its SHA-256 is "
        "that of the\noriginal. $NNC_DATA_MIRROR is the address of a folder to fetch from first.\n";
}

Status runData(const Arguments &arguments) {
  if (arguments.inputs.empty()) {
    list(outs());
    return Status::Success;
  }
  StringRef name = arguments.inputs.front();
  const auto *set = find_if(dataSets(), [&](const DataSet &known) { return known.name == name; });
  if (set == dataSets().end()) {
    std::vector<StringRef> names;
    for (const DataSet &known : dataSets())
      names.push_back(known.name);
    errs() << "nnc: error: no data set '" << name << "' is known" << didYouMean(name, names)
           << "\n'nnc data' lists those that are\n";
    return Status::InputError;
  }
  SmallString<128> folder(arguments.directory);
  if (folder.empty())
    sys::path::append(folder, "data", set->name);
  if (Error error = fetch(*set, folder, outs())) {
    outs().flush();
    printError(std::move(error));
    return Status::InputError;
  }
  return Status::Success;
}

} // namespace nnc::driver
