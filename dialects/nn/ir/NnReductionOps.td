// Reductions along axes.
#ifndef NNC_DIALECTS_NN_IR_NNREDUCTIONOPS
#define NNC_DIALECTS_NN_IR_NNREDUCTIONOPS

include "dialects/nn/ir/NnDialect.td"

/// Drops the axes, in increasing order, of its operand.
class NN_ReduceOp<string mnemonic, Type tensor = NN_NumberTensor, list<Trait> traits = []>
    : NN_Op<mnemonic, !listconcat([NN_CombinesElements, NN_InferType, NN_Differentiable], traits)> {
  let arguments = (ins tensor:$operand, DenseI64ArrayAttr:$axes);
  let results = (outs tensor:$result);
  let assemblyFormat = "$operand $axes attr-dict `:` type($operand) `->` type($result)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def NN_ReduceSumOp : NN_ReduceOp<"reduce_sum"> {
  let summary = "sum along axes";
  let description = [{
    The sum over nothing is 0. f16 and bf16 accumulate in f32; where more than 64 elements are added,
    or as many as a symbolic size says, these and f32 accumulate in f64, and the sum is rounded once:
    its error doesn't grow with the count. The order of sums is the same for any number of threads.
    The sum of a constant of one value is that times the count.
    Derivative: `dx = broadcast dy`.

    ```mlir
    %y = nn.reduce_sum %x [0] : tensor<?x64xf32> -> tensor<64xf32>
    ```
  }];
}

def NN_ReduceMeanOp : NN_ReduceOp<"reduce_mean", NN_FloatTensor> {
  let summary = "mean along axes";
  let description = [{
    The sum, as `nn.reduce_sum` accumulates it, divided by the number of elements in the type of the
    accumulator, and rounded once. The mean of nothing is NaN. Derivative: `dx` is `dy` divided by the
    number of elements, in f32 where `dy` is narrower, repeated.

    ```mlir
    %y = nn.reduce_mean %x [1] : tensor<?x64xf16> -> tensor<?xf16>
    ```
  }];
}

def NN_ReduceMaxOp : NN_ReduceOp<"reduce_max", NN_NumberTensor, [NN_CarriesIndex]> {
  let summary = "greatest value along axes, NaN if any is";
  let description = [{
    The maximum over nothing is -inf, or the least integer. Derivative: where `x` equals the maximum,
    `dy` divided by how many do; elsewhere 0.

    ```mlir
    %y = nn.reduce_max %x [1] : tensor<?x10xf32> -> tensor<?xf32>
    ```
  }];
}

def NN_ReduceMinOp : NN_ReduceOp<"reduce_min", NN_NumberTensor, [NN_CarriesIndex]> {
  let summary = "least value along axes, NaN if any is";
  let description = [{
    The minimum over nothing is +inf, or the greatest integer. Derivative: as of `nn.reduce_max`.

    ```mlir
    %y = nn.reduce_min %x [1] : tensor<?x10xf32> -> tensor<?xf32>
    ```
  }];
}

def NN_ArgmaxOp : NN_Op<"argmax", [NN_CombinesElements, NN_InferType]> {
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
