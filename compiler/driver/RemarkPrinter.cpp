// What passes say of their decisions, drawn at the place in the .nn source that it is about.
#include "compiler/driver/RemarkPrinter.h"

#include "compiler/codegen/shared/Remarks.h"
#include "compiler/diagnostics/Renderer.h"
#include "compiler/driver/MlirDiagnostics.h"

#include "llvm/ADT/STLExtras.h"

#include <mutex>

using namespace llvm;

namespace nnc::driver {

namespace {

struct Entry {
  mlir::Location location;
  std::string message;
  std::vector<std::string> details; ///< "Blocks" and what is said of them, for example
  std::optional<mlir::Location> reader;
};

} // namespace

class RemarkPrinter::List {
public:
  void add(const mlir::remark::detail::Remark &remark) {
    Entry entry{remark.getLocation(), "", {}, std::nullopt};
    std::string reason;
    for (const mlir::remark::detail::Remark::Arg &arg : remark.getArgs()) {
      if (arg.key == codegen::kReaderKey)
        entry.reader = mlir::Location(cast<mlir::LocationAttr>(arg.getAttribute()));
      else if (arg.key == codegen::kReasonKey)
        reason += arg.val;
      else if (arg.key == codegen::kMessageKey)
        entry.message += arg.val;
      else
        entry.details.push_back(formatv("{0,-9}{1}", StringRef(arg.key).lower(), arg.val));
    }
    if (!reason.empty())
      entry.message += ": " + reason;
    std::lock_guard lock(mutex);
    entries.push_back(std::move(entry));
  }

  ArrayRef<Entry> get() const { return entries; }

private:
  std::mutex mutex;
  std::vector<Entry> entries;
};

RemarkPrinter::RemarkPrinter(mlir::MLIRContext &context, const SourceManager &sources, bool color)
    : list(std::make_shared<List>()), sources(sources), color(color) {
  class Streamer : public mlir::remark::detail::MLIRRemarkStreamerBase {
  public:
    explicit Streamer(std::shared_ptr<List> list) : list(std::move(list)) {}
    void streamOptimizationRemark(const mlir::remark::detail::Remark &remark) override {
      list->add(remark);
    }

  private:
    std::shared_ptr<List> list;
  };
  mlir::remark::RemarkCategories categories;
  categories.passed = categories.missed = ".*";
  (void)mlir::remark::enableOptimizationRemarks(
      context, std::make_unique<Streamer>(list),
      std::make_unique<mlir::remark::RemarkEmittingPolicyAll>(), categories);
}

RemarkPrinter::~RemarkPrinter() = default;

void RemarkPrinter::print(raw_ostream &os) const {
  struct Placed {
    SourceRange range, reader;
    const Entry *entry;
    bool operator<(const Placed &other) const {
      return std::tie(entry->message, entry->details, reader.file.index, reader.begin) <
             std::tie(other.entry->message, other.entry->details, other.reader.file.index,
                      other.reader.begin);
    }
  };
  std::vector<Placed> placed;
  for (const Entry &entry : list->get()) {
    SourceRange range = sourceRange(entry.location, sources);
    SourceRange reader = entry.reader ? sourceRange(*entry.reader, sources) : SourceRange();
    if (range.isValid())
      placed.push_back({range, reader, &entry});
  }
  // Threads speak in any order; of one place, the texts decide.
  sort(placed);
  Diagnostics found;
  for (const Placed &each : placed) {
    Diagnostic &remark = found.remark(each.range, each.entry->message);
    remark.details = each.entry->details;
    if (each.reader.isValid() && !(each.reader == each.range))
      remark.note(each.reader, "read here");
  }
  render(os, sources, found, color);
}

} // namespace nnc::driver
