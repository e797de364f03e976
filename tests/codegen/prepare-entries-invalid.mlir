// RUN: nn-opt %s --codegen-prepare-entries --split-input-file --verify-diagnostics

// expected-error @below {{expected one index argument or 'nn.dims' for the symbolic dimensions of 'tensor<?xf32>', found 0 index arguments}}
func.func @f(%x: tensor<?xf32>) -> tensor<f32> attributes {nn.entry = "eval"} {
  %0 = arith.constant dense<0.0> : tensor<f32>
  return %0 : tensor<f32>
}

// -----

// expected-error @below {{expects 'nn.dims' to be an array of one i64 per '?' of 'tensor<?xf32>'}}
func.func @f(%n: index, %x: tensor<?xf32> {nn.dims = array<i64: 0, 0>}) attributes {nn.entry = "eval"} {
  return
}

// -----

// expected-error @below {{expected result 0 to be tied to an argument of its type, found argument 0}}
func.func @f(%x: tensor<4xf32>) -> (tensor<5xf32> {nn.tied = 0 : i64}) attributes {nn.entry = "step"} {
  %0 = tensor.empty() : tensor<5xf32>
  return %0 : tensor<5xf32>
}

// -----

// expected-error @below {{expected result 0 to be tied to an argument of its type, found argument 7}}
func.func @f(%x: tensor<4xf32>) -> (tensor<4xf32> {nn.tied = 7 : i64}) attributes {nn.entry = "step"} {
  return %x : tensor<4xf32>
}
