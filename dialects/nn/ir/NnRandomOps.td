// Counter-based random numbers.
#ifndef NNC_DIALECTS_NN_IR_NNRANDOMOPS
#define NNC_DIALECTS_NN_IR_NNRANDOMOPS

include "dialects/nn/ir/NnDialect.td"

def NN_RandomOp : NN_Op<"random", [NN_InferShape, NN_MixedSizes, AttrSizedOperandSegments]> {
  let summary = "random numbers that depend on seed, step, site and place alone";
  let description = [{
    Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). For the element
    with row-major number `i`:

    - key = (low word of `seed`, high word of `seed`),
    - counter = (low word of `i`, high word of `i`, low word of `step` or 0, `site`),
    - the block has words `x0..x3`.

    `uniform` lies in [0, 1): f32 `(x0 >> 8) * 2^-24`; f64 `((x1 * 2^32 + x0) >> 11) * 2^-53`; f16
    `(x0 >> 21) * 2^-11`; bf16 `(x0 >> 24) * 2^-8`; all are exact.

    `normal` is standard, by Box and Muller, `sqrt(-2 ln u) * cos(2 pi v)`: for f32
    `u = ((x0 >> 8) + 1) * 2^-24` and `v = (x1 >> 8) * 2^-24`; for f64
    `u = (((x1 * 2^32 + x0) >> 11) + 1) * 2^-53` and `v = ((x3 * 2^32 + x2) >> 11) * 2^-53`; f16 and
    bf16 round the f32 value.

    No derivative: it has no float operand.

    ```mlir
    %y = nn.random "normal" site 3 %seed [784, 64] : tensor<784x64xf32>
    %z = nn.random "uniform" site 7 %seed, %step [%batch, 64] : tensor<?x64xf32>
    ```
  }];
  let arguments = (ins NN_WordAttr<["uniform", "normal"]>:$distribution,
                       ConfinedAttr<I64Attr, [IntNonNegative, IntMaxValue<4294967295>]>:$site,
                       NN_KeyTensor:$seed, Optional<NN_KeyTensor>:$step,
                       DenseI64ArrayAttr:$static_sizes, Variadic<Index>:$dynamic_sizes);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $distribution `site` $site $seed (`,` $step^)?
    custom<DynamicIndexList>($dynamic_sizes, $static_sizes) attr-dict `:` type($result)
  }];
}

#endif // NNC_DIALECTS_NN_IR_NNRANDOMOPS
