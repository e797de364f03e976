// Reductions along axes.
#ifndef NNC_DIALECTS_NN_IR_NNREDUCTIONOPS
#define NNC_DIALECTS_NN_IR_NNREDUCTIONOPS

include "dialects/nn/ir/NnDialect.td"

/// Drops the axes, in increasing order, of its operand.
class NN_ReduceOp<string mnemonic> : NN_Op<mnemonic, [NN_InferType, NN_Differentiable]> {
  let arguments = (ins NN_NumberTensor:$operand, DenseI64ArrayAttr:$axes);
  let results = (outs NN_NumberTensor:$result);
  let assemblyFormat = "$operand $axes attr-dict `:` type($operand) `->` type($result)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def NN_ReduceSumOp : NN_ReduceOp<"reduce_sum"> {
  let summary = "sum along axes";
  let description = [{
    The sum over nothing is 0. f16 and bf16 accumulate in f32. Derivative: `dx = broadcast dy`.

    ```mlir
    %y = nn.reduce_sum %x [0] : tensor<?x64xf32> -> tensor<64xf32>
    ```
  }];
}

def NN_ReduceMaxOp : NN_ReduceOp<"reduce_max"> {
  let summary = "greatest value along axes, NaN if any is";
  let description = [{
    The maximum over nothing is -inf, or the least integer. Derivative: where `x` equals the maximum,
    `dy` divided by how many do; elsewhere 0.

    ```mlir
    %y = nn.reduce_max %x [1] : tensor<?x10xf32> -> tensor<?xf32>
    ```
  }];
}

def NN_ReduceMinOp : NN_ReduceOp<"reduce_min"> {
  let summary = "least value along axes, NaN if any is";
  let description = [{
    The minimum over nothing is +inf, or the greatest integer. Derivative: as of `nn.reduce_max`.

    ```mlir
    %y = nn.reduce_min %x [1] : tensor<?x10xf32> -> tensor<?xf32>
    ```
  }];
}

def NN_ArgmaxOp : NN_Op<"argmax", [NN_InferType]> {
  let summary = "position of the greatest value along an axis";
  let description = [{
    An i32 from 0: the first of equals; the first NaN where there is one. No derivative: integers carry
    none.

    ```mlir
    %y = nn.argmax %x [1] : tensor<?x10xf32> -> tensor<?xi32>
    ```
  }];
  let arguments = (ins NN_NumberTensor:$operand, ConfinedAttr<I64Attr, [IntNonNegative]>:$axis);
  let results = (outs RankedTensorOf<[I32]>:$result);
  let assemblyFormat = "$operand `[` $axis `]` attr-dict `:` type($operand) `->` type($result)";
}

#endif // NNC_DIALECTS_NN_IR_NNREDUCTIONOPS
