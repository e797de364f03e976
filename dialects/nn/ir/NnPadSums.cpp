// Sums of tensors that are padded with zeros and nowhere overlap, such as the gradients of the
// parts that a tensor was split into: canonically one nn.concat of the parts.
#include "dialects/nn/ir/NnOps.h"
#include "mlir/IR/PatternMatch.h"

#include <map>

using namespace mlir;
using namespace mlir::nn;

namespace {

/// The one axis along which `pad` pads, by known sizes and without gaps between elements. None
/// where it is another kind of pad; sizes that aren't known are left to hasOtherSizesOf.
std::optional<int64_t> findPaddedAxis(PadOp pad) {
  RankedTensorType operand = typeOf(pad.getOperand()), result = pad.getType();
  std::optional<int64_t> axis;
  for (auto [d, low, stride] : llvm::enumerate(pad.getLow(), pad.getStrides())) {
    bool isWhole = low == 0 && operand.getDimSize(d) == result.getDimSize(d);
    if (stride != 1 || (!isWhole && axis))
      return std::nullopt;
    if (!isWhole)
      axis = d;
  }
  if (!axis || operand.isDynamicDim(*axis) || result.isDynamicDim(*axis))
    return std::nullopt;
  return axis;
}

/// Whether the sizes of the operand that its type doesn't tell are those of the result.
bool keepsDynamicSizes(PadOp pad) {
  // What it takes to compute sizes that are no value yet is left behind with the block.
  Block block;
  OpBuilder builder(pad.getContext());
  builder.setInsertionPointToStart(&block);
  SmallVector<OpFoldResult> sizes = pad.getMixedSizes();
  return llvm::all_of(llvm::enumerate(typeOf(pad.getOperand()).getShape()), [&](auto entry) {
    auto [d, size] = entry;
    return ShapedType::isStatic(size) ||
           getSize(builder, pad.getLoc(), pad.getOperand(), d) == sizes[d];
  });
}

/// Pads along one axis whose elements nowhere overlap.
class Row {
public:
  /// Takes `term` in where it is such a pad.
  bool add(Value term) {
    auto pad = term.getDefiningOp<PadOp>();
    std::optional<int64_t> padded = pad ? findPaddedAxis(pad) : std::nullopt;
    if (!padded || (!pads.empty() && *padded != axis))
      return false;
    int64_t begin = pad.getLow()[*padded];
    int64_t end = begin + typeOf(pad.getOperand()).getDimSize(*padded);
    auto next = pads.lower_bound(begin);
    if (next != pads.end() && (next->first < end || next->first == begin))
      return false;
    if (next != pads.begin() && getEnd(std::prev(next)->second) > begin)
      return false;
    if (!keepsDynamicSizes(pad))
      return false;
    axis = *padded;
    pads.emplace_hint(next, begin, pad);
    return true;
  }

  bool isEmpty() const { return pads.empty(); }
  bool isSum() const { return pads.size() > 1; }

  /// The sum. Each element is what one part has there and zeros, which make 0.0 of -0.0.
  Value build(ImplicitLocOpBuilder &b) const {
    PadOp first = pads.begin()->second;
    SmallVector<OpFoldResult> sizes = first.getMixedSizes();
    Value zero = buildScalarConstant(b, first.getType().getElementType(), 0.0);
    SmallVector<Value> parts;
    int64_t end = 0;
    auto fillUpTo = [&](int64_t next) {
      sizes[axis] = b.getIndexAttr(next - end);
      if (next != end)
        parts.push_back(buildBroadcast(b, zero, {}, sizes));
    };
    for (auto [begin, pad] : pads) {
      fillUpTo(begin);
      Value part = pad.getOperand();
      if (isFloatTensor(part.getType()))
        part = AddOp::create(b, part, buildConstantLike(b, part, 0.0));
      parts.push_back(part);
      end = getEnd(pad);
    }
    fillUpTo(first.getType().getDimSize(axis));
    return buildAs(b, ConcatOp::create(b, parts, axis), first.getType());
  }

private:
  int64_t getEnd(PadOp pad) const {
    return pad.getLow()[axis] + typeOf(pad.getOperand()).getDimSize(axis);
  }

  int64_t axis = 0;
  std::map<int64_t, PadOp> pads; // By where their elements begin.
};

/// The addition that `op` is the first operand of, and no other operation's: the next one of a
/// chain of sums.
bool continues(AddOp op) {
  if (!op->hasOneUse())
    return false;
  auto user = dyn_cast<AddOp>(*op->user_begin());
  return user && user.getLhs() == op.getResult();
}

/// Puts rows of pads that follow one another in a chain of sums together. No sum changes its order:
/// at each element, all but one of a row are zero.
struct JoinPads : OpRewritePattern<AddOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AddOp op, PatternRewriter &rewriter) const override {
    if (continues(op))
      return rewriter.notifyMatchFailure(op, "not the last of a chain");
    SmallVector<Value> terms{op.getRhs()};
    AddOp first = op;
    for (auto next = op; next; next = first.getLhs().getDefiningOp<AddOp>()) {
      if (next != op && !continues(next))
        break;
      if (next != op)
        terms.push_back(next.getRhs());
      first = next;
    }
    terms.push_back(first.getLhs());
    std::reverse(terms.begin(), terms.end());
    // The first two may change places.
    if (terms[0].getDefiningOp<PadOp>() && !terms[1].getDefiningOp<PadOp>())
      std::swap(terms[0], terms[1]);

    // A term, and the row that begins with it: an empty one where it is no such pad.
    SmallVector<std::pair<Value, Row>> rows;
    for (Value term : terms)
      if (rows.empty() || rows.back().second.isEmpty() || !rows.back().second.add(term)) {
        rows.push_back({term, Row()});
        rows.back().second.add(term);
      }
    if (rows.size() == terms.size())
      return rewriter.notifyMatchFailure(op, "no pads that follow one another");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value sum;
    for (auto &[term, row] : rows) {
      Value next = row.isSum() ? row.build(b) : term;
      sum = sum ? Value(AddOp::create(b, sum, next)) : next;
    }
    rewriter.replaceOp(op, sum);
    return success();
  }
};

} // namespace

void AddOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<JoinPads>(context);
}
