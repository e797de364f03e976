// Constants of a C struct, field by field, in an LLVM module.
#include "compiler/driver/ConstantBuilder.h"

#include "llvm/IR/DerivedTypes.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace nnc::driver {

Constant *StructConstant::get() const {
  SmallVector<Constant *> parts;
  size_t end = 0;
  auto fill = [&](size_t offset) {
    assert(offset >= end && "fields overlap");
    if (offset > end)
      parts.push_back(
          ConstantAggregateZero::get(ArrayType::get(Type::getInt8Ty(context), offset - end)));
  };
  for (const auto &[offset, field] : fields) {
    fill(offset);
    parts.push_back(field.first);
    end = offset + field.second;
  }
  fill(bytes);
  return ConstantStruct::getAnon(context, parts, /*Packed=*/true);
}

ConstantBuilder::ConstantBuilder(Module &module) : module(module), context(module.getContext()) {}

Constant *ConstantBuilder::u8(uint64_t value) {
  return ConstantInt::get(Type::getInt8Ty(context), value);
}
Constant *ConstantBuilder::u32(uint64_t value) {
  return ConstantInt::get(Type::getInt32Ty(context), value);
}
Constant *ConstantBuilder::i32(int64_t value) {
  return ConstantInt::getSigned(Type::getInt32Ty(context), value);
}
Constant *ConstantBuilder::i64(int64_t value) {
  return ConstantInt::getSigned(Type::getInt64Ty(context), value);
}
Constant *ConstantBuilder::u64(uint64_t value) {
  return ConstantInt::get(Type::getInt64Ty(context), value);
}
Constant *ConstantBuilder::null() { return ConstantPointerNull::get(PointerType::get(context, 0)); }

Constant *ConstantBuilder::global(Constant *value, const Twine &name) {
  auto *variable = new GlobalVariable(module, value->getType(), /*isConstant=*/true,
                                      GlobalValue::PrivateLinkage, value, "nnrt." + name);
  variable->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
  // Packed structs say nothing of the alignment that C expects.
  variable->setAlignment(Align(8));
  return variable;
}

Constant *ConstantBuilder::text(StringRef value) {
  return global(ConstantDataArray::getString(context, value), "text");
}

Constant *ConstantBuilder::array(ArrayRef<Constant *> elements, const Twine &name) {
  if (elements.empty())
    return null();
  return global(
      ConstantArray::get(ArrayType::get(elements.front()->getType(), elements.size()), elements),
      name);
}

} // namespace nnc::driver
