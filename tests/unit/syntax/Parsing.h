// Helpers of the syntax tests: parse a text and look at what came of it.
#pragma once

#include "compiler/diagnostics/Renderer.h"
#include "compiler/syntax/Dump.h"
#include "compiler/syntax/Parser.h"
#include "compiler/syntax/Printer.h"

#include "llvm/Support/Casting.h"

#include <gtest/gtest.h>

namespace nnc::test {

/// A parsed text with its diagnostics.
struct Parsed {
  SourceManager sources;
  Diagnostics diagnostics;
  FileId id;
  std::unique_ptr<ast::File> file;

  explicit Parsed(std::string text) {
    id = sources.add("test.nn", std::move(text));
    file = parse(id, sources, diagnostics);
  }

  bool ok() const { return !diagnostics.hasErrors(); }
  std::string dumped() const { return dump(*file); }
  std::string printed() const { return print(*file, sources); }
  std::string rendered() const {
    std::string text;
    llvm::raw_string_ostream os(text);
    render(os, sources, diagnostics, /*color=*/false);
    return text;
  }
  /// `2:3-2:7 UnusedValue`-like lines, one per diagnostic.
  std::string summary() const {
    std::string text;
    for (const auto &d : diagnostics.all()) {
      LineColumn begin = sources.position(d->range.file, d->range.begin);
      text += codeName(d->code) + " " + std::to_string(begin.line) + ":" +
              std::to_string(begin.column) + " '" + sources.text(d->range).str() + "'\n";
    }
    return text;
  }
};

/// The body of `fn f() { ... }` as S-expressions.
inline std::string bodyOf(const std::string &body) {
  Parsed parsed("fn f() {\n" + body + "\n}\n");
  EXPECT_TRUE(parsed.ok()) << body << "\n" << parsed.rendered();
  std::string text = parsed.dumped(), head = "fn f () ()\n";
  EXPECT_EQ(text.substr(0, head.size()), head);
  return text.substr(head.size());
}

/// One expression, as an S-expression.
inline std::string exprOf(const std::string &expr) {
  Parsed parsed("fn f() = " + expr + "\n");
  EXPECT_TRUE(parsed.ok()) << expr << "\n" << parsed.rendered();
  std::string text = parsed.dumped(), head = "fn f () () =\n  ";
  if (text.size() < head.size() + 1)
    return "?";
  return text.substr(head.size(), text.size() - head.size() - 1);
}

} // namespace nnc::test
