// Constants of a C struct, field by field, in an LLVM module.
#pragma once

#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/IR/Constants.h"

#include <cstddef>
#include <map>

namespace llvm {
class Module;
}

namespace nnc::driver {

/// Collects the fields of one struct by their places in C; what no field covers is zero. The host
/// and the target lay structs of the C ABI out alike: both have 64-bit pointers.
class StructConstant {
public:
  StructConstant(llvm::LLVMContext &context, size_t bytes) : context(context), bytes(bytes) {}

  void set(size_t offset, llvm::Constant *value, size_t size) {
    bool isNew = fields.try_emplace(offset, value, size).second;
    assert(isNew && "a field is set twice");
    (void)isNew;
  }
  /// The struct, packed, with its gaps written out.
  llvm::Constant *get() const;

private:
  llvm::LLVMContext &context;
  size_t bytes;
  std::map<size_t, std::pair<llvm::Constant *, size_t>> fields;
};

/// The bytes of a struct's field.
template <typename Struct, typename Field> constexpr size_t sizeOfField(Field Struct::*) {
  return sizeof(Field);
}

/// Sets a field of a C struct by its name.
#define NNC_SET_FIELD(constant, type, field, value)                                                \
  (constant).set(offsetof(type, field), (value), nnc::driver::sizeOfField(&type::field))

/// Makes constants and the private globals that they point to.
class ConstantBuilder {
public:
  explicit ConstantBuilder(llvm::Module &module);

  llvm::Constant *u8(uint64_t value);
  llvm::Constant *u32(uint64_t value);
  llvm::Constant *i32(int64_t value);
  llvm::Constant *i64(int64_t value);
  llvm::Constant *u64(uint64_t value);
  llvm::Constant *null();
  /// A pointer to a constant, or to text that a zero ends.
  llvm::Constant *global(llvm::Constant *value, const llvm::Twine &name);
  llvm::Constant *text(llvm::StringRef value);
  /// A pointer to the elements, null where there are none.
  llvm::Constant *array(llvm::ArrayRef<llvm::Constant *> elements, const llvm::Twine &name);
  template <typename Range, typename Make>
  llvm::Constant *array(const Range &range, const llvm::Twine &name, Make make) {
    return array(llvm::map_to_vector(
                     range, [&](const auto &each) -> llvm::Constant * { return make(each); }),
                 name);
  }

  llvm::LLVMContext &getContext() { return context; }

protected:
  llvm::Module &module;
  llvm::LLVMContext &context;
};

} // namespace nnc::driver
