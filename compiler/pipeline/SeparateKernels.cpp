// Kernels compiled apart from the entries that call them.
#include "compiler/pipeline/SeparateKernels.h"

#include "compiler/pipeline/Passes.h"
#include "compiler/pipeline/Pipeline.h"
#include "compiler/pipeline/Stage.h"
#include "dialects/kernel/ir/KernelOps.h"
#include "dialects/train/transforms/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/Threading.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;
using namespace nnc;

/// What a profile should say of a kernel: its largest loops, as `matmul_32x64x784`.
static std::string describe(kernel::FuncOp kernel) {
  std::string text = "loop";
  int64_t most = -1;
  kernel.walk([&](linalg::LinalgOp op) {
    int64_t points = 1;
    std::string sizes;
    for (int64_t size : op.getStaticLoopRanges()) {
      bool isKnown = !ShapedType::isDynamic(size);
      points *= isKnown ? size : 64; // No more than a guess: to choose between loops.
      sizes += (sizes.empty() ? "_" : "x") + (isKnown ? std::to_string(size) : "n");
    }
    if (points <= most)
      return;
    most = points;
    StringRef kind = linalg::isaContractionOpInterface(op) ? "matmul"
                     : op.getNumReductionLoops() > 0       ? "reduce"
                                                           : "map";
    text = kind.str() + sizes;
  });
  return text;
}

/// The text of a kernel, whatever its name is: what its code is made from.
static std::string textOf(kernel::FuncOp kernel, bool withLocations) {
  StringAttr name = kernel.getSymNameAttr();
  kernel.setSymName("kernel");
  std::string text;
  llvm::raw_string_ostream os(text);
  OpPrintingFlags flags;
  flags.useLocalScope();
  if (withLocations)
    flags.enableDebugInfo();
  kernel->print(os, flags);
  kernel.setSymNameAttr(name);
  return text;
}

static std::string digest(StringRef text) {
  return llvm::toHex(llvm::SHA256::hash(llvm::arrayRefFromStringRef(text)), /*LowerCase=*/true);
}

/// Leaves of a kernel what its callers need to know: the buffers that they provide.
static LogicalResult reduceToInterface(kernel::FuncOp kernel) {
  kernel.setExternal(true);
  Block &body = kernel.getBody().front();
  SmallVector<Operation *> needed;
  llvm::SetVector<Operation *> all;
  kernel.walk([&](memref::AllocOp alloc) { needed.push_back(alloc); });
  while (!needed.empty()) {
    Operation *op = needed.pop_back_val();
    if (!all.insert(op))
      continue;
    for (Value operand : op->getOperands()) {
      if (Operation *from = operand.getDefiningOp())
        needed.push_back(from);
      else if (operand.getParentBlock() != &body)
        return op->emitOpError("expected a size that depends on the kernel's arguments alone");
    }
  }
  // In the order of the walk, in which the kernel's own code takes them.
  Operation *end = body.getTerminator();
  SmallVector<Operation *> inOrder;
  kernel.walk([&](Operation *op) {
    if (all.contains(op))
      inOrder.push_back(op);
  });
  for (Operation *op : inOrder)
    op->moveBefore(end);
  SmallVector<Operation *> rest;
  for (Operation &op : body.without_terminator())
    if (!all.contains(&op))
      rest.push_back(&op);
  for (Operation *op : llvm::reverse(rest)) {
    op->dropAllUses();
    op->erase();
  }
  return success();
}

LogicalResult SeparateKernels::run(ModuleOp on,
                                   llvm::function_ref<void(OpPassManager &)> build) const {
  PassManager passes(on.getContext());
  build(passes);
  passes.enableVerifier(false);
  return success(succeeded(passes.run(on)) && succeeded(verifyIfAsked(on)));
}

/// Names each kernel by its content, equal ones that aren't folded by a number more, and moves
/// those that the store hasn't got out.
void SeparateKernels::nameKernels() {
  apart = ModuleOp::create(module.getLoc());
  llvm::StringMap<StringAttr> names;
  llvm::StringMap<unsigned> copies;
  const std::string targetKey = store ? target.getCacheKey() : "";
  for (auto kernel : llvm::make_early_inc_range(module.getOps<kernel::FuncOp>())) {
    std::string text = textOf(kernel, target.keepsLocations());
    Kernel made;
    made.name = describe(kernel) + "." + digest(text).substr(0, 16);
    unsigned number = ++copies[made.name];
    if (number > 1 && !target.foldsKernels())
      made.name += "." + std::to_string(number);
    names[kernel.getSymName()] = StringAttr::get(module.getContext(), made.name);
    if (number > 1 && target.foldsKernels()) {
      kernel.erase();
      continue;
    }
    kernel.setSymName(made.name);
    if (store) {
      made.key = digest(made.name + '\0' + text + '\0' + targetKey);
      if (std::optional<KernelObject> kept = store->find(made.key)) {
        made.object = std::move(*kept);
        made.isKept = true;
      }
    }
    if (!made.isKept) {
      OpBuilder builder = OpBuilder::atBlockEnd(apart->getBody());
      made.own = ModuleOp::create(builder, module.getLoc()); // A file's, as line tables want.
      made.own.getBody()->push_back(kernel->clone());
    }
    kernels.push_back(std::move(made));
  }
  module.walk([&](kernel::CallOp call) {
    call.setCalleeAttr(FlatSymbolRefAttr::get(names.lookup(call.getCallee())));
    ++numCalls;
  });
}

/// Puts the interface of a kernel in its place among the entries.
LogicalResult SeparateKernels::declare(const Kernel &kernel) {
  auto full = module.lookupSymbol<kernel::FuncOp>(kernel.name);
  ParserConfig config(module.getContext());
  OwningOpRef<ModuleOp> parsed =
      parseSourceString<ModuleOp>(kernel.object.interface, config, kernel.name);
  auto interface = parsed ? parsed->lookupSymbol<kernel::FuncOp>(kernel.name) : kernel::FuncOp();
  if (!interface || interface.getFunctionType() != full.getFunctionType())
    return full.emitError("the interface that was kept of the kernel isn't its own");
  interface->remove();
  interface->setLoc(full.getLoc());
  module.insert(full, interface);
  full.erase();
  return success();
}

LogicalResult SeparateKernels::takeApart() {
  if (failed(run(module, [&](OpPassManager &passes) {
        passes.addPass(createNncVerifyStage({spelling(Stage::Kernels).str()}));
        target.buildCallPipeline(passes);
      })))
    return failure();
  nameKernels();
  return success();
}

LogicalResult SeparateKernels::bufferize() {
  if (failed(run(*apart, [&](OpPassManager &passes) {
        target.buildKernelCodePipeline(passes.nest<ModuleOp>());
      })))
    return failure();
  for (Kernel &kernel : kernels) {
    if (kernel.own) {
      OwningOpRef<ModuleOp> copy = kernel.own.clone();
      kernel::FuncOp interface = *copy->getOps<kernel::FuncOp>().begin();
      if (failed(reduceToInterface(interface)))
        return failure();
      llvm::raw_string_ostream os(kernel.object.interface);
      interface->print(os, OpPrintingFlags().useLocalScope());
    }
    if (failed(declare(kernel)))
      return failure();
  }
  return run(module, [&](OpPassManager &passes) { target.buildWorkspacePipeline(passes); });
}

LogicalResult SeparateKernels::compile(Kernel &kernel) const {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code = target.translate(kernel.own, context);
  if (!code)
    return failure();
  code->setSourceFileName(kernel.name);
  SmallString<0> object;
  llvm::raw_svector_ostream os(object);
  llvm::Error error = target.optimize(*code);
  if (!error)
    error = target.emitObject(*code, os);
  if (error)
    return kernel.own.emitError(llvm::toString(std::move(error)));
  kernel.object.code = object.str();
  return success();
}

/// How long the code of a kernel takes to generate, roughly.
static size_t countOperations(ModuleOp module) {
  size_t count = 0;
  module.walk([&](Operation *) { ++count; });
  return count;
}

LogicalResult SeparateKernels::compile(llvm::function_ref<LogicalResult()> emitEntries) {
  if (failed(run(*apart, [&](OpPassManager &passes) {
        OpPassManager &own = passes.nest<ModuleOp>();
        target.buildWorkspacePipeline(own);
        target.buildLlvmPipeline(own, /*separate=*/true);
      })))
    return failure();
  PassManager lowering(module.getContext());
  target.buildLlvmPipeline(lowering, /*separate=*/true);
  lowering.addPass(train::createTrainEraseModels());
  lowering.enableVerifier(false);
  // Once there are several threads, no dialect can be loaded.
  DialectRegistry needed;
  lowering.getDependentDialects(needed);
  for (StringRef name : needed.getDialectNames())
    module.getContext()->getOrLoadDialect(name);
  SmallVector<std::pair<size_t, Kernel *>> sized;
  for (Kernel &kernel : kernels)
    if (kernel.own)
      sized.emplace_back(countOperations(kernel.own), &kernel);
  // The longest first, so that threads end together.
  llvm::sort(sized, [](auto &a, auto &b) { return a.first > b.first; });
  SmallVector<Kernel *> open = {nullptr}; // The entries.
  llvm::append_range(open, llvm::make_second_range(sized));
  if (failed(failableParallelForEach(module.getContext(), open, [&](Kernel *kernel) {
        if (kernel)
          return compile(*kernel);
        return success(succeeded(lowering.run(module)) && succeeded(verifyIfAsked(module)) &&
                       succeeded(emitEntries()));
      })))
    return failure();
  for (Kernel *kernel : ArrayRef(open).drop_front()) {
    kernel->own = nullptr;
    if (store)
      store->keep(kernel->key, kernel->object);
  }
  apart = nullptr;
  return success();
}

std::vector<StringRef> SeparateKernels::code() const {
  std::vector<StringRef> all;
  for (const Kernel &kernel : kernels)
    all.push_back(kernel.object.code);
  return all;
}

KernelCounts SeparateKernels::count() const {
  return {numCalls, unsigned(kernels.size()),
          unsigned(llvm::count_if(kernels, [](const Kernel &kernel) { return kernel.isKept; }))};
}
