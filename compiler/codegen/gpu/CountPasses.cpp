// codegen-count-passes: lets kernels count the passes of a loop of launches.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/gpu/BufferParts.h"
#include "compiler/codegen/gpu/KernelWork.h"
#include "compiler/codegen/gpu/PassCounters.h"
#include "compiler/codegen/shared/Counts.h"
#include "compiler/codegen/shared/EraseUnused.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_COUNTPASSES
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// One loop over the batches of a call.
class PassCounter {
public:
  PassCounter(scf::ForOp loop, SymbolTable &symbols)
      : loop(loop), symbols(symbols), builder(loop), loc(loop.getLoc()) {}

  /// Whether all passes can launch the same: nothing but kernels knows which one it is.
  bool isPossible() {
    WalkResult walk = loop.getBody()->walk([&](Operation *op) {
      if (auto call = dyn_cast<kernel::CallOp>(op)) {
        calls.push_back(call);
        return WalkResult::advance();
      }
      bool isHarmless = isa<scf::ForOp, memref::AllocOp, memref::DeallocOp>(op) ||
                        isMemoryEffectFree(op) || isa<scf::YieldOp>(op);
      if (auto copy = dyn_cast<memref::CopyOp>(op))
        isHarmless = !isOnHost(copy.getSource()) && !dependsOnPass(copy.getSource()) &&
                     !dependsOnPass(copy.getTarget());
      return isHarmless ? WalkResult::advance() : WalkResult::interrupt();
    });
    if (walk.wasInterrupted() || calls.size() < 2)
      return false;
    auto isOnce = [&](kernel::CallOp call) { return call->getBlock() == loop.getBody(); };
    return isOnce(calls.front()) && isOnce(calls.back()) &&
           llvm::all_of(calls, [&](kernel::CallOp call) {
             return llvm::all_of(call->getOperands(), [&](Value operand) {
               return !isa<MemRefType>(operand.getType()) || !dependsOnPass(operand);
             });
           });
  }

  void run() {
    builder.setInsertionPoint(loop);
    auto type = MemRefType::get({}, builder.getI64Type());
    now = memref::AllocOp::create(builder, loc, type);
    next = memref::AllocOp::create(builder, loc, type);
    Value zero = arith::ConstantIntOp::create(builder, loc, 0, 64);
    memref::StoreOp::create(builder, loc, zero, now);
    for (kernel::CallOp call : calls)
      replace(call);
    loop->setAttr(kRepeatAttr, builder.getUnitAttr());
  }

private:
  /// Whether a value is another one in each pass.
  bool dependsOnPass(Value value) {
    if (value == loop.getInductionVar())
      return true;
    Operation *op = value.getDefiningOp();
    return op && loop->isProperAncestor(op) && !isa<memref::AllocOp>(op) &&
           llvm::any_of(op->getOperands(), [&](Value operand) { return dependsOnPass(operand); });
  }

  /// What a value of the loop is computed from that is the same in each pass.
  void findSources(Value value, llvm::SetVector<Value> &sources) {
    if (value == loop.getInductionVar())
      return;
    if (!dependsOnPass(value)) {
      if (!matchPattern(value, m_Constant()))
        sources.insert(value);
      return;
    }
    for (Value operand : value.getDefiningOp()->getOperands())
      findSources(operand, sources);
  }

  /// The same as `value` in a kernel, where `known` are its sources.
  Value compute(OpBuilder &at, Value value, IRMapping &known) {
    if (Value there = known.lookupOrNull(value))
      return there;
    Operation *op = value.getDefiningOp();
    for (Value operand : op->getOperands())
      (void)compute(at, operand, known);
    at.clone(*op, known);
    return known.lookup(value);
  }

  /// Calls a kernel in the place of one that is handed numbers of the pass: it computes them. The
  /// first one counts the next pass, in memory that it doesn't read, and the last one takes that
  /// over: so no kernel writes what it reads.
  void replace(kernel::CallOp call) {
    auto callee = symbols.lookup<kernel::FuncOp>(call.getCallee());
    bool isFirst = call == calls.front(), isLast = call == calls.back();
    llvm::SetVector<Value> sources;
    SmallVector<unsigned> computed, kept;
    for (auto [i, operand] : llvm::enumerate(call.getInputs())) {
      bool isOfPass = dependsOnPass(operand);
      (isOfPass ? computed : kept).push_back(i);
      if (isOfPass)
        findSources(operand, sources);
    }
    bool takesPass = isFirst || !computed.empty();
    if (!takesPass && !isLast)
      return;

    auto kernel = cast<kernel::FuncOp>(callee->clone());
    kernel.setSymName((callee.getSymName() + ".counted").str());
    symbols.insert(kernel, callee->getIterator());
    Block &body = kernel.getBody().front();
    SmallVector<Value> inputs, destinations(call.getDestinations());
    // Arguments are put in front, behind one another.
    unsigned place = 0;
    auto add = [&](Value value, NamedAttribute attribute) {
      auto attributes = builder.getDictionaryAttr(attribute);
      (void)kernel.insertArgument(place, value.getType(), attributes, loc);
      inputs.push_back(value);
      return body.getArgument(place++);
    };
    auto nothing = builder.getNamedAttr(kBytesAttr, builder.getI64IntegerAttr(0));
    auto counted = [&](int64_t more) {
      return builder.getNamedAttr(kCounterAttr, builder.getI64IntegerAttr(more));
    };
    OpBuilder inner = OpBuilder::atBlockBegin(&body);
    IRMapping known;
    if (takesPass) {
      Value pass =
          add(loop.getInductionVar(), builder.getNamedAttr(kPassAttr, builder.getUnitAttr()));
      known.map(loop.getInductionVar(), pass);
    }
    Value counter = add(isFirst ? now : next, isFirst ? counted(0) : counted(1));
    for (Value source : sources)
      known.map(source, add(source, nothing));
    for (unsigned i : computed)
      body.getArgument(place + i).replaceAllUsesWith(compute(inner, call.getInputs()[i], known));
    llvm::BitVector erased(body.getNumArguments());
    for (unsigned i : computed)
      erased.set(place + i);
    (void)kernel.eraseArguments(erased);
    for (unsigned i : kept)
      inputs.push_back(call.getInputs()[i]);

    inner.setInsertionPoint(body.getTerminator());
    auto addDestination = [&](Value value) {
      (void)kernel.insertArgument(body.getNumArguments(), value.getType(),
                                  builder.getDictionaryAttr(nothing), loc);
      destinations.push_back(value);
      return body.getArguments().back();
    };
    if (isFirst) {
      Value one = arith::ConstantIntOp::create(inner, loc, 1, 64);
      Value pass = arith::IndexCastOp::create(inner, loc, inner.getI64Type(),
                                              known.lookup(loop.getInductionVar()));
      Value sum = arith::AddIOp::create(inner, loc, pass, one);
      memref::StoreOp::create(inner, loc, sum, addDestination(next));
    } else if (isLast) {
      Value sum = memref::LoadOp::create(inner, loc, counter);
      memref::StoreOp::create(inner, loc, sum, addDestination(now));
    }
    OpBuilder at(call);
    kernel::CallOp::create(at, call.getLoc(), TypeRange(),
                           FlatSymbolRefAttr::get(kernel.getSymNameAttr()), inputs, destinations);
    call.erase();
  }

  scf::ForOp loop;
  SymbolTable &symbols;
  OpBuilder builder;
  Location loc;
  SmallVector<kernel::CallOp> calls;
  Value now, next; ///< The number of the pass, for the first call; one more, for the others.
};

class CountPassesPass : public impl::CountPassesBase<CountPassesPass> {
public:
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto entry : getOperation().getOps<func::FuncOp>())
      entry.walk([&](scf::ForOp loop) {
        if (!loop->hasAttr(kBatchesAttr))
          return;
        PassCounter counter(loop, symbols);
        if (!counter.isPossible())
          return;
        counter.run();
        ++numLoops;
      });
    eraseUncalledKernels(getOperation());
  }
};

} // namespace
} // namespace nnc::codegen
