// Builds the entry `next` of a model that goes from the units of a text to what follows each.
//
// Predict computes all positions of a text at once. What it computes at one position is, for most
// operations, a function of their operands at that position: those are computed for it alone, on
// tensors whose axis of positions has size 1. Where an operation takes another operand at all
// positions, as attention does with keys and values, that tensor is kept from call to call, and
// each call writes its position. A scan over positions makes one pass, and keeps what it carries.
// Positions that have not been written are 0: in a model that looks back only, they don't matter.
#include "dialects/train/transforms/NextBuilder.h"

#include "dialects/nn/ir/NnAttributes.h"
#include "dialects/nn/ir/NnOps.h"
#include "dialects/nn/transforms/SpecializeDims.h"
#include "dialects/train/transforms/EntryBuilder.h"
#include "dialects/train/transforms/PositionAxes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace mlir::nn;
using namespace mlir::train;

namespace {

class NextBuilder {
public:
  NextBuilder(ModelOp model, func::FuncOp forward)
      : model(model), forward(forward), builder(model.getLoc(), model.getContext()) {}

  std::optional<NextEntry> run();

private:
  bool findPorts();
  void begin();
  void build(Operation &op);
  void buildScan(ScanOp scan);
  /// A value at the position, with size 1 along the axis.
  Value rowOf(Value value, int64_t axis, unsigned depth = 0);
  /// The position of a value that is there at all of them.
  Value lookUp(Value value, int64_t axis);
  /// A value at all positions: kept, with this one written.
  Value allOf(Value value, int64_t axis);
  /// Memory that goes on from call to call; 0 at first.
  Value addCache(RankedTensorType type);
  void keep(Value cache, Value renewed) { renewals.emplace_back(cache, renewed); }
  Value placeAs(Type element);
  void finish(Value row);

  static RankedTensorType withOne(RankedTensorType type, int64_t axis) {
    SmallVector<int64_t> shape(type.getShape());
    shape[axis] = 1;
    return type.clone(shape);
  }
  static SmallVector<OpFoldResult> sizesOf(RankedTensorType type) {
    return getAsIndexOpFoldResult(type.getContext(), type.getShape());
  }
  BindAttr bind(Source source, int64_t index = 0) {
    return BindAttr::get(builder.getContext(), source, index);
  }

  ModelOp model;
  func::FuncOp forward, function;
  ImplicitLocOpBuilder builder;
  BlockArgument units;
  int64_t positions = 0;
  std::optional<PositionAxes> axes;
  IRMapping whole;             ///< what doesn't depend on the units
  DenseMap<Value, Value> rows; ///< what does, at the position
  DenseMap<Value, Value> kept;
  Value place; ///< tensor<i64>
  SmallVector<std::pair<BlockArgument, BindAttr>> arguments;
  SmallVector<RankedTensorType> caches;
  SmallVector<std::pair<Value, Value>> renewals;
};

} // namespace

/// From one input `[1, positions]` of integers to one output `[1, positions, n]` of floats.
bool NextBuilder::findPorts() {
  for (BlockArgument argument : forward.getArguments())
    if (getArgumentBinding(forward, argument.getArgNumber()).getSource() == Source::Input) {
      if (units)
        return false;
      units = argument;
    }
  if (!units || forward.getNumResults() != 1)
    return false;
  RankedTensorType from = typeOf(units);
  auto to = dyn_cast<RankedTensorType>(forward.getResultTypes().front());
  if (!to || from.getRank() != 2 || to.getRank() != 3 || !from.hasStaticShape() ||
      !to.hasStaticShape() || !from.getElementType().isInteger(32) || !isFloatTensor(to) ||
      from.getDimSize(0) != 1 || from.getShape() != to.getShape().take_front(2))
    return false;
  positions = from.getDimSize(1);
  return positions > 1;
}

/// The arguments of predict but for dimensions, which are known; the position, and one unit.
void NextBuilder::begin() {
  builder.setInsertionPointToEnd(model->getBlock());
  function = func::FuncOp::create(builder,
                                  getUniqueSymbolName(model, model.getSymName() + "." + kNextEntry),
                                  builder.getFunctionType({}, {}));
  function->setAttr(kEntryAttr, builder.getStringAttr(kNextEntry));
  Block *body = function.addEntryBlock();
  builder.setInsertionPointToStart(body);
  SmallVector<std::pair<BindAttr, Type>> wanted = {{bind(Source::Place), builder.getI64Type()}};
  DenseMap<BindAttr, RankedTensorType> scalars = {
      {bind(Source::Place), RankedTensorType::get({}, builder.getI64Type())}};
  for (BlockArgument argument : forward.getArguments()) {
    BindAttr binding = getArgumentBinding(forward, argument.getArgNumber());
    if (argument == units)
      wanted.emplace_back(binding, withOne(typeOf(units), 1));
    else if (binding.getSource() != Source::Dim)
      wanted.emplace_back(binding, binding.isScalar() ? builder.getI64Type() : argument.getType());
    if (binding.isScalar() && binding.getSource() != Source::Dim)
      scalars[binding] = typeOf(argument);
  }
  llvm::sort(wanted, [](const auto &a, const auto &b) {
    return std::pair(a.first.getSource(), a.first.getIndex()) <
           std::pair(b.first.getSource(), b.first.getIndex());
  });
  DenseMap<BindAttr, Value> given;
  for (auto [binding, type] : wanted) {
    BlockArgument argument = body->addArgument(type, builder.getLoc());
    arguments.emplace_back(argument, binding);
    given[binding] = argument;
    if (binding.isScalar())
      given[binding] = buildScalar(builder, binding, argument, scalars.lookup(binding));
  }
  place = given[bind(Source::Place)];
  for (BlockArgument argument : forward.getArguments()) {
    BindAttr binding = getArgumentBinding(forward, argument.getArgNumber());
    if (argument == units)
      rows[argument] = given[binding];
    else if (binding.getSource() == Source::Dim)
      whole.map(argument, arith::ConstantIndexOp::create(builder, 1)); // unused: specialized
    else
      whole.map(argument, given[binding]);
  }
}

Value NextBuilder::placeAs(Type element) {
  return typeOf(place).getElementType() == element
             ? place
             : Value(CastOp::create(builder, typeOf(place).clone(element), place));
}

Value NextBuilder::addCache(RankedTensorType type) {
  BlockArgument argument = function.getBody().front().addArgument(type, builder.getLoc());
  arguments.emplace_back(argument, bind(Source::Cache, static_cast<int64_t>(caches.size())));
  caches.push_back(type);
  return argument;
}

Value NextBuilder::allOf(Value value, int64_t axis) {
  Value &all = kept[value];
  if (all)
    return all;
  RankedTensorType type = typeOf(value);
  SmallVector<OpFoldResult> sizes = sizesOf(type);
  Value cache = addCache(type);
  auto where = IotaOp::create(builder, type.clone(builder.getI32Type()), axis, type.getShape(),
                              ValueRange());
  Value here = buildBroadcast(builder, placeAs(builder.getI32Type()), {}, sizes);
  Value isHere = CompareOp::create(builder, withI1(type), "eq", where, here);
  SmallVector<int64_t> dimensions = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  Value row = buildBroadcast(builder, rows.lookup(value), dimensions, sizes);
  all = SelectOp::create(builder, type, isHere, row, cache);
  keep(cache, all);
  return all;
}

/// What doesn't depend on the units is made for the position alone where that is simple, and else
/// looked up.
Value NextBuilder::rowOf(Value value, int64_t axis, unsigned depth) {
  if (Value row = rows.lookup(value))
    return row;
  constexpr unsigned deepest = 16;
  RankedTensorType type = withOne(typeOf(value), axis);
  Operation *op = value.getDefiningOp();
  if (auto iota = dyn_cast_or_null<IotaOp>(op)) {
    if (static_cast<int64_t>(iota.getAxis()) != axis)
      return IotaOp::create(builder, type, iota.getAxis(), type.getShape(), ValueRange());
    return buildBroadcast(builder, placeAs(type.getElementType()), {}, sizesOf(type));
  }
  if (depth < deepest && isa_and_nonnull<NnElementwiseOpInterface>(op)) {
    SmallVector<Value> operands = llvm::map_to_vector(
        op->getOperands(), [&](Value operand) { return rowOf(operand, axis, depth + 1); });
    Operation *clone = builder.clone(*op);
    clone->setOperands(operands);
    clone->getResult(0).setType(type);
    return clone->getResult(0);
  }
  if (auto broadcast = dyn_cast_or_null<BroadcastOp>(op); broadcast && depth < deepest) {
    Value operand = broadcast.getOperand();
    const auto *found = llvm::find(broadcast.getDimensions(), axis);
    const int64_t from = found - broadcast.getDimensions().begin();
    const bool isRepeated =
        found == broadcast.getDimensions().end() || typeOf(operand).getDimSize(from) == 1;
    return buildBroadcast(builder,
                          isRepeated ? whole.lookup(operand) : rowOf(operand, from, depth + 1),
                          broadcast.getDimensions(), sizesOf(type));
  }
  if (auto reshape = dyn_cast_or_null<ReshapeOp>(op); reshape && depth < deepest)
    if (auto from = axes->mapBack(reshape.getOperation()->getOpOperand(0), axis))
      return buildReshape(builder, rowOf(reshape.getOperand(), *from, depth + 1), sizesOf(type));
  return lookUp(whole.lookup(value), axis);
}

Value NextBuilder::lookUp(Value value, int64_t axis) {
  Type element = builder.getI32Type();
  Value index =
      buildReshape(builder, placeAs(element), sizesOf(RankedTensorType::get({1}, element)));
  return GatherOp::create(builder, withOne(typeOf(value), axis), value, index, axis);
}

/// One pass: what a scan carries is what was kept, or at the first position its start.
void NextBuilder::buildScan(ScanOp scan) {
  IRMapping mapping;
  auto drop = [&](Value row, Type type) {
    return buildReshape(builder, row, sizesOf(cast<RankedTensorType>(type)));
  };
  mapping.map(scan.getPassArgument(), place);
  for (auto [argument, slice, axis] :
       llvm::zip_equal(scan.getSliceArguments(), scan.getSlices(), scan.getSliceAxes()))
    mapping.map(argument, drop(rowOf(slice, axis), argument.getType()));
  Value zero = buildScalarConstant(builder, typeOf(place).getElementType(), 0);
  Value isFirst = CompareOp::create(builder, withI1(place.getType()), "eq", place, zero);
  SmallVector<Value> states;
  for (auto [argument, init] : llvm::zip_equal(scan.getCarriedArguments(), scan.getInits())) {
    RankedTensorType type = typeOf(argument);
    states.push_back(addCache(type));
    Value first = buildBroadcast(builder, isFirst, {}, sizesOf(type));
    mapping.map(argument,
                SelectOp::create(builder, type, first, buildAs(builder, whole.lookup(init), type),
                                 states.back()));
  }
  for (auto [argument, capture] : llvm::zip_equal(scan.getCaptureArguments(), scan.getCaptures()))
    mapping.map(argument, whole.lookup(capture));
  for (auto [argument, dim] : llvm::zip_equal(scan.getDimArguments(), scan.getDims()))
    mapping.map(argument, whole.lookup(dim));
  for (Operation &op : scan.getBlock().without_terminator())
    builder.clone(op, mapping);
  ValueRange yielded = scan.getYield().getOperands();
  for (auto [state, value] : llvm::zip_equal(states, yielded.take_front(states.size())))
    keep(state, mapping.lookup(value));
  for (auto [result, value, axis] :
       llvm::zip_equal(scan.getResults().take_back(scan.getNumStacked()),
                       yielded.take_back(scan.getNumStacked()), scan.getStackAxes()))
    rows[result] =
        buildReshape(builder, mapping.lookup(value), sizesOf(withOne(typeOf(result), axis)));
}

void NextBuilder::build(Operation &op) {
  if (!llvm::any_of(op.getResults(), [&](Value result) { return axes->of(result); })) {
    builder.clone(op, whole);
    return;
  }
  builder.setLoc(op.getLoc());
  if (auto scan = dyn_cast<ScanOp>(op))
    return buildScan(scan);
  const int64_t axis = *axes->of(op.getResult(0));
  SmallVector<Value> operands;
  for (OpOperand &operand : op.getOpOperands()) {
    Value value = operand.get();
    std::optional<int64_t> own = axes->of(value);
    auto from =
        isa<RankedTensorType>(value.getType()) ? axes->mapBack(operand, axis) : std::nullopt;
    if (own && axes->map(operand, *own) == axis) {
      operands.push_back(rows.lookup(value));
    } else if (own) {
      // At all positions of its own, and at this one where it meets those that are asked for.
      Value all = allOf(value, *own);
      operands.push_back(from ? lookUp(all, *from) : all);
    } else {
      operands.push_back(from ? rowOf(value, *from) : whole.lookup(value));
    }
  }
  Operation *row = builder.clone(op);
  row->setOperands(operands);
  RankedTensorType type = withOne(typeOf(op.getResult(0)), axis);
  row->getResult(0).setType(type);
  if (auto sized = dyn_cast<NnMixedSizesOpInterface>(row))
    sized.setStaticSizes(type.getShape());
  rows[op.getResult(0)] = row->getResult(0);
}

/// Results: the output at the position, then what is kept, in the place of what was.
void NextBuilder::finish(Value row) {
  SmallVector<Value> results = {row};
  SmallVector<DictionaryAttr> argumentAttrs, resultAttrs;
  DenseMap<Value, unsigned> numbers;
  auto attribute = [&](StringRef name, Attribute value) {
    return builder.getNamedAttr(name, value);
  };
  for (auto [argument, binding] : arguments) {
    numbers[argument] = argument.getArgNumber();
    argumentAttrs.push_back(builder.getDictionaryAttr(attribute(kBindAttr, binding)));
  }
  resultAttrs.push_back(builder.getDictionaryAttr(attribute(kBindAttr, bind(Source::Output))));
  for (auto [cache, renewed] : renewals) {
    results.push_back(renewed);
    const unsigned number = numbers.lookup(cache);
    resultAttrs.push_back(
        builder.getDictionaryAttr({attribute(kBindAttr, arguments[number].second),
                                   attribute(kTiedAttr, builder.getI64IntegerAttr(number))}));
  }
  func::ReturnOp::create(builder, results);
  function.setType(builder.getFunctionType(function.getBody().front().getArgumentTypes(),
                                           TypeRange(ValueRange(results))));
  function.setAllArgAttrs(argumentAttrs);
  function.setAllResultAttrs(resultAttrs);
}

std::optional<NextEntry> NextBuilder::run() {
  if (!findPorts())
    return std::nullopt;
  axes.emplace(units, 1, positions);
  Block &body = forward.getBody().front();
  for (Operation &op : body.without_terminator())
    if (!axes->follow(op))
      return std::nullopt;
  Value output = body.getTerminator()->getOperand(0);
  if (axes->of(output) != 1)
    return std::nullopt;
  begin();
  for (Operation &op : body.without_terminator())
    build(op);
  finish(rows.lookup(output));
  return NextEntry{function, std::move(caches)};
}

std::optional<NextEntry> mlir::train::buildNext(ModelOp model, func::FuncOp forward) {
  // Where the leading dimension is the batch, it is 1: a text is written by itself.
  SmallVector<int64_t> dims(model.getDims().size(), 1);
  if (llvm::any_of(getNeeds(forward), [&](NeedAttr need) {
        return need.getSize().evaluate(dims).value_or(0) < need.getLeast();
      }))
    return std::nullopt;
  ScopedDiagnosticHandler silent(model.getContext(), [](Diagnostic &) { return success(); });
  OpBuilder builder(forward);
  auto clone = cast<func::FuncOp>(builder.clone(*forward));
  std::optional<NextEntry> entry;
  bool isKnown = true;
  for (unsigned index = 0; index < clone.getNumArguments(); ++index)
    if (BindAttr binding = getArgumentBinding(clone, index);
        binding && binding.getSource() == Source::Dim)
      isKnown &= model.getBatch() &&
                 binding.getIndex() == static_cast<int64_t>(*model.getBatch()) &&
                 succeeded(nn::specializeDim(clone, index, 1));
  if (isKnown)
    entry = NextBuilder(model, clone).run();
  clone.erase();
  // Operations that no rule foresaw may not take what they are given: then there is no entry.
  if (entry && failed(verify(entry->function))) {
    entry->function.erase();
    return std::nullopt;
  }
  return entry;
}
