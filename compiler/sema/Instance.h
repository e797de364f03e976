// The tree of layers that a model is made of, while it is being made.
#pragma once

#include "compiler/sema/Value.h"

#include <memory>
#include <vector>

namespace nnc::sema {

/// A parameter or buffer whose path is not known before its whole model is.
struct PendingParameter {
  std::string name;
  bool inLoop = false;
  Type type;
  bool isBuffer = false;
  const Node *node = nullptr;     ///< the input of the forward function
  const Node *seed = nullptr;     ///< the input of the initial value
  const Node *initial = nullptr;  ///< the initial value
  const Node *newValue = nullptr; ///< of a buffer
  std::vector<Node *> randomNodes;
  SourceRange range;
  std::string path;
};

/// One layer applied at one place, or the model itself.
struct Instance {
  std::string layer;
  const ast::Declaration *decl = nullptr;
  SourceRange range;
  bool inLoop = false;
  /// A recipe and a function have no place in a model's tree: layers they use must own no
  /// parameters.
  bool ownsParameters = true;
  Type output;
  std::vector<std::unique_ptr<Instance>> children;
  std::vector<std::unique_ptr<PendingParameter>> parameters;
  /// Set while an instance is applied again: its children and parameters are met in the same order.
  bool replayed = false;
  size_t nextChild = 0, nextParameter = 0;
};

/// What belongs to the model under construction.
struct ModelState {
  Instance root;
};

} // namespace nnc::sema
