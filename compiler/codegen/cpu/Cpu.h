// Code generation for CPUs: from linalg on tensors to an object file.
#ifndef NNC_COMPILER_CODEGEN_CPU_CPU_H
#define NNC_COMPILER_CODEGEN_CPU_CPU_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>
#include <string>

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm
namespace mlir {
class OpPassManager;
} // namespace mlir

namespace nnc::codegen {

/// What the code is for, and how hard to try.
struct CpuOptions {
  /// A CPU that LLVM knows ("x86-64-v3", "znver3"), or "native": the host's.
  std::string cpu = "native";
  /// An LLVM triple; empty: the host's.
  std::string triple;
  /// 0: no fusion, tiling or vectorisation, plain loops. 1 to 3: all of it, and LLVM's pipeline of
  /// that level.
  unsigned optLevel = 3;
  /// Line tables, so that debuggers and profilers show the lines of the source.
  bool debugInfo = false;
  /// Tile loops of at least this many floating-point operations are shared among threads.
  uint64_t parallelFlops = uint64_t{1} << 23;
};

/// The CPU that `options` names, "native" resolved: what a descriptor should report.
std::string resolveCpu(const CpuOptions &options);
/// The instruction-set extensions that its code may use, of nnrt/cpu_features.def: "avx avx2 fma".
std::string requiredFeatures(const CpuOptions &options);
/// Whether LLVM knows that CPU for that triple; false leaves the reason in `reason`.
bool isKnownCpu(const CpuOptions &options, std::string &reason);

/// From entry functions in linalg on tensors to functions on buffers that use one workspace (stage
/// "bufferized").
void buildCpuBufferPipeline(mlir::OpPassManager &manager, const CpuOptions &options);
/// From there to the LLVM dialect, with the entries' C symbols (stage "llvm").
void buildCpuLlvmPipeline(mlir::OpPassManager &manager, const CpuOptions &options);
/// Both.
void buildCpuPipeline(mlir::OpPassManager &manager, const CpuOptions &options);

/// The LLVM module of a module in the LLVM dialect, with triple and data layout set; null after an
/// error was reported.
std::unique_ptr<llvm::Module> translate(mlir::ModuleOp module, llvm::LLVMContext &context,
                                        const CpuOptions &options);
/// Runs LLVM's pipeline of `options.optLevel`.
llvm::Error optimize(llvm::Module &module, const CpuOptions &options);
/// Writes an object file (position independent).
llvm::Error emitObject(llvm::Module &module, const CpuOptions &options,
                       llvm::raw_pwrite_stream &out);
/// Writes assembly.
llvm::Error emitAssembly(llvm::Module &module, const CpuOptions &options,
                         llvm::raw_pwrite_stream &out);

} // namespace nnc::codegen

#endif
