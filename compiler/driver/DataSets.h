// Well-known data sets: their files, what these must contain, and where to get them.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace nnc::driver {

struct DataSetFile {
  llvm::StringRef name;        ///< "train-images-idx3-ubyte.gz"
  llvm::StringRef sha256;      ///< of the unpacked content: packing it anew changes nothing
  llvm::StringRef origin = ""; ///< what the mirrors call it, where they have another name for it
  llvm::StringRef alike = "";  ///< the SHA-256 of a form that is as good, if any
};

struct DataSet {
  llvm::StringRef name, description;
  llvm::StringRef source; ///< whom it is from, and what its licence is
  llvm::ArrayRef<DataSetFile> files;
  llvm::ArrayRef<llvm::StringRef> mirrors; ///< addresses that end in `/`
};

llvm::ArrayRef<DataSet> dataSets();

/// Puts the files into `folder`. Valid ones that are there stay; others come from a copy beside the
/// tool, or from a mirror, with curl or wget. $NNC_DATA_MIRROR, which has the files under their own
/// names, is tried before the known mirrors.
/// Says on `os` what it did.
llvm::Error fetch(const DataSet &set, llvm::StringRef folder, llvm::raw_ostream &os);

/// The SHA-256 of what a gzip file holds, in hex.
llvm::Expected<std::string> unpackedSha256(llvm::StringRef path);

} // namespace nnc::driver
