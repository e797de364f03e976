// RUN: nn-opt %s --codegen-prepare-entries --split-input-file --verify-diagnostics

// expected-error @below {{expected one index argument or 'nn.dims' for the symbolic dimensions of 'tensor<?xf32>', found 0 index arguments}}
func.func @f(%x: tensor<?xf32>) -> tensor<f32> attributes {nn.entry = "eval"} {
  %0 = arith.constant dense<0.0> : tensor<f32>
  return %0 : tensor<f32>
}
