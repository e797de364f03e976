// RUN: nn-opt %s --canonicalize --cse --canonicalize --split-input-file | FileCheck %s

// What nobody reads goes: a stack, a carried value that only feeds itself, and what these alone
// used.
// CHECK-LABEL: func @unused
// CHECK-SAME: (%[[X:.*]]: tensor<3x4xf32>, %[[H:.*]]: tensor<4xf32>, %{{.*}}: tensor<4xf32>, %[[N:.*]]: index)
// CHECK: %[[S:.*]] = nn.scan [3] slices [](){{ *}}inits(%[[H]] : tensor<4xf32>) captures() dims() stack [] -> (tensor<4xf32>) {
// CHECK-NEXT: ^bb0(%{{.*}}: tensor<i64>, %[[C:.*]]: tensor<4xf32>):
// CHECK-NEXT: %[[Y:.*]] = nn.sin %[[C]]
// CHECK-NEXT: nn.yield %[[Y]] : tensor<4xf32>
// CHECK: return %[[S]]
func.func @unused(%x: tensor<3x4xf32>, %h: tensor<4xf32>, %w: tensor<4xf32>, %n: index)
    -> tensor<4xf32> {
  %0:3 = nn.scan [3] slices [0] (%x : tensor<3x4xf32>) inits (%h, %h : tensor<4xf32>, tensor<4xf32>)
      captures (%w : tensor<4xf32>) dims (%n) stack [0]
      -> (tensor<4xf32>, tensor<4xf32>, tensor<3x4xf32>) {
  ^bb0(%i: tensor<i64>, %a: tensor<4xf32>, %c: tensor<4xf32>, %e: tensor<4xf32>, %u: tensor<4xf32>, %d: index):
    %1 = nn.sin %c : tensor<4xf32>
    %2 = nn.add %e, %u : tensor<4xf32>
    %3 = nn.mul %2, %a : tensor<4xf32>
    nn.yield %1, %3, %2 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  }
  return %0#0 : tensor<4xf32>
}

// -----

// A carried value that a carried value needs stays, though nobody reads its result.
// CHECK-LABEL: func @needed
// CHECK: nn.scan [3] slices [](){{ *}}inits(%{{.*}}, %{{.*}} : tensor<4xf32>, tensor<4xf32>)
func.func @needed(%h: tensor<4xf32>) -> tensor<4xf32> {
  %0:2 = nn.scan [3] slices [] () inits (%h, %h : tensor<4xf32>, tensor<4xf32>) captures () dims ()
      stack [] -> (tensor<4xf32>, tensor<4xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<4xf32>, %e: tensor<4xf32>):
    %1 = nn.add %c, %e : tensor<4xf32>
    %2 = nn.sin %e : tensor<4xf32>
    nn.yield %1, %2 : tensor<4xf32>, tensor<4xf32>
  }
  return %0#0 : tensor<4xf32>
}

// -----

// Constants are made inside, equal captures are one, and what no pass changes is a capture.
// CHECK-LABEL: func @shared
// CHECK-SAME: (%[[H:.*]]: tensor<4xf32>, %[[W:.*]]: tensor<4xf32>)
// CHECK: %[[S:.*]] = nn.scan [3] slices [](){{ *}}inits(%[[H]] : tensor<4xf32>) captures(%[[W]] : tensor<4xf32>)
// CHECK: ^bb0(%{{.*}}: tensor<i64>, %[[C:.*]]: tensor<4xf32>, %[[U:.*]]: tensor<4xf32>):
// CHECK-DAG: %[[TWO:.*]] = nn.constant dense<2.000000e+00> : tensor<4xf32>
// CHECK-DAG: nn.mul %[[C]], %[[U]]
// CHECK-DAG: nn.mul %[[U]], %[[TWO]]
// CHECK: return %[[S]], %[[W]]
func.func @shared(%h: tensor<4xf32>, %w: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %two = nn.constant dense<2.0> : tensor<4xf32>
  %0:2 = nn.scan [3] slices [] () inits (%h, %w : tensor<4xf32>, tensor<4xf32>)
      captures (%w, %two : tensor<4xf32>, tensor<4xf32>) dims () stack []
      -> (tensor<4xf32>, tensor<4xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<4xf32>, %same: tensor<4xf32>, %u: tensor<4xf32>, %t: tensor<4xf32>):
    %1 = nn.mul %c, %same : tensor<4xf32>
    %2 = nn.mul %u, %t : tensor<4xf32>
    %3 = nn.add %1, %2 : tensor<4xf32>
    nn.yield %3, %same : tensor<4xf32>, tensor<4xf32>
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<4xf32>
}

// -----

// The gradient of a convolution by its input is a convolution of the other factor, with the filter
// turned round and what padding is left.
// CHECK-LABEL: func @convolution
// CHECK-SAME: (%[[N:.*]]: index, %[[D:.*]]: tensor<?x28x26x5xf32>, %[[W:.*]]: tensor<3x3x4x5xf32>)
// CHECK-DAG: %[[BACK:.*]] = nn.constant dense<[2, 1, 0]> : tensor<3xi32>
// CHECK-DAG: %[[A:.*]] = nn.gather %[[W]], %[[BACK]] :
// CHECK-DAG: %[[B:.*]] = nn.gather %[[A]], %[[BACK]] axis 1 :
// CHECK-DAG: %[[P:.*]] = nn.windows %[[D]] size [3, 3] stride [1, 1] dilation [1, 1] low [1, 2] high [1, 2] to [%[[N]], 28, 28, 3, 3, 5]
// CHECK: %[[Y:.*]] = nn.contract "bhwijf,ijcf->bhwc" %[[P]], %[[B]]
// CHECK: return %[[Y]]
func.func @convolution(%n: index, %d: tensor<?x28x26x5xf32>, %w: tensor<3x3x4x5xf32>)
    -> tensor<?x28x28x4xf32> {
  %0 = nn.contract "bhwf,ijcf->bhwijc" %d, %w
     : (tensor<?x28x26x5xf32>, tensor<3x3x4x5xf32>) -> tensor<?x28x26x3x3x4xf32>
  %1 = nn.windows_sum %0 size [3, 3] stride [1, 1] dilation [1, 1] low [1, 0] high [1, 0]
       to [%n, 28, 28, 4] : tensor<?x28x26x3x3x4xf32> -> tensor<?x28x28x4xf32>
  return %1 : tensor<?x28x28x4xf32>
}

// -----

// Not with a stride, nor where more was filled than the window reaches.
// CHECK-LABEL: func @no_convolution
// CHECK-COUNT-2: nn.windows_sum
func.func @no_convolution(%d: tensor<2x3x5xf32>, %w: tensor<3x4x5xf32>)
    -> (tensor<2x7x4xf32>, tensor<2x1x4xf32>) {
  %0 = nn.contract "bhf,icf->bhic" %d, %w
     : (tensor<2x3x5xf32>, tensor<3x4x5xf32>) -> tensor<2x3x3x4xf32>
  %1 = nn.windows_sum %0 size [3] stride [2] dilation [1] low [0] high [0]
       to [2, 7, 4] : tensor<2x3x3x4xf32> -> tensor<2x7x4xf32>
  %2 = nn.windows_sum %0 size [3] stride [1] dilation [1] low [3] high [1]
       to [2, 1, 4] : tensor<2x3x3x4xf32> -> tensor<2x1x4xf32>
  return %1, %2 : tensor<2x7x4xf32>, tensor<2x1x4xf32>
}
