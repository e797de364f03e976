// nn.contract to linalg.generic with a multiply-add body.
#include "dialects/nn/ir/NnEquation.h"
#include "dialects/nn/lowering/Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nn;

/// The product in `type`, which is at least as wide as the operands.
static Value buildProduct(ImplicitLocOpBuilder &b, Value lhs, Value rhs, Type type) {
  if (!isa<FloatType>(type))
    return arith::MulIOp::create(b, lhs, rhs);
  if (lhs.getType() != type) {
    lhs = arith::ExtFOp::create(b, type, lhs);
    rhs = arith::ExtFOp::create(b, type, rhs);
  }
  return arith::MulFOp::create(b, lhs, rhs);
}

static Value buildMultiplyAdd(ImplicitLocOpBuilder &b, Value lhs, Value rhs, Value sum) {
  Value product = buildProduct(b, lhs, rhs, sum.getType());
  if (!isa<FloatType>(sum.getType()))
    return arith::AddIOp::create(b, sum, product);
  return arith::AddFOp::create(b, sum, product);
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

/// The sums over `summed` of the products of two operands, in the element type `sum`; the products
/// where nothing is summed, as elementwise code is.
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
  if (summed.empty())
    return buildParallel(b, values, maps, sizes, sum,
                         [&](ImplicitLocOpBuilder &inner, ValueRange s) {
                           return buildProduct(inner, s[0], s[1], sum);
                         });
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
                       size_t dimension, OpFoldResult offset, OpFoldResult size) {
  SmallVector<OpFoldResult> offsets(sizes.size(), b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(sizes.size(), b.getIndexAttr(1));
  offsets[dimension] = offset;
  sizes[dimension] = size;
  return tensor::ExtractSliceOp::create(b, whole, offsets, sizes, strides);
}

/// `total`, an f64, and the f32 `part`.
static Value buildWideSum(ImplicitLocOpBuilder &b, Value total, Value part) {
  return arith::AddFOp::create(b, total, arith::ExtFOp::create(b, total.getType(), part));
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
      rest.back().value =
          buildPart(b, value, itsSizes, at, b.getIndexAttr(covered), b.getIndexAttr(blocks.rest));
      value = buildPart(b, value, itsSizes, at, b.getIndexAttr(0), b.getIndexAttr(covered));
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
  auto total =
      linalg::GenericOp::create(b, zeros.getType(), parts, zeros, maps, iterators,
                                [&](OpBuilder &nested, Location loc, ValueRange s) {
                                  ImplicitLocOpBuilder inner(loc, nested);
                                  linalg::YieldOp::create(inner, buildWideSum(inner, s[1], s[0]));
                                });
  SmallVector<Value> inputs{total.getResult(0)};
  if (blocks.rest)
    inputs.push_back(buildSums(b, rest, result, summed, sizes, sum));
  SmallVector<AffineMap> read(inputs.size(), b.getMultiDimIdentityMap(rank));
  return buildParallel(b, inputs, read, sizes, element,
                       [&](ImplicitLocOpBuilder &inner, ValueRange s) -> Value {
                         Value value = s[0];
                         if (s.size() > 1)
                           value = buildWideSum(inner, value, s[1]);
                         return arith::TruncFOp::create(inner, element, value);
                       });
}

namespace {
/// A contraction over dimensions whose sizes are known at run time, and may be long: loops over
/// blocks of them, whose sums are added in f64 in the order of the loops.
class LoopedSums {
public:
  LoopedSums(ImplicitLocOpBuilder &b, StringRef result, StringRef summed,
             ArrayRef<OpFoldResult> sizes)
      : b(b), result(result), summed(summed), sizes(sizes) {}

  /// `letters` are those to loop over; `operandSizes` those of `operands`.
  Value build(SmallVector<Operand> operands, SmallVector<SmallVector<OpFoldResult>> operandSizes,
              StringRef letters, Type element) {
    Value zeros = buildFilled(b, sizes, b.getF64FloatAttr(0));
    // Whole blocks of a size that is known, and then what is left, in which all is where it is less
    // than one: its sums go on to whoever reads them.
    int64_t around = letters.size() == 1 ? countAround(operands, letters.front()) : 0;
    if (around == 0)
      return round({addBlocks(operands, operandSizes, letters, zeros)}, element);
    Value size = sizeOf(operands, operandSizes, letters.front());
    Value block = index(std::max<int64_t>(1, kBlock / around));
    Value rest = arith::RemUIOp::create(b, size, block);
    Value covered = arith::SubIOp::create(b, size, rest);
    Value total = loop(covered, block, zeros, [&](Value from, Value sum) {
      auto [parts, partSizes] = take(operands, operandSizes, letters.front(), from, block);
      return addBlocks(parts, partSizes, "", sum);
    });
    auto [parts, partSizes] = take(operands, operandSizes, letters.front(), covered, rest);
    return round({total, buildSums(b, parts, result, summed, sizes, b.getF32Type())}, element);
  }

private:
  using Sizes = SmallVector<SmallVector<OpFoldResult>>;

  /// `total` and the sums over blocks along the first of `letters`, and in these along the others.
  Value addBlocks(const SmallVector<Operand> &operands, const Sizes &operandSizes,
                  StringRef letters, Value total) {
    if (letters.empty()) {
      Value part = buildSums(b, operands, result, summed, sizes, b.getF32Type());
      SmallVector<AffineMap> read(2, b.getMultiDimIdentityMap(unsigned(sizes.size())));
      return buildParallel(b, {total, part}, read, sizes, b.getF64Type(),
                           [](ImplicitLocOpBuilder &inner, ValueRange s) {
                             return buildWideSum(inner, s[0], s[1]);
                           });
    }
    Value size = sizeOf(operands, operandSizes, letters.front());
    // As many as make a block of what is summed of the others.
    Value others = index(1);
    for (char letter : summed)
      if (letter != letters.front())
        others = arith::MulIOp::create(b, others, sizeOf(operands, operandSizes, letter));
    Value block =
        arith::DivUIOp::create(b, index(kBlock), arith::MaxUIOp::create(b, others, index(1)));
    block = arith::MaxUIOp::create(b, block, index(1));
    return loop(size, block, total, [&](Value from, Value sum) {
      Value left = arith::SubIOp::create(b, size, from);
      auto [parts, partSizes] = take(operands, operandSizes, letters.front(), from,
                                     arith::MinUIOp::create(b, left, block));
      return addBlocks(parts, partSizes, letters.drop_front(), sum);
    });
  }

  /// The product of the sizes of all summed letters but one, which are known.
  int64_t countAround(ArrayRef<Operand> operands, char letter) const {
    int64_t count = 1;
    for (char other : summed)
      if (other != letter)
        count *= *getSize(operands, other);
    return count;
  }

  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, value); }

  Value sizeOf(ArrayRef<Operand> operands, const Sizes &operandSizes, char letter) {
    for (auto [operand, itsSizes] : llvm::zip_equal(operands, operandSizes))
      if (size_t at = operand.letters.find(letter); at != std::string::npos)
        return getValueOrCreateConstantIndexOp(b, b.getLoc(), itsSizes[at]);
    llvm_unreachable("a summed letter is one of an operand");
  }

  std::pair<SmallVector<Operand>, Sizes> take(SmallVector<Operand> operands, Sizes operandSizes,
                                              char letter, Value from, Value count) {
    for (auto [operand, itsSizes] : llvm::zip_equal(operands, operandSizes)) {
      size_t at = operand.letters.find(letter);
      if (at == std::string::npos)
        continue;
      OpFoldResult size = getAsOpFoldResult(count);
      operand.value = buildPart(b, operand.value, itsSizes, at, from, size);
      itsSizes[at] = size;
    }
    return {operands, operandSizes};
  }

  Value loop(Value end, Value step, Value total, function_ref<Value(Value, Value)> body) {
    auto loop = scf::ForOp::create(b, index(0), end, step, total);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    scf::YieldOp::create(b, body(loop.getInductionVar(), loop.getRegionIterArg(0)));
    return loop.getResult(0);
  }

  /// The sum of an f64 and perhaps an f32, in the element type of the result.
  Value round(ArrayRef<Value> parts, Type element) {
    SmallVector<AffineMap> read(parts.size(), b.getMultiDimIdentityMap(unsigned(sizes.size())));
    return buildParallel(b, parts, read, sizes, element,
                         [&](ImplicitLocOpBuilder &inner, ValueRange s) -> Value {
                           Value value = s.size() > 1 ? buildWideSum(inner, s[0], s[1]) : s[0];
                           return arith::TruncFOp::create(inner, element, value);
                         });
  }

  ImplicitLocOpBuilder &b;
  StringRef result, summed;
  ArrayRef<OpFoldResult> sizes;
};

/// Loops over the letters of the result in its order, then over the summed ones. The error of a
/// float sum doesn't grow with the count: where each element is read once (inner products) it is an
/// f64, and a dimension that is long, or may be, is cut into blocks.
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
    for (auto [i, original] : llvm::enumerate(originals)) {
      Value source = original.getDefiningOp<WindowsOp>() ? info.windowed.lookup(original) : Value();
      const Operand &other = operands[1 - i];
      // Sums of two loops do not tell how long either is: some other place must.
      bool isTold = llvm::all_of(operands[i].letters, [&](char letter) {
        return StringRef(equation->result).contains(letter) ||
               (!other.places && StringRef(other.letters).contains(letter));
      });
      if (!source || !isTold)
        continue;
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
      std::string open; // Of a size that may be any.
      for (char letter : summed) {
        std::optional<int64_t> size = getSize(operands, letter);
        if (size && *size > kLongSum && (!longest || *size > *getSize(operands, longest)))
          longest = letter;
        if (!size)
          open += letter;
        int64_t product = 0;
        count = count && size && !llvm::MulOverflow(*count, *size, product) ? std::optional(product)
                                                                            : std::nullopt;
      }
      bool isInner = llvm::all_of(equation->result, [&](char letter) {
        return equation->lhs.contains(letter) && equation->rhs.contains(letter);
      });
      if (isInner && (!count || *count > kLongSum)) {
        sum = b.getF64Type();
      } else if (longest || !open.empty()) {
        SmallVector<OpFoldResult> operandSizes[] = {info.getSizes(rewriter, op.getLhs()),
                                                    info.getSizes(rewriter, op.getRhs())};
        if (!open.empty()) {
          LoopedSums sums(b, equation->result, summed, sizes);
          rewriter.replaceOp(
              op, sums.build({operands[0], operands[1]}, {operandSizes[0], operandSizes[1]},
                             open + (longest ? std::string(1, longest) : ""), element));
          return success();
        }
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
