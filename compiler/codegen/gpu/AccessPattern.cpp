// What decides which memory a kernel accesses.
#include "compiler/codegen/gpu/AccessPattern.h"

#include "compiler/codegen/gpu/GridBarrier.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"

namespace nnc::codegen {

using namespace llvm;

bool hasWaits(const Function &kernel) {
  return any_of(instructions(kernel), [](const Instruction &instruction) {
    const auto *call = dyn_cast<CallInst>(&instruction);
    return call && (call->isConvergent() || (call->getCalledFunction() &&
                                             call->getCalledFunction()->getName() == kGridBarrier));
  });
}

/// Calls visit(value) for what decides where `instruction` goes, and how far: addresses, lengths,
/// conditions of branches.
template <typename Visit> static void forEachDecision(const Instruction &instruction, Visit visit) {
  if (const auto *load = dyn_cast<LoadInst>(&instruction))
    return visit(load->getPointerOperand());
  if (const auto *store = dyn_cast<StoreInst>(&instruction))
    return visit(store->getPointerOperand());
  if (instruction.isTerminator()) {
    if (!isa<ReturnInst>(instruction))
      for (const Value *operand : instruction.operands())
        visit(operand);
    return;
  }
  const auto *call = dyn_cast<CallBase>(&instruction);
  if (!call || !call->mayReadOrWriteMemory())
    return;
  // What is stored decides nothing.
  const Value *stored = isa<MemSetInst>(call) ? call->getArgOperand(1) : nullptr;
  for (const Value *operand : call->args())
    if (operand != stored)
      visit(operand);
}

/// Whether `instruction` computes its result from its operands alone, or from where the thread is.
static bool isFunctionOfOperands(const Instruction &instruction) {
  if (isa<AllocaInst>(instruction))
    return true;
  const auto *call = dyn_cast<CallBase>(&instruction);
  if (call && call->isInlineAsm())
    return cast<InlineAsm>(call->getCalledOperand())->getAsmString().empty(); // its operand
  return call ? isa<IntrinsicInst>(call) && !call->mayReadOrWriteMemory() && !call->isConvergent()
              : !instruction.mayReadOrWriteMemory();
}

std::optional<std::vector<uint8_t>> findDecisiveArguments(const Function &kernel) {
  SetVector<const Value *> decisions;
  for (const Instruction &instruction : instructions(kernel))
    forEachDecision(instruction, [&](const Value *value) { decisions.insert(value); });
  std::vector<uint8_t> decisive(kernel.arg_size());
  for (unsigned i = 0; i < decisions.size(); ++i) {
    const Value *value = decisions[i];
    if (const auto *argument = dyn_cast<Argument>(value)) {
      decisive[argument->getArgNo()] = 1;
    } else if (const auto *instruction = dyn_cast<Instruction>(value)) {
      if (!isFunctionOfOperands(*instruction))
        return std::nullopt;
      decisions.insert_range(instruction->operand_values());
    }
  }
  return decisive;
}

} // namespace nnc::codegen
