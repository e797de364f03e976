// Where an error is reported: at the user's own text, with the calls that led into a body as notes.
#include "compiler/sema/Elaborator.h"
#include "compiler/sema/ForeignNames.h"
#include "compiler/sema/NameCheck.h"

#include "llvm/ADT/StringExtras.h"

namespace nnc::sema {

/// Notes past this many calls tell nothing more.
static constexpr unsigned maxCallNotes = 4;

/// The user's own text that leads to `range`: itself, or the call into the library.
static SourceRange userPlace(const SourceManager &sources, SourceRange range, const CallSite *&site,
                             std::string &library) {
  while (sources.isStd(range.file) && site) {
    range = site->call;
    library = site->callee;
    site = site->caller;
  }
  return range;
}

/// Whether the parser found a mistake on the line where `range` begins: what it left out there may
/// be all that is wrong.
static bool isOnBrokenLine(const SourceManager &sources, const Diagnostics &diagnostics,
                           SourceRange range) {
  llvm::StringRef text = sources.text(range.file);
  return llvm::any_of(diagnostics.all(), [&](const auto &each) {
    bool isSyntax = each->severity == Severity::Error && static_cast<unsigned>(each->code) < 200;
    if (!isSyntax || !(each->range.file == range.file))
      return false;
    auto [first, last] = std::minmax(each->range.begin, range.begin);
    return last <= text.size() && !text.slice(first, last).contains('\n');
  });
}

Diagnostic &Elaborator::error(Code code, SourceRange range, std::string message) {
  bool isAboutNames = static_cast<unsigned>(code) / 100 == 2;
  if (uncertain > 0 && !isAboutNames)
    return suppressed = Diagnostic();

  // A mistake that shows in the library is one of its caller's.
  const CallSite *site = frame ? frame->site : nullptr;
  const CallSite *walk = site;
  std::string libraryName;
  SourceRange primary = userPlace(sources, range, walk, libraryName);
  bool moved = !(primary == range) && !sources.isStd(primary.file);
  bool isUnknown = code == Code::UnknownName || code == Code::UnknownType;
  if (isPartial && !isUnknown && isOnBrokenLine(sources, *parsed, primary))
    return suppressed = Diagnostic();
  // What the library demanded of the call explains all that goes wrong in it afterwards.
  if (moved && moves.contains({diagnostics, Code::Requirement, primary.file.index, primary.begin}))
    return suppressed = Diagnostic();
  // One wrong argument may show at several places of the library: the first tells enough.
  if (moved && !moves.insert({diagnostics, code, primary.file.index, primary.begin}).second)
    return suppressed = Diagnostic();
  Diagnostic &diagnostic = diagnostics->error(code, moved ? primary : range, std::move(message));
  if (moved)
    diagnostic.note(range, "it arises here, in the standard library's '" + libraryName + "'");
  const CallSite *callers = moved ? walk : site;
  // An argument lies within its call: the caller's own text needs no note.
  while (callers && callers->call.file == primary.file && callers->call.begin <= primary.begin &&
         primary.end <= callers->call.end)
    callers = callers->caller;
  for (unsigned i = 0; callers && i < maxCallNotes; ++i, callers = callers->caller)
    diagnostic.note(callers->call, "in '" + callers->callee + "', called here");
  return diagnostic;
}

Diagnostic &Elaborator::warning(Code code, SourceRange range, std::string message) {
  if (uncertain > 0 || isGeneric)
    return suppressed = Diagnostic();
  const CallSite *site = frame ? frame->site : nullptr;
  std::string library;
  SourceRange primary = userPlace(sources, range, site, library);
  return diagnostics->warning(code, primary, std::move(message));
}

SourceRange Elaborator::userPlaceOf(const Node &node) const {
  const CallSite *site = node.site;
  std::string library;
  return userPlace(sources, node.range, site, library);
}

Diagnostic &Elaborator::unknownName(const ast::Name &name) {
  if (isPartial && precedesSyntaxError(*parsed, name.range))
    return suppressed = Diagnostic();
  std::vector<std::string> candidates;
  if (diagnostics->errorCount() < mostSuggestions) {
    candidates = modules.names(frame->file);
    scope->collect(candidates);
    llvm::append_range(candidates, meantNames);
  }
  Diagnostic &diagnostic = error(Code::UnknownName, name.range, "unknown name '" + name.text + "'");
  if (auto known = hintForName.find(name.text); known != hintForName.end())
    diagnostic.suggest(known->second);
  else if (std::string foreign = hintForForeign(name.text); !foreign.empty())
    diagnostic.suggest(std::move(foreign));
  else if (std::string near = nearest(name.text, candidates); !near.empty())
    diagnostic.suggest("did you mean '" + near + "'?");
  else
    diagnostic.suggest(frame->decl ? "" : hintForUnknown);
  return diagnostic;
}

std::string Elaborator::quote(SourceRange range, size_t longest) const {
  llvm::SmallVector<llvm::StringRef, 16> words;
  llvm::SplitString(sources.text(range), words);
  std::string text = llvm::join(words, " ");
  if (text.size() <= longest)
    return text;
  size_t end = longest - 3;
  while (end > 0 && (text[end] & 0xC0) == 0x80) // not inside a UTF-8 sequence
    --end;
  return text.substr(0, end) + "...";
}

} // namespace nnc::sema
