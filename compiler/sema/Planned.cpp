// The lists of what is planned.
#include "compiler/sema/Planned.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"

namespace nnc::sema {

static constexpr llvm::StringLiteral names[] = {
    "conv2d",    "max_pool",  "avg_pool", "batch_norm", "layer_norm", "dropout",
    "attention", "embedding", "lstm",     "gru",        "gradient",   "perplexity",
    "hinge",     "noise",     "text",     "csv",        "images",     "sum_per_example"};

static constexpr llvm::StringLiteral settings[] = {"accumulate", "clip", "early_stopping",
                                                   "evaluate",   "keep", "step"};

static std::string hintAmong(llvm::ArrayRef<llvm::StringLiteral> planned, llvm::StringRef word) {
  if (!llvm::is_contained(planned, word))
    return "";
  return "'" + word.str() + "' is planned, and not supported yet";
}

std::string plannedHint(llvm::StringRef name) { return hintAmong(names, name); }

std::string plannedSettingHint(llvm::StringRef key) { return hintAmong(settings, key); }

} // namespace nnc::sema
