// codegen-outline-kernels: moves each loop nest of an entry into a function that equal nests share.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/Captures.h"
#include "compiler/codegen/shared/Entry.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Transforms/RegionUtils.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_OUTLINEKERNELS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// The buffer of which `value` is a view. Two that an operation uses at once don't overlap: the
/// workspace gives each its own place while both live, and entries are given distinct arguments.
Value findBuffer(Value value) {
  // A view of the workspace is a buffer of its own.
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>()) {
    if (isa<memref::ViewOp>(view))
      break;
    value = view.getViewSource();
  }
  return value;
}

/// A loop nest as a function: its operations, and the values that they take from outside.
class Nest {
public:
  /// `loop` is an scf.for, or an scf.forall of tasks.
  explicit Nest(Operation *loop)
      : loop(loop), tasks(dyn_cast<scf::ForallOp>(loop)), captures(findUsed()) {}

  /// The function, not yet part of a module.
  func::FuncOp createFunction() {
    OpBuilder b(loop->getContext());
    Location loc = loop->getLoc();
    ValueRange outer = captures.values;
    FunctionType type = b.getFunctionType(outer.getTypes(), loop->getResultTypes());
    auto function = func::FuncOp::create(loc, "kernel", type);
    function.setPrivate();
    // In line again, LLVM would compile each copy anew.
    function->setAttr("passthrough", b.getStrArrayAttr({"noinline"}));
    markDistinctBuffers(function);

    b.setInsertionPointToStart(function.addEntryBlock());
    IRMapping mapping;
    mapping.map(outer, function.getArguments());
    for (Operation *constant : captures.constants)
      b.clone(*constant, mapping);
    if (!tasks) {
      Operation *copy = b.clone(*loop, mapping);
      func::ReturnOp::create(b, loc, copy->getResults());
      return function;
    }
    for (Operation &op : tasks.getBody()->without_terminator())
      b.clone(op, mapping);
    func::ReturnOp::create(b, loc);
    return function;
  }

  /// Calls `function` in place of the nest's operations.
  void replaceBy(func::FuncOp function) {
    if (!tasks) {
      OpBuilder b(loop);
      auto call = func::CallOp::create(b, loop->getLoc(), function, captures.values);
      loop->replaceAllUsesWith(call);
      loop->erase();
      return;
    }
    OpBuilder b(tasks.getTerminator());
    auto call = func::CallOp::create(b, loop->getLoc(), function, captures.values);
    while (&tasks.getBody()->front() != call)
      call->getPrevNode()->erase();
  }

private:
  SmallVector<Value> findUsed() {
    llvm::SetVector<Value> used;
    if (tasks)
      used.insert_range(tasks.getInductionVars());
    else
      used.insert_range(loop->getOperands());
    getUsedValuesDefinedAbove(loop->getRegion(0), used);
    return used.takeVector();
  }

  void markDistinctBuffers(func::FuncOp function) {
    DenseMap<Value, unsigned> numViews;
    for (Value value : captures.values)
      ++numViews[findBuffer(value)];
    for (auto [i, value] : llvm::enumerate(captures.values))
      if (isa<MemRefType>(value.getType()) && numViews[findBuffer(value)] == 1)
        function.setArgAttr(i, nn::kDistinctAttr, UnitAttr::get(loop->getContext()));
  }

  Operation *loop;
  scf::ForallOp tasks; // Where set, one iteration is the function, which threads call.
  Captures captures;
};

class OutlineKernelsPass : public impl::OutlineKernelsBase<OutlineKernelsPass> {
public:
  using OutlineKernelsBase::OutlineKernelsBase;

  void runOnOperation() override {
    for (auto func : llvm::to_vector(getOperation().getOps<func::FuncOp>())) {
      if (!func->hasAttr(nn::kEntryAttr) || func.isExternal())
        continue;
      SmallVector<Operation *> loops;
      findKernels(func.front(), loops);
      for (auto [number, loop] : llvm::enumerate(loops)) {
        Nest nest(loop);
        std::string name = (func.getName() + ".kernel." + Twine(number)).str();
        nest.replaceBy(findOrInsert(nest.createFunction(), func, name));
      }
    }
  }

private:
  /// The outermost loops of `block` that are to be functions. A loop of the program, which runs
  /// tasks or much code, is none: the nests within it are.
  void findKernels(Block &block, SmallVectorImpl<Operation *> &kernels) {
    for (Operation &op : block) {
      if (isa<scf::ForallOp>(op)) {
        kernels.push_back(&op);
      } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
        if (isOpened(loop))
          findKernels(*loop.getBody(), kernels);
        else
          kernels.push_back(&op);
      } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
        for (Region &region : branch->getRegions())
          for (Block &inner : region)
            findKernels(inner, kernels);
      }
    }
  }

  bool isOpened(scf::ForOp loop) {
    unsigned numNests = 0, numOperations = 0;
    bool hasTasks = false;
    for (Operation &op : *loop.getBody())
      numNests += isa<scf::ForOp>(op);
    loop.walk([&](Operation *op) {
      ++numOperations;
      hasTasks |= isa<scf::ForallOp>(op);
    });
    return hasTasks || (numNests > 1 && numOperations > maxOperations);
  }

  /// Kernels of one type and size, which may be equal.
  using Key = std::pair<FunctionType, unsigned>;

  func::FuncOp findOrInsert(func::FuncOp function, func::FuncOp before, StringRef name) {
    unsigned numOps = 0;
    function.walk([&](Operation *) { ++numOps; });
    SmallVector<func::FuncOp> &candidates = kernels[{function.getFunctionType(), numOps}];
    for (func::FuncOp candidate : candidates)
      if (share && areEqual(candidate, function)) {
        function.erase();
        ++numShared;
        return candidate;
      }
    ++numOutlined;
    candidates.push_back(function);
    function.setName(name);
    before->getBlock()->getOperations().insert(before->getIterator(), function);
    return function;
  }

  static bool areEqual(func::FuncOp a, func::FuncOp b) {
    return a.getArgAttrsAttr() == b.getArgAttrsAttr() &&
           OperationEquivalence::isRegionEquivalentTo(&a.getBody(), &b.getBody(),
                                                      OperationEquivalence::IgnoreLocations);
  }

  DenseMap<Key, SmallVector<func::FuncOp>> kernels;
};

} // namespace
} // namespace nnc::codegen
