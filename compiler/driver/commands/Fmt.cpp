// nnc fmt: the one style, in place.
#include "compiler/driver/Commands.h"
#include "compiler/driver/Crash.h"
#include "compiler/driver/Files.h"
#include "compiler/driver/Frontend.h"
#include "compiler/syntax/Dump.h"
#include "compiler/syntax/Parser.h"
#include "compiler/syntax/Printer.h"
#include "compiler/syntax/Upgrade.h"

namespace nnc::driver {

/// Whether `text` means what `syntax` does, with as many comments, and is its own formatted form: a
/// check on the printer before a user's file is replaced.
static bool isStable(llvm::StringRef name, const std::string &text, const ast::File &syntax) {
  SourceManager sources;
  Diagnostics diagnostics;
  FileId file = sources.add(name.str(), text);
  std::unique_ptr<ast::File> again = parse(file, sources, diagnostics);
  return !diagnostics.hasErrors() && dump(*again) == dump(syntax) &&
         again->comments.size() == syntax.comments.size() && print(*again, sources) == text;
}

/// Reads the file of 0.1 that `frontend` could not parse once more, in the spelling of 0.2. The
/// file stays as it is where that is not right either.
static bool upgrade(Frontend &frontend, const std::string &input, const Arguments &arguments,
                    Timing &timing) {
  Frontend upgraded;
  Diagnostics remarks;
  std::string text = nnc::upgrade(frontend.file, frontend.sources, remarks);
  frontend.diagnostics = std::move(remarks);
  frontend.report(arguments.color);
  timing.start("parse");
  upgraded.file = upgraded.sources.add(input + " (upgraded)", std::move(text));
  upgraded.syntax = parse(upgraded.file, upgraded.sources, upgraded.diagnostics);
  timing.stop();
  upgraded.report(arguments.color);
  bool isRight = !upgraded.diagnostics.hasErrors();
  if (!isRight)
    llvm::errs() << input << ": error: not upgraded; the file is unchanged\n";
  frontend = std::move(upgraded);
  return isRight;
}

static Status format(const std::string &input, const Arguments &arguments, Timing &timing) {
  Frontend frontend;
  if (!frontend.parse(input, timing))
    return Status::InputError;
  std::string before = frontend.sources.text(frontend.file).str();
  if (arguments.upgrade && frontend.diagnostics.hasErrors()) {
    if (!upgrade(frontend, input, arguments, timing))
      return Status::InputError;
  } else {
    frontend.report(arguments.color);
  }
  if (frontend.diagnostics.hasErrors())
    return Status::InputError;

  setCurrentWork("formatting '" + input + "'");
  timing.start("print");
  std::string text = print(*frontend.syntax, frontend.sources);
  bool same = text == before;
  if (!same && !isStable(input, text, *frontend.syntax)) {
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
