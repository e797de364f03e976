// codegen-plan-workspace: lays out all temporaries in one workspace by live range.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/Buffers.h"
#include "compiler/codegen/shared/Entry.h"
#include "compiler/codegen/shared/LiveRanges.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_PLANWORKSPACE
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// A temporary: where it is allocated, when it is used, how large it is, and where it is put.
struct Buffer {
  memref::AllocOp alloc;
  unsigned number; // In program order.
  LiveRange range;
  int64_t staticBytes;        // Of one "row": the product of the static sizes.
  SmallVector<Value> symbols; // The symbolic sizes; empty for static buffers.
  int64_t offset = 0;         // Of static buffers.
  unsigned slot = 0;          // Of symbolic ones.
};

/// Memory for buffers of one symbolic size whose live ranges are disjoint.
struct Slot {
  int64_t staticBytes;
  SmallVector<Value> symbols;
  unsigned lastUse;
};

/// Puts static buffers at the lowest offset that is free while they live, the largest first.
/// Returns the bytes needed.
static int64_t placeStatic(MutableArrayRef<Buffer *> buffers) {
  llvm::sort(buffers, [](Buffer *a, Buffer *b) {
    return std::pair(-a->staticBytes, a->number) < std::pair(-b->staticBytes, b->number);
  });
  int64_t total = 0;
  SmallVector<Buffer *> placed; // By offset.
  for (Buffer *buffer : buffers) {
    int64_t bytes = llvm::alignTo(buffer->staticBytes, kBufferAlignment);
    int64_t offset = 0;
    for (Buffer *other : placed) {
      if (!other->range.overlaps(buffer->range))
        continue;
      if (offset + bytes <= other->offset)
        break;
      offset = std::max<int64_t>(offset, other->offset +
                                             llvm::alignTo(other->staticBytes, kBufferAlignment));
    }
    buffer->offset = offset;
    total = std::max(total, offset + bytes);
    placed.insert(llvm::upper_bound(placed, buffer,
                                    [](Buffer *a, Buffer *b) { return a->offset < b->offset; }),
                  buffer);
  }
  return total;
}

/// Gives symbolic buffers slots, in order of first use.
static SmallVector<Slot> placeSymbolic(MutableArrayRef<Buffer *> buffers) {
  llvm::sort(buffers, [](Buffer *a, Buffer *b) {
    return std::pair(a->range.first, a->number) < std::pair(b->range.first, b->number);
  });
  SmallVector<Slot> slots;
  for (Buffer *buffer : buffers) {
    auto *free = llvm::find_if(slots, [&](const Slot &slot) {
      return slot.lastUse < buffer->range.first && slot.staticBytes == buffer->staticBytes &&
             slot.symbols == buffer->symbols;
    });
    if (free == slots.end()) {
      slots.push_back({buffer->staticBytes, buffer->symbols, 0});
      free = &slots.back();
    }
    free->lastUse = buffer->range.last;
    buffer->slot = free - slots.begin();
  }
  return slots;
}

/// Computes symbolic sizes at the start of a function from its scalars.
class SizeBuilder {
public:
  SizeBuilder(func::FuncOp func) : func(func), builder(func.getContext()) {
    builder.setInsertionPointToStart(&func.front());
  }

  /// `value`, computed anew from arguments alone; null where it depends on anything else.
  Value hoist(Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value))
      return argument.getOwner() == &func.front() ? value : Value();
    if (Value known = hoisted.lookup(value))
      return known;
    Operation *op = value.getDefiningOp();
    if (auto dim = dyn_cast<memref::DimOp>(op))
      return hoistDim(dim);
    if (!isPure(op) || op->getNumRegions() != 0 || op->getNumResults() != 1)
      return {};
    IRMapping mapping;
    for (Value operand : op->getOperands()) {
      Value mapped = hoist(operand);
      if (!mapped)
        return {};
      mapping.map(operand, mapped);
    }
    return hoisted[value] = builder.clone(*op, mapping)->getResult(0);
  }

  /// The bytes of a slot, rounded up.
  static Value slotBytes(OpBuilder &builder, Location loc, const Slot &slot, IRMapping &mapping) {
    auto constant = [&](int64_t value) {
      return arith::ConstantIndexOp::create(builder, loc, value);
    };
    Value bytes = constant(slot.staticBytes);
    for (Value symbol : slot.symbols)
      bytes = arith::MulIOp::create(builder, loc, bytes, mapping.lookupOrDefault(symbol));
    Value padded = arith::AddIOp::create(builder, loc, bytes, constant(kBufferAlignment - 1));
    Value units = arith::DivUIOp::create(builder, loc, padded, constant(kBufferAlignment));
    return arith::MulIOp::create(builder, loc, units, constant(kBufferAlignment));
  }

  OpBuilder &getBuilder() { return builder; }

private:
  /// A symbolic size of an argument is a scalar argument; that of a view, of what it views.
  Value hoistDim(memref::DimOp dim) {
    if (std::optional<int64_t> index = dim.getConstantIndex())
      return hoisted[dim] = hoistSize(dim.getSource(), *index);
    return {};
  }

  Value hoistSize(Value source, int64_t index) {
    auto type = cast<MemRefType>(source.getType());
    if (!type.isDynamicDim(index))
      return arith::ConstantIndexOp::create(builder, func.getLoc(), type.getDimSize(index));
    if (auto argument = dyn_cast<BlockArgument>(source))
      return hoistArgumentSize(argument, index);
    if (auto alloc = source.getDefiningOp<memref::AllocOp>())
      return hoist(alloc.getDynamicSizes()[type.getDynamicDimIndex(index)]);
    if (auto cast = source.getDefiningOp<memref::CastOp>())
      return isa<MemRefType>(cast.getSource().getType()) ? hoistSize(cast.getSource(), index)
                                                         : Value();
    if (auto subview = source.getDefiningOp<memref::SubViewOp>()) {
      llvm::SmallBitVector dropped = subview.getDroppedDims();
      for (auto [dim, size] : llvm::enumerate(subview.getMixedSizes()))
        if (!dropped.test(dim) && index-- == 0)
          return hoist(cast<Value>(size)); // Dynamic: else the type would say it.
      return {};
    }
    if (auto expand = source.getDefiningOp<memref::ExpandShapeOp>())
      return hoist(expand.getOutputShape()[type.getDynamicDimIndex(index)]);
    if (auto collapse = source.getDefiningOp<memref::CollapseShapeOp>()) {
      Value product;
      // By name: a temporary would be gone in the loop.
      ReassociationIndices collapsed = collapse.getReassociationIndices()[index];
      for (int64_t from : collapsed) {
        Value size = hoistSize(collapse.getSrc(), from);
        if (!size)
          return {};
        product = product ? arith::MulIOp::create(builder, func.getLoc(), product, size) : size;
      }
      return product;
    }
    return {};
  }

  Value hoistArgumentSize(BlockArgument argument, int64_t index) {
    auto all = func->getAttrOfType<ArrayAttr>(nn::kArgumentDimsAttr);
    if (argument.getOwner() != &func.front() || !all)
      return {};
    auto numbers = cast<DenseI64ArrayAttr>(all[argument.getArgNumber()]);
    return func.getArgument(
        numbers[cast<MemRefType>(argument.getType()).getDynamicDimIndex(index)]);
  }

  func::FuncOp func;
  OpBuilder builder;
  DenseMap<Value, Value> hoisted;
};

class PlanWorkspacePass : public impl::PlanWorkspaceBase<PlanWorkspacePass> {
public:
  using PlanWorkspaceBase::PlanWorkspaceBase;

  void runOnOperation() override {
    for (auto func : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (func->hasAttr(nn::kEntryAttr) && !func.isExternal() && failed(plan(func)))
        return signalPassFailure();
  }

private:
  LogicalResult plan(func::FuncOp func) {
    func.walk([](memref::DeallocOp dealloc) { dealloc.erase(); });
    SizeBuilder sizes(func);
    LiveRanges ranges(func.getBody());
    SmallVector<Buffer> buffers;
    bool failed = false;
    func.walk([&](memref::AllocOp alloc) {
      MemRefType type = alloc.getType();
      Buffer buffer{alloc, unsigned(buffers.size()), ranges.of(alloc), getElementBytes(type), {}};
      for (int64_t size : type.getShape())
        if (!ShapedType::isDynamic(size))
          buffer.staticBytes *= size;
      for (Value size : alloc.getDynamicSizes())
        buffer.symbols.push_back(sizes.hoist(size));
      if (!type.getLayout().isIdentity() || llvm::is_contained(buffer.symbols, Value())) {
        alloc.emitOpError(
            "expected a contiguous buffer whose size depends on the entry's scalars alone");
        failed = true;
      }
      buffers.push_back(std::move(buffer));
    });
    if (failed)
      return failure();

    SmallVector<Buffer *> fixed, symbolic;
    for (Buffer &buffer : buffers)
      (buffer.symbols.empty() ? fixed : symbolic).push_back(&buffer);
    int64_t staticBytes = placeStatic(fixed);
    SmallVector<Slot> slots = placeSymbolic(symbolic);
    for (Buffer *buffer : fixed)
      requestedBytes += llvm::alignTo(buffer->staticBytes, kBufferAlignment);
    workspaceBytes += staticBytes;
    createWorkspaceFunction(func, staticBytes, slots);
    replaceAllocations(func, buffers, staticBytes, slots, sizes);
    if (slots.empty())
      func->setAttr(nn::kWorkspaceBytesAttr, OpBuilder(func).getI64IntegerAttr(staticBytes));
    return success();
  }

  static void replaceAllocations(func::FuncOp func, ArrayRef<Buffer> buffers, int64_t staticBytes,
                                 ArrayRef<Slot> slots, SizeBuilder &sizes) {
    OpBuilder &builder = sizes.getBuilder();
    Location loc = func.getLoc();
    auto bytes = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
    Value workspace = func.front().addArgument(bytes, loc);
    func.setFunctionType(builder.getFunctionType(func.front().getArgumentTypes(), {}));
    if (ArrayAttr attributes = func.getArgAttrsAttr()) {
      SmallVector<Attribute> all(attributes.begin(), attributes.end());
      all.push_back(builder.getDictionaryAttr({}));
      func.setArgAttrsAttr(builder.getArrayAttr(all));
    }

    IRMapping identity;
    SmallVector<Value> offsets;
    Value next = arith::ConstantIndexOp::create(builder, loc, staticBytes);
    for (const Slot &slot : slots) {
      offsets.push_back(next);
      next = arith::AddIOp::create(builder, loc, next,
                                   SizeBuilder::slotBytes(builder, loc, slot, identity));
    }
    for (const Buffer &buffer : buffers) {
      Value offset = buffer.symbols.empty()
                         ? arith::ConstantIndexOp::create(builder, loc, buffer.offset).getResult()
                         : offsets[buffer.slot];
      memref::AllocOp alloc = buffer.alloc;
      Value view = memref::ViewOp::create(builder, alloc.getLoc(), alloc.getType(), workspace,
                                          offset, buffer.symbols);
      alloc.replaceAllUsesWith(view);
    }
    // Not before: the builder's place may be at one of them.
    for (const Buffer &buffer : buffers)
      memref::AllocOp(buffer.alloc).erase();
  }

  /// The function that says how many bytes these scalars need.
  static void createWorkspaceFunction(func::FuncOp func, int64_t staticBytes,
                                      ArrayRef<Slot> slots) {
    OpBuilder builder(func);
    Location loc = func.getLoc();
    SmallVector<Type> scalars;
    for (Type type : func.getArgumentTypes())
      if (!isa<MemRefType>(type))
        scalars.push_back(type);
    auto sizeFunc =
        func::FuncOp::create(builder, loc, (func.getName() + entry::kWorkspaceSuffix).str(),
                             builder.getFunctionType(scalars, builder.getIndexType()));
    sizeFunc.setPrivate();
    builder.setInsertionPointToStart(sizeFunc.addEntryBlock());
    IRMapping mapping;
    for (auto [from, to] : llvm::zip(func.getArguments(), sizeFunc.getArguments()))
      mapping.map(from, to);
    // The operations that compute the symbols come first in the entry's body.
    for (const Slot &slot : slots)
      for (Value symbol : slot.symbols)
        cloneWithOperands(builder, symbol, mapping);
    Value total = arith::ConstantIndexOp::create(builder, loc, staticBytes);
    for (const Slot &slot : slots)
      total = arith::AddIOp::create(builder, loc, total,
                                    SizeBuilder::slotBytes(builder, loc, slot, mapping));
    func::ReturnOp::create(builder, loc, total);
  }

  static void cloneWithOperands(OpBuilder &builder, Value value, IRMapping &mapping) {
    if (mapping.contains(value))
      return;
    Operation *op = value.getDefiningOp();
    for (Value operand : op->getOperands())
      cloneWithOperands(builder, operand, mapping);
    builder.clone(*op, mapping);
  }
};

} // namespace
} // namespace nnc::codegen
