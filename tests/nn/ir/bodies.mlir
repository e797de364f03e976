// RUN: nn-opt %s | nn-opt | FileCheck %s
// RUN: nn-opt %s --mlir-print-op-generic | nn-opt | FileCheck %s

// CHECK-LABEL: func @scan
func.func @scan(%n: index, %x: tensor<?x28x8xf32>, %h: tensor<?x8xf32>, %w: tensor<8x8xf32>)
    -> (tensor<?x8xf32>, tensor<?x28x8xf32>) {
  // CHECK: %{{.*}}:2 = nn.scan [28] slices [1](%{{.*}} : tensor<?x28x8xf32>) inits(%{{.*}} : tensor<?x8xf32>) captures(%{{.*}} : tensor<8x8xf32>) dims(%{{.*}}) stack [1] -> (tensor<?x8xf32>, tensor<?x28x8xf32>) {
  // CHECK-NEXT: ^bb0(%{{.*}}: tensor<i64>, %{{.*}}: tensor<?x8xf32>, %{{.*}}: tensor<?x8xf32>, %{{.*}}: tensor<8x8xf32>, %{{.*}}: index):
  %last, %all = nn.scan [28] slices [1] (%x : tensor<?x28x8xf32>) inits (%h : tensor<?x8xf32>)
      captures (%w : tensor<8x8xf32>) dims (%n) stack [1] -> (tensor<?x8xf32>, tensor<?x28x8xf32>) {
  ^bb0(%i: tensor<i64>, %xt: tensor<?x8xf32>, %ht: tensor<?x8xf32>, %u: tensor<8x8xf32>, %d: index):
    %0 = nn.contract "bk,kn->bn" %ht, %u : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
    %1 = nn.add %0, %xt : tensor<?x8xf32>
    // CHECK: nn.yield %{{.*}}, %{{.*}} : tensor<?x8xf32>, tensor<?x8xf32>
    nn.yield %1, %0 : tensor<?x8xf32>, tensor<?x8xf32>
  }
  return %last, %all : tensor<?x8xf32>, tensor<?x28x8xf32>
}

// CHECK-LABEL: func @count
func.func @count(%n: index, %h: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: nn.scan [%{{.*}}] reverse slices []() inits(%{{.*}} : tensor<4xf32>) captures() dims() stack [] -> (tensor<4xf32>) {
  %0 = nn.scan [%n] reverse slices [] () inits (%h : tensor<4xf32>) captures () dims () stack []
      -> (tensor<4xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<4xf32>):
    %1 = nn.sin %c : tensor<4xf32>
    nn.yield %1 : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func @gradient
func.func @gradient(%x: tensor<4xf32>, %w: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: nn.gradient wrt(%{{.*}} : tensor<4xf32>) captures(%{{.*}} : tensor<4xf32>) dims() -> (tensor<4xf32>) {
  %0 = nn.gradient wrt (%x : tensor<4xf32>) captures (%w : tensor<4xf32>) dims ()
      -> (tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>, %b: tensor<4xf32>):
    %1 = nn.mul %a, %b : tensor<4xf32>
    nn.yield %1 : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// Integers among the inputs have no value in the second body.
// CHECK-LABEL: func @with_gradient
func.func @with_gradient(%x: tensor<4xf32>, %i: tensor<4xi32>) -> tensor<4xf32> {
  // CHECK: nn.with_gradient inputs(%{{.*}}, %{{.*}} : tensor<4xf32>, tensor<4xi32>) captures() dims() -> (tensor<4xf32>) {
  // CHECK: }, {
  %0 = nn.with_gradient inputs (%x, %i : tensor<4xf32>, tensor<4xi32>) captures () dims ()
      -> (tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>, %j: tensor<4xi32>):
    %1 = nn.sign %a : tensor<4xf32>
    nn.yield %1 : tensor<4xf32>
  }, {
  ^bb0(%a: tensor<4xf32>, %j: tensor<4xi32>, %dy: tensor<4xf32>):
    nn.yield %dy : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func @windows
func.func @windows(%n: index, %x: tensor<?x28x28x3xf32>) -> tensor<?x28x28x3xf32> {
  // CHECK: nn.windows %{{.*}} size [3, 3] stride [1, 1] dilation [1, 1] low [1, 1] high [1, 1] fill -1.000000e+00 to [%{{.*}}, 28, 28, 3, 3, 3]
  %0 = nn.windows %x size [3, 3] stride [1, 1] dilation [1, 1] low [1, 1] high [1, 1] fill -1.0
       to [%n, 28, 28, 3, 3, 3] : tensor<?x28x28x3xf32> -> tensor<?x28x28x3x3x3xf32>
  // CHECK: nn.windows_sum %{{.*}} size [3, 3] stride [1, 1] dilation [1, 1] low [1, 1] high [1, 1] to [%{{.*}}, 28, 28, 3]
  %1 = nn.windows_sum %0 size [3, 3] stride [1, 1] dilation [1, 1] low [1, 1] high [1, 1]
       to [%n, 28, 28, 3] : tensor<?x28x28x3x3x3xf32> -> tensor<?x28x28x3xf32>
  return %1 : tensor<?x28x28x3xf32>
}
