// A model's form for GPUs.
#include "compiler/driver/GpuForm.h"

#include "compiler/driver/Crash.h"
#include "compiler/driver/Files.h"
#include "compiler/driver/Ptxas.h"
#include "compiler/pipeline/Pipeline.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace nnc::driver {

/// The oldest chip that kernels can be compiled for.
static constexpr StringLiteral kOldestChip = "sm_80";
/// In place of a chip: no code for a certain one.
static constexpr StringLiteral kAnyChip = "ptx";

/// Whether later chips run the PTX for `chip`: not where it uses what one chip alone has (sm_90a).
static bool isPortable(StringRef chip) { return !chip.empty() && isDigit(chip.back()); }

std::vector<std::string> findChips(ArrayRef<std::string> asked) {
  std::vector<std::string> chips;
  for (const std::string &chip : asked)
    if (chip != kAnyChip && !is_contained(chips, chip))
      chips.push_back(chip);
  if (none_of(chips, isPortable))
    chips.push_back(kOldestChip.str());
  return chips;
}

static Status internalError(StringRef what) {
  printInternalError(what);
  return Status::InternalError;
}

/// Machine code where there is an assembler, and text for the driver's own.
static Error makeImages(GpuForm &form) {
  ArrayRef<codegen::DeviceAssembly> assemblies = form.code.assemblies;
  std::vector<GpuImage> &images = form.images;
  for (auto &[chip, assembled] : form.cubins) {
    Expected<Cubin> cubin = assembled.get();
    if (!cubin)
      return cubin.takeError();
    GpuImage &image = images.emplace_back(GpuImage{chip, std::move(cubin->bytes), {}});
    for (const codegen::DeviceKernel &kernel : form.code.kernels)
      image.registers.push_back(cubin->registers.lookup(kernel.name));
  }
  // Later chips run the text of the oldest one; where there is no code, each has its own.
  const codegen::DeviceAssembly *oldest = nullptr;
  auto number = [](StringRef chip) {
    unsigned value = 0;
    (void)chip.drop_front(3).getAsInteger(10, value);
    return value;
  };
  for (const codegen::DeviceAssembly &assembly : assemblies) {
    if (isPortable(assembly.chip)) {
      if (!oldest || number(assembly.chip) < number(oldest->chip))
        oldest = &assembly;
    } else if (!form.hasPtxas) {
      images.push_back({kAnyChip.str(), assembly.text, {}});
    }
  }
  if (!form.hasPtxas)
    for (const codegen::DeviceAssembly &assembly : reverse(assemblies))
      if (isPortable(assembly.chip) && &assembly != oldest)
        images.push_back({kAnyChip.str(), assembly.text, {}});
  images.push_back({kAnyChip.str(), oldest->text, {}});
  for (GpuImage &image : images)
    if (image.chip == kAnyChip)
      image.bytes += '\0';
  return Error::success();
}

/// The program has functions of these names for the host already.
static void renameEntries(llvm::Module &module, ModelDescription &model) {
  StringSet<> names;
  for (EntryDescription &entry : model.entries)
    for (std::string *symbol : {&entry.symbol, &entry.workspaceSymbol}) {
      if (names.insert(*symbol).second)
        if (Function *function = module.getFunction(*symbol)) {
          function->setName(*symbol + ".gpu");
          function->setVisibility(GlobalValue::HiddenVisibility);
        }
      *symbol += ".gpu";
    }
}

Status makeGpuForm(mlir::ModuleOp module, ModelDescription model,
                   const std::shared_ptr<const codegen::Target> &target,
                   ArrayRef<std::string> askedChips, GpuForm &form) {
  Expected<std::optional<std::string>> ptxas = findPtxas();
  if (!ptxas) {
    printError(ptxas.takeError());
    return Status::InputError;
  }
  form.hasPtxas = ptxas->has_value();
  PipelineOptions options;
  options.target = target;
  std::vector<ModelDescription> models = {std::move(model)};
  if (failed(runStages(module, Stage::Linalg, Stage::Bufferized, options)))
    return internalError("the entries for GPUs could not be lowered");
  noteMemory(module, models);
  form.model = std::move(models.front());
  if (failed(runStages(module, Stage::Bufferized, Stage::Llvm, options)))
    return internalError("the kernels for GPUs could not be lowered");
  std::optional<codegen::DeviceCode> code = target->takeDeviceCode(
      module, /*onlyText=*/false, [&](const codegen::DeviceAssembly &assembly) {
        if (*ptxas && is_contained(askedChips, assembly.chip))
          form.cubins.emplace_back(
              assembly.chip,
              std::async(std::launch::async, assemblePtx, **ptxas, assembly.text, assembly.chip));
      });
  if (!code)
    return internalError("there is no code for GPUs");
  form.code = std::move(*code);
  LLVMContext context;
  std::unique_ptr<llvm::Module> entries = target->translate(module, context);
  if (!entries)
    return internalError("the entries for GPUs could not be translated");
  for (const EntryDescription &entry : form.model.entries) {
    auto known = form.code.launches.find(entry.symbol);
    form.launches.emplace_back();
    if (known != form.code.launches.end())
      form.launches.back() = known->second;
  }
  renameEntries(*entries, form.model);
  raw_svector_ostream os(form.entries);
  if (Error error = target->emitCalls(*entries, os))
    return internalError(toString(std::move(error)));
  return Status::Success;
}

Status finishImages(GpuForm &form) {
  Error error = makeImages(form);
  if (!error)
    return Status::Success;
  printError(std::move(error));
  return Status::InputError;
}

} // namespace nnc::driver
