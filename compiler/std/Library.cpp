// Finds the declarations of the embedded library.
#include "compiler/std/Library.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

#include <vector>

namespace nnc {

/// The keyword that begins a declaration, or "".
static llvm::StringRef keywordOf(llvm::StringRef line) {
  for (llvm::StringRef keyword : {"fn", "layer", "model", "optimizer", "data"})
    if (line.starts_with(keyword) && line.drop_front(keyword.size()).starts_with(" "))
      return keyword;
  return "";
}

static void scan(const StdFile &file, std::vector<StdDeclaration> &declarations) {
  const char *end = file.text.end();
  llvm::StringRef rest = file.text;
  const char *commentBegin = nullptr; ///< of the comment just above, if any
  unsigned line = 0, commentLine = 0;
  size_t firstHere = declarations.size();
  // A declaration ends where the next one's comment or text begins.
  auto close = [&](const char *at) {
    if (declarations.size() == firstHere)
      return;
    llvm::StringRef &text = declarations.back().text;
    text = llvm::StringRef(text.data(), at - text.data()).rtrim();
    if (text.end() != end)
      text = llvm::StringRef(text.data(), text.size() + 1); // its newline
  };
  bool open = false;
  while (!rest.empty()) {
    ++line;
    auto [current, after] = rest.split('\n');
    llvm::StringRef keyword = keywordOf(current);
    bool isComment = current.starts_with("//");
    if (open && (isComment || !keyword.empty())) {
      close(current.data());
      open = false;
    }
    if (isComment) {
      if (!commentBegin) {
        commentBegin = current.data();
        commentLine = line;
      }
    } else if (!keyword.empty()) {
      llvm::StringRef name = current.drop_front(keyword.size() + 1).take_while([](char c) {
        return llvm::isAlnum(c) || c == '_';
      });
      const char *begin = commentBegin ? commentBegin : current.data();
      llvm::StringRef text(begin, end - begin);
      llvm::StringRef doc = text.split('\n').first;
      doc = doc.consume_front("///") ? doc.trim() : "";
      declarations.push_back(
          {name, keyword, file.name, text, doc, commentBegin ? commentLine : line});
      commentBegin = nullptr;
      open = true;
    } else {
      commentBegin = nullptr;
    }
    rest = after;
  }
  if (open)
    close(end);
}

llvm::ArrayRef<StdDeclaration> standardDeclarations() {
  static const std::vector<StdDeclaration> declarations = [] {
    std::vector<StdDeclaration> found;
    for (const StdFile &file : standardLibrary())
      scan(file, found);
    return found;
  }();
  return declarations;
}

const StdDeclaration *findStd(llvm::StringRef name) {
  static const llvm::StringMap<const StdDeclaration *> byName = [] {
    llvm::StringMap<const StdDeclaration *> map;
    for (const StdDeclaration &declaration : standardDeclarations())
      map.try_emplace(declaration.name, &declaration);
    return map;
  }();
  return byName.lookup(name);
}

} // namespace nnc
