// A kernel that does what several calls do.
#include "compiler/codegen/gpu/MergedKernel.h"
#include "compiler/codegen/cpu/PassBuffers.h"
#include "compiler/codegen/gpu/Gpu.h"
#include "compiler/codegen/gpu/StageSchedule.h"
#include "compiler/codegen/shared/Buffers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace nnc::codegen {

using namespace mlir;

namespace {

/// An H100, in microseconds: what a kernel may take that is worth less than the launches it spares.
constexpr double kFlopsPerTime = 67e6, kBytesPerTime = 3.3e6, kSmallTime = 10;
/// Of one thread: an operation among others that it waits for; and what a grid's barrier takes.
constexpr double kOperationTime = 2e-3, kBarrierTime = 1.2;
/// PTX hands over 4096 bytes. As code grows, compiling takes more than linear time.
constexpr unsigned kMostWords = 4096 / 8, kMostCalls = 64;

/// The buffer that `value` is a view of.
Value findRoot(Value value) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>())
    value = view.getViewSource();
  return value;
}

/// Whether no other root may be the same memory: what an entry is given, or takes.
bool isDistinct(Value root) {
  if (auto argument = dyn_cast<BlockArgument>(root))
    return isa<func::FuncOp>(argument.getOwner()->getParentOp());
  return root.getDefiningOp<memref::AllocOp>() != nullptr;
}

/// The one value that a constant of the host has everywhere; null where it isn't one.
TypedAttr findSplat(Value source) {
  auto global = findRoot(source).getDefiningOp<memref::GetGlobalOp>();
  if (!global)
    return {};
  auto known = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(global, global.getNameAttr());
  auto splat = dyn_cast_or_null<SplatElementsAttr>(known.getConstantInitValue());
  return splat ? cast<TypedAttr>(splat.getSplatValue<Attribute>()) : TypedAttr();
}

/// The estimated time of a kernel that has the GPU to itself.
double estimateTime(kernel::FuncOp kernel, ArrayRef<Stage> stages) {
  double flops = 0, bytes = 0;
  for (Stage stage : stages)
    for (Phase &phase : stage.phases) {
      PhaseWork work = countWork(phase);
      flops += work.tasks * work.operationsOfTask;
    }
  for (Type type : kernel.getArgumentTypes())
    if (auto buffer = dyn_cast<MemRefType>(type))
      bytes += countElements(buffer) * double(getElementBytes(buffer));
  return std::max(flops / kFlopsPerTime, bytes / kBytesPerTime);
}

/// What it takes longer if one block runs a phase, in place of many.
double estimateDelay(const PhaseWork &work) {
  double rounds = std::ceil(work.tasks / double(kBlockThreads));
  return (rounds - 1) * std::max(8., work.operationsOfTask) * kOperationTime;
}

/// Whether one block runs a stage in less time than more blocks and a barrier of the grid.
bool isSmall(Stage &stage) {
  double delay = 0;
  for (Phase &phase : stage.phases) {
    PhaseWork work = countWork(phase);
    if (phase.isForBlocks() && work.tasks > 1)
      return false;
    delay += estimateDelay(work);
  }
  return delay < kBarrierTime;
}

} // namespace

bool isOnHost(Value buffer) {
  return isa_and_present<memref::AllocaOp, memref::GetGlobalOp>(findRoot(buffer).getDefiningOp());
}

//===----------------------------------------------------------------------===//
// Which calls, in which stages
//===----------------------------------------------------------------------===//

std::optional<MergedKernel::Part> MergedKernel::describe(Operation *op) const {
  Part part;
  auto note = [&](Value buffer, bool isWrite) {
    Value root = findRoot(buffer);
    part.accesses.push_back({root, buffer, isWrite});
    return isDistinct(root);
  };
  if (auto copy = dyn_cast<memref::CopyOp>(op)) {
    if (!note(copy.getTarget(), true))
      return {};
    Value source = copy.getSource();
    bool isNumber = findRoot(source).getDefiningOp<memref::AllocaOp>() &&
                    cast<MemRefType>(source.getType()).getRank() == 0;
    if (!isNumber && !findSplat(source) && !note(source, false))
      return {};
    auto type = cast<MemRefType>(source.getType());
    double bytes = 2 * countElements(type) * double(getElementBytes(type));
    part.isSmall = estimateDelay({countElements(type), 1}) < kBarrierTime;
    return bytes <= kSmallTime * kBytesPerTime ? std::optional(part) : std::nullopt;
  }
  if (auto store = dyn_cast<memref::StoreOp>(op))
    return note(store.getMemRef(), true) ? std::optional(part) : std::nullopt;
  auto call = dyn_cast<kernel::CallOp>(op);
  if (!call)
    return {};
  part.callee = symbols->lookup<kernel::FuncOp>(call.getCallee());
  if (part.callee.getExternal())
    return {};
  for (OpOperand &operand : call->getOpOperands())
    if (isa<MemRefType>(operand.get().getType()) && !note(operand.get(), call.isDpsInit(&operand)))
      return {};
  SmallVector<Stage> stages = findStages(part.callee);
  for (Stage &stage : stages)
    for (Phase &phase : stage.phases)
      if (!isClosed(part.callee, phase))
        return {};
  part.numStages = stages.size();
  part.isSmall = stages.size() == 1 && isSmall(stages.front());
  if (estimateTime(part.callee, stages) > kSmallTime)
    return {};
  return part;
}

/// Whether the kernel can take that as well. Notes what it is handed.
bool MergedKernel::fits(Operation *op) {
  PassBuffers passing(op->getContext());
  SmallVector<Type> words;
  SmallVector<Value> more;
  auto take = [&](Value value) {
    if (handed.contains(value) || llvm::is_contained(more, value))
      return;
    more.push_back(value);
    passing.appendTypes(value.getType(), words);
  };
  SmallVector<Value> values(op->getOperands());
  for (unsigned i = 0; i < values.size(); ++i) {
    Operation *by = values[i].getDefiningOp();
    if (isa_and_present<ViewLikeOpInterface>(by) && isa<MemRefType>(values[i].getType()))
      llvm::append_range(values, by->getOperands());
    else if (!by || !by->hasTrait<OpTrait::ConstantLike>())
      take(values[i]);
  }
  if (numWords + words.size() + 2 > kMostWords || ops.size() == kMostCalls)
    return false;
  handed.insert_range(more);
  numWords += words.size();
  return true;
}

bool MergedKernel::add(Operation *op) {
  std::optional<Part> part = describe(op);
  if (!part || !fits(op))
    return false;
  ops.push_back(op);
  parts.push_back(std::move(*part));
  return true;
}

/// The part of the root that a view lies in, where its type says it: offsets and sizes.
static std::optional<std::pair<SmallVector<int64_t>, SmallVector<int64_t>>> findBox(Value view) {
  memref::SubViewOp first;
  while (auto op = view.getDefiningOp<ViewLikeOpInterface>()) {
    if (auto subview = dyn_cast<memref::SubViewOp>(op.getOperation()))
      first = subview;
    else if (!isa<memref::CastOp>(op))
      first = {}; // Another shape.
    view = op.getViewSource();
  }
  if (!first || llvm::any_of(first.getStaticStrides(), [](int64_t s) { return s != 1; }))
    return {};
  return std::pair(llvm::to_vector(first.getStaticOffsets()),
                   llvm::to_vector(first.getStaticSizes()));
}

/// Whether two views of one root may have elements in common.
bool MergedKernel::overlap(Value a, Value b) {
  auto left = findBox(a), right = findBox(b);
  if (!left || !right || left->first.size() != right->first.size())
    return true;
  for (auto [from, size, otherFrom, otherSize] :
       llvm::zip_equal(left->first, left->second, right->first, right->second))
    if (!llvm::is_contained({from, size, otherFrom, otherSize}, ShapedType::kDynamic) &&
        (from + size <= otherFrom || otherFrom + otherSize <= from))
      return false;
  return true;
}

bool MergedKernel::dependOnEachOther(const Part &a, const Part &b) {
  for (const Access &one : a.accesses)
    for (const Access &other : b.accesses)
      if (one.root == other.root && (one.isWrite || other.isWrite) && overlap(one.view, other.view))
        return true;
  return false;
}

void MergedKernel::schedule() {
  SmallVector<unsigned> lengths;
  for (const Part &part : parts)
    lengths.push_back(part.isSmall ? 0 : part.numStages);
  SmallVector<llvm::BitVector> known; // By the later one.
  for (unsigned i = 0; i < parts.size(); ++i) {
    known.emplace_back(i);
    for (unsigned j = 0; j < i; ++j)
      known[i][j] = dependOnEachOther(parts[j], parts[i]);
  }
  StageSchedule schedule(lengths, [&](unsigned j, unsigned i) { return bool(known[i][j]); });
  for (auto [part, stages] : llvm::zip_equal(parts, schedule.getStages()))
    part.stages = stages;
  numStages = schedule.getNumStages();
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

/// Writes the kernel of some calls.
class MergedKernel::Writer {
public:
  Writer(MergedKernel &merged, func::FuncOp entry)
      : merged(merged), entry(entry), builder(entry.getContext()) {}

  kernel::CallOp write(StringRef name) {
    findArguments();
    createKernel(name);
    SmallVector<IRMapping> mappings = importOperands();
    for (unsigned stage = 0; stage < merged.numStages; ++stage) {
      if (stage > 0)
        kernel::SyncOp::create(builder, kernel.getLoc(), /*block=*/false);
      for (auto [op, part, mapping] : llvm::zip_equal(merged.ops, merged.parts, mappings))
        if (auto *own = llvm::find(part.stages, stage); own != part.stages.end())
          copyStage(op, part, own - part.stages.begin(), mapping);
    }
    kernel::ReturnOp::create(builder, kernel.getLoc());
    giveSmallStagesToOneBlock();
    return createCall();
  }

private:
  /// Numbers and what is read first, then what is written.
  void findArguments() {
    llvm::SetVector<Value> written;
    for (const Part &part : merged.parts)
      for (const Access &access : part.accesses)
        if (access.isWrite)
          written.insert(access.root);
    for (Operation *&op : merged.ops) {
      builder.setInsertionPoint(op);
      if (auto copy = dyn_cast<memref::CopyOp>(op); copy && isOnHost(copy.getSource()))
        if (!findSplat(copy.getSource())) { // What the number is at the copy's time.
          Value value = memref::LoadOp::create(builder, op->getLoc(), copy.getSource());
          auto store = memref::StoreOp::create(builder, op->getLoc(), value, copy.getTarget());
          op->erase();
          op = store;
        }
      SmallVector<Value> values(op->getOperands());
      for (unsigned i = 0; i < values.size(); ++i) {
        Operation *by = values[i].getDefiningOp();
        if (isa_and_present<ViewLikeOpInterface>(by) && isa<MemRefType>(values[i].getType()))
          llvm::append_range(values, by->getOperands());
        else if ((!by || !by->hasTrait<OpTrait::ConstantLike>()) &&
                 !isa_and_present<memref::GetGlobalOp>(by) && !written.contains(values[i]))
          inputs.insert(values[i]);
      }
    }
    destinations.assign(written.begin(), written.end());
  }

  void createKernel(StringRef name) {
    SmallVector<Type> types;
    SmallVector<Location> locations;
    for (Value value : inputs)
      types.push_back(value.getType());
    for (Value value : destinations)
      types.push_back(value.getType());
    for (Operation *op : merged.ops)
      locations.push_back(op->getLoc());
    builder.clearInsertionPoint(); // The symbol table inserts it.
    kernel = kernel::FuncOp::create(builder, builder.getFusedLoc(locations), name,
                                    builder.getFunctionType(types, {}));
    merged.symbols->insert(kernel, entry->getIterator());
    Block *body = kernel.addEntryBlock();
    ValueRange arguments = body->getArguments();
    for (auto [value, argument] : llvm::zip(inputs, arguments))
      known.map(value, argument);
    for (auto [value, argument] :
         llvm::zip_equal(destinations, arguments.drop_front(inputs.size())))
      known.map(value, argument);
    builder.setInsertionPointToStart(body);
  }

  /// A value of the entry in the kernel: an argument, or a view or a constant that it makes.
  Value import(Value value) {
    if (Value there = known.lookupOrNull(value))
      return there;
    Operation *op = value.getDefiningOp();
    for (Value operand : op->getOperands())
      (void)import(operand);
    builder.clone(*op, known);
    return known.lookup(value);
  }

  /// What each callee's arguments are in the kernel, before the first stage.
  SmallVector<IRMapping> importOperands() {
    SmallVector<IRMapping> mappings;
    for (auto [op, part] : llvm::zip_equal(merged.ops, merged.parts)) {
      IRMapping &mapping = mappings.emplace_back();
      if (kernel::FuncOp callee = part.callee)
        for (auto [argument, operand] :
             llvm::zip_equal(callee.getBody().getArguments(), op->getOperands()))
          mapping.map(argument, import(operand));
      else
        for (Value operand : op->getOperands())
          if (!findSplatOf(operand))
            mapping.map(operand, import(operand));
    }
    return mappings;
  }

  static TypedAttr findSplatOf(Value value) {
    return isa<MemRefType>(value.getType()) ? findSplat(value) : TypedAttr();
  }

  void copyStage(Operation *op, const Part &part, unsigned number, IRMapping &mapping) {
    if (kernel::FuncOp callee = part.callee) {
      unsigned current = 0;
      for (Operation &inner : callee.getBody().front().without_terminator()) {
        if (isa<kernel::SyncOp>(inner))
          ++current;
        else if (current == number)
          builder.clone(inner, mapping);
      }
    } else if (auto copy = dyn_cast<memref::CopyOp>(op)) {
      copyElements(copy, mapping);
    } else {
      builder.clone(*op, mapping);
    }
  }

  /// A copy with a task for each element.
  void copyElements(memref::CopyOp copy, IRMapping &mapping) {
    Location loc = copy.getLoc();
    Value target = mapping.lookup(copy.getTarget());
    TypedAttr splat = findSplatOf(copy.getSource());
    Value source = splat ? arith::ConstantOp::create(builder, loc, splat).getResult()
                         : mapping.lookup(copy.getSource());
    auto move = [&](OpBuilder &at, ValueRange indices) {
      Value value = splat ? source : memref::LoadOp::create(at, loc, source, indices);
      memref::StoreOp::create(at, loc, value, target, indices);
    };
    int64_t rank = cast<MemRefType>(target.getType()).getRank();
    if (rank == 0)
      return move(builder, {});
    SmallVector<OpFoldResult> zeros(rank, builder.getIndexAttr(0)),
        ones(rank, builder.getIndexAttr(1));
    SmallVector<OpFoldResult> sizes = memref::getMixedSizes(builder, loc, target);
    auto loop = scf::ForallOp::create(builder, loc, zeros, sizes, ones, ValueRange(),
                                      /*mapping=*/std::nullopt);
    OpBuilder inner(loop.getTerminator());
    move(inner, loop.getInductionVars());
  }

  void giveSmallStagesToOneBlock() {
    bool wasSmall = false;
    kernel::SyncOp before;
    SmallVector<Stage> stages = findStages(kernel);
    for (Stage &stage : stages) {
      bool small = isSmall(stage);
      if (small && wasSmall)
        before.setBlock(true);
      wasSmall = small;
      before = stage.end;
    }
  }

  kernel::CallOp createCall() {
    builder.setInsertionPoint(merged.ops.back());
    return kernel::CallOp::create(builder, kernel.getLoc(), TypeRange(),
                                  FlatSymbolRefAttr::get(kernel.getSymNameAttr()),
                                  inputs.getArrayRef(), destinations);
  }

  MergedKernel &merged;
  func::FuncOp entry;
  OpBuilder builder;
  llvm::SetVector<Value> inputs;
  SmallVector<Value> destinations;
  kernel::FuncOp kernel;
  IRMapping known; ///< Values of the entry in the kernel.
};

kernel::CallOp MergedKernel::create(func::FuncOp entry, StringRef name) {
  schedule();
  return Writer(*this, entry).write(name);
}

} // namespace nnc::codegen
