// nn.scan's derivative: a scan the other way, over what the forward passes keep.
#include "dialects/nn/ir/NnScanAdjoint.h"

#include "dialects/nn/ir/NnAdjoint.h"
#include "dialects/nn/ir/NnOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/ErrorHandling.h"

using namespace mlir;
using namespace mlir::nn;

/// Whether it costs no more to compute the op's results again than to keep them.
static bool isCheap(Operation *op) {
  return op->getDialect()->getNamespace() != NnDialect::getDialectNamespace() ||
         isa<NnElementwiseOpInterface>(op) || op->hasTrait<OpTrait::NnMovesElements>() ||
         op->getNumOperands() == 0 ||
         llvm::none_of(op->getOperandTypes(), llvm::IsaPred<RankedTensorType>) || isa<RandomOp>(op);
}

//===- What is differentiated -----------------------------------------------===//

/// The carried values that get a cotangent: they depend on what is wanted, and what has a cotangent
/// depends on them.
static SmallVector<bool> findActiveCarried(ScanOp op, ArrayRef<Value> wanted, ValueRange g) {
  Block &body = op.getBlock();
  auto carried = op.getCarriedArguments();
  ValueRange yields = op.getYield().getOperands();
  SmallVector<bool> reached(carried.size()), useful(carried.size());
  SmallVector<Value> roots(wanted);
  for (auto [number, argument] : llvm::enumerate(carried)) {
    reached[number] = llvm::is_contained(roots, argument);
    useful[number] = static_cast<bool>(g[number]);
  }
  // One more carried value each time, or the end.
  for (bool changed = true; changed;) {
    changed = false;
    DenseSet<Value> values = findReached(body, roots);
    for (auto [number, argument] : llvm::enumerate(carried))
      if (!reached[number] && values.contains(yields[number])) {
        reached[number] = changed = true;
        roots.push_back(argument);
      }
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (auto [number, argument] : llvm::enumerate(carried)) {
      if (useful[number])
        continue;
      DenseSet<Value> values = findReached(body, Value(argument));
      for (auto [other, yielded] : llvm::enumerate(yields)) {
        bool leads = other < carried.size() ? useful[other] : static_cast<bool>(g[other]);
        if (leads && values.contains(yielded))
          useful[number] = changed = true;
      }
    }
  }
  for (auto [number, argument] : llvm::enumerate(carried))
    reached[number] &= useful[number] && isFloatTensor(argument.getType());
  return reached;
}

ScanAdjoint::ScanAdjoint(ImplicitLocOpBuilder &builder, ScanOp op, ValueRange cotangents,
                         ArrayRef<bool> wanted)
    : b(builder), op(op), g(cotangents), wanted(wanted) {}

//===- The two scans --------------------------------------------------------===//

/// Copies of the operations of `from` that `outputs` need go to the builder's block, in order;
/// `mapping` says where the copy begins: with the arguments, and what is kept.
static void cloneCone(OpBuilder &builder, Block &from, ArrayRef<Value> outputs,
                      IRMapping &mapping) {
  DenseSet<Operation *> needed;
  SmallVector<Value> work(outputs);
  while (!work.empty()) {
    Value value = work.pop_back_val();
    Operation *definition = value.getDefiningOp();
    if (mapping.contains(value) || !definition || !needed.insert(definition).second)
      continue;
    llvm::append_range(work, definition->getOperands());
  }
  for (Operation &op : from.without_terminator())
    if (needed.contains(&op)) {
      // Kept results of an op with several stay what they were mapped to.
      SmallVector<Value> before;
      for (Value result : op.getResults())
        before.push_back(mapping.lookupOrNull(result));
      builder.clone(op, mapping);
      for (auto [result, kept] : llvm::zip_equal(op.getResults(), before))
        if (kept)
          mapping.map(result, kept);
    }
}

/// A type with one more axis.
static RankedTensorType stackedType(Type type, int64_t axis, int64_t count) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  shape.insert(shape.begin() + axis, count);
  return RankedTensorType::get(shape, tensor.getElementType());
}

/// The scan as it is, but that it stacks, along axis 0, what `kept` names too.
ScanOp ScanAdjoint::buildForward(Block &joint, ArrayRef<Value> kept) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(op);
  SmallVector<Type> types(op.getResultTypes());
  SmallVector<int64_t> axes(op.getStackAxes());
  for (Value value : kept) {
    types.push_back(stackedType(value.getType(), 0, op.getStaticSizes().front()));
    axes.push_back(0);
  }
  auto forward = ScanOp::create(b, op.getLoc(), types, op.getSlices(), op.getInits(),
                                op.getCaptures(), op.getDynamicSizes(), op.getDims(),
                                op.getStaticSizes(), op.getSliceAxes(), axes, op.getReverse());
  Block &body = forward.getBody().emplaceBlock();
  IRMapping mapping;
  for (BlockArgument argument : joint.getArguments().take_front(op.getBlock().getNumArguments()))
    mapping.map(argument, body.addArgument(argument.getType(), argument.getLoc()));
  OpBuilder inner(op.getContext());
  inner.setInsertionPointToStart(&body);
  SmallVector<Value> outputs(joint.getTerminator()->getOperands());
  llvm::append_range(outputs, kept);
  cloneCone(inner, joint, outputs, mapping);
  auto yields =
      llvm::map_to_vector(outputs, [&](Value value) { return mapping.lookupOrDefault(value); });
  YieldOp::create(inner, op.getLoc(), yields);
  for (auto [old, made] : llvm::zip(op.getResults(), forward.getResults()))
    old.replaceAllUsesWith(made);
  return forward;
}

/// What of the joint block the outputs need from the forward passes: carried values and results
/// that are not cheap are kept, the rest is computed again. What is stacked anyway is read from
/// there, and goes to `reused`.
static SmallVector<Value> findKept(ArrayRef<Value> outputs, const DenseSet<Value> &dependent,
                                   ArrayRef<Value> carried, ValueRange alreadyStacked,
                                   llvm::SetVector<Value> &reused) {
  SmallVector<Value> kept, work(outputs);
  DenseSet<Value> seen;
  while (!work.empty()) {
    Value value = work.pop_back_val();
    if (!seen.insert(value).second)
      continue;
    Operation *definition = value.getDefiningOp();
    bool isCarried = llvm::is_contained(carried, value);
    if (llvm::is_contained(alreadyStacked, value) &&
        (isCarried || (definition && definition->getNumOperands() != 0)))
      reused.insert(value);
    else if (definition ? !dependent.contains(value) && !isCheap(definition) : isCarried)
      kept.push_back(value);
    else if (definition)
      llvm::append_range(work, definition->getOperands());
  }
  return kept;
}

/// The values of the block that depend on the roots, derivative or not.
static DenseSet<Value> findDependent(Block &block, ArrayRef<Value> roots) {
  DenseSet<Value> dependent(roots.begin(), roots.end());
  for (Operation &op : block)
    if (llvm::any_of(op.getOperands(), [&](Value value) { return dependent.contains(value); }))
      dependent.insert(op.result_begin(), op.result_end());
  return dependent;
}

/// Where the sum over all passes begins that is like `value`: in f32 where elements are narrower,
/// which hold no sum of many.
static Value buildZeroSum(ImplicitLocOpBuilder &b, Value value) {
  Type element = getElementTypeOrSelf(value.getType());
  if (element.getIntOrFloatBitWidth() < 32)
    element = b.getF32Type();
  return buildBroadcast(b, buildScalarConstant(b, element, 0.0), {},
                        getSizes(b, b.getLoc(), value));
}

/// The value with the elements of `type`.
static Value castTo(ImplicitLocOpBuilder &b, Value value, Type type) {
  auto from = cast<RankedTensorType>(value.getType());
  Type element = getElementTypeOrSelf(type);
  if (from.getElementType() == element)
    return value;
  return CastOp::create(b, withElement(from, element), value);
}

SmallVector<Value> ScanAdjoint::run() {
  unsigned numSlices = op.getSlices().size(), numCarried = op.getInits().size();
  unsigned numCaptures = op.getCaptures().size();
  SmallVector<Value> result(op->getNumOperands());

  // A copy of the scan, whose body gets the adjoint of the body behind it.
  OpBuilder::InsertionGuard guard(b);
  auto copy = cast<ScanOp>(b.clone(*op));
  Block &joint = copy.getBlock();
  sliceArguments = llvm::to_vector_of<Value>(copy.getSliceArguments());
  carriedArguments = llvm::to_vector_of<Value>(copy.getCarriedArguments());
  captureArguments = llvm::to_vector_of<Value>(copy.getCaptureArguments());
  SmallVector<Value> dimArguments = llvm::to_vector_of<Value>(copy.getDimArguments());
  SmallVector<Value> yields(copy.getYield().getOperands());
  auto isWanted = [&](unsigned operand) { return wanted[operand]; };

  AdjointRequest request;
  for (unsigned i = 0; i < numCarried; ++i)
    if (isWanted(numSlices + i))
      request.wrt.push_back(carriedArguments[i]);
  for (unsigned i = 0; i < numSlices; ++i)
    if (isWanted(i))
      request.wrt.push_back(sliceArguments[i]);
  for (unsigned i = 0; i < numCaptures; ++i)
    if (isWanted(numSlices + numCarried + i))
      request.wrt.push_back(captureArguments[i]);
  SmallVector<bool> active = findActiveCarried(copy, request.wrt, g);
  llvm::erase_if(request.wrt,
                 [&](Value value) { return llvm::is_contained(carriedArguments, value); });
  // Cotangents come as further arguments of the joint block.
  SmallVector<Value> roots, carriedCotangents(numCarried), stackedCotangents(yields.size());
  for (unsigned i = 0; i < numCarried; ++i)
    if (active[i]) {
      carriedCotangents[i] = joint.addArgument(carriedArguments[i].getType(), op.getLoc());
      request.seeds.push_back({yields[i], carriedCotangents[i]});
      request.wrt.push_back(carriedArguments[i]);
      roots.push_back(carriedCotangents[i]);
    }
  for (unsigned i = numCarried; i < yields.size(); ++i)
    if (g[i]) {
      stackedCotangents[i] = joint.addArgument(yields[i].getType(), op.getLoc());
      request.seeds.push_back({yields[i], stackedCotangents[i]});
      roots.push_back(stackedCotangents[i]);
    }
  Location location = b.getLoc();
  ImplicitLocOpBuilder inside(location, joint.getTerminator());
  FailureOr<SmallVector<Value>> gradients = buildAdjoint(inside, joint, request);
  DenseMap<Value, Value> gradientOf;
  // Zeros in their place would be a wrong answer.
  if (failed(gradients))
    llvm::report_fatal_error("what has no derivative in a body wasn't refused before");
  for (auto [value, gradient] : llvm::zip_equal(request.wrt, *gradients))
    gradientOf[value] = gradient;
  // The adjoint may have replaced loops in the body.
  yields.assign(joint.getTerminator()->operand_begin(), joint.getTerminator()->operand_end());

  // What the reversed scan computes in each pass.
  SmallVector<Value> nextCotangents, outputs, accumulated;
  inside.setLoc(location);
  for (unsigned i = 0; i < numCarried; ++i)
    if (active[i]) {
      Value next = gradientOf.lookup(carriedArguments[i]);
      if (!next)
        next = buildConstantLike(inside, carriedArguments[i], 0.0);
      nextCotangents.push_back(next);
    }
  // Contractions first, so that sums know what is stacked anyway.
  SmallVector<bool> hoisted(numCaptures);
  for (int round = 0; round < 2; ++round)
    for (unsigned i = 0; i < numCaptures; ++i)
      if (Value gradient = gradientOf.lookup(captureArguments[i]); gradient && !hoisted[i])
        hoisted[i] = planTotal(gradient, /*onlyAsk=*/false);
  SmallVector<unsigned> accumulatedCaptures;
  for (unsigned i = 0; i < numCaptures; ++i)
    if (Value gradient = gradientOf.lookup(captureArguments[i]); gradient && !hoisted[i]) {
      accumulatedCaptures.push_back(i);
      accumulated.push_back(gradient);
    }
  SmallVector<unsigned> wantedSlices;
  for (unsigned i = 0; i < numSlices; ++i)
    if (Value gradient = gradientOf.lookup(sliceArguments[i])) {
      wantedSlices.push_back(i);
      outputs.push_back(gradient);
    }

  DenseSet<Value> dependent = findDependent(joint, roots);
  SmallVector<Value> all(nextCotangents);
  llvm::append_range(all, accumulated);
  llvm::append_range(all, outputs);
  llvm::append_range(all, stacked);
  ArrayRef<Value> alreadyStacked = ArrayRef(yields).drop_front(numCarried);
  llvm::SetVector<Value> reused;
  SmallVector<Value> kept = findKept(all, dependent, carriedArguments, alreadyStacked, reused);
  ScanOp forward = buildForward(joint, kept);
  for (auto [value, stack] : llvm::zip_equal(kept, forward.getResults().take_back(kept.size())))
    stacks[value] = {stack, 0};
  for (Value value : reused) {
    auto place = llvm::find(alreadyStacked, value) - alreadyStacked.begin();
    stacks[value] = {forward.getResult(numCarried + place), op.getStackAxes()[place]};
  }
  llvm::append_range(kept, reused);
  // Factors that the forward passes have stacked need not be stacked again.
  llvm::erase_if(stacked, [&](Value value) { return stacks.contains(value); });

  // The reversed scan. Its arguments, as what they are in the joint block; null for running sums.
  SmallVector<Value> arguments{joint.getArgument(0)}, slices, inits;
  SmallVector<int64_t> sliceAxes, stackAxes;
  SmallVector<Type> types;
  auto addSlice = [&](Value argument, Value operand, int64_t axis) {
    arguments.push_back(argument);
    slices.push_back(operand);
    sliceAxes.push_back(axis);
  };
  for (auto [argument, operand, axis] :
       llvm::zip_equal(sliceArguments, op.getSlices(), op.getSliceAxes()))
    addSlice(argument, operand, axis);
  for (Value value : kept)
    addSlice(value, stacks.at(value).value, stacks.at(value).axis);
  for (unsigned i = numCarried; i < yields.size(); ++i)
    if (stackedCotangents[i])
      addSlice(stackedCotangents[i], g[i], op.getStackAxes()[i - numCarried]);
  for (unsigned i = 0; i < numCarried; ++i)
    if (active[i]) {
      arguments.push_back(carriedCotangents[i]);
      inits.push_back(g[i] ? g[i] : buildConstantLike(b, op.getInits()[i], 0.0));
    }
  unsigned firstSum = arguments.size();
  for (unsigned i : accumulatedCaptures) {
    arguments.push_back(captureArguments[i]);
    inits.push_back(buildZeroSum(b, op.getCaptures()[i]));
  }
  llvm::append_range(types, ValueRange(inits).getTypes());
  llvm::append_range(arguments, captureArguments);
  llvm::append_range(arguments, dimArguments);
  int64_t count = op.getStaticSizes().front();
  for (unsigned i : wantedSlices) {
    stackAxes.push_back(op.getSliceAxes()[i]);
    types.push_back(op.getSlices()[i].getType());
  }
  for (Value value : stacked) {
    stackAxes.push_back(0);
    types.push_back(stackedType(value.getType(), 0, count));
  }
  auto backward =
      ScanOp::create(b, types, slices, inits, op.getCaptures(), op.getDynamicSizes(), op.getDims(),
                     op.getStaticSizes(), sliceAxes, stackAxes, !op.getReverse());
  Block &body = backward.getBody().emplaceBlock();
  IRMapping mapping;
  SmallVector<Value> sums;
  for (auto [number, original] : llvm::enumerate(arguments)) {
    // Captures come again behind the sums of their gradients, as themselves.
    bool isSum = number >= firstSum && number < firstSum + accumulatedCaptures.size();
    Type type = isSum
                    ? inits[inits.size() - accumulatedCaptures.size() + number - firstSum].getType()
                    : original.getType();
    Value argument = body.addArgument(type, original.getLoc());
    if (isSum)
      sums.push_back(argument);
    else
      mapping.map(original, argument);
  }
  ImplicitLocOpBuilder in(location, op.getContext());
  in.setInsertionPointToStart(&body);
  cloneCone(in, joint, all, mapping);
  SmallVector<Value> yielded;
  for (Value value : nextCotangents)
    yielded.push_back(mapping.lookup(value));
  for (auto [sum, value] : llvm::zip_equal(sums, accumulated))
    yielded.push_back(AddOp::create(in, sum, castTo(in, mapping.lookup(value), sum.getType())));
  for (Value value : outputs)
    yielded.push_back(mapping.lookup(value));
  for (Value value : stacked)
    yielded.push_back(mapping.lookup(value));
  YieldOp::create(in, yielded);

  // The gradients of the operands.
  auto next = backward.getResults().begin();
  for (unsigned i = 0; i < numCarried; ++i)
    if (active[i])
      result[numSlices + i] = *next++;
  for (unsigned i : accumulatedCaptures)
    result[numSlices + numCarried + i] = castTo(b, *next++, op.getCaptures()[i].getType());
  for (unsigned i : wantedSlices)
    result[i] = *next++;
  for (Value value : stacked)
    stacks[value] = {*next++, 0};
  for (unsigned i = 0; i < numCaptures; ++i)
    if (hoisted[i])
      result[numSlices + numCarried + i] = buildTotal(gradientOf.lookup(captureArguments[i]));
  copy.erase();
  return result;
}

SmallVector<Value> ScanOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool> wanted) {
  return ScanAdjoint(b, *this, g, wanted).run();
}
