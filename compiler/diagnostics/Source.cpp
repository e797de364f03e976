// Source files and places in them: line tables and columns in code points.
#include "compiler/diagnostics/Source.h"

#include <algorithm>
#include <cassert>

namespace nnc {

FileId SourceManager::add(std::string name, std::string text, Origin origin) {
  assert(text.size() < UINT32_MAX && "offsets are 32 bits");
  auto file = std::make_unique<File>();
  file->name = std::move(name);
  file->text = std::move(text);
  file->origin = origin;
  file->lineStarts.push_back(0);
  for (uint32_t i = 0; i < file->text.size(); ++i)
    if (file->text[i] == '\n')
      file->lineStarts.push_back(i + 1);
  files.push_back(std::move(file));
  return FileId{static_cast<uint32_t>(files.size() - 1)};
}

llvm::StringRef SourceManager::name(FileId file) const { return files[file.index]->name; }

llvm::StringRef SourceManager::text(FileId file) const { return files[file.index]->text; }

llvm::StringRef SourceManager::text(SourceRange range) const {
  return text(range.file).slice(range.begin, range.end);
}

bool SourceManager::isStd(FileId file) const { return files[file.index]->origin == Origin::Std; }

LineColumn SourceManager::position(FileId file, uint32_t offset) const {
  const File &f = *files[file.index];
  offset = std::min<uint32_t>(offset, f.text.size());
  auto next = std::upper_bound(f.lineStarts.begin(), f.lineStarts.end(), offset);
  uint32_t line = next - f.lineStarts.begin();
  uint32_t column = 1;
  // A code point begins at each byte that does not continue one. Stray continuation bytes of
  // invalid text thus add no column, which is as good as any answer.
  for (uint32_t i = f.lineStarts[line - 1]; i < offset; ++i)
    column += i + 1 >= f.text.size() || (static_cast<unsigned char>(f.text[i + 1]) & 0xC0) != 0x80;
  return {line, column};
}

llvm::StringRef SourceManager::line(FileId file, uint32_t line) const {
  const File &f = *files[file.index];
  assert(line >= 1 && line <= f.lineStarts.size() && "no such line");
  uint32_t begin = f.lineStarts[line - 1];
  uint32_t end = line < f.lineStarts.size() ? f.lineStarts[line] - 1 : f.text.size();
  llvm::StringRef text = llvm::StringRef(f.text).slice(begin, end);
  text.consume_back("\r");
  return text;
}

} // namespace nnc
