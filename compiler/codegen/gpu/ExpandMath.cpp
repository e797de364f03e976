// codegen-expand-math: functions of mathematics in arithmetic that a GPU has.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/gpu/MathFunctions.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_EXPANDMATH
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// What is made of one operation; null where it stays.
class Expander {
public:
  explicit Expander(Operation *op) : op(op), builder(op->getLoc(), op) {}

  Value expand() {
    Type type = op->getResult(0).getType();
    bool isSingle = type.isF32(), isDouble = type.isF64();
    if (isa<arith::RemFOp>(op) && type.isF16()) {
      // Exact, so that f16 holds it.
      Type wide = builder.getF32Type();
      return buildRemainder(operand(0).in(wide), operand(1).in(wide)).in(type).value;
    }
    if (!isSingle && !isDouble)
      return {};
    // Of both types.
    if (isa<arith::RemFOp>(op))
      return buildRemainder(operand(0), operand(1)).value;
    if (isa<math::PowFOp>(op))
      return buildPow(operand(0), operand(1)).value;
    if (isa<math::SinOp>(op))
      return buildSin(operand(0)).value;
    if (isa<math::CosOp>(op))
      return buildCos(operand(0)).value;
    if (isa<math::RsqrtOp>(op))
      return (1.0 / operand(0).make<math::SqrtOp>()).value;
    if (isSingle)
      return {};
    using Function = Real (*)(Real);
    auto function = llvm::TypeSwitch<Operation *, Function>(op)
                        .Case([](math::ExpOp) { return buildExp; })
                        .Case([](math::ExpM1Op) { return buildExpM1; })
                        .Case([](math::LogOp) { return buildLog; })
                        .Case([](math::Log1pOp) { return buildLog1p; })
                        .Case([](math::TanhOp) { return buildTanh; })
                        .Case([](math::ErfOp) { return buildErf; })
                        .Case([](math::ErfcOp) { return buildErfc; })
                        .Default(nullptr);
    return function ? function(operand(0)).value : Value();
  }

private:
  Real operand(unsigned i) { return {{&builder, op->getOperand(i)}}; }

  Operation *op;
  ImplicitLocOpBuilder builder;
};

class ExpandMathPass : public impl::ExpandMathBase<ExpandMathPass> {
public:
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<math::MathDialect>(op->getDialect()) || isa<arith::RemFOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      if (Value value = Expander(op).expand()) {
        op->replaceAllUsesWith(ValueRange{value});
        op->erase();
        ++numExpanded;
      } else if (!isInstruction(op)) {
        op->emitOpError("has no code for a GPU");
        return signalPassFailure();
      }
    }
  }

private:
  /// Whether a GPU has instructions for `op`, or LowerVectors a polynomial.
  static bool isInstruction(Operation *op) {
    if (isa<math::AbsFOp, math::AbsIOp, math::CeilOp, math::CopySignOp, math::CountLeadingZerosOp,
            math::CountTrailingZerosOp, math::CtPopOp, math::FloorOp, math::FmaOp, math::IsFiniteOp,
            math::IsInfOp, math::IsNaNOp, math::IsNormalOp, math::RoundEvenOp, math::RoundOp,
            math::SqrtOp, math::TruncOp>(op))
      return true;
    return getElementTypeOrSelf(op->getResult(0).getType()).isF32() &&
           isa<math::ErfOp, math::ErfcOp, math::ExpOp, math::ExpM1Op, math::Log1pOp, math::Log2Op,
               math::LogOp, math::TanhOp>(op);
  }
};

} // namespace
} // namespace nnc::codegen
