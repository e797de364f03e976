// Runs a program at compile time: walks the syntax with values, inlines functions, instantiates
// layers, and leaves a graph of primitive operations.
//
// One class, one file per concern: Expressions, Operators, Folding, Indexing, Blocks, States,
// Scans, Gradients, Calls, Arguments, Signatures, Dimensions, Conversions, Ranges, Layers, Draws,
// Models, Generic, Reports. What a function under construction is given is in Context.h, the tree
// of layers in Instance.h, one call in Frame.h. Recipes and data sets (Recipe.h, Data.h) use its
// public part.
#pragma once

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/sema/Context.h"
#include "compiler/sema/Frame.h"
#include "compiler/sema/Graph.h"
#include "compiler/sema/Modules.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"

#include <tuple>

namespace nnc::sema {

/// The states of the optimizer whose body is elaborated (Frame::optimizer), for one parameter.
struct OptimizerState {
  const Node *parameter = nullptr; ///< the input that stands for it
  const Node *seed = nullptr;      ///< of initial values; made when one needs it
  DrawPlaces draws;                ///< likewise
  struct State {
    std::string name;
    const Node *input;   ///< an input of the rule
    const Node *initial; ///< may depend on the seed and the parameter
    const Node *value;   ///< the newest
  };
  std::vector<State> states;
};

class DataFiles;

class Elaborator {
public:
  /// `isPartial`: the parser left things out after an error, so what is absent may have been
  /// written.
  Elaborator(Program &program, SourceManager &sources, Diagnostics &diagnostics, Modules &modules,
             bool isPartial)
      : program(program), graph(program), sources(sources), modules(modules), isPartial(isPartial),
        parsed(&diagnostics), diagnostics(&diagnostics) {}

  //===-- Models (Models.cpp), recipes (Recipe.cpp), declarations nobody used (Generic.cpp) --===//

  /// Adds the model by itself to the program. False after an error.
  bool elaborateModel(const ast::ModelDeclaration &decl);
  /// Checks a declaration with unknown arguments, at several ranks of its rests.
  void checkGenerically(const ast::Declaration &decl);
  /// Whether some call entered the declaration.
  bool wasEntered(const ast::Declaration &decl) const { return entered.contains(&decl); }
  void noteEntered(const ast::Declaration &decl) { entered.insert(&decl); }

  /// A network whose paths begin with `prefix` (empty where it is the only one). From now on, until
  /// `forgetNetworks`, a call of the model anywhere but in another model's body applies it.
  Network &addNetwork(const ast::ModelDeclaration &decl, std::vector<GivenArgument> arguments,
                      SourceRange range, std::string prefix);
  void forgetNetworks() { networks.clear(); }
  /// The network that a call of the model applies here; null where it is a layer as any other.
  Network *networkOf(const ast::ModelDeclaration &decl) const;
  /// Applies the network to its inputs, as `context` says (training or not). The first application
  /// makes the instances, later ones use them.
  Value applyNetwork(Network &network, const std::vector<GivenArgument> &inputs, SourceRange range,
                     const void *place = nullptr);
  /// Before each function is elaborated: every state of the networks is as it was saved, the counts
  /// of loops begin anew. Afterwards OwnedTensor::current is the state's new value.
  void beginFunction();
  /// Inputs of the model by itself: nodes of kind ModelInput with symbolic dimensions, as its
  /// signature says. Nothing after an error.
  struct ModelInputs {
    std::vector<Port> ports;
    std::vector<const Node *> nodes;
    std::vector<std::string> dims;
  };
  std::optional<ModelInputs> symbolicInputs(const Network &network);
  /// Refuses a type with a dimension that is neither a number nor a name: a program reads the sizes
  /// of its inputs and outputs off its data, and does no arithmetic on them. Null where there is
  /// none.
  Diagnostic *refuseComputedDim(const Type &type, const std::string &port, SourceRange range);
  /// The values of a model's results as ports and results of a function. Nothing after an error.
  std::optional<std::vector<Port>> modelOutputs(const ast::ModelDeclaration &decl,
                                                const Value &value,
                                                std::vector<Function::Result> &results);
  /// Fills in parameters, states and layers of a model that is made of these networks.
  void describeNetworks(llvm::ArrayRef<Network *> made, Model &model);
  /// The inputs of kind Parameter and LayerState for these networks, in the order of
  /// describeNetworks.
  std::vector<Input> tensorInputs(llvm::ArrayRef<Network *> made);

  //===-- Expressions (Expressions.cpp, Operators.cpp) ---------------------------------------===//

  /// `expected`, where known, is the type that the context wants: initialisers and draws take their
  /// shape from it.
  Value eval(const ast::Expr &expr, const Type *expected = nullptr);
  Value evalBlock(const ast::Block &block, const Type *expected);
  /// A `let`, of a body, a recipe or a data set: declares its names in the current scope.
  void evalLet(const ast::LetStatement &let);
  /// A known integer, or nothing after an error that names `what`.
  std::optional<int64_t> evalConstantInt(const ast::Expr &expr, llvm::StringRef what);
  std::vector<GivenArgument> evalArguments(llvm::ArrayRef<ast::Argument> arguments);
  Value binary(ast::BinaryOp op, const Value &a, const Value &b, SourceRange range,
               const ast::BinaryExpr *source = nullptr);
  Value unary(ast::UnaryOp op, const Value &a, SourceRange range);
  Value cast(const Value &value, Element element, SourceRange range);
  /// What a name means here: a variable, `pi`, `step`, a declaration, a primitive. Reports.
  Value lookup(const ast::Name &name);
  Value evalName(const ast::NameExpr &expr);

  //===-- Calls (Calls.cpp, Arguments.cpp, Layers.cpp) ---------------------------------------===//

  /// `place` is the syntax of the call.
  Value apply(const Value &callee, std::vector<GivenArgument> arguments, SourceRange range,
              const Type *expected, const void *place);
  /// Puts each given argument to its parameter, by position or name. Nothing after an error.
  struct Parameters {
    std::string callee;
    std::vector<std::string> names;
    std::vector<bool> required;
    SourceRange declared;
  };
  std::optional<std::vector<const GivenArgument *>>
  matchArguments(const Parameters &parameters, llvm::ArrayRef<GivenArgument> arguments,
                 SourceRange range);
  /// Declares the parameters in the current frame, whose callable they belong to. False after an
  /// error.
  bool bindParameters(llvm::ArrayRef<ast::Parameter> parameters,
                      llvm::ArrayRef<GivenArgument> arguments, const std::string &callee,
                      SourceRange range, SourceRange declared);
  const CallSite *siteFor(SourceRange call, const std::string &callee);
  /// Notes that the declaration is entered; refuses calls nested too deeply.
  bool mayEnter(const ast::Declaration &decl, SourceRange range);

  //===-- Signatures (Signatures.cpp, Dimensions.cpp) ----------------------------------------===//

  /// Makes each value fit its type, binding dimension names of the current frame. False after an
  /// error.
  bool unify(llvm::MutableArrayRef<TypedValue> values);
  /// Makes a scalar value fit a type without brackets; reports where it does not.
  bool fitScalar(TypedValue &typed);
  /// The element that a type's name means here: f32 for an unsettled `float`; nothing for an
  /// unsettled `int` or `any`, and for a name that is none.
  std::optional<Element> elementHere(llvm::StringRef name) const;
  /// The type that a TypeExpr means here; nothing (and no report, unless `report`) while a name is
  /// unbound. The element of `index(n)` is i32. With `report` a `float` is settled from here on;
  /// without, an unsettled one may yet become another than the f32 that it is taken for.
  std::optional<Type> resolveType(const ast::TypeExpr &type, bool report);
  /// `n` of `index(n)`, where it is known.
  std::optional<Dim> indexLimit(const ast::TypeExpr &type);
  /// The size that `expr` means here; nothing (and no report, unless `report`) while a name is
  /// unbound.
  std::optional<Dim> evalDim(const ast::Expr &expr, bool report);
  /// Whether this may be a size: a quotient that only a run can tell to be exact is refused, for
  /// memory is laid out by sizes before.
  bool isKnownWhole(const Dim &size, SourceRange range);
  /// Names of dimensions in `type` that have no value yet.
  std::vector<const ast::Name *> unboundNames(const ast::TypeExpr &type);
  /// The value of the body as the declared result; checks the shape.
  Value finishResults(Value value, const ast::Block &body, const Type *expected,
                      const std::string &callee);
  /// Gives the name of a dimension its size in the current frame.
  void bindDim(const ast::Name &name, const Dim &dim);
  void bindRest(const ast::Name &name, llvm::ArrayRef<Dim> dims);

  //===-- Conversions (Conversions.cpp) ------------------------------------------------------===//

  /// `value` as a tensor of exactly this type: numbers are repeated, elements converted where
  /// nothing is lost.
  Value coerce(const Value &value, const Type &type, SourceRange range, llvm::StringRef what,
               Code shapeCode, SourceRange declared = {});
  /// A number or tensor as a node with this element. Null after an error.
  const Node *toNode(const Value &value, Element element, SourceRange range);
  /// A list of numbers, or of equally long lists of them, as a tensor. Null after an error.
  const Node *listNode(const Value &value, Element element, SourceRange range);
  /// A number or tensor as an f64 scalar, or a strong tensor as itself.
  const Node *toWeak(const Value &value);
  const Node *dimNode(const Dim &dim);
  const Node *broadcast(const Node *node, const Shape &shape);
  /// Scalars meet anything; a lower rank equals the other's last dimensions; equal ranks agree or
  /// have a 1. Nothing where they don't fit.
  static std::optional<Shape> broadcastShapes(const Shape &a, const Shape &b);
  /// Checks sizes and makes the node. Unknown after an error.
  Value tensor(Node *node, bool weak = false);
  /// Whether a tensor may have this type: at most so many dimensions, each at least 1, not too
  /// large together. Reports.
  bool isAllowed(const Type &type, SourceRange range);
  /// The sizes that a list of integers is. Nothing after an error.
  std::optional<Shape> shapeOf(const Value &value, SourceRange range);

  //===-- Indexes (Ranges.cpp) ---------------------------------------------------------------===//

  /// Of inputs, arguments of bodies and what operations make: what is known of their values.
  llvm::DenseMap<const Node *, IndexRange> ranges;
  /// Where the numbers stand that a constant was listed from.
  llvm::DenseMap<const Node *, std::vector<SourceRange>> listed;
  /// The range of the node, or of the one that it takes its values from; null where none is known.
  IndexRange *rangeOf(const Node *node);
  /// Called where `index` selects one of `count`: checks the range of the input that it comes from,
  /// or derives it.
  bool requireIndexBelow(const Node *index, const Dim &count, SourceRange range);
  /// The same of numbers that are known.
  bool requireConstantBelow(const Node *constant, const Dim &count, SourceRange range);
  /// Of a Port: its values must lie in [0, limit).
  std::optional<Dim> limitOf(const Node *node) const;

  //===-- Draws (Draws.cpp) ------------------------------------------------------------------===//

  /// A node "random" of this float type, with a site for the place at hand. Null after an error.
  const Node *draw(llvm::StringRef distribution, const Type &type, SourceRange range);
  /// Evaluates an initial value, whose draws come from `seed` and are numbered in `places`.
  Value evalInitial(const ast::Expr &init, const Type &type, const Node *seed, DrawPlaces &places,
                    const std::string &what, SourceRange declared);

  //===-- Reports (Reports.cpp) --------------------------------------------------------------===//

  /// Reports at `range`, or, where that lies in the standard library, at the user's call with a
  /// note; adds the calls that led there. In a branch that may not be taken, only unknown names are
  /// kept.
  Diagnostic &error(Code code, SourceRange range, std::string message);
  Diagnostic &warning(Code code, SourceRange range, std::string message);
  Diagnostic &unknownName(const ast::Name &name);
  /// Where the user wrote what became the node: itself, or the call into the library.
  SourceRange userPlaceOf(const Node &node) const;
  /// The source of a range on one line, shortened to `longest` bytes.
  std::string quote(SourceRange range, size_t longest = 60) const;
  size_t errorCount() const { return diagnostics->errorCount(); }
  /// Reports go there from now on; returns where they went.
  Diagnostics &exchangeDiagnostics(Diagnostics &other) {
    return *std::exchange(diagnostics, &other);
  }
  /// Reports what was reported elsewhere.
  void adopt(const Diagnostics &other) { diagnostics->add(other); }

  //===-- State ------------------------------------------------------------------------------===//

  Program &program;
  Graph graph;
  SourceManager &sources;
  Modules &modules;
  const bool isPartial;
  const ElaborationLimits limits;
  FunctionContext context;
  const DataFiles *files = nullptr; ///< null: none may be looked at
  Frame *frame = nullptr;
  Scope *scope = nullptr;
  /// Below what integers lie that are wanted where a value is evaluated: of `let i: index(50)[n]`.
  std::optional<Dim> expectedLimit;
  bool isGeneric = false; ///< checking a declaration nobody used
  /// Symbols for sizes that only a data file settles which is not at hand: they pass as known, so
  /// that a program can be checked; it cannot be built.
  std::set<std::string> openSizes;
  /// Whether the size is known, or passes as known.
  bool isSettled(const Dim &dim) const {
    return llvm::all_of(dim.symbols(),
                        [&](const std::string &symbol) { return openSizes.contains(symbol); });
  }
  /// Whether the size depends on one that only a data file settles.
  bool hasOpenSize(const Dim &dim) const {
    return llvm::any_of(dim.symbols(),
                        [&](const std::string &symbol) { return openSizes.contains(symbol); });
  }
  static constexpr llvm::StringLiteral hintForOpenSize =
      "only a file of the data says this size, and it is not at hand: give its folder by --data, "
      "or say the size in a type, such as 'let x: f32[rows, 5] = numbers(...)'";
  /// What has been normalised as logits, and how.
  struct LogitUse {
    bool isSoftmax = false, isPlain = false, isNegated = false;
  };
  llvm::DenseMap<const Node *, LogitUse> logits;
  /// What networks gave, wherever they were applied, and what they were given for it.
  llvm::DenseMap<const Node *, std::vector<const Node *>> networkOutputs;
  /// Where a warning has told that the examples of a batch meet.
  std::set<uint32_t> warnedOfMeeting;
  unsigned regions = 0;          ///< scans and gradients around the current place
  unsigned ownGradients = 0;     ///< those that are functions with a gradient of their own
  ScanState *openScan = nullptr; ///< the innermost scan around the current place, of any body
  /// In a recipe whose data is broken, a name may be a column's: unknown ones are then Unknown.
  bool hasUnknownFields = false;
  std::vector<std::string> meantNames; ///< that may be meant, and are in scope where they are used
  std::string hintForUnknown;          ///< of names for which none comes near
  std::map<std::string, std::string, std::less<>> hintForName; ///< of names that might be known
  bool hasAborted() const { return aborted; }
  /// What bounds elaboration counts from here on: what is elaborated anew, with other constants,
  /// is given as much as the first time.
  void beginAttempt() {
    steps = 0;
    graph.beginAttempt();
  }

private:
  friend class FrameGuard;
  friend class RegionGuard;

  // Expressions
  Value evalKind(const ast::Expr &expr, const Type *expected);
  Value evalQualified(const ast::NameExpr &expr);
  Value evalDeclaration(const ast::Declaration &decl, const ast::Name &name);
  Value evalTopLevelLet(const ast::LetDeclaration &decl, const ast::Name &name);
  Value evalCast(const ast::CastExpr &expr);
  Value evalBinary(const ast::BinaryExpr &expr, const Type *expected);
  Value evalIf(const ast::IfExpr &expr, const Type *expected);
  Value evalSelect(const ast::IfExpr &expr, const Value &condition, const Type *expected);
  Value selectValues(const Node *condition, const Value &first, const Value &second,
                     SourceRange range);
  Value evalSequence(llvm::ArrayRef<ast::ExprPtr> elements, bool isTuple, SourceRange range);
  // Indexing
  struct Cut;
  Value evalIndex(const ast::IndexExpr &expr);
  Value indexSequence(const Sequence &sequence, const ast::IndexExpr &expr);
  std::optional<Cut> cutAlong(const ast::IndexItem &item, const Dim &size);
  Value gather(const Node *table, const Node *indices, int64_t axis, SourceRange range);
  Value cutFrom(const Node *node, int64_t axis, const Cut &cut, SourceRange range);
  const Node *cutAll(const Node *node, llvm::ArrayRef<Cut> cuts);
  // Operators
  Value foldIntegers(ast::BinaryOp op, const Dim &a, const Dim &b, SourceRange range);
  Value foldFloats(ast::BinaryOp op, double a, double b, SourceRange range);
  Value compareIntegers(ast::BinaryOp op, const Dim &a, const Dim &b, SourceRange range);
  Value combineTensors(ast::BinaryOp op, const Value &a, const Value &b, SourceRange range,
                       const ast::BinaryExpr *source);
  Value integerPower(const Value &a, const Value &b, SourceRange range);
  void warnOfPixels(const Node *node, SourceRange range);
  Value matmul(const Value &a, const Value &b, SourceRange range, const ast::BinaryExpr *source);
  Value combineSequences(ast::BinaryOp op, const Sequence &a, const Sequence &b, SourceRange range);
  Value invalidOperands(ast::BinaryOp op, const Value &a, const Value &b, SourceRange range);
  std::optional<Element> elementOfMeeting(ast::BinaryOp op, const Value &a, const Value &b);
  void describeOperands(Diagnostic &diagnostic, const Node *a, const Node *b,
                        const ast::BinaryExpr *source);
  // Statements
  void evalStatement(const ast::Statement &statement);
  void evalParam(const ast::ParamStatement &param);
  void evalState(const ast::StateStatement &state);
  void evalAssign(const ast::AssignStatement &assign);
  void carryOwned(ScanState *scan, OwnedTensor &tensor);
  void renewState(const ast::AssignStatement &assign, const Variable &variable);
  void evalFor(const ast::ForStatement &loop);
  void evalYield(const ast::YieldStatement &yield);
  void declareLocal(const ast::Name &name, Variable variable);
  void bindPattern(const ast::Pattern &pattern, const Value &value, Variable::Kind kind,
                   SourceRange range);
  bool mayPass(int64_t count, SourceRange range);
  // Scans and gradients
  Value evalScan(const ast::ScanExpr &scan);
  bool sequencesOf(const ast::ScanExpr &scan, ScanState &state);
  std::optional<int64_t> axisNamed(const ast::Name &name, const ast::Expr &expr, const Node *node,
                                   SourceRange range);
  Value finishScan(const ast::ScanExpr &scan, ScanState &state, const Value &last);
  void declareScanState(const ast::StateStatement &statement, const Type &type);
  Value finishWithGradient(const ast::FnDeclaration &fn, const Value &result,
                           llvm::ArrayRef<const Node *> inputs,
                           llvm::ArrayRef<const ast::Parameter *> names,
                           llvm::ArrayRef<const Node *> actual, SourceRange range);
  Value evalGradient(const std::vector<GivenArgument> &arguments, SourceRange range);
  std::vector<const Node *> gradientOp(const Node *u, llvm::ArrayRef<const Node *> wrt,
                                       SourceRange range);
  friend Value gradientOf(Elaborator &elaborator, const std::vector<GivenArgument> &arguments,
                          SourceRange range);
  // Calls
  Value evalCall(const ast::CallExpr &call, const Type *expected);
  Value evalCallee(const ast::Expr &callee);
  Value evalPipe(const ast::PipeExpr &pipe, const Type *expected);
  Value applyStage(const ast::Expr &stage, Value input, SourceRange inputRange, SourceRange range,
                   const Type *expected);
  Value applyRepeat(const ast::RepeatExpr &repeat, Value input, SourceRange inputRange,
                    SourceRange range, const Type *expected);
  void noteLogits(llvm::StringRef function, llvm::ArrayRef<GivenArgument> arguments);
  void warnOfSoftmax(const ast::FnDeclaration &fn, llvm::ArrayRef<GivenArgument> arguments,
                     SourceRange call);
  void warnOfStanding(const ast::Parameter &parameter, const ast::Parameter *next,
                      const GivenArgument &given, const std::string &callee);
  Value callFunction(const ast::FnDeclaration &fn, std::vector<GivenArgument> arguments,
                     SourceRange range, const Type *expected, const void *place);
  Value applyDecl(const ast::Declaration &decl, std::vector<GivenArgument> arguments,
                  SourceRange range, const Type *expected, const void *place);
  Value applyLayer(const LayerValue &layer, const std::vector<GivenArgument> &inputs,
                   SourceRange range, const Type *expected, const void *place);
  Value runLayer(Instance &instance, Frame &callee, const std::vector<GivenArgument> &settings,
                 SourceRange settingsRange, const std::vector<GivenArgument> &inputs,
                 SourceRange range, const Type *expected);
  LayerValue makeLayer(const ast::Declaration &decl, std::vector<GivenArgument> arguments,
                       SourceRange range, const void *place, bool isBare = false);
  /// A layer's bare name as an instance, where all its settings have defaults; else the value as it
  /// is.
  Value instantiated(Value value, SourceRange range, const void *place);
  std::optional<Type> takeShapeArgument(const ast::Callable &callable,
                                        std::vector<GivenArgument> &arguments,
                                        const Type *expected);
  bool expectResult(const ast::Callable &callable, const std::optional<Type> &wanted,
                    const std::string &name, SourceRange range, std::optional<Type> &result);
  // Signatures
  struct PendingDim {
    const ast::Expr *size;
    SourceRange range;
    Dim actual;
    const TypedValue *owner;
    bool isLimit; ///< of `index(n)`
  };
  bool fitElement(TypedValue &typed, std::vector<PendingDim> &pending);
  bool fitIndex(TypedValue &typed, std::vector<PendingDim> &pending);
  bool fitCallable(TypedValue &typed);
  bool fitList(TypedValue &typed);
  bool matchShape(TypedValue &typed, std::vector<PendingDim> &pending);
  bool matchSeveralRests(TypedValue &typed);
  bool settlePending(std::vector<PendingDim> pending);
  bool settleLimit(const PendingDim &pending);
  bool fitNumber(TypedValue &typed);
  bool fitArray(TypedValue &typed, std::vector<PendingDim> &pending);
  void settleGenericElement(const std::string &name);
  void reportNoElement(const ast::TypeExpr &type);
  bool bindResultFrom(const Type &expected);
  std::optional<Shape> shapeOfDims(llvm::ArrayRef<ast::DimExpr> dims, bool report);
  bool isBound(const ast::Expr &dim);
  void reportUnsettled(llvm::ArrayRef<const ast::Name *> names, llvm::StringRef of);
  bool solve(const ast::Expr &expr, const Dim &target);
  bool checkDims(const Shape &shape, const ast::TypeExpr &type, llvm::StringRef what);
  void shapeError(const TypedValue &typed, llvm::StringRef detail, Code code);
  // Layers and models
  OwnedTensor *ownTensor(const ast::Name &name, const Type &type, bool isState,
                         const ast::Expr *init, SourceRange declared);
  bool isWhollyFrozen(const Instance &instance);
  Place placeHere(const void *syntax) const;
  Place drawPlace(SourceRange range, DrawPlaces *&owner);
  int64_t siteOf(const DrawPlaces &owner, unsigned number);
  bool declareModelInputs(const ast::ModelDeclaration &decl, ModelInputs &inputs);
  // Generic checks
  bool declareGenerically(llvm::ArrayRef<ast::Parameter> parameters, unsigned rank);
  Value genericValue(const ast::Parameter &parameter, unsigned rank);
  void runGenerically(const ast::Declaration &decl, const ast::Callable &callable, unsigned rank);

  const Diagnostics *const parsed; ///< with what the parser reported
  Diagnostics *diagnostics;
  std::vector<std::unique_ptr<Network>> owned;     ///< every network so far
  std::vector<Network *> networks;                 ///< those that calls of their models apply
  std::vector<std::unique_ptr<Instance>> detached; ///< layers used where nothing owns them
  DrawPlaces looseDraws{"*", {}};                  ///< where nothing owns them
  std::map<std::string, int64_t> sites;            ///< of draws: by owner and number
  std::set<int64_t> takenSites;
  /// Top-level `let`s: their values; null while one is evaluated.
  struct TopLevelLet {
    std::unique_ptr<Value> value;
    Diagnostics reports; ///< wherever the value is wanted
  };
  std::map<const ast::LetDeclaration *, TopLevelLet> topLevel;
  unsigned depth = 0, callDepth = 0;
  size_t steps = 0;
  int64_t passes = 0; ///< of loops, in the function at hand
  bool aborted = false;
  /// Branches around the current place of which both are computed, calls included: the condition,
  /// and what it is where the branch is taken.
  std::vector<std::pair<const Node *, bool>> choices;
  unsigned uncertain = 0; ///< inside branches of which it is not known whether they are taken
  /// Calls at which an error of the library's text was reported.
  std::set<std::tuple<const Diagnostics *, Code, uint32_t, uint32_t>> moves;
  Diagnostic suppressed; ///< swallows what is not to be reported
  llvm::DenseSet<const ast::Declaration *> entered;
};

/// Enters a frame for the time of a call.
class FrameGuard {
public:
  FrameGuard(Elaborator &elaborator, Frame &frame)
      : elaborator(elaborator), oldFrame(elaborator.frame), oldScope(elaborator.scope) {
    frame.caller = oldFrame;
    elaborator.frame = &frame;
    elaborator.scope = &frame.root;
  }
  ~FrameGuard() {
    elaborator.frame = oldFrame;
    elaborator.scope = oldScope;
  }
  FrameGuard(const FrameGuard &) = delete;

private:
  Elaborator &elaborator;
  Frame *oldFrame;
  Scope *oldScope;
};

/// Gives the code elaborated during its life another context.
class ContextGuard {
public:
  ContextGuard(Elaborator &elaborator, FunctionContext context)
      : elaborator(elaborator), outer(std::move(elaborator.context)) {
    elaborator.context = std::move(context);
  }
  ~ContextGuard() { elaborator.context = std::move(outer); }
  ContextGuard(const ContextGuard &) = delete;

private:
  Elaborator &elaborator;
  FunctionContext outer;
};

} // namespace nnc::sema
