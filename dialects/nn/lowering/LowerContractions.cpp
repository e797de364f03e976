// nn.contract to linalg.generic with a multiply-add body.
#include "dialects/nn/ir/NnEquation.h"
#include "dialects/nn/lowering/Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

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

/// Of more products than this the error of adding one after the other in f32 would show.
static constexpr int64_t kLongSum = 4096;
/// So many are added then: their error is small, and as few sums are kept as elements are read.
static constexpr int64_t kBlock = 1024;

namespace {
/// A dimension cut into `count` blocks of `size`, and what is left.
struct Blocks {
  int64_t count, size, rest;
};

/// What a contraction reads, and by which letters; a letter stands for a loop.
struct Operand {
  Value value;
  std::string letters;
  /// Where it is read, from the loops of its letters; null: at their places.
  function_ref<SmallVector<AffineExpr>(ArrayRef<AffineExpr>)> places = nullptr;
};
} // namespace

/// The sums over `summed` of the products of two operands, in the element type `sum`.
static Value buildSums(ImplicitLocOpBuilder &b, ArrayRef<Operand> operands, StringRef result,
                       StringRef summed, ArrayRef<OpFoldResult> sizes, Type sum) {
  std::string letters = (result + summed).str();
  auto place = [&](StringRef term) {
    return llvm::map_to_vector(term, [&](char letter) {
      return b.getAffineDimExpr(static_cast<unsigned>(letters.find(letter)));
    });
  };
  SmallVector<Value> values;
  SmallVector<AffineMap> maps;
  for (const Operand &operand : operands) {
    SmallVector<AffineExpr> read = place(operand.letters);
    if (operand.places)
      read = operand.places(read);
    values.push_back(operand.value);
    maps.push_back(AffineMap::get(letters.size(), 0, read, b.getContext()));
  }
  maps.push_back(AffineMap::get(letters.size(), 0, place(result), b.getContext()));
  SmallVector<utils::IteratorType> iterators(letters.size(), utils::IteratorType::reduction);
  std::fill_n(iterators.begin(), result.size(), utils::IteratorType::parallel);
  Value zeros = buildFilled(b, sizes, cast<TypedAttr>(b.getZeroAttr(sum)));
  auto generic = linalg::GenericOp::create(b, zeros.getType(), values, zeros, maps, iterators,
                                           [](OpBuilder &nested, Location loc, ValueRange s) {
                                             ImplicitLocOpBuilder inner(loc, nested);
                                             linalg::YieldOp::create(
                                                 inner, buildMultiplyAdd(inner, s[0], s[1], s[2]));
                                           });
  return generic.getResult(0);
}

/// Blocks of equal sizes where a nearby count divides the dimension.
static Blocks cut(int64_t size) {
  constexpr int64_t tries = 64;
  int64_t least = llvm::divideCeil(size, kBlock);
  for (int64_t count = least; count < std::min(2 * least, least + tries); ++count)
    if (size % count == 0)
      return {count, size / count, 0};
  return {size / kBlock, kBlock, size % kBlock};
}

/// The size of a letter's dimension where each operand that has it says so.
static std::optional<int64_t> getSize(ArrayRef<Operand> operands, char letter) {
  std::optional<int64_t> size;
  for (const Operand &operand : operands) {
    size_t position = operand.letters.find(letter);
    if (position == std::string::npos)
      continue;
    size = cast<RankedTensorType>(operand.value.getType()).getDimSize(int64_t(position));
    if (ShapedType::isDynamic(*size))
      return std::nullopt;
  }
  return size;
}

/// Part of an operand along one dimension.
static Value buildPart(ImplicitLocOpBuilder &b, Value whole, SmallVector<OpFoldResult> sizes,
                       size_t dimension, int64_t offset, int64_t size) {
  SmallVector<OpFoldResult> offsets(sizes.size(), b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(sizes.size(), b.getIndexAttr(1));
  offsets[dimension] = b.getIndexAttr(offset);
  sizes[dimension] = b.getIndexAttr(size);
  return tensor::ExtractSliceOp::create(b, whole, offsets, sizes, strides);
}

/// As buildSums, in blocks along `letter`, whose sums are added in f64.
static Value buildBlockedSums(ImplicitLocOpBuilder &b, ArrayRef<Operand> operands,
                              ArrayRef<SmallVector<OpFoldResult>> operandSizes, StringRef result,
                              StringRef summed, ArrayRef<OpFoldResult> sizes, Type sum, char letter,
                              Type element) {
  constexpr char block = '#';
  Blocks blocks = cut(*getSize(operands, letter));
  SmallVector<Operand> whole, rest;
  for (auto [operand, itsSizes] : llvm::zip_equal(operands, operandSizes)) {
    whole.push_back(operand);
    rest.push_back(operand);
    size_t at = operand.letters.find(letter);
    if (at == std::string::npos)
      continue;
    Value &value = whole.back().value;
    int64_t covered = blocks.count * blocks.size;
    if (blocks.rest) {
      rest.back().value = buildPart(b, value, itsSizes, at, covered, blocks.rest);
      value = buildPart(b, value, itsSizes, at, 0, covered);
    }
    SmallVector<OpFoldResult> inBlocks(itsSizes);
    inBlocks[at] = b.getIndexAttr(blocks.size);
    inBlocks.insert(inBlocks.begin() + at, b.getIndexAttr(blocks.count));
    SmallVector<ReassociationIndices> from;
    int64_t to = 0;
    for (size_t i = 0; i < itsSizes.size(); ++i, ++to) {
      from.push_back({to});
      if (i == at)
        from.back().push_back(++to);
    }
    SmallVector<int64_t> shape(cast<RankedTensorType>(value.getType()).getShape());
    shape[at] = blocks.size;
    shape.insert(shape.begin() + at, blocks.count);
    auto type = cast<RankedTensorType>(value.getType());
    value = tensor::ExpandShapeOp::create(b, RankedTensorType::get(shape, type.getElementType()),
                                          value, from, inBlocks);
    whole.back().letters.insert(at, 1, block);
  }
  SmallVector<OpFoldResult> partSizes(sizes);
  partSizes.insert(partSizes.begin(), b.getIndexAttr(blocks.count));
  Value parts = buildSums(b, whole, block + result.str(), summed, partSizes, sum);

  auto wide = b.getF64Type();
  auto rank = unsigned(sizes.size());
  Value zeros = buildFilled(b, sizes, cast<TypedAttr>(b.getZeroAttr(wide)));
  SmallVector<AffineExpr> from{b.getAffineDimExpr(rank)}, into;
  for (unsigned i = 0; i < rank; ++i)
    into.push_back(b.getAffineDimExpr(i));
  llvm::append_range(from, into);
  AffineMap maps[] = {AffineMap::get(rank + 1, 0, from, b.getContext()),
                      AffineMap::get(rank + 1, 0, into, b.getContext())};
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  iterators.push_back(utils::IteratorType::reduction);
  auto extended = [&](ImplicitLocOpBuilder &inner, Value x) {
    return arith::ExtFOp::create(inner, wide, x);
  };
  auto total = linalg::GenericOp::create(
      b, zeros.getType(), parts, zeros, maps, iterators,
      [&](OpBuilder &nested, Location loc, ValueRange s) {
        ImplicitLocOpBuilder inner(loc, nested);
        linalg::YieldOp::create(inner,
                                Value(arith::AddFOp::create(inner, s[1], extended(inner, s[0]))));
      });
  SmallVector<Value> inputs{total.getResult(0)};
  if (blocks.rest)
    inputs.push_back(buildSums(b, rest, result, summed, sizes, sum));
  SmallVector<AffineMap> read(inputs.size(), b.getMultiDimIdentityMap(rank));
  return buildParallel(b, inputs, read, sizes, element,
                       [&](ImplicitLocOpBuilder &inner, ValueRange s) -> Value {
                         Value value = s[0];
                         if (s.size() > 1)
                           value = arith::AddFOp::create(inner, value, extended(inner, s[1]));
                         return arith::TruncFOp::create(inner, element, value);
                       });
}

namespace {
/// Loops over the letters of the result in its order, then over the summed ones. The error of a
/// float sum doesn't grow with the count: where each element is read once (inner products) it is an
/// f64, and a dimension that is known to be long is cut into blocks.
struct LowerContract : NnLowering<ContractOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(ContractOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    FailureOr<Equation> equation = Equation::parse(op.getEquation(), std::nullopt);
    if (failed(equation))
      return rewriter.notifyMatchFailure(op, "the equation is malformed");
    Operand operands[] = {{adaptor.getLhs(), equation->lhs.str()},
                          {adaptor.getRhs(), equation->rhs.str()}};
    Value originals[] = {op.getLhs(), op.getRhs()};
    // Windows aren't made, but read where they lie.
    auto inLeft = [&](ArrayRef<AffineExpr> read) {
      return getWindowPlaces(originals[0].getDefiningOp<WindowsOp>(), read);
    };
    auto inRight = [&](ArrayRef<AffineExpr> read) {
      return getWindowPlaces(originals[1].getDefiningOp<WindowsOp>(), read);
    };
    bool isWindowed = false;
    for (auto [i, original] : llvm::enumerate(originals))
      // Of two, one is made: else no operand would say how many places a window has.
      if (Value source = original.getDefiningOp<WindowsOp>() && !isWindowed
                             ? info.windowed.lookup(original)
                             : Value()) {
        operands[i].value = source;
        if (i == 0)
          operands[i].places = inLeft;
        else
          operands[i].places = inRight;
        isWindowed = true;
      }

    std::string summed = equation->summed();
    SmallVector<OpFoldResult> sizes = getSizes(rewriter, op);
    Type element = getResultType(op).getElementType();
    Type sum = getAccumulatorType(element);
    if (sum.isF32() && !isWindowed) {
      std::optional<int64_t> count = 1;
      char longest = 0;
      for (char letter : summed) {
        std::optional<int64_t> size = getSize(operands, letter);
        if (size && *size > kLongSum && (!longest || *size > *getSize(operands, longest)))
          longest = letter;
        int64_t product = 0;
        count = count && size && !llvm::MulOverflow(*count, *size, product) ? std::optional(product)
                                                                            : std::nullopt;
      }
      bool isInner = llvm::all_of(equation->result, [&](char letter) {
        return equation->lhs.contains(letter) && equation->rhs.contains(letter);
      });
      if (isInner && (!count || *count > kLongSum)) {
        sum = b.getF64Type();
      } else if (longest) {
        SmallVector<OpFoldResult> operandSizes[] = {info.getSizes(rewriter, op.getLhs()),
                                                    info.getSizes(rewriter, op.getRhs())};
        rewriter.replaceOp(op, buildBlockedSums(b, operands, operandSizes, equation->result, summed,
                                                sizes, sum, longest, element));
        return success();
      }
    }
    Value result = buildSums(b, operands, equation->result, summed, sizes, sum);
    if (sum != element)
      result = buildMap(b, result, sizes, element, [&](ImplicitLocOpBuilder &inner, Value value) {
        return arith::TruncFOp::create(inner, element, value);
      });
    rewriter.replaceOp(op, result);
    return success();
  }
};
} // namespace

void nn::populateContractionLowerings(RewritePatternSet &patterns, const Lowering &lowering) {
  patterns.add<LowerContract>(lowering.converter, patterns.getContext(), lowering.info);
}
