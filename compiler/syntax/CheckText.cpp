// Checks the bytes of a file before anything reads it as text.
#include "compiler/syntax/Lexing.h"
#include "compiler/syntax/Limits.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"

namespace nnc::syntax {

bool checkText(FileId file, const SourceManager &sources, Diagnostics &diagnostics) {
  llvm::StringRef text = sources.text(file);
  if (text.size() > maxFileSize) {
    diagnostics.error(Code::FileTooLarge, {file, 0, 0},
                      "the file has " + llvm::Twine(text.size()).str() + " bytes; the limit is " +
                          llvm::Twine(maxFileSize).str());
    return false;
  }
  auto bytes = reinterpret_cast<const llvm::UTF8 *>(text.data());
  for (uint32_t i = 0; i < text.size();) {
    if (bytes[i] == 0) {
      diagnostics.error(Code::NulByte, {file, i, i + 1}, "a NUL byte: this is not a text file");
      return false;
    }
    unsigned length = llvm::getNumBytesForUTF8(bytes[i]);
    if (i + length > text.size() || !llvm::isLegalUTF8Sequence(bytes + i, bytes + i + length)) {
      diagnostics
          .error(Code::InvalidUtf8, {file, i, i + 1},
                 "byte 0x" + llvm::utohexstr(bytes[i], /*LowerCase=*/false, /*Width=*/2) +
                     " is not valid UTF-8")
          .suggest("save the file as UTF-8");
      return false;
    }
    i += length;
  }
  return true;
}

} // namespace nnc::syntax
