// Types of the language as MLIR types.
#include "compiler/emit/TypeConversion.h"

#include "llvm/Support/ErrorHandling.h"

using namespace mlir;
using namespace nnc;

Type emission::convertElement(sema::Element element, MLIRContext *context) {
  switch (element) {
  case sema::Element::F64:
    return Float64Type::get(context);
  case sema::Element::F32:
    return Float32Type::get(context);
  case sema::Element::F16:
    return Float16Type::get(context);
  case sema::Element::BF16:
    return BFloat16Type::get(context);
  case sema::Element::I64:
    return IntegerType::get(context, 64);
  case sema::Element::I32:
    return IntegerType::get(context, 32);
  case sema::Element::U8:
    return IntegerType::get(context, 8, IntegerType::Unsigned);
  case sema::Element::Bool:
    return IntegerType::get(context, 1);
  }
  llvm_unreachable("not an element type");
}

RankedTensorType emission::convertType(const sema::Type &type, MLIRContext *context) {
  SmallVector<int64_t> shape;
  for (const sema::Dim &dim : type.shape)
    shape.push_back(dim.constant().value_or(ShapedType::kDynamic));
  return RankedTensorType::get(shape, convertElement(type.element, context));
}

train::SizeAttr emission::convertSize(const sema::Dim &size, ArrayRef<std::string> dims,
                                      MLIRContext *context) {
  SmallVector<int64_t> factors, powers;
  for (const auto &[atoms, factor] : size.normalForm()) {
    factors.push_back(factor);
    SmallVector<int64_t> ofTerm(dims.size(), 0);
    for (const std::string &atom : atoms) {
      const auto *found = llvm::find(dims, atom);
      if (found == dims.end())
        return {};
      ++ofTerm[found - dims.begin()];
    }
    llvm::append_range(powers, ofTerm);
  }
  return train::SizeAttr::get(context, StringAttr::get(context, size.str()),
                              DenseI64ArrayAttr::get(context, factors),
                              DenseI64ArrayAttr::get(context, powers));
}
