// The kernels of a program and what they cost, for people and as JSON.
#include "compiler/driver/KernelTable.h"

#include "compiler/driver/EntryChoice.h"
#include "compiler/driver/MlirDiagnostics.h"
#include "compiler/driver/Table.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/JSON.h"

using namespace llvm;

namespace nnc::driver {

namespace {

/// A line: a kernel in one entry, in all the calls of a training step.
struct Row {
  StringRef entry;
  const KernelCost *kernel;
  uint64_t runs; ///< of the entry
  std::vector<std::string> places;
  size_t number; ///< in the order of calls
  double share = 0;
};

} // namespace

/// The places of a kernel's calls as "net.nn:3", each once, in order.
static std::vector<std::string> findPlaces(const KernelCost &kernel, const SourceManager &sources) {
  std::vector<std::string> places;
  for (mlir::Location location : kernel.places) {
    SourceRange range = sourceRange(location, sources);
    if (!range.isValid())
      continue;
    unsigned line = sources.position(range.file, range.begin).line;
    std::string place = (sources.name(range.file) + ":" + Twine(line)).str();
    if (!is_contained(places, place))
      places.push_back(std::move(place));
  }
  return places;
}

static bool isKnown(const KernelCost &kernel) {
  return kernel.calls && kernel.flops && kernel.bytes;
}

static std::vector<Row> makeRows(ArrayRef<ChosenEntry> entries, const SourceManager &sources) {
  std::vector<Row> rows;
  double total = 0;
  for (auto [entry, runs] : entries)
    for (const KernelCost &kernel : entry->kernels) {
      rows.push_back({entry->name, &kernel, runs, findPlaces(kernel, sources), rows.size()});
      total += kernel.time * double(runs);
    }
  for (Row &row : rows)
    row.share = total > 0 ? row.kernel->time * double(row.runs) / total : 0;
  // By numbers where shares are equal: stable_sort needs what C++ has deprecated.
  sort(rows, [](const Row &a, const Row &b) {
    return a.share != b.share ? a.share > b.share : a.number < b.number;
  });
  return rows;
}

static void printTable(ArrayRef<Row> rows, raw_ostream &os) {
  using Align = Table::Align;
  Table table({Align::Right, Align::Left, Align::Left, Align::Right, Align::Right, Align::Right,
               Align::Left});
  table.row({"share", "kernel", "entry", "calls", "FLOPs", "bytes", "source"});
  table.rule();
  for (const Row &row : rows) {
    auto number = [&](std::optional<uint64_t> count) {
      return count ? withSeparators(*count * row.runs) : "-";
    };
    std::string places;
    if (!row.places.empty())
      places = row.places.front();
    if (row.places.size() > 1)
      places += " and " + std::to_string(row.places.size() - 1) + " more";
    table.row({isKnown(*row.kernel) ? percent(row.share) : "-", row.kernel->name, row.entry.str(),
               number(row.kernel->calls), number(row.kernel->flops), number(row.kernel->bytes),
               places});
  }
  table.print(os);
}

static void printJson(ArrayRef<Row> rows, const ModelDescription &model, unsigned flopsOfByte,
                      raw_ostream &os) {
  json::Array kernels;
  for (const Row &row : rows) {
    auto number = [&](std::optional<uint64_t> count) {
      return count ? json::Value(*count * row.runs) : json::Value(nullptr);
    };
    kernels.push_back(json::Object{
        {"name", row.kernel->name},
        {"entry", row.entry},
        {"places", json::Array(row.places)},
        {"calls", number(row.kernel->calls)},
        {"flops", number(row.kernel->flops)},
        {"bytes", number(row.kernel->bytes)},
        {"share", isKnown(*row.kernel) ? json::Value(row.share) : json::Value(nullptr)}});
  }
  os << json::Value(json::Object{{"model", model.name},
                                 {"batch", model.batchSize},
                                 {"flops_of_byte", flopsOfByte},
                                 {"kernels", std::move(kernels)}})
     << "\n";
}

Status printKernels(const Compilation &compilation, const std::vector<EntryKernels> &entries,
                    const SourceManager &sources, const Arguments &arguments) {
  const ModelDescription &model = compilation.model();
  std::optional<EntryChoice> choice = chooseEntries(compilation, entries, arguments);
  if (!choice)
    return Status::UsageError;
  std::vector<Row> rows = makeRows(choice->entries, sources);
  unsigned flopsOfByte = makeTarget(arguments, arguments.target)->getFlopsOfByte();
  if (arguments.json) {
    printJson(rows, model, flopsOfByte, outs());
    return Status::Success;
  }
  outs() << compilation.networkNames() << ": the kernels of " << choice->title << "\n\n";
  printTable(rows, outs());
  outs() << estimateNote(flopsOfByte) << "\n";
  bool hasUnknown = any_of(rows, [](const Row &row) { return !isKnown(*row.kernel); });
  printNotes(*choice, hasUnknown, outs());
  return Status::Success;
}

} // namespace nnc::driver
