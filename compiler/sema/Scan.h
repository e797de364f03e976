// A loop at run time while its body is elaborated.
#pragma once

#include "compiler/sema/Elaborator.h"

namespace nnc::sema {

struct ScanState {
  /// What goes from pass to pass.
  struct Carried {
    std::string name;
    const Node *argument; ///< its value at the start of a pass
    const Node *initial;
    const Node *value; ///< the newest
  };
  std::vector<Carried> states;
  /// States of layers that are applied in the body: carried too, so that a pass meets what the one
  /// before it has renewed.
  struct CarriedOwned {
    OwnedTensor *tensor;
    const Node *argument, *initial;
    const Node *value; ///< what a pass leaves
  };
  std::vector<CarriedOwned> owned;
  const Node *pass = nullptr; ///< the number of the pass, i64
  std::vector<const Node *> sequences, slices;
  std::vector<int64_t> axes; ///< of each sequence
  int64_t axis = 0;          ///< where results are stacked
  Dim count;
  bool isCounting = false;
  std::optional<Value> yielded;
  SourceRange yieldRange;
  const Node *outerSeed = nullptr;
  ScanState *outer = nullptr;  ///< of the same body
  ScanState *around = nullptr; ///< of this body or of whoever called it
};

} // namespace nnc::sema
