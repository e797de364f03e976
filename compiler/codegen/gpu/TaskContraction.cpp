// Contractions within loops of tasks; see the header.
#include "compiler/codegen/gpu/TaskContraction.h"
#include "compiler/codegen/shared/LinalgUtils.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace nnc::codegen {

using namespace mlir;

/// `value` as a sum of the tasks' loops; null where it is something else.
static AffineExpr express(OpFoldResult value, scf::ForallOp tasks) {
  MLIRContext *context = tasks.getContext();
  if (std::optional<int64_t> number = getConstantIntValue(value))
    return getAffineConstantExpr(*number, context);
  auto known = cast<Value>(value);
  auto loops = tasks.getInductionVars();
  if (auto *loop = llvm::find(loops, known); loop != loops.end())
    return getAffineDimExpr(loop - loops.begin(), context);
  auto apply = known.getDefiningOp<affine::AffineApplyOp>();
  if (!apply)
    return {};
  SmallVector<AffineExpr> operands;
  for (Value operand : apply.getMapOperands()) {
    operands.push_back(express(operand, tasks));
    if (!operands.back())
      return {};
  }
  AffineMap map = apply.getAffineMap();
  ArrayRef<AffineExpr> all(operands);
  return map.getResult(0).replaceDimsAndSymbols(all.take_front(map.getNumDims()),
                                                all.drop_front(map.getNumDims()));
}

/// Follows `operand` to its buffer outside of the tasks.
static bool trace(linalg::GenericOp op, OpOperand &operand, scf::ForallOp tasks,
                  TaskOperand &result) {
  // The contraction's own parallel loops have one pass each: reduced ones alone remain.
  MLIRContext *context = tasks.getContext();
  AffineMap map = op.getMatchingIndexingMap(&operand);
  SmallVector<AffineExpr> loops;
  unsigned next = tasks.getRank();
  for (utils::IteratorType iterator : op.getIteratorTypesArray())
    loops.push_back(iterator == utils::IteratorType::reduction
                        ? getAffineDimExpr(next++, context)
                        : getAffineConstantExpr(0, context));
  for (AffineExpr index : map.getResults())
    result.indices.push_back(index.replaceDims(loops));
  Value buffer = operand.get();
  while (auto view = buffer.getDefiningOp<memref::SubViewOp>()) {
    if (!tasks->isProperAncestor(view))
      break;
    if (view.getType().getRank() != view.getSourceType().getRank() ||
        !llvm::all_of(view.getMixedStrides(), [](OpFoldResult s) { return isOneInteger(s); }))
      return false;
    for (auto [index, offset] : llvm::zip_equal(result.indices, view.getMixedOffsets())) {
      AffineExpr first = express(offset, tasks);
      if (!first)
        return false;
      index = first + index;
    }
    buffer = view.getSource();
  }
  result.buffer = buffer;
  result.argument = op.getMatchingBlockArgument(&operand);
  Operation *owner = buffer.getDefiningOp();
  return !owner || !tasks->isAncestor(owner);
}

std::optional<TaskContraction> findContraction(linalg::GenericOp op, scf::ForallOp tasks) {
  std::optional<Factors> factors = findFactors(op);
  if (!factors || !op.getRegionOutputArgs().front().getType().isF32())
    return std::nullopt;
  TaskContraction found;
  found.op = op;
  auto iterators = op.getIteratorTypesArray();
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  for (auto [loop, iterator] : llvm::enumerate(iterators)) {
    if (iterator == utils::IteratorType::parallel && sizes[loop] != 1)
      return std::nullopt;
    if (iterator != utils::IteratorType::reduction)
      continue;
    OpBuilder builder(op.getContext());
    found.depths.push_back(ShapedType::isDynamic(sizes[loop])
                               ? OpFoldResult()
                               : OpFoldResult(builder.getIndexAttr(sizes[loop])));
  }
  if (!trace(op, *factors->lhs, tasks, found.lhs) || !trace(op, *factors->rhs, tasks, found.rhs))
    return std::nullopt;
  Operation *sum = op.getBlock()->getTerminator()->getOperand(0).getDefiningOp();
  Value result = op.getRegionOutputArgs().front();
  Operation *product = sum->getOperand(sum->getOperand(0) == result ? 1 : 0).getDefiningOp();
  found.lhs.factor = product->getOperand(0);
  found.rhs.factor = product->getOperand(1);
  return found;
}

/// The sizes that aren't constants, as values outside of the tasks; false where they aren't known
/// there.
static bool findDepths(TaskContraction &contraction, scf::ForallOp tasks) {
  linalg::GenericOp op = contraction.op;
  unsigned next = 0;
  for (auto [loop, iterator] : llvm::enumerate(op.getIteratorTypesArray())) {
    if (iterator != utils::IteratorType::reduction)
      continue;
    OpFoldResult &size = contraction.depths[next++];
    for (OpOperand &operand : op->getOpOperands()) {
      if (size)
        break;
      std::optional<unsigned> position = positionOf(op.getMatchingIndexingMap(&operand), loop);
      auto view = operand.get().getDefiningOp<memref::SubViewOp>();
      if (!position || !view)
        continue;
      OpFoldResult known = view.getMixedSizes()[*position];
      auto value = dyn_cast<Value>(known);
      if (!value || !tasks->isAncestor(value.getParentRegion()->getParentOp()))
        size = known;
    }
    if (!size)
      return false;
  }
  return true;
}

TaskRoles findRoles(TaskContraction &contraction, unsigned numLoops) {
  // The innermost loop is the columns': neighbours lie side by side in the result.
  if (contraction.lhs.involves(numLoops - 1))
    std::swap(contraction.lhs, contraction.rhs);
  TaskRoles roles;
  for (unsigned loop = 0; loop < numLoops; ++loop) {
    bool ofLhs = contraction.lhs.involves(loop), ofRhs = contraction.rhs.involves(loop);
    (ofLhs && ofRhs ? roles.batch : ofRhs ? roles.columns : roles.rows).push_back(loop);
  }
  return roles;
}

std::optional<ContractionTasks> findContractionTasks(scf::ForallOp tasks, StringRef &why) {
  ContractionTasks found;
  why = "its tasks don't share loops from zero";
  if (tasks.getNumResults() != 0 || tasks.getMapping() || !tasks.isNormalized())
    return std::nullopt;
  for (Operation &op : tasks.getBody()->without_terminator()) {
    auto generic = dyn_cast<linalg::GenericOp>(op);
    if (!generic || generic.getNumReductionLoops() == 0)
      continue;
    std::optional<TaskContraction> contraction = findContraction(generic, tasks);
    why = "its tasks reduce something else than products of f32";
    if (!contraction)
      return std::nullopt;
    why = "the size of what is reduced isn't known before its tasks";
    if (!findDepths(*contraction, tasks))
      return std::nullopt;
    TaskRoles roles = findRoles(*contraction, tasks.getRank());
    why = "its products don't share their rows and columns";
    if (!found.contractions.empty() && roles != found.roles)
      return std::nullopt;
    found.roles = std::move(roles);
    found.contractions.push_back(std::move(*contraction));
  }
  why = "its tasks reduce nothing";
  if (found.contractions.empty())
    return std::nullopt;
  why = "no operand has rows alone, or none columns alone";
  if (found.roles.rows.empty() || found.roles.columns.empty())
    return std::nullopt;
  return found;
}

int64_t multiplySizes(ArrayRef<OpFoldResult> sizes) {
  int64_t product = 1;
  for (OpFoldResult size : sizes) {
    std::optional<int64_t> number = getConstantIntValue(size);
    if (!number)
      return ShapedType::kDynamic;
    product *= *number;
  }
  return product;
}

} // namespace nnc::codegen
