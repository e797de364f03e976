// A diagnostic as data: a registered code, a message, the narrowest range, notes and hints. How it
// is drawn (Renderer.h) or sent to an editor is somebody else's concern.
#pragma once

#include "compiler/diagnostics/Source.h"

#include <string>
#include <unordered_set>
#include <vector>

namespace nnc {

enum class Severity { Error, Warning, Remark };

/// Every diagnostic has an entry in Codes.def: a number that never changes, and a title.
enum class Code : uint16_t {
  None = 0, ///< of a remark
#define NNC_DIAGNOSTIC(Number, Name, Title) Name = Number,
#include "compiler/diagnostics/Codes.def"
};

/// "E0301"
std::string codeName(Code code);
/// The title in Codes.def: one line, for `nnc explain`-like listings and the coverage test.
llvm::StringRef codeTitle(Code code);
/// All registered codes, in order of number.
std::vector<Code> allCodes();

struct Note {
  SourceRange range;
  std::string message;
};

struct Diagnostic {
  Severity severity = Severity::Error;
  Code code = Code::None; ///< of an error or a warning
  SourceRange range;
  std::string message;
  std::vector<std::string>
      details;             ///< lines drawn under the caret, aligned by the writer: both shapes, say
  std::vector<Note> notes; ///< other places
  std::string hint;        ///< what to do, or empty

  Diagnostic &detail(std::string line) {
    details.push_back(std::move(line));
    return *this;
  }
  Diagnostic &note(SourceRange where, std::string text) {
    notes.push_back({where, std::move(text)});
    return *this;
  }
  Diagnostic &suggest(std::string text) {
    hint = std::move(text);
    return *this;
  }
};

/// Collects the diagnostics of a run, in order of their places: by file in order of loading (the
/// main file first), then by position, so that the phase which found a mistake shows nowhere. Those
/// without a place come last. The first `limit` errors and as many warnings are kept, the rest only
/// counted, and all remarks; the same message at the same place counts once (a layer instantiated
/// twice has its mistake once).
class Diagnostics {
public:
  /// The result may be added to until the next report.
  Diagnostic &error(Code code, SourceRange range, std::string message);
  Diagnostic &warning(Code code, SourceRange range, std::string message);
  /// What was decided there: for who asks, and no mistake.
  Diagnostic &remark(SourceRange range, std::string message);
  /// Takes over what another collection has, or one report of it.
  void add(const Diagnostics &other);
  void add(const Diagnostic &report);
  bool hasErrors() const { return errors != 0; }
  size_t errorCount() const { return errors; }
  size_t warningCount() const { return warnings; }
  const std::vector<std::unique_ptr<Diagnostic>> &all() const { return list; }

private:
  Diagnostic &add(Severity severity, Code code, SourceRange range, std::string message);
  bool isNew(Code code, SourceRange range, llvm::StringRef message);

  static constexpr size_t limit = 50;
  size_t errors = 0, warnings = 0;
  std::vector<std::unique_ptr<Diagnostic>> list; ///< sorted
  std::unordered_set<uint64_t> seen;             ///< hashes of what was reported
  std::unique_ptr<Diagnostic> dropped;           ///< takes what is not kept
};

/// The candidate nearest to `name` by edit distance, or "" where none is near enough to suggest.
std::string nearest(llvm::StringRef name, const std::vector<std::string> &candidates);

} // namespace nnc
