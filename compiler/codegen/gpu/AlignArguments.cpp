// codegen-align-arguments: tells kernels how the buffers that they are given are aligned.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/Buffers.h"
#include "compiler/codegen/shared/Entry.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_ALIGNARGUMENTS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// The greatest power of two, of those that matter, which divides a number.
int64_t findDivisor(int64_t number) { return std::gcd(number, kBufferAlignment); }

int64_t findDivisor(OpFoldResult number) {
  if (std::optional<int64_t> constant = getConstantIntValue(number))
    return findDivisor(*constant);
  Operation *op = cast<Value>(number).getDefiningOp();
  if (auto sum = dyn_cast_or_null<arith::AddIOp>(op))
    return std::min(findDivisor(sum.getLhs()), findDivisor(sum.getRhs()));
  if (auto product = dyn_cast_or_null<arith::MulIOp>(op))
    return findDivisor(findDivisor(product.getLhs()) * findDivisor(product.getRhs()));
  return 1;
}

/// A power of two that divides the address of a buffer's first element; kBufferAlignment at most.
int64_t findAlignment(Value buffer) {
  if (auto argument = dyn_cast<BlockArgument>(buffer)) {
    auto entry = dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp());
    if (!entry)
      return 1;
    unsigned number = argument.getArgNumber();
    if (auto known =
            entry.getArgAttrOfType<IntegerAttr>(number, LLVM::LLVMDialect::getAlignAttrName()))
      return findDivisor(known.getInt());
    // The workspace follows the arguments that callers know of.
    auto others = entry->getAttrOfType<ArrayAttr>(nn::kArgumentsAttr);
    return others && number == others.size() ? kBufferAlignment : 1;
  }
  Operation *op = buffer.getDefiningOp();
  if (auto view = dyn_cast<memref::ViewOp>(op))
    return std::min(findAlignment(view.getSource()),
                    findDivisor(OpFoldResult(view.getByteShift())));
  if (auto part = dyn_cast<memref::SubViewOp>(op)) {
    int64_t alignment = findAlignment(part.getSource());
    auto [strides, offset] = part.getSourceType().getStridesAndOffset();
    int64_t bytes = getElementBytes(part.getSourceType());
    for (auto [place, stride] : llvm::zip_equal(part.getMixedOffsets(), strides)) {
      int64_t step = ShapedType::isDynamic(stride) ? 1 : findDivisor(stride);
      if (!isConstantIntValue(place, 0))
        alignment = std::min(alignment, findDivisor(findDivisor(place) * step * bytes));
    }
    return alignment;
  }
  if (isa<memref::CastOp, memref::ExpandShapeOp, memref::CollapseShapeOp>(op))
    return findAlignment(op->getOperand(0));
  return 1;
}

class AlignArgumentsPass : public impl::AlignArgumentsBase<AlignArgumentsPass> {
public:
  void runOnOperation() override {
    llvm::MapVector<Operation *, SmallVector<int64_t>> alignments;
    SymbolTable symbols(getOperation());
    getOperation().walk([&](kernel::CallOp call) {
      auto &known = alignments[symbols.lookup(call.getCallee())];
      known.resize(call->getNumOperands(), kBufferAlignment);
      for (OpOperand &operand : call->getOpOperands())
        if (isa<MemRefType>(operand.get().getType())) {
          int64_t &least = known[operand.getOperandNumber()];
          least = std::min(least, findAlignment(operand.get()));
        }
    });
    Builder builder(&getContext());
    for (auto &[op, known] : alignments) {
      auto function = cast<kernel::FuncOp>(op);
      for (auto [number, type, alignment] : llvm::enumerate(function.getArgumentTypes(), known)) {
        auto buffer = dyn_cast<MemRefType>(type);
        if (!buffer || alignment <= getElementBytes(buffer))
          continue;
        function.setArgAttr(number, LLVM::LLVMDialect::getAlignAttrName(),
                            builder.getI64IntegerAttr(alignment));
        ++numAligned;
      }
    }
  }
};

} // namespace
} // namespace nnc::codegen
