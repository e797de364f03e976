// Exponentials, logarithms and powers by their series, after their arguments have been reduced.
#include "compiler/codegen/gpu/MathFunctions.h"

#include <cmath>
#include <numbers>

namespace nnc::codegen {

static constexpr double kInfinity = std::numeric_limits<double>::infinity();
static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// ln 2 = high + low. The high part has so few digits that products with exponents are exact.
static constexpr double kLn2High = 0x1.62e42feep-1, kLn2Low = 0x1.a39ef35793c76p-33;

Real scaleByPower(Real x, Word exponent) {
  auto power = [&](Word e) { return x.from((e + x.bias()) << x.fractionBits()); };
  Word half = shiftSigned(exponent, 1);
  return x * power(half) * power(exponent - half);
}

/// 1/first!, 1/(first+1)!, ..., 1/last!
static llvm::SmallVector<double> inverseFactorials(unsigned first, unsigned last) {
  llvm::SmallVector<double> result;
  for (unsigned n = first; n <= last; ++n)
    result.push_back(1 / std::tgamma(n + 1.0));
  return result;
}

/// x + low = exponent * ln 2 + rest, of a rest within half of ln 2.
static std::pair<Word, Real> splitExponent(Real x) {
  Real count = roundToEven(x * std::numbers::log2e);
  Real rest = fma(-count, kLn2High, x);
  return {count.truncated(), fma(-count, kLn2Low, rest)};
}

/// e^(x + low), for a low part that is small beside x.
static Real buildExpOfSum(Real x, Real low) {
  // Beyond these it is infinite or zero.
  auto [exponent, rest] = splitExponent(clamp(x, -750, 750));
  Real power = scaleByPower(polynomial(rest + low, inverseFactorials(0, 13)), exponent);
  return choose(isNaN(x), x, power);
}

Real buildExp(Real x) {
  auto [exponent, rest] = splitExponent(clamp(x, -750, 750));
  Real power = scaleByPower(polynomial(rest, inverseFactorials(0, 13)), exponent);
  return choose(isNaN(x), x, power);
}

Real buildExpM1(Real x) {
  auto [exponent, rest] = splitExponent(clamp(x, -60, 710));
  Real part = fma(rest * rest, polynomial(rest, inverseFactorials(2, 14)), rest);
  // 2^n (1 + part) - 1, as twice its half: 2^n may be too large where the result isn't.
  Real half = scaleByPower(x.of(0.5), exponent);
  Real result = fma(half, part, half - 0.5);
  return choose((x == 0.0) | isNaN(x), x, result + result);
}

Real buildTanh(Real x) {
  Real decay = buildExpM1(fabs(x) * -2.0); // Within (-1, 0].
  return copySign(decay / (2.0 + decay), x);
}

namespace {
/// A number as 2^exponent * (1 + fraction), which is within [sqrt(1/2), sqrt(2)).
struct Split {
  Real exponent, fraction;
};
} // namespace

/// Of a positive number of f64 that is finite.
static Split splitNumber(Real x) {
  constexpr int64_t kRootHalf = 0x3fe6a09e667f3bcd;
  Truth isDenormal = x < 0x1p-1022;
  Word bits = choose(isDenormal, x * 0x1p54, x).word();
  Word exponent = shiftSigned(bits - kRootHalf, x.fractionBits());
  Real part = x.from(bits - (exponent << x.fractionBits()));
  exponent = choose(isDenormal, exponent - 54, exponent);
  return {x.fromInteger(exponent), part - 1.0};
}

/// 2/3, 2/5, 2/7, ...: ln((1 + s) / (1 - s)) = 2 s + s^3 (2/3 + s^2 2/5 + ...).
static llvm::SmallVector<double> inverseOdds() {
  llvm::SmallVector<double> result;
  for (unsigned n = 3; n <= 23; n += 2)
    result.push_back(2.0 / n);
  return result;
}

/// `result` of a function like a logarithm, but for where x is none of its arguments.
static Real withLimits(Real x, Real result) {
  result = choose(x == kInfinity, x, result);
  result = choose(x == 0.0, x.of(-kInfinity), result);
  return choose(isNaN(x) | (x < 0.0), x.of(kNaN), result);
}

Real buildLog(Real x) {
  auto [exponent, f] = splitNumber(x);
  Real s = f / (2.0 + f), square = s * s;
  // ln(1 + f) = f - s (f - series)
  Real series = square * polynomial(square, inverseOdds());
  Real small = fma(exponent, kLn2Low, -(s * (f - series)));
  return withLimits(x, fma(exponent, kLn2High, f + small));
}

Real buildLog1p(Real x) {
  Real sum = 1.0 + x;
  // What rounding the sum has lost (Knuth's two-sum), relative to it.
  Real back = sum - 1.0;
  Real lost = ((1.0 - (sum - back)) + (x - back)) / sum;
  Truth isPlain = (sum == 0.0) | (sum == kInfinity);
  Real result = buildLog(sum) + choose(isPlain, x.of(0), lost);
  return choose(x == 0.0, x, result);
}

namespace {
/// A number as the sum of two, the second of which is small beside the first.
struct Pair {
  Real high, low;
};
} // namespace

/// a + b, where a is the greater one.
static Pair addGreater(Real a, Real b) {
  Real sum = a + b;
  return {sum, b - (sum - a)};
}

/// ln x of a number of f64, to half as many digits again as f64 has.
static Pair buildLongLog(Real x) {
  auto [exponent, f] = splitNumber(x);
  // s = f / (2 + f)
  Real divisor = 2.0 + f, divisorLow = f - (divisor - 2.0);
  Real s = f / divisor;
  Real sLow = (fma(-s, divisor, f) - s * divisorLow) / divisor;
  Real square = s * s;
  Real tail = fma(s * square, polynomial(square, inverseOdds()), sLow + sLow);
  tail = fma(exponent, kLn2Low, tail);
  // Where there is an exponent, its part is the greater one.
  Pair sum = addGreater(exponent * kLn2High, s + s);
  sum = {choose(exponent == 0.0, s + s, sum.high), choose(exponent == 0.0, x.of(0), sum.low)};
  return addGreater(sum.high, sum.low + tail);
}

/// |x|^y by logarithms, but for where they say nothing.
static Real buildPowerOfSize(Real size, Real y) {
  mlir::Type type = size.type(), wide = size.builder->getF64Type();
  Real base = size.in(wide), exponent = y.in(wide);
  if (!size.isDouble()) // f64 has digits to spare.
    return buildExp(exponent * buildLog(base)).in(type);
  auto [high, low] = buildLongLog(base);
  high = withLimits(base, high);
  Real product = exponent * high;
  Real rest = fma(exponent, low, fma(exponent, high, -product));
  return buildExpOfSum(product, choose(fabs(product) < 2000, rest, product.of(0)));
}

Real buildPow(Real x, Real y) {
  Real size = fabs(x);
  Real power = buildPowerOfSize(size, y);
  Truth isInteger = floor(y) == y, isEven = floor(y * 0.5) == y * 0.5;
  power = choose(size == 1.0, choose(isNaN(y), y, x.of(1)), power);
  Word sign = x.word() & (int64_t{1} << (x.bits() - 1));
  Real signedPower = x.from(power.word() | sign);
  power = choose(isInteger & !isEven & !isNaN(x), signedPower, power);
  Truth isUndefined = (x < 0.0) & (size < kInfinity) & (fabs(y) < kInfinity) & !isInteger;
  power = choose(isUndefined, x.of(kNaN), power);
  return choose((x == 1.0) | (y == 0.0), x.of(1), power);
}

//===- The error function ----------------------------------------------------===//

/// erf x for |x| <= 1: its series in x^2, of 2/sqrt(pi) (-1)^n / (n! (2n + 1)).
static Real buildSmallErf(Real x) {
  llvm::SmallVector<double> series;
  for (unsigned n = 0; n <= 18; ++n)
    series.push_back(2 * std::numbers::inv_sqrtpi * (n % 2 ? -1 : 1) /
                     (std::tgamma(n + 1.0) * (2 * n + 1)));
  return x * polynomial(x * x, series);
}

/// erfc x for x of at least a half: e^(-x^2) / (1 + 2 x) times a function that is between 1.1 and
/// 1.4. Its Chebyshev interpolant in t = (x - 3) / (x + 3), which covers all x, was computed with
/// 60 digits from its definition; the greatest relative error is 1.2e-17.
static Real buildTail(Real x) {
  static constexpr double kSeries[] = {
      1.2530080582697296,      -0.13562110612458117,    -0.04756229435345087,
      0.1296451587027606,      -0.11927366341530699,    0.06830802734397848,
      -0.023770514918645888,   0.002529391816066239,    0.0018886903591561553,
      -0.0007798322721083991,  -0.00010515979981501177, 0.00012509935235563107,
      4.949484992570595e-06,   -2.0100567931289227e-05, -7.315105164159062e-07,
      3.472414602875686e-06,   3.5683839153992204e-07,  -6.166496077604353e-07,
      -1.4160064940265987e-07, 1.0187000600072885e-07,  4.180784698845582e-08,
      -1.3326364813003834e-08, -8.500397929772615e-09,  9.885798831139365e-10,
      8.864219016427092e-10};
  x = clamp(x, 0.5, 28);
  Real factor = polynomial((x - 3.0) / (x + 3.0), kSeries) / fma(x, 2.0, x.of(1));
  Real square = x * x, rest = fma(x, x, -square);
  return buildExpOfSum(-square, -rest) * factor;
}

Real buildErf(Real x) {
  Real size = fabs(x);
  Real result = choose(size < 1.0, buildSmallErf(x), copySign(1.0 - buildTail(size), x));
  return choose(isNaN(x), x, result);
}

Real buildErfc(Real x) {
  Real tail = buildTail(fabs(x));
  Real result = choose(fabs(x) < 0.5, 1.0 - buildSmallErf(x), choose(x < 0.0, 2.0 - tail, tail));
  return choose(isNaN(x), x, result);
}

} // namespace nnc::codegen
