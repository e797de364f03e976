// nn-specialize-dims: an index argument becomes a constant, and types are inferred anew.
#include "dialects/nn/transforms/SpecializeDims.h"

#include "dialects/nn/ir/NnAttributes.h"
#include "dialects/nn/ir/NnOps.h"
#include "dialects/nn/transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::nn;

namespace mlir::nn {
#define GEN_PASS_DEF_SPECIALIZEDIMSPASS
#include "dialects/nn/transforms/Passes.h.inc"
} // namespace mlir::nn

/// Makes static those `?` of the arguments that are the size in `argIndex`.
static LogicalResult refineArguments(func::FuncOp function, unsigned argIndex, int64_t size) {
  StringRef dimsName = kDimsAttr;
  for (BlockArgument argument : function.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type || type.hasStaticShape())
      continue;
    std::optional<SmallVector<int64_t>> dims = getDimArguments(argument);
    if (!dims)
      return function.emitOpError("expects argument #")
             << argument.getArgNumber() << " of type " << type
             << " to say with 'nn.dims' which index arguments are its sizes";
    SmallVector<int64_t> shape(type.getShape()), remaining;
    auto next = dims->begin();
    for (int64_t &extent : shape) {
      if (ShapedType::isStatic(extent))
        continue;
      int64_t source = *next++;
      if (source == static_cast<int64_t>(argIndex))
        extent = size;
      else
        remaining.push_back(source);
    }
    argument.setType(RankedTensorType::get(shape, type.getElementType(), type.getEncoding()));
    if (function.getArgAttr(argument.getArgNumber(), dimsName))
      function.setArgAttr(argument.getArgNumber(), dimsName,
                          DenseI64ArrayAttr::get(function.getContext(), remaining));
  }
  return success();
}

/// The shapes that the op's interface infers for its results; empty if it has none that does.
static FailureOr<SmallVector<SmallVector<int64_t>>> inferShapes(Operation *op) {
  SmallVector<SmallVector<int64_t>> shapes;
  if (auto inferable = dyn_cast<InferTypeOpInterface>(op)) {
    SmallVector<Type> types;
    if (failed(inferable.inferReturnTypes(op->getContext(), op->getLoc(), op->getOperands(),
                                          op->getDiscardableAttrDictionary(),
                                          op->getPropertiesStorage(), op->getRegions(), types)))
      return failure();
    for (Type type : types) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      shapes.emplace_back(tensor ? tensor.getShape() : ArrayRef<int64_t>());
    }
  } else if (auto inferable = dyn_cast<InferShapedTypeOpInterface>(op)) {
    SmallVector<ShapedTypeComponents> components;
    if (failed(inferable.inferReturnTypeComponents(
            op->getContext(), op->getLoc(), op->getOperands(), op->getDiscardableAttrDictionary(),
            op->getPropertiesStorage(), op->getRegions(), components)))
      return failure();
    for (const ShapedTypeComponents &component : components)
      shapes.emplace_back(component.getDims());
  }
  return shapes;
}

/// Sets the result types that the op's interface infers, where they know more.
static LogicalResult refineResults(Operation *op) {
  FailureOr<SmallVector<SmallVector<int64_t>>> shapes = inferShapes(op);
  if (failed(shapes))
    return op->emitOpError("cannot take the specialized types of its operands");
  if (shapes->empty())
    return success();
  for (auto [result, inferred] : llvm::zip_equal(op->getResults(), *shapes)) {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    if (!type)
      continue;
    SmallVector<int64_t> shape(type.getShape());
    for (auto [extent, known] : llvm::zip_equal(shape, inferred))
      if (ShapedType::isStatic(known))
        extent = known;
    result.setType(RankedTensorType::get(shape, type.getElementType(), type.getEncoding()));
  }
  return success();
}

/// Folds index arithmetic on sizes, such as `arith.muli` and `tensor.dim`. Whether the op is gone.
static bool foldIndex(Operation *op, OpBuilder &builder) {
  if (op->getNumResults() != 1 || !op->getResult(0).getType().isIndex() ||
      op->hasTrait<OpTrait::ConstantLike>())
    return false;
  builder.setInsertionPoint(op);
  SmallVector<Value> folded;
  if (failed(builder.tryFold(op, folded)) || folded.empty())
    return false;
  op->replaceAllUsesWith(folded);
  op->erase();
  return true;
}

static LogicalResult specializeBlock(Block &block, OpBuilder &builder);

/// The bodies of an op: their arguments know what the operands know, then what follows from that.
static LogicalResult specializeBodies(Operation *op, OpBuilder &builder) {
  auto owner = dyn_cast<NnBodyOpInterface>(op);
  for (Region &region : op->getRegions()) {
    if (owner)
      for (auto [argument, type] :
           llvm::zip(region.getArguments(), owner.getBodyArgumentTypes(region.getRegionNumber()))) {
        Value operand = owner.getBodyOperand(region.getRegionNumber(), argument.getArgNumber());
        std::optional<int64_t> known =
            argument.getType().isIndex() && operand ? getConstantIntValue(operand) : std::nullopt;
        if (known) {
          builder.setInsertionPointToStart(&region.front());
          argument.replaceAllUsesWith(
              arith::ConstantIndexOp::create(builder, argument.getLoc(), *known));
        } else if (isa<RankedTensorType>(type)) {
          argument.setType(type);
        }
      }
    for (Block &block : region)
      if (failed(specializeBlock(block, builder)))
        return failure();
    // A second body may be given what the first one yields.
    if (owner && failed(refineResults(op)))
      return failure();
  }
  return success();
}

/// One operation after the other, so that each sees operands that are as good as they get.
static LogicalResult specializeBlock(Block &block, OpBuilder &builder) {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (foldIndex(&op, builder))
      continue;
    if (auto sized = dyn_cast<NnMixedSizesOpInterface>(op))
      sized.foldConstantSizes();
    if (failed(specializeBodies(&op, builder)) || failed(refineResults(&op)))
      return failure();
  }
  return success();
}

LogicalResult nn::specializeDim(func::FuncOp function, unsigned argIndex, int64_t size) {
  if (function.isExternal())
    return function.emitOpError("has no body to specialize");
  if (argIndex >= function.getNumArguments() || !function.getArgument(argIndex).getType().isIndex())
    return function.emitOpError("expects argument #") << argIndex << " to be an index";
  if (size < 0)
    return function.emitOpError("expects a size of 0 or more, found ") << size;
  if (failed(refineArguments(function, argIndex, size)))
    return failure();

  OpBuilder builder(function.getBody());
  BlockArgument argument = function.getArgument(argIndex);
  Value constant = arith::ConstantIndexOp::create(builder, argument.getLoc(), size);
  argument.replaceAllUsesWith(constant);

  if (failed(specializeBlock(function.getBody().front(), builder)))
    return failure();
  if (constant.use_empty())
    constant.getDefiningOp()->erase();

  auto returned = function.getBody().back().getTerminator()->getOperandTypes();
  function.setType(FunctionType::get(function.getContext(),
                                     function.getBody().front().getArgumentTypes(), returned));
  return success();
}

namespace {
struct SpecializeDimsPass : nn::impl::SpecializeDimsPassBase<SpecializeDimsPass> {
  using SpecializeDimsPassBase::SpecializeDimsPassBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (arg >= 0) {
      if (failed(specializeDim(function, arg, size)))
        return signalPassFailure();
      ++numSpecialized;
      return;
    }
    auto sizes = function->getAttrOfType<DenseI64ArrayAttr>(kSpecializeAttr);
    if (!sizes)
      return;
    if (sizes.size() != static_cast<int64_t>(function.getNumArguments())) {
      function.emitOpError("expects one entry of 'nn.specialize' per argument, found ")
          << sizes.size() << " for " << function.getNumArguments();
      return signalPassFailure();
    }
    for (auto [number, extent] : llvm::enumerate(sizes.asArrayRef())) {
      if (extent < 0)
        continue;
      if (failed(specializeDim(function, number, extent)))
        return signalPassFailure();
      ++numSpecialized;
    }
    function->removeAttr(kSpecializeAttr);
  }
};
} // namespace
