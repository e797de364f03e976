// What code is generated for: options, validation, pipelines, description, code. Whoever drives a
// compilation asks a target, and knows none by name.
#ifndef NNC_COMPILER_CODEGEN_TARGET_H
#define NNC_COMPILER_CODEGEN_TARGET_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm
namespace mlir {
class OpPassManager;
} // namespace mlir

namespace nnc::codegen {

/// What products of matrices of f32 are multiplied in: tf32 keeps 10 bits after the point, bf16 7.
/// Sums, and all else, are f32.
enum class Precision { F32, Tf32, Bf16 };
/// "f32", "tf32" or "bf16"; none for anything else.
std::optional<Precision> parsePrecision(llvm::StringRef name);
llvm::StringRef spelling(Precision precision);

/// What a target can be told. A target says in validate() what it can't do.
struct TargetOptions {
  /// A processor that LLVM knows ("x86-64-v3", "znver3"), or "native": the host's.
  std::string cpu = "native";
  /// An LLVM triple; empty: the host's.
  std::string triple;
  /// 0: no fusion, tiling or vectorisation, plain loops. 1 to 3: all of it, and LLVM's pipeline of
  /// that level.
  unsigned optLevel = 3;
  /// Line tables, so that debuggers and profilers show the lines of the source.
  bool debugInfo = false;
  /// Let equal kernels be one.
  bool foldKernels = true;
  /// Tile loops of at least this many floating-point operations are shared among threads; 0: none.
  uint64_t parallelFlops = uint64_t{1} << 23;
  /// Of GPUs: their chips ("sm_90a").
  std::vector<std::string> gpus = {"sm_90"};
  /// Of GPUs: let one kernel make several training steps, where it holds all of a step.
  bool persistentKernels = true;
  Precision precision = Precision::F32;
};

/// What a descriptor says of the machine that the code needs.
struct TargetDescription {
  /// The processor, "native" resolved.
  std::string processor;
  /// The extensions that code may use, of nnrt/cpu_features.def: "avx avx2 fma".
  std::string features;
};

/// The kinds of arithmetic that a machine does at rates of their own. What is narrower than f32
/// counts as bf16.
enum class Arithmetic { F64, F32, Tf32, Bf16 };
inline constexpr size_t kNumArithmetics = 4;

/// What a kernel has to do at least: bytes of its buffers that it accesses, each counted once, and
/// floating-point operations by the kind of arithmetic.
struct KernelWork {
  uint64_t bytes = 0;
  std::array<uint64_t, kNumArithmetics> flops = {};
};

/// How often an entry launches a kernel: for each batch that a call goes through, or for all of
/// them together.
struct LaunchCount {
  uint32_t count = 0;
  bool isForAll = false;
};
/// By the number of a kernel; 0 left out.
using LaunchCounts = std::map<uint32_t, LaunchCount>;

/// A kernel that entries launch on another machine than the one that they run on.
struct DeviceKernel {
  std::string name;
  std::string places;       ///< the lines of the source that it computes: "net.nn:12, net.nn:14"
  uint32_t threads = 0;     ///< of a block
  uint32_t sharedBytes = 0; ///< of a block
  bool isCooperative = false;
  bool waits = false; ///< whether some of its threads wait for others
  std::vector<uint32_t> argumentBytes;
  /// Which arguments decide what it accesses and where threads wait, 1 or 0 for each; none: what
  /// memory holds decides, too.
  std::optional<std::vector<uint8_t>> decisive;
  std::optional<KernelWork> work; ///< none where only a call knows it
};

/// The assembly of all kernels for one kind of that machine.
struct DeviceAssembly {
  std::string chip, text;
};

struct DeviceCode {
  std::vector<DeviceKernel> kernels;      ///< by the number with which entries launch them
  std::vector<DeviceAssembly> assemblies; ///< one for each chip, in the options' order
  /// Object files of the same kernels for the host (nnrt/emulator.h), which have two functions for
  /// each, `NAME.emulated` and `NAME.unchecked`.
  std::vector<std::string> emulated;
  /// By the name of an entry: how often it launches each kernel, 0 left out. Not there where that
  /// isn't known.
  llvm::StringMap<LaunchCounts> launches;
};

class Target {
public:
  virtual ~Target() = default;

  virtual llvm::StringRef getName() const = 0;
  /// An error that says what of the options the target doesn't know.
  virtual llvm::Error validate() const = 0;
  virtual TargetDescription describe() const = 0;
  /// Whether code depends on the locations of operations: it has line tables.
  virtual bool keepsLocations() const = 0;
  /// Whether kernels whose code is the same may be one.
  virtual bool foldsKernels() const = 0;
  /// A text that differs where the generated code may.
  virtual std::string getCacheKey() const = 0;
  /// Floating-point operations that take as long as to move a byte, for estimates.
  virtual unsigned getFlopsOfByte() const = 0;

  /// From entry functions in linalg on tensors to lists of calls of kernels (stage "kernels").
  virtual void buildKernelPipeline(mlir::OpPassManager &manager) const = 0;
  /// From there to functions and kernels on buffers; each entry uses one workspace (stage
  /// "bufferized"). In three steps, the second of which looks at one kernel at a time.
  void buildBufferPipeline(mlir::OpPassManager &manager) const {
    buildCallPipeline(manager);
    buildKernelCodePipeline(manager);
    buildWorkspacePipeline(manager);
  }
  /// Lets entries call kernels with buffers.
  virtual void buildCallPipeline(mlir::OpPassManager &manager) const = 0;
  /// Turns each kernel into code on buffers.
  virtual void buildKernelCodePipeline(mlir::OpPassManager &manager) const = 0;
  /// Lets entries provide the memory that kernels need, and plans theirs.
  virtual void buildWorkspacePipeline(mlir::OpPassManager &manager) const = 0;
  /// From there to the LLVM dialect, with the entries' C symbols (stage "llvm"). `separate`: for
  /// object files that have either entries or a kernel.
  virtual void buildLlvmPipeline(mlir::OpPassManager &manager, bool separate) const = 0;

  /// The LLVM module of a module in the LLVM dialect, with triple and data layout set; null after
  /// an error was reported.
  virtual std::unique_ptr<llvm::Module> translate(mlir::ModuleOp module,
                                                  llvm::LLVMContext &context) const = 0;
  /// Runs LLVM's pipeline.
  virtual llvm::Error optimize(llvm::Module &module) const = 0;
  /// Writes an object file (position independent).
  virtual llvm::Error emitObject(llvm::Module &module, llvm::raw_pwrite_stream &out) const = 0;
  /// Writes an object file of entries whose kernels are in others: lists of calls, which are
  /// tidied, and get no faster by more.
  virtual llvm::Error emitCalls(llvm::Module &module, llvm::raw_pwrite_stream &out) const = 0;
  /// Writes assembly.
  virtual llvm::Error emitAssembly(llvm::Module &module, llvm::raw_pwrite_stream &out) const = 0;

  /// Takes what entries launch on another machine than the one that they run on out of a module at
  /// stage llvm, to be done before translate(). None where there is no such code, or after an error
  /// was reported. `onlyText`: no more than the assembly for the first chip. `assembled` is called
  /// with each assembly as soon as it is there, in their order: others can go on with it.
  virtual std::optional<DeviceCode>
  takeDeviceCode(mlir::ModuleOp module, bool onlyText,
                 llvm::function_ref<void(const DeviceAssembly &)> assembled = {}) const {
    return std::nullopt;
  }
};

/// The names that createTarget takes.
llvm::ArrayRef<llvm::StringRef> getTargetNames();

/// The target of that name; null where there is none.
std::unique_ptr<Target> createTarget(llvm::StringRef name, const TargetOptions &options);

} // namespace nnc::codegen

#endif
