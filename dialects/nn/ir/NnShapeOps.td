// Operations that move elements: shapes, windows, lookup by index.
#ifndef NNC_DIALECTS_NN_IR_NNSHAPEOPS
#define NNC_DIALECTS_NN_IR_NNSHAPEOPS

include "dialects/nn/ir/NnDialect.td"

def NN_BroadcastOp : NN_Op<"broadcast", [NN_MovesElements, NN_CarriesIndex, NN_InferType, NN_MixedSizes, NN_Differentiable]> {
  let summary = "repetition along new axes and along axes of size 1";
  let description = [{
    Dimension `i` of the operand becomes dimension `dimensions[i]` of the result; `dimensions`
    increase. Its size is the same, or 1: then the element is repeated. The other dimensions of the
    result repeat the operand. Derivative: `dx` is `dy` summed over the repeated dimensions.

    ```mlir
    %y = nn.broadcast %x [1] to [%batch, 64] : tensor<64xf32> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$operand, DenseI64ArrayAttr:$dimensions,
                       DenseI64ArrayAttr:$static_sizes, Variadic<Index>:$dynamic_sizes);
  let results = (outs NN_Tensor:$result);
  let extraClassDefinition = NN_SizesGiven.definition;
  let assemblyFormat = [{
    $operand $dimensions `to` custom<DynamicIndexList>($dynamic_sizes, $static_sizes) attr-dict
    `:` type($operand) `->` type($result)
  }];
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    /// The dimensions of the result along which elements of the operand are repeated.
    ::llvm::SmallVector<int64_t> getRepeatedDimensions();
  }];
}

def NN_ReshapeOp : NN_Op<"reshape", [NN_MovesElements, NN_CarriesIndex, NN_InferType, NN_MixedSizes, NN_Differentiable]> {
  let summary = "the same elements, in row-major order, in another shape";
  let description = [{
    The sizes multiply to the operand's number of elements. Derivative: `dx = reshape dy`.

    ```mlir
    %y = nn.reshape %x to [%batch, 784] : tensor<?x28x28xf32> -> tensor<?x784xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$operand, DenseI64ArrayAttr:$static_sizes,
                       Variadic<Index>:$dynamic_sizes);
  let results = (outs NN_Tensor:$result);
  let extraClassDefinition = NN_SizesGiven.definition;
  let assemblyFormat = [{
    $operand `to` custom<DynamicIndexList>($dynamic_sizes, $static_sizes) attr-dict
    `:` type($operand) `->` type($result)
  }];
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
}

def NN_TransposeOp : NN_Op<"transpose", [NN_MovesElements, NN_CarriesIndex, NN_InferType, NN_Differentiable]> {
  let summary = "permutation of the dimensions";
  let description = [{
    Dimension `i` of the result is dimension `permutation[i]` of the operand. Derivative:
    `dx` is `dy` transposed by the inverse permutation.

    ```mlir
    %y = nn.transpose %x [1, 0] : tensor<?x64xf32> -> tensor<64x?xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$operand, DenseI64ArrayAttr:$permutation);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$operand $permutation attr-dict `:` type($operand) `->` type($result)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def NN_ConcatOp : NN_Op<"concat", [NN_MovesElements, NN_InferType, NN_Differentiable]> {
  let summary = "operands one after the other along an axis";
  let description = [{
    Sizes along the axis add up; the others are equal. Derivative: each operand's is its slice of
    `dy`; behind an operand whose size isn't static, a `nn.gather`.

    ```mlir
    %y = nn.concat %a, %b axis 1 : (tensor<?x3xf32>, tensor<?x5xf32>) -> tensor<?x8xf32>
    ```
  }];
  let arguments = (ins Variadic<NN_Tensor>:$operands,
                       ConfinedAttr<I64Attr, [IntNonNegative]>:$axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$operands `axis` $axis attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def NN_SliceOp : NN_Op<"slice", [NN_MovesElements, NN_CarriesIndex, NN_InferType, NN_MixedSizes, NN_Differentiable]> {
  let summary = "a window, with strides";
  let description = [{
    `y[i, ...] = x[offsets[0] + i * strides[0], ...]`; the window lies inside the operand. Derivative:
    `dx = pad dy`, with `low = offsets` and `interior = strides - 1`.

    ```mlir
    %y = nn.slice %x [0, 4] [%batch, 3] [1, 2] : tensor<?x10xf32> -> tensor<?x3xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$operand, DenseI64ArrayAttr:$offsets, DenseI64ArrayAttr:$strides,
                       DenseI64ArrayAttr:$static_sizes, Variadic<Index>:$dynamic_sizes);
  let results = (outs NN_Tensor:$result);
  let extraClassDefinition = NN_SizesGiven.definition;
  let assemblyFormat = [{
    $operand $offsets custom<DynamicIndexList>($dynamic_sizes, $static_sizes) $strides attr-dict
    `:` type($operand) `->` type($result)
  }];
  let hasFolder = 1;
  let hasVerifier = 1;
}

def NN_PadOp : NN_Op<"pad", [NN_MovesElements, NN_InferType, NN_MixedSizes, NN_Differentiable]> {
  let summary = "zeros around and between the elements";
  let description = [{
    `low` zeros before, `interior` zeros between neighbours (none where it is left out), and zeros
    behind up to the result's sizes. `high`, where it is given, says how many those are, and is
    checked. Derivative: `dx` is the slice of `dy` where the elements lie.

    ```mlir
    %y = nn.pad %x low [0, 1] to [%batch, 12] : tensor<?x10xf32> -> tensor<?x12xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$operand, DenseI64ArrayAttr:$low,
                       OptionalAttr<DenseI64ArrayAttr>:$high,
                       OptionalAttr<DenseI64ArrayAttr>:$interior,
                       DenseI64ArrayAttr:$static_sizes, Variadic<Index>:$dynamic_sizes);
  let results = (outs NN_Tensor:$result);
  let extraClassDefinition = NN_SizesGiven.definition;
  let assemblyFormat = [{
    $operand `low` $low (`high` $high^)? (`interior` $interior^)?
    `to` custom<DynamicIndexList>($dynamic_sizes, $static_sizes) attr-dict
    `:` type($operand) `->` type($result)
  }];
  let hasFolder = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Distance in the result between neighbours of the operand, per dimension: interior + 1.
    ::llvm::SmallVector<int64_t> getStrides();
  }];
}

def NN_GatherOp : NN_Op<"gather", [NN_MovesElements, NN_CarriesIndex, NN_InferType, NN_Differentiable]> {
  let summary = "rows of a table by index";
  let description = [{
    The shape of `indices` takes the place of the table's `axis`:
    `y[i..., j...] = table[indices[i...], j...]` for axis 0. An index below 0 or beyond the table is
    taken as the nearest valid one. Derivative: `dtable = scatter_add` of `dy` into zeros.

    ```mlir
    %y = nn.gather %table, %indices : (tensor<100x16xf32>, tensor<?xi32>) -> tensor<?x16xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$table, NN_IndexTensor:$indices,
                       DefaultValuedAttr<ConfinedAttr<I64Attr, [IntNonNegative]>, "0">:$axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat =
    "$table `,` $indices (`axis` $axis^)? attr-dict `:` functional-type(operands, results)";
}

def NN_ScatterAddOp : NN_Op<"scatter_add", [NN_CombinesElements, NN_Differentiable,
    AllTypesMatch<["into", "result"]>]> {
  let summary = "updates added to the rows of a tensor that indices name";
  let description = [{
    `y = into`, then `y[indices[i...], j...] += updates[i..., j...]` in row-major order of `updates`
    (for axis 0): the same order of sums whatever the number of threads. Indices are clamped as in
    `nn.gather`. Derivative: `dinto = dy`, `dupdates = gather dy`.

    ```mlir
    %y = nn.scatter_add %updates, %indices into %zeros
       : (tensor<?x16xf32>, tensor<?xi32>, tensor<100x16xf32>) -> tensor<100x16xf32>
    ```
  }];
  let arguments = (ins NN_NumberTensor:$updates, NN_IndexTensor:$indices, NN_NumberTensor:$into,
                       DefaultValuedAttr<ConfinedAttr<I64Attr, [IntNonNegative]>, "0">:$axis);
  let results = (outs NN_NumberTensor:$result);
  let extraClassDefinition = NN_SizesOf<"Into">.definition;
  let assemblyFormat = [{
    $updates `,` $indices `into` $into (`axis` $axis^)? attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def NN_TakeAlongOp : NN_Op<"take_along", [NN_MovesElements, NN_CarriesIndex, NN_InferType, NN_Differentiable]> {
  let summary = "along an axis, the element at an index of its own for each place";
  let description = [{
    `indices` has the operand's shape without the axis: `y[i...] = x[i..., indices[i...]]` for the
    last axis. Indices are clamped as in `nn.gather`. Derivative: `dx = put_along dy`.

    ```mlir
    %y = nn.take_along %x, %indices axis 1 : (tensor<?x10xf32>, tensor<?xi32>) -> tensor<?xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$operand, NN_IndexTensor:$indices,
                       ConfinedAttr<I64Attr, [IntNonNegative]>:$axis);
  let results = (outs NN_Tensor:$result);
  let extraClassDefinition = NN_SizesOf<"Indices">.definition;
  let assemblyFormat =
    "$operand `,` $indices `axis` $axis attr-dict `:` functional-type(operands, results)";
}

def NN_PutAlongOp : NN_Op<"put_along", [NN_InferType, NN_MixedSizes, NN_Differentiable]> {
  let summary = "zeros but for one element along an axis for each place";
  let description = [{
    The adjoint of `nn.take_along`: `y[i..., indices[i...]] = updates[i...]` for the last axis, and 0
    elsewhere. Indices are clamped. Derivative: `dupdates = take_along dy`.

    ```mlir
    %y = nn.put_along %updates, %indices axis 1 to [%batch, 10]
       : (tensor<?xf32>, tensor<?xi32>) -> tensor<?x10xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$updates, NN_IndexTensor:$indices,
                       ConfinedAttr<I64Attr, [IntNonNegative]>:$axis,
                       DenseI64ArrayAttr:$static_sizes, Variadic<Index>:$dynamic_sizes);
  let results = (outs NN_Tensor:$result);
  let extraClassDefinition = NN_SizesGiven.definition;
  let assemblyFormat = [{
    $updates `,` $indices `axis` $axis `to` custom<DynamicIndexList>($dynamic_sizes, $static_sizes)
    attr-dict `:` `(` type($updates) `,` type($indices) `)` `->` type($result)
  }];
  let hasVerifier = 1;
}

def NN_WindowsOp : NN_Op<"windows", [NN_MovesElements, NN_InferType, NN_MixedSizes,
                                     NN_Differentiable]> {
  let summary = "the neighbourhood of each position";
  let description = [{
    Of `[batch, spatial..., c]` makes `[batch, out..., size..., c]`, with as many sizes as there are
    spatial dimensions: `y[b, o..., k..., c] = x[b, o * stride + k * dilation - low..., c]`, and `fill`
    where that lies outside: `low` and `high` positions are filled before and behind. Along each
    spatial dimension of size `n`, `out = floor((n + low + high - dilation * (size - 1) - 1) / stride)
    + 1`. A convolution is a contraction of it, pooling a reduction; what consumes it reads the
    operand, and no buffer of windows is made. Derivative: `dx = windows_sum dy`.

    ```mlir
    %y = nn.windows %x size [3, 3] stride [1, 1] dilation [1, 1] low [1, 1] high [1, 1] fill 0.0
         to [%batch, 28, 28, 3, 3, 8] : tensor<?x28x28x8xf32> -> tensor<?x28x28x3x3x8xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$operand, DenseI64ArrayAttr:$size, DenseI64ArrayAttr:$stride,
                       DenseI64ArrayAttr:$dilation, DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high,
                       DefaultValuedAttr<F64Attr, "0.0">:$fill,
                       DenseI64ArrayAttr:$static_sizes, Variadic<Index>:$dynamic_sizes);
  let results = (outs NN_Tensor:$result);
  let extraClassDefinition = NN_SizesGiven.definition;
  let assemblyFormat = [{
    $operand `size` $size `stride` $stride `dilation` $dilation `low` $low `high` $high
    (`fill` $fill^)? `to` custom<DynamicIndexList>($dynamic_sizes, $static_sizes) attr-dict
    `:` type($operand) `->` type($result)
  }];
  let hasVerifier = 1;
}

def NN_WindowsSumOp : NN_Op<"windows_sum", [NN_CombinesElements, NN_InferType, NN_MixedSizes, NN_Differentiable]> {
  let summary = "windows added back to where they were taken";
  let description = [{
    The adjoint of `nn.windows` with the same attributes: of `[batch, out..., size..., c]` makes
    `[batch, spatial..., c]`, each position the sum of all elements that `nn.windows` would take from
    it, in row-major order of the places in the window; what was filled is dropped. f16 and bf16
    accumulate in f32. Where the windows are a contraction with stride 1, as in the gradient of a
    convolution, the canonical form is a contraction of windows itself. Derivative: `dx = windows dy`.

    ```mlir
    %y = nn.windows_sum %x size [2] stride [2] dilation [1] low [0] high [0] to [%batch, 28, 8]
         : tensor<?x14x2x8xf32> -> tensor<?x28x8xf32>
    ```
  }];
  let arguments = (ins NN_NumberTensor:$operand, DenseI64ArrayAttr:$size, DenseI64ArrayAttr:$stride,
                       DenseI64ArrayAttr:$dilation, DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high,
                       DenseI64ArrayAttr:$static_sizes, Variadic<Index>:$dynamic_sizes);
  let results = (outs NN_NumberTensor:$result);
  let extraClassDefinition = NN_SizesGiven.definition;
  let assemblyFormat = [{
    $operand `size` $size `stride` $stride `dilation` $dilation `low` $low `high` $high
    `to` custom<DynamicIndexList>($dynamic_sizes, $static_sizes) attr-dict
    `:` type($operand) `->` type($result)
  }];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

#endif // NNC_DIALECTS_NN_IR_NNSHAPEOPS
