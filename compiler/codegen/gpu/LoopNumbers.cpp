// Numbers of the host that a loop of an entry computes in each pass.
#include "compiler/codegen/gpu/LoopNumbers.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace nnc::codegen {

using namespace mlir;

namespace {

/// Whether `value` is memory of the host for one number.
bool isNumber(Value value) {
  auto memory = value.getDefiningOp<memref::AllocaOp>();
  return memory && memory.getType().getRank() == 0;
}

/// Whether `use` may need what the number is: anything but a store, or what linalg writes only.
bool isRead(OpOperand &use) {
  Operation *user = use.getOwner();
  if (auto store = dyn_cast<memref::StoreOp>(user))
    return use.get() == store.getValue();
  auto computes = dyn_cast<linalg::LinalgOp>(user);
  return !computes || !computes.isDpsInit(&use) ||
         !computes.getMatchingBlockArgument(&use).use_empty();
}

/// What is known of numbers on the way through one pass.
class PassReader {
public:
  explicit PassReader(scf::ForOp loop) : loop(loop), builder(loop) {}

  void run() {
    for (Operation &op : llvm::make_early_inc_range(loop.getBody()->without_terminator()))
      visit(&op);
    SmallVector<Operation *> ops;
    for (Operation &op : loop.getBody()->without_terminator())
      ops.push_back(&op);
    for (Operation *op : llvm::reverse(ops)) // Who reads comes after who writes.
      eraseIfUnread(op);
  }

private:
  void visit(Operation *op) {
    builder.setInsertionPoint(op);
    if (auto load = dyn_cast<memref::LoadOp>(op)) {
      read(load);
    } else if (auto store = dyn_cast<memref::StoreOp>(op)) {
      if (isNumber(store.getMemRef()))
        known[store.getMemRef()] = store.getValue();
    } else if (auto computes = dyn_cast<linalg::LinalgOp>(op)) {
      compute(computes);
    } else if (auto copy = dyn_cast<memref::CopyOp>(op); copy && known.contains(copy.getSource())) {
      auto type = cast<MemRefType>(copy.getTarget().getType());
      if (type.getRank() > 0)
        return;
      memref::StoreOp::create(builder, op->getLoc(), known.lookup(copy.getSource()),
                              copy.getTarget());
      op->erase();
    } else if (!isMemoryEffectFree(op)) {
      op->walk([&](Operation *inner) {
        for (Value operand : inner->getOperands())
          known.erase(operand);
      });
    }
  }

  void read(memref::LoadOp load) {
    Value memory = load.getMemRef();
    if (!isNumber(memory))
      return;
    if (Value value = known.lookup(memory)) {
      load.replaceAllUsesWith(value);
      load.erase();
    } else if (!isChanged(memory)) {
      load->moveBefore(loop);
      known[memory] = load;
    }
  }

  /// Whether a pass may write the number.
  bool isChanged(Value memory) const {
    return llvm::any_of(memory.getUsers(), [&](Operation *user) {
      return loop->isAncestor(user) && !isa<memref::LoadOp>(user);
    });
  }

  /// Computes at once what an operation of one number does.
  void compute(linalg::LinalgOp op) {
    IRMapping mapping;
    bool isPossible = op.getNumLoops() == 0 && op->getNumResults() == 0;
    for (OpOperand &operand : op->getOpOperands()) {
      bool isMemory = isa<MemRefType>(operand.get().getType());
      Value value = isMemory ? known.lookup(operand.get()) : operand.get();
      if (value)
        mapping.map(op.getMatchingBlockArgument(&operand), value);
      isPossible &= !isMemory || (isNumber(operand.get()) && (value || !isRead(operand)));
    }
    for (Value written : op.getDpsInits())
      known.erase(written);
    if (!isPossible)
      return;
    Block *body = op.getBlock();
    for (Operation &inner : body->without_terminator())
      builder.clone(inner, mapping);
    for (auto [written, value] :
         llvm::zip_equal(op.getDpsInits(), body->getTerminator()->getOperands()))
      known[written] = mapping.lookupOrDefault(value);
  }

  /// Removes what writes numbers alone that nobody reads.
  static void eraseIfUnread(Operation *op) {
    SmallVector<Value> written;
    if (auto store = dyn_cast<memref::StoreOp>(op))
      written.push_back(store.getMemRef());
    else if (auto computes = dyn_cast<linalg::LinalgOp>(op); computes && op->getNumResults() == 0)
      llvm::append_range(written, computes.getDpsInits());
    auto isUnread = [](Value memory) {
      return isNumber(memory) && llvm::none_of(memory.getUses(), isRead);
    };
    if (!written.empty() && llvm::all_of(written, isUnread))
      op->erase();
  }

  scf::ForOp loop;
  OpBuilder builder;
  llvm::SmallDenseMap<Value, Value> known;
};

} // namespace

void makeNumbersValues(scf::ForOp loop) { PassReader(loop).run(); }

} // namespace nnc::codegen
