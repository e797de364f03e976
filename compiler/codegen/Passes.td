// The passes of code generation. cpu/Pipeline.cpp says in which order they run, and why.
#ifndef NNC_COMPILER_CODEGEN_PASSES_TD
#define NNC_COMPILER_CODEGEN_PASSES_TD

include "compiler/codegen/shared/KernelPasses.td"
include "compiler/codegen/shared/Passes.td"
include "compiler/codegen/cpu/FunctionPasses.td"
include "compiler/codegen/cpu/Passes.td"
include "compiler/codegen/gpu/BatchPasses.td"
include "compiler/codegen/gpu/BlockPasses.td"
include "compiler/codegen/gpu/KernelPasses.td"
include "compiler/codegen/gpu/Passes.td"

#endif
