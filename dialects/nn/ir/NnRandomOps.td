// Counter-based random numbers.
#ifndef NNC_DIALECTS_NN_IR_NNRANDOMOPS
#define NNC_DIALECTS_NN_IR_NNRANDOMOPS

include "dialects/nn/ir/NnDialect.td"

def NN_RandomOp : NN_Op<"random", [NN_InferShape, NN_MixedSizes, AttrSizedOperandSegments]> {
  let summary = "random numbers that depend on seed, draw, site and place alone";
  let description = [{
    Element number `e` of the result is `r` + its row-major number; `r` is `example` times the product
    of the result's sizes but the first, and 0 without `example`: so the draws of example 7 are the
    same in whatever batch it comes. Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy
    as 1, 2, 3", 2011) makes blocks of four 32-bit words; all are used. Block `k` has

    - key = (low word of `seed`, high word of `seed`),
    - counter = (low word of `k`, high word of `k`, low word of `draw` or 0, `site`),
    - words `x0..x3`.

    `uniform` lies in [0, 1); all are exact:

    - f32, f16, bf16: the word `w` is `x` number `e mod 4` of block `floor(e / 4)`, and the element
      `(w >> 8) * 2^-24`, `(w >> 21) * 2^-11`, `(w >> 24) * 2^-8`;
    - f64: with `i = e mod 2` of block `floor(e / 2)`, `((x[2i+1] * 2^32 + x[2i]) >> 11) * 2^-53`.

    `normal` is standard, by Box and Muller: from `u` in (0, 1] and `v` in [0, 1) come two elements,
    `sqrt(-2 ln u) * cos(2 pi v)` where `e` is even and `sqrt(-2 ln u) * sin(2 pi v)` where it is odd:

    - f32: with `i = floor(e / 2) mod 2` of block `floor(e / 4)`, `u = ((x[2i] >> 8) + 1) * 2^-24`,
      `v = (x[2i+1] >> 8) * 2^-24`; f16 and bf16 round the f32 element;
    - f64: of block `floor(e / 2)`, `u = (((x1 * 2^32 + x0) >> 11) + 1) * 2^-53`,
      `v = ((x3 * 2^32 + x2) >> 11) * 2^-53`.

    No derivative: it has no float operand.

    ```mlir
    %y = nn.random "normal" site 3 %seed [784, 64] : tensor<784x64xf32>
    %z = nn.random "uniform" site 7 %seed draw %step example %first [%batch, 64] : tensor<?x64xf32>
    ```
  }];
  let arguments = (ins NN_WordAttr<["uniform", "normal"]>:$distribution,
                       ConfinedAttr<I64Attr, [IntNonNegative, IntMaxValue<4294967295>]>:$site,
                       NN_KeyTensor:$seed, Optional<NN_KeyTensor>:$draw,
                       Optional<NN_KeyTensor>:$example,
                       DenseI64ArrayAttr:$static_sizes, Variadic<Index>:$dynamic_sizes);
  let results = (outs NN_FloatTensor:$result);
  let extraClassDefinition = NN_SizesGiven.definition;
  let assemblyFormat = [{
    $distribution `site` $site $seed (`draw` $draw^)? (`example` $example^)?
    custom<DynamicIndexList>($dynamic_sizes, $static_sizes) attr-dict `:` type($result)
  }];
}

#endif // NNC_DIALECTS_NN_IR_NNRANDOMOPS
