// Products of tensors summed over shared dimensions.
#ifndef NNC_DIALECTS_NN_IR_NNCONTRACTIONOPS
#define NNC_DIALECTS_NN_IR_NNCONTRACTIONOPS

include "dialects/nn/ir/NnDialect.td"

def NN_ContractOp : NN_Op<"contract", [NN_SumsProducts, NN_InferType, NN_Differentiable]> {
  let summary = "Einstein sum of two operands";
  let description = [{
    The equation names every dimension of the operands and the result by a letter; equal letters have
    equal sizes. The result is the sum, over the letters that it lacks, of the products.

    A letter occurs once at most in each term. A letter of the result occurs in an operand; a letter
    that the result lacks occurs in both operands (otherwise reduce that operand first).

    Integers and f64 accumulate in themselves, f32, f16 and bf16 so that the error doesn't grow with
    the count: in f32 where few products are summed; in f64 where more are, or may be, and each
    element is read for one sum alone (inner products); else in blocks along the longest
    dimensions, whose sums are of f32 and are added in f64. The order of sums is the same for any number of
    threads. Of constants of one value each the result is a constant.

    Derivative: with equation `A,B->Y`, `da` is `Y,B->A` of `dy` and `b`, `db` is `A,Y->B` of `a` and
    `dy`.

    ```mlir
    %y = nn.contract "mk,kn->mn" %a, %b
       : (tensor<?x784xf32>, tensor<784x64xf32>) -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins StrAttr:$equation, NN_NumberTensor:$lhs, NN_NumberTensor:$rhs);
  let results = (outs NN_NumberTensor:$result);
  let assemblyFormat = "$equation $lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

#endif // NNC_DIALECTS_NN_IR_NNCONTRACTIONOPS
