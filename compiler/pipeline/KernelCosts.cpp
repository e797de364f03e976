// What the kernels of an entry cost, counted from the operations in them.
#include "compiler/pipeline/KernelCosts.h"

#include "compiler/codegen/shared/LinalgUtils.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/CastInterfaces.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace nnc;

using Count = std::optional<uint64_t>;

static Count multiply(Count a, Count b) { return a && b ? Count(*a * *b) : std::nullopt; }
static Count add(Count a, Count b) { return a && b ? Count(*a + *b) : std::nullopt; }
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

/// How often what stands in `op` runs while `op` does. Of branches that exclude each other, each
/// counts.
static Count countPasses(Operation *op) {
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return countPoints(linalgOp.getStaticLoopRanges());
  auto loop = dyn_cast<LoopLikeOpInterface>(op);
  if (!loop)
    return 1;
  std::optional<APInt> trips = loop.getStaticTripCount();
  return trips ? Count(trips->getZExtValue()) : std::nullopt;
}

/// How often `op` runs while the function that it is in does.
static Count countRuns(Operation *op) {
  Count runs = 1;
  for (Operation *around = op->getParentOp(); around && !isa<FunctionOpInterface>(around);
       around = around->getParentOp())
    runs = multiply(runs, countPasses(around));
  return runs;
}

static Count bytesOf(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  Type element = getElementTypeOrSelf(type);
  if (!element.isIntOrIndexOrFloat() || (shaped && !shaped.hasRank()))
    return std::nullopt;
  uint64_t bytes = element.isIndex() ? 8 : llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
  return shaped ? multiply(bytes, countPoints(shaped.getShape())) : bytes;
}

/// Whether `op` computes a float, and doesn't only move or convert one.
static bool isComputation(Operation *op) {
  return isa_and_present<arith::ArithDialect, math::MathDialect>(op->getDialect()) &&
         op->getNumResults() == 1 && isa<FloatType>(op->getResult(0).getType()) &&
         !isa<arith::ConstantOp, CastOpInterface>(op);
}

static Count countReads(Value value);

/// Bytes that `use` reads of its value.
static Count countReads(OpOperand &use) {
  Operation *user = use.getOwner();
  Type type = use.get().getType();
  if (auto op = dyn_cast<linalg::LinalgOp>(user))
    return op.payloadUsesValueFromOperand(&use) ? multiply(bytesOf(type), countRuns(user)) : 0;
  if (auto extract = dyn_cast<tensor::ExtractOp>(user))
    return multiply(bytesOf(extract.getType()), countRuns(user));
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(user))
    return multiply(bytesOf(slice.getType()), countRuns(user));
  if (isa<bufferization::ToTensorOp>(user) || codegen::isView(user))
    return countReads(user->getResult(0));
  if (auto loop = dyn_cast<scf::ForOp>(user))
    if (BlockArgument carried = loop.getTiedLoopRegionIterArg(&use))
      return countReads(carried);
  if (isa<bufferization::MaterializeInDestinationOp, tensor::InsertOp, tensor::InsertSliceOp,
          tensor::DimOp>(user) ||
      user->hasTrait<OpTrait::IsTerminator>())
    return 0;
  return bytesOf(type);
}

/// Bytes that are read of `value` by all that use it; not more than it has.
static Count countReads(Value value) {
  Count bytes = 0;
  for (OpOperand &use : value.getUses())
    bytes = add(bytes, countReads(use));
  return least(bytes, bytesOf(value.getType()));
}

namespace {

/// Of one call.
struct CallCost {
  Count flops = 0, bytes = 0;
};

} // namespace

static CallCost countCall(kernel::FuncOp kernel, unsigned numDestinations) {
  CallCost cost;
  kernel.walk([&](Operation *op) {
    if (isComputation(op))
      cost.flops = add(cost.flops, countRuns(op));
  });
  for (BlockArgument argument : kernel.getArguments()) {
    if (!isa<ShapedType>(argument.getType()))
      continue;
    cost.bytes = add(cost.bytes, countReads(argument));
    if (argument.getArgNumber() + numDestinations >= kernel.getNumArguments())
      cost.bytes = add(cost.bytes, bytesOf(argument.getType()));
  }
  return cost;
}

std::vector<KernelCost> nnc::listKernels(func::FuncOp entry, const codegen::Target &target) {
  SymbolTable symbols(entry->getParentOfType<ModuleOp>());
  llvm::MapVector<Operation *, KernelCost> kernels;
  entry.walk([&](kernel::CallOp call) {
    auto kernel = symbols.lookup<kernel::FuncOp>(call.getCallee());
    auto [known, isNew] = kernels.try_emplace(kernel);
    KernelCost &cost = known->second;
    CallCost own = countCall(kernel, call.getDestinations().size());
    Count calls = countRuns(call);
    if (isNew) {
      cost.name = kernel.getSymName().str();
      cost.calls = cost.flops = cost.bytes = 0;
    }
    cost.places.push_back(call.getLoc());
    cost.calls = add(cost.calls, calls);
    cost.flops = add(cost.flops, multiply(own.flops, calls));
    cost.bytes = add(cost.bytes, multiply(own.bytes, calls));
  });
  std::vector<KernelCost> list;
  for (KernelCost &cost : llvm::make_second_range(kernels)) {
    if (cost.flops && cost.bytes)
      cost.time =
          std::max(double(*cost.flops), double(*cost.bytes) * double(target.getFlopsOfByte()));
    list.push_back(std::move(cost));
  }
  return list;
}
