// The functions of mathematics that a GPU has no instruction for, in arithmetic that it has: within
// 3 units in the last place (erfc of f64: 5), with the special values of C's library.
#ifndef NNC_COMPILER_CODEGEN_GPU_MATHFUNCTIONS_H
#define NNC_COMPILER_CODEGEN_GPU_MATHFUNCTIONS_H

#include "compiler/codegen/gpu/MathBuilder.h"

namespace nnc::codegen {

// Of f64.
Real buildExp(Real x);
Real buildExpM1(Real x);
Real buildLog(Real x);
Real buildLog1p(Real x);
Real buildTanh(Real x);
Real buildErf(Real x);
Real buildErfc(Real x);

// Of f32 and f64.
Real buildPow(Real x, Real y);
Real buildSin(Real x);
Real buildCos(Real x);
/// What truncating division leaves, exactly.
Real buildRemainder(Real x, Real y);

/// x * 2^exponent, rounded once: for exponents as far from zero as twice the type's. They are
/// signed words of the type's width.
Real scaleByPower(Real x, Word exponent);

} // namespace nnc::codegen

#endif
