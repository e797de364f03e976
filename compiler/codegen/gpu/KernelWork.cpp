// What a kernel has to do at least, as attributes of it.
#include "compiler/codegen/gpu/KernelWork.h"

namespace nnc::codegen {

using namespace mlir;

std::optional<KernelWork> readWork(Operation *kernel) {
  auto numbers = kernel->getAttrOfType<DenseI64ArrayAttr>(kWorkAttr);
  if (!numbers)
    return std::nullopt;
  KernelWork work;
  work.bytes = numbers.asArrayRef().front();
  llvm::copy(numbers.asArrayRef().drop_front(), work.flops.begin());
  return work;
}

void noteWork(Operation *kernel, const KernelWork &work) {
  SmallVector<int64_t> numbers = {static_cast<int64_t>(work.bytes)};
  llvm::append_range(numbers, work.flops);
  kernel->setAttr(kWorkAttr, DenseI64ArrayAttr::get(kernel->getContext(), numbers));
}

uint64_t readBytes(kernel::FuncOp kernel, unsigned argument) {
  auto bytes = kernel.getArgAttrOfType<IntegerAttr>(argument, kBytesAttr);
  return bytes ? bytes.getInt() : 0;
}

void noteBytes(kernel::FuncOp kernel, unsigned argument, uint64_t bytes) {
  Builder builder(kernel.getContext());
  kernel.setArgAttr(argument, kBytesAttr, builder.getI64IntegerAttr(bytes));
}

} // namespace nnc::codegen
