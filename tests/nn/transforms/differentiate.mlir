// RUN: nn-opt %s --nn-differentiate --canonicalize --split-input-file --verify-diagnostics | FileCheck %s

// Fan-out: both uses of %x add up, last use first.
// CHECK-LABEL: func @square_plus
// CHECK-SAME: (%[[X:.*]]: tensor<f32>) -> (tensor<f32>, tensor<f32> {nn.gradient_of = 0 : i64})
// CHECK-DAG: %[[ONE:.*]] = nn.constant dense<1.000000e+00> : tensor<f32>
// CHECK-DAG: %[[S:.*]] = nn.mul %[[X]], %[[X]]
// CHECK-DAG: %[[Y:.*]] = nn.add %[[S]], %[[X]]
// CHECK: %[[A:.*]] = nn.add %[[X]], %[[ONE]]
// CHECK: %[[B:.*]] = nn.add %[[A]], %[[X]]
// CHECK: return %[[Y]], %[[B]]
func.func @square_plus(%x: tensor<f32> {nn.wrt}) -> tensor<f32> {
  %0 = nn.mul %x, %x : tensor<f32>
  %1 = nn.add %0, %x : tensor<f32>
  return %1 : tensor<f32>
}

// -----

// Only what lies between the marked argument and result 0 is differentiated: no gradient of %x, none
// through the second result.
// CHECK-LABEL: func @pruned
// CHECK-SAME: (%[[N:.*]]: index, %[[X:.*]]: tensor<?x4xf32>, %[[W:.*]]: tensor<4x2xf32>)
// CHECK: nn.contract "mk,kn->mn" %[[X]], %[[W]]
// CHECK: nn.exp
// CHECK: %[[G:.*]] = nn.broadcast %{{.*}} [] to [%[[N]], 2]
// CHECK: %[[DW:.*]] = nn.contract "mk,mn->kn" %[[X]], %[[G]]
// CHECK-NOT: nn.contract
// CHECK: return %{{.*}}, %{{.*}}, %[[DW]]
func.func @pruned(%n: index, %x: tensor<?x4xf32>, %w: tensor<4x2xf32> {nn.wrt})
    -> (tensor<f32>, tensor<?x2xf32>) {
  %0 = nn.contract "mk,kn->mn" %x, %w : (tensor<?x4xf32>, tensor<4x2xf32>) -> tensor<?x2xf32>
  %1 = nn.exp %0 : tensor<?x2xf32>
  %2 = nn.reduce_sum %0 [0, 1] : tensor<?x2xf32> -> tensor<f32>
  return %2, %1 : tensor<f32>, tensor<?x2xf32>
}

// -----

// An argument that the loss doesn't depend on has gradient zero, in its own sizes.
// CHECK-LABEL: func @unused
// CHECK-SAME: (%[[N:.*]]: index, %[[X:.*]]: tensor<f32>, %[[U:.*]]: tensor<?xf32>)
// CHECK: %[[ZERO:.*]] = nn.constant dense<0.000000e+00> : tensor<f32>
// CHECK: %[[Z:.*]] = nn.broadcast %[[ZERO]] [] to [%[[N]]]
// CHECK: return %{{.*}}, %[[Z]]
func.func @unused(%n: index, %x: tensor<f32>, %u: tensor<?xf32> {nn.wrt}) -> tensor<f32> {
  %0 = nn.exp %x : tensor<f32>
  return %0 : tensor<f32>
}

// -----

// Integers, truth values and nn.stop_gradient end the path.
// CHECK-LABEL: func @ends
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
// CHECK-DAG: %[[ZERO:.*]] = nn.constant dense<0.000000e+00> : tensor<4xf32>
// CHECK: return %{{.*}}, %[[ZERO]]
func.func @ends(%x: tensor<4xf32> {nn.wrt}) -> tensor<f32> {
  %0 = nn.argmax %x[0] : tensor<4xf32> -> tensor<i32>
  %1 = nn.cast %0 : tensor<i32> to tensor<f32>
  %2 = nn.stop_gradient %x : tensor<4xf32>
  %3 = nn.reduce_sum %2 [0] : tensor<4xf32> -> tensor<f32>
  %4 = nn.floor %x : tensor<4xf32>
  %5 = nn.reduce_sum %4 [0] : tensor<4xf32> -> tensor<f32>
  %6 = nn.add %1, %3 : tensor<f32>
  %7 = nn.add %6, %5 : tensor<f32>
  return %7 : tensor<f32>
}

// -----

// expected-note @+1 {{of this function}}
func.func @no_derivative(%x: tensor<f32> {nn.wrt}) -> tensor<f32> {
  // expected-error @+1 {{'tensor.cast' op has no derivative, but lies between an argument marked 'nn.wrt' and result 0}}
  %0 = tensor.cast %x : tensor<f32> to tensor<f32>
  return %0 : tensor<f32>
}

// -----

// expected-error @+1 {{has marked arguments and expects a rank-0 float tensor as result 0}}
func.func @no_loss(%x: tensor<4xf32> {nn.wrt}) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// -----

// expected-error @+1 {{has marked arguments and expects one block, found several}}
func.func @control_flow(%x: tensor<f32> {nn.wrt}) -> tensor<f32> {
  cf.br ^bb1
^bb1:
  return %x : tensor<f32>
}

// -----

// A region may use what is no operand of its op. Without a word, no gradient would come through.
func.func @captured(%x: tensor<f32> {nn.wrt}, %c: i1) -> tensor<f32> {
  // expected-note @+1 {{this value}}
  %0 = nn.exp %x : tensor<f32>
  // expected-error @+1 {{'scf.if' op uses a value in its region that depends on an argument marked 'nn.wrt', and only operands get a derivative}}
  %1 = scf.if %c -> tensor<f32> {
    %2 = nn.neg %0 : tensor<f32>
    scf.yield %2 : tensor<f32>
  } else {
    scf.yield %0 : tensor<f32>
  }
  return %1 : tensor<f32>
}

// -----

// Through regions within the region too, and where the op has an operand of its own besides.
// expected-note @+1 {{this value}}
func.func @captured_within(%x: tensor<4xf32> {nn.wrt}, %n: index) -> tensor<f32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %start = nn.constant dense<0.0> : tensor<f32>
  // expected-error @+1 {{'scf.for' op uses a value in its region}}
  %sum = scf.for %i = %zero to %n step %one iter_args(%s = %start) -> tensor<f32> {
    %c = arith.cmpi eq, %i, %zero : index
    %y = scf.if %c -> tensor<f32> {
      %1 = nn.reduce_sum %x [0] : tensor<4xf32> -> tensor<f32>
      scf.yield %1 : tensor<f32>
    } else {
      scf.yield %s : tensor<f32>
    }
    scf.yield %y : tensor<f32>
  }
  return %sum : tensor<f32>
}

// -----

// What a region uses is no matter where nothing of it comes from a marked argument, or the loss
// doesn't depend on the op.
// CHECK-LABEL: func @captured_idly
// CHECK-SAME: (%[[X:.*]]: tensor<f32>, %[[Y:.*]]: tensor<f32>, %{{.*}}: i1)
// CHECK: %[[IF:.*]] = scf.if
// CHECK: %[[P:.*]] = nn.mul %[[X]], %[[IF]]
// CHECK: return %[[P]], %{{.*}}, %[[IF]]
func.func @captured_idly(%x: tensor<f32> {nn.wrt}, %y: tensor<f32>, %c: i1)
    -> (tensor<f32>, tensor<f32>) {
  %0 = scf.if %c -> tensor<f32> {
    %3 = nn.neg %y : tensor<f32>
    scf.yield %3 : tensor<f32>
  } else {
    scf.yield %y : tensor<f32>
  }
  %1 = nn.mul %x, %0 : tensor<f32>
  %2 = scf.if %c -> tensor<f32> {
    scf.yield %1 : tensor<f32>
  } else {
    scf.yield %x : tensor<f32>
  }
  return %1, %2 : tensor<f32>, tensor<f32>
}

// -----

// A cotangent has the type of its value, also where the sizes it is computed from are known.
// CHECK-LABEL: func @cotangents_of_a_type
// CHECK: %[[A:.*]] = nn.add %{{.*}}, %{{.*}} : tensor<?xf32>
// CHECK: %[[G:.*]] = nn.add %[[A]], %{{.*}} : tensor<?xf32>
// CHECK: %[[DX:.*]] = nn.reshape %[[G]] to [4] : tensor<?xf32> -> tensor<4xf32>
// CHECK: return %{{.*}}, %[[DX]]
func.func @cotangents_of_a_type(%x: tensor<4xf32> {nn.wrt}) -> tensor<f32> {
  %0 = nn.transpose %x [0] : tensor<4xf32> -> tensor<?xf32>
  %1 = nn.reduce_sum %0 [0] : tensor<?xf32> -> tensor<f32>
  %2 = nn.mul %0, %0 : tensor<?xf32>
  %3 = nn.reduce_sum %2 [0] : tensor<?xf32> -> tensor<f32>
  %4 = nn.add %1, %3 : tensor<f32>
  return %4 : tensor<f32>
}
