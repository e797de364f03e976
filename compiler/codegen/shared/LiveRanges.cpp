// When buffers are in use, in terms of the operations of a block.
#include "compiler/codegen/shared/LiveRanges.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SetVector.h"

namespace nnc::codegen {

using namespace mlir;

static void number(Region &region, unsigned &next, DenseMap<Operation *, LiveRange> &numbers) {
  for (Block &block : region)
    for (Operation &op : block) {
      unsigned first = next++;
      for (Region &inner : op.getRegions())
        number(inner, next, numbers);
      numbers[&op] = {first, next - 1};
    }
}

LiveRanges::LiveRanges(Region &body) {
  unsigned next = 0;
  number(body, next, numbers);
}

/// `block`, or the block around it, that holds `op`.
static Block *blockAround(Block *block, Operation *op) {
  while (!block->findAncestorOpInBlock(*op))
    block = block->getParentOp()->getBlock();
  return block;
}

LiveRange LiveRanges::of(Value buffer) const {
  llvm::SetVector<Value> aliases;
  llvm::SetVector<Operation *> users;
  aliases.insert(buffer);
  Block *block = buffer.getParentBlock();
  auto addAll = [&](auto values) {
    for (Value value : values)
      if (isa<BaseMemRefType>(value.getType()))
        aliases.insert(value);
  };
  auto addArguments = [&](Operation *op) {
    for (Region &region : op->getRegions())
      for (Block &inner : region)
        addAll(inner.getArguments());
  };
  for (unsigned i = 0; i < aliases.size(); ++i) {
    for (Operation *user : aliases[i].getUsers()) {
      users.insert(user);
      // Whatever takes a buffer and gives one may give the same.
      addAll(user->getResults());
      addArguments(user);
      if (user->hasTrait<OpTrait::IsTerminator>() && numbers.contains(user->getParentOp())) {
        // To the next iteration, or out.
        addAll(user->getParentOp()->getResults());
        addArguments(user->getParentOp());
        users.insert(user->getParentOp());
      }
    }
  }
  for (Operation *user : users)
    block = blockAround(block, user);
  LiveRange range;
  for (Operation *user : users) {
    LiveRange used = numbers.lookup(block->findAncestorOpInBlock(*user));
    range.first = std::min(range.first, used.first);
    range.last = std::max(range.last, used.last);
  }
  if (range.first > range.last)
    return {0, 0}; // Never used.
  return range;
}

} // namespace nnc::codegen
