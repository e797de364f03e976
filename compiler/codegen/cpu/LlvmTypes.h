// How types become LLVM's.
#ifndef NNC_COMPILER_CODEGEN_CPU_LLVMTYPES_H
#define NNC_COMPILER_CODEGEN_CPU_LLVMTYPES_H

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"

namespace nnc::codegen {

/// bf16 as its bits: all arithmetic is on f32 by then, and where LLVM sees a bfloat, it may choose
/// a form that calls a library for conversions, which not every system has.
inline void convertBf16ToBits(mlir::LLVMTypeConverter &converter) {
  converter.addConversion([](mlir::BFloat16Type type) -> mlir::Type {
    return mlir::IntegerType::get(type.getContext(), 16);
  });
  converter.addConversion([&converter](mlir::VectorType type) -> std::optional<mlir::Type> {
    if (!type.getElementType().isBF16())
      return std::nullopt;
    return converter.convertType(type.clone(mlir::IntegerType::get(type.getContext(), 16)));
  });
}

} // namespace nnc::codegen

#endif
