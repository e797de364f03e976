// Fuzzes the analysis: any bytes give diagnostics with a place, or a program that can be printed.
#include "compiler/diagnostics/Renderer.h"
#include "compiler/sema/Dump.h"
#include "compiler/sema/Sema.h"
#include "compiler/syntax/Parser.h"

#include <cstdlib>

using namespace nnc;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  SourceManager sources;
  Diagnostics diagnostics;
  FileId id = sources.add("fuzz.nn", std::string(reinterpret_cast<const char *>(data), size));
  std::unique_ptr<ast::File> file = parse(id, sources, diagnostics);
  std::unique_ptr<sema::Program> program = sema::analyze(*file, sources, diagnostics);
  for (const auto &diagnostic : diagnostics.all())
    if (!diagnostic->range.isValid())
      std::abort();
  if (!program != diagnostics.hasErrors())
    std::abort();
  if (program)
    dump(*program, llvm::nulls());
  render(llvm::nulls(), sources, diagnostics, /*color=*/false);
  return 0;
}
