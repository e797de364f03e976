// A task of single elements as scalar code; see the header.
#include "compiler/codegen/gpu/TaskScalars.h"
#include "compiler/codegen/gpu/TaskReduction.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace nnc::codegen {

using namespace mlir;

static bool isOneElement(Value value) {
  auto type = dyn_cast<MemRefType>(value.getType());
  return !type || (type.hasStaticShape() && type.getNumElements() == 1);
}

/// A buffer of the task's own.
static bool isOwn(Value buffer) {
  return buffer.getDefiningOp<memref::AllocOp>() || buffer.getDefiningOp<memref::AllocaOp>();
}

TaskScalars::TaskScalars(scf::ForallOp tasks, ArrayRef<linalg::GenericOp> reductions,
                         ReductionStart start)
    : tasks(tasks), reductions(reductions), start(start) {
  check();
}

void TaskScalars::check() {
  for (Operation &op : tasks.getBody()->without_terminator()) {
    bool isSingle = llvm::all_of(op.getOperands(), isOneElement);
    if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
      numOperations += generic.getBlock()->getOperations().size() + generic->getNumOperands();
      if (llvm::is_contained(reductions, generic))
        isSingle = llvm::all_of(generic.getOutputs(), isOneElement);
    } else if (isa<memref::AllocOp, memref::AllocaOp>(op)) {
      isSingle = isOneElement(op.getResult(0));
    } else if (!isa<linalg::FillOp, memref::CopyOp>(op)) {
      isSingle = isMemoryEffectFree(&op);
    }
    if (!isSingle)
      obstacle = "its tasks do more than compute single elements";
  }
}

void TaskScalars::emit(OpBuilder &builder, ValueRange loops, ArrayRef<Value> known) {
  mapping = IRMapping();
  mapping.map(ValueRange(tasks.getInductionVars()), loops);
  contents.clear();
  starts.clear();
  reduced = known;
  for (Operation &op : tasks.getBody()->without_terminator())
    emitOp(builder, op);
}

void TaskScalars::emitOp(OpBuilder &builder, Operation &op) {
  if (isa<memref::AllocOp, memref::AllocaOp>(op))
    return;
  if (auto fill = dyn_cast<linalg::FillOp>(op)) {
    Value target = fill.getOutputs().front();
    if (isReducedNext(fill))
      starts[target] = mapping.lookupOrDefault(fill.getInputs().front());
    else
      store(builder, op.getLoc(), mapping.lookupOrDefault(fill.getInputs().front()), target);
  } else if (auto copy = dyn_cast<memref::CopyOp>(op)) {
    store(builder, op.getLoc(), load(builder, op.getLoc(), copy.getSource()), copy.getTarget());
  } else if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
    emitGeneric(builder, generic);
  } else {
    builder.clone(op, mapping);
  }
}

/// What is filled only to be reduced into needn't be stored.
bool TaskScalars::isReducedNext(linalg::FillOp fill) const {
  Value target = fill.getOutputs().front();
  for (Operation *next = fill->getNextNode(); next; next = next->getNextNode())
    if (llvm::is_contained(next->getOperands(), target))
      return llvm::is_contained(reductions, dyn_cast<linalg::GenericOp>(next));
  return false;
}

void TaskScalars::emitGeneric(OpBuilder &builder, linalg::GenericOp op) {
  if (llvm::is_contained(reductions, op))
    return emitReduction(builder, op);
  Location loc = op.getLoc();
  Block &body = *op.getBlock();
  IRMapping inner(mapping);
  for (OpOperand &operand : op->getOpOperands()) {
    BlockArgument argument = op.getMatchingBlockArgument(&operand);
    if (!argument.use_empty())
      inner.map(argument, isa<MemRefType>(operand.get().getType())
                              ? load(builder, loc, operand.get())
                              : mapping.lookupOrDefault(operand.get()));
  }
  for (Operation &computed : body.without_terminator()) {
    if (isa<linalg::IndexOp>(computed))
      inner.map(computed.getResult(0), arith::ConstantIndexOp::create(builder, loc, 0).getResult());
    else
      builder.clone(computed, inner);
  }
  for (auto [value, target] : llvm::zip_equal(body.getTerminator()->getOperands(), op.getOutputs()))
    store(builder, loc, inner.lookupOrDefault(value), target);
}

/// Combines what a reduction starts with and what is known of the rest.
void TaskScalars::emitReduction(OpBuilder &builder, linalg::GenericOp op) {
  Location loc = op.getLoc();
  auto results = op.getBlock()->getTerminator()->getOperands();
  for (auto [result, target, argument] :
       llvm::zip_equal(results, op.getOutputs(), op.getRegionOutputArgs())) {
    Value value = reduced.front(), first = starts.lookup(target);
    reduced = reduced.drop_front();
    if (!first)
      first = load(builder, loc, target);
    Operation *combiner = result.getDefiningOp();
    if (start == ReductionStart::Neutral || !matchPattern(first, m_PosZeroFloat()))
      value = cloneCombiner(builder, combiner, argument, first, value);
    store(builder, loc, value, target);
  }
}

Value TaskScalars::load(OpBuilder &builder, Location loc, Value buffer) {
  if (Value known = contents.lookup(buffer))
    return known;
  auto type = cast<MemRefType>(buffer.getType());
  if (isOwn(buffer)) // Nothing has been put there: any value will do.
    return arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type.getElementType()));
  SmallVector<Value> zeros(type.getRank(), arith::ConstantIndexOp::create(builder, loc, 0));
  Value value =
      memref::LoadOp::create(builder, loc, mapping.lookupOrDefault(buffer), ValueRange(zeros));
  contents[buffer] = value;
  return value;
}

void TaskScalars::store(OpBuilder &builder, Location loc, Value value, Value buffer) {
  if (!isOwn(buffer)) {
    auto type = cast<MemRefType>(buffer.getType());
    SmallVector<Value> zeros(type.getRank(), arith::ConstantIndexOp::create(builder, loc, 0));
    memref::StoreOp::create(builder, loc, value, mapping.lookupOrDefault(buffer),
                            ValueRange(zeros));
    // Another view may be of the same memory.
    llvm::SmallDenseMap<Value, Value> own;
    for (auto [known, content] : contents)
      if (isOwn(known))
        own[known] = content;
    contents = std::move(own);
  }
  contents[buffer] = value;
}

} // namespace nnc::codegen
