// What passes and other dialects call: sizes of values, and every rule that holds for all
// operations.
#include "dialects/nn/ir/NnOps.h"
#include "dialects/nn/transforms/Differentiate.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "tests/unit/nn/Jit.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace nnc::test;

namespace {
template <typename OpTy> OpTy find(ModuleOp module) {
  OpTy found;
  module.walk([&](OpTy op) { found = op; });
  return found;
}

TEST(NnSizes, AreFoundWhereTheyWereGiven) {
  OwningOpRef<ModuleOp> module =
      parse("func.func @f(%n: index, %x: tensor<?x6xf32>) -> tensor<6x?xf32> {\n"
            "  %0 = nn.exp %x : tensor<?x6xf32>\n"
            "  %1 = nn.transpose %0 [1, 0] : tensor<?x6xf32> -> tensor<6x?xf32>\n"
            "  return %1 : tensor<6x?xf32>\n}");
  ASSERT_TRUE(module);
  auto transpose = find<nn::TransposeOp>(*module);
  OpBuilder builder(transpose->getNextNode());
  SmallVector<OpFoldResult> sizes =
      nn::getSizes(builder, transpose.getLoc(), transpose.getResult());
  ASSERT_EQ(sizes.size(), 2u);
  EXPECT_EQ(getConstantIntValue(sizes[0]), 6);
  EXPECT_EQ(dyn_cast<Value>(sizes[1]), module->lookupSymbol<func::FuncOp>("f").getArgument(0));
  EXPECT_FALSE(find<tensor::DimOp>(*module));
}

TEST(NnSizes, AreReadFromTensorsThatSayNothing) {
  OwningOpRef<ModuleOp> module = parse("func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {\n"
                                       "  %0 = nn.exp %x : tensor<?xf32>\n"
                                       "  return %0 : tensor<?xf32>\n}");
  ASSERT_TRUE(module);
  auto exp = find<nn::ExpOp>(*module);
  OpBuilder builder(exp->getNextNode());
  SmallVector<OpFoldResult> sizes = nn::getSizes(builder, exp.getLoc(), exp.getResult());
  ASSERT_EQ(sizes.size(), 1u);
  EXPECT_TRUE(isa<Value>(sizes[0]));
  EXPECT_TRUE(find<tensor::DimOp>(*module));
}

/// A path to the first size for each way through the operations would be 2^64 of them.
TEST(NnSizes, AreFoundInAStepPerOperation) {
  std::string text = "func.func @f(%n: index, %x0: tensor<?x?xf32>) -> tensor<?x?xf32> {\n";
  constexpr int depth = 64;
  for (int i = 0; i < depth; ++i)
    text += "  %x" + std::to_string(i + 1) + " = nn.contract \"ij,kj->ik\" %x" + std::to_string(i) +
            ", %x" + std::to_string(i) +
            " : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>\n";
  OwningOpRef<ModuleOp> module =
      parse(text + "  return %x" + std::to_string(depth) + " : tensor<?x?xf32>\n}");
  ASSERT_TRUE(module);
  auto last = find<nn::ContractOp>(*module);
  OpBuilder builder(last->getNextNode());
  Value size = module->lookupSymbol<func::FuncOp>("f").getArgument(0);
  for (OpFoldResult found : nn::getSizes(builder, last.getLoc(), last.getResult()))
    EXPECT_EQ(dyn_cast<Value>(found), size);
}

/// In a step each where all are asked for in their order.
TEST(NnSizes, AreKnownFromTheOperandOn) {
  OwningOpRef<ModuleOp> module = parse("func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {\n"
                                       "  %0 = nn.exp %x : tensor<?xf32>\n"
                                       "  %1 = nn.exp %0 : tensor<?xf32>\n"
                                       "  return %1 : tensor<?xf32>\n}");
  ASSERT_TRUE(module);
  nn::KnownSizes known;
  SmallVector<OpFoldResult> found;
  module->walk([&](nn::ExpOp op) {
    OpBuilder builder(op);
    found.push_back(nn::getSize(builder, op.getLoc(), op.getResult(), 0, &known));
  });
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0], found[1]);
  EXPECT_EQ(known.size(), 2u);
  int numRead = 0;
  module->walk([&](tensor::DimOp) { ++numRead; });
  EXPECT_EQ(numRead, 1);
}

TEST(NnDifferentiate, LeavesFunctionsWithoutMarksAlone) {
  OwningOpRef<ModuleOp> module = parse("func.func @f(%x: tensor<f32>) -> tensor<f32> {\n"
                                       "  return %x : tensor<f32>\n}");
  ASSERT_TRUE(module);
  auto function = module->lookupSymbol<func::FuncOp>("f");
  EXPECT_TRUE(succeeded(nn::differentiate(function)));
  EXPECT_EQ(function.getNumResults(), 1u);
}

/// Dead code elimination and CSE rest on it.
TEST(NnOps, ArePureAndSayTheirSizes) {
  unsigned count = 0;
  for (RegisteredOperationName name : getContext().getRegisteredOperations()) {
    if (name.getDialectNamespace() != "nn" || name.hasTrait<OpTrait::IsTerminator>())
      continue;
    ++count;
    EXPECT_TRUE(name.hasInterface<MemoryEffectOpInterface>()) << name.getStringRef().str();
    EXPECT_TRUE(name.hasTrait<OpTrait::AlwaysSpeculatableImplTrait>()) << name.getStringRef().str();
    EXPECT_TRUE(name.hasInterface<nn::NnSizedOpInterface>()) << name.getStringRef().str();
    EXPECT_TRUE(name.hasInterface<InferTypeOpInterface>() ||
                name.hasInterface<InferShapedTypeOpInterface>())
        << name.getStringRef().str();
  }
  EXPECT_GE(count, 40u);
}
} // namespace
