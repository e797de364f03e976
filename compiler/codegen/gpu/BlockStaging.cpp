// Copies parts of a product's operands to a block's shared memory; see the header.
#include "compiler/codegen/gpu/BlockStaging.h"
#include "compiler/codegen/gpu/Gpu.h"
#include "compiler/codegen/shared/LinalgUtils.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace nnc::codegen {

using namespace mlir;

/// The factor of `loop` in the place of an element, where it is in the last index alone and that
/// has a stride of one; 0 otherwise.
static int64_t innermostFactor(const TaskOperand &operand, unsigned loop, unsigned numLoops) {
  auto type = cast<MemRefType>(operand.buffer.getType());
  if (operand.indices.empty() || !type.isLastDimUnitStride())
    return 0;
  for (AffineExpr index : ArrayRef(operand.indices).drop_back())
    if (index.isFunctionOfDim(loop))
      return 0;
  std::optional<LinearIndex> last = getLinearIndex(operand.indices.back(), numLoops);
  return last ? last->factors[loop] : 0;
}

bool liesAlongDepth(const TaskOperand &operand, unsigned numTaskLoops, unsigned numDepths) {
  unsigned numLoops = numTaskLoops + numDepths;
  return innermostFactor(operand, numLoops - 1, numLoops) == 1;
}

BlockStaging::BlockStaging(const TaskOperand &operand, ArrayRef<unsigned> extentLoops,
                           ArrayRef<OpFoldResult> extents, ArrayRef<OpFoldResult> depths,
                           unsigned numTaskLoops, const BlockPlan &plan, int64_t blockExtent,
                           Value shared, int64_t begin, int64_t stride)
    : operand(operand), extentLoops(extentLoops), extents(extents), depths(depths),
      numTaskLoops(numTaskLoops), plan(plan), blockExtent(blockExtent), shared(shared),
      begin(begin), stride(stride),
      alongDepth(liesAlongDepth(operand, numTaskLoops, depths.size())),
      pitch(linePitch(alongDepth ? plan.depth : blockExtent, alongDepth, plan.precision)),
      width(findWidth()) {}

/// Whether the device copies elements by itself: as they are, and from lines of neighbours.
static bool isCopiedAsIs(const TaskOperand &operand) {
  auto type = cast<MemRefType>(operand.buffer.getType());
  return operand.isPlain() && type.getElementType().isF32() && type.isLastDimUnitStride();
}

/// 4 where four neighbours in a line of shared memory lie side by side in the buffer, at a multiple
/// of 16 bytes from its begin, and are all within its bounds or none.
int64_t BlockStaging::findWidth() const {
  auto type = cast<MemRefType>(operand.buffer.getType());
  unsigned numLoops = numTaskLoops + depths.size();
  unsigned inner = alongDepth ? numLoops - 1 : extentLoops.back();
  std::optional<int64_t> size = getConstantIntValue(alongDepth ? depths.back() : extents.back());
  SmallVector<int64_t> strides;
  int64_t offset = 0;
  if (!isCopiedAsIs(operand) || !size || *size % 4 != 0 ||
      innermostFactor(operand, inner, numLoops) != 1 ||
      failed(type.getStridesAndOffset(strides, offset)))
    return 1;
  for (auto [index, step] : llvm::zip_equal(operand.indices, strides)) {
    std::optional<LinearIndex> linear = getLinearIndex(index, numLoops);
    if (!linear)
      return 1;
    auto isWhole = [step = step](int64_t factor) {
      return factor == 0 || (!ShapedType::isDynamic(step) && factor * step % 4 == 0);
    };
    for (unsigned loop = 0; loop < numLoops; ++loop)
      if (loop != inner && !isWhole(linear->factors[loop]))
        return 1;
    if (!isWhole(linear->constant))
      return 1;
  }
  return 4;
}

void BlockStaging::prepare(OpBuilder &builder, Location loc, const BlockPlace &where, Value start) {
  place = where;
  first = start;
  IndexMath math(builder, loc);
  extentSize = math.product(extents);
  depthSize = math.product(depths);
  if (width == 1)
    return;
  auto data = memref::ExtractStridedMetadataOp::create(builder, loc, operand.buffer);
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, operand.buffer);
  address = math.add(address, math.mul(data.getOffset(), 4));
  isAligned = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, math.rem(address, 16),
                                    math.constant(0));
}

void BlockStaging::copy(OpBuilder &builder, Location loc, Value depth, Value number) {
  IndexMath math(builder, loc);
  Value stage = math.add(math.mul(number, stride), begin); // Where it begins.
  if (width == 1)
    return copyBy(builder, loc, depth, stage, 1);
  scf::IfOp::create(
      builder, loc, isAligned,
      [&](OpBuilder &inner, Location) {
        copyBy(inner, loc, depth, stage, width);
        scf::YieldOp::create(inner, loc);
      },
      [&](OpBuilder &inner, Location) {
        copyBy(inner, loc, depth, stage, 1);
        scf::YieldOp::create(inner, loc);
      });
}

/// The pieces are dealt out to the threads, neighbours to neighbours.
void BlockStaging::copyBy(OpBuilder &builder, Location loc, Value depth, Value stage,
                          int64_t width) {
  IndexMath math(builder, loc);
  int64_t pieces = blockExtent * plan.depth / width;
  for (int64_t done = 0; done < pieces; done += kBlockThreads) {
    Value piece = math.add(place.thread, done);
    if (pieces - done >= kBlockThreads) {
      copyPiece(builder, loc, depth, stage, piece, width);
      continue;
    }
    scf::IfOp::create(builder, loc, math.less(piece, pieces), [&](OpBuilder &inner, Location) {
      copyPiece(inner, loc, depth, stage, piece, width);
      scf::YieldOp::create(inner, loc);
    });
  }
}

void BlockStaging::copyPiece(OpBuilder &builder, Location loc, Value depth, Value stage,
                             Value piece, int64_t width) {
  IndexMath math(builder, loc);
  int64_t piecesOfLine = (alongDepth ? plan.depth : blockExtent) / width;
  Value line = math.div(piece, piecesOfLine);
  Value at = math.mul(math.rem(piece, piecesOfLine), width);
  Value extent = math.add(first, alongDepth ? line : at);
  Value inDepth = math.add(depth, alongDepth ? at : line);
  Value isInside;
  int64_t numExtent = multiplySizes(extents), numDepth = multiplySizes(depths);
  if (ShapedType::isDynamic(numExtent) || numExtent % blockExtent != 0)
    isInside = math.less(extent, extentSize);
  if (ShapedType::isDynamic(numDepth) || numDepth % plan.depth != 0)
    isInside = math.both(isInside, math.less(inDepth, depthSize));

  SmallVector<Value> loops(place.loops);
  loops.resize(numTaskLoops);
  for (auto [loop, index] : llvm::zip_equal(extentLoops, math.split(extent, extents)))
    loops[loop] = index;
  llvm::append_range(loops, math.split(inDepth, depths));
  auto findIndices = [&](IndexMath &math) {
    return llvm::map_to_vector(operand.indices,
                               [&](AffineExpr index) { return math.apply(index, loops); });
  };
  Value target = math.add(math.add(stage, math.mul(line, pitch)), at);
  if (isCopiedAsIs(operand)) {
    Value used;
    if (isInside)
      used =
          arith::SelectOp::create(builder, loc, isInside, math.constant(width), math.constant(0));
    nvgpu::DeviceAsyncCopyOp::create(
        builder, loc, nvgpu::DeviceAsyncTokenType::get(builder.getContext()), shared, target,
        operand.buffer, findIndices(math), builder.getIndexAttr(width), used,
        width == 4 ? builder.getUnitAttr() : UnitAttr());
    return;
  }
  auto emitStore = [&](OpBuilder &inner, Value value) {
    memref::StoreOp::create(inner, loc, value, shared, target);
  };
  auto emitCopy = [&](OpBuilder &inner) {
    IndexMath math(inner, loc);
    IRMapping mapping;
    mapping.map(operand.argument,
                memref::LoadOp::create(inner, loc, operand.buffer, findIndices(math)).getResult());
    SmallVector<Operation *> casts;
    for (Value value = operand.factor; value != operand.argument;
         value = value.getDefiningOp()->getOperand(0))
      casts.push_back(value.getDefiningOp());
    for (Operation *op : llvm::reverse(casts))
      inner.clone(*op, mapping);
    emitStore(inner, mapping.lookup(operand.factor));
  };
  if (!isInside)
    return emitCopy(builder);
  scf::IfOp::create(
      builder, loc, isInside,
      [&](OpBuilder &inner, Location) {
        emitCopy(inner);
        scf::YieldOp::create(inner, loc);
      },
      [&](OpBuilder &inner, Location) {
        emitStore(inner, arith::ConstantOp::create(inner, loc, inner.getF32FloatAttr(0)));
        scf::YieldOp::create(inner, loc);
      });
}

Value BlockStaging::load(OpBuilder &builder, Location loc, Value stage, Value extent, Value depth,
                         int64_t count) const {
  IndexMath math(builder, loc);
  Value line = alongDepth ? extent : depth, at = alongDepth ? depth : extent;
  Value index = math.add(math.add(math.mul(stage, stride), math.mul(line, pitch)), at);
  index = math.add(index, begin);
  auto type = VectorType::get(count, builder.getF32Type());
  return vector::LoadOp::create(builder, loc, type, shared, ValueRange(index),
                                /*nontemporal=*/false, llvm::MaybeAlign(count * 4));
}

} // namespace nnc::codegen
