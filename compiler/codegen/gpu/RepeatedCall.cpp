// A loop of an entry whose passes are one call each.
#include "compiler/codegen/gpu/RepeatedCall.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace nnc::codegen {

using namespace mlir;

std::optional<RepeatedCall> RepeatedCall::match(Operation *op) {
  if (auto call = dyn_cast<kernel::CallOp>(op))
    return RepeatedCall{{}, call};
  auto loop = dyn_cast<scf::ForOp>(op);
  if (!loop || loop.getNumResults() > 0)
    return {};
  RepeatedCall repeated{loop, {}};
  for (Operation &inner : loop.getBody()->without_terminator()) {
    if (auto call = dyn_cast<kernel::CallOp>(inner)) {
      if (std::exchange(repeated.call, call))
        return {};
    } else if (isa<memref::AllocOp>(inner)) {
      if (!llvm::all_of(inner.getOperands(),
                        [&](Value size) { return loop.isDefinedOutsideOfLoop(size); }))
        return {};
    } else if (!isa<memref::DeallocOp>(inner)) {
      bool isCode = isa<arith::ArithDialect, affine::AffineDialect, memref::MemRefDialect>(
          inner.getDialect());
      if (!isCode || !isMemoryEffectFree(&inner))
        return {};
    }
  }
  return repeated.call ? std::optional(repeated) : std::nullopt;
}

void RepeatedCall::hoistBuffers() {
  if (!loop)
    return;
  for (Operation &op : llvm::make_early_inc_range(loop.getBody()->without_terminator()))
    if (isa<memref::AllocOp>(op))
      op.moveBefore(loop);
    else if (isa<memref::DeallocOp>(op))
      op.erase();
}

void visitSources(Operation *op, llvm::function_ref<void(Value)> take) {
  llvm::SetVector<Value> values(op->operand_begin(), op->operand_end());
  scf::ForOp loop;
  if (auto repeated = RepeatedCall::match(op); repeated && repeated->loop) {
    loop = repeated->loop;
    values.insert(repeated->call->operand_begin(), repeated->call->operand_end());
  }
  for (unsigned i = 0; i < values.size(); ++i) {
    Value value = values[i];
    Operation *by = value.getDefiningOp();
    bool isView = isa_and_present<ViewLikeOpInterface>(by) && isa<MemRefType>(value.getType());
    bool isOfPass = loop && !loop.isDefinedOutsideOfLoop(value);
    if (isView || (isOfPass && by && !isa<memref::AllocOp>(by)))
      values.insert(by->operand_begin(), by->operand_end());
    else if (isOfPass ? by != nullptr : !by || !by->hasTrait<OpTrait::ConstantLike>())
      take(value);
  }
}

} // namespace nnc::codegen
