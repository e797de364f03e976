// Constants, and tensors made from nothing but sizes.
#ifndef NNC_DIALECTS_NN_IR_NNCONSTANTOPS
#define NNC_DIALECTS_NN_IR_NNCONSTANTOPS

include "dialects/nn/ir/NnDialect.td"

def NN_ConstantOp : NN_Op<"constant", [ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "a constant tensor";
  let description = [{
    ```mlir
    %c = nn.constant dense<0.5> : tensor<f32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$value attr-dict";
  let hasFolder = 1;
}

def NN_FromIndexOp : NN_Op<"from_index", [NN_InferShape]> {
  let summary = "an index value as a rank-0 tensor";
  let description = [{
    The nearest value of the result's element type; integers wrap.

    ```mlir
    %n = nn.from_index %batch : tensor<f32>
    ```
  }];
  let arguments = (ins Index:$operand);
  let results = (outs NN_NumberScalar:$result);
  let assemblyFormat = "$operand attr-dict `:` type($result)";
  let hasFolder = 1;
}

def NN_IotaOp : NN_Op<"iota", [NN_InferShape, NN_MixedSizes]> {
  let summary = "0, 1, 2, ... along an axis";
  let description = [{
    Each element is its own position along the axis, as `nn.from_index` would convert it.

    ```mlir
    %y = nn.iota 1 [%batch, 10] : tensor<?x10xi32>
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntNonNegative]>:$axis,
                       DenseI64ArrayAttr:$static_sizes, Variadic<Index>:$dynamic_sizes);
  let results = (outs NN_NumberTensor:$result);
  let extraClassDefinition = NN_SizesGiven.definition;
  let assemblyFormat = [{
    $axis custom<DynamicIndexList>($dynamic_sizes, $static_sizes) attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

#endif // NNC_DIALECTS_NN_IR_NNCONSTANTOPS
