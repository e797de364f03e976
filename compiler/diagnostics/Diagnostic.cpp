// The registry of diagnostics, their collection, and "did you mean".
#include "compiler/diagnostics/Diagnostic.h"

#include "llvm/ADT/Hashing.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <tuple>

namespace nnc {

namespace {
struct Entry {
  Code code;
  llvm::StringLiteral title;
};
} // namespace

static constexpr Entry registry[] = {
#define NNC_DIAGNOSTIC(Number, Name, Title) {Code::Name, Title},
#include "compiler/diagnostics/Codes.def"
};

std::string codeName(Code code) {
  std::string text;
  // Warnings count from 9000, so that one enumeration holds both.
  auto number = static_cast<unsigned>(code);
  bool isWarning = number >= 9000;
  llvm::raw_string_ostream(text) << (isWarning ? 'W' : 'E')
                                 << llvm::format("%04u", isWarning ? number - 9000 : number);
  return text;
}

llvm::StringRef codeTitle(Code code) {
  for (const Entry &entry : registry)
    if (entry.code == code)
      return entry.title;
  return "";
}

std::vector<Code> allCodes() {
  std::vector<Code> codes;
  for (const Entry &entry : registry)
    codes.push_back(entry.code);
  std::sort(codes.begin(), codes.end());
  return codes;
}

bool Diagnostics::isNew(Code code, SourceRange range, llvm::StringRef message) {
  return seen
      .insert(llvm::hash_combine(static_cast<unsigned>(code), range.file.index, range.begin,
                                 range.end, message))
      .second;
}

static bool comesBefore(const SourceRange &a, const SourceRange &b) {
  return std::tie(a.file.index, a.begin) < std::tie(b.file.index, b.begin);
}

Diagnostic &Diagnostics::add(Severity severity, Code code, SourceRange range, std::string message) {
  bool isKnown = !isNew(code, range, message);
  auto diagnostic = std::make_unique<Diagnostic>();
  Diagnostic &result = *diagnostic;
  result.severity = severity;
  result.code = code;
  result.range = range;
  result.message = std::move(message);
  if (isKnown) {
    dropped = std::move(diagnostic);
    return result;
  }
  auto place = std::upper_bound(
      list.begin(), list.end(), range,
      [](const SourceRange &range, const auto &each) { return comesBefore(range, each->range); });
  list.insert(place, std::move(diagnostic));
  if (severity == Severity::Remark || ++(severity == Severity::Error ? errors : warnings) <= limit)
    return result;
  auto last = std::find_if(list.rbegin(), list.rend(),
                           [&](const auto &each) { return each->severity == severity; });
  dropped = std::move(*last); // it may be the new one, which the caller still adds to
  list.erase(std::next(last).base());
  return result;
}

void Diagnostics::add(const Diagnostic &report) {
  Diagnostic &copy = add(report.severity, report.code, report.range, report.message);
  copy.details = report.details;
  copy.notes = report.notes;
  copy.hint = report.hint;
}

void Diagnostics::add(const Diagnostics &other) {
  size_t keptErrors = 0, keptWarnings = 0;
  for (const auto &each : other.list) {
    add(*each);
    keptErrors += each->severity == Severity::Error;
    keptWarnings += each->severity == Severity::Warning;
  }
  errors += other.errors - keptErrors;
  warnings += other.warnings - keptWarnings;
}

Diagnostic &Diagnostics::error(Code code, SourceRange range, std::string message) {
  return add(Severity::Error, code, range, std::move(message));
}

Diagnostic &Diagnostics::warning(Code code, SourceRange range, std::string message) {
  return add(Severity::Warning, code, range, std::move(message));
}

Diagnostic &Diagnostics::remark(SourceRange range, std::string message) {
  return add(Severity::Remark, Code::None, range, std::move(message));
}

/// Whether two neighbouring letters changed places, the slip that edits count twice: `f23`, `gard`.
static bool isTransposed(llvm::StringRef a, llvm::StringRef b) {
  if (a.size() != b.size())
    return false;
  size_t i = 0;
  while (i < a.size() && a[i] == b[i])
    ++i;
  return i + 1 < a.size() && a[i] == b[i + 1] && a[i + 1] == b[i] &&
         a.drop_front(i + 2) == b.drop_front(i + 2);
}

std::string nearest(llvm::StringRef name, const std::vector<std::string> &candidates) {
  // A third of the letters may be wrong, one at least: `adan` suggests `adam`, `x` suggests nothing
  // far.
  unsigned best = std::max<unsigned>(1, (name.size() + 1) / 3) + 1;
  llvm::StringRef found;
  for (const std::string &candidate : candidates) {
    if (name == candidate)
      continue;
    // Names of one letter are all one edit apart from each other.
    if (name.size() < 2 || candidate.size() < 2)
      continue;
    unsigned distance = name.equals_insensitive(candidate) ? 0
                        : isTransposed(name, candidate)
                            ? 1
                            : name.edit_distance(candidate, /*AllowReplacements=*/true, best);
    if (distance < best) {
      best = distance;
      found = candidate;
    }
  }
  return found.str();
}

} // namespace nnc
