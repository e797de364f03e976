// Sine, cosine and remainders: what is left after a multiple of a period or a divisor is taken
// away.
#include "compiler/codegen/gpu/MathFunctions.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

#include <cmath>
#include <numbers>

namespace nnc::codegen {

using namespace mlir;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();
static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

namespace {
/// x = quadrant * pi/2 + angle, where the angle is within pi/4 of zero or little beyond. Of the
/// quadrant the last two bits count.
struct Reduced {
  Word quadrant;
  Real angle;
};
} // namespace

/// For numbers of at most 2^17 (f32) or 2^30 (f64): takes the multiple of pi/2 away in three parts,
/// each as long as the type's numbers. The first difference is exact; no other one cancels.
static Reduced reduceNear(Real x) {
  static constexpr double kSingle[] = {0x1.921fb6p+0, -0x1.777a5cp-25, -0x1.ee59dap-50};
  static constexpr double kDouble[] = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54,
                                       -0x1.f1976b7ed8fbcp-110};
  Real near = clamp(x, -0x1p30, 0x1p30);
  Real count = roundToEven(near * (2 * std::numbers::inv_pi));
  Real angle = near;
  for (double part : x.isDouble() ? kDouble : kSingle)
    angle = fma(-count, part, angle);
  return {count.truncated(), choose(count == 0.0, x, angle)}; // A zero's sign stays.
}

/// 2/pi in binary, behind a word of zeros: as many words as the largest number of a type asks for.
static SmallVector<int64_t> twoOverPi(unsigned wordBits) {
  static constexpr uint64_t kDigits[] = {
      0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561,
      0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484,
      0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f,
      0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d, 0x7527bac7ebe5f17b,
      0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab};
  SmallVector<int64_t> words = {0};
  if (wordBits == 64) {
    words.append(std::begin(kDigits), std::end(kDigits));
    return words;
  }
  for (uint64_t digits : ArrayRef(kDigits).take_front(4)) {
    words.push_back(static_cast<int32_t>(digits >> 32));
    words.push_back(static_cast<int32_t>(digits));
  }
  return words;
}

/// Three words of 2/pi, from bit `first` of the table on.
static SmallVector<Word> findDigits(Word first) {
  const unsigned width = first.bits();
  SmallVector<int64_t> table = twoOverPi(width);
  Word place = first >> llvm::Log2_32(width), shift = first & (width - 1);
  // The fourth word before the table's end is the last one to begin with.
  SmallVector<Word> words;
  for (unsigned i = 0; i < 4; ++i)
    words.push_back(first.of(table[i]));
  for (unsigned begin = 1; begin + 4 <= table.size(); ++begin) {
    Truth isHere = place == begin;
    for (unsigned i = 0; i < 4; ++i)
      words[i] = choose(isHere, first.of(table[begin + i]), words[i]);
  }
  for (unsigned i = 0; i < 3; ++i) {
    // In two steps, as no shift by a whole word is defined.
    Word below = (words[i + 1] >> 1) >> (first.of(width - 1) - shift);
    words[i] = (words[i] << shift) | below;
  }
  words.pop_back();
  return words;
}

/// The low and the high word of a product of natural numbers.
static std::pair<Word, Word> multiply(Word a, Word b) {
  auto product = arith::MulUIExtendedOp::create(*a.builder, a.value, b.value);
  return {{{a.builder, product.getLow()}}, {{a.builder, product.getHigh()}}};
}

static Word countLeadingZeros(Word a) {
  return {{a.builder, math::CountLeadingZerosOp::create(*a.builder, a.value)}};
}

/// For any number that is finite and not smaller than those which reduceNear() takes: multiplies
/// the significand by those digits of 2/pi that count (Payne & Hanek, "Radian reduction for
/// trigonometric functions", 1983). The product's first two bits are the quadrant, of a number that
/// is three words long; at most a third of its digits cancel.
static Reduced reduceFar(Real x) {
  const unsigned width = x.bits(), digits = x.fractionBits();
  Word bits = x.word() & (~uint64_t{0} >> (65 - width)); // Without the sign.
  Word significand = (bits & ((int64_t{1} << digits) - 1)) | (int64_t{1} << digits);
  // x = significand * 2^exponent. Digits before bit exponent - 1 add multiples of four; in the
  // table bit 1 stands behind a word of zeros.
  Word exponent = (bits >> digits) - (x.bias() + digits);
  SmallVector<Word> window = findDigits(exponent + (width - 2));
  auto [low, lowCarry] = multiply(significand, window[2]);
  auto [middle, middleCarry] = multiply(significand, window[1]);
  Word high = significand * window[0] + middleCarry;
  Word sum = middle + lowCarry;
  high = high +
         Word{{x.builder, arith::ExtUIOp::create(*x.builder, x.wordType(),
                                                 sum.is(arith::CmpIPredicate::ult, middle).value)}};
  Word quadrant = high >> (width - 2);
  // The rest as a signed fraction of two words, whose third says nothing that counts any more.
  Word first = (high << 2) | (sum >> (width - 2)), second = (sum << 2) | (low >> (width - 2));
  Word isNegative = shiftSigned(first, width - 1); // All bits.
  quadrant = quadrant - isNegative;
  first = first ^ isNegative;
  second = second ^ isNegative;
  // Its leading digits in one word. The fraction is never nearer to zero than a word.
  Word zeros = countLeadingZeros(first);
  zeros = choose(zeros == width, first.of(width - 1), zeros);
  Word leading = (first << zeros) | ((second >> 1) >> (first.of(width - 1) - zeros));
  Real size = x.fromInteger(leading >> 1);
  Word scale = first.of(0) - zeros - (width - 1);
  Real angle = scaleByPower(size * (std::numbers::pi / 2), scale);
  // Of a negative fraction of a negative number nothing is left of both signs.
  Word sign = (isNegative ^ x.word()) & (int64_t{1} << (width - 1));
  quadrant = choose(isLessSigned(x.word(), first.of(0)), first.of(0) - quadrant, quadrant);
  return {quadrant, x.from(angle.word() ^ sign)};
}

static Reduced reduce(Real x) {
  ImplicitLocOpBuilder &b = *x.builder;
  Truth isNear = fabs(x) <= (x.isDouble() ? 0x1p30 : 0x1p17);
  auto branch =
      scf::IfOp::create(b, TypeRange{x.wordType(), x.type()}, isNear.value, /*withElse=*/true);
  auto fill = [&](Block *block, Reduced (*reduce)(Real)) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(block);
    auto [quadrant, angle] = reduce(x);
    scf::YieldOp::create(b, ValueRange{quadrant.value, angle.value});
  };
  fill(branch.thenBlock(), reduceNear);
  fill(branch.elseBlock(), reduceFar);
  return {{{&b, branch.getResult(0)}}, {{&b, branch.getResult(1)}}};
}

/// (-1)^n / (2n + first)!, as many as f32 or f64 asks for within pi/4.
static SmallVector<double> alternatingSeries(unsigned first, bool isDouble) {
  SmallVector<double> series;
  for (unsigned n = 0; n <= (isDouble ? 7 : 3); ++n)
    series.push_back((n % 2 ? -1 : 1) / std::tgamma(2 * n + first + 1.0));
  return series;
}

/// sin(x + quadrants * pi/2)
static Real buildSinusoid(Real x, int64_t quadrants) {
  auto [quadrant, angle] = reduce(x);
  quadrant = quadrant + quadrants;
  Real square = angle * angle;
  // angle - angle^3 (1/3! - ...), and 1 - angle^2 (1/2! - ...).
  Real sine = fma(angle * square, -polynomial(square, alternatingSeries(3, x.isDouble())), angle);
  sine = choose(angle == 0.0, angle,
                sine); // The sum of a negative zero and a positive one is positive.
  Real cosine = fma(square, -polynomial(square, alternatingSeries(2, x.isDouble())), x.of(1));
  Real wave = choose((quadrant & 1) == 0, sine, cosine);
  wave = choose((quadrant & 2) == 0, wave, -wave);
  return choose(fabs(x) < kInfinity, wave, x.of(kNaN));
}

Real buildSin(Real x) { return buildSinusoid(x, 0); }
Real buildCos(Real x) { return buildSinusoid(x, 1); }

//===- Remainders -----------------------------------------------------------===//

namespace {
/// The size of a number as significand * 2^(exponent - something that is the same for all).
/// Denormal numbers of f32 are zero.
struct Parts {
  Word significand, exponent;
};
} // namespace

static Parts takeApart(Real x, Type wide) {
  const unsigned digits = x.fractionBits();
  Word bits = x.word() & (~uint64_t{0} >> (65 - x.bits()));
  Word exponent = bits >> digits;
  Word fraction = bits & ((int64_t{1} << digits) - 1);
  Word significand = fraction | (int64_t{1} << digits);
  Word smallest = x.isDouble() ? fraction : bits.of(0);
  significand = choose(exponent == 0, smallest, significand).in(wide);
  exponent = choose(exponent == 0, bits.of(1), exponent);
  return {significand, exponent.in(wide)};
}

Real buildRemainder(Real x, Real y) {
  ImplicitLocOpBuilder &b = *x.builder;
  Type wide = b.getI64Type();
  const unsigned digits = x.fractionBits();
  auto [dividend, high] = takeApart(x, wide);
  auto [divisor, low] = takeApart(y, wide);
  divisor = choose(divisor == 0, divisor.of(1), divisor); // What comes of it isn't taken.
  Real size = fabs(x), other = fabs(y);
  Truth isProper = (other < size) & (size < kInfinity) & !(y == 0.0);
  Word ahead = choose(isProper, high - low, high.of(0));
  // Long division, as many digits at a time as a word takes.
  const int64_t step = 63 - digits;
  auto loop = scf::WhileOp::create(
      b, TypeRange{wide, wide}, ValueRange{(dividend % divisor).value, ahead.value},
      [&](OpBuilder &inner, Location loc, ValueRange values) {
        ImplicitLocOpBuilder builder(loc, inner);
        Truth goesOn = Word{{&builder, values[1]}} != 0;
        scf::ConditionOp::create(builder, goesOn.value, values);
      },
      [&](OpBuilder &inner, Location loc, ValueRange values) {
        ImplicitLocOpBuilder builder(loc, inner);
        Word rest{{&builder, values[0]}}, left{{&builder, values[1]}};
        Word shift{{&builder, arith::MinUIOp::create(builder, left.value, left.of(step).value)}};
        Word next = (rest << shift) % Word{{&builder, divisor.value}};
        scf::YieldOp::create(builder, ValueRange{next.value, (left - shift).value});
      });
  Word rest{{&b, loop.getResult(0)}};
  Word exponent = (low - (x.bias() + digits)).in(x.wordType());
  Real result = scaleByPower(x.fromInteger(rest), exponent);
  result = choose(size == other, x.of(0), result);
  result = copySign(result, x);
  // What is smaller than the divisor is its own remainder; not so infinities, zeros and NaN.
  result = choose(size < other, x, result);
  Truth isDefined = (size < kInfinity) & !(y == 0.0) & !isNaN(y);
  return choose(isDefined, result, x.of(kNaN));
}

} // namespace nnc::codegen
