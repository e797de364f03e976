// RUN: nn-opt %s --nn-differentiate --nn-simplify --split-input-file --verify-diagnostics | FileCheck %s

// The way back keeps what contractions gave and each pass's start, computes the rest again, and
// stacks the cotangent from which all gradients of what every pass uses follow at once.
// CHECK-LABEL: func @recurrent
// CHECK-SAME: (%[[N:.*]]: index, %[[X:.*]]: tensor<5x?x3xf32>, %[[H:.*]]: tensor<?x4xf32>, %[[W:.*]]: tensor<3x4xf32>, %[[U:.*]]: tensor<4x4xf32>, %[[B:.*]]: tensor<4xf32>)
// CHECK: %[[F:.*]]:4 = nn.scan [5] slices [0](%[[X]] {{.*}} stack [0, 0, 0]
// CHECK: nn.scan [5] reverse
// CHECK-SAME: stack [0] -> (tensor<?x4xf32>, tensor<5x?x4xf32>)
// CHECK: nn.tanh
// CHECK: nn.contract "bn,kn->bk"
// CHECK-NOT: nn.contract
// CHECK: nn.yield
// CHECK: nn.contract "tbk,tbn->kn" %[[X]], %[[G:.*]]#1
// CHECK: nn.contract "tbk,tbn->kn" %[[F]]#{{[0-9]}}, %[[G]]#1
// CHECK: nn.reduce_sum %[[G]]#1 [0, 1]
func.func @recurrent(%n: index, %x: tensor<5x?x3xf32>, %h: tensor<?x4xf32>,
    %w: tensor<3x4xf32> {nn.wrt}, %u: tensor<4x4xf32> {nn.wrt}, %b: tensor<4xf32> {nn.wrt})
    -> tensor<f32> {
  %0 = nn.scan [5] slices [0] (%x : tensor<5x?x3xf32>) inits (%h : tensor<?x4xf32>)
      captures (%w, %u, %b : tensor<3x4xf32>, tensor<4x4xf32>, tensor<4xf32>) dims (%n) stack []
      -> (tensor<?x4xf32>) {
  ^bb0(%i: tensor<i64>, %xt: tensor<?x3xf32>, %c: tensor<?x4xf32>, %ww: tensor<3x4xf32>,
       %uu: tensor<4x4xf32>, %bb: tensor<4xf32>, %d: index):
    %1 = nn.contract "bk,kn->bn" %xt, %ww : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
    %2 = nn.contract "bk,kn->bn" %c, %uu : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
    %3 = nn.add %1, %2 : tensor<?x4xf32>
    %4 = nn.broadcast %bb [1] to [%d, 4] : tensor<4xf32> -> tensor<?x4xf32>
    %5 = nn.add %3, %4 : tensor<?x4xf32>
    %6 = nn.tanh %5 : tensor<?x4xf32>
    nn.yield %6 : tensor<?x4xf32>
  }
  %7 = nn.reduce_sum %0 [0, 1] : tensor<?x4xf32> -> tensor<f32>
  return %7 : tensor<f32>
}

// -----

// Rows of a table that passes look up: one scatter of all.
// CHECK-LABEL: func @table
// CHECK-SAME: (%[[I:.*]]: tensor<5x6xi32>, %[[T:.*]]: tensor<100x4xf32>, %[[H:.*]]: tensor<6x4xf32>)
// CHECK: nn.scan [5] reverse
// CHECK-NOT: nn.scatter_add
// CHECK: nn.yield
// CHECK: nn.scatter_add %{{.*}}, %[[I]] into %{{.*}} : (tensor<5x6x4xf32>, tensor<5x6xi32>, tensor<100x4xf32>)
func.func @table(%i: tensor<5x6xi32>, %t: tensor<100x4xf32> {nn.wrt}, %h: tensor<6x4xf32>)
    -> tensor<f32> {
  %0 = nn.scan [5] slices [0] (%i : tensor<5x6xi32>) inits (%h : tensor<6x4xf32>)
      captures (%t : tensor<100x4xf32>) dims () stack [] -> (tensor<6x4xf32>) {
  ^bb0(%p: tensor<i64>, %it: tensor<6xi32>, %c: tensor<6x4xf32>, %tt: tensor<100x4xf32>):
    %1 = nn.gather %tt, %it : (tensor<100x4xf32>, tensor<6xi32>) -> tensor<6x4xf32>
    %2 = nn.mul %1, %c : tensor<6x4xf32>
    nn.yield %2 : tensor<6x4xf32>
  }
  %3 = nn.reduce_sum %0 [0, 1] : tensor<6x4xf32> -> tensor<f32>
  return %3 : tensor<f32>
}

// -----

// What is no contraction is carried along.
// CHECK-LABEL: func @carried
// CHECK: nn.scan [5] reverse {{.*}} stack [] -> (tensor<4xf32>, tensor<4xf32>)
func.func @carried(%w: tensor<4xf32> {nn.wrt}, %h: tensor<4xf32> {nn.wrt}) -> tensor<f32> {
  %0 = nn.scan [5] slices [] () inits (%h : tensor<4xf32>) captures (%w : tensor<4xf32>) dims ()
      stack [] -> (tensor<4xf32>) {
  ^bb0(%p: tensor<i64>, %c: tensor<4xf32>, %u: tensor<4xf32>):
    %1 = nn.mul %c, %u : tensor<4xf32>
    nn.yield %1 : tensor<4xf32>
  }
  %2 = nn.reduce_sum %0 [0] : tensor<4xf32> -> tensor<f32>
  return %2 : tensor<f32>
}

// -----

// expected-note @+1 {{of this function}}
func.func @no_derivative(%h: tensor<4xf32> {nn.wrt}) -> tensor<f32> {
  %0 = nn.scan [5] slices [] () inits (%h : tensor<4xf32>) captures () dims () stack []
      -> (tensor<4xf32>) {
  ^bb0(%p: tensor<i64>, %c: tensor<4xf32>):
    // expected-error @+1 {{'tensor.cast' op has no derivative, but lies between an argument marked 'nn.wrt' and result 0}}
    %1 = tensor.cast %c : tensor<4xf32> to tensor<4xf32>
    nn.yield %1 : tensor<4xf32>
  }
  %2 = nn.reduce_sum %0 [0] : tensor<4xf32> -> tensor<f32>
  return %2 : tensor<f32>
}

// -----

// What is stacked anyway is not kept again, nor computed again: the derivative of tanh is one of
// its result.
// CHECK-LABEL: func @stacked
// CHECK: %[[F:.*]]:3 = nn.scan [5] {{.*}} stack [1, 0] -> (tensor<6x4xf32>, tensor<6x5x4xf32>, tensor<5x6x4xf32>)
// CHECK: nn.scan [5] reverse slices [1, 1](%[[F]]#1, %{{.*}} : tensor<6x5x4xf32>, tensor<6x5x4xf32>)
// CHECK-NOT: nn.tanh
// CHECK: return
func.func @stacked(%h: tensor<6x4xf32>, %u: tensor<4x4xf32> {nn.wrt}, %g: tensor<6x5x4xf32>)
    -> tensor<f32> {
  %0:2 = nn.scan [5] slices [] () inits (%h : tensor<6x4xf32>) captures (%u : tensor<4x4xf32>)
      dims () stack [1] -> (tensor<6x4xf32>, tensor<6x5x4xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<6x4xf32>, %uu: tensor<4x4xf32>):
    %1 = nn.contract "bk,kn->bn" %c, %uu : (tensor<6x4xf32>, tensor<4x4xf32>) -> tensor<6x4xf32>
    %2 = nn.tanh %1 : tensor<6x4xf32>
    nn.yield %2, %2 : tensor<6x4xf32>, tensor<6x4xf32>
  }
  %3 = nn.mul %0#1, %g : tensor<6x5x4xf32>
  %4 = nn.reduce_sum %3 [0, 1, 2] : tensor<6x5x4xf32> -> tensor<f32>
  return %4 : tensor<f32>
}

// -----

// The passes get a letter that the equation lacks, also where it has all small ones and more.
// CHECK-LABEL: func @letters
// CHECK: nn.contract "Babcdefghijklmnopqrstuvwxyz,BAnopqrstuvwxyz->abcdefghijklmA"
func.func @letters(%a: tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x2xf32> {nn.wrt}, %b: tensor<3x2x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>, %g: tensor<3x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>) -> tensor<f32> {
  %0 = nn.scan [3] slices [0] (%b : tensor<3x2x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>) inits () captures (%a : tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x2xf32>) dims () stack [0] -> (tensor<3x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>) {
  ^bb0(%i: tensor<i64>, %bs: tensor<2x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>, %c: tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x2xf32>):
    %1 = nn.contract "abcdefghijklmA,Anopqrstuvwxyz->abcdefghijklmnopqrstuvwxyz" %c, %bs : (tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x2xf32>, tensor<2x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>) -> tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>
    nn.yield %1 : tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>
  }
  %2 = nn.mul %0, %g : tensor<3x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>
  %3 = nn.reduce_sum %2 [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26] : tensor<3x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32> -> tensor<f32>
  return %3 : tensor<f32>
}

// -----

// Within a body too, what a region uses without an operand has no derivative.
func.func @captured_within(%h: tensor<4xf32> {nn.wrt}) -> tensor<f32> {
  %0 = nn.scan [5] slices [] () inits (%h : tensor<4xf32>) captures () dims () stack []
      -> (tensor<4xf32>) {
  // expected-note @+1 {{this value}}
  ^bb0(%p: tensor<i64>, %c: tensor<4xf32>):
    // expected-error @+1 {{'scf.execute_region' op uses a value in its region that depends on an argument marked 'nn.wrt', and only operands get a derivative}}
    %1 = scf.execute_region -> tensor<4xf32> {
      %2 = nn.tanh %c : tensor<4xf32>
      scf.yield %2 : tensor<4xf32>
    }
    nn.yield %1 : tensor<4xf32>
  }
  %3 = nn.reduce_sum %0 [0] : tensor<4xf32> -> tensor<f32>
  return %3 : tensor<f32>
}
