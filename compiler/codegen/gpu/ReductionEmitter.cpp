// Writes loops of blocks that reduce what a loop of tasks reduces; see the header.
#include "compiler/codegen/gpu/ReductionEmitter.h"
#include "compiler/codegen/gpu/Gpu.h"
#include "compiler/codegen/gpu/IndexMath.h"
#include "compiler/codegen/gpu/TaskContraction.h"
#include "dialects/kernel/ir/KernelOps.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace nnc::codegen {

using namespace mlir;

static constexpr int64_t kWarp = 32;
/// Elements that a thread loads before it needs the first.
static constexpr int32_t kAhead = 4;

ReductionEmitter::ReductionEmitter(RewriterBase &rewriter, scf::ForallOp tasks,
                                   ArrayRef<linalg::GenericOp> reductions,
                                   const ReductionPlan &plan)
    : rewriter(rewriter), tasks(tasks), reductions(reductions), plan(plan), loc(tasks.getLoc()),
      scalars(tasks, reductions, ReductionStart::Neutral), sizes(tasks.getMixedUpperBound()) {
  for (linalg::GenericOp op : reductions)
    llvm::append_range(outputs, *findOutputs(op));
}

/// The type that memory has for values of `type`.
static Type typeInMemory(Type type) {
  return type.isInteger(1) ? IntegerType::get(type.getContext(), 8) : type;
}

static Value toMemory(OpBuilder &builder, Location loc, Value value) {
  Type type = typeInMemory(value.getType());
  return type == value.getType() ? value
                                 : arith::ExtUIOp::create(builder, loc, type, value).getResult();
}

static Value fromMemory(OpBuilder &builder, Location loc, Value value, Type type) {
  return type == value.getType() ? value
                                 : arith::TruncIOp::create(builder, loc, type, value).getResult();
}

void ReductionEmitter::run() {
  rewriter.setInsertionPoint(tasks);
  auto fromTasks = [&](const Place &place, Value first, int64_t step) {
    return reduceElements(place, first, step);
  };
  auto toTasks = [&](const Place &place, ArrayRef<Value> values) {
    scalars.emit(rewriter, place.loops, values);
  };
  if (plan.chunks == 1) {
    emitRound(plan, fromTasks, toTasks);
    return rewriter.eraseOp(tasks);
  }
  int64_t count = multiplySizes(sizes);
  SmallVector<Value> partial;
  for (const ReducedOutput &output : outputs)
    partial.push_back(memref::AllocOp::create(
        rewriter, loc, MemRefType::get({plan.chunks, count}, typeInMemory(output.getType()))));
  emitRound(plan, fromTasks, [&](const Place &place, ArrayRef<Value> values) {
    for (auto [value, buffer] : llvm::zip_equal(values, partial))
      memref::StoreOp::create(rewriter, loc, toMemory(rewriter, loc, value), buffer,
                              ValueRange{place.chunk, place.result});
  });
  kernel::SyncOp::create(rewriter, loc, /*block=*/false);
  auto fromChunks = [&](const Place &place, Value first, int64_t step) {
    IndexMath math(rewriter, loc);
    scf::ForOp loop = emitLoop(place, first, math.constant(plan.chunks), step, outputs);
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> next;
    for (auto [output, buffer, value] :
         llvm::zip_equal(outputs, partial, loop.getRegionIterArgs())) {
      Value element = memref::LoadOp::create(rewriter, loc, buffer,
                                             ValueRange{loop.getInductionVar(), place.result});
      next.push_back(
          output.combine(rewriter, value, fromMemory(rewriter, loc, element, output.getType())));
    }
    scf::YieldOp::create(rewriter, loc, next);
    return SmallVector<Value>(loop.getResults());
  };
  emitRound(planChunks(count), fromChunks, toTasks);
  rewriter.eraseOp(tasks);
}

void ReductionEmitter::emitRound(const ReductionPlan &round, Source source, Sink sink) {
  IndexMath math(rewriter, loc);
  int64_t count = multiplySizes(sizes);
  OpFoldResult groups =
      ShapedType::isDynamic(count)
          ? OpFoldResult(math.div(math.add(math.product(sizes), round.results - 1), round.results))
          : OpFoldResult(rewriter.getIndexAttr(llvm::divideCeil(count, round.results)));
  SmallVector<OpFoldResult> bounds;
  SmallVector<Attribute> mapping;
  auto map = [&](OpFoldResult bound, gpu::MappingId id) {
    bounds.push_back(bound);
    mapping.push_back(gpu::GPUBlockMappingAttr::get(rewriter.getContext(), id));
  };
  if (round.chunks > 1)
    map(rewriter.getIndexAttr(round.chunks), gpu::MappingId::LinearDim1);
  map(groups, gpu::MappingId::LinearDim0);
  auto blocks =
      scf::ForallOp::create(rewriter, loc, bounds, ValueRange(), rewriter.getArrayAttr(mapping));
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(blocks.getTerminator());
  Place place = findPlace(round, blocks);
  Value first = place.part;
  if (place.chunk)
    first = math.add(math.mul(place.chunk, round.parts), first);
  SmallVector<Value> values = source(place, first, round.parts * round.chunks);
  for (auto [output, value] : llvm::zip_equal(outputs, values))
    value = combineParts(round, place, output, value);
  Value writes = math.both(
      arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::eq, place.part, math.constant(0)),
      place.isIn);
  auto branch = scf::IfOp::create(rewriter, loc, writes);
  rewriter.setInsertionPoint(branch.thenYield());
  sink(place, values);
}

ReductionEmitter::Place ReductionEmitter::findPlace(const ReductionPlan &round,
                                                    scf::ForallOp blocks) {
  IndexMath math(rewriter, loc);
  Place place;
  place.thread = gpu::ThreadIdOp::create(rewriter, loc, gpu::Dimension::x);
  if (round.results == 1) {
    place.column = math.constant(0);
    place.part = place.thread;
  } else if (round.order == ReductionOrder::Elements) {
    place.column = math.div(place.thread, round.parts);
    place.part = math.rem(place.thread, round.parts);
  } else {
    place.column = math.rem(place.thread, round.results);
    place.part = math.div(place.thread, round.results);
  }
  auto indices = blocks.getInductionVars();
  if (round.chunks > 1)
    place.chunk = indices.front();
  place.result = math.add(math.mul(indices.back(), round.results), place.column);
  int64_t count = multiplySizes(sizes);
  if (ShapedType::isDynamic(count) ? round.results > 1 : count % round.results != 0)
    place.isIn = math.less(place.result, math.product(sizes));
  place.loops = math.split(place.result, sizes);
  return place;
}

//===----------------------------------------------------------------------===//
// What one thread reduces
//===----------------------------------------------------------------------===//

/// A loop over elements first, first + step, ... below `end`, which carries the outputs; none where
/// there is no result.
scf::ForOp ReductionEmitter::emitLoop(const Place &place, Value first, Value end, int64_t step,
                                      ArrayRef<ReducedOutput> of) {
  IndexMath math(rewriter, loc);
  if (place.isIn)
    end = arith::SelectOp::create(rewriter, loc, place.isIn, end, math.constant(0));
  auto starts = llvm::map_to_vector(of, [&](const ReducedOutput &output) -> Value {
    return arith::ConstantOp::create(rewriter, loc, output.neutral);
  });
  return scf::ForOp::create(rewriter, loc, first, end, math.constant(step), starts);
}

/// Tells LLVM to let the loads of some passes of a loop go ahead together.
Attribute ReductionEmitter::annotateUnrolled() {
  MLIRContext *context = rewriter.getContext();
  auto unroll = LLVM::LoopUnrollAttr::get(context, {}, rewriter.getI32IntegerAttr(kAhead), {}, {},
                                          {}, {}, {});
  return LLVM::LoopAnnotationAttr::get(context, {}, {}, {}, unroll, {}, {}, {}, {}, {}, {}, {}, {},
                                       {}, {}, {});
}

SmallVector<Value> ReductionEmitter::reduceElements(const Place &place, Value first, int64_t step) {
  SmallVector<Value> results;
  for (linalg::GenericOp op : reductions)
    reduceElementsOf(op, place, first, step, results);
  return results;
}

/// Copies what a task computes without memory to the block's code.
Value ReductionEmitter::copyToBlock(Value value, IRMapping &mapping) {
  if (Value known = mapping.lookupOrNull(value))
    return known;
  Operation *op = value.getDefiningOp();
  if (!op || !tasks->isProperAncestor(op))
    return value;
  for (Value operand : op->getOperands())
    (void)copyToBlock(operand, mapping);
  rewriter.clone(*op, mapping);
  return mapping.lookup(value);
}

void ReductionEmitter::reduceElementsOf(linalg::GenericOp op, const Place &place, Value first,
                                        int64_t step, SmallVector<Value> &results) {
  IndexMath math(rewriter, loc);
  IRMapping mapping;
  mapping.map(ValueRange(tasks.getInductionVars()), place.loops);
  // Operands, and what the body takes from around it.
  SmallVector<Value> operands;
  for (Value input : op.getInputs())
    operands.push_back(copyToBlock(input, mapping));
  Block &body = *op.getBlock();
  for (Operation &inner : body.without_terminator())
    for (Value operand : inner.getOperands())
      if (operand.getParentBlock() != &body)
        (void)copyToBlock(operand, mapping);
  auto iterators = op.getIteratorTypesArray();
  SmallVector<int64_t> known = op.getStaticLoopRanges();
  SmallVector<OpFoldResult> depths;
  for (unsigned loop = 0; loop < iterators.size(); ++loop) {
    if (iterators[loop] != utils::IteratorType::reduction)
      continue;
    OpFoldResult size = rewriter.getIndexAttr(known[loop]);
    for (auto [operand, input] : llvm::zip_equal(op.getDpsInputOperands(), operands)) {
      if (!ShapedType::isDynamic(known[loop]))
        break;
      AffineMap map = op.getMatchingIndexingMap(operand);
      if (auto position = map.getResultPosition(rewriter.getAffineDimExpr(loop))) {
        size = memref::DimOp::create(rewriter, loc, input, *position).getResult();
        break;
      }
    }
    depths.push_back(size);
  }
  SmallVector<ReducedOutput> own = *findOutputs(op);
  scf::ForOp loop = emitLoop(place, first, math.product(depths), step, own);
  int64_t depth = multiplySizes(depths);
  if (ShapedType::isDynamic(depth) || depth / step > kAhead)
    loop->setAttr("loop_annotation", annotateUnrolled());
  {
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> reduced = math.split(loop.getInductionVar(), depths), indices;
    for (unsigned i = 0, next = 0; i < iterators.size(); ++i)
      indices.push_back(iterators[i] == utils::IteratorType::reduction ? reduced[next++]
                                                                       : math.constant(0));
    for (auto [operand, input] : llvm::zip_equal(op.getDpsInputOperands(), operands)) {
      BlockArgument argument = op.getMatchingBlockArgument(operand);
      if (argument.use_empty())
        continue;
      if (!isa<MemRefType>(input.getType())) {
        mapping.map(argument, input);
        continue;
      }
      auto places = llvm::map_to_vector(op.getMatchingIndexingMap(operand).getResults(),
                                        [&](AffineExpr expr) { return math.apply(expr, indices); });
      mapping.map(argument, memref::LoadOp::create(rewriter, loc, input, places).getResult());
    }
    for (auto [output, value] : llvm::zip_equal(own, loop.getRegionIterArgs()))
      mapping.map(output.argument, value);
    for (Operation &inner : body.without_terminator()) {
      if (auto index = dyn_cast<linalg::IndexOp>(inner))
        mapping.map(index.getResult(), indices[index.getDim()]);
      else
        rewriter.clone(inner, mapping);
    }
    auto next = llvm::map_to_vector(body.getTerminator()->getOperands(),
                                    [&](Value value) { return mapping.lookupOrDefault(value); });
    scf::YieldOp::create(rewriter, loc, next);
  }
  llvm::append_range(results, loop.getResults());
}

//===----------------------------------------------------------------------===//
// What threads combine
//===----------------------------------------------------------------------===//

/// The value that the lane has whose number differs from this one's by the bit `distance`, an i32.
Value ReductionEmitter::shuffle(Value value, Value distance) {
  Type type = value.getType(), i32 = rewriter.getI32Type();
  unsigned bits = type.getIntOrFloatBitWidth();
  auto integer = rewriter.getIntegerType(bits);
  if (type != integer)
    value = arith::BitcastOp::create(rewriter, loc, integer, value);
  auto number = [&](int64_t known) -> Value {
    return arith::ConstantOp::create(rewriter, loc, rewriter.getI32IntegerAttr(int32_t(known)));
  };
  auto exchange = [&](Value word) -> Value {
    return NVVM::ShflOp::create(rewriter, loc, i32, number(-1), word, distance, number(kWarp - 1),
                                NVVM::ShflKind::bfly,
                                /*return_value_and_is_valid=*/UnitAttr());
  };
  if (bits < 32) {
    value = exchange(arith::ExtUIOp::create(rewriter, loc, i32, value));
    value = arith::TruncIOp::create(rewriter, loc, integer, value);
  } else if (bits == 32) {
    value = exchange(value);
  } else {
    Value width = arith::ConstantOp::create(rewriter, loc, rewriter.getI64IntegerAttr(32));
    Value high = arith::ShRUIOp::create(rewriter, loc, value, width);
    high = exchange(arith::TruncIOp::create(rewriter, loc, i32, high));
    Value low = exchange(arith::TruncIOp::create(rewriter, loc, i32, value));
    high = arith::ExtUIOp::create(rewriter, loc, integer, high);
    high = arith::ShLIOp::create(rewriter, loc, high, width);
    low = arith::ExtUIOp::create(rewriter, loc, integer, low);
    value = arith::OrIOp::create(rewriter, loc, high, low);
  }
  return type == integer ? value : arith::BitcastOp::create(rewriter, loc, type, value).getResult();
}

Value ReductionEmitter::combineInWarp(const ReducedOutput &output, Value value, int64_t lanes) {
  if (lanes == 1)
    return value;
  IndexMath math(rewriter, loc);
  auto number = [&](int64_t known) -> Value {
    return arith::ConstantOp::create(rewriter, loc, rewriter.getI32IntegerAttr(int32_t(known)));
  };
  SmallVector<Value> starts{value, number(lanes / 2)};
  auto loop = scf::ForOp::create(rewriter, loc, math.constant(0),
                                 math.constant(llvm::Log2_64(lanes)), math.constant(1), starts);
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToStart(loop.getBody());
  Value own = loop.getRegionIterArg(0), distance = loop.getRegionIterArg(1);
  Value next = output.combine(rewriter, own, shuffle(own, distance));
  Value half = arith::ShRUIOp::create(rewriter, loc, distance, number(1));
  scf::YieldOp::create(rewriter, loc, ValueRange{next, half});
  return loop.getResult(0);
}

Value ReductionEmitter::combineShared(const ReducedOutput &output, Value shared, Value first,
                                      int64_t count, int64_t stride) {
  IndexMath math(rewriter, loc);
  auto load = [&](Value index) {
    Value value = memref::LoadOp::create(rewriter, loc, shared, ValueRange(index));
    return fromMemory(rewriter, loc, value, output.getType());
  };
  auto loop = scf::ForOp::create(rewriter, loc, math.constant(1), math.constant(count),
                                 math.constant(1), ValueRange(load(first)));
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToStart(loop.getBody());
  Value other = load(math.add(math.mul(loop.getInductionVar(), stride), first));
  Value next = output.combine(rewriter, loop.getRegionIterArg(0), other);
  scf::YieldOp::create(rewriter, loc, next);
  return loop.getResult(0);
}

/// Each thread of a result gets what its parts are together.
Value ReductionEmitter::combineParts(const ReductionPlan &round, const Place &place,
                                     const ReducedOutput &output, Value value) {
  IndexMath math(rewriter, loc);
  bool isAlongLanes = round.order == ReductionOrder::Elements;
  int64_t lanes = isAlongLanes ? std::min(round.parts, kWarp) : 1;
  value = combineInWarp(output, value, lanes);
  int64_t count = round.parts / lanes; // Partial results that are left of each result.
  if (count == 1)
    return value;
  auto space = gpu::AddressSpaceAttr::get(rewriter.getContext(), gpu::AddressSpace::Workgroup);
  auto type =
      MemRefType::get({round.results * count}, typeInMemory(output.getType()), AffineMap(), space);
  Value shared = memref::AllocaOp::create(rewriter, loc, type, rewriter.getI64IntegerAttr(16));
  auto store = [&](Value index) {
    memref::StoreOp::create(rewriter, loc, toMemory(rewriter, loc, value), shared,
                            ValueRange(index));
  };
  if (lanes == 1) {
    store(place.thread);
  } else {
    Value lane = math.rem(place.thread, lanes);
    auto branch = scf::IfOp::create(
        rewriter, loc,
        arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::eq, lane, math.constant(0)));
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(branch.thenYield());
    store(math.div(place.thread, lanes));
  }
  gpu::BarrierOp::create(rewriter, loc);
  Value first = isAlongLanes ? math.mul(place.column, count) : place.column;
  value = combineShared(output, shared, first, count, isAlongLanes ? 1 : round.results);
  gpu::BarrierOp::create(rewriter, loc); // What comes next goes to the same memory.
  return value;
}

} // namespace nnc::codegen
