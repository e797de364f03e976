// codegen-block-contractions: lets blocks of threads compute matrix products.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/gpu/BlockSums.h"
#include "compiler/codegen/gpu/Gpu.h"
#include "compiler/codegen/gpu/TaskScalars.h"
#include "compiler/codegen/shared/Remarks.h"
#include "compiler/codegen/shared/Rounding.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_BLOCKCONTRACTIONS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// Operations from which on what follows the sums is a loop, rather than written out for each.
constexpr int64_t kMostOperations = 1500;

/// Makes a loop of blocks of one of tasks.
class BlockEmitter {
public:
  BlockEmitter(RewriterBase &rewriter, scf::ForallOp tasks, const ContractionTasks &found,
               TaskScalars &scalars, const BlockPlan &plan)
      : rewriter(rewriter), tasks(tasks), found(found), scalars(scalars), plan(plan),
        loc(tasks.getLoc()), batchSizes(sizesOf(found.roles.batch)),
        rowSizes(sizesOf(found.roles.rows)), columnSizes(sizesOf(found.roles.columns)) {}

  /// Whether a block's shared memory suffices; tells where the stages lie.
  bool fits() {
    int64_t step = 0;
    for (const TaskContraction &contraction : found.contractions)
      step = std::max(step, elementsOf(contraction.lhs, contraction, plan.rows) +
                                elementsOf(contraction.rhs, contraction, plan.columns));
    while (plan.stages > 2 && plan.stages * step * 4 > kSharedBytes)
      --plan.stages;
    int64_t partial = partialElements(plan, found.contractions.size());
    int64_t written = static_cast<int64_t>(scalars.countOperations()) * plan.rows * plan.columns /
                      plan.groupThreads();
    throughShared = plan.groups > 1 || !sharesPlaces() ||
                    (written > kMostOperations && partial * 4 <= kSharedBytes);
    stageElements = step;
    sharedElements = std::max(plan.stages * step, throughShared ? partial : 0);
    return sharedElements * 4 <= kSharedBytes;
  }

  void run() {
    rewriter.setInsertionPoint(tasks);
    IndexMath math(rewriter, loc);
    auto countBlocks = [&](ArrayRef<OpFoldResult> sizes, int64_t tile) -> OpFoldResult {
      int64_t size = multiplySizes(sizes);
      if (!ShapedType::isDynamic(size))
        return rewriter.getIndexAttr(llvm::divideCeil(size, tile));
      return math.div(math.add(math.product(sizes), tile - 1), tile);
    };
    SmallVector<OpFoldResult> bounds{countBlocks(batchSizes, 1), countBlocks(rowSizes, plan.rows),
                                     countBlocks(columnSizes, plan.columns)};
    SmallVector<Attribute> mapping;
    for (gpu::MappingId id :
         {gpu::MappingId::LinearDim2, gpu::MappingId::LinearDim1, gpu::MappingId::LinearDim0})
      mapping.push_back(gpu::GPUBlockMappingAttr::get(rewriter.getContext(), id));
    auto blocks =
        scf::ForallOp::create(rewriter, loc, bounds, ValueRange(), rewriter.getArrayAttr(mapping));
    rewriter.setInsertionPoint(blocks.getTerminator());
    emitBlock(blocks);
    rewriter.eraseOp(tasks);
  }

private:
  SmallVector<OpFoldResult> sizesOf(ArrayRef<unsigned> loops) {
    SmallVector<OpFoldResult> all = tasks.getMixedUpperBound();
    return llvm::map_to_vector(loops, [&](unsigned loop) { return all[loop]; });
  }

  int64_t elementsOf(const TaskOperand &operand, const TaskContraction &contraction,
                     int64_t extent) {
    return stepElements(plan, extent, isAlongDepth(operand, contraction));
  }

  bool isAlongDepth(const TaskOperand &operand, const TaskContraction &contraction) {
    return liesAlongDepth(operand, tasks.getRank(), contraction.depths.size());
  }

  /// Whether a thread's sums of all products are at the same places.
  bool sharesPlaces() {
    const TaskContraction &first = found.contractions.front();
    return llvm::all_of(found.contractions, [&](const TaskContraction &other) {
      return isAlongDepth(other.lhs, other) == isAlongDepth(first.lhs, first) &&
             isAlongDepth(other.rhs, other) == isAlongDepth(first.rhs, first);
    });
  }

  void emitBlock(scf::ForallOp blocks) {
    IndexMath math(rewriter, loc);
    auto space = gpu::AddressSpaceAttr::get(rewriter.getContext(), gpu::AddressSpace::Workgroup);
    auto type = MemRefType::get({sharedElements}, rewriter.getF32Type(), AffineMap(), space);
    shared = memref::AllocaOp::create(rewriter, loc, type, rewriter.getI64IntegerAttr(16));
    place.thread = gpu::ThreadIdOp::create(rewriter, loc, gpu::Dimension::x);
    place.loops.resize(tasks.getRank());
    auto indices = math.split(blocks.getInductionVar(0), batchSizes);
    for (auto [loop, index] : llvm::zip_equal(found.roles.batch, indices))
      place.loops[loop] = index;
    firstRow = math.mul(blocks.getInductionVar(1), plan.rows);
    firstColumn = math.mul(blocks.getInductionVar(2), plan.columns);
    for (const TaskContraction &contraction : found.contractions) {
      emitProduct(contraction);
      gpu::BarrierOp::create(rewriter, loc);
    }
    if (throughShared)
      emitSharedResults();
    else
      emitOwnResults();
  }

  /// Emits the steps of one product.
  void emitProduct(const TaskContraction &contraction) {
    IndexMath math(rewriter, loc);
    BlockStaging lhs(contraction.lhs, found.roles.rows, rowSizes, contraction.depths,
                     tasks.getRank(), plan, plan.rows, shared, 0, stageElements);
    BlockStaging rhs(contraction.rhs, found.roles.columns, columnSizes, contraction.depths,
                     tasks.getRank(), plan, plan.columns, shared,
                     elementsOf(contraction.lhs, contraction, plan.rows), stageElements);
    lhs.prepare(rewriter, loc, place, firstRow);
    rhs.prepare(rewriter, loc, place, firstColumn);
    std::unique_ptr<BlockSums> holder = createBlockSums(plan, lhs, rhs);
    holder->prepare(rewriter, loc, place.thread);
    int64_t depth = multiplySizes(contraction.depths);
    Value end = math.product(contraction.depths);
    auto copy = [&](Value first, Value stage) {
      lhs.copy(rewriter, loc, first, stage);
      rhs.copy(rewriter, loc, first, stage);
    };
    for (int64_t stage = 0; stage < plan.stages - 1; ++stage) {
      if (ShapedType::isDynamic(depth) || stage * plan.depth < depth)
        copyWithin(math.constant(stage * plan.depth), math.constant(stage), end,
                   /*isKnown=*/stage == 0 || !ShapedType::isDynamic(depth), copy);
      NVVM::CpAsyncCommitGroupOp::create(rewriter, loc);
    }
    SmallVector<Value> starts{math.constant(0), math.constant(plan.stages - 1)};
    llvm::append_range(starts, holder->start(rewriter, loc));
    auto loop =
        scf::ForOp::create(rewriter, loc, math.constant(0), end, math.constant(plan.depth), starts);
    rewriter.setInsertionPointToStart(loop.getBody());
    Value stage = loop.getRegionIterArg(0), free = loop.getRegionIterArg(1);
    // What this step needs has come; all threads are done with the step before, whose place is
    // free.
    NVVM::CpAsyncWaitGroupOp::create(rewriter, loc, plan.stages - 2);
    gpu::BarrierOp::create(rewriter, loc);
    int64_t ahead = (plan.stages - 1) * plan.depth;
    if (ShapedType::isDynamic(depth) || ahead < depth)
      copyWithin(math.add(loop.getInductionVar(), ahead), free, end, /*isKnown=*/false, copy);
    NVVM::CpAsyncCommitGroupOp::create(rewriter, loc);
    SmallVector<Value> next{emitNext(stage), emitNext(free)};
    llvm::append_range(next,
                       holder->step(rewriter, loc, stage, loop.getRegionIterArgs().drop_front(2)));
    scf::YieldOp::create(rewriter, loc, next);
    rewriter.setInsertionPointAfter(loop);
    products.push_back({std::move(holder), SmallVector<Value>(loop.getResults().drop_front(2))});
  }

  /// Copies the step from `first` on where it begins before `end`.
  void copyWithin(Value first, Value stage, Value end, bool isKnown,
                  llvm::function_ref<void(Value, Value)> copy) {
    if (isKnown)
      return copy(first, stage);
    IndexMath math(rewriter, loc);
    auto branch = scf::IfOp::create(rewriter, loc, math.less(first, end));
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(branch.thenYield());
    copy(first, stage);
  }

  Value emitNext(Value stage) {
    IndexMath math(rewriter, loc);
    Value next = math.add(stage, 1);
    Value isIn = math.less(next, plan.stages);
    return arith::SelectOp::create(rewriter, loc, isIn, next, math.constant(0));
  }

  static bool isRagged(ArrayRef<OpFoldResult> sizes, int64_t tile) {
    int64_t size = multiplySizes(sizes);
    return ShapedType::isDynamic(size) || size % tile != 0;
  }

  /// Emits what `emit` does where `index` is within `sizes`.
  void emitWithin(Value index, ArrayRef<OpFoldResult> sizes, int64_t tile,
                  llvm::function_ref<void()> emit) {
    if (!isRagged(sizes, tile))
      return emit();
    IndexMath math(rewriter, loc);
    auto branch = scf::IfOp::create(rewriter, loc, math.less(index, math.product(sizes)));
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(branch.thenYield());
    emit();
  }

  void setLoops(SmallVector<Value> &loops, ArrayRef<unsigned> which, ArrayRef<Value> indices) {
    for (auto [loop, index] : llvm::zip_equal(which, indices))
      loops[loop] = index;
  }

  /// Each thread computes the results of its own sums, from registers.
  void emitOwnResults() {
    IndexMath math(rewriter, loc);
    BlockSums &places = *products.front().places;
    SmallVector<Value> columns;
    SmallVector<SmallVector<Value>> columnIndices;
    for (Value column : places.getColumns()) {
      columns.push_back(math.add(firstColumn, column));
      columnIndices.push_back(math.split(columns.back(), columnSizes));
    }
    for (auto [i, inBlock] : llvm::enumerate(places.getRows())) {
      Value row = math.add(firstRow, inBlock);
      emitWithin(row, rowSizes, plan.rows, [&, i = i] {
        SmallVector<Value> loops(place.loops);
        setLoops(loops, found.roles.rows, math.split(row, rowSizes));
        for (auto [j, column] : llvm::enumerate(columns))
          emitWithin(column, columnSizes, plan.columns, [&, j = j] {
            setLoops(loops, found.roles.columns, columnIndices[j]);
            SmallVector<Value> values = llvm::map_to_vector(products, [&](Product &product) {
              return product.places->get(rewriter, loc, product.sums, i, j);
            });
            scalars.emit(rewriter, loops, values);
          });
      });
    }
  }

  /// The groups' sums meet in shared memory, where each thread takes some elements.
  void emitSharedResults() {
    IndexMath math(rewriter, loc);
    int64_t elements = plan.rows * plan.columns;
    for (auto [number, product] : llvm::enumerate(products)) {
      BlockSums &places = *product.places;
      Value first = math.add(math.mul(places.getGroup(), elements),
                             static_cast<int64_t>(number) * plan.groups * elements);
      for (auto [i, row] : llvm::enumerate(places.getRows())) {
        Value line = math.add(math.mul(row, plan.columns), first);
        for (auto [j, column] : llvm::enumerate(places.getColumns()))
          memref::StoreOp::create(rewriter, loc, places.get(rewriter, loc, product.sums, i, j),
                                  shared, ValueRange(math.add(line, column)));
      }
    }
    gpu::BarrierOp::create(rewriter, loc);
    auto loop = scf::ForOp::create(rewriter, loc, place.thread, math.constant(elements),
                                   math.constant(kBlockThreads));
    {
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPoint(loop.getBody()->getTerminator());
      Value element = loop.getInductionVar();
      Value row = math.add(firstRow, math.div(element, plan.columns));
      Value column = math.add(firstColumn, math.rem(element, plan.columns));
      emitWithin(row, rowSizes, plan.rows, [&] {
        emitWithin(column, columnSizes, plan.columns, [&] {
          SmallVector<Value> loops(place.loops);
          setLoops(loops, found.roles.rows, math.split(row, rowSizes));
          setLoops(loops, found.roles.columns, math.split(column, columnSizes));
          SmallVector<Value> values;
          for (size_t product = 0; product < products.size(); ++product)
            values.push_back(addGroups(element, static_cast<int64_t>(product)));
          scalars.emit(rewriter, loops, values);
        });
      });
    }
    gpu::BarrierOp::create(rewriter, loc); // The next block's steps go to the same memory.
  }

  Value addGroups(Value element, int64_t product) {
    IndexMath math(rewriter, loc);
    Value sum;
    for (int64_t group = 0; group < plan.groups; ++group) {
      Value index = math.add(element, (product * plan.groups + group) * plan.rows * plan.columns);
      Value part = memref::LoadOp::create(rewriter, loc, shared, ValueRange(index));
      sum = sum ? arith::AddFOp::create(rewriter, loc, sum, part).getResult() : part;
    }
    return sum;
  }

  RewriterBase &rewriter;
  scf::ForallOp tasks;
  const ContractionTasks &found;
  TaskScalars &scalars;
  BlockPlan plan;
  Location loc;
  SmallVector<OpFoldResult> batchSizes, rowSizes, columnSizes;
  bool throughShared = false;
  int64_t stageElements = 0, sharedElements = 0;
  Value shared, firstRow, firstColumn;
  BlockPlace place;
  struct Product {
    std::unique_ptr<BlockSums> places;
    SmallVector<Value> sums; ///< The thread's.
  };
  std::vector<Product> products;
};

class BlockContractionsPass : public impl::BlockContractionsBase<BlockContractionsPass> {
public:
  using BlockContractionsBase::BlockContractionsBase;

  void runOnOperation() override {
    std::optional<Precision> known = parsePrecision(precision);
    if (!known) {
      getOperation().emitOpError("expected a precision of f32, tf32 or bf16");
      return signalPassFailure();
    }
    given = parsePlan(plan, *known);
    if (!plan.empty() && !given) {
      getOperation().emitOpError("expected a plan of a block's threads, as 64x64x16x4x4");
      return signalPassFailure();
    }
    SmallVector<scf::ForallOp> loops(getOperation().getBody().getOps<scf::ForallOp>());
    Remarks remarks(getArgumentName(), getOperation());
    for (scf::ForallOp tasks : loops) {
      bool reduces = llvm::any_of(tasks.getOps<linalg::GenericOp>(), [](linalg::GenericOp op) {
        return op.getNumReductionLoops() != 0;
      });
      if (!reduces)
        continue;
      StringRef why;
      if (convert(tasks, *known, why))
        continue;
      roundFactors(tasks, *known);
      if (auto note = remarks.left(tasks))
        note << remark::add("not computed by blocks") << remark::reason("{0}", why);
    }
  }

private:
  /// Products that are left to single threads multiply the same numbers.
  void roundFactors(scf::ForallOp tasks, Precision precision) {
    if (precision == Precision::F32)
      return;
    for (auto op : tasks.getOps<linalg::GenericOp>()) {
      std::optional<TaskContraction> contraction = findContraction(op, tasks);
      if (!contraction)
        continue;
      TaskRoles roles = findRoles(*contraction, tasks.getRank());
      if (roles.rows.empty() || roles.columns.empty())
        continue;
      for (Value factor : {contraction->lhs.factor, contraction->rhs.factor}) {
        OpBuilder builder(op.getContext());
        builder.setInsertionPointAfterValue(factor);
        Value rounded = roundTo(builder, op.getLoc(), factor, precision);
        factor.replaceUsesWithIf(rounded,
                                 [](OpOperand &use) { return isa<arith::MulFOp>(use.getOwner()); });
      }
    }
  }

  bool convert(scf::ForallOp tasks, Precision precision, StringRef &why) {
    std::optional<ContractionTasks> found = findContractionTasks(tasks, why);
    if (!found)
      return false;
    auto sums = llvm::map_to_vector(found->contractions,
                                    [](const TaskContraction &each) { return each.op; });
    TaskScalars scalars(tasks, sums, ReductionStart::Zero);
    why = scalars.getObstacle();
    if (!why.empty())
      return false;
    SmallVector<OpFoldResult> sizes = tasks.getMixedUpperBound();
    auto count = [&](ArrayRef<unsigned> loops) {
      return multiplySizes(llvm::map_to_vector(loops, [&](unsigned loop) { return sizes[loop]; }));
    };
    const TaskContraction &first = found->contractions.front();
    unsigned numDepths = first.depths.size();
    why = "its products are few";
    std::optional<BlockPlan> chosen =
        given ? given
              : planBlock({count(found->roles.batch), count(found->roles.rows),
                           count(found->roles.columns), multiplySizes(first.depths),
                           static_cast<int64_t>(found->contractions.size())},
                          {liesAlongDepth(first.lhs, tasks.getRank(), numDepths),
                           liesAlongDepth(first.rhs, tasks.getRank(), numDepths)},
                          precision);
    if (!chosen)
      return false;
    IRRewriter rewriter(&getContext());
    BlockEmitter emitter(rewriter, tasks, *found, scalars, *chosen);
    why = "a block's shared memory is too small";
    if (!emitter.fits())
      return false;
    emitter.run();
    ++numLoops;
    return true;
  }

  std::optional<BlockPlan> given;
};

} // namespace
} // namespace nnc::codegen
