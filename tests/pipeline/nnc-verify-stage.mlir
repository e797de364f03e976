// RUN: split-file %s %t
// RUN: nn-opt %t/nn.mlir --nnc-verify-stage=stage=nn --split-input-file --verify-diagnostics -o /dev/null
// RUN: nn-opt %t/grad.mlir --nnc-verify-stage=stage=grad --split-input-file --verify-diagnostics -o /dev/null
// RUN: nn-opt %t/linalg.mlir --nnc-verify-stage=stage=linalg --split-input-file --verify-diagnostics -o /dev/null
// RUN: nn-opt %t/kernels.mlir --nnc-verify-stage=stage=kernels --split-input-file --verify-diagnostics -o /dev/null
// RUN: nn-opt %t/bufferized.mlir --nnc-verify-stage=stage=bufferized --split-input-file --verify-diagnostics -o /dev/null
// RUN: nn-opt %t/empty.mlir --nnc-verify-stage=stage=llvm --verify-diagnostics -o /dev/null

//--- empty.mlir
// expected-error@+1 {{nnc-verify-stage expected stage nn, grad, linalg, kernels or bufferized, found 'llvm'}}
module {}

//--- nn.mlir
// expected-error@+1 {{'train.program' op is not expected at stage nn}}
train.program @net dims [] entries [] totals 0 results 0 {}

// -----

func.func @f(%m: memref<f32>) -> f32 {
  // expected-error@+1 {{'memref.load' op is not expected at stage nn}}
  %x = memref.load %m[] : memref<f32>
  return %x : f32
}

// -----

train.model @net dims [] predict @f {}
func.func private @f() {
  return
}

//--- grad.mlir
// expected-error@+1 {{'train.model' op is not expected at stage grad}}
train.model @net dims [] predict @f {}
func.func private @f()

// -----

// expected-error@+1 {{'train.program' op expected entry @g to be a function on tensors, found 'llvm.func'}}
train.program @net dims [] entries [@g] totals 0 results 0 {}
llvm.func @g()

// -----

train.program @net dims [] entries [@f] totals 0 results 0 {}
// expected-error@+1 {{'func.func' op expected 'nn.entry', the entry's name}}
func.func private @f()

// -----

train.program @net dims [] entries [@f, @g] totals 0 results 0 {}
func.func private @f() attributes {nn.entry = "init"}
// expected-error@+1 {{'func.func' op is the second entry of its name, beside @f}}
func.func private @g() attributes {nn.entry = "init"}

// -----

train.program @net dims [] entries [@f] totals 0 results 0 {}
// expected-error@+1 {{'func.func' op expected argument 0 to have 'train.bind'}}
func.func private @f(i64) attributes {nn.entry = "init"}

// -----

train.program @net dims [] entries [@f] totals 0 results 0 {
  train.tensor parameters "w" : tensor<f32>
}
// expected-error@+1 {{'func.func' op binds result 0 to parameter number 1, but the model has 1 of these}}
func.func private @f() -> (tensor<f32> {train.bind = #train.bind<parameter, 1>}) attributes {nn.entry = "init"}

// -----

train.program @net dims [] entries [@f] totals 0 results 0 {}
// expected-error@+1 {{'func.func' op expected argument 0 to be a scalar, found 'tensor<i64>'}}
func.func private @f(tensor<i64> {train.bind = #train.bind<seed, 0>}) attributes {nn.entry = "init"}

// -----

train.program @net dims [] entries [@f] totals 0 results 0 {
  train.tensor parameters "w" : tensor<f32>
}
// expected-error@+1 {{'func.func' op expected scalars before tensors, found argument 1 of 'i64'}}
func.func private @f(tensor<f32> {train.bind = #train.bind<parameter, 0>}, i64 {train.bind = #train.bind<seed, 0>}) attributes {nn.entry = "init"}

// -----

train.program @net dims [] entries [] totals 0 results 0 {
  // expected-error@+1 {{'train.tensor' op has an element type that a descriptor can't name, 'i16'}}
  train.tensor parameters "w" : tensor<i16>
}

//--- linalg.mlir
func.func @f(%x: tensor<f32>) -> tensor<f32> {
  // expected-error@+1 {{'nn.exp' op is not expected at stage linalg}}
  %y = nn.exp %x : tensor<f32>
  return %y : tensor<f32>
}

//--- kernels.mlir
func.func @f(%x: tensor<4xf32>, %out: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{'linalg.exp' op is not expected at stage kernels}}
  %y = linalg.exp ins(%x : tensor<4xf32>) outs(%out : tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

//--- bufferized.mlir
func.func @f() {
  // expected-error@+1 {{'tensor.empty' op is not expected at stage bufferized}}
  %x = tensor.empty() : tensor<f32>
  return
}
