// codegen-launch-kernels: moves kernels to a module of their own, and lets entries launch them.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/cpu/PassBuffers.h"
#include "compiler/codegen/gpu/BufferParts.h"
#include "compiler/codegen/gpu/Gpu.h"
#include "compiler/codegen/gpu/GridBarrier.h"
#include "compiler/codegen/shared/Buffers.h"
#include "compiler/codegen/shared/Counts.h"
#include "compiler/codegen/shared/Entry.h"
#include "dialects/train/ir/TrainOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/Support/Path.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_LAUNCHKERNELS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

constexpr llvm::StringLiteral kLaunch = "nnrt_launch", kCopy = "nnrt_copy", kSet = "nnrt_set";

/// Turns what an entry does on the device into calls of the runtime.
class EntryLauncher {
public:
  EntryLauncher(func::FuncOp entry, const PassBuffers &passing,
                const llvm::StringMap<unsigned> &numbers)
      : entry(entry), passing(passing), numbers(numbers), builder(entry.getContext()),
        pointer(LLVM::LLVMPointerType::get(entry.getContext())), i64(builder.getI64Type()) {}

  LogicalResult run() {
    SmallVector<Operation *> work;
    WalkResult walk = entry.walk([&](Operation *op) {
      bool isOnDevice = llvm::any_of(op->getOperands(), [](Value operand) {
        return isa<MemRefType>(operand.getType()) && !isOnHost(operand);
      });
      if (isa<func::CallOp>(op) || (isa<memref::CopyOp, memref::StoreOp>(op) && isOnDevice))
        work.push_back(op);
      else if (isa<memref::LoadOp, linalg::LinalgOp>(op) && isOnDevice)
        return op->emitOpError("expected an entry to leave buffers of the device to kernels"),
               WalkResult::interrupt();
      return WalkResult::advance();
    });
    if (walk.wasInterrupted())
      return failure();
    if (work.empty())
      return success();
    context = findContext();
    for (Operation *op : work)
      if (auto call = dyn_cast<func::CallOp>(op))
        if (auto found = numbers.find(call.getCallee()); found != numbers.end())
          numSlots = std::max<int64_t>(numSlots, call->getNumOperands() - 2);
    makeSlots();
    for (Operation *op : work) {
      builder.setInsertionPoint(op);
      if (auto call = dyn_cast<func::CallOp>(op)) {
        if (numbers.contains(call.getCallee()))
          launch(call);
        else
          continue;
      } else if (auto copy = dyn_cast<memref::CopyOp>(op)) {
        this->copy(copy);
      } else {
        store(cast<memref::StoreOp>(op));
      }
      op->erase();
    }
    return success();
  }

private:
  Value findContext() {
    for (BlockArgument argument : entry.getArguments())
      if (entry.getArgAttr(argument.getArgNumber(), nn::kContextAttr))
        return argument;
    auto attributes =
        builder.getDictionaryAttr({builder.getNamedAttr(nn::kContextAttr, builder.getUnitAttr())});
    (void)entry.insertArgument(entry.getNumArguments(), pointer, attributes, entry.getLoc());
    return entry.getArguments().back();
  }

  /// Memory for the arguments of one launch, which the next one uses again, and pointers to it.
  void makeSlots() {
    Location loc = entry.getLoc();
    builder.setInsertionPointToStart(&entry.front());
    Value count = constant(loc, std::max<int64_t>(1, numSlots));
    slots = LLVM::AllocaOp::create(builder, loc, pointer, i64, count);
    pointers = LLVM::AllocaOp::create(builder, loc, pointer, pointer, count);
    for (int64_t i = 0; i < numSlots; ++i)
      LLVM::StoreOp::create(builder, loc, slot(loc, i), at(loc, pointers, pointer, i));
  }

  Value constant(Location loc, int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(value));
  }
  Value at(Location loc, Value array, Type type, int64_t index) {
    return LLVM::GEPOp::create(builder, loc, pointer, type, array,
                               ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(index)});
  }
  Value slot(Location loc, int64_t index) { return at(loc, slots, i64, index); }

  void launch(func::CallOp call) {
    Location loc = call.getLoc();
    // The first operand counts blocks, the last one is the context.
    for (auto [i, value] : llvm::enumerate(call->getOperands().drop_front().drop_back()))
      LLVM::StoreOp::create(builder, loc, value, slot(loc, i));
    Value number = LLVM::ConstantOp::create(
        builder, loc, builder.getI32IntegerAttr(numbers.lookup(call.getCallee())));
    func::CallOp::create(builder, loc, kLaunch, TypeRange(),
                         ValueRange{context, number, call->getOperand(0), pointers});
  }

  Value pointerTo(Location loc, Value buffer) {
    SmallVector<Value> values;
    passing.append(builder, loc, buffer, values);
    return values.front();
  }

  void copy(memref::CopyOp copy) {
    Location loc = copy.getLoc();
    auto type = cast<MemRefType>(copy.getSource().getType());
    Value bytes = arith::ConstantIndexOp::create(builder, loc, getElementBytes(type));
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      bytes = builder.createOrFold<arith::MulIOp>(
          loc, bytes, builder.createOrFold<memref::DimOp>(loc, copy.getSource(), dim));
    bytes = arith::IndexCastOp::create(builder, loc, i64, bytes);
    Value to = pointerTo(loc, copy.getTarget()), from = pointerTo(loc, copy.getSource());
    func::CallOp::create(builder, loc, isOnHost(copy.getSource()) ? kSet : kCopy, TypeRange(),
                         ValueRange{context, to, from, bytes});
  }

  /// Brings a number that the host knows to the device.
  void store(memref::StoreOp store) {
    Location loc = store.getLoc();
    SmallVector<OpFoldResult> ones(store.getIndices().size(), builder.getIndexAttr(1));
    Value place = store.getMemRef();
    if (!ones.empty())
      place = memref::SubViewOp::create(builder, loc, place, getAsOpFoldResult(store.getIndices()),
                                        ones, ones);
    Value memory = slot(loc, 0);
    LLVM::StoreOp::create(builder, loc, store.getValue(), memory);
    int64_t bytes = getElementBytes(store.getMemRefType());
    func::CallOp::create(builder, loc, kSet, TypeRange(),
                         ValueRange{context, pointerTo(loc, place), memory, constant(loc, bytes)});
  }

  func::FuncOp entry;
  const PassBuffers &passing;
  const llvm::StringMap<unsigned> &numbers;
  OpBuilder builder;
  Type pointer, i64;
  Value context, slots, pointers;
  int64_t numSlots = 1; // One for what stores bring.
};

/// The lines that `location` stands for, each once, in their order.
static std::string listPlaces(Location location) {
  llvm::SetVector<std::pair<llvm::StringRef, unsigned>> lines;
  location->walk([&](Location inner) {
    // Where a program uses what the library does, not where the library does it.
    if (auto call = llvm::dyn_cast<CallSiteLoc>(inner)) {
      inner = call.getCaller();
      while (auto outer = llvm::dyn_cast<CallSiteLoc>(inner))
        inner = outer.getCaller();
      if (auto line = inner->findInstanceOf<FileLineColLoc>())
        lines.insert({line.getFilename().getValue(), line.getLine()});
      return WalkResult::skip();
    }
    if (auto line = llvm::dyn_cast<FileLineColLoc>(inner))
      lines.insert({line.getFilename().getValue(), line.getLine()});
    return WalkResult::advance();
  });
  auto sorted = lines.takeVector();
  llvm::sort(sorted);
  return llvm::join(
      llvm::map_range(
          sorted,
          [](auto line) {
            return (llvm::sys::path::filename(line.first) + ":" + llvm::Twine(line.second)).str();
          }),
      ", ");
}

class LaunchKernelsPass : public impl::LaunchKernelsBase<LaunchKernelsPass> {
public:
  void runOnOperation() override {
    ModuleOp module = getOperation();
    OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
    auto device = ModuleOp::create(builder, module.getLoc(), kDeviceModule);
    PassBuffers passing(&getContext());
    llvm::StringMap<unsigned> numbers;
    for (auto function : llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
      if (!function->hasAttr(nn::kHiddenAttr))
        continue;
      numbers[function.getName()] = numbers.size();
      function->moveBefore(device.getBody(), device.getBody()->end());
    }
    noteLaunches(module, device, numbers);
    for (auto entry : module.getOps<func::FuncOp>())
      if (failed(EntryLauncher(entry, passing, numbers).run()))
        return signalPassFailure();
    for (auto kernel : device.getOps<func::FuncOp>())
      settle(kernel);
    for (auto kernel : device.getOps<func::FuncOp>())
      placeSharedMemory(kernel);
    if (auto barrier = module.lookupSymbol<func::FuncOp>(kGridBarrier))
      barrier->moveBefore(device.getBody(), device.getBody()->end());
    declareRuntime(module);
    numKernels += numbers.size();
  }

private:
  /// Whether `call` is one of those that an entry makes for each batch.
  static bool isForBatch(Operation *call) {
    for (Operation *around = call->getParentOp(); around; around = around->getParentOp())
      if (around->hasAttr(kBatchesAttr))
        return true;
    return false;
  }
  /// Whether the entry goes through batches.
  static bool takesBatches(func::FuncOp entry) {
    for (unsigned i = 0; i < entry.getNumArguments(); ++i)
      if (auto binding = entry.getArgAttrOfType<train::BindAttr>(i, train::kBindAttr))
        if (binding.getSource() == train::Source::Passes)
          return true;
    return false;
  }

  /// Tells, of each entry whose loops have known numbers of passes, how often it launches which.
  static void noteLaunches(ModuleOp module, ModuleOp device,
                           const llvm::StringMap<unsigned> &numbers) {
    Builder builder(module.getContext());
    SmallVector<NamedAttribute> launches;
    for (auto entry : module.getOps<func::FuncOp>()) {
      SmallVector<int64_t> counts(numbers.size());
      llvm::BitVector isForEach(numbers.size(), !takesBatches(entry));
      bool isKnown = true;
      entry.walk([&](func::CallOp call) {
        auto kernel = numbers.find(call.getCallee());
        if (kernel == numbers.end())
          return;
        Count runs = countRuns(call);
        isKnown &= runs.has_value();
        counts[kernel->second] += runs.value_or(0);
        if (isForBatch(call))
          isForEach.set(kernel->second);
      });
      for (auto [kernel, count] : llvm::enumerate(counts))
        count = isForEach[kernel] ? count : -count;
      if (isKnown && !entry.isExternal())
        launches.push_back(
            builder.getNamedAttr(entry.getName(), builder.getDenseI64ArrayAttr(counts)));
    }
    device->setAttr(kLaunchesAttr, builder.getDictionaryAttr(launches));
  }

  /// A kernel takes no number of blocks and no context; its name is one that PTX takes.
  static void settle(func::FuncOp kernel) {
    for (Operation *cast : llvm::make_early_inc_range(kernel.getArgument(0).getUsers()))
      cast->erase(); // To an index that nothing asks for.
    (void)kernel.eraseArgument(kernel.getNumArguments() - 1);
    (void)kernel.eraseArgument(0);
    kernel.walk([&](func::CallOp call) {
      if (call.getCallee() == kGridBarrier)
        kernel->setAttr(kCooperativeAttr, UnitAttr::get(kernel.getContext()));
    });
    kernel->setAttr(kPlacesAttr, StringAttr::get(kernel.getContext(), listPlaces(kernel.getLoc())));
    if (auto line = kernel.getLoc()->findInstanceOf<FileLineColLoc>())
      kernel->setLoc(line); // Where debug information lets a function begin.
    kernel->removeAttr(nn::kHiddenAttr);
    kernel->removeAttr("passthrough");
    kernel.setPublic();
    std::string name = kernel.getName().str();
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c != '_' && !llvm::isAlnum(c); }, '_');
    kernel.setName(name);
  }

  /// A block's memory is a variable of the module, one for each kernel: what uses it ends with a
  /// barrier, so that buffers may lie over one another.
  static void placeSharedMemory(func::FuncOp kernel) {
    SmallVector<memref::AllocaOp> buffers;
    int64_t bytes = 0;
    kernel.walk([&](memref::AllocaOp buffer) {
      MemRefType type = buffer.getType();
      if (!gpu::GPUDialect::hasWorkgroupMemoryAddressSpace(type))
        return;
      buffers.push_back(buffer);
      bytes = std::max(bytes, type.getNumElements() * getElementBytes(type));
    });
    if (buffers.empty())
      return;
    OpBuilder builder(kernel);
    Location loc = kernel.getLoc();
    std::string name = (kernel.getName() + "_shared").str();
    auto type = MemRefType::get({bytes}, builder.getI8Type(), AffineMap(),
                                buffers.front().getType().getMemorySpace());
    // LLVM would take it to be aligned to 16 bytes, and PTX to 4, where nobody says.
    memref::GlobalOp::create(builder, loc, builder.getStringAttr(name),
                             builder.getStringAttr("private"), TypeAttr::get(type),
                             /*initial_value=*/builder.getUnitAttr(), /*constant=*/UnitAttr(),
                             builder.getI64IntegerAttr(16));
    builder.setInsertionPointToStart(&kernel.front());
    Value memory = memref::GetGlobalOp::create(builder, loc, type, name);
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    for (memref::AllocaOp buffer : buffers) {
      buffer.replaceAllUsesWith(
          memref::ViewOp::create(builder, loc, buffer.getType(), memory, zero, ValueRange())
              .getResult());
      buffer.erase();
    }
  }

  static void declareRuntime(ModuleOp module) {
    OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
    Type pointer = LLVM::LLVMPointerType::get(module.getContext());
    Type i32 = builder.getI32Type(), i64 = builder.getI64Type();
    auto declare = [&](StringRef name, ArrayRef<Type> types) {
      func::FuncOp::create(builder, module.getLoc(), name, builder.getFunctionType(types, {}))
          .setPrivate();
    };
    declare(kLaunch, {pointer, i32, i64, pointer});
    declare(kCopy, {pointer, pointer, pointer, i64});
    declare(kSet, {pointer, pointer, pointer, i64});
  }
};

} // namespace
} // namespace nnc::codegen
