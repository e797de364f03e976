// Elementwise operations with one operand.
#ifndef NNC_DIALECTS_NN_IR_NNUNARYOPS
#define NNC_DIALECTS_NN_IR_NNUNARYOPS

include "dialects/nn/ir/NnDialect.td"

/// One operand, and a result of its type.
class NN_SameTypeOp<string mnemonic, Type tensor, list<Trait> traits = []>
    : NN_Op<mnemonic, !listconcat([AllTypesMatch<["operand", "result"]>], traits)> {
  let arguments = (ins tensor:$operand);
  let results = (outs tensor:$result);
  let assemblyFormat = "$operand attr-dict `:` type($result)";
  let extraClassDefinition = NN_SizesOf<"Operand">.definition;
}

/// A function of each element.
class NN_UnaryOp<string mnemonic, Type tensor, list<Trait> traits = []>
    : NN_SameTypeOp<mnemonic, tensor, !listconcat([NN_Elementwise], traits)>;

/// A smooth function of floats.
class NN_FloatUnaryOp<string mnemonic> : NN_UnaryOp<mnemonic, NN_FloatTensor, [NN_Differentiable]>;

def NN_NegOp : NN_UnaryOp<"neg", NN_SignedTensor, [NN_Differentiable]> {
  let summary = "negation: -x";
  let description = [{
    `y = -x`; integers wrap. Derivative: `dx = -dy`.

    ```mlir
    %y = nn.neg %x : tensor<?x64xf32>
    ```
  }];
  let hasFolder = 1;
}

def NN_ExpOp : NN_FloatUnaryOp<"exp"> {
  let summary = "exponential function";
  let description = [{
    `y = e^x`. Derivative: `dx = dy * y`.

    ```mlir
    %y = nn.exp %x : tensor<?x10xf32>
    ```
  }];
}

def NN_LogOp : NN_FloatUnaryOp<"log"> {
  let summary = "natural logarithm";
  let description = [{
    `y = ln x`; NaN below 0, -inf at 0. Derivative: `dx = dy / x`.

    ```mlir
    %y = nn.log %x : tensor<?xf32>
    ```
  }];
}

def NN_Log1pOp : NN_FloatUnaryOp<"log1p"> {
  let summary = "ln(1 + x), exact near 0";
  let description = [{
    `y = ln(1 + x)`. Derivative: `dx = dy / (1 + x)`.

    ```mlir
    %y = nn.log1p %x : tensor<?xf32>
    ```
  }];
}

def NN_SqrtOp : NN_FloatUnaryOp<"sqrt"> {
  let summary = "square root";
  let description = [{
    `y = x^(1/2)`, correctly rounded; NaN below 0. Derivative: `dx = dy * 0.5 / y`.

    ```mlir
    %y = nn.sqrt %x : tensor<64xf32>
    ```
  }];
}

def NN_RsqrtOp : NN_FloatUnaryOp<"rsqrt"> {
  let summary = "reciprocal square root";
  let description = [{
    `y = x^(-1/2)`. Derivative: `dx = dy * -0.5 * y / x`.

    ```mlir
    %y = nn.rsqrt %x : tensor<64xf32>
    ```
  }];
}

def NN_TanhOp : NN_FloatUnaryOp<"tanh"> {
  let summary = "hyperbolic tangent";
  let description = [{
    `y = tanh x`. Derivative: `dx = dy * (1 - y * y)`.

    ```mlir
    %y = nn.tanh %x : tensor<?x64xf32>
    ```
  }];
}

def NN_SigmoidOp : NN_FloatUnaryOp<"sigmoid"> {
  let summary = "logistic function";
  let description = [{
    `y = 1 / (1 + e^-x)`, accurate to a few units in the last place wherever it is a normal number,
    also far below 0. Derivative: `dx = dy * y * (1 - y)`.

    ```mlir
    %y = nn.sigmoid %x : tensor<?x64xf32>
    ```
  }];
}

def NN_SoftplusOp : NN_FloatUnaryOp<"softplus"> {
  let summary = "ln(1 + e^x)";
  let description = [{
    `y = ln(1 + e^x)`, accurate on both sides, and without overflow. Derivative:
    `dx = dy * sigmoid x`.

    ```mlir
    %y = nn.softplus %x : tensor<?x64xf32>
    ```
  }];
}

def NN_LogSigmoidOp : NN_FloatUnaryOp<"log_sigmoid"> {
  let summary = "logarithm of the logistic function";
  let description = [{
    `y = -ln(1 + e^-x)`, accurate on both sides: about `x` far below 0. Derivative:
    `dx = dy * sigmoid -x`.

    ```mlir
    %y = nn.log_sigmoid %x : tensor<?x64xf32>
    ```
  }];
}

def NN_SinOp : NN_FloatUnaryOp<"sin"> {
  let summary = "sine";
  let description = [{
    `y = sin x`, in radians. Derivative: `dx = dy * cos x`.

    ```mlir
    %y = nn.sin %x : tensor<?xf32>
    ```
  }];
}

def NN_CosOp : NN_FloatUnaryOp<"cos"> {
  let summary = "cosine";
  let description = [{
    `y = cos x`, in radians. Derivative: `dx = -dy * sin x`.

    ```mlir
    %y = nn.cos %x : tensor<?xf32>
    ```
  }];
}

def NN_ErfOp : NN_FloatUnaryOp<"erf"> {
  let summary = "error function";
  let description = [{
    `y = 2/sqrt(pi) * integral of e^(-t*t) from 0 to x`. Derivative:
    `dx = dy * 2/sqrt(pi) * e^(-x*x)`, of which `normal_pdf` is the root.

    ```mlir
    %y = nn.erf %x : tensor<?x64xf32>
    ```
  }];
}

def NN_Expm1Op : NN_FloatUnaryOp<"expm1"> {
  let summary = "e^x - 1, exact near 0";
  let description = [{
    `y = e^x - 1`. Derivative: `dx = dy * e^x`.

    ```mlir
    %y = nn.expm1 %x : tensor<?x64xf32>
    ```
  }];
}

def NN_NormalCdfOp : NN_FloatUnaryOp<"normal_cdf"> {
  let summary = "probability that a standard normal variable is below x";
  let description = [{
    `y = erfc(-x / sqrt(2)) / 2`, accurate to a few units in the last place also far below 0 (in f32
    to 64 where it is below 1e-30): what rounding takes from `x / sqrt(2)` is given back, since `erfc` would
    magnify it. Derivative: `dx = dy * normal_pdf x`.

    ```mlir
    %y = nn.normal_cdf %x : tensor<?x64xf32>
    ```
  }];
}

def NN_NormalPdfOp : NN_FloatUnaryOp<"normal_pdf"> {
  let summary = "density of a standard normal variable";
  let description = [{
    `y = e^(-x*x / 2) / sqrt(2 * pi)`, accurate to a few units in the last place wherever it is a
    normal number: what rounding takes from `x*x` is given back. Derivative: `dx = -dy * x * y`.

    ```mlir
    %y = nn.normal_pdf %x : tensor<?x64xf32>
    ```
  }];
}

def NN_AbsOp : NN_UnaryOp<"abs", NN_SignedTensor, [NN_Differentiable]> {
  let summary = "absolute value";
  let description = [{
    `y = |x|`; the least integer is its own absolute value. Derivative: `dx = dy * sign(x)`, so 0 at 0.

    ```mlir
    %y = nn.abs %x : tensor<?x64xf32>
    ```
  }];
}

def NN_SignOp : NN_UnaryOp<"sign", NN_SignedTensor, [NN_PartlyDifferentiable, NN_Flat]> {
  let summary = "sign: -1, 0 or 1";
  let description = [{
    `y = -1` below 0, `1` above; zeros and NaN stay as they are. Derivative: 0.

    ```mlir
    %y = nn.sign %x : tensor<?x64xf32>
    ```
  }];
}

def NN_FloorOp : NN_UnaryOp<"floor", NN_FloatTensor, [NN_PartlyDifferentiable, NN_Flat]> {
  let summary = "greatest integer not above x";
  let description = [{
    Derivative: 0.

    ```mlir
    %y = nn.floor %x : tensor<?xf32>
    ```
  }];
}

def NN_NotOp : NN_UnaryOp<"not", NN_BoolTensor> {
  let summary = "negation of truth values";
  let description = [{
    ```mlir
    %y = nn.not %x : tensor<?xi1>
    ```
  }];
  let hasFolder = 1;
}

def NN_StopGradientOp
    : NN_SameTypeOp<"stop_gradient", NN_Tensor, [NN_PartlyDifferentiable, NN_CarriesIndex, NN_Flat]> {
  let summary = "identity whose derivative is zero";
  let description = [{
    `y = x`. `nn-differentiate` takes the result for a constant; the lowering replaces it by the
    operand.

    ```mlir
    %shift = nn.stop_gradient %max : tensor<?xf32>
    ```
  }];
  let hasFolder = 1;
}

#endif // NNC_DIALECTS_NN_IR_NNUNARYOPS
