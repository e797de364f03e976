// codegen-outline-kernels: moves the operations of entries into kernels, which equal ones share.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/Entry.h"
#include "compiler/codegen/shared/LinalgUtils.h"
#include "compiler/codegen/shared/Remarks.h"
#include "dialects/kernel/ir/KernelOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/RegionUtils.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_OUTLINEKERNELS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// Operations of one block that become a kernel: a root, and what is computed for it alone.
class Group {
public:
  explicit Group(Operation *root) : root(root) {
    if (auto op = dyn_cast<linalg::LinalgOp>(root))
      addOperation(op);
    else
      addLoop(cast<scf::ForOp>(root));
    members.insert(root);
    findSettings();
    findInputs();
  }

  /// The kernel, not yet part of a module.
  kernel::FuncOp createKernel() {
    OpBuilder b(root->getContext());
    SmallVector<Type> arguments, types;
    for (Value input : inputs)
      arguments.push_back(input.getType());
    for (OpOperand *setting : settings)
      arguments.push_back(setting->get().getType());
    for (unsigned number : results) {
      types.push_back(root->getResult(number).getType());
      arguments.push_back(types.back());
    }
    auto function =
        kernel::FuncOp::create(b, root->getLoc(), "kernel", b.getFunctionType(arguments, types));
    b.setInsertionPointToStart(function.addEntryBlock());
    IRMapping mapping;
    mapping.map(inputs.getArrayRef(), function.getArguments().take_front(inputs.size()));
    for (Operation *constant : constants)
      b.clone(*constant, mapping);
    for (Operation *member : members) {
      Operation *copy = b.clone(*member, mapping);
      for (auto [i, place] : llvm::enumerate(places))
        if (place->getOwner() == member) {
          BlockArgument destination = function.getArgument(inputs.size() + settings.size() + i);
          copy->setOperand(place->getOperandNumber(), destination);
          if (isa<linalg::FillOp>(copy))
            copy->getResult(0).setType(destination.getType());
        }
    }
    SmallVector<Value> values;
    for (unsigned number : results)
      values.push_back(mapping.lookup(root->getResult(number)));
    kernel::ReturnOp::create(b, root->getLoc(), values);
    for (auto [i, setting] : llvm::enumerate(settings)) {
      Operation *copy = mapping.lookup(setting->getOwner());
      Operation *constant = copy->getOperand(setting->getOperandNumber()).getDefiningOp();
      copy->setOperand(setting->getOperandNumber(), function.getArgument(inputs.size() + i));
      if (constant->use_empty())
        constant->erase();
    }
    return function;
  }

  /// Calls `function` in place of the root.
  kernel::CallOp replaceBy(RewriterBase &rewriter, kernel::FuncOp function) {
    rewriter.setInsertionPoint(root);
    SmallVector<Value> destinations;
    for (OpOperand *place : places)
      destinations.push_back(place->get());
    SmallVector<Value> given(inputs.getArrayRef());
    for (OpOperand *setting : settings)
      given.push_back(rewriter.clone(*setting->get().getDefiningOp())->getResult(0));
    auto call = kernel::CallOp::create(rewriter, root->getLoc(), function.getResultTypes(),
                                       FlatSymbolRefAttr::get(function.getSymNameAttr()), given,
                                       destinations);
    for (auto [number, result] : llvm::zip_equal(results, call.getResults()))
      rewriter.replaceAllUsesWith(root->getResult(number), result);
    // Others may start from the same fill.
    for (Operation *member : llvm::reverse(members))
      if (member == root || !isa<linalg::FillOp, tensor::EmptyOp>(member))
        rewriter.eraseOp(member);
    return call;
  }

  ArrayRef<Operation *> getMembers() const { return members.getArrayRef(); }

private:
  void addOperation(linalg::LinalgOp op) {
    for (linalg::LinalgOp producer : findFusedContractions(op)) {
      OpOperand *place = followFill(*producer.getDpsInitOperand(0));
      addLocal(place->get());
      if (auto fill = dyn_cast<linalg::FillOp>(place->getOwner()))
        members.insert(fill);
      members.insert(producer);
    }
    for (auto [number, result] : llvm::enumerate(op->getResults())) {
      OpOperand *place = followFill(*op.getDpsInitOperand(number));
      if (result.use_empty())
        addLocal(place->get());
      else
        addDestination(number, place);
      if (place->getOwner() != op)
        members.insert(place->getOwner());
    }
  }

  void addLoop(scf::ForOp loop) {
    for (auto [number, init] : llvm::enumerate(loop.getInitArgsMutable())) {
      OpOperand *place = followFill(init);
      addDestination(number, place);
      if (place->getOwner() != loop)
        members.insert(place->getOwner());
    }
  }

  /// The operand that says where `init` lies: its own, or that of the fill that made it.
  static OpOperand *followFill(OpOperand &init) {
    auto fill = init.get().getDefiningOp<linalg::FillOp>();
    return fill && fill->getBlock() == init.getOwner()->getBlock() ? fill.getDpsInitOperand(0)
                                                                   : &init;
  }

  /// Of a result that nobody outside uses, memory of the kernel's own.
  void addLocal(Value place) {
    if (auto empty = place.getDefiningOp<tensor::EmptyOp>())
      members.insert(empty);
  }

  void addDestination(unsigned result, OpOperand *place) {
    results.push_back(result);
    places.push_back(place);
  }

  void findInputs() {
    auto add = [&](Value value) {
      Operation *op = value.getDefiningOp();
      if (op && members.contains(op))
        return;
      if (op && op->hasTrait<OpTrait::ConstantLike>() && !isa<ShapedType>(value.getType()))
        constants.insert(op);
      else
        inputs.insert(value);
    };
    for (Operation *member : members) {
      for (OpOperand &operand : member->getOpOperands())
        if (!llvm::is_contained(places, &operand))
          add(operand.get());
      llvm::SetVector<Value> captured;
      getUsedValuesDefinedAbove(member->getRegions(), captured);
      for (Value value : captured)
        add(value);
    }
  }

  /// Whether `operand` is a number that its operation computes with as with any other, such as a
  /// rate. Of powers of two LLVM makes additions.
  static bool isSetting(OpOperand &operand) {
    auto constant = operand.get().getDefiningOp<arith::ConstantOp>();
    auto number = constant ? dyn_cast<FloatAttr>(constant.getValue()) : FloatAttr();
    return number && number.getValue().isFiniteNonZero() &&
           number.getValue().getExactLog2Abs() == std::numeric_limits<int>::min() &&
           isa<arith::AddFOp, arith::MulFOp, arith::SubFOp>(operand.getOwner());
  }

  /// Handed over, these keep no kernels apart that compute the same with others. Each use has an
  /// input of its own: which ones happen to be equal makes no difference either.
  void findSettings() {
    for (Operation *member : members)
      member->walk([&](Operation *op) {
        for (OpOperand &operand : op->getOpOperands())
          if (op != member && isSetting(operand))
            settings.push_back(&operand);
      });
  }

  Operation *root;
  llvm::SetVector<Operation *> members; // In the order of their uses; the root is last.
  llvm::SetVector<Operation *> constants;
  llvm::SetVector<Value> inputs;
  SmallVector<OpOperand *> settings; // Numbers that are inputs, too.
  SmallVector<unsigned> results;     // The numbers of the root's results that are used.
  SmallVector<OpOperand *> places;   // For each, what says where it is to lie.
};

/// Whether `op` is a loop that becomes a kernel as it is: it gives tensors, and nothing in it is
/// worth a kernel of its own, or, unless `keepReads`, it can't stay in an entry.
static bool isKernel(Operation *op, bool keepReads) {
  auto loop = dyn_cast<scf::ForOp>(op);
  if (!loop || loop.getNumResults() == 0 ||
      !llvm::all_of(loop.getResultTypes(), llvm::IsaPred<RankedTensorType>))
    return false;
  auto isAnywhere = [&](auto isSuch) {
    return loop
        .walk([&](Operation *inner) {
          return isSuch(inner) ? WalkResult::interrupt() : WalkResult::advance();
        })
        .wasInterrupted();
  };
  return !isAnywhere(llvm::IsaPred<linalg::LinalgOp, kernel::CallOp>) ||
         (!keepReads && isAnywhere([](Operation *inner) {
           return isa<tensor::ExtractOp>(inner) && !inner->getParentOfType<linalg::LinalgOp>();
         }));
}

static llvm::hash_code computeHash(kernel::FuncOp function) {
  llvm::hash_code hash = llvm::hash_value(function.getFunctionType().getAsOpaquePointer());
  function.getBody().walk([&](Operation *op) {
    hash = llvm::hash_combine(
        hash, OperationEquivalence::computeHash(op, OperationEquivalence::ignoreHashValue,
                                                OperationEquivalence::ignoreHashValue,
                                                OperationEquivalence::IgnoreLocations));
  });
  return hash;
}

/// The whole numbers that a kernel holds as constants of its own.
static SmallVector<arith::ConstantOp> findNumbers(kernel::FuncOp function) {
  return llvm::filter_to_vector(
      function.getBody().front().getOps<arith::ConstantOp>(), [](arith::ConstantOp constant) {
        return constant.getType().isInteger() && !constant.getType().isInteger(1);
      });
}

/// A kernel's calls, each with the numbers that are the kernel's own there.
using Calls = SmallVector<std::pair<kernel::CallOp, SmallVector<TypedAttr>>>;

/// Gives `function` its numbers back: those that its calls agree on as constants, others as inputs.
static void bindNumbers(kernel::FuncOp function, Calls &calls) {
  Block &body = function.getBody().front();
  unsigned numResults = function.getResultTypes().size();
  for (auto [i, constant] : llvm::enumerate(findNumbers(function))) {
    TypedAttr first = calls.front().second[i];
    if (llvm::all_of(calls, [&, i = i](auto &call) { return call.second[i] == first; })) {
      constant.setValueAttr(first);
      continue;
    }
    Value input = body.insertArgument(body.getNumArguments() - numResults, constant.getType(),
                                      constant.getLoc());
    constant.replaceAllUsesWith(input);
    constant.erase();
    for (auto &[call, numbers] : calls) {
      OpBuilder builder(call);
      Value number = arith::ConstantOp::create(builder, call.getLoc(), numbers[i]);
      call.getInputsMutable().append(number);
    }
  }
  function.setFunctionType(
      FunctionType::get(function.getContext(), body.getArgumentTypes(), function.getResultTypes()));
}

class OutlineKernelsPass : public impl::OutlineKernelsBase<OutlineKernelsPass> {
public:
  using OutlineKernelsBase::OutlineKernelsBase;

  void runOnOperation() override {
    kernels.clear(); // Those of another module.
    initializers.clear();
    for (auto func : llvm::to_vector(getOperation().getOps<func::FuncOp>()))
      if (func->hasAttr(nn::kEntryAttr) && !func.isExternal()) {
        entry = func;
        next = 0;
        for (Block &block : func.getBody())
          outline(block);
      }
    for (auto &[function, calls] : initializers)
      bindNumbers(cast<kernel::FuncOp>(function), calls);
  }

private:
  /// Says which contractions are computed with what reads them, and why others aren't.
  void explain(Block &block) {
    Remarks remarks(getArgumentName(), entry);
    if (!remarks.areWanted())
      return;
    for (auto op : block.getOps<linalg::LinalgOp>()) {
      if (!isContraction(op))
        continue;
      for (OpOperand &use : op->getUses()) {
        auto user = dyn_cast<linalg::LinalgOp>(use.getOwner());
        if (!user || user.isDpsInit(&use))
          continue;
        StringRef reason = whyNotFused(use);
        if (auto note = reason.empty() ? remarks.done(op) : remarks.left(op)) {
          note << remark::add(reason.empty() ? "computed in the tiles of what reads it"
                                             : "not computed in the tiles of what reads it");
          if (!reason.empty())
            note << remark::reason("{0}", reason);
          note << Remarks::readBy(user);
        }
      }
    }
  }

  void outline(Block &block) {
    IRRewriter rewriter(&getContext());
    explain(block);
    for (Operation *op : findRoots(block)) {
      if (isOpTriviallyDead(op)) {
        rewriter.eraseOp(op); // A fill that was only where kernels start.
        continue;
      }
      if (!isa<linalg::LinalgOp>(op) && !isKernel(op, keepReads)) {
        for (Region &region : op->getRegions())
          for (Block &inner : region)
            outline(inner);
        continue;
      }
      Group group(op);
      kernel::FuncOp function = group.createKernel();
      if (!entry::runsOnce(entry)) {
        group.replaceBy(rewriter, findOrInsert(function));
        continue;
      }
      SmallVector<TypedAttr> numbers = takeNumbers(function);
      function = findOrInsert(function);
      initializers[function].push_back({group.replaceBy(rewriter, function), numbers});
    }
  }

  /// The operations that are in no other one's kernel, in order; fills, which are in each that
  /// starts from them, come last.
  static SmallVector<Operation *> findRoots(Block &block) {
    SmallVector<Operation *> fills, roots;
    DenseSet<Operation *> taken;
    for (Operation &op : llvm::reverse(block)) {
      if (isOpTriviallyDead(&op) || taken.contains(&op))
        continue;
      if (auto root = dyn_cast<linalg::LinalgOp>(op))
        taken.insert_range(findFusedContractions(root));
      else if (op.getNumRegions() == 0)
        continue;
      (isa<linalg::FillOp>(op) ? fills : roots).push_back(&op);
    }
    roots.insert(roots.begin(), fills.begin(), fills.end());
    std::reverse(roots.begin(), roots.end());
    return roots;
  }

  /// Takes the numbers out of a kernel: each draw has a key of its own, but for which it would be
  /// equal to others of its shape.
  static SmallVector<TypedAttr> takeNumbers(kernel::FuncOp function) {
    SmallVector<TypedAttr> numbers;
    for (arith::ConstantOp constant : findNumbers(function)) {
      numbers.push_back(constant.getValue());
      constant.setValueAttr(IntegerAttr::get(constant.getType(), 0));
    }
    return numbers;
  }

  kernel::FuncOp findOrInsert(kernel::FuncOp function) {
    function.setOnce(entry::runsOnce(entry));
    SmallVector<kernel::FuncOp> &candidates = kernels[computeHash(function)];
    for (kernel::FuncOp candidate : candidates)
      if (fold && areEqual(candidate, function)) {
        function.erase();
        ++numFolded;
        return candidate;
      }
    ++numKernels;
    candidates.push_back(function);
    function.setName((entry.getName() + ".kernel." + Twine(next++)).str());
    entry->getBlock()->getOperations().insert(entry->getIterator(), function);
    return function;
  }

  static bool areEqual(kernel::FuncOp a, kernel::FuncOp b) {
    return a.getFunctionType() == b.getFunctionType() && a.getOnce() == b.getOnce() &&
           OperationEquivalence::isRegionEquivalentTo(&a.getBody(), &b.getBody(),
                                                      OperationEquivalence::IgnoreLocations);
  }

  func::FuncOp entry;
  unsigned next = 0; // The number of the entry's next kernel.
  DenseMap<llvm::hash_code, SmallVector<kernel::FuncOp>> kernels;
  llvm::MapVector<Operation *, Calls> initializers; // The kernels that run once.
};

} // namespace
} // namespace nnc::codegen
