// Elementwise operations with two or three operands, and conversions of element types.
#ifndef NNC_DIALECTS_NN_IR_NNELEMENTWISEOPS
#define NNC_DIALECTS_NN_IR_NNELEMENTWISEOPS

include "dialects/nn/ir/NnDialect.td"

/// Two operands and a result, all of one type.
class NN_BinaryOp<string mnemonic, Type tensor, list<Trait> traits = []>
    : NN_Op<mnemonic, !listconcat([NN_Elementwise, AllTypesMatch<["lhs", "rhs", "result"]>],
                                  traits)> {
  let arguments = (ins tensor:$lhs, tensor:$rhs);
  let results = (outs tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($result)";
  let extraClassDefinition = NN_SizesOf<"Lhs">.definition;
}

def NN_AddOp : NN_BinaryOp<"add", NN_NumberTensor, [NN_Differentiable, Commutative]> {
  let summary = "sum";
  let description = [{
    `y = a + b`. Sums of `nn.pad` along one axis whose elements nowhere overlap, as the gradient of
    a `split` has them, are canonically an `nn.concat`. Derivative: `da = dy`, `db = dy`.

    ```mlir
    %y = nn.add %a, %b : tensor<?x64xf32>
    ```
  }];
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def NN_SubOp : NN_BinaryOp<"sub", NN_NumberTensor, [NN_Differentiable]> {
  let summary = "difference";
  let description = [{
    `y = a - b`. Derivative: `da = dy`, `db = -dy`.

    ```mlir
    %y = nn.sub %a, %b : tensor<?x64xf32>
    ```
  }];
  let hasFolder = 1;
}

def NN_MulOp : NN_BinaryOp<"mul", NN_NumberTensor, [NN_Differentiable, Commutative]> {
  let summary = "product";
  let description = [{
    `y = a * b`. Derivative: `da = dy * b`, `db = dy * a`.

    ```mlir
    %y = nn.mul %a, %b : tensor<?x64xf32>
    ```
  }];
  let hasFolder = 1;
}

def NN_DivOp : NN_BinaryOp<"div", NN_NumberTensor, [NN_Differentiable]> {
  let summary = "quotient";
  let description = [{
    `y = a / b`. Of integers: truncated towards 0; `a / 0` is 0, and the least integer divided by -1
    is itself. Derivative: `da = dy / b`, `db = -dy * y / b`.

    ```mlir
    %y = nn.div %a, %b : tensor<?x64xf32>
    ```
  }];
  let hasFolder = 1;
}

def NN_FloorModOp : NN_BinaryOp<"floor_mod", NN_NumberTensor, [NN_Differentiable]> {
  let summary = "remainder of a division rounded down";
  let description = [{
    `y = a - b * floor(a / b)`, with the sign of `b`, as NumPy's and Python's `%`. Of integers: `a`
    where `b` is 0. Derivative: `da = dy`, `db = -dy * floor(a / b)`.

    ```mlir
    %y = nn.floor_mod %a, %b : tensor<?xi32>
    ```
  }];
}

def NN_PowOp : NN_BinaryOp<"pow", NN_FloatTensor, [NN_Differentiable]> {
  let summary = "power";
  let description = [{
    `y = a ^ b`, as C's `pow`. A constant exponent becomes cheaper code: 2 and 3 products, 0.5
    `nn.sqrt`, -0.5 `nn.rsqrt`, -1 a quotient, 0 the constant 1, 1 nothing (roots of -0.0 and -inf are
    then `nn.sqrt`'s: -0.0 and NaN). Derivative: `da = dy * b * a^(b-1)`, `db = dy * y * ln a` where
    `a > 0`, else 0.

    ```mlir
    %y = nn.pow %a, %b : tensor<?x64xf32>
    ```
  }];
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def NN_MaximumOp : NN_BinaryOp<"maximum", NN_NumberTensor, [NN_Differentiable]> {
  let summary = "greater of two values, NaN if either is";
  let description = [{
    IEEE 754 maximum. Derivative: `da = dy` where `a > b`, half of it where they are equal, else 0;
    `db` the rest of `dy`.

    ```mlir
    %y = nn.maximum %a, %b : tensor<?x64xf32>
    ```
  }];
  let hasFolder = 1;
}

def NN_MinimumOp : NN_BinaryOp<"minimum", NN_NumberTensor, [NN_Differentiable]> {
  let summary = "lesser of two values, NaN if either is";
  let description = [{
    IEEE 754 minimum. Derivative: `da = dy` where `a < b`, half of it where they are equal, else 0;
    `db` the rest of `dy`.

    ```mlir
    %y = nn.minimum %a, %b : tensor<?x64xf32>
    ```
  }];
  let hasFolder = 1;
}

def NN_AndOp : NN_BinaryOp<"and", NN_BoolTensor, [Commutative]> {
  let summary = "conjunction of truth values";
  let description = [{
    ```mlir
    %y = nn.and %a, %b : tensor<?xi1>
    ```
  }];
  let hasFolder = 1;
}

def NN_OrOp : NN_BinaryOp<"or", NN_BoolTensor, [Commutative]> {
  let summary = "disjunction of truth values";
  let description = [{
    ```mlir
    %y = nn.or %a, %b : tensor<?xi1>
    ```
  }];
  let hasFolder = 1;
}

def NN_CompareOp : NN_Op<"compare", [NN_Elementwise, AllTypesMatch<["lhs", "rhs"]>,
    TypesMatchWith<"result is an i1 tensor of the operands' shape", "lhs", "result",
                   "::mlir::nn::withI1($_self)">]> {
  let summary = "comparison, element by element";
  let description = [{
    With NaN every comparison is false but `ne`. ui8 and i1 compare as unsigned numbers. No
    derivative: truth values carry none.

    ```mlir
    %y = nn.compare "lt" %a, %b : tensor<?x64xf32>
    ```
  }];
  let arguments = (ins NN_WordAttr<["eq", "ne", "lt", "le", "gt", "ge"]>:$predicate,
                       NN_Tensor:$lhs, NN_Tensor:$rhs);
  let results = (outs NN_BoolTensor:$result);
  let assemblyFormat = "$predicate $lhs `,` $rhs attr-dict `:` type($lhs)";
  let extraClassDefinition = NN_SizesOf<"Lhs">.definition;
}

def NN_SelectOp : NN_Op<"select", [NN_Elementwise, NN_Differentiable,
    AllTypesMatch<["on_true", "on_false", "result"]>,
    TypesMatchWith<"condition is an i1 tensor of the result's shape", "result", "condition",
                   "::mlir::nn::withI1($_self)">]> {
  let summary = "choice between two tensors, element by element";
  let description = [{
    `y = a` where the condition holds, else `b`. Derivative: `da = dy` where it holds, else 0; `db` the
    other way round. What isn't chosen has no influence, NaN or not, neither on the value nor on the
    gradient: see `nn-differentiate`.

    ```mlir
    %y = nn.select %condition, %a, %b : tensor<?x64xf32>
    ```
  }];
  let arguments = (ins NN_BoolTensor:$condition, NN_Tensor:$on_true, NN_Tensor:$on_false);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$condition `,` $on_true `,` $on_false attr-dict `:` type($result)";
  let extraClassDefinition = NN_SizesOf<"OnTrue">.definition;
  let hasFolder = 1;
}

def NN_CastOp : NN_Op<"cast", [NN_Elementwise, NN_CarriesIndex, NN_Differentiable, NN_InferShape]> {
  let summary = "conversion to another element type";
  let description = [{
    The nearest value of the result's element type. Float to integer: truncated towards 0, the least
    or greatest integer beyond the range, 0 for NaN. To i1: whether it isn't 0. From i1: 0 or 1.
    Integer to smaller integer: modulo. Derivative, between floats: `dx = cast dy`.

    ```mlir
    %y = nn.cast %x : tensor<?x28x28xui8> to tensor<?x28x28xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$operand);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `to` type($result)";
  let extraClassDefinition = NN_SizesOf<"Operand">.definition;
  let hasFolder = 1;
}

#endif // NNC_DIALECTS_NN_IR_NNELEMENTWISEOPS
