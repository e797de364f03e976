// One compilation of a checked program, stage after stage, to MLIR, LLVM IR, machine code.
#pragma once

#include "compiler/driver/Frontend.h"
#include "compiler/driver/GpuForm.h"
#include "compiler/driver/MlirDiagnostics.h"
#include "compiler/driver/RemarkPrinter.h"
#include "compiler/pipeline/KernelCosts.h"
#include "compiler/pipeline/ModelDescription.h"
#include "compiler/pipeline/Pipeline.h"
#include "compiler/pipeline/SeparateKernels.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

#include <memory>

namespace nnc::driver {

/// The object files of a program, from which it is linked.
struct SeparateObjects {
  llvm::SmallString<0> entries;
  std::vector<std::string> kernels;
  KernelCounts counts;
  std::optional<GpuForm> gpu; ///< where the program is for GPUs too
};

/// The kernels of an entry.
struct EntryKernels {
  std::string name;
  std::vector<KernelCost> kernels;
};

/// A target as the arguments, which were checked, describe it.
std::unique_ptr<codegen::Target> makeTarget(const Arguments &arguments, llvm::StringRef name,
                                            codegen::Precision precision = codegen::Precision::F32);

/// Whoever holds one asks for what they need; the stages before it run once. Each call says on
/// standard error what failed and returns how to exit.
class Compilation {
public:
  Compilation(const Frontend &frontend, const Arguments &arguments, Timing &timing);

  /// Lowers the module to `stage`; what has been passed is not made again.
  Status lowerTo(Stage stage);
  /// Lowers the module until the memory of each entry is planned.
  Status planMemory();
  /// The same, which lists the kernels of each entry on the way; of one that is compiled for known
  /// sizes and for any, those for the known ones.
  Status planMemory(std::vector<EntryKernels> &entries);
  /// Makes the optimised LLVM module, with the descriptor of the chosen model in it, unless
  /// training it takes more memory than its recipe allows.
  Status makeLlvm();
  /// The object or the assembly of the LLVM module.
  Status emitMachineCode(bool assembly, llvm::SmallVectorImpl<char> &code);
  /// The text of the kernels for a GPU.
  Status emitDeviceAssembly(llvm::raw_pwrite_stream &out);
  /// What makeLlvm() and emitMachineCode() make, but each kernel in an object of its own, for which
  /// `store` (may be null) is asked. Instead of these: what this has begun, they can't go on with.
  Status makeObjects(KernelStore *store, SeparateObjects &objects);

  /// Prints what passes had to say, where the arguments ask for it.
  void printRemarks() const {
    if (remarks)
      remarks->print(llvm::errs());
  }

  mlir::ModuleOp module() { return *mlirModule; }
  llvm::Module &llvm() const { return *llvmModule; }
  /// The model that is built, as sema made it; and what its descriptor says, once memory is
  /// planned.
  const sema::Model &source() const { return *chosen; }
  const ModelDescription &model() const { return *description; }
  /// "net", or "maker, critic": what is built, as titles name it.
  std::string networkNames() const;

private:
  /// The LLVM module of what is left in the module at stage llvm, with the descriptor. `gpu` may be
  /// null.
  Status translate(const GpuForm *gpu);
  Status makeGpu(std::optional<GpuForm> &form);
  Status checkOptions();
  Status checkBudget();
  llvm::SmallVector<const sema::Model *> selectModels();
  Status emitNn();
  /// A stage refused what the stages before it made.
  Status internalError(llvm::StringRef what);

  const Frontend &frontend;
  const Arguments &arguments;
  Timing &timing;
  PipelineOptions options;
  /// For a program whose kernels can run elsewhere, too; null: on the host alone.
  std::shared_ptr<const codegen::Target> gpuTarget;
  std::unique_ptr<mlir::MLIRContext> context;
  std::unique_ptr<MlirDiagnosticPrinter> diagnostics;
  std::unique_ptr<RemarkPrinter> remarks; ///< null: nobody asked for them
  mlir::OwningOpRef<mlir::ModuleOp> mlirModule;
  Stage reached = Stage::Nn;
  const sema::Model *chosen = nullptr; ///< null: all, to be looked at
  std::vector<ModelDescription> models;
  const ModelDescription *description = nullptr;
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> llvmModule;
};

} // namespace nnc::driver
