// What decides which memory a kernel accesses.
#include "compiler/codegen/gpu/AccessPattern.h"

#include "compiler/codegen/gpu/GridBarrier.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/IR/ConstantRange.h"
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

static bool isShuffle(const CallBase &call) {
  return isa<IntrinsicInst>(call) &&
         Intrinsic::getBaseName(call.getIntrinsicID()).starts_with("llvm.nvvm.shfl.sync");
}

/// Calls visit(value) for what decides where `instruction` goes, and how far: addresses, lengths,
/// conditions of branches. Addresses of loads are left out.
template <typename Visit> static void forEachDecision(const Instruction &instruction, Visit visit) {
  if (isa<LoadInst>(instruction))
    return;
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
  // What is stored, or handed to other lanes, decides nothing.
  const bool isHandedOn = isa<MemSetInst>(call) || isShuffle(*call);
  for (const Use &operand : call->args())
    if (!isHandedOn || call->getArgOperandNo(&operand) != 1)
      visit(operand.get());
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

/// What an integer can be, whatever memory holds.
static ConstantRange rangeOf(const Value *value, unsigned depth = 4) {
  const unsigned width = value->getType()->getIntegerBitWidth();
  if (const auto *constant = dyn_cast<ConstantInt>(value))
    return ConstantRange(constant->getValue());
  if (depth == 0)
    return ConstantRange::getFull(width);
  if (const auto *limit = dyn_cast<MinMaxIntrinsic>(value))
    return ConstantRange::intrinsic(limit->getIntrinsicID(), {rangeOf(limit->getLHS(), depth - 1),
                                                              rangeOf(limit->getRHS(), depth - 1)});
  if (const auto *cast = dyn_cast<CastInst>(value); cast && isa<ZExtInst, SExtInst>(cast))
    return rangeOf(cast->getOperand(0), depth - 1).castOp(cast->getOpcode(), width);
  return ConstantRange::getFull(width);
}

namespace {

class PatternFinder {
public:
  explicit PatternFinder(const Function &kernel) : kernel(kernel) { findOfMemory(); }

  AccessPattern run() {
    for (const Instruction &instruction : instructions(kernel)) {
      if (const auto *load = dyn_cast<LoadInst>(&instruction); load && isOfMemory(address(*load))) {
        if (!bound(address(*load), pattern.lookups[load]))
          return AccessPattern();
      } else if (load) {
        decisions.insert(address(*load));
      }
      forEachDecision(instruction, [&](const Value *value) { decisions.insert(value); });
    }
    pattern.decisive.emplace(kernel.arg_size());
    for (unsigned i = 0; i < decisions.size(); ++i) {
      const Value *value = decisions[i];
      if (isOfMemory(value))
        return AccessPattern();
      if (const auto *argument = dyn_cast<Argument>(value)) {
        uint8_t &known = (*pattern.decisive)[argument->getArgNo()];
        known = std::max<uint8_t>(known, 1);
      } else if (const Argument *counter = findCounter(dyn_cast<Instruction>(value)))
        (*pattern.decisive)[counter->getArgNo()] = 2;
      else if (const auto *instruction = dyn_cast<Instruction>(value))
        decisions.insert_range(instruction->operand_values());
    }
    return std::move(pattern);
  }

private:
  static const Value *address(const LoadInst &load) { return load.getPointerOperand(); }

  /// The argument that points to the i64 which `instruction` reads before the kernel has written
  /// anything: every thread finds what was there at the launch. Null: it does something else.
  static const Argument *findCounter(const Instruction *instruction) {
    const auto *load = dyn_cast_or_null<LoadInst>(instruction);
    if (!load || !load->getType()->isIntegerTy(64) || !load->getParent()->isEntryBlock())
      return nullptr;
    for (const Instruction *before = load->getPrevNode(); before; before = before->getPrevNode())
      if (before->mayWriteToMemory())
        return nullptr;
    return dyn_cast<Argument>(address(*load)->stripPointerCasts());
  }

  /// Finds what depends on what memory holds, or on other threads.
  void findOfMemory() {
    for (const Instruction &instruction : instructions(kernel))
      if (!isFunctionOfOperands(instruction) && !findCounter(&instruction))
        ofMemory.insert(&instruction);
    for (unsigned i = 0; i < ofMemory.size(); ++i)
      for (const User *user : ofMemory[i]->users())
        if (isa<Instruction>(user))
          ofMemory.insert(user);
  }
  bool isOfMemory(const Value *value) const { return ofMemory.contains(value); }

  /// What `value` is at most, without a sign, where it is the lesser of that and something else:
  /// the last row of a table, which is no negative number. Null: nothing of the kind.
  Value *findLimit(const Value *value) const {
    const auto *lesser = dyn_cast<MinMaxIntrinsic>(value);
    if (!lesser || lesser->getIntrinsicID() != Intrinsic::umin)
      return nullptr;
    for (Value *operand : {lesser->getLHS(), lesser->getRHS()})
      if (!isOfMemory(operand))
        return operand;
    return nullptr;
  }

  /// Whether `value` is bounded, and grows with numbers that are; notes these, and what else it
  /// depends on.
  bool bound(const Value *value, Lookup &lookup) {
    if (!isOfMemory(value)) {
      decisions.insert(value);
      return true;
    }
    const auto *instruction = cast<Instruction>(value);
    if (value->getType()->isIntegerTy()) {
      ConstantRange range = rangeOf(value);
      auto constant = [&](const APInt &number) {
        return ConstantInt::get(value->getType(), number);
      };
      if (Value *limit = findLimit(value)) {
        decisions.insert(limit);
        lookup.indices[value] = {constant(APInt::getZero(range.getBitWidth())), limit};
        return true;
      }
      if (!range.isFullSet() && range.getSignedMin().isNonNegative()) {
        lookup.indices[value] = {constant(range.getSignedMin()), constant(range.getSignedMax())};
        return true;
      }
    }
    lookup.path.insert(value);
    switch (instruction->getOpcode()) {
    case Instruction::GetElementPtr: // Elements' sizes aren't negative.
    case Instruction::Add:
    case Instruction::SExt:
    case Instruction::AddrSpaceCast:
      return all_of(instruction->operand_values(),
                    [&](const Value *operand) { return bound(operand, lookup); });
    case Instruction::Mul:
    case Instruction::Shl: {
      const auto *factor = dyn_cast<ConstantInt>(instruction->getOperand(1));
      return factor && !factor->isNegative() && bound(instruction->getOperand(0), lookup);
    }
    case Instruction::ZExt: // Of what has no sign: it would not grow with it.
      return (cast<PossiblyNonNegInst>(instruction)->hasNonNeg() ||
              findLimit(instruction->getOperand(0))) &&
             bound(instruction->getOperand(0), lookup);
    default:
      return false;
    }
  }

  const Function &kernel;
  AccessPattern pattern;
  SetVector<const Value *> decisions, ofMemory;
};

} // namespace

AccessPattern findAccessPattern(const Function &kernel) { return PatternFinder(kernel).run(); }

/// The address where each index is its least, or its greatest one.
static Value *buildBound(IRBuilderBase &builder, Value *value, const Lookup &lookup, bool isLast) {
  if (auto index = lookup.indices.find(value); index != lookup.indices.end())
    return isLast ? index->second.second : index->second.first;
  if (!lookup.path.contains(value))
    return value;
  Instruction *copy = cast<Instruction>(value)->clone();
  for (Use &operand : copy->operands())
    operand.set(buildBound(builder, operand.get(), lookup, isLast));
  copy->dropPoisonGeneratingFlags();
  return builder.Insert(copy);
}

std::pair<Value *, Value *> buildBounds(IRBuilderBase &builder, LoadInst &load,
                                        const Lookup &lookup) {
  Value *address = load.getPointerOperand();
  return {buildBound(builder, address, lookup, /*isLast=*/false),
          buildBound(builder, address, lookup, /*isLast=*/true)};
}

} // namespace nnc::codegen
