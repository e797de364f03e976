// Fuzzes the parser, the printer and the upgrade from 0.1: any bytes give diagnostics or a tree,
// what parses survives formatting, and what doesn't is rewritten without harm.
#include "compiler/diagnostics/Renderer.h"
#include "compiler/syntax/Dump.h"
#include "compiler/syntax/Parser.h"
#include "compiler/syntax/Printer.h"
#include "compiler/syntax/Upgrade.h"

#include <cstdlib>

using namespace nnc;

static void require(bool condition) {
  if (!condition)
    std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  SourceManager sources;
  Diagnostics diagnostics;
  FileId id = sources.add("fuzz.nn", std::string(reinterpret_cast<const char *>(data), size));
  std::unique_ptr<ast::File> file = parse(id, sources, diagnostics);
  std::string tree = dump(*file);
  if (diagnostics.hasErrors()) {
    for (const auto &diagnostic : diagnostics.all())
      require(diagnostic->range.isValid() && diagnostic->range.end <= size);
    render(llvm::nulls(), sources, diagnostics, /*color=*/false);
    Diagnostics remarks;
    upgrade(id, sources, remarks);
    return 0;
  }
  std::string once = print(*file, sources);
  FileId formatted = sources.add("formatted.nn", once);
  std::unique_ptr<ast::File> again = parse(formatted, sources, diagnostics);
  require(!diagnostics.hasErrors());
  require(dump(*again) == tree);
  require(print(*again, sources) == once);
  return 0;
}
