// RUN: nn-opt %s --nn-expand-gradients --nn-simplify --split-input-file --verify-diagnostics | FileCheck %s
// RUN: nn-opt %s --nn-expand-gradients --nn-inline-forward --split-input-file --verify-diagnostics | FileCheck %s --check-prefix=INLINE

// INLINE-NOT: nn.gradient
// INLINE-NOT: nn.with_gradient

// A gradient of a gradient: the second derivative of a sine.
// CHECK-LABEL: func @twice
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
// CHECK: %[[S:.*]] = nn.sin %[[X]]
// CHECK: %[[Y:.*]] = nn.neg %[[S]]
// CHECK: return %[[Y]]
func.func @twice(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = nn.gradient wrt (%x : tensor<4xf32>) captures () dims () -> (tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>):
    %1 = nn.gradient wrt (%a : tensor<4xf32>) captures () dims () -> (tensor<4xf32>) {
    ^bb0(%b: tensor<4xf32>):
      %2 = nn.sin %b : tensor<4xf32>
      nn.yield %2 : tensor<4xf32>
    }
    nn.yield %1 : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// -----

// Of what it doesn't depend on: zeros, in its own sizes; of itself: ones.
// CHECK-LABEL: func @trivial
// CHECK-SAME: (%[[N:.*]]: index, %[[X:.*]]: tensor<?xf32>, %[[Y:.*]]: tensor<?xf32>)
// CHECK-DAG: %[[ZERO:.*]] = nn.constant dense<0.0
// CHECK-DAG: %[[ONE:.*]] = nn.constant dense<1.0
// CHECK-DAG: %[[A:.*]] = nn.broadcast %[[ONE]] [] to [%[[N]]]
// CHECK-DAG: %[[B:.*]] = nn.broadcast %[[ZERO]] [] to [%[[N]]]
// CHECK: return %[[A]], %[[B]]
func.func @trivial(%n: index, %x: tensor<?xf32>, %y: tensor<?xf32>)
    -> (tensor<?xf32>, tensor<?xf32>) {
  %0:2 = nn.gradient wrt (%x, %y : tensor<?xf32>, tensor<?xf32>) captures () dims (%n)
      -> (tensor<?xf32>, tensor<?xf32>) {
  ^bb0(%a: tensor<?xf32>, %b: tensor<?xf32>, %d: index):
    nn.yield %a : tensor<?xf32>
  }
  return %0#0, %0#1 : tensor<?xf32>, tensor<?xf32>
}

// -----

// A declared gradient is taken as declared.
// CHECK-LABEL: func @declared
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
// CHECK-NOT: nn.with_gradient
// CHECK: %[[Y:.*]] = nn.cos %[[X]]
// CHECK: return %[[Y]]
func.func @declared(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = nn.gradient wrt (%x : tensor<4xf32>) captures () dims () -> (tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>):
    %1 = nn.with_gradient inputs (%a : tensor<4xf32>) captures () dims () -> (tensor<4xf32>) {
    ^bb0(%b: tensor<4xf32>):
      %2 = nn.sign %b : tensor<4xf32>
      nn.yield %2 : tensor<4xf32>
    }, {
    ^bb0(%b: tensor<4xf32>, %dy: tensor<4xf32>):
      %2 = nn.cos %b : tensor<4xf32>
      %3 = nn.mul %2, %dy : tensor<4xf32>
      nn.yield %3 : tensor<4xf32>
    }
    nn.yield %1 : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// -----

func.func @no_derivative(%x: tensor<f32>) -> tensor<f32> {
  %0 = nn.gradient wrt (%x : tensor<f32>) captures () dims () -> (tensor<f32>) {
  ^bb0(%a: tensor<f32>):
    // expected-error @+1 {{'tensor.cast' op has no derivative, but lies between a value that is differentiated by and what is differentiated}}
    %1 = tensor.cast %a : tensor<f32> to tensor<f32>
    nn.yield %1 : tensor<f32>
  }
  return %0 : tensor<f32>
}

// -----

// Types around a body and within may know more or less of the sizes: users keep what they had.
// INLINE-LABEL: func @forward_knows_more
// INLINE: %[[S:.*]] = nn.sign %{{.*}} : tensor<4xf32>
// INLINE: %[[Y:.*]] = nn.reshape %[[S]] to [%{{.*}}] : tensor<4xf32> -> tensor<?xf32>
// INLINE: nn.add %[[Y]], %{{.*}} : tensor<?xf32>
func.func @forward_knows_more(%x: tensor<4xf32>, %z: tensor<?xf32>) -> tensor<?xf32> {
  %0 = nn.with_gradient inputs (%x : tensor<4xf32>) captures () dims () -> (tensor<?xf32>) {
  ^bb0(%a: tensor<4xf32>):
    %1 = nn.sign %a : tensor<4xf32>
    nn.yield %1 : tensor<4xf32>
  }, {
  ^bb0(%a: tensor<4xf32>, %dy: tensor<?xf32>):
    nn.yield %dy : tensor<?xf32>
  }
  %1 = nn.add %0, %z : tensor<?xf32>
  return %1 : tensor<?xf32>
}

// -----

// INLINE-LABEL: func @body_knows_less
// INLINE-SAME: (%[[X:.*]]: tensor<4xf32>)
// INLINE: %[[A:.*]] = nn.reshape %[[X]] to [%{{.*}}] : tensor<4xf32> -> tensor<?xf32>
// INLINE: nn.mul %[[A]], %[[A]] : tensor<?xf32>
// INLINE: %[[Y:.*]] = nn.reshape %{{.*}} to [4] : tensor<?xf32> -> tensor<4xf32>
// INLINE: return %[[Y]]
func.func @body_knows_less(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = nn.gradient wrt (%x : tensor<4xf32>) captures () dims () -> (tensor<4xf32>) {
  ^bb0(%a: tensor<?xf32>):
    %1 = nn.mul %a, %a : tensor<?xf32>
    nn.yield %1 : tensor<?xf32>
  }
  return %0 : tensor<4xf32>
}

// -----

// The body of a declared gradient is inlined the same way.
// INLINE-LABEL: func @declared_knows_less
// INLINE: nn.mul %{{.*}}, %{{.*}} : tensor<?xf32>
// INLINE: %[[Y:.*]] = nn.reshape %{{.*}} to [4] : tensor<?xf32> -> tensor<4xf32>
// INLINE: return %[[Y]]
func.func @declared_knows_less(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = nn.gradient wrt (%x : tensor<4xf32>) captures () dims () -> (tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>):
    %1 = nn.with_gradient inputs (%a : tensor<4xf32>) captures () dims () -> (tensor<4xf32>) {
    ^bb0(%b: tensor<4xf32>):
      nn.yield %b : tensor<4xf32>
    }, {
    ^bb0(%b: tensor<?xf32>, %dy: tensor<?xf32>):
      %2 = nn.mul %b, %dy : tensor<?xf32>
      nn.yield %2 : tensor<?xf32>
    }
    nn.yield %1 : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}
