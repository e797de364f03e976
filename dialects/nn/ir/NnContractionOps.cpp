// nn.contract: its equation, type and derivative.
#include "dialects/nn/ir/NnEquation.h"
#include "dialects/nn/ir/NnFolding.h"
#include "dialects/nn/ir/NnOps.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::nn;

static bool isTerm(StringRef term) { return llvm::all_of(term, llvm::isAlpha); }

/// The first letter that occurs twice, or 0.
static char findRepeated(StringRef term) {
  for (size_t i = 0; i < term.size(); ++i)
    if (term.find(term[i]) != i)
      return term[i];
  return 0;
}

FailureOr<Equation> Equation::parse(StringRef text, std::optional<Location> location) {
  auto fail = [&](const Twine &why) {
    return emitOptionalError(location, "'nn.contract' op ", why);
  };
  auto [operands, result] = text.split("->");
  auto [lhs, rhs] = operands.split(',');
  if (!text.contains("->") || !operands.contains(',') || !isTerm(lhs) || !isTerm(rhs) ||
      !isTerm(result))
    return fail("expects an equation like \"mk,kn->mn\", found \"" + text + "\"");
  for (StringRef term : {lhs, rhs, result})
    if (char letter = findRepeated(term))
      return fail("expects a letter once per term, found '" + Twine(letter) + "' twice in \"" +
                  term + "\"");
  for (char letter : result)
    if (!lhs.contains(letter) && !rhs.contains(letter))
      return fail("has '" + Twine(letter) + "' in the result, but in neither operand");
  for (auto [term, other] : {std::pair(lhs, rhs), std::pair(rhs, lhs)})
    for (char letter : term)
      if (!result.contains(letter) && !other.contains(letter))
        return fail("has '" + Twine(letter) +
                    "' in one operand alone and not in the result; reduce that operand first");
  return Equation{lhs, rhs, result};
}

std::string Equation::summed() const {
  std::string letters;
  for (char letter : lhs)
    if (!result.contains(letter))
      letters.push_back(letter);
  return letters;
}

LogicalResult ContractOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                           Adaptor adaptor, SmallVectorImpl<Type> &types) {
  FailureOr<Equation> equation = Equation::parse(adaptor.getEquation(), location);
  if (failed(equation))
    return failure();
  auto lhs = cast<RankedTensorType>(adaptor.getLhs().getType());
  auto rhs = cast<RankedTensorType>(adaptor.getRhs().getType());
  if (lhs.getElementType() != rhs.getElementType())
    return emitOptionalError(location,
                             "'nn.contract' op expects operands of one element type, found ",
                             lhs.getElementType(), " and ", rhs.getElementType());
  DenseMap<char, int64_t> sizes;
  for (auto [term, type] : {std::pair(equation->lhs, lhs), std::pair(equation->rhs, rhs)}) {
    if (static_cast<int64_t>(term.size()) != type.getRank())
      return emitOptionalError(location, "'nn.contract' op expects an operand of rank ",
                               term.size(), " for \"", term, "\", found ", type);
    for (auto [letter, size] : llvm::zip_equal(term, type.getShape())) {
      int64_t &known = sizes.try_emplace(letter, size).first->second;
      if (ShapedType::isDynamic(known))
        known = size;
      if (ShapedType::isStatic(size) && known != size)
        return emitOptionalError(location, "'nn.contract' op expects one size for '",
                                 StringRef(&letter, 1), "', found ", known, " and ", size);
    }
  }
  auto shape =
      llvm::map_to_vector(equation->result, [&](char letter) { return sizes.lookup(letter); });
  types.push_back(RankedTensorType::get(shape, lhs.getElementType()));
  return success();
}

SizeOrigin ContractOp::getSizeOrigin(OpBuilder &, unsigned, int64_t dimension) {
  Equation equation = *Equation::parse(getEquation(), std::nullopt);
  char letter = equation.result[dimension];
  size_t position = equation.lhs.find(letter);
  if (position != StringRef::npos)
    return SizeOrigin::of(getLhs(), static_cast<int64_t>(position));
  return SizeOrigin::of(getRhs(), static_cast<int64_t>(equation.rhs.find(letter)));
}

SmallVector<Value> ContractOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool> wanted) {
  Equation e = *Equation::parse(getEquation(), std::nullopt);
  SmallVector<Value> result(2);
  if (wanted[0])
    result[0] = ContractOp::create(b, getLhs().getType(),
                                   (e.result + "," + e.rhs + "->" + e.lhs).str(), g[0], getRhs());
  if (wanted[1])
    result[1] = ContractOp::create(b, getRhs().getType(),
                                   (e.lhs + "," + e.result + "->" + e.rhs).str(), getLhs(), g[0]);
  return result;
}

/// Of constants of one value each: a constant.
OpFoldResult ContractOp::fold(FoldAdaptor adaptor) {
  if (!adaptor.getLhs() || !adaptor.getRhs())
    return {};
  Equation e = *Equation::parse(getEquation(), std::nullopt);
  uint64_t count = 1;
  for (char letter : e.summed())
    count *= cast<RankedTensorType>(getLhs().getType()).getDimSize(e.lhs.find(letter));
  return foldSum({adaptor.getLhs(), adaptor.getRhs()}, count, getType());
}

namespace {
/// A contraction reads its operands in any order: a transpose of one goes into the equation.
struct AbsorbTranspose : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    Equation e = *Equation::parse(op.getEquation(), std::nullopt);
    std::string terms[] = {e.lhs.str(), e.rhs.str()};
    Value operands[] = {op.getLhs(), op.getRhs()};
    bool changed = false;
    for (auto [term, operand] : llvm::zip_equal(terms, operands)) {
      auto transpose = operand.getDefiningOp<TransposeOp>();
      if (!transpose)
        continue;
      // Dimension i of the operand is dimension permutation[i] of what it transposes.
      std::string original(term.size(), ' ');
      for (auto [letter, dimension] : llvm::zip_equal(term, transpose.getPermutation()))
        original[dimension] = letter;
      term = original;
      operand = transpose.getOperand();
      changed = true;
    }
    if (!changed)
      return rewriter.notifyMatchFailure(op, "no operand is a transpose");
    rewriter.replaceOpWithNewOp<ContractOp>(op, op.getType(),
                                            terms[0] + "," + terms[1] + "->" + e.result.str(),
                                            operands[0], operands[1]);
    return success();
  }
};
} // namespace

void ContractOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<AbsorbTranspose>(context);
}
