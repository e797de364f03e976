// Diagnostics as JSON, for editors and scripts.
#include "compiler/diagnostics/Renderer.h"

#include "llvm/Support/JSON.h"

namespace nnc {

static llvm::json::Value text(llvm::StringRef s) {
  return llvm::json::isUTF8(s) ? llvm::json::Value(s.str())
                               : llvm::json::Value(llvm::json::fixUTF8(s));
}

static llvm::json::Object point(const SourceManager &sources, FileId file, uint32_t offset) {
  LineColumn at = sources.position(file, offset);
  return llvm::json::Object{{"line", at.line}, {"column", at.column}};
}

/// Adds the file and the range, where there is one.
static void addPlace(llvm::json::Object &object, const SourceManager &sources, SourceRange range) {
  if (!range.isValid())
    return;
  object["file"] = text(sources.name(range.file));
  object["range"] = llvm::json::Object{{"start", point(sources, range.file, range.begin)},
                                       {"end", point(sources, range.file, range.end)}};
}

static llvm::json::Object toJson(const SourceManager &sources, const Diagnostic &diagnostic) {
  llvm::json::Object object;
  bool isRemark = diagnostic.severity == Severity::Remark;
  object["severity"] = isRemark                                   ? "remark"
                       : diagnostic.severity == Severity::Warning ? "warning"
                                                                  : "error";
  if (!isRemark)
    object["code"] = codeName(diagnostic.code);
  object["message"] = text(diagnostic.message);
  addPlace(object, sources, diagnostic.range);
  llvm::json::Array details, notes;
  for (const std::string &line : diagnostic.details)
    details.push_back(text(line));
  for (const Note &note : diagnostic.notes) {
    llvm::json::Object entry{{"message", text(note.message)}};
    addPlace(entry, sources, note.range);
    notes.push_back(std::move(entry));
  }
  object["details"] = std::move(details);
  object["notes"] = std::move(notes);
  if (!diagnostic.hint.empty())
    object["hint"] = text(diagnostic.hint);
  return object;
}

void renderJson(llvm::raw_ostream &os, const SourceManager &sources,
                const Diagnostics &diagnostics) {
  llvm::json::Array list;
  for (const auto &diagnostic : diagnostics.all())
    list.push_back(toJson(sources, *diagnostic));
  os << llvm::json::Value(llvm::json::Object{{"errors", diagnostics.errorCount()},
                                             {"diagnostics", std::move(list)}})
     << '\n';
}

} // namespace nnc
