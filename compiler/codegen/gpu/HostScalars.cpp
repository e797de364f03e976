// codegen-host-scalars: lets the host compute the numbers that depend on nothing but its own.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/EraseUnused.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_HOSTSCALARS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// Moves the numbers of one entry to the host.
class ScalarMover {
public:
  ScalarMover(RewriterBase &rewriter, func::FuncOp entry, const SymbolTable &symbols)
      : rewriter(rewriter), entry(entry), symbols(symbols) {
    findNumbers();
    entry.walk([&](Operation *op) {
      auto call = dyn_cast<kernel::CallOp>(op);
      if (call)
        (isOnHost(call) ? hostCalls : deviceCalls).push_back(call);
      if ((call && isOnHost(call)) ||
          (isa<memref::StoreOp>(op) && numbers.contains(op->getOperand(1))))
        writers.push_back(op);
    });
  }

  ArrayRef<kernel::CallOp> getHostCalls() const { return hostCalls; }
  ArrayRef<kernel::CallOp> getDeviceCalls() const { return deviceCalls; }
  bool isNumber(Value value) const { return numbers.contains(value); }

  /// Leaves the numbers on the host. Returns how many there are.
  unsigned run() {
    copyToDevice();
    for (kernel::CallOp call : hostCalls)
      expand(call);
    for (Value number : numbers) {
      rewriter.setInsertionPointToStart(&entry.front());
      rewriter.replaceOpWithNewOp<memref::AllocaOp>(number.getDefiningOp(),
                                                    cast<MemRefType>(number.getType()));
    }
    return numbers.size();
  }

private:
  /// Whether a call in a loop computes what would take every thread of a kernel long that makes the
  /// passes itself. One thread does so once, beside others.
  bool isForOneThread(kernel::CallOp call) const {
    auto kernel = symbols.lookup<kernel::FuncOp>(call.getCallee());
    auto isFunction = [](Operation *op) {
      return isa<math::MathDialect>(op->getDialect()) ? WalkResult::interrupt()
                                                      : WalkResult::advance();
    };
    return call->getParentOfType<scf::ForOp>() && kernel.walk(isFunction).wasInterrupted();
  }

  /// Whether a call reads and writes such numbers alone.
  bool isOnHost(kernel::CallOp call) const {
    return !isForOneThread(call) && llvm::all_of(call->getOperands(), [&](Value operand) {
      return !isa<MemRefType>(operand.getType()) || numbers.contains(operand);
    });
  }

  /// Whether what writes or reads `number` leaves it on the host.
  bool staysOnHost(Value number) const {
    return llvm::all_of(number.getUses(), [&](OpOperand &use) {
      Operation *user = use.getOwner();
      if (auto call = dyn_cast<kernel::CallOp>(user))
        return !call.isDpsInit(&use) || isOnHost(call);
      if (auto copy = dyn_cast<memref::CopyOp>(user))
        return copy.getSource() == number;
      return isa<memref::StoreOp, memref::DeallocOp>(user);
    });
  }

  /// The buffers of one number that only the host writes.
  void findNumbers() {
    entry.walk([&](memref::AllocOp buffer) {
      if (buffer.getType().getRank() == 0)
        numbers.insert(buffer.getResult());
    });
    bool hasChanged = true;
    while (std::exchange(hasChanged, false))
      for (Value number : llvm::to_vector(numbers))
        if (!staysOnHost(number)) {
          numbers.remove(number);
          hasChanged = true;
        }
  }

  /// What kernels on the device read is brought there each time when it has been written.
  void copyToDevice() {
    DenseMap<Value, Value> copies;
    for (Value number : numbers) {
      SmallVector<OpOperand *> reads;
      for (OpOperand &use : number.getUses())
        if (auto call = dyn_cast<kernel::CallOp>(use.getOwner()); call && !isOnHost(call))
          reads.push_back(&use);
      if (reads.empty())
        continue;
      rewriter.setInsertionPointAfterValue(number);
      Value copy =
          memref::AllocOp::create(rewriter, number.getLoc(), cast<MemRefType>(number.getType()));
      for (OpOperand *read : reads)
        rewriter.modifyOpInPlace(read->getOwner(), [&] { read->set(copy); });
      copies[number] = copy;
    }
    for (Operation *writer : writers) {
      rewriter.setInsertionPointAfter(writer);
      SmallVector<Value> written;
      if (auto call = dyn_cast<kernel::CallOp>(writer))
        written.assign(call.getDestinations().begin(), call.getDestinations().end());
      else
        written.push_back(writer->getOperand(1));
      for (Value number : written)
        if (Value copy = copies.lookup(number))
          memref::CopyOp::create(rewriter, writer->getLoc(), number, copy);
    }
  }

  /// Puts the kernel's body in the call's place.
  void expand(kernel::CallOp call) {
    auto kernel = symbols.lookup<kernel::FuncOp>(call.getCallee());
    rewriter.setInsertionPoint(call);
    IRMapping mapping;
    mapping.map(kernel.getBody().getArguments(), call->getOperands());
    SmallVector<scf::ForallOp> loops;
    for (Operation &op : kernel.getBody().front().without_terminator())
      if (auto loop = dyn_cast<scf::ForallOp>(rewriter.clone(op, mapping)))
        loops.push_back(loop);
    for (scf::ForallOp loop : loops) {
      rewriter.setInsertionPoint(loop);
      (void)scf::forallToForLoop(rewriter, loop);
    }
    rewriter.eraseOp(call);
  }

  RewriterBase &rewriter;
  func::FuncOp entry;
  const SymbolTable &symbols;
  llvm::SetVector<Value> numbers;
  SmallVector<kernel::CallOp> hostCalls, deviceCalls;
  SmallVector<Operation *> writers; ///< Of numbers.
};

/// A call that launches a kernel, and who knows which of its operands are numbers of the host.
using DeviceCall = std::pair<kernel::CallOp, const ScalarMover *>;

/// Lets kernels take numbers of the host themselves, in place of memory that holds them.
class ValuePasser {
public:
  ValuePasser(RewriterBase &rewriter, kernel::FuncOp kernel, ArrayRef<DeviceCall> calls)
      : rewriter(rewriter), kernel(kernel), calls(calls) {}

  /// Returns how many arguments became values.
  unsigned run() {
    unsigned numPassed = 0;
    for (BlockArgument argument : kernel.getBody().getArguments())
      if (canPass(argument)) {
        pass(argument);
        ++numPassed;
      }
    SmallVector<Type> types(kernel.getBody().front().getArgumentTypes());
    kernel.setFunctionType(rewriter.getFunctionType(types, {}));
    return numPassed;
  }

private:
  /// Whether every call gives a number of the host, and the kernel does nothing but read it.
  bool canPass(BlockArgument argument) const {
    unsigned number = argument.getArgNumber();
    auto type = dyn_cast<MemRefType>(argument.getType());
    return type && type.getRank() == 0 &&
           llvm::all_of(calls,
                        [&](const DeviceCall &call) {
                          kernel::CallOp op = call.first;
                          return call.second->isNumber(op->getOperand(number));
                        }) &&
           llvm::all_of(argument.getUses(), [](OpOperand &use) {
             auto loop = dyn_cast<linalg::GenericOp>(use.getOwner());
             return isa<memref::LoadOp>(use.getOwner()) || (loop && loop.isDpsInput(&use));
           });
  }

  void pass(BlockArgument argument) {
    for (kernel::CallOp call : llvm::make_first_range(calls)) {
      rewriter.setInsertionPoint(call);
      OpOperand &operand = call->getOpOperand(argument.getArgNumber());
      Value value = memref::LoadOp::create(rewriter, call.getLoc(), operand.get());
      rewriter.modifyOpInPlace(call, [&] { operand.set(value); });
    }
    for (Operation *user : llvm::make_early_inc_range(argument.getUsers()))
      if (isa<memref::LoadOp>(user))
        rewriter.replaceOp(user, argument);
    argument.setType(cast<MemRefType>(argument.getType()).getElementType());
  }

  RewriterBase &rewriter;
  kernel::FuncOp kernel;
  ArrayRef<DeviceCall> calls;
};

class HostScalarsPass : public impl::HostScalarsBase<HostScalarsPass> {
public:
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    IRRewriter rewriter(&getContext());
    std::vector<ScalarMover> movers;
    for (auto entry : getOperation().getOps<func::FuncOp>())
      if (!entry.isExternal())
        movers.emplace_back(rewriter, entry, symbols);
    passValues(rewriter, movers, symbols);
    for (ScalarMover &mover : movers)
      numScalars += mover.run();
    for (auto entry : getOperation().getOps<func::FuncOp>())
      copyConstants(rewriter, entry);
    eraseUncalledKernels(getOperation());
  }

private:
  /// Constants are in the memory of the host: kernels read copies, of which all passes of a loop
  /// read one.
  static void copyConstants(RewriterBase &rewriter, func::FuncOp entry) {
    DenseMap<std::pair<Operation *, Attribute>, Value> copies;
    entry.walk([&](kernel::CallOp call) {
      for (OpOperand &operand : call->getOpOperands()) {
        auto constant = operand.get().getDefiningOp<memref::GetGlobalOp>();
        if (!constant)
          continue;
        Operation *outermost = entry.front().findAncestorOpInBlock(*call);
        Value &copy = copies[{outermost, constant.getNameAttr()}];
        if (!copy) {
          rewriter.setInsertionPoint(outermost);
          if (constant->getBlock() != &entry.front())
            constant = cast<memref::GetGlobalOp>(rewriter.clone(*constant));
          copy = memref::AllocOp::create(rewriter, constant.getLoc(), constant.getType());
          memref::CopyOp::create(rewriter, constant.getLoc(), constant, copy);
        }
        rewriter.modifyOpInPlace(call, [&] { operand.set(copy); });
      }
    });
  }

  void passValues(RewriterBase &rewriter, ArrayRef<ScalarMover> movers,
                  const SymbolTable &symbols) {
    llvm::MapVector<Operation *, SmallVector<DeviceCall>> calls;
    llvm::DenseSet<Operation *> onHost; // The host takes memory.
    for (const ScalarMover &mover : movers) {
      for (kernel::CallOp call : mover.getDeviceCalls())
        calls[symbols.lookup(call.getCallee())].emplace_back(call, &mover);
      for (kernel::CallOp call : mover.getHostCalls())
        onHost.insert(symbols.lookup(call.getCallee()));
    }
    for (auto &[kernel, own] : calls)
      if (!onHost.contains(kernel))
        numValues += ValuePasser(rewriter, cast<kernel::FuncOp>(kernel), own).run();
  }
};

} // namespace
} // namespace nnc::codegen
