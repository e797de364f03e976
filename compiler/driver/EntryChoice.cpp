// Chooses the entries that training runs, or the one that is asked for.
#include "compiler/driver/EntryChoice.h"

#include "compiler/driver/Table.h"
#include "dialects/nn/ir/NnAttributes.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace nnc::driver {

static StringRef kindOf(StringRef entry) { return entry.split('.').first; }

static bool isTraining(StringRef entry) {
  return is_contained({mlir::nn::kStepEntry, mlir::nn::kGradientEntry, mlir::nn::kUpdateEntry},
                      kindOf(entry));
}

std::optional<EntryChoice> chooseEntries(const Compilation &compilation,
                                         const std::vector<EntryKernels> &entries,
                                         const Arguments &arguments) {
  std::vector<StringRef> names;
  for (const EntryKernels &entry : entries)
    names.push_back(entry.name);
  if (!arguments.entry.empty() && !is_contained(names, arguments.entry)) {
    usageError(findCommand("summary"), "there is no entry '" + Twine(arguments.entry) +
                                           "': expected " + join(names, ", ") +
                                           didYouMean(arguments.entry, names));
    return std::nullopt;
  }
  bool trains = any_of(names, isTraining);
  auto isChosen = [&](StringRef name) {
    if (!arguments.entry.empty())
      return name == arguments.entry;
    return trains ? isTraining(name) : kindOf(name) == mlir::nn::kPredictEntry;
  };
  const std::optional<sema::Recipe> &recipe = compilation.source().recipe;
  uint64_t accumulate = recipe ? recipe->accumulate : 1;
  EntryChoice choice;
  for (const EntryKernels &entry : entries) {
    if (isChosen(entry.name))
      choice.entries.push_back(
          {&entry, kindOf(entry.name) == mlir::nn::kGradientEntry ? accumulate : 1});
    else
      choice.others.push_back(entry.name);
  }
  if (!arguments.entry.empty())
    choice.title = arguments.entry;
  else if (trains)
    choice.title = "a training step at batch " + withSeparators(compilation.model().batchSize);
  else
    choice.title = mlir::nn::kPredictEntry.str();
  return choice;
}

std::string estimateNote(unsigned flopsOfByte) {
  return "shares are estimates: a kernel takes as long as its FLOPs or its bytes, and a byte as "
         "long as " +
         std::to_string(flopsOfByte) + " FLOPs";
}

void printNotes(const EntryChoice &choice, bool hasUnknown, raw_ostream &os) {
  if (hasUnknown)
    os << "- stands for what depends on sizes that a call brings\n";
  if (!choice.others.empty())
    os << "--entry shows those of " << join(choice.others, ", ") << "\n";
}

} // namespace nnc::driver
