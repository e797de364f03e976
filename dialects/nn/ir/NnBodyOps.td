// Operations that have code of their own: loops, gradients as values, declared gradients.
#ifndef NNC_DIALECTS_NN_IR_NNBODYOPS
#define NNC_DIALECTS_NN_IR_NNBODYOPS

include "dialects/nn/ir/NnDialect.td"

/// An op with bodies: isolated, so that what they use is an operand and gets a derivative.
class NN_BodyOp<string mnemonic, list<Trait> traits = []>
    : NN_Op<mnemonic, !listconcat([AttrSizedOperandSegments, IsolatedFromAbove,
                                   SingleBlock, NN_Body, NN_InferType], traits)>;

def NN_YieldOp : Op<Nn_Dialect, "yield", [Pure, Terminator,
    ParentOneOf<["ScanOp", "GradientOp", "WithGradientOp"]>]> {
  let summary = "the values that a body computes";
  let description = [{
    ```mlir
    %u = nn.gradient wrt (%x : tensor<?xf32>) captures () dims (%n) -> (tensor<?xf32>) {
    ^bb0(%a: tensor<?xf32>, %size: index):
      %y = nn.exp %a : tensor<?xf32>
      nn.yield %y : tensor<?xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<NN_Tensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

def NN_ScanOp : NN_BodyOp<"scan", [NN_MixedSizesOfItsOwn, NN_PartlyDifferentiable]> {
  let summary = "a loop that carries values and stacks what each pass yields";
  let description = [{
    Runs its body `n` times, `n` being the one size. Pass `i` is given, in this order: `i`, a rank-0
    i64 tensor; of each of `slices` its `i`-th slice along its axis in `slice_axes`, that axis
    dropped; the carried values, which are `inits` in the first pass; `captures` and `dims`, the same
    in each. It yields the carried values of the next pass, then values to stack. The results are the
    carried values after the last pass, then for each stacked value a tensor with one more axis, where
    `stack_axes` says, of size `n`.

    With `reverse` the passes run from `n - 1` to 0; slices and stacks keep their places. The body is
    isolated: what it uses from outside is an operand. Passes may not be reordered. With `n = 0` the
    carried results are `inits`.

    Derivative: a scan the other way. The forward scan is given more results for what that needs: the
    carried values at the start of each pass, and the results of contractions, reductions and scans;
    elementwise code and moves of elements are computed again. The gradient of a capture is one
    contraction over all passes where in each pass it is a contraction (or a sum of such), by stacking
    the factors; otherwise it is carried.

    ```mlir
    %last, %all = nn.scan [28] slices [1] (%x : tensor<?x28x8xf32>) inits (%h0 : tensor<?x8xf32>)
        captures (%w : tensor<8x8xf32>) dims () stack [1] -> (tensor<?x8xf32>, tensor<?x28x8xf32>) {
    ^bb0(%i: tensor<i64>, %xt: tensor<?x8xf32>, %h: tensor<?x8xf32>, %u: tensor<8x8xf32>):
      %0 = nn.contract "bk,kn->bn" %h, %u : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
      %1 = nn.add %0, %xt : tensor<?x8xf32>
      %2 = nn.tanh %1 : tensor<?x8xf32>
      nn.yield %2, %2 : tensor<?x8xf32>, tensor<?x8xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<NN_Tensor>:$slices, Variadic<NN_Tensor>:$inits,
                       Variadic<NN_Tensor>:$captures, Variadic<Index>:$dynamic_sizes,
                       Variadic<Index>:$dims, DenseI64ArrayAttr:$static_sizes,
                       DenseI64ArrayAttr:$slice_axes, DenseI64ArrayAttr:$stack_axes,
                       UnitAttr:$reverse);
  let results = (outs Variadic<NN_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    custom<DynamicIndexList>($dynamic_sizes, $static_sizes) (`reverse` $reverse^)?
    `slices` $slice_axes `(` ($slices^ `:` type($slices))? `)`
    `inits` `(` ($inits^ `:` type($inits))? `)`
    `captures` `(` ($captures^ `:` type($captures))? `)`
    `dims` `(` ($dims^)? `)` `stack` $stack_axes attr-dict
    `->` `(` type($results) `)` $body
  }];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    ::mlir::Block &getBlock() { return getBody().front(); }
    YieldOp getYield();
    /// The number of passes.
    ::mlir::OpFoldResult getCount() { return getMixedSizes().front(); }
    unsigned getNumStacked() { return getStackAxes().size(); }
    /// The arguments of the body, by kind.
    ::mlir::BlockArgument getPassArgument() { return getBlock().getArgument(0); }
    ::mlir::Block::BlockArgListType getSliceArguments() {
      return getBlock().getArguments().slice(1, getSlices().size());
    }
    ::mlir::Block::BlockArgListType getCarriedArguments() {
      return getBlock().getArguments().slice(1 + getSlices().size(), getInits().size());
    }
    ::mlir::Block::BlockArgListType getCaptureArguments() {
      return getBlock().getArguments().slice(1 + getSlices().size() + getInits().size(),
                                             getCaptures().size());
    }
    ::mlir::Block::BlockArgListType getDimArguments() {
      return getBlock().getArguments().take_back(getDims().size());
    }
  }];
}

def NN_GradientOp : NN_BodyOp<"gradient", [NN_Differentiates]> {
  let summary = "the gradient of a sum, as a value";
  let description = [{
    The body computes a float tensor `u` from `wrt`, `captures` and `dims`; the results are the
    gradients of the sum of its elements with respect to each of `wrt`. The pass `nn-expand-gradients`
    replaces the op by ordinary code, which can be differentiated again, before anything else: a
    gradient of a gradient is an op in the body of another.

    ```mlir
    %dx = nn.gradient wrt (%x : tensor<?xf32>) captures (%w : tensor<?xf32>) dims ()
        -> (tensor<?xf32>) {
    ^bb0(%a: tensor<?xf32>, %b: tensor<?xf32>):
      %u = nn.mul %a, %b : tensor<?xf32>
      nn.yield %u : tensor<?xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<NN_FloatTensor>:$wrt, Variadic<NN_Tensor>:$captures,
                       Variadic<Index>:$dims);
  let results = (outs Variadic<NN_FloatTensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `wrt` `(` ($wrt^ `:` type($wrt))? `)` `captures` `(` ($captures^ `:` type($captures))? `)`
    `dims` `(` ($dims^)? `)` attr-dict `->` `(` type($results) `)` $body
  }];
  let hasVerifier = 1;
}

def NN_WithGradientOp : NN_BodyOp<"with_gradient", [NN_PartlyDifferentiable]> {
  let summary = "a function with a gradient of its own";
  let description = [{
    The first body computes the results from `inputs`, `captures` and `dims`. The second one is their
    derivative: from `inputs`, `captures`, the cotangents of all results, and `dims` it computes one
    value per float input, of its type. It is taken as declared, whatever the first body does: other
    operands have no derivative.

    `nn-inline-forward` replaces the op by its first body, after all derivatives have been taken.

    ```mlir
    %y = nn.with_gradient inputs (%x : tensor<?xf32>) captures () dims () -> (tensor<?xf32>) {
    ^bb0(%a: tensor<?xf32>):
      %0 = nn.sign %a : tensor<?xf32>
      nn.yield %0 : tensor<?xf32>
    }, {
    ^bb0(%a: tensor<?xf32>, %dy: tensor<?xf32>):
      nn.yield %dy : tensor<?xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<NN_Tensor>:$inputs, Variadic<NN_Tensor>:$captures,
                       Variadic<Index>:$dims);
  let results = (outs Variadic<NN_Tensor>:$results);
  let regions = (region SizedRegion<1>:$forward, SizedRegion<1>:$backward);
  let assemblyFormat = [{
    `inputs` `(` ($inputs^ `:` type($inputs))? `)` `captures` `(` ($captures^ `:` type($captures))? `)`
    `dims` `(` ($dims^)? `)` attr-dict `->` `(` type($results) `)` $forward `,` $backward
  }];
  let hasVerifier = 1;
}

#endif // NNC_DIALECTS_NN_IR_NNBODYOPS
