// What an optimizer's body is elaborated against: one parameter, its gradient, its states.
#pragma once

#include "compiler/sema/Elaborator.h"

namespace nnc::sema {

/// The update of one parameter while its optimizer's body is elaborated.
struct Elaborator::OptimizerState {
  Type type; ///< of the parameter, its gradient and its states
  struct State {
    std::string name;
    const Node *input;
    const Node *initial;
    Value value; ///< the newest
  };
  std::vector<State> states;
};

} // namespace nnc::sema
