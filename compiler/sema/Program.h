// What sema makes of a file: every layer instantiated, every name resolved, every shape known. A
// graph of primitive operations that emit turns into MLIR one to one, without knowing any of them
// by name.
#pragma once

#include "compiler/diagnostics/Source.h"
#include "compiler/sema/Dim.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace nnc::sema {

enum class Element { F64, F32, F16, BF16, I64, I32, U8, Bool };
const char *spelling(Element element);
/// Bytes of one element.
unsigned byteSize(Element element);
bool isFloat(Element element);

struct Type {
  Element element = Element::F32;
  Shape shape;
  bool operator==(const Type &) const = default;
  std::string str() const; ///< `f32[batch, 64]`
};

/// Where an operation comes from: the expression, and the calls that led to it, innermost first.
struct CallSite {
  SourceRange call;       ///< the call in its caller's body
  std::string callee;     ///< `dense`
  const CallSite *caller; ///< null at the body of the model or recipe itself
};

struct Attribute {
  std::string name;
  std::variant<int64_t, double, bool, std::string, std::vector<int64_t>> value;
};

/// One operation `nn.<op>` with one result, or an input of a Function (`op` is "input").
struct Node {
  std::string op;
  std::vector<const Node *> operands;
  std::vector<Attribute> attributes;
  /// Target sizes, of ops that take them (broadcast, reshape, iota, random, slice): static ones
  /// become the attribute `static_sizes`, symbolic ones index operands.
  std::vector<Dim> sizes;
  bool hasSizes = false;
  Type type;
  SourceRange range;
  const CallSite *site = nullptr;
};

/// An input of a Function. The kinds are what a caller must bring.
struct Input {
  enum class Kind {
    ModelInput,
    Parameter,
    Buffer,
    ModelOutput,
    DataField,
    State,
    Gradient,
    Step,
    Seed
  };
  Kind kind;
  std::string name; ///< of the model input, parameter path, field, output, state
  const Node *node;
};

/// A pure function over tensors: its inputs in order, and the nodes of its results. Nodes are
/// listed in an order that defines each before its use; only reachable ones.
struct Function {
  std::string name;
  std::vector<Input> inputs;
  std::vector<const Node *> nodes;
  struct Result {
    std::string name;
    const Node *node;
  };
  std::vector<Result> results;
};

struct Parameter {
  std::string path; ///< `dense.w`, `block.3.dense.w`: its name in checkpoints
  Type type;        ///< all dimensions constant
  bool isBuffer = false;
  Function init; ///< inputs: Seed; one result
  SourceRange range;
};

struct Port {
  std::string name;
  Type type;
  SourceRange range;
  /// Of an input of integers that is an index: values must lie in [first, second).
  std::optional<std::pair<int64_t, int64_t>> bounds = std::nullopt;
};

/// A line of `nnc summary`: one instantiated layer.
struct LayerInfo {
  std::string path, layer; ///< `dense.2`, `dense`
  Type output;
  std::vector<std::string> parameters; ///< paths
  unsigned depth = 0;
};

struct Model {
  std::string name, doc;
  std::vector<std::string> dims; ///< symbolic dimensions, in order of appearance: `batch`
  std::vector<Port> inputs, outputs;
  std::vector<Parameter> parameters; ///< in order of appearance; buffers too
  Function forward; ///< inputs: every ModelInput, then every Parameter and Buffer; results:
                    ///< outputs, then new buffers
  std::vector<LayerInfo> layers;
  SourceRange range;
};

struct DataField {
  std::string name;    ///< in the data set
  std::string binding; ///< in the recipe
  Type type;           ///< with the leading batch dimension
  std::optional<std::pair<int64_t, int64_t>>
      bounds; ///< values lie in [first, second); checked when loaded
};
struct DataSource {
  std::string name, format;
  struct File {
    std::string split, field, path;
  };
  std::vector<File> files;
  std::vector<DataField> fields; ///< those that the recipe binds
};

/// How one parameter is updated. inputs: Parameter, Gradient, States, Step; results: the parameter,
/// then the states.
struct Update {
  std::string parameter;
  std::vector<std::string> states;
  std::vector<Function> stateInit; ///< one result each, shaped like the parameter
  Function rule;
};

struct Recipe {
  std::string model;
  DataSource data;
  /// inputs: ModelOutputs, ModelInputs, DataFields; results: one scalar f32 each. Their sum is
  /// minimised.
  Function loss;
  Function metrics;      ///< the same inputs; each result a scalar, averaged over examples
  std::string optimizer; ///< for people: `adam(lr: 0.001)`
  std::vector<Update> updates;
  int64_t batch = 32;
  std::optional<int64_t> epochs, steps;
  uint64_t seed = 0;
  SourceRange range;
};

/// Owns every node. A file has one exported model at least; a recipe is optional.
struct Program {
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<std::unique_ptr<CallSite>> sites;
  std::vector<Model> models;
  std::vector<Recipe> recipes;
};

} // namespace nnc::sema
