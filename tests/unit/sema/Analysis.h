// Analyses a text and keeps what the tests look at.
#pragma once

#include "compiler/diagnostics/Renderer.h"
#include "compiler/sema/Dump.h"
#include "compiler/sema/Sema.h"
#include "compiler/syntax/Parser.h"

#include <string>

namespace nnc::test {

struct Analysis {
  SourceManager sources;
  Diagnostics diagnostics;
  std::unique_ptr<ast::File> file;
  std::unique_ptr<sema::Program> program;

  explicit Analysis(std::string text, std::string name = "test.nn",
                    const sema::DataFiles *files = nullptr) {
    FileId id = sources.add(std::move(name), std::move(text));
    file = parse(id, sources, diagnostics);
    program = sema::analyze(*file, sources, diagnostics, files);
  }

  /// All diagnostics as the user sees them.
  std::string messages() const {
    std::string text;
    llvm::raw_string_ostream os(text);
    render(os, sources, diagnostics, /*color=*/false);
    return text;
  }
  std::string dumped() const {
    std::string text;
    llvm::raw_string_ostream os(text);
    if (program)
      dump(*program, os);
    return text;
  }
  bool reports(Code code) const {
    for (const auto &each : diagnostics.all())
      if (each->code == code)
        return true;
    return false;
  }
};

} // namespace nnc::test
