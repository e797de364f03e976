// The source of a program with what each line costs, for people and as JSON.
#include "compiler/driver/LineTable.h"

#include "compiler/diagnostics/Renderer.h"
#include "compiler/driver/LineCosts.h"
#include "compiler/driver/Table.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

using namespace llvm;

namespace nnc::driver {

/// From this share on a line is among the hottest.
static constexpr double kHot = 0.1;

static StringRef boundOf(const LineCost &cost) {
  return cost.isBoundByMemory ? "memory" : "compute";
}

/// Whether anything is computed for the line itself, rather than where it calls something.
static bool hasOwnCost(const LineCost &cost) { return !cost.isKnown || cost.bytes > 0; }

/// What stands beside a line, without its number and text.
static std::vector<std::string> describe(const LineCost *cost) {
  std::vector<std::string> cells(5);
  if (!cost)
    return cells;
  // A line that calls nothing of the user's has no more with calls than without.
  if (cost->shareWithCalls > cost->share * (1 + 1e-9))
    cells[1] = percent(cost->shareWithCalls);
  if (!hasOwnCost(*cost))
    return cells;
  cells[0] = cost->isKnown ? percent(cost->share) : "-";
  cells[2] = cost->isKnown ? withSeparators(cost->flops) : "-";
  cells[3] = cost->isKnown ? withSeparators(cost->bytes) : "-";
  if (cost->isKnown)
    cells[4] = boundOf(*cost).str();
  return cells;
}

/// The lines of `file`, which ends with a newline or not.
static uint32_t countLinesOf(FileId file, const SourceManager &sources) {
  StringRef text = sources.text(file);
  return text.count('\n') + (text.empty() || text.ends_with("\n") ? 0 : 1);
}

static void printFile(FileId file, ArrayRef<LineCost> costs, const SourceManager &sources,
                      bool color, raw_ostream &os) {
  using Align = Table::Align;
  Table table({Align::Right, Align::Right, Align::Right, Align::Right, Align::Left, Align::Right,
               Align::Left});
  table.row(
      {"share", "with calls", "FLOPs", "bytes", "bound by", "line", sources.name(file).str()});
  std::vector<bool> isHot = {false};
  for (uint32_t line = 1; line <= countLinesOf(file, sources); ++line) {
    const auto *cost = find_if(
        costs, [&](const LineCost &each) { return each.file == file && each.line == line; });
    std::vector<std::string> cells = describe(cost == costs.end() ? nullptr : cost);
    cells.push_back(std::to_string(line));
    cells.push_back(printable(sources.line(file, line)));
    table.row(std::move(cells));
    isHot.push_back(cost != costs.end() && cost->share >= kHot);
  }
  std::string text;
  raw_string_ostream stream(text);
  table.print(stream);
  SmallVector<StringRef> rows;
  StringRef(text).rtrim('\n').split(rows, '\n');
  for (auto [row, hot] : zip_equal(rows, isHot))
    os << (color && hot ? "\033[1;31m" : "") << row << (color && hot ? "\033[0m" : "") << "\n";
}

/// The files that something is computed for, the one that is compiled first.
static std::vector<FileId> findFiles(ArrayRef<LineCost> costs, FileId main) {
  std::vector<FileId> files = {main};
  for (const LineCost &cost : costs)
    if (cost.file.isValid() && !is_contained(files, cost.file))
      files.push_back(cost.file);
  return files;
}

static void printText(ArrayRef<LineCost> costs, FileId main, const SourceManager &sources,
                      bool color, raw_ostream &os) {
  for (FileId file : findFiles(costs, main)) {
    printFile(file, costs, sources, color, os);
    os << "\n";
  }
  for (const LineCost &cost : costs)
    if (!cost.file.isValid())
      os << (cost.isKnown ? percent(cost.share) : "-") << " at no place in the source\n";
}

static json::Array listLines(ArrayRef<LineCost> costs, const SourceManager &sources) {
  json::Array lines;
  for (const LineCost &cost : costs) {
    auto number = [&](auto value) {
      return cost.isKnown ? json::Value(value) : json::Value(nullptr);
    };
    bool isPlaced = cost.file.isValid();
    lines.push_back(json::Object{
        {"file", isPlaced ? json::Value(sources.name(cost.file)) : json::Value(nullptr)},
        {"line", isPlaced ? json::Value(cost.line) : json::Value(nullptr)},
        {"share", number(cost.share)},
        {"share_with_calls", number(cost.shareWithCalls)},
        {"flops", number(cost.flops)},
        {"bytes", number(cost.bytes)},
        {"bound",
         cost.isKnown && hasOwnCost(cost) ? json::Value(boundOf(cost)) : json::Value(nullptr)}});
  }
  return lines;
}

Status printLines(const Compilation &compilation, const std::vector<EntryKernels> &entries,
                  const Frontend &frontend, const Arguments &arguments) {
  std::optional<EntryChoice> choice = chooseEntries(compilation, entries, arguments);
  if (!choice)
    return Status::UsageError;
  const ModelDescription &model = compilation.model();
  const SourceManager &sources = frontend.sources;
  std::vector<LineCost> costs = countLines(choice->entries, sources);
  unsigned flopsOfByte = makeTarget(arguments, arguments.target)->getFlopsOfByte();
  raw_ostream &os = outs();
  if (arguments.json) {
    os << json::Value(json::Object{{"model", model.name},
                                   {"batch", model.batchSize},
                                   {"flops_of_byte", flopsOfByte},
                                   {"lines", listLines(costs, sources)}})
       << "\n";
    return Status::Success;
  }
  os << compilation.networkNames() << ": the lines of " << choice->title << "\n\n";
  printText(costs, frontend.file, sources, useColorOfOutput(arguments.color), os);
  os << estimateNote(flopsOfByte)
     << ";\n"
        "lines that are computed together share by their FLOPs. A line has its gradient as well, "
        "and what the library\n"
        "computes for it; 'with calls', also the lines of functions, layers and models of yours "
        "that it calls\n";
  printNotes(*choice, any_of(costs, [](const LineCost &cost) { return !cost.isKnown; }), os);
  return Status::Success;
}

} // namespace nnc::driver
