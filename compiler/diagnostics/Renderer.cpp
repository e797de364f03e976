// Draws diagnostics as text: places, source lines, caret ranges, notes and hints.
#include "compiler/diagnostics/Renderer.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/Unicode.h"

#include <algorithm>

namespace nnc {

namespace {

/// A character of a source line as it is shown.
struct Cell {
  std::string text;
  unsigned width;  ///< columns of a terminal
  uint32_t offset; ///< in the file
};

/// ANSI escapes, or nothing.
struct Style {
  bool color;
  llvm::StringRef bold() const { return color ? "\033[1m" : ""; }
  llvm::StringRef error() const { return color ? "\033[1;31m" : ""; }
  llvm::StringRef warning() const { return color ? "\033[1;35m" : ""; }
  llvm::StringRef note() const { return color ? "\033[1;36m" : ""; }
  llvm::StringRef caret() const { return color ? "\033[1;32m" : ""; }
  llvm::StringRef reset() const { return color ? "\033[0m" : ""; }
};

constexpr unsigned tabStop = 4;
/// Lines up to this width are shown whole; of longer ones, a window of `windowWidth` columns.
constexpr unsigned maxLineWidth = 160;
constexpr unsigned windowWidth = 120;
constexpr llvm::StringLiteral replacement = "\xEF\xBF\xBD";

} // namespace

/// The character that `text` begins with, taken off it.
static Cell takeCell(llvm::StringRef &text, uint32_t offset, unsigned column) {
  unsigned char lead = text.front();
  if (lead == '\t') {
    text = text.drop_front();
    unsigned width = tabStop - column % tabStop;
    return {std::string(width, ' '), width, offset};
  }
  unsigned length = llvm::getNumBytesForUTF8(lead);
  auto bytes = reinterpret_cast<const llvm::UTF8 *>(text.data());
  if (length > text.size() || !llvm::isLegalUTF8Sequence(bytes, bytes + length))
    length = 1;
  llvm::StringRef character = text.take_front(length);
  text = text.drop_front(length);
  // A negative width: unprintable, or not UTF-8.
  int width = llvm::sys::unicode::columnWidthUTF8(character);
  if (width < 0)
    return {replacement.str(), 1, offset};
  return {character.str(), static_cast<unsigned>(width), offset};
}

static std::vector<Cell> cellsOf(llvm::StringRef line, uint32_t begin) {
  std::vector<Cell> cells;
  unsigned column = 0;
  uint32_t offset = begin;
  while (!line.empty()) {
    size_t before = line.size();
    cells.push_back(takeCell(line, offset, column));
    offset += before - line.size();
    column += cells.back().width;
  }
  return cells;
}

std::string printable(llvm::StringRef line) {
  std::string text;
  for (const Cell &cell : cellsOf(line, 0))
    text += cell.text;
  return text;
}

static unsigned widthOf(llvm::ArrayRef<Cell> cells) {
  unsigned width = 0;
  for (const Cell &cell : cells)
    width += cell.width;
  return width;
}

/// The part of a long line that shows cell `first`, with a third of the window before it.
static std::pair<size_t, size_t> window(llvm::ArrayRef<Cell> cells, size_t first) {
  size_t begin = std::min(first, cells.size());
  for (unsigned width = 0; begin > 0 && width + cells[begin - 1].width <= windowWidth / 3; --begin)
    width += cells[begin - 1].width;
  size_t end = begin;
  for (unsigned width = 0; end < cells.size() && width + cells[end].width <= windowWidth; ++end)
    width += cells[end].width;
  return {begin, end};
}

/// The line where `range` begins, and the caret range under it, cut at the line's end.
static void drawSource(llvm::raw_ostream &os, const SourceManager &sources, SourceRange range,
                       Style style) {
  LineColumn at = sources.position(range.file, range.begin);
  llvm::StringRef line = sources.line(range.file, at.line);
  uint32_t lineBegin = line.data() - sources.text(range.file).data();
  std::vector<Cell> cells = cellsOf(line, lineBegin);
  auto indexOf = [&](uint32_t offset) {
    return llvm::partition_point(cells, [&](const Cell &c) { return c.offset < offset; }) -
           cells.begin();
  };
  size_t first = std::min<size_t>(indexOf(range.begin), cells.size());
  size_t last = std::max<size_t>(indexOf(std::max(range.end, range.begin)), first);

  size_t begin = 0, end = cells.size();
  if (widthOf(cells) > maxLineWidth)
    std::tie(begin, end) = window(cells, first);
  llvm::ArrayRef<Cell> shown = llvm::ArrayRef(cells).slice(begin, end - begin);
  llvm::StringRef before = begin > 0 ? "... " : "", after = end < cells.size() ? " ..." : "";
  std::string text = before.str();
  for (const Cell &cell : shown)
    text += cell.text;
  text += after;
  os << llvm::StringRef(text).rtrim(' ') << '\n';

  first = std::clamp(first, begin, end);
  last = std::clamp(last, first, end);
  unsigned indent = before.size() + widthOf(llvm::ArrayRef(cells).slice(begin, first - begin));
  unsigned width = std::max(1u, widthOf(llvm::ArrayRef(cells).slice(first, last - first)));
  os.indent(indent) << style.caret() << '^' << std::string(width - 1, '~') << style.reset() << '\n';
}

/// `file:line:column: `, or nothing where the range is not in a file.
static void drawPlace(llvm::raw_ostream &os, const SourceManager &sources, SourceRange range,
                      Style style) {
  os << style.bold();
  if (range.isValid()) {
    LineColumn at = sources.position(range.file, range.begin);
    os << sources.name(range.file) << ':' << at.line << ':' << at.column << ": ";
  } else {
    os << "nnc: ";
  }
  os << style.reset();
}

static void drawDiagnostic(llvm::raw_ostream &os, const SourceManager &sources,
                           const Diagnostic &diagnostic, Style style) {
  drawPlace(os, sources, diagnostic.range, style);
  switch (diagnostic.severity) {
  case Severity::Error:
    os << style.error() << "error[" << codeName(diagnostic.code) << "]: ";
    break;
  case Severity::Warning:
    os << style.warning() << "warning[" << codeName(diagnostic.code) << "]: ";
    break;
  case Severity::Remark:
    os << style.note() << "remark: ";
    break;
  }
  os << style.reset() << style.bold() << diagnostic.message << style.reset() << '\n';
  if (diagnostic.range.isValid())
    drawSource(os, sources, diagnostic.range, style);
  for (const std::string &line : diagnostic.details)
    os << "  " << line << '\n';
  for (const Note &note : diagnostic.notes) {
    drawPlace(os, sources, note.range, style);
    os << style.note() << "note: " << style.reset() << note.message << '\n';
    if (note.range.isValid())
      drawSource(os, sources, note.range, style);
  }
  if (!diagnostic.hint.empty())
    os << style.note() << "hint: " << style.reset() << diagnostic.hint << '\n';
}

/// `62 errors (the first 50 are shown)`, or nothing where each one is seen to be there.
static void drawCount(llvm::raw_ostream &os, const Diagnostics &diagnostics, Severity severity,
                      size_t count) {
  size_t shown = llvm::count_if(diagnostics.all(),
                                [&](const auto &each) { return each->severity == severity; });
  bool isError = severity == Severity::Error;
  if (shown == count && (!isError || count < 2))
    return;
  os << count << (isError ? " errors" : " warnings");
  if (shown < count)
    os << " (the first " << shown << " are shown)";
  os << '\n';
}

void render(llvm::raw_ostream &os, const SourceManager &sources, const Diagnostics &diagnostics,
            bool color) {
  for (const auto &diagnostic : diagnostics.all())
    drawDiagnostic(os, sources, *diagnostic, Style{color});
  drawCount(os, diagnostics, Severity::Warning, diagnostics.warningCount());
  drawCount(os, diagnostics, Severity::Error, diagnostics.errorCount());
}

} // namespace nnc
