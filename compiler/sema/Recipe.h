// Elaborates a `train` block: networks, data, losses, metrics, predictions, updates.
//
// The body is elaborated once for each function that the recipe needs, always on the same networks:
// for each step in its training version, then for evaluation, then for prediction. A `let` takes
// part where something needs it. RecipeKeys says which lines there are and checks their form;
// RecipeSettings reads the plain ones, RecipeData binds columns, RecipeNetworks finds the models,
// RecipeRuns and RecipePredict elaborate the body, RecipeOptimizer finds a rule for each parameter,
// RecipeNumbers tells which numbers are inputs, Recipe puts them in order.
#pragma once

#include "compiler/sema/Data.h"
#include "compiler/sema/Totals.h"

#include <memory>
#include <set>

namespace nnc::sema {

class RecipeElaborator;

/// A kind of line.
struct RecipeKey {
  llvm::StringLiteral name;
  llvm::StringLiteral example; ///< for hints
  /// How many values without a name it takes.
  unsigned least = 1, most = 1;
  /// Arguments that it takes by name. -Wextra wants the initializer, for the keys that have none.
  std::vector<llvm::StringLiteral> named = {}; // NOLINT(readability-redundant-member-init)
  bool isNamed = false;                        ///< `loss fit = ...`
  bool mustBeNamed = false;
  bool hasSection = false; ///< `step judge { ... }`
  bool several = false;    ///< may be given more than once
  bool takesSelectors = false;
  bool inStep = false; ///< may stand in a `step`
  /// Reads a plain setting; null for what runs use, and takes its place there.
  void (RecipeElaborator::*read)(const ast::Entry &entry) = nullptr;
};
/// All kinds: the one list of them.
llvm::ArrayRef<RecipeKey> recipeKeys();
/// Null where there is none.
const RecipeKey *findRecipeKey(llvm::StringRef name);

class RecipeElaborator {
public:
  /// `constants`: `let`s that stay constants, though they are plain numbers.
  RecipeElaborator(Elaborator &e, const ast::TrainDeclaration &decl, const DataFiles *files,
                   std::set<std::string> constants)
      : e(e), decl(decl), files(files), constants(std::move(constants)) {}

  /// Fills the model. False after an error.
  bool run();

  Model model;
  /// The `let`s that are plain numbers and may be changed when the program runs, in order.
  std::vector<std::string> changeable() const;
  /// Those of them that what stands in the range reads, directly or through other `let`s.
  std::set<std::string> numbersIn(SourceRange range) const;

private:
  friend llvm::ArrayRef<RecipeKey> recipeKeys();

  /// A loss, metric or prediction.
  struct Line {
    const ast::Entry *entry;
    const ast::Expr *value;
    std::string name;
    SourceRange range; ///< of the name, else of the value
  };
  /// One elaboration of the body.
  struct Run {
    enum class Kind { Settings, Training, Evaluation, Predict };
    Kind kind;
    Frame frame;
    std::unique_ptr<Scope> inner; ///< of the names in a step
    bool hasApplied = false;      ///< the model that the recipe does not call
    std::set<const ast::Entry *> done;
  };
  /// One `step`, or the recipe itself where it has none.
  struct Block {
    const ast::Entry *section = nullptr;
    std::string name;
    int64_t every = 1;
    std::vector<const ast::Entry *> lets, optimizers;
    std::vector<Line> losses;
    const ast::Entry *clip = nullptr;
    std::unique_ptr<Run> run;
    std::vector<Function::Result> results; ///< losses
    /// New values of layers' states.
    std::vector<std::pair<const OwnedTensor *, const Node *>> states;
    std::vector<bool> trained; ///< by parameter
    SourceRange range;
  };

  // RecipeKeys.cpp
  void collect();
  void collect(const ast::Entry &entry, Block *block);
  bool checkForm(const ast::Entry &entry, const RecipeKey &key, bool inStep);
  void addSection(const ast::Entry &entry);
  void addLoss(const ast::Entry &entry, Block &block);
  void nameLosses();
  void unknownKey(const ast::Entry &entry, bool inStep);
  void requireKeys();
  bool mayBeMisspelt(llvm::StringRef key) const {
    return misspelt.count("") != 0 || misspelt.count(key.str()) != 0;
  }

  // RecipeSettings.cpp
  const ast::Entry *setting(llvm::StringRef key) const;
  void readSettings();
  std::optional<int64_t> countOf(const ast::Expr &expr, const std::string &what, int64_t least,
                                 int64_t most = INT64_MAX);
  std::optional<double> fractionOf(const ast::Expr &expr, const std::string &what, bool isShare);
  const ast::Expr *argument(const ast::Entry &entry, llvm::StringRef name) const;
  std::optional<Goal> goalOf(const ast::Entry &entry);
  std::optional<std::string> stringOf(const ast::Expr &expr, const std::string &what,
                                      llvm::StringRef example);
  void readBatch(const ast::Entry &entry);
  void readEpochs(const ast::Entry &entry);
  void readSteps(const ast::Entry &entry);
  void readSeed(const ast::Entry &entry);
  void readShuffle(const ast::Entry &entry);
  void readAccumulate(const ast::Entry &entry);
  void readAverage(const ast::Entry &entry);
  void readEvaluate(const ast::Entry &entry);
  void readKeep(const ast::Entry &entry);
  void readStop(const ast::Entry &entry);
  void readBudget(const ast::Entry &entry);
  void readLoad(const ast::Entry &entry);
  void readSplit(const ast::Entry &entry);
  void readPrecision(const ast::Entry &entry);
  void checkGoals();
  void checkPlan();
  void checkWatched();
  std::string namesInScope() const;
  void checkBudget();
  void checkLoads();
  void limitBatch(const Function &function);
  void warnOfBatchOfOne(const Instance &instance);

  // RecipeData.cpp
  void bindData();
  void bindColumn(const ast::Argument &argument, std::vector<DataElaborator::Bound> &bound);
  void declareUnknownColumns(const ast::Expr &value);
  bool isField(llvm::StringRef name) const;

  // RecipeNetworks.cpp
  bool findNetworks();
  void findWhatIsCalled();
  bool mentionsOutputs(const std::set<std::string> &names) const;
  void applyModel(Run &run);
  void hintForOutputs();

  // RecipeRuns.cpp
  std::unique_ptr<Run> startRun(Run::Kind kind);
  FunctionContext contextOf(Run::Kind kind);
  std::optional<Value> refuseClass(const Node *category, const std::string &name,
                                   SourceRange range);
  void declareFields(Run &run);
  std::set<const ast::Entry *> neededBy(llvm::ArrayRef<const ast::Expr *> goals,
                                        const Block *block) const;
  void runLets(Run &run, const Block *block, const std::set<const ast::Entry *> &needed);
  std::vector<const ast::Entry *> unusedLets() const;
  void checkLets(const Block &block, llvm::ArrayRef<const ast::Entry *> unused);
  void runLet(Run &run, const ast::Entry &entry, const Block *block);
  void runAugments(Run &run);
  Value evalIn(Run &run, const ast::Expr &expr);
  void train(Block &block);
  const Node *meanLoss(const Value &value, SourceRange range);
  void evaluate();
  void evaluateLosses(Run &run, std::vector<Function::Result> &results);
  const Node *wholeValue(Run &run, const Line &line, const Block *block);
  void refuseMeeting(llvm::StringRef kind, const Line &line, const Node *meeting, std::string hint);
  const Node *settleLoss(const Node *node);
  const Node *plainLoss(const Line &line, const Block &block);

  // RecipeMetrics.cpp
  const Node *collectedValue(const Line &line);
  void refuseCollecting(const Line &line, const Node *value, const Node *meeting);
  std::optional<size_t> classesOf(const Line &line, const Type &type) const;
  void findTargets();
  void checkTableGoals();

  // RecipePredict.cpp
  void predict();
  void predictLines();
  void predictOutputs();
  bool declareModelInputs(const Network &network, Run &run, std::vector<GivenArgument> &given);

  // RecipeOptimizer.cpp
  void settleFrozen();
  std::vector<unsigned> matching(const ast::StringExpr &pattern, llvm::ArrayRef<std::string> paths);
  const ast::OptimizerDeclaration *findOptimizer(const ast::Expr &expr,
                                                 std::vector<GivenArgument> &settings);
  std::vector<const ast::Entry *> chooseLines(Block &block, llvm::ArrayRef<std::string> paths);
  void addUpdates(Block &block);
  void addClip(Block &block, StepBlock &into);
  Value ruleNumber(const Value &value, SourceRange range, const std::string &what);
  std::vector<Input> ruleInputs();
  void checkCoverage();
  void checkReach(Block &block);
  std::string describeOptimizers() const;
  std::string describeClips();

  // Recipe.cpp
  void keepSettingsConstant();
  std::vector<Input> inputsOf(Run::Kind kind);
  void cutObjectives();
  void finishFunctions();
  void collectDims();

  Elaborator &e;
  const ast::TrainDeclaration &decl;
  const DataFiles *files;
  std::set<std::string> constants;
  std::map<std::string, const ast::Entry *, std::less<>> settings; ///< those given once
  std::vector<const ast::Entry *> lets, augments, freezes;         ///< of the recipe itself
  std::vector<Line> metrics, predictions;
  std::vector<std::unique_ptr<Block>> blocks;
  std::set<const ast::Entry *> checkedLines; ///< of those that may be several: the right ones
  /// Keys that lines with mistakes may have meant; "" for any.
  std::set<std::string, std::less<>> misspelt;
  bool hasSteps = false;
  double validShare = 0;
  std::optional<uint64_t> validSeed;
  std::vector<Network *> networks;
  bool callsModels = false;
  Recipe recipe;
  std::unique_ptr<DataElaborator> data;
  bool isDataBroken = false;
  /// Inputs that all functions share.
  struct Field {
    std::string name;
    const Node *node;
    SourceRange range;
    bool isCategory = false;                        ///< whose classes have names
    std::optional<size_t> classesOf = std::nullopt; ///< the column that has these
  };
  std::vector<Field> fields;
  std::vector<Field> unknownFields; ///< of broken data; no nodes
  const Node *step = nullptr, *steps = nullptr, *batch = nullptr, *seed = nullptr, *draw = nullptr,
             *example = nullptr,
             *planned = nullptr; ///< the last step, in evaluation
  struct Number {
    std::string name;
    double value;
    const Node *node;
    uint32_t begin; ///< where it is written
  };
  std::vector<Number> numbers;
  Instance owner; ///< of what the recipe itself draws
  std::set<std::string> frozen;
  std::vector<Input> tensors; ///< parameters and states
  std::vector<Input> predictInputs;
  std::unique_ptr<Totals> totals;
  std::unique_ptr<Run> evaluationRun, collectingRun;
  std::vector<std::string> lossNames; ///< that metrics may read
  std::vector<Function::Result> evaluated, predicted;
  std::set<const ast::Entry *> settingLets;
};

/// The rule that updates one parameter; `scalars`: the inputs that its settings may read. Nothing
/// after an error.
std::optional<Update> elaborateRule(Elaborator &e, const ast::OptimizerDeclaration &decl,
                                    const std::vector<GivenArgument> &settings, SourceRange range,
                                    const Parameter &parameter, llvm::ArrayRef<Input> scalars);

/// Adds the recipe, with what it trains, to the program as one model. False after an error.
bool elaborateRecipe(Elaborator &e, const ast::TrainDeclaration &decl, const DataFiles *files);

} // namespace nnc::sema
