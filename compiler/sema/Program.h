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

struct Function;

/// One operation `nn.<op>`, a result of one, or an input of a Function.
///
/// `op` is "input" (of a Function), "result" (the `result`th result of operands[0], an operation
/// with several), or the operation's name without its dialect. `type` is that of the node's one
/// value; of an operation with several results that of the first, and `resultTypes` has all.
struct Node {
  std::string op;
  std::vector<const Node *> operands;
  std::vector<Attribute> attributes;
  /// How many operands each group of the operation takes, where it has several groups of which some
  /// vary in number (`nn.scan`, `nn.random`); empty otherwise. Sizes make no group here.
  std::vector<unsigned> segments;
  /// Target sizes, of ops that take them (broadcast, reshape, iota, random, slice): static ones
  /// become the attribute `static_sizes`, symbolic ones index operands.
  std::vector<Dim> sizes;
  bool hasSizes = false;
  Type type;
  std::vector<Type> resultTypes;
  unsigned result = 0;
  /// The operation's regions, in order: isolated, their inputs (of kind Argument, in order) are all
  /// that they see. Dimensions that they need are handed in by emit.
  std::vector<std::unique_ptr<Function>> bodies;
  SourceRange range;
  const CallSite *site = nullptr;
};

/// An input of a Function. The kinds are what a caller must bring.
struct Input {
  enum class Kind {
    ModelInput, ///< of predict; by name
    Field,      ///< a batch of a column of the data set; by its name in the recipe
    Parameter,  ///< by path
    LayerState, ///< by path
    Optimizer,  ///< a state of the optimizer; by name
    Gradient,   ///< of the parameter that a rule updates
    Step,       ///< the block's own updates, from 1; scalar, f64
    Steps,      ///< the plan: how many updates the block will have made at the end; scalar, f64
    Batch,      ///< the examples of a whole batch in training; scalar, f64
    Seed,       ///< i64 scalar
    Draw,       ///< the number of the batch, from 1; 0 outside of training; i64 scalar
    Example,    ///< the number of the batch's first example in its part, from 0; i64 scalar
    Number,     ///< a `let` of the recipe that `--set` may change; by name; scalar, f64
    Total,      ///< of an earlier pass over the evaluated part; by number ("0", "1"); scalar, f64
    Collected,  ///< by passes over the evaluated part, all rows; by number
    Column,     ///< what a reader gives, all rows of a part; by number
    Fitted,     ///< what preparation fitted on the training part; by number
    Class,      ///< the number that a category has for a class's name; by number; i64 scalar
    Argument    ///< of a body
  };
  Kind kind;
  std::string name;
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

/// A parameter of a model or a state of a layer.
struct Parameter {
  std::string path; ///< `dense.w`, `block.3.dense.w`, `critic.dense.w`: its name in checkpoints
  Type type;        ///< all dimensions constant
  Function init;    ///< inputs: Seed; one result
  bool hasDeclaredGradient = false; ///< whether its gradient passes a `fn ... gradient`
  SourceRange range;
};

struct Port {
  std::string name;
  Type type;
  SourceRange range;
  /// Of integers that are indexes: values must lie in [0, limit).
  std::optional<Dim> limit = std::nullopt;
  /// Of a field: the column whose classes its numbers are, where they have names.
  std::optional<size_t> classesOf = std::nullopt;
};

/// A line of `nnc summary`: one instantiated layer.
struct LayerInfo {
  std::string path, layer; ///< `dense.2`, `dense`
  Type output;
  std::vector<std::string> parameters; ///< paths
  unsigned depth = 0;
};

//===-- Data ---------------------------------------------------------------------------------===//

/// Where examples come from. `part` is "train" or "test", or empty: `from`, which `splits` divides.
struct DataSource {
  std::string part, reader; ///< reader: "idx", "npy", "csv", "text"
  /// Of idx and npy a file for each column, by name; of csv one, without a name; of text "window".
  std::vector<std::pair<std::string, std::string>> files;
  /// Of csv: separator, header; of text: unit, window, stride.
  std::vector<Attribute> options;
  std::vector<std::string> missing; ///< of csv: the fields that stand for a missing number
  SourceRange range;
};
/// What a reader gives, before preparation.
struct Column {
  enum class Kind { Array, Numbers, Number, Category, Text, Image, Label };
  Kind kind = Kind::Array;
  std::string name; ///< the array's, or "window", "image", "label"
  /// Of a table: the header's names, or positions from 0 as digits; `last`, of Numbers, inclusive.
  std::string first, last;
  std::string unit; ///< of a text: "character", "word", "byte"
  bool byPosition = false;
  Dim classes = 0; ///< of a category or label; of a text, how many different units it has
  Type type;       ///< the leading dimension is `rows`
  SourceRange range;
};
struct ClassRequest {
  unsigned column; ///< of a category
  std::string name;
  SourceRange range;
};
struct Share {
  std::string part;
  double share;
};
/// A size that only a data file tells which is not at hand. Such a program can be checked, and no
/// more: nothing else can be done before the file is found.
struct UnsettledSize {
  std::string name;                ///< the symbol that stands for it
  std::string file;                ///< as the data set names it
  std::vector<std::string> looked; ///< folders
  SourceRange range;
  std::string tellers; ///< "texts", "folders", where several tell it together
};

struct Data {
  std::string name;
  bool isLibrary = false; ///< one of the standard library's, which `nnc data` fetches
  std::vector<DataSource> sources;
  std::vector<Share> splits; ///< of `from`; none: all of it is "train"
  std::optional<uint64_t> splitSeed;
  double validShare = 0; ///< out of the training part; 0: none
  std::optional<uint64_t> validSeed;
  std::vector<Column> columns; ///< those that the fields need
  std::vector<ClassRequest> classes;
  /// What the recipe binds, one batch of it; `name` is that in the recipe. Without preparation,
  /// field i is column i.
  std::vector<Port> fields;
  bool isPrepared = false;
  Function fit; ///< inputs: Column (the training part), Class; results: what is fitted
  Function
      prepare; ///< inputs: Column, Fitted, Class; results: one per field, leading dimension rows
  std::vector<UnsettledSize> unsettled;
};

//===-- The recipe ---------------------------------------------------------------------------===//

/// How one parameter is updated. inputs: Parameter, Gradient, Optimizer, Step, Steps, Batch,
/// Number;
/// results: the parameter, then the states.
struct Update {
  std::string parameter;
  std::vector<std::string> states;
  std::vector<Function> stateInit; ///< inputs: Seed, Parameter; one result each, of known sizes
  Function rule;
};

/// `clip norm: 1.0`, `clip value: 0.5`
struct Clip {
  enum class Kind { Norm, Value };
  Kind kind;
  Function limit; ///< inputs: Step, Steps, Batch, Number; one f64 scalar
  SourceRange range;
};

/// What one update takes: a recipe has one without a name, or several.
struct StepBlock {
  std::string name;
  int64_t every = 1; ///< on batches every, 2 * every, ...
  std::vector<std::string> losses;
  /// inputs: Field, Parameter, LayerState, Step, Steps, Seed, Draw, Number; results: one scalar
  /// float for each loss, whose sum is minimised, then the new value of each state of the model
  /// (the old one where it isn't renewed).
  Function objective;
  std::optional<Clip> clip;
  std::vector<Update> updates; ///< of the parameters that this block trains
  SourceRange range;
};

/// How losses and metrics are computed over a whole part: passes over its batches, each of which
/// adds up totals that later passes may use and collects rows, then one function of all totals and
/// of all rows.
struct Evaluation {
  enum class Combine { Sum, Max, Min };
  struct Pass {
    /// inputs: Field, Parameter, LayerState, Seed, Draw, Example, Number, Total of earlier passes;
    /// results: what this batch adds to each total, f64, a scalar or of a known shape, then its
    /// rows of what is collected. Both are numbered through all passes, a total by its first
    /// number.
    Function accumulate;
    std::vector<Combine> combine; ///< one per total
  };
  std::vector<Pass> passes;
  /// inputs: Parameter, LayerState, Seed, Number, Total, Collected; results: every loss of the
  /// recipe, f64 scalars, then every metric, f64, a scalar or of a known shape. Its batch is the
  /// whole part.
  Function finish;
  std::vector<std::string> losses, metrics;
  /// By metric: the column whose classes its rows and columns are; none where they have no names.
  std::vector<std::optional<size_t>> classes;
};

/// `max: accuracy` of `keep` and `stop`.
struct Goal {
  bool isMax = false;
  std::string of; ///< "loss" (the sum), a loss or a metric
};

struct Recipe {
  std::optional<Data> data;
  std::vector<StepBlock> blocks;
  Evaluation evaluation;
  /// Columns that losses name, of which the data says what their classes are called.
  std::vector<size_t> targets;
  std::string optimizer; ///< for people: `adam(lr: 0.001)`
  std::string clip;      ///< for people: `norm: 1.0`; empty: none
  /// Numbers that `--set` may change.
  struct Number {
    std::string name;
    double value;
  };
  std::vector<Number> numbers;
  int64_t batch = 32;
  std::optional<int64_t> epochs, steps;
  uint64_t seed = 0;
  bool shuffle = true;
  int64_t accumulate = 1;
  std::string precision = "f32"; ///< what products of f32 are multiplied in: f32, tf32 or bf16
  std::optional<double> average; ///< the decay of `ema`
  std::optional<int64_t> evaluateEvery;
  std::optional<Goal> keep, stop;
  int64_t patience = 0; ///< of `stop`
  std::optional<int64_t> budgetBytes;
  SourceRange budgetRange;
  struct Load {
    std::string file, under;
  };
  std::vector<Load> loads;
  std::vector<std::string> frozen; ///< paths of parameters
  SourceRange range;
};

/// What can be built: a model of the file, or all models of its recipe with the recipe.
struct Model {
  std::string name, doc;             ///< of the first network
  std::vector<std::string> networks; ///< the models that it is made of, by name
  std::vector<std::string> dims;     ///< symbolic dimensions, in order of appearance: `batch`
  /// The leading dimension of fields and of what each call takes examples along; empty: none.
  std::string batchDim;
  std::vector<Port> inputs, outputs; ///< of predict
  /// inputs: ModelInput, Parameter, LayerState, Seed, Draw, Example, Number; results: the outputs.
  Function predict;
  std::vector<Parameter> parameters; ///< in order of appearance
  std::vector<Parameter> states;     ///< of layers, in order of appearance
  std::vector<LayerInfo> layers;
  std::optional<Recipe> recipe;
  SourceRange range;
};

/// Owns every node. The model with the recipe comes first; then each model of the file by itself,
/// but for one that the recipe trains alone.
struct Program {
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<std::unique_ptr<CallSite>> sites;
  std::vector<Model> models;
};

} // namespace nnc::sema
