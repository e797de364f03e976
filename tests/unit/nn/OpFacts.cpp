// The table of facts that the analysis has of operations, against the dialect's definition.
#include "compiler/sema/OpFacts.h"
#include "dialects/nn/ir/NnOps.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace mlir;

namespace {
TEST(OpFacts, AreThoseOfTheDialect) {
  MLIRContext context;
  context.loadDialect<nn::NnDialect>();
  unsigned count = 0;
  for (RegisteredOperationName name : context.getRegisteredOperations()) {
    if (name.getDialectNamespace() != "nn" || name.hasTrait<OpTrait::IsTerminator>())
      continue;
    StringRef op = name.getStringRef().drop_front(3);
    nnc::sema::OpFacts facts = nnc::sema::factsOf(op);
    EXPECT_EQ(facts.isFlat, name.hasTrait<OpTrait::NnFlat>()) << op.str();
    EXPECT_EQ(facts.carriesIndex, name.hasTrait<OpTrait::NnCarriesIndex>()) << op.str();
    // What the lowering leaves out computes nothing, element by element.
    EXPECT_EQ(facts.isElementwise,
              name.hasInterface<nn::NnElementwiseOpInterface>() || op == "stop_gradient")
        << op.str();
    EXPECT_EQ(facts.sumsProducts, name.hasTrait<OpTrait::NnSumsProducts>()) << op.str();
    EXPECT_EQ(facts.combinesElements, name.hasTrait<OpTrait::NnCombinesElements>()) << op.str();
    EXPECT_EQ(facts.differentiates, name.hasTrait<OpTrait::NnDifferentiates>()) << op.str();
    EXPECT_EQ(facts.isConstant, name.hasTrait<OpTrait::ConstantLike>()) << op.str();
    EXPECT_EQ(facts.onlyConverts(), op == "cast") << op.str();
    ++count;
  }
  EXPECT_GE(count, 50u);
}
} // namespace
