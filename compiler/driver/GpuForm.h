// A model's form for GPUs (nnrt/gpu.h): kernels, and entries that launch them, beside those for the
// host.
#pragma once

#include "compiler/codegen/Target.h"
#include "compiler/driver/Ptxas.h"
#include "compiler/driver/Status.h"
#include "compiler/pipeline/ModelDescription.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SmallString.h"

#include <future>

namespace nnc::driver {

/// Kernels as a driver loads them: a cubin for a chip, or "ptx".
struct GpuImage {
  std::string chip, bytes;
  std::vector<uint32_t> registers; ///< of a thread, for each kernel; none where a driver decides
};

struct GpuForm {
  ModelDescription model;       ///< its entries have symbols and workspaces of their own
  codegen::DeviceCode code;     ///< what is said of kernels, and the object for the emulator
  std::vector<GpuImage> images; ///< the most specific first
  /// Of each entry: how often it launches which kernel; none where that isn't known.
  std::vector<std::optional<codegen::LaunchCounts>> launches;
  llvm::SmallString<0> entries; ///< the object file of the entries

  bool hasPtxas = false;
  /// The code of each chip that has any, while the assembler works on it.
  std::vector<std::pair<std::string, std::future<llvm::Expected<Cubin>>>> cubins;
};

/// The chips to compile for where `asked` are ("sm_90a", "ptx"): these, and where none of them has
/// a PTX that later chips run, the oldest that works.
std::vector<std::string> findChips(llvm::ArrayRef<std::string> asked);

/// Leads a module at stage linalg, which `model` describes, to that form, but for its images: while
/// the assembler makes them, there is other work to do. What fails is said.
Status makeGpuForm(mlir::ModuleOp module, ModelDescription model,
                   const std::shared_ptr<const codegen::Target> &target,
                   llvm::ArrayRef<std::string> askedChips, GpuForm &form);
/// Waits for the images. What fails is said.
Status finishImages(GpuForm &form);

} // namespace nnc::driver
