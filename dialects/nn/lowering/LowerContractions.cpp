// nn.contract to linalg.generic with a multiply-add body.
#include "dialects/nn/ir/NnEquation.h"
#include "dialects/nn/lowering/Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::nn;

static Value buildMultiplyAdd(ImplicitLocOpBuilder &b, Value lhs, Value rhs, Value sum) {
  Type type = sum.getType();
  if (!isa<FloatType>(type))
    return arith::AddIOp::create(b, sum, arith::MulIOp::create(b, lhs, rhs));
  if (lhs.getType() != type) {
    lhs = arith::ExtFOp::create(b, type, lhs);
    rhs = arith::ExtFOp::create(b, type, rhs);
  }
  return arith::AddFOp::create(b, sum, arith::MulFOp::create(b, lhs, rhs));
}

namespace {
/// Loops over the letters of the result in its order, then over the summed ones.
struct LowerContract : NnLowering<ContractOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(ContractOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    FailureOr<Equation> equation = Equation::parse(op.getEquation(), std::nullopt);
    if (failed(equation))
      return rewriter.notifyMatchFailure(op, "the equation is malformed");
    std::string letters = equation->result.str() + equation->summed();
    auto place = [&](StringRef term) {
      return llvm::map_to_vector(term, [&](char letter) {
        return b.getAffineDimExpr(static_cast<unsigned>(letters.find(letter)));
      });
    };
    Value operands[] = {adaptor.getLhs(), adaptor.getRhs()};
    SmallVector<AffineMap> maps;
    for (auto [term, original, operand] :
         llvm::zip_equal(std::array{equation->lhs, equation->rhs},
                         std::array{op.getLhs(), op.getRhs()}, operands)) {
      SmallVector<AffineExpr> read = place(term);
      // Windows aren't made, but read where they lie.
      if (auto windows = original.getDefiningOp<WindowsOp>())
        if (Value source = info.windowed.lookup(original)) {
          operand = source;
          read = getWindowPlaces(windows, read);
        }
      maps.push_back(AffineMap::get(letters.size(), 0, read, b.getContext()));
    }
    maps.push_back(AffineMap::get(letters.size(), 0, place(equation->result), b.getContext()));
    SmallVector<utils::IteratorType> iterators(letters.size(), utils::IteratorType::reduction);
    std::fill_n(iterators.begin(), equation->result.size(), utils::IteratorType::parallel);

    SmallVector<OpFoldResult> sizes = getSizes(rewriter, op);
    Type element = getResultType(op).getElementType();
    Type accumulator = getAccumulatorType(element);
    Value zeros = buildFilled(b, sizes, cast<TypedAttr>(b.getZeroAttr(accumulator)));
    auto generic = linalg::GenericOp::create(
        b, zeros.getType(), ValueRange(operands), zeros, maps, iterators,
        [](OpBuilder &nested, Location loc, ValueRange s) {
          ImplicitLocOpBuilder inner(loc, nested);
          linalg::YieldOp::create(inner, buildMultiplyAdd(inner, s[0], s[1], s[2]));
        });
    Value result = generic.getResult(0);
    if (accumulator != element)
      result = buildMap(b, result, sizes, element, [&](ImplicitLocOpBuilder &inner, Value sum) {
        return arith::TruncFOp::create(inner, element, sum);
      });
    rewriter.replaceOp(op, result);
    return success();
  }
};
} // namespace

void nn::populateContractionLowerings(RewritePatternSet &patterns, const Lowering &lowering) {
  patterns.add<LowerContract>(lowering.converter, patterns.getContext(), lowering.info);
}
