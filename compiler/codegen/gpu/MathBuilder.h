// Floating-point functions as they are written down: operators of C++ make operations of arith.
#ifndef NNC_COMPILER_CODEGEN_GPU_MATHBUILDER_H
#define NNC_COMPILER_CODEGEN_GPU_MATHBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace nnc::codegen {

/// A value and where more are made of it.
struct Made {
  mlir::ImplicitLocOpBuilder *builder;
  mlir::Value value;

  mlir::Type type() const { return value.getType(); }
  unsigned bits() const { return type().getIntOrFloatBitWidth(); }
};

/// A truth value.
struct Truth : Made {};

inline Truth operator&(Truth a, Truth b) {
  return {{a.builder, mlir::arith::AndIOp::create(*a.builder, a.value, b.value)}};
}
inline Truth operator|(Truth a, Truth b) {
  return {{a.builder, mlir::arith::OrIOp::create(*a.builder, a.value, b.value)}};
}
inline Truth operator!(Truth a) {
  mlir::Value one = mlir::arith::ConstantIntOp::create(*a.builder, 1, 1);
  return {{a.builder, mlir::arith::XOrIOp::create(*a.builder, a.value, one)}};
}

template <typename T> T choose(Truth condition, T yes, T no) {
  return T{{condition.builder, mlir::arith::SelectOp::create(*condition.builder, condition.value,
                                                             yes.value, no.value)}};
}

/// An integer of 32 or 64 bits that wraps around. What divides, compares or moves right takes it
/// as a natural number unless it says otherwise.
struct Word : Made {
  /// A constant of this type.
  Word of(int64_t number) const {
    return {{builder, mlir::arith::ConstantIntOp::create(*builder, type(), number)}};
  }
  template <typename Op> Word make(Word other) const {
    return {{builder, Op::create(*builder, value, other.value)}};
  }
  Truth is(mlir::arith::CmpIPredicate predicate, Word other) const {
    return {{builder, mlir::arith::CmpIOp::create(*builder, predicate, value, other.value)}};
  }
  /// In another width; `isSigned`: the sign goes along.
  Word in(mlir::Type type, bool isSigned = false) const {
    unsigned width = type.getIntOrFloatBitWidth();
    if (width == bits())
      return *this;
    if (width < bits())
      return {{builder, mlir::arith::TruncIOp::create(*builder, type, value)}};
    if (isSigned)
      return {{builder, mlir::arith::ExtSIOp::create(*builder, type, value)}};
    return {{builder, mlir::arith::ExtUIOp::create(*builder, type, value)}};
  }
};

inline Word operator+(Word a, Word b) { return a.make<mlir::arith::AddIOp>(b); }
inline Word operator-(Word a, Word b) { return a.make<mlir::arith::SubIOp>(b); }
inline Word operator*(Word a, Word b) { return a.make<mlir::arith::MulIOp>(b); }
inline Word operator%(Word a, Word b) { return a.make<mlir::arith::RemUIOp>(b); }
inline Word operator&(Word a, Word b) { return a.make<mlir::arith::AndIOp>(b); }
inline Word operator|(Word a, Word b) { return a.make<mlir::arith::OrIOp>(b); }
inline Word operator^(Word a, Word b) { return a.make<mlir::arith::XOrIOp>(b); }
inline Word operator<<(Word a, Word b) { return a.make<mlir::arith::ShLIOp>(b); }
inline Word operator>>(Word a, Word b) { return a.make<mlir::arith::ShRUIOp>(b); }
inline Word operator+(Word a, int64_t b) { return a + a.of(b); }
inline Word operator-(Word a, int64_t b) { return a - a.of(b); }
inline Word operator&(Word a, int64_t b) { return a & a.of(b); }
inline Word operator|(Word a, int64_t b) { return a | a.of(b); }
inline Word operator<<(Word a, int64_t b) { return a << a.of(b); }
inline Word operator>>(Word a, int64_t b) { return a >> a.of(b); }
/// The sign moves in.
inline Word shiftSigned(Word a, int64_t b) { return a.make<mlir::arith::ShRSIOp>(a.of(b)); }
inline Truth operator==(Word a, Word b) { return a.is(mlir::arith::CmpIPredicate::eq, b); }
inline Truth operator==(Word a, int64_t b) { return a == a.of(b); }
inline Truth operator!=(Word a, int64_t b) { return a.is(mlir::arith::CmpIPredicate::ne, a.of(b)); }
inline Truth isLessSigned(Word a, Word b) { return a.is(mlir::arith::CmpIPredicate::slt, b); }

/// A number of f32 or f64. Operations round each for itself: nothing is contracted but fma().
struct Real : Made {
  /// A constant of this type.
  Real of(double number) const {
    auto attribute = builder->getFloatAttr(type(), number);
    return {{builder, mlir::arith::ConstantOp::create(*builder, attribute)}};
  }
  template <typename Op> Real make() const { return {{builder, Op::create(*builder, value)}}; }
  template <typename Op> Real make(Real other) const {
    return {{builder, Op::create(*builder, value, other.value)}};
  }
  Truth is(mlir::arith::CmpFPredicate predicate, Real other) const {
    return {{builder, mlir::arith::CmpFOp::create(*builder, predicate, value, other.value)}};
  }
  Real in(mlir::Type type) const {
    if (type == this->type())
      return *this;
    if (type.getIntOrFloatBitWidth() > bits())
      return {{builder, mlir::arith::ExtFOp::create(*builder, type, value)}};
    return {{builder, mlir::arith::TruncFOp::create(*builder, type, value)}};
  }

  bool isDouble() const { return type().isF64(); }
  mlir::Type wordType() const { return builder->getIntegerType(bits()); }
  /// Digits of the significand behind the leading one.
  unsigned fractionBits() const { return isDouble() ? 52 : 23; }
  int64_t bias() const { return isDouble() ? 1023 : 127; }

  /// The bits that hold it.
  Word word() const {
    return {{builder, mlir::arith::BitcastOp::create(*builder, wordType(), value)}};
  }
  /// The number that bits are.
  Real from(Word word) const {
    return {{builder, mlir::arith::BitcastOp::create(*builder, type(), word.value)}};
  }
  /// The integer it is, which fits.
  Word truncated() const {
    return {{builder, mlir::arith::FPToSIOp::create(*builder, wordType(), value)}};
  }
  /// A signed integer in this type.
  Real fromInteger(Word word) const {
    return {{builder, mlir::arith::SIToFPOp::create(*builder, type(), word.value)}};
  }
};

inline Real operator+(Real a, Real b) { return a.make<mlir::arith::AddFOp>(b); }
inline Real operator-(Real a, Real b) { return a.make<mlir::arith::SubFOp>(b); }
inline Real operator*(Real a, Real b) { return a.make<mlir::arith::MulFOp>(b); }
inline Real operator/(Real a, Real b) { return a.make<mlir::arith::DivFOp>(b); }
inline Real operator-(Real a) { return a.make<mlir::arith::NegFOp>(); }
inline Real operator+(Real a, double b) { return a + a.of(b); }
inline Real operator-(Real a, double b) { return a - a.of(b); }
inline Real operator*(Real a, double b) { return a * a.of(b); }
inline Real operator+(double a, Real b) { return b.of(a) + b; }
inline Real operator-(double a, Real b) { return b.of(a) - b; }
inline Real operator/(double a, Real b) { return b.of(a) / b; }

// As in C, false where either is NaN, but for !=.
inline Truth operator==(Real a, Real b) { return a.is(mlir::arith::CmpFPredicate::OEQ, b); }
inline Truth operator!=(Real a, Real b) { return a.is(mlir::arith::CmpFPredicate::UNE, b); }
inline Truth operator<(Real a, Real b) { return a.is(mlir::arith::CmpFPredicate::OLT, b); }
inline Truth operator==(Real a, double b) { return a == a.of(b); }
inline Truth operator<(Real a, double b) { return a < a.of(b); }
inline Truth operator<=(Real a, double b) { return a.is(mlir::arith::CmpFPredicate::OLE, a.of(b)); }
inline Truth operator>(Real a, double b) { return a.is(mlir::arith::CmpFPredicate::OGT, a.of(b)); }
inline Truth isNaN(Real a) { return a != a; }

/// a * b + c, rounded once.
inline Real fma(Real a, Real b, Real c) {
  return {{a.builder, mlir::math::FmaOp::create(*a.builder, a.value, b.value, c.value)}};
}
inline Real fma(Real a, double b, Real c) { return fma(a, a.of(b), c); }
inline Real fma(Real a, Real b, double c) { return fma(a, b, a.of(c)); }
inline Real fabs(Real a) { return a.make<mlir::math::AbsFOp>(); }
inline Real floor(Real a) { return a.make<mlir::math::FloorOp>(); }
inline Real roundToEven(Real a) { return a.make<mlir::math::RoundEvenOp>(); }
inline Real copySign(Real a, Real sign) { return a.make<mlir::math::CopySignOp>(sign); }
/// Within [low, high]; a NaN becomes one of these.
inline Real clamp(Real a, double low, double high) {
  return a.make<mlir::arith::MaxNumFOp>(a.of(low)).make<mlir::arith::MinNumFOp>(a.of(high));
}
/// c[0] + c[1] * x + c[2] * x * x + ...
inline Real polynomial(Real x, llvm::ArrayRef<double> coefficients) {
  Real sum = x.of(coefficients.back());
  for (double coefficient : llvm::reverse(coefficients.drop_back()))
    sum = fma(sum, x, coefficient);
  return sum;
}

} // namespace nnc::codegen

#endif
