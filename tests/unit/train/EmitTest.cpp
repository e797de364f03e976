// Emission of a program that is made by hand: names, shapes and places end up where they belong.
#include "compiler/emit/Emit.h"
#include "compiler/diagnostics/Source.h"
#include "compiler/sema/Program.h"
#include "dialects/nn/ir/NnOps.h"
#include "dialects/train/ir/TrainOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace nnc;
using namespace nnc::sema;
using Kind = Input::Kind;

namespace {

/// A program with one model of one input `x`, and helpers to fill its functions.
class EmitTest : public testing::Test {
protected:
  EmitTest() {
    file = sources.add("net.nn", "model net(x) {\n  exp(x)\n}\n");
    library = sources.add("std/act.nn", "fn act(v) = exp(v)\n", SourceManager::Origin::Std);
    Model &model = program.models.emplace_back();
    model.name = "net";
    model.range = {file, 0, 14};
    model.dims = {"batch"};
    model.batchDim = "batch";
    handler = context.getDiagEngine().registerHandler([&](Diagnostic &diagnostic) {
      errors.push_back(diagnostic.str());
      return success();
    });
  }
  ~EmitTest() override { context.getDiagEngine().eraseHandler(handler); }

  Model &model() { return program.models.front(); }
  static sema::Type f32(Shape shape) { return {Element::F32, std::move(shape)}; }

  Node *addNode(Function &function, std::string op, std::vector<const Node *> operands,
                sema::Type type) {
    Node *node = program.nodes.emplace_back(std::make_unique<Node>()).get();
    node->op = std::move(op);
    node->operands = std::move(operands);
    node->type = std::move(type);
    node->range = {file, 17, 23};
    function.nodes.push_back(node);
    return node;
  }
  Node *addInput(Function &function, Kind kind, std::string name, sema::Type type) {
    Node *node = addNode(function, "input", {}, std::move(type));
    function.inputs.push_back({kind, std::move(name), node});
    return node;
  }
  /// The input `x`, and an output `y` that is `node`.
  Node *addX(sema::Type type) {
    model().inputs.push_back({"x", type, {file, 10, 11}});
    return addInput(model().predict, Kind::ModelInput, "x", type);
  }
  void addY(const Node *node) {
    model().outputs.push_back({"y", node->type, {file, 17, 23}});
    model().predict.results.push_back({"y", node});
  }

  func::FuncOp forward(ModuleOp module) {
    auto function = module.lookupSymbol<func::FuncOp>("net.forward");
    EXPECT_TRUE(function);
    return function;
  }
  template <typename OpTy> OpTy only(func::FuncOp function) {
    auto range = function.getOps<OpTy>();
    EXPECT_EQ(llvm::range_size(range), 1u);
    return *range.begin();
  }

  OwningOpRef<ModuleOp> emitted() {
    std::vector<const Model *> models;
    for (const Model &each : program.models)
      models.push_back(&each);
    return emit(models, sources, context);
  }

  /// Emits, and expects one error.
  std::string emitError() {
    EXPECT_FALSE(emitted());
    return errors.size() == 1 ? errors.front() : std::to_string(errors.size()) + " errors";
  }

  SourceManager sources;
  FileId file, library;
  Program program;
  MLIRContext context;
  std::vector<std::string> errors;
  DiagnosticEngine::HandlerID handler;
};

TEST_F(EmitTest, ModelAndSource) {
  Node *x = addX(f32({Dim::symbol("batch"), 4}));
  addY(addNode(model().predict, "exp", {x}, x->type));
  model().doc = "Doc.";
  auto module = emitted();
  ASSERT_TRUE(module);
  auto op = module->lookupSymbol<train::ModelOp>("net");
  ASSERT_TRUE(op);
  EXPECT_EQ(op.getDoc(), "Doc.");
  EXPECT_EQ((*op.get<train::InputOp>().begin()).getName(), "x");
  auto text = [&](StringRef name) { return (*module)->getAttrOfType<StringAttr>(name).str(); };
  EXPECT_EQ(text("train.source_file"), "net.nn");
  EXPECT_EQ(text("train.source"), "model net(x) {\n  exp(x)\n}\n");
  // sha256sum of that text.
  EXPECT_EQ(text("train.source_sha256"),
            "226bec0584714b007728f56dfdfe6d6766a8a7058ba7b27fe97d5c2350233226");
}

TEST_F(EmitTest, LocationsAreRangesWithTheCallsThatLedThere) {
  Node *x = addX(f32({4}));
  Node *y = addNode(model().predict, "exp", {x}, x->type);
  y->range = {library, 12, 18};
  auto site = std::make_unique<CallSite>(CallSite{{file, 17, 23}, "act", nullptr});
  y->site = site.get();
  program.sites.push_back(std::move(site));
  addY(y);
  auto module = emitted();
  ASSERT_TRUE(module);
  auto call = dyn_cast<CallSiteLoc>(only<nn::ExpOp>(forward(*module)).getLoc());
  ASSERT_TRUE(call);
  auto callee = dyn_cast<FileLineColRange>(call.getCallee());
  ASSERT_TRUE(callee);
  EXPECT_EQ(callee.getFilename(), "std/act.nn");
  EXPECT_EQ(callee.getStartLine(), 1u);
  EXPECT_EQ(callee.getStartColumn(), 13u);
  EXPECT_EQ(callee.getEndColumn(), 19u);
  auto caller = dyn_cast<NameLoc>(call.getCaller());
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller.getName(), "act");
  auto place = dyn_cast<FileLineColRange>(caller.getChildLoc());
  ASSERT_TRUE(place);
  EXPECT_EQ(place.getFilename(), "net.nn");
  EXPECT_EQ(place.getStartLine(), 2u);
  EXPECT_EQ(place.getStartColumn(), 3u);
}

TEST_F(EmitTest, SizesAreConstantsOrComputedFromTheDimensions) {
  Dim batch = Dim::symbol("batch");
  Dim twice = *Dim::multiply(batch, 2), half = *Dim::divide(batch, 2);
  Node *x = addX(f32({}));
  Node *b = addNode(model().predict, "broadcast", {x}, f32({twice, 3, half}));
  b->attributes = {{"dimensions", std::vector<int64_t>{}}};
  b->sizes = {twice, 3, half};
  b->hasSizes = true;
  Node *sum = addNode(model().predict, "reduce_sum", {b}, f32({}));
  sum->attributes = {{"axes", std::vector<int64_t>{0, 1, 2}}};
  addY(sum);
  auto module = emitted();
  ASSERT_TRUE(module);
  func::FuncOp function = forward(*module);
  auto op = only<nn::BroadcastOp>(function);
  int64_t dynamic = ShapedType::kDynamic;
  EXPECT_EQ(op.getStaticSizes(), (ArrayRef<int64_t>{dynamic, 3, dynamic}));
  ASSERT_EQ(op.getDynamicSizes().size(), 2u);
  auto product = op.getDynamicSizes()[0].getDefiningOp<arith::MulIOp>();
  ASSERT_TRUE(product);
  EXPECT_EQ(product.getLhs(), function.getArgument(0));
  auto quotient = op.getDynamicSizes()[1].getDefiningOp<arith::DivSIOp>();
  ASSERT_TRUE(quotient);
  EXPECT_EQ(quotient.getLhs(), function.getArgument(0));
}

TEST_F(EmitTest, SizesAreOperandsWhereTheOperationHasNoAttributeForThem) {
  addX(f32({Dim::symbol("batch")}));
  Node *n = addNode(model().predict, "from_index", {}, f32({}));
  n->sizes = {Dim::symbol("batch")};
  n->hasSizes = true;
  addY(n);
  Node *m = addNode(model().predict, "from_index", {}, f32({}));
  m->sizes = {12};
  m->hasSizes = true;
  model().outputs.push_back({"z", m->type, {file, 0, 1}});
  model().predict.results.push_back({"z", m});
  auto module = emitted();
  ASSERT_TRUE(module);
  func::FuncOp function = forward(*module);
  auto ops = llvm::to_vector(function.getOps<nn::FromIndexOp>());
  ASSERT_EQ(ops.size(), 2u);
  EXPECT_EQ(ops[0].getOperand(), function.getArgument(0));
  EXPECT_TRUE(ops[0]->getDiscardableAttrs().empty());
  EXPECT_TRUE(ops[1].getOperand().getDefiningOp<arith::ConstantIndexOp>());
}

TEST_F(EmitTest, ConstantsHaveTheElementTypeOfTheirNode) {
  Node *x = addX({Element::BF16, {}});
  Node *c = addNode(model().predict, "constant", {}, {Element::BF16, {}});
  c->attributes = {{"value", 0.1}};
  addY(addNode(model().predict, "add", {x, c}, x->type));
  Node *u = addNode(model().predict, "constant", {}, {Element::U8, {}});
  u->attributes = {{"value", int64_t(255)}};
  model().outputs.push_back({"u", u->type, {file, 0, 1}});
  model().predict.results.push_back({"u", u});
  Node *t = addNode(model().predict, "constant", {}, {Element::Bool, {}});
  t->attributes = {{"value", true}};
  model().outputs.push_back({"t", t->type, {file, 0, 1}});
  model().predict.results.push_back({"t", t});
  auto module = emitted();
  ASSERT_TRUE(module);
  auto constants = llvm::to_vector(forward(*module).getOps<nn::ConstantOp>());
  ASSERT_EQ(constants.size(), 3u);
  auto value = [&](unsigned i) { return cast<DenseElementsAttr>(constants[i].getValue()); };
  EXPECT_EQ(value(0).getSplatValue<APFloat>().bitcastToAPInt(), 0x3dcd);
  EXPECT_EQ(value(1).getSplatValue<APInt>(), 255);
  EXPECT_TRUE(value(2).getSplatValue<bool>());
}

/// Arguments say what they are, in whatever order a function takes them; groups of operands that
/// are empty stay behind.
TEST_F(EmitTest, ArgumentsAreBound) {
  for (bool isState : {true, false}) {
    Parameter &tensor = (isState ? model().states : model().parameters).emplace_back();
    tensor.path = isState ? "mean" : "w";
    tensor.type = f32({2});
    Node *seed = addInput(tensor.init, Kind::Seed, "seed", {Element::I64, {}});
    Node *random = addNode(tensor.init, "random", {seed}, f32({2}));
    random->attributes = {{"distribution", std::string("normal")}, {"site", int64_t(3)}};
    random->segments = {1, 0, 0};
    random->sizes = {2};
    random->hasSizes = true;
    tensor.init.results.push_back({"", random});
  }
  Node *mean = addInput(model().predict, Kind::LayerState, "mean", f32({2}));
  Node *w = addInput(model().predict, Kind::Parameter, "w", f32({2}));
  addY(addNode(model().predict, "sub", {w, mean}, f32({2})));
  auto module = emitted();
  ASSERT_TRUE(module) << (errors.empty() ? "" : errors.front());
  func::FuncOp function = forward(*module);
  ASSERT_EQ(function.getNumArguments(), 2u);
  auto source = [&](unsigned argument) {
    return train::getArgumentBinding(function, argument).getSource();
  };
  EXPECT_EQ(source(0), train::Source::State);
  EXPECT_EQ(source(1), train::Source::Parameter);
  auto sub = only<nn::SubOp>(function);
  EXPECT_EQ(sub.getLhs(), function.getArgument(1));
  EXPECT_EQ(sub.getRhs(), function.getArgument(0));
  auto init = module->lookupSymbol<func::FuncOp>("net.init.w");
  ASSERT_TRUE(init);
  auto random = only<nn::RandomOp>(init);
  EXPECT_FALSE(random.getDraw());
  EXPECT_EQ(random.getSite(), 3u);
  EXPECT_EQ(random.getStaticSizes(), ArrayRef<int64_t>{2});
}

TEST_F(EmitTest, DimensionsKeepTheirOrderAndTheBatchIsNumbered) {
  Dim time = Dim::symbol("time"), batch = Dim::symbol("batch");
  model().dims = {"time", "batch"};
  Node *x = addX(f32({batch, time}));
  addY(addNode(model().predict, "exp", {x}, x->type));
  auto module = emitted();
  ASSERT_TRUE(module);
  auto op = module->lookupSymbol<train::ModelOp>("net");
  EXPECT_EQ(op.getDims(), Builder(&context).getStrArrayAttr({"time", "batch"}));
  EXPECT_EQ(op.getBatch(), 1u);
  EXPECT_EQ(forward(*module).getArgAttr(2, "nn.dims"),
            Builder(&context).getDenseI64ArrayAttr({1, 0}));
}

/// Bodies are isolated: what sizes in them need comes in as the last operands and arguments.
TEST_F(EmitTest, Bodies) {
  Dim batch = Dim::symbol("batch");
  Node *x = addX(f32({batch, 4}));
  Node *slices = addNode(model().predict, "scan", {x, x}, f32({batch, 4}));
  slices->resultTypes = {f32({batch, 4}), f32({batch, batch, 4})};
  slices->segments = {0, 1, 1};
  slices->sizes = {3};
  slices->hasSizes = true;
  slices->resultTypes[1] = f32({3, batch, 4});
  slices->attributes = {{"slice_axes", std::vector<int64_t>{}},
                        {"stack_axes", std::vector<int64_t>{0}}};
  auto body = std::make_unique<Function>();
  addInput(*body, Kind::Argument, "i", {Element::I64, {}});
  Node *carried = addInput(*body, Kind::Argument, "h", f32({batch, 4}));
  Node *captured = addInput(*body, Kind::Argument, "x", f32({batch, 4}));
  Node *one = addNode(*body, "constant", {}, f32({}));
  one->attributes = {{"value", 1.0}};
  Node *ones = addNode(*body, "broadcast", {one}, f32({batch, 4}));
  ones->attributes = {{"dimensions", std::vector<int64_t>{}}};
  ones->sizes = {batch, 4};
  ones->hasSizes = true;
  Node *next = addNode(*body, "add", {carried, captured}, f32({batch, 4}));
  Node *sum = addNode(*body, "add", {next, ones}, f32({batch, 4}));
  body->results = {{"", sum}, {"", next}};
  slices->bodies.push_back(std::move(body));
  Node *stacked = addNode(model().predict, "result", {slices}, f32({3, batch, 4}));
  stacked->result = 1;
  addY(stacked);
  auto module = emitted();
  ASSERT_TRUE(module) << (errors.empty() ? "" : errors.front());
  func::FuncOp function = forward(*module);
  auto scan = only<nn::ScanOp>(function);
  ASSERT_EQ(scan->getNumOperands(), 3u);
  EXPECT_EQ(scan->getOperand(2), function.getArgument(0));
  EXPECT_EQ(scan->getRegion(0).front().getNumArguments(), 4u);
  EXPECT_EQ(function.getBody().front().getTerminator()->getOperand(0), scan->getResult(1));
}

TEST_F(EmitTest, AResultThatIsNotThere) {
  Node *x = addX(f32({4}));
  Node *y = addNode(model().predict, "exp", {x}, x->type);
  Node *second = addNode(model().predict, "result", {y}, x->type);
  second->result = 1;
  addY(second);
  EXPECT_EQ(emitError(), "there is no result 1 to take");
}

TEST_F(EmitTest, ARecipe) {
  Parameter &parameter = model().parameters.emplace_back();
  parameter.path = "w";
  parameter.type = f32({});
  auto constant = [&](Function &function, Element element) {
    Node *node = addNode(function, "constant", {}, {element, {}});
    node->attributes = {{"value", 0.0}};
    function.results.push_back({"", node});
  };
  constant(parameter.init, Element::F32);
  Recipe &recipe = model().recipe.emplace();
  recipe.numbers = {{"lr", 0.25}};
  recipe.seed = ~uint64_t(0);
  StepBlock &block = recipe.blocks.emplace_back();
  block.losses = {"loss"};
  constant(block.objective, Element::F32);
  Update &update = block.updates.emplace_back();
  update.parameter = "w";
  update.states = {"m"};
  constant(update.stateInit.emplace_back(), Element::F32);
  Node *m = addInput(update.rule, Kind::Optimizer, "m", f32({}));
  Node *lr = addInput(update.rule, Kind::Number, "lr", {Element::F64, {}});
  Node *cast = addNode(update.rule, "cast", {lr}, f32({}));
  update.rule.results = {{"", cast}, {"", m}};
  auto module = emitted();
  ASSERT_TRUE(module) << (errors.empty() ? "" : errors.front());
  train::RecipeOp op = module->lookupSymbol<train::ModelOp>("net").getRecipe();
  ASSERT_TRUE(op);
  EXPECT_EQ(op.getBatchSize(), 32);
  EXPECT_EQ(op.getNumNumbers(), 1u);
  EXPECT_EQ(op.getSettings().getAs<IntegerAttr>("seed").getValue().getZExtValue(), ~uint64_t(0));
  EXPECT_FALSE(op.getSettings().contains("epochs"));
  auto rule = module->lookupSymbol<func::FuncOp>("net.rule.w");
  ASSERT_TRUE(rule);
  EXPECT_EQ(train::getArgumentBinding(rule, 0).getSource(), train::Source::Optimizer);
  EXPECT_EQ(train::getArgumentBinding(rule, 1).getSource(), train::Source::Number);
}

TEST_F(EmitTest, UnknownOperation) {
  Node *x = addX(f32({4}));
  addY(addNode(model().predict, "frobnicate", {x}, x->type));
  EXPECT_EQ(emitError(), "there is no operation 'nn.frobnicate'");
}

TEST_F(EmitTest, UnknownInput) {
  Node *x = addX(f32({4}));
  addInput(model().predict, Kind::Parameter, "w", f32({4}));
  addY(addNode(model().predict, "exp", {x}, x->type));
  EXPECT_EQ(emitError(), "'net.forward' has an input 'w' that the model doesn't know");
}

TEST_F(EmitTest, UnknownDimension) {
  Node *x = addX(f32({}));
  Node *b = addNode(model().predict, "broadcast", {x}, f32({Dim::symbol("time")}));
  b->attributes = {{"dimensions", std::vector<int64_t>{}}};
  b->sizes = {Dim::symbol("time")};
  b->hasSizes = true;
  addY(b);
  EXPECT_EQ(emitError(), "'net.forward' does not know the dimension 'time'");
}

TEST_F(EmitTest, InputOfComputedSize) {
  Dim twice = *Dim::multiply(Dim::symbol("batch"), 2);
  Node *x = addX(f32({twice}));
  addY(addNode(model().predict, "exp", {x}, x->type));
  EXPECT_EQ(emitError(), "'net.forward' has an input with dimension '2 * batch', expected a number "
                         "or a name");
}

TEST_F(EmitTest, OperandBeforeItsDefinition) {
  Node *x = addX(f32({4}));
  Function elsewhere;
  Node *stray = addNode(elsewhere, "exp", {x}, x->type);
  addY(addNode(model().predict, "exp", {stray}, x->type));
  EXPECT_EQ(emitError(), "an operand of 'nn.exp' is not defined before it");
}

} // namespace
