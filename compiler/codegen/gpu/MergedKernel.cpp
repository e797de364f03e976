// A kernel that does what several calls do.
#include "compiler/codegen/gpu/MergedKernel.h"
#include "compiler/codegen/cpu/PassBuffers.h"
#include "compiler/codegen/gpu/BufferParts.h"
#include "compiler/codegen/gpu/KernelWork.h"
#include "compiler/codegen/gpu/StageSchedule.h"
#include "compiler/codegen/gpu/StageSyncs.h"
#include "compiler/codegen/shared/Buffers.h"
#include "compiler/codegen/shared/Counts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace nnc::codegen {

using namespace mlir;

namespace {

/// An H100, in microseconds: what a kernel may take that is worth less than the launches it spares.
constexpr double kFlopsPerTime = 67e6, kBytesPerTime = 3.3e6, kSmallTime = 10;
/// PTX hands over 4096 bytes. As code grows, compiling takes more than linear time; a step of small
/// layers with what fetches its batch is one kernel still.
constexpr unsigned kMostWords = 4096 / 8, kMostCalls = 80;

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

} // namespace

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
    part.isSmall = isSmall(PhaseWork{.tasks = countElements(type), .operationsOfTask = 1});
    return bytes <= kSmallTime * kBytesPerTime ? std::optional(part) : std::nullopt;
  }
  if (auto store = dyn_cast<memref::StoreOp>(op))
    return note(store.getMemRef(), true) ? std::optional(part) : std::nullopt;
  std::optional<RepeatedCall> call = RepeatedCall::match(op);
  if (!call || (op->hasAttr(kBatchesAttr) && !kernels->takesBatches))
    return {};
  part.call = *call;
  for (OpOperand &operand : part.call.call->getOpOperands())
    if (isa<MemRefType>(operand.get().getType()) &&
        !note(operand.get(), part.call.call.isDpsInit(&operand)))
      return {};
  return describeCall(part) ? std::optional(part) : std::nullopt;
}

/// Finds what a call does; false where that is too much, or not to be parted from others.
bool MergedKernel::describeCall(Part &part) const {
  part.callee = kernels->symbols.lookup<kernel::FuncOp>(part.call.call.getCallee());
  if (part.callee.getExternal())
    return false;
  SmallVector<Stage> stages = findStages(part.callee.getBody().front());
  for (Stage &stage : stages)
    for (Phase &phase : stage.phases)
      if (!isClosed(part.callee, phase))
        return false;
  bool isLoop = part.call.loop != nullptr;
  part.numStages = isLoop ? 1 : stages.size();
  part.isSmall = (isLoop || stages.size() == 1) &&
                 llvm::all_of(stages, [](Stage &stage) { return isSmall(stage); });
  auto merged = kernels->numCalls.find(part.callee);
  if (merged == kernels->numCalls.end()) // Of what was merged each call is known to be small.
    return estimateTime(part.callee, stages) <= kSmallTime;
  part.numCalls = merged->second;
  return true;
}

/// Whether the kernel can take that as well. Notes what it is handed.
bool MergedKernel::fits(Operation *op, const Part &part) {
  PassBuffers passing(op->getContext());
  SmallVector<Type> words;
  SmallVector<Value> more;
  visitSources(op, [&](Value value) {
    if (handed.contains(value))
      return;
    more.push_back(value);
    passing.appendTypes(value.getType(), words);
  });
  if (numWords + words.size() + 2 > kMostWords || numCalls + part.numCalls > kMostCalls)
    return false;
  handed.insert_range(more);
  numWords += words.size();
  numCalls += part.numCalls;
  return true;
}

bool MergedKernel::add(Operation *op) {
  std::optional<Part> part = describe(op);
  if (!part || !fits(op, *part))
    return false;
  ops.push_back(op);
  parts.push_back(std::move(*part));
  return true;
}

bool MergedKernel::isWorthIt() const {
  return parts.size() > 1 ||
         llvm::any_of(parts, [](const Part &part) { return part.call.loop != nullptr; });
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
    settleSyncs(kernel.getBody().front());
    addWork();
    merged.kernels->numCalls[kernel] = merged.numCalls;
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
      visitSources(op, [&](Value value) {
        if (!value.getDefiningOp<memref::GetGlobalOp>() && !written.contains(value))
          inputs.insert(value);
      });
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
    for (auto [op, part] : llvm::zip_equal(merged.ops, merged.parts))
      locations.push_back(part.callee ? part.call.call.getLoc() : op->getLoc());
    builder.clearInsertionPoint(); // The symbol table inserts it.
    kernel = kernel::FuncOp::create(builder, builder.getFusedLoc(locations), name,
                                    builder.getFunctionType(types, {}));
    merged.kernels->symbols.insert(kernel, entry->getIterator());
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

  /// What each callee's arguments are in the kernel, before the first stage; for loops, what they
  /// are made from.
  SmallVector<IRMapping> importOperands() {
    SmallVector<IRMapping> mappings;
    for (auto [op, part] : llvm::zip_equal(merged.ops, merged.parts)) {
      IRMapping &mapping = mappings.emplace_back();
      if (part.call.loop)
        importAround(part.call);
      else if (kernel::FuncOp callee = part.callee)
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

  /// What a loop and the call in it take from outside.
  void importAround(const RepeatedCall &call) {
    scf::ForOp loop = call.loop;
    llvm::SetVector<Value> values(loop->operand_begin(), loop->operand_end());
    values.insert(kernel::CallOp(call.call)->operand_begin(),
                  kernel::CallOp(call.call)->operand_end());
    for (unsigned i = 0; i < values.size(); ++i) {
      Operation *by = values[i].getDefiningOp();
      if (loop.isDefinedOutsideOfLoop(values[i]))
        (void)import(values[i]);
      else if (by)
        values.insert(by->operand_begin(), by->operand_end());
    }
  }

  static TypedAttr findSplatOf(Value value) {
    return isa<MemRefType>(value.getType()) ? findSplat(value) : TypedAttr();
  }

  void copyStage(Operation *op, const Part &part, unsigned number, IRMapping &mapping) {
    if (part.call.loop) {
      copyLoop(part);
    } else if (kernel::FuncOp callee = part.callee) {
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

  /// Lets all threads make the passes of a loop together.
  void copyLoop(Part part) {
    scf::ForOp loop = part.call.loop;
    Location loc = loop.getLoc();
    auto passes =
        scf::ForOp::create(builder, loc, known.lookup(loop.getLowerBound()),
                           known.lookup(loop.getUpperBound()), known.lookup(loop.getStep()));
    passes->setDiscardableAttrs(loop->getDiscardableAttrDictionary());
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(passes.getBody()->getTerminator());
    known.map(loop.getInductionVar(), passes.getInductionVar());
    IRMapping mapping;
    for (auto [argument, operand] :
         llvm::zip_equal(part.callee.getBody().getArguments(), part.call.call->getOperands()))
      mapping.map(argument, import(operand));
    for (Operation &inner : part.callee.getBody().front().without_terminator())
      builder.clone(inner, mapping);
    kernel::SyncOp::create(builder, loc, /*block=*/false);
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

  /// What the calls do at least; a part of a buffer that several of them access counts once.
  void addWork() {
    KernelWork work;
    llvm::DenseMap<Value, llvm::SmallMapVector<Value, uint64_t, 4>> partsOf; // Of each root.
    bool isKnown = true;
    auto access = [&](Value part, Count bytes) {
      uint64_t &most = partsOf[findRoot(part)][part];
      most = std::max(most, bytes.value_or(0));
      isKnown &= bytes.has_value();
    };
    for (auto [op, part] : llvm::zip_equal(merged.ops, merged.parts)) {
      if (!part.callee) {
        for (Value operand : op->getOperands())
          if (isa<MemRefType>(operand.getType()))
            access(operand, countBytes(operand.getType()));
        continue;
      }
      scf::ForOp loop = part.call.loop;
      Count passes = loop ? countPasses(loop) : 1;
      std::optional<KernelWork> own = readWork(part.callee);
      if (!own || !passes)
        return;
      for (auto [sum, more] : llvm::zip_equal(work.flops, own->flops))
        sum += more * *passes;
      for (auto [i, operand] : llvm::enumerate(part.call.call->getOperands())) {
        bool isOther = loop && !loop.isDefinedOutsideOfLoop(operand); // In each pass.
        if (isa<MemRefType>(operand.getType()))
          access(operand, readBytes(part.callee, i) * (isOther ? *passes : 1));
      }
    }
    if (!isKnown)
      return;
    SmallVector<Value> values(inputs.getArrayRef());
    llvm::append_range(values, destinations);
    for (auto [i, value] : llvm::enumerate(values)) {
      uint64_t bytes = 0;
      for (uint64_t each : llvm::make_second_range(partsOf.lookup(value)))
        bytes += each;
      if (Count all = countBytes(value.getType()); isa<MemRefType>(value.getType()) && all)
        bytes = std::min(bytes, *all);
      noteBytes(kernel, i, bytes);
      work.bytes += bytes;
    }
    noteWork(kernel, work);
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
  for (Part &part : parts)
    part.call.hoistBuffers();
  return Writer(*this, entry).write(name);
}

} // namespace nnc::codegen
