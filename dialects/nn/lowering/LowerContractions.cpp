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
  SmallVector<OpFoldResult> sizes; ///< Of the letters.
  /// The windows whose elements are read in `value`, by these letters; null: at their places.
  WindowsOp windows;

  /// The dimension of `value` that a letter alone counts through; none where it lacks the letter,
  /// or where windows overlap along it.
  std::optional<size_t> getDimension(char letter) const {
    size_t at = letters.find(letter);
    if (at == std::string::npos)
      return std::nullopt;
    if (!windows || at == 0)
      return at;
    if (at + 1 != letters.size())
      return std::nullopt;
    return cast<RankedTensorType>(value.getType()).getRank() - 1;
  }
  /// Where it is read, from the places of the loops. Of windows that are cut into blocks, the loop
  /// over these stands before that over their inside.
  SmallVector<AffineExpr> getPlaces(SmallVector<AffineExpr> loops) const {
    if (!windows)
      return loops;
    size_t block = letters.find(kBlockLetter);
    if (block == std::string::npos)
      return getWindowPlaces(windows, loops);
    AffineExpr number = loops[block];
    loops.erase(loops.begin() + block);
    SmallVector<AffineExpr> places = getWindowPlaces(windows, loops);
    places.insert(block == 0 ? places.begin() : std::prev(places.end()), number);
    return places;
  }

  /// Stands for the loop over blocks.
  static constexpr char kBlockLetter = '#';
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
    values.push_back(operand.value);
    maps.push_back(AffineMap::get(letters.size(), 0, operand.getPlaces(place(operand.letters)),
                                  b.getContext()));
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

/// Blocks of `block` at most, of equal sizes where a nearby count divides the dimension.
static Blocks cut(int64_t size, int64_t block) {
  constexpr int64_t tries = 64;
  int64_t least = llvm::divideCeil(size, block);
  for (int64_t count = least; count < std::min(2 * least, least + tries); ++count)
    if (size % count == 0)
      return {count, size / count, 0};
  return {size / block, block, size % block};
}

/// The size of a letter's dimension where each operand that has it says so.
static std::optional<int64_t> getSize(ArrayRef<Operand> operands, char letter) {
  std::optional<int64_t> size;
  for (const Operand &operand : operands) {
    size_t position = operand.letters.find(letter);
    if (position == std::string::npos)
      continue;
    // Where the type doesn't say it, it is a value.
    auto known = dyn_cast<Attribute>(operand.sizes[position]);
    if (!known)
      return std::nullopt;
    size = cast<IntegerAttr>(known).getInt();
  }
  return size;
}

/// The sizes of what an operand reads, which windows have more of.
static SmallVector<OpFoldResult> getValueSizes(ImplicitLocOpBuilder &b, const Operand &operand) {
  return operand.windows ? tensor::getMixedSizes(b, b.getLoc(), operand.value) : operand.sizes;
}

/// Part of an operand along a letter's dimension, if it has that.
static Operand takePart(ImplicitLocOpBuilder &b, Operand operand, char letter, OpFoldResult offset,
                        OpFoldResult size) {
  std::optional<size_t> dimension = operand.getDimension(letter);
  if (!dimension)
    return operand;
  SmallVector<OpFoldResult> sizes = getValueSizes(b, operand);
  SmallVector<OpFoldResult> offsets(sizes.size(), b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(sizes.size(), b.getIndexAttr(1));
  offsets[*dimension] = offset;
  sizes[*dimension] = size;
  operand.value = tensor::ExtractSliceOp::create(b, operand.value, offsets, sizes, strides);
  operand.sizes[operand.letters.find(letter)] = size;
  return operand;
}

/// The operand with a letter's dimension in blocks, which have a letter of their own.
static Operand takeBlocks(ImplicitLocOpBuilder &b, Operand operand, char letter,
                          const Blocks &blocks) {
  std::optional<size_t> at = operand.getDimension(letter);
  if (!at)
    return operand;
  if (blocks.rest)
    operand =
        takePart(b, operand, letter, b.getIndexAttr(0), b.getIndexAttr(blocks.count * blocks.size));
  SmallVector<OpFoldResult> sizes = getValueSizes(b, operand);
  SmallVector<ReassociationIndices> from;
  int64_t to = 0;
  for (size_t i = 0; i < sizes.size(); ++i, ++to) {
    from.push_back({to});
    if (i == *at)
      from.back().push_back(++to);
  }
  auto split = [&](auto &shape, size_t place, auto count, auto size) {
    shape[place] = size;
    shape.insert(shape.begin() + place, count);
  };
  OpFoldResult count = b.getIndexAttr(blocks.count), size = b.getIndexAttr(blocks.size);
  split(sizes, *at, count, size);
  auto type = cast<RankedTensorType>(operand.value.getType());
  SmallVector<int64_t> shape(type.getShape());
  split(shape, *at, blocks.count, blocks.size);
  operand.value = tensor::ExpandShapeOp::create(
      b, RankedTensorType::get(shape, type.getElementType()), operand.value, from, sizes);
  size_t place = operand.letters.find(letter);
  split(operand.sizes, place, count, size);
  operand.letters.insert(place, 1, Operand::kBlockLetter);
  return operand;
}

/// `total`, an f64, and the f32 `part`.
static Value buildWideSum(ImplicitLocOpBuilder &b, Value total, Value part) {
  return arith::AddFOp::create(b, total, arith::ExtFOp::create(b, total.getType(), part));
}

/// As buildSums, in `blocks` along `letter`, whose sums are added in f64.
static Value buildBlockedSums(ImplicitLocOpBuilder &b, ArrayRef<Operand> operands, StringRef result,
                              StringRef summed, ArrayRef<OpFoldResult> sizes, Type sum, char letter,
                              const Blocks &blocks, Type element) {
  SmallVector<Operand> whole, rest;
  for (const Operand &operand : operands) {
    whole.push_back(takeBlocks(b, operand, letter, blocks));
    if (blocks.rest)
      rest.push_back(takePart(b, operand, letter, b.getIndexAttr(blocks.count * blocks.size),
                              b.getIndexAttr(blocks.rest)));
  }
  SmallVector<OpFoldResult> partSizes(sizes);
  partSizes.insert(partSizes.begin(), b.getIndexAttr(blocks.count));
  Value parts = buildSums(b, whole, Operand::kBlockLetter + result.str(), summed, partSizes, sum);

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

  /// `letters` are those to loop over.
  Value build(ArrayRef<Operand> operands, StringRef letters, Type element) {
    Value zeros = buildFilled(b, sizes, b.getF64FloatAttr(0));
    // Whole blocks of a size that is known, and then what is left, in which all is where it is less
    // than one: its sums go on to whoever reads them.
    int64_t around = letters.size() == 1 ? countAround(operands, letters.front()) : 0;
    if (around == 0)
      return round({addBlocks(operands, letters, zeros)}, element);
    Value size = sizeOf(operands, letters.front());
    Value block = index(std::max<int64_t>(1, kBlock / around));
    Value rest = arith::RemUIOp::create(b, size, block);
    Value covered = arith::SubIOp::create(b, size, rest);
    Value total = loop(covered, block, zeros, [&](Value from, Value sum) {
      return addBlocks(take(operands, letters.front(), from, block), "", sum);
    });
    SmallVector<Operand> left = take(operands, letters.front(), covered, rest);
    return round({total, buildSums(b, left, result, summed, sizes, b.getF32Type())}, element);
  }

private:
  /// `total` and the sums over blocks along the first of `letters`, and in these along the others.
  Value addBlocks(ArrayRef<Operand> operands, StringRef letters, Value total) {
    if (letters.empty()) {
      Value part = buildSums(b, operands, result, summed, sizes, b.getF32Type());
      SmallVector<AffineMap> read(2, b.getMultiDimIdentityMap(unsigned(sizes.size())));
      return buildParallel(b, {total, part}, read, sizes, b.getF64Type(),
                           [](ImplicitLocOpBuilder &inner, ValueRange s) {
                             return buildWideSum(inner, s[0], s[1]);
                           });
    }
    Value size = sizeOf(operands, letters.front());
    // As many as make a block of what is summed of the others.
    Value others = index(1);
    for (char letter : summed)
      if (letter != letters.front())
        others = arith::MulIOp::create(b, others, sizeOf(operands, letter));
    Value block =
        arith::DivUIOp::create(b, index(kBlock), arith::MaxUIOp::create(b, others, index(1)));
    block = arith::MaxUIOp::create(b, block, index(1));
    return loop(size, block, total, [&](Value from, Value sum) {
      Value left = arith::SubIOp::create(b, size, from);
      Value count = arith::MinUIOp::create(b, left, block);
      return addBlocks(take(operands, letters.front(), from, count), letters.drop_front(), sum);
    });
  }

  /// The product of the sizes of all summed letters but one; 0 where one isn't known.
  int64_t countAround(ArrayRef<Operand> operands, char letter) const {
    int64_t count = 1;
    for (char other : summed)
      if (other != letter)
        count *= getSize(operands, other).value_or(0);
    return count;
  }

  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, value); }

  Value sizeOf(ArrayRef<Operand> operands, char letter) {
    for (const Operand &operand : operands)
      if (size_t at = operand.letters.find(letter); at != std::string::npos)
        return getValueOrCreateConstantIndexOp(b, b.getLoc(), operand.sizes[at]);
    llvm_unreachable("a summed letter is one of an operand");
  }

  SmallVector<Operand> take(ArrayRef<Operand> operands, char letter, Value from, Value count) {
    return llvm::map_to_vector(operands, [&](const Operand &operand) {
      return takePart(b, operand, letter, from, getAsOpFoldResult(count));
    });
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

/// Along which letters the sums of a contraction are cut for their error not to grow: all whose
/// sizes may be any, and the longest ones until few products are left to be added in one go. None
/// where these are few anyway.
static std::string chooseCuts(ArrayRef<Operand> operands, StringRef summed) {
  std::string letters, others; // Of `others` the sizes are known.
  int64_t rest = 1;
  for (char letter : summed) {
    std::optional<int64_t> size = getSize(operands, letter);
    if (size && llvm::MulOverflow(rest, *size, rest))
      rest = std::numeric_limits<int64_t>::max();
    bool isCuttable = llvm::all_of(operands, [&](const Operand &operand) {
      return !StringRef(operand.letters).contains(letter) || operand.getDimension(letter);
    });
    if (isCuttable)
      (size ? others : letters) += letter;
  }
  while (rest > kLongSum && !others.empty()) {
    auto longest = llvm::max_element(
        others, [&](char a, char b) { return *getSize(operands, a) < *getSize(operands, b); });
    rest /= *getSize(operands, *longest);
    letters += *longest;
    others.erase(longest);
  }
  return letters;
}

/// Loops over the letters of the result in its order, then over the summed ones. The error of a
/// float sum doesn't grow with the count: where each element is read once (inner products) it is an
/// f64, and where many products are added, or may be, they are cut into blocks.
struct LowerContract : NnLowering<ContractOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(ContractOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    FailureOr<Equation> equation = Equation::parse(op.getEquation(), std::nullopt);
    if (failed(equation))
      return rewriter.notifyMatchFailure(op, "the equation is malformed");
    StringRef result = equation->result;
    std::string summed = equation->summed();
    Operand operands[] = {
        {adaptor.getLhs(), equation->lhs.str(), info.getSizes(rewriter, op.getLhs()), {}},
        {adaptor.getRhs(), equation->rhs.str(), info.getSizes(rewriter, op.getRhs()), {}}};
    readWindows(op, result, operands);

    SmallVector<OpFoldResult> sizes = getSizes(rewriter, op);
    Type element = getResultType(op).getElementType();
    Type sum = getAccumulatorType(element);
    std::string cuts = sum.isF32() ? chooseCuts(operands, summed) : "";
    if (!cuts.empty()) {
      bool isInner = llvm::all_of(result, [&](char letter) {
        return equation->lhs.contains(letter) && equation->rhs.contains(letter);
      });
      if (!isInner) {
        rewriter.replaceOp(op, buildCutSums(b, operands, result, summed, sizes, cuts, element));
        return success();
      }
      sum = b.getF64Type();
    }
    Value value = buildSums(b, operands, result, summed, sizes, sum);
    if (sum != element)
      value = buildMap(b, value, sizes, element, [&](ImplicitLocOpBuilder &inner, Value wide) {
        return arith::TruncFOp::create(inner, element, wide);
      });
    rewriter.replaceOp(op, value);
    return success();
  }

private:
  /// Windows aren't made, but read where they lie.
  void readWindows(ContractOp op, StringRef result, MutableArrayRef<Operand> operands) const {
    for (unsigned i : {0, 1}) {
      Value original = op->getOperand(i);
      auto windows = original.getDefiningOp<WindowsOp>();
      Value source = windows ? info.windowed.lookup(original) : Value();
      const Operand &other = operands[1 - i];
      // Sums of two loops do not tell how long either is: some other place must.
      bool isTold = llvm::all_of(operands[i].letters, [&](char letter) {
        return result.contains(letter) ||
               (!other.windows && StringRef(other.letters).contains(letter));
      });
      if (!source || !isTold)
        continue;
      operands[i].value = source;
      operands[i].windows = windows;
    }
  }

  /// The sums in blocks along `cuts`. Side by side, where the sums of all blocks take little memory
  /// or nothing else is summed; else one after the other.
  static Value buildCutSums(ImplicitLocOpBuilder &b, ArrayRef<Operand> operands, StringRef result,
                            StringRef summed, ArrayRef<OpFoldResult> sizes, StringRef cuts,
                            Type element) {
    constexpr int64_t few = 1 << 20;
    std::optional<int64_t> size = getSize(operands, cuts.front());
    int64_t around = 1;
    for (char letter : summed)
      if (letter != cuts.front())
        around *= getSize(operands, letter).value_or(0);
    if (cuts.size() == 1 && size && around > 0) {
      Blocks blocks = cut(*size, std::max<int64_t>(1, kBlock / around));
      uint64_t parts = blocks.count;
      for (OpFoldResult each : sizes)
        parts = llvm::SaturatingMultiply<uint64_t>(parts, getConstantIntValue(each).value_or(few));
      if (around == 1 || parts <= few)
        return buildBlockedSums(b, operands, result, summed, sizes, b.getF32Type(), cuts.front(),
                                blocks, element);
    }
    return LoopedSums(b, result, summed, sizes).build(operands, cuts, element);
  }
};
} // namespace

void nn::populateContractionLowerings(RewritePatternSet &patterns, const Lowering &lowering) {
  patterns.add<LowerContract>(lowering.converter, patterns.getContext(), lowering.info);
}
