// The passes of code generation, declared from Passes.td.
#ifndef NNC_COMPILER_CODEGEN_PASSES_H
#define NNC_COMPILER_CODEGEN_PASSES_H

#include "dialects/kernel/ir/KernelOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace nnc::codegen {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "compiler/codegen/Passes.h.inc"

} // namespace nnc::codegen

#endif
