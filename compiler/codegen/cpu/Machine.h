// A CPU by name: its features, and its vector unit.
#ifndef NNC_COMPILER_CODEGEN_CPU_MACHINE_H
#define NNC_COMPILER_CODEGEN_CPU_MACHINE_H

#include "compiler/codegen/cpu/Cpu.h"
#include "compiler/codegen/cpu/TilePlan.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Target/TargetMachine.h"

namespace nnc::codegen {

/// A target machine for `options`, position independent; an error where LLVM doesn't know the CPU
/// or triple.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const TargetOptions &options);

/// Runs LLVM's pipeline of that level.
void runPipeline(llvm::Module &module, llvm::TargetMachine &machine, llvm::OptimizationLevel level,
                 const llvm::PipelineTuningOptions &tuning);

/// The widest vectors the CPU computes with, and how many registers of that size there are.
VectorUnit findVectorUnit(const TargetOptions &options);

} // namespace nnc::codegen

#endif
