// Numbers of the host that a loop of an entry computes in each pass.
#ifndef NNC_COMPILER_CODEGEN_GPU_LOOPNUMBERS_H
#define NNC_COMPILER_CODEGEN_GPU_LOOPNUMBERS_H

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace nnc::codegen {

/// Makes values of numbers that the body of `loop` keeps in memory of the host: what it stores,
/// what it computes from that, and what it reads of numbers that no pass changes. Where nobody else
/// reads such a number, its memory isn't written any more.
void makeNumbersValues(mlir::scf::ForOp loop);

} // namespace nnc::codegen

#endif
