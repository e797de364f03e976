// nnc fmt: the one style, in place.
#include "compiler/driver/Commands.h"
#include "compiler/driver/Crash.h"
#include "compiler/driver/Files.h"
#include "compiler/driver/Frontend.h"
#include "compiler/syntax/Parser.h"
#include "compiler/syntax/Printer.h"

namespace nnc::driver {

/// Whether `text` parses and is its own formatted form: a check on the printer before a user's file
/// is replaced.
static bool isStable(llvm::StringRef name, const std::string &text) {
  SourceManager sources;
  Diagnostics diagnostics;
  FileId file = sources.add(name.str(), text);
  std::unique_ptr<ast::File> syntax = parse(file, sources, diagnostics);
  return !diagnostics.hasErrors() && print(*syntax, sources) == text;
}

static Status format(const std::string &input, const Arguments &arguments, Timing &timing) {
  Frontend frontend;
  if (!frontend.parse(input, timing))
    return Status::InputError;
  frontend.report(arguments.color);
  if (frontend.diagnostics.hasErrors())
    return Status::InputError;

  setCurrentWork("formatting '" + input + "'");
  timing.start("print");
  std::string text = print(*frontend.syntax, frontend.sources);
  bool same = text == frontend.sources.text(frontend.file);
  if (!same && !isStable(input, text)) {
    printInternalError("the formatted text of '" + input +
                       "' does not read back; the file is unchanged");
    return Status::InternalError;
  }
  timing.stop();
  if (arguments.checkOnly) {
    if (!same)
      llvm::errs() << input << ": error: not formatted; 'nnc fmt " << input << "' formats it\n";
    return same ? Status::Success : Status::InputError;
  }
  if (same && input != "-")
    return Status::Success;
  if (llvm::Error error = writeFile(input, text)) {
    printError(std::move(error));
    return Status::InputError;
  }
  return Status::Success;
}

Status runFmt(const Arguments &arguments) {
  Timing timing;
  Status worst = Status::Success;
  for (const std::string &input : arguments.inputs)
    worst = std::max(worst, format(input, arguments, timing));
  if (arguments.time)
    timing.print(llvm::errs());
  return worst;
}

} // namespace nnc::driver
