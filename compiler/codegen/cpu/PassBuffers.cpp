// How functions are handed buffers: by a pointer and what their types don't say.
#include "compiler/codegen/cpu/PassBuffers.h"

#include "compiler/codegen/cpu/LlvmTypes.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

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

void PassBuffers::append(OpBuilder &builder, Location loc, Value value,
                         SmallVectorImpl<Value> &values) const {
  auto buffer = dyn_cast<MemRefType>(value.getType());
  Type type = converter.convertType(value.getType());
  if (!buffer)
    return values.push_back(castTo(builder, loc, type, value));
  MemRefDescriptor descriptor(castTo(builder, loc, type, value));
  Layout layout(buffer);
  // An offset that the type says is added by whoever reads an element.
  values.push_back(ShapedType::isDynamic(layout.offset)
                       ? descriptor.bufferPtr(builder, loc, converter, buffer)
                       : descriptor.alignedPtr(builder, loc));
  for (auto [dim, size] : llvm::enumerate(buffer.getShape()))
    if (ShapedType::isDynamic(size))
      values.push_back(descriptor.size(builder, loc, dim));
  for (auto [dim, stride] : llvm::enumerate(layout.strides))
    if (layout.isPassed(stride))
      values.push_back(descriptor.stride(builder, loc, dim));
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
  Value pointer = next();
  descriptor.setAllocatedPtr(builder, loc, pointer);
  descriptor.setAlignedPtr(builder, loc, pointer);
  Layout layout(buffer);
  descriptor.setConstantOffset(builder, loc,
                               ShapedType::isDynamic(layout.offset) ? 0 : layout.offset);
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
