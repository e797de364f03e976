// The tree of layers that a network is made of.
#pragma once

#include "compiler/sema/Value.h"

#include <map>
#include <memory>
#include <set>
#include <vector>

namespace nnc::sema {

/// A place in a body, with the passes of the loops around it: the address of its syntax, then the
/// pass numbers; of a draw, those of every call that leads to it.
using Place = std::vector<uintptr_t>;

/// A parameter or a state of a layer.
struct OwnedTensor {
  std::string name; ///< `w`
  std::string path; ///< `block.3.dense.w`
  Type type;
  bool isState = false;
  const Node *node = nullptr;    ///< the input that stands for it, in every function
  const Node *seed = nullptr;    ///< the input of the initial value
  const Node *initial = nullptr; ///< the initial value
  /// Of a state, in the function under construction: its value so far; `node` while not renewed.
  const Node *current = nullptr;
  SourceRange range;
  SourceRange userRange; ///< in the user's text: of a layer of the library, its application
};

/// The draws of one owner: each place has a number, in order of appearance.
struct DrawPlaces {
  std::string path;
  std::map<Place, unsigned> numbers;
};

/// One layer with its settings at one place, or a network itself. Its children and tensors are
/// found by their places, so that every application, in training and in evaluation, meets the same
/// ones.
struct Instance {
  std::string layer; ///< `dense`
  std::string path;  ///< `block.3.dense_2`; of a network "" or its name
  const ast::Declaration *decl = nullptr;
  SourceRange range;
  unsigned depth = 0;
  /// A recipe and a function have no place in a network's tree: layers that they use must own no
  /// parameters.
  bool ownsParameters = true;
  bool isDetached = false; ///< used where nothing owns it
  bool wasApplied = false;
  Type output; ///< of the first application; where a recipe predicts by itself, of that
  std::vector<std::unique_ptr<Instance>> children; ///< in order of appearance
  std::vector<std::unique_ptr<OwnedTensor>> tensors;
  std::map<Place, Instance *> childAt;
  std::map<Place, OwnedTensor *> tensorAt;
  DrawPlaces draws;

  /// The path of what is called `base` at `place`: the second of a name is `dense_2`, passes add a
  /// number.
  std::string pathOf(const std::string &base, const Place &place);

private:
  std::map<std::pair<std::string, uintptr_t>, std::string> segments;
  std::set<std::string> taken;
};

/// Where a layer's instance belongs, before its first application settles its name and sizes.
struct InstanceSlot {
  Instance *parent = nullptr; ///< null where nothing can own it
  Place place;
  std::string name; ///< of the `let` that bound it, or empty
  Instance *instance = nullptr;
};

/// What is known of the values of integers: they lie in [0, limit).
struct IndexRange {
  std::optional<Dim> limit; ///< nothing: not known, and derived from the uses
  bool isDeclared = false;  ///< else derived
  std::string name;         ///< of the input or column
  SourceRange range;
};

/// A model of the file with its arguments: one tree of instances, applied any number of times.
struct Network {
  std::string name;
  const ast::ModelDeclaration *decl = nullptr;
  std::shared_ptr<const std::vector<GivenArgument>> arguments;
  SourceRange range;
  Instance root;
  bool isAlone = false; ///< elaborated by itself, so that nothing calls it
  bool wasCalled = false;
  /// Of the first application: the types of its inputs in order, and what is known of their values.
  std::vector<Type> inputTypes;
  std::vector<IndexRange> inputRanges;

  /// Parameters and states, in order of appearance: an instance's own, then its children's.
  std::vector<OwnedTensor *> tensors();
  /// The next application says what the layers put out.
  void forgetOutputs();
};

} // namespace nnc::sema
