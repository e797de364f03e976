// RUN: nn-opt %s --nn-specialize-dims --split-input-file --verify-diagnostics | FileCheck %s
// RUN: nn-opt %s --nn-specialize-dims --split-input-file --verify-diagnostics -o - | FileCheck %s --check-prefix=NODYN

// CHECK-LABEL: func @all
// CHECK-SAME: (%{{.*}}: index, %[[X:.*]]: tensor<32x28x28xui8>, %[[W:.*]]: tensor<784x10xf32>) -> (tensor<32x10xf32>, tensor<f32>)
// CHECK-NOT: attributes
// CHECK: nn.cast %[[X]] : tensor<32x28x28xui8> to tensor<32x28x28xf32>
// CHECK: nn.reshape %{{.*}} to [32, 784] : tensor<32x28x28xf32> -> tensor<32x784xf32>
// CHECK: nn.contract "mk,kn->mn" %{{.*}} : (tensor<32x784xf32>, tensor<784x10xf32>) -> tensor<32x10xf32>
// CHECK: nn.iota 0 [32, 10] : tensor<32x10xf32>
// CHECK: nn.from_index %{{.*}} : tensor<f32>
// NODYN-LABEL: func @all
// NODYN-NOT: ?
// NODYN-LABEL: func @one_of_two
func.func @all(%n: index, %x: tensor<?x28x28xui8>, %w: tensor<784x10xf32>)
    -> (tensor<?x10xf32>, tensor<f32>) attributes {nn.specialize = array<i64: 32, -1, -1>} {
  %0 = nn.cast %x : tensor<?x28x28xui8> to tensor<?x28x28xf32>
  %1 = nn.reshape %0 to [%n, 784] : tensor<?x28x28xf32> -> tensor<?x784xf32>
  %2 = nn.contract "mk,kn->mn" %1, %w : (tensor<?x784xf32>, tensor<784x10xf32>) -> tensor<?x10xf32>
  %3 = nn.iota 0 [%n, 10] : tensor<?x10xf32>
  %4 = nn.add %2, %3 : tensor<?x10xf32>
  %5 = nn.from_index %n : tensor<f32>
  return %4, %5 : tensor<?x10xf32>, tensor<f32>
}

// -----

// CHECK-LABEL: func @one_of_two
// CHECK-SAME: (%{{.*}}: index, %[[M:.*]]: index, %{{.*}}: tensor<8x?xf32> {nn.dims = array<i64: 1>}) -> tensor<?x8xf32>
// CHECK: nn.transpose %{{.*}} [1, 0] : tensor<8x?xf32> -> tensor<?x8xf32>
func.func @one_of_two(%n: index, %m: index, %x: tensor<?x?xf32> {nn.dims = array<i64: 0, 1>})
    -> tensor<?x?xf32> attributes {nn.specialize = array<i64: 8, -1, -1>} {
  %0 = nn.transpose %x [1, 0] : tensor<?x?xf32> -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// -----

// Arithmetic on sizes is done at compile time.
// CHECK-LABEL: func @arithmetic
// CHECK: nn.reshape %{{.*}} to [12] : tensor<4x3xf32> -> tensor<12xf32>
// CHECK-NOT: arith.muli
func.func @arithmetic(%n: index, %x: tensor<?x3xf32>) -> tensor<?xf32>
    attributes {nn.specialize = array<i64: 4, -1>} {
  %three = arith.constant 3 : index
  %c0 = arith.constant 0 : index
  %d = tensor.dim %x, %c0 : tensor<?x3xf32>
  %m = arith.muli %d, %three : index
  %0 = nn.reshape %x to [%m] : tensor<?x3xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

// expected-error @+1 {{expects argument #2 of type 'tensor<?xf32>' to say with 'nn.dims' which index arguments are its sizes}}
func.func @ambiguous(%n: index, %m: index, %x: tensor<?xf32>)
    attributes {nn.specialize = array<i64: 4, -1, -1>} {
  return
}

// -----

// expected-error @+1 {{expects argument #0 to be an index}}
func.func @no_index(%x: tensor<4xf32>) attributes {nn.specialize = array<i64: 4>} {
  return
}

// -----

// expected-error @+1 {{expects one entry of 'nn.specialize' per argument, found 1 for 2}}
func.func @entries(%n: index, %x: tensor<4xf32>) attributes {nn.specialize = array<i64: 4>} {
  return
}

// -----

func.func @contradiction(%n: index, %x: tensor<?x4xf32>, %w: tensor<8x4xf32>) -> tensor<f32>
    attributes {nn.specialize = array<i64: 4, -1, -1>} {
  // expected-error @+2 {{expects one size for 'm', found 4 and 8}}
  // expected-error @+1 {{cannot take the specialized types of its operands}}
  %0 = nn.contract "mk,mk->" %x, %w : (tensor<?x4xf32>, tensor<8x4xf32>) -> tensor<f32>
  return %0 : tensor<f32>
}
