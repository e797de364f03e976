// What linalg on tensors costs.
#include "compiler/codegen/shared/Counts.h"
#include "compiler/codegen/shared/LinalgUtils.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/CastInterfaces.h"

namespace nnc::codegen {

using namespace mlir;

static Count least(Count a, Count b) { return a && b ? std::min(a, b) : std::nullopt; }

static Count countPoints(ArrayRef<int64_t> sizes) {
  uint64_t points = 1;
  for (int64_t size : sizes) {
    if (ShapedType::isDynamic(size))
      return std::nullopt;
    points *= size;
  }
  return points;
}

Count countPasses(Operation *op) {
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return countPoints(linalgOp.getStaticLoopRanges());
  auto loop = dyn_cast<LoopLikeOpInterface>(op);
  if (!loop || op->hasAttr(kBatchesAttr))
    return 1;
  std::optional<APInt> trips = loop.getStaticTripCount();
  return trips ? Count(trips->getZExtValue()) : std::nullopt;
}

Count countRuns(Operation *op) {
  Count runs = 1;
  for (Operation *around = op->getParentOp(); around && !isa<FunctionOpInterface>(around);
       around = around->getParentOp())
    runs = multiplyCounts(runs, countPasses(around));
  return runs;
}

Count countBytes(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  Type element = getElementTypeOrSelf(type);
  if (!element.isIntOrIndexOrFloat() || (shaped && !shaped.hasRank()))
    return std::nullopt;
  uint64_t bytes = element.isIndex() ? 8 : llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
  return shaped ? multiplyCounts(bytes, countPoints(shaped.getShape())) : bytes;
}

bool isComputation(Operation *op) {
  return isa_and_present<arith::ArithDialect, math::MathDialect>(op->getDialect()) &&
         op->getNumResults() == 1 && isa<FloatType>(op->getResult(0).getType()) &&
         !isa<arith::ConstantOp, CastOpInterface>(op);
}

/// Bytes that `use` reads of its value.
static Count countReads(OpOperand &use) {
  Operation *user = use.getOwner();
  Type type = use.get().getType();
  if (auto op = dyn_cast<linalg::LinalgOp>(user))
    return op.payloadUsesValueFromOperand(&use) ? multiplyCounts(countBytes(type), countRuns(user))
                                                : 0;
  if (auto extract = dyn_cast<tensor::ExtractOp>(user))
    return multiplyCounts(countBytes(extract.getType()), countRuns(user));
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(user))
    return multiplyCounts(countBytes(slice.getType()), countRuns(user));
  if (isa<bufferization::ToTensorOp>(user) || isView(user))
    return countReads(user->getResult(0));
  if (auto loop = dyn_cast<scf::ForOp>(user))
    if (BlockArgument carried = loop.getTiedLoopRegionIterArg(&use))
      return countReads(carried);
  if (isa<bufferization::MaterializeInDestinationOp, tensor::InsertOp, tensor::InsertSliceOp,
          tensor::DimOp>(user) ||
      user->hasTrait<OpTrait::IsTerminator>())
    return 0;
  return countBytes(type);
}

Count countReads(Value value) {
  Count bytes = 0;
  for (OpOperand &use : value.getUses())
    bytes = addCounts(bytes, countReads(use));
  return least(bytes, countBytes(value.getType()));
}

} // namespace nnc::codegen
