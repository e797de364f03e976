// The kernels of a module, each compiled apart from the others.
#include "compiler/codegen/gpu/DeviceKernels.h"

#include "compiler/codegen/gpu/AccessPattern.h"
#include "compiler/codegen/gpu/Gpu.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/Threading.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Transforms/Utils/Cloning.h"

#include <atomic>

namespace nnc::codegen {

using namespace mlir;

/// The last line of what stands above the functions of each PTX.
static constexpr llvm::StringLiteral kEndOfHead = ".address_size 64\n";

/// Adds to `own` what of `device` an operation uses: variables, and functions that are declared.
static void addUsed(Operation *user, ModuleOp device, ModuleOp own, llvm::StringSet<> &known) {
  std::optional<SymbolTable::UseRange> uses = SymbolTable::getSymbolUses(user);
  for (const SymbolTable::SymbolUse &use : *uses) {
    StringRef name = use.getSymbolRef().getLeafReference();
    Operation *used = device.lookupSymbol(name);
    if (!used || !known.insert(name).second)
      continue;
    own.push_back(used->clone());
    addUsed(used, device, own, known);
  }
}

static size_t countOperations(ModuleOp module) {
  size_t count = 0;
  module.walk([&](Operation *) { ++count; });
  return count;
}

DeviceKernels::DeviceKernels(ModuleOp device, const TargetOptions &options)
    : context(*device.getContext()), options(options) {
  std::vector<std::pair<size_t, size_t>> sized;
  for (auto function : device.getOps<LLVM::LLVMFuncOp>()) {
    if (function.isExternal())
      continue;
    auto own = ModuleOp::create(function.getLoc());
    own->setAttrs(device->getAttrDictionary());
    llvm::StringSet<> known = {function.getName()};
    addUsed(function, device, own, known);
    own.push_back(function->clone());
    sized.emplace_back(countOperations(own), kernels.size());
    kernels.push_back(std::make_unique<Kernel>(own));
    kernels.back()->name = function.getName().str();
  }
  // Those of one length in the module's order.
  llvm::sort(sized, [](auto &a, auto &b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  for (auto [size, index] : sized)
    longestFirst.push_back(index);
}

DeviceKernels::~DeviceKernels() = default;

LogicalResult DeviceKernels::forEach(llvm::function_ref<LogicalResult(Kernel &, size_t)> visit) {
  // All of them, even after one has failed: which had been reached depends on the threads.
  std::atomic<bool> hasFailed = false;
  parallelForEach(&context, longestFirst, [&](size_t index) {
    if (failed(visit(*kernels[index], index)))
      hasFailed = true;
  });
  return failure(hasFailed);
}

static llvm::Error checkArguments(const llvm::Function &kernel) {
  if (kernel.isDeclaration())
    return llvm::Error::success();
  uint64_t bytes = 0;
  const llvm::DataLayout &layout = kernel.getDataLayout();
  for (const llvm::Argument &argument : kernel.args())
    bytes = llvm::alignTo(bytes, layout.getABITypeAlign(argument.getType())) +
            layout.getTypeAllocSize(argument.getType());
  if (bytes <= kMostArgumentBytes)
    return llvm::Error::success();
  return llvm::createStringError("kernel '" + kernel.getName() + "' takes " + llvm::Twine(bytes) +
                                 " bytes of arguments, and a GPU hands over " +
                                 llvm::Twine(kMostArgumentBytes));
}

LogicalResult DeviceKernels::assemble(Kernel &kernel, StringRef chip) {
  std::unique_ptr<llvm::Module> code = translateKernels(*kernel.own, kernel.context, chip);
  if (!code)
    return kernel.own->emitError("kernel '" + kernel.name + "' could not be translated");
  llvm::Error error = llvm::Error::success();
  for (const llvm::Function &function : *code)
    error = llvm::joinErrors(std::move(error), checkArguments(function));
  if (!kernel.optimized)
    kernel.optimized = llvm::CloneModule(*code);
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream os(text);
  if (!error)
    error = emitPtx(*code, chip, os);
  if (error)
    return kernel.own->emitError(llvm::toString(std::move(error)));
  kernel.text = text.str();
  return success();
}

std::optional<std::string> DeviceKernels::assemble(StringRef chip) {
  if (failed(forEach([&](Kernel &kernel, size_t) { return assemble(kernel, chip); })))
    return std::nullopt;
  Kernel none(ModuleOp::create(UnknownLoc::get(&context)));
  if (failed(assemble(none, chip)))
    return std::nullopt;
  std::string all = std::move(none.text);
  for (const std::unique_ptr<Kernel> &kernel : kernels)
    all += StringRef(std::exchange(kernel->text, {})).split(kEndOfHead).second;
  return all;
}

LogicalResult DeviceKernels::emulate(DeviceCode &code) {
  code.emulated.resize(kernels.size());
  return forEach([&](Kernel &kernel, size_t index) -> LogicalResult {
    DeviceKernel &facts = code.kernels[index];
    const llvm::Function &function = *kernel.optimized->getFunction(kernel.name);
    for (const llvm::Argument &argument : function.args())
      facts.argumentBytes.push_back(function.getDataLayout().getTypeStoreSize(argument.getType()));
    facts.sharedBytes = placeSharedMemory(function).second;
    facts.waits = hasWaits(function);
    facts.decisive = findAccessPattern(function).decisive;
    llvm::SmallString<0> object;
    llvm::raw_svector_ostream os(object);
    if (llvm::Error error = emulateKernels(*kernel.optimized, options, os))
      return kernel.own->emitError(llvm::toString(std::move(error)));
    kernel.optimized = nullptr;
    code.emulated[index] = object.str();
    return success();
  });
}

} // namespace nnc::codegen
