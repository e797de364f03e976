// When buffers are in use, in terms of the operations of a block.
#include "compiler/codegen/shared/LiveRanges.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SetVector.h"

namespace nnc::codegen {

using namespace mlir;

LiveRanges::LiveRanges(Block &block) : block(block) {
  for (Operation &op : block)
    numbers[&op] = numbers.size();
}

LiveRange LiveRanges::of(Value buffer) const {
  LiveRange range;
  llvm::SetVector<Value> aliases;
  aliases.insert(buffer);
  auto addAll = [&](auto values) {
    for (Value value : values)
      if (isa<BaseMemRefType>(value.getType()))
        aliases.insert(value);
  };
  for (unsigned i = 0; i < aliases.size(); ++i) {
    for (Operation *user : aliases[i].getUsers()) {
      unsigned number = numbers.lookup(block.findAncestorOpInBlock(*user));
      range.first = std::min(range.first, number);
      range.last = std::max(range.last, number);
      // Whatever takes a buffer and gives one may give the same.
      addAll(user->getResults());
      for (Region &region : user->getRegions())
        for (Block &inner : region)
          addAll(inner.getArguments());
      if (user->hasTrait<OpTrait::IsTerminator>() && user->getBlock() != &block) {
        addAll(user->getParentOp()->getResults());
        for (Region &region : user->getParentOp()->getRegions())
          for (Block &inner : region)
            addAll(inner.getArguments());
      }
    }
  }
  if (range.first > range.last)
    return {0, 0}; // Never used.
  return range;
}

} // namespace nnc::codegen
