// How functions are handed buffers: by a pointer and what their types don't say.
#include "compiler/codegen/cpu/PassBuffers.h"

#include "compiler/codegen/cpu/LlvmTypes.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace nnc::codegen {

/// `value` in `type`, which is another dialect's name for its type.
static Value castTo(OpBuilder &builder, Location loc, Type type, Value value) {
  if (value.getType() == type)
    return value;
  return UnrealizedConversionCastOp::create(builder, loc, type, value).getResult(0);
}

/// What a type says of where its elements are; kDynamic: of what it doesn't say.
struct Layout {
  explicit Layout(MemRefType type) : isContiguous(type.getLayout().isIdentity()) {
    std::tie(strides, offset) = type.getStridesAndOffset();
  }

  /// Those that are handed over: where elements lie side by side, sizes say the strides.
  bool isPassed(int64_t stride) const { return !isContiguous && ShapedType::isDynamic(stride); }

  SmallVector<int64_t> strides;
  int64_t offset;
  bool isContiguous;
};

PassBuffers::PassBuffers(MLIRContext *context) : converter(context) {
  convertBf16ToBits(converter);
}

void PassBuffers::appendTypes(Type type, SmallVectorImpl<Type> &types) const {
  auto buffer = dyn_cast<MemRefType>(type);
  if (!buffer)
    return types.push_back(converter.convertType(type));
  types.push_back(LLVM::LLVMPointerType::get(type.getContext()));
  Layout layout(buffer);
  int64_t symbolic = buffer.getNumDynamicDims() +
                     llvm::count_if(layout.strides, [&](int64_t s) { return layout.isPassed(s); });
  types.append(symbolic, IntegerType::get(type.getContext(), 64));
}

static Value offsetBy(OpBuilder &builder, Location loc, Type element, Value pointer,
                      Value elements) {
  return LLVM::GEPOp::create(builder, loc, pointer.getType(), element, pointer, elements);
}

static Value offsetBy(OpBuilder &builder, Location loc, Type element, Value pointer,
                      int64_t elements) {
  if (elements == 0)
    return pointer;
  if (llvm::isInt<LLVM::kGEPConstantBitWidth>(elements))
    return LLVM::GEPOp::create(builder, loc, pointer.getType(), element, pointer,
                               ArrayRef<LLVM::GEPArg>{int32_t(elements)});
  return offsetBy(builder, loc, element, pointer,
                  LLVM::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(elements)));
}

/// The pointer to the first element. It is computed from the buffer that `value` is a view of, so
/// that nobody needs the view's descriptor; a list of calls has thousands.
Value PassBuffers::findFirstElement(OpBuilder &builder, Location loc, Value value) const {
  if (auto known = came.find(value); known != came.end())
    return known->second.front();
  Operation *op = value.getDefiningOp();
  if (isa_and_nonnull<memref::CastOp, memref::ExpandShapeOp, memref::CollapseShapeOp>(op) &&
      isa<MemRefType>(op->getOperand(0).getType()))
    return findFirstElement(builder, loc, op->getOperand(0));
  if (auto view = dyn_cast_or_null<memref::ViewOp>(op)) {
    Value source = findFirstElement(builder, loc, view.getSource());
    if (std::optional<int64_t> bytes = getConstantIntValue(view.getByteShift()))
      return offsetBy(builder, loc, builder.getI8Type(), source, *bytes);
    Value bytes = castTo(builder, loc, builder.getI64Type(), view.getByteShift());
    return offsetBy(builder, loc, builder.getI8Type(), source, bytes);
  }
  if (auto view = dyn_cast_or_null<memref::SubViewOp>(op)) {
    // How far the view begins behind its source; symbolic where either is.
    int64_t from = Layout(view.getSourceType()).offset, to = Layout(view.getType()).offset;
    if (!ShapedType::isDynamic(from) && !ShapedType::isDynamic(to))
      return offsetBy(builder, loc, converter.convertType(view.getType().getElementType()),
                      findFirstElement(builder, loc, view.getSource()), to - from);
  }
  auto type = cast<MemRefType>(value.getType());
  MemRefDescriptor descriptor(castTo(builder, loc, converter.convertType(type), value));
  return descriptor.bufferPtr(builder, loc, converter, type);
}

void PassBuffers::append(OpBuilder &builder, Location loc, Value value,
                         SmallVectorImpl<Value> &values) const {
  Type type = converter.convertType(value.getType());
  auto buffer = dyn_cast<MemRefType>(value.getType());
  if (!buffer)
    return values.push_back(castTo(builder, loc, type, value));
  if (auto known = came.find(value); known != came.end()) {
    values.append(known->second);
    return;
  }
  values.push_back(findFirstElement(builder, loc, value));
  for (auto [dim, size] : llvm::enumerate(buffer.getShape()))
    if (ShapedType::isDynamic(size))
      values.push_back(castTo(builder, loc, builder.getI64Type(),
                              builder.createOrFold<memref::DimOp>(loc, value, dim)));
  Layout layout(buffer);
  for (auto [dim, stride] : llvm::enumerate(layout.strides))
    if (layout.isPassed(stride))
      values.push_back(
          MemRefDescriptor(castTo(builder, loc, type, value)).stride(builder, loc, dim));
}

Value PassBuffers::take(OpBuilder &builder, Location loc, Type type, ValueRange &values) const {
  auto next = [&] {
    Value value = values.front();
    values = values.drop_front();
    return value;
  };
  auto buffer = dyn_cast<MemRefType>(type);
  if (!buffer)
    return castTo(builder, loc, type, next());
  auto descriptor = MemRefDescriptor::poison(builder, loc, converter.convertType(type));
  Layout layout(buffer);
  const int64_t offset = ShapedType::isDynamic(layout.offset) ? 0 : layout.offset;
  Value pointer = next();
  // An offset that the type says is added by whoever reads an element.
  pointer =
      offsetBy(builder, loc, converter.convertType(buffer.getElementType()), pointer, -offset);
  descriptor.setAllocatedPtr(builder, loc, pointer);
  descriptor.setAlignedPtr(builder, loc, pointer);
  descriptor.setConstantOffset(builder, loc, offset);
  for (auto [dim, size] : llvm::enumerate(buffer.getShape())) {
    if (ShapedType::isDynamic(size))
      descriptor.setSize(builder, loc, dim, next());
    else
      descriptor.setConstantSize(builder, loc, dim, size);
  }
  for (unsigned dim = buffer.getRank(); dim-- > 0;) {
    int64_t stride = layout.strides[dim];
    if (!ShapedType::isDynamic(stride))
      descriptor.setConstantStride(builder, loc, dim, stride);
    else if (layout.isContiguous)
      descriptor.setStride(builder, loc, dim,
                           LLVM::MulOp::create(builder, loc,
                                               descriptor.stride(builder, loc, dim + 1),
                                               descriptor.size(builder, loc, dim + 1)));
  }
  for (auto [dim, stride] : llvm::enumerate(layout.strides))
    if (layout.isPassed(stride))
      descriptor.setStride(builder, loc, dim, next());
  return castTo(builder, loc, type, descriptor);
}

} // namespace nnc::codegen
