// Runs a program at compile time: walks the syntax with values, inlines functions, instantiates
// layers, and leaves a graph of primitive operations.
//
// One class, one file per concern: Expressions, Operators, Blocks, Calls, Arguments, Signatures,
// Dimensions, Conversions, Layers, Models, Recipes, Optimizers, Generic.
#pragma once

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/sema/Graph.h"
#include "compiler/sema/Instance.h"
#include "compiler/sema/Modules.h"
#include "compiler/sema/Scope.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"

#include <set>
#include <tuple>

namespace nnc::sema {

/// Bounds that keep any input from exhausting time, memory or the stack.
struct ElaborationLimits {
  unsigned depth = 1200; ///< of expressions and calls, nested
  unsigned calls = 128;  ///< of calls alone
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  size_t steps = 50'000; ///< under sanitizers and coverage, two million take minutes
#else
  size_t steps = 500'000; ///< expressions evaluated
#endif
  int64_t passes = 10'000;      ///< of all `for` and `repeat` of one model, together
  size_t sequenceLength = 4096; ///< of a list or tuple
  unsigned sequenceDepth = 8;   ///< of lists in lists
  size_t rank = 16;             ///< of a tensor
};

/// One call under way.
struct Frame {
  const ast::Declaration *decl = nullptr; ///< null in a recipe
  const ast::Callable *callable = nullptr;
  FileId file;
  Scope root;
  Instance *instance = nullptr; ///< who owns the layers and parameters made here
  const CallSite *site = nullptr;
  unsigned selects = 0; ///< branches around the current place of which both are computed
  unsigned loops = 0;   ///< `for` and `repeat` around the current place
  /// What `int`, `float` and `any` stand for in this signature, once an argument has settled it.
  std::optional<Element> intElement, floatElement, anyElement;
  Frame *caller = nullptr;
};

/// A type in a signature with the value that must fit it.
struct TypedValue {
  const ast::TypeExpr *type;
  Value *value;
  SourceRange range; ///< of the value
  std::string what;  ///< "argument 'x' of 'dense'"
  SourceRange declared;
  Code code = Code::ArgumentShape; ///< of a shape that does not fit
};

class Elaborator {
public:
  /// `isPartial`: the parser left things out after an error, so what is absent may have been
  /// written.
  Elaborator(Program &program, SourceManager &sources, Diagnostics &diagnostics, Modules &modules,
             bool isPartial)
      : program(program), graph(program), sources(sources), diagnostics(&diagnostics),
        modules(modules), isPartial(isPartial) {}

  //===-- Models, recipes, declarations nobody used ------------------------------------------===//

  /// Adds the model to the program, with its parameters' initial values. False after an error.
  bool elaborateModel(const ast::ModelDeclaration &decl);
  bool elaborateRecipe(const ast::TrainDeclaration &decl);
  /// Checks a declaration with unknown arguments, at several ranks of its rests.
  void checkGenerically(const ast::Declaration &decl);
  /// Whether some call entered the declaration.
  bool wasEntered(const ast::Declaration &decl) const { return entered.contains(&decl); }

  //===-- Expressions (Expressions.cpp, Operators.cpp) ---------------------------------------===//

  /// `expected`, where known, is the type that the context wants: initialisers take their shape
  /// from it.
  Value eval(const ast::Expr &expr, const Type *expected = nullptr);
  Value evalBlock(const ast::Block &block, const Type *expected);
  /// A known integer, or nothing after an error that names `what`.
  std::optional<int64_t> evalConstantInt(const ast::Expr &expr, llvm::StringRef what);
  Value binary(ast::BinaryOp op, const Value &a, const Value &b, SourceRange range,
               const ast::BinaryExpr *source = nullptr);
  Value unary(ast::UnaryOp op, const Value &a, SourceRange range);
  Value cast(const Value &value, Element element, SourceRange range);

  //===-- Calls (Calls.cpp, Arguments.cpp, Layers.cpp) ---------------------------------------===//

  Value apply(const Value &callee, std::vector<GivenArgument> arguments, SourceRange range,
              const Type *expected);
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

  //===-- Signatures (Signatures.cpp, Dimensions.cpp) ----------------------------------------===//

  /// Makes each value fit its type, binding dimension names of the current frame. False after an
  /// error.
  bool unify(llvm::MutableArrayRef<TypedValue> values);
  /// Makes a scalar value fit a type without brackets; reports where it does not.
  bool fitScalar(TypedValue &typed);
  /// The type that a TypeExpr means here; nothing (and no report, unless `report`) while a name is
  /// unbound.
  std::optional<Type> resolveType(const ast::TypeExpr &type, bool report);
  /// Names of dimensions in `type` that have no value yet.
  std::vector<const ast::Name *> unboundNames(const ast::TypeExpr &type);
  /// The value of the body as the declared result; checks the shape.
  Value finishResults(Value value, const ast::Block &body, const Type *expected,
                      const std::string &callee);
  /// Lets the dimension names of a sole result take the sizes that the caller expects.
  bool bindResultFrom(const Type &expected);

  //===-- Conversions (Conversions.cpp) ------------------------------------------------------===//

  /// `value` as a tensor of exactly this type: numbers are repeated, elements converted where
  /// nothing is lost.
  Value coerce(const Value &value, const Type &type, SourceRange range, llvm::StringRef what,
               Code shapeCode, SourceRange declared = {});
  /// A number or tensor as a node with this element. Null after an error.
  const Node *toNode(const Value &value, Element element, SourceRange range);
  /// A number or tensor as an f64 scalar, or a strong tensor as itself.
  const Node *toWeak(const Value &value);
  const Node *dimNode(const Dim &dim);
  const Node *broadcast(const Node *node, const Shape &shape);
  /// NumPy's rule for numbers and equal names. Nothing where they don't fit.
  static std::optional<Shape> broadcastShapes(const Shape &a, const Shape &b);
  /// Checks sizes and makes the node. Unknown after an error.
  Value tensor(Node *node, bool weak = false);
  /// The sizes that a list of integers is. Nothing after an error.
  std::optional<Shape> shapeOf(const Value &value, SourceRange range);

  //===-- Reports (Reports.cpp) --------------------------------------------------------------===//

  /// Reports at `range`, or, where that lies in the standard library, at the user's call with a
  /// note; adds the calls that led there. In a branch that may not be taken, only unknown names are
  /// kept.
  Diagnostic &error(Code code, SourceRange range, std::string message);
  Diagnostic &unknownName(const ast::Name &name);
  /// The source of a range on one line, shortened to `longest` bytes.
  std::string quote(SourceRange range, size_t longest = 60) const;

  //===-- State that primitives use ----------------------------------------------------------===//

  Program &program;
  Graph graph;
  SourceManager &sources;
  const ElaborationLimits limits;
  Frame *frame = nullptr;
  /// In an initial value: the seed, and the random nodes made so far (their sites are set with the
  /// paths).
  const Node *seed = nullptr;
  std::vector<Node *> *randomNodes = nullptr;
  /// What is known of the values of an input that may serve as an index.
  struct IndexBounds {
    std::string name;                                  ///< of the field, or of the model's input
    std::optional<std::pair<int64_t, int64_t>> bounds; ///< values lie in [first, second)
    bool declared = false;                             ///< by the data set; else derived from uses
    SourceRange range;
  };
  llvm::DenseMap<const Node *, IndexBounds> indexBounds;
  /// Called where `index` selects one of `count`: checks declared bounds of the input that it comes
  /// from, or derives them.
  bool requireIndexBelow(const Node *index, int64_t count, SourceRange range);

private:
  friend class FrameGuard;
  friend class RecipeElaborator;

  // Expressions
  Value evalName(const ast::NameExpr &expr);
  Value evalBinary(const ast::BinaryExpr &expr, const Type *expected);
  Value evalIf(const ast::IfExpr &expr, const Type *expected);
  Value evalSelect(const ast::IfExpr &expr, const Node *condition, const Type *expected);
  Value evalSequence(llvm::ArrayRef<ast::ExprPtr> elements, bool isTuple, SourceRange range);
  Value evalKind(const ast::Expr &expr, const Type *expected);
  Value lookup(const ast::Name &name);
  // Indexing
  Value evalIndex(const ast::IndexExpr &expr);
  Value indexSequence(const Sequence &sequence, const ast::IndexExpr &expr);
  Value gather(const Node *table, const Node *indices, SourceRange range);
  // Operators
  Value foldIntegers(ast::BinaryOp op, const Dim &a, const Dim &b, SourceRange range);
  Value foldFloats(ast::BinaryOp op, double a, double b, SourceRange range);
  Value compareIntegers(ast::BinaryOp op, const Dim &a, const Dim &b, SourceRange range);
  Value combineTensors(ast::BinaryOp op, const Value &a, const Value &b, SourceRange range,
                       const ast::BinaryExpr *source);
  Value matmul(const Value &a, const Value &b, SourceRange range, const ast::BinaryExpr *source);
  Value combineSequences(ast::BinaryOp op, const Sequence &a, const Sequence &b, SourceRange range);
  Value invalidOperands(ast::BinaryOp op, const Value &a, const Value &b, SourceRange range);
  std::optional<Element> elementOfMeeting(ast::BinaryOp op, const Value &a, const Value &b);
  void describeOperands(Diagnostic &diagnostic, const Node *a, const Node *b,
                        const ast::BinaryExpr *source);
  // Statements
  void evalStatement(const ast::Statement &statement);
  void evalLet(const ast::LetStatement &let);
  void evalParam(const ast::ParamStatement &param);
  void evalAssign(const ast::AssignStatement &assign);
  void evalFor(const ast::ForStatement &loop);
  void evalState(const ast::StateStatement &state);
  void declareLocal(const ast::Name &name, Variable variable);
  // Calls
  Value evalCall(const ast::CallExpr &call, const Type *expected);
  Value evalCallee(const ast::Expr &callee);
  bool mayPass(int64_t count, SourceRange range);
  Value evalPipe(const ast::PipeExpr &pipe, const Type *expected);
  Value applyStage(const ast::Expr &stage, Value input, SourceRange inputRange, SourceRange range,
                   const Type *expected);
  std::vector<GivenArgument> evalArguments(llvm::ArrayRef<ast::Argument> arguments);
  Value callFunction(const ast::Declaration &decl, const ast::Callable &callable,
                     std::vector<GivenArgument> arguments, SourceRange range, const Type *expected);
  Value applyDecl(const ast::Declaration &decl, std::vector<GivenArgument> arguments,
                  SourceRange range, const Type *expected);
  Value applyLayer(const LayerValue &layer, const std::vector<GivenArgument> &inputs,
                   SourceRange range, const Type *expected);
  std::optional<Type> takeShapeArgument(const ast::Callable &callable,
                                        std::vector<GivenArgument> &arguments,
                                        const Type *expected);
  bool mayEnter(const ast::Declaration &decl, SourceRange range);
  const CallSite *siteFor(SourceRange call, const std::string &callee);
  // Signatures
  struct PendingDim {
    const ast::DimExpr *dim;
    Dim actual;
    const TypedValue *owner;
  };
  bool fitElement(TypedValue &typed);
  bool matchShape(TypedValue &typed, std::vector<PendingDim> &pending);
  bool matchSeveralRests(TypedValue &typed);
  bool settlePending(std::vector<PendingDim> pending);
  bool fitNumber(TypedValue &typed);
  std::optional<Shape> shapeOfDims(llvm::ArrayRef<ast::DimExpr> dims, bool report);
  bool isBound(const ast::Expr &dim);
  void reportUnsettled(llvm::ArrayRef<const ast::Name *> names, llvm::StringRef of);
  bool solve(const ast::Expr &expr, const Dim &target);
  std::optional<Dim> evalDim(const ast::Expr &expr, bool report);
  bool checkDims(const Shape &shape, const ast::TypeExpr &type, llvm::StringRef what);
  void shapeError(const TypedValue &typed, llvm::StringRef detail, Code code);
  void bindRest(const ast::Name &name, llvm::ArrayRef<Dim> dims);
  void bindDim(const ast::Name &name, const Dim &dim);
  // Layers and models
  Instance *childInstance(const ast::Declaration &decl, SourceRange range);
  Value parameterValue(const ast::ParamStatement &param, const Type &type);
  bool declareModelInputs(const ast::ModelDeclaration &decl, Model &model);
  void nameParameters(Model &model, ModelState &state);
  void finishModel(Model &model);
  std::optional<std::vector<Port>> modelOutputs(const ast::ModelDeclaration &decl,
                                                const Value &value,
                                                std::vector<Function::Result> &results);
  // Optimizers
  std::optional<Update> elaborateUpdate(const ast::OptimizerDeclaration &decl,
                                        const std::vector<ast::Argument> *arguments,
                                        SourceRange range, const std::string &path,
                                        const Type &type);
  void noteState(llvm::StringRef name, const Value &value);
  // Generic checks
  bool declareGenerically(llvm::ArrayRef<ast::Parameter> parameters, unsigned rank);
  Value genericValue(const ast::Parameter &parameter, unsigned rank);
  void runGenerically(const ast::Declaration &decl, const ast::Callable &callable, unsigned rank);

  Diagnostics *diagnostics;
  Modules &modules;
  const bool isPartial;
  Scope *scope = nullptr;
  std::vector<std::unique_ptr<ModelState>> models;
  std::vector<std::unique_ptr<Instance>> detached; ///< layers used where there is no model
  unsigned depth = 0, callDepth = 0;
  size_t steps = 0;
  int64_t passes = 0; ///< of loops, in the model, recipe or declaration at hand
  bool aborted = false;
  bool hasUnknownFields = false; ///< in a recipe whose data is broken: a name may be a field's
  std::string hintForUnknown;    ///< of names for which none comes near
  bool isGeneric = false;        ///< checking a declaration nobody used
  unsigned uncertain = 0;     ///< inside branches of which it is not known whether they are taken
  const Node *step = nullptr; ///< the step as an f64 scalar, where there is one
  struct OptimizerState;
  OptimizerState *optimizer = nullptr;
  /// Calls at which an error of the library's text was reported.
  std::set<std::tuple<const Diagnostics *, Code, uint32_t, uint32_t>> moves;
  Diagnostic suppressed; ///< swallows what is not to be reported
  llvm::DenseSet<const ast::Declaration *> entered;
  /// Models elaborated so far, with what a recipe needs of them.
  struct ModelEntry {
    const ast::ModelDeclaration *decl;
    size_t index; ///< in program.models
    std::vector<const Node *> parameterNodes;
  };
  std::vector<ModelEntry> modelEntries;
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

private:
  Elaborator &elaborator;
  Frame *oldFrame;
  Scope *oldScope;
};

} // namespace nnc::sema
