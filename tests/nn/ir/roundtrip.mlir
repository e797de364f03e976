// Every operation is printed as it is parsed, in the pretty and in the generic form.
// RUN: nn-opt %s | nn-opt | FileCheck %s
// RUN: nn-opt %s --mlir-print-op-generic | nn-opt | FileCheck %s

// CHECK-LABEL: func @unary
func.func @unary(%x: tensor<?x4xf32>, %i: tensor<3xi32>, %c: tensor<3xi1>) {
  // CHECK: nn.neg %{{.*}} : tensor<?x4xf32>
  %0 = nn.neg %x : tensor<?x4xf32>
  // CHECK: nn.exp %{{.*}} : tensor<?x4xf32>
  %1 = nn.exp %x : tensor<?x4xf32>
  // CHECK: nn.log %
  %2 = nn.log %x : tensor<?x4xf32>
  // CHECK: nn.log1p %
  %3 = nn.log1p %x : tensor<?x4xf32>
  // CHECK: nn.sqrt %
  %4 = nn.sqrt %x : tensor<?x4xf32>
  // CHECK: nn.rsqrt %
  %5 = nn.rsqrt %x : tensor<?x4xf32>
  // CHECK: nn.tanh %
  %6 = nn.tanh %x : tensor<?x4xf32>
  // CHECK: nn.sin %
  %7 = nn.sin %x : tensor<?x4xf32>
  // CHECK: nn.cos %
  %8 = nn.cos %x : tensor<?x4xf32>
  // CHECK: nn.erf %
  %9 = nn.erf %x : tensor<?x4xf32>
  // CHECK: nn.expm1 %
  %e1 = nn.expm1 %x : tensor<?x4xf32>
  // CHECK: nn.normal_cdf %
  %cdf = nn.normal_cdf %x : tensor<?x4xf32>
  // CHECK: nn.normal_pdf %
  %pdf = nn.normal_pdf %x : tensor<?x4xf32>
  // CHECK: nn.abs %{{.*}} : tensor<3xi32>
  %10 = nn.abs %i : tensor<3xi32>
  // CHECK: nn.sign %
  %11 = nn.sign %x : tensor<?x4xf32>
  // CHECK: nn.floor %
  %12 = nn.floor %x : tensor<?x4xf32>
  // CHECK: nn.not %{{.*}} : tensor<3xi1>
  %13 = nn.not %c : tensor<3xi1>
  // CHECK: nn.stop_gradient %
  %14 = nn.stop_gradient %x : tensor<?x4xf32>
  return
}

// CHECK-LABEL: func @binary
func.func @binary(%a: tensor<?x4xf32>, %b: tensor<?x4xf32>, %u: tensor<3xui8>, %c: tensor<3xi1>) {
  // CHECK: nn.add %{{.*}}, %{{.*}} : tensor<?x4xf32>
  %0 = nn.add %a, %b : tensor<?x4xf32>
  // CHECK: nn.sub %{{.*}}, %{{.*}} : tensor<3xui8>
  %1 = nn.sub %u, %u : tensor<3xui8>
  // CHECK: nn.mul %
  %2 = nn.mul %a, %b : tensor<?x4xf32>
  // CHECK: nn.div %
  %3 = nn.div %a, %b : tensor<?x4xf32>
  // CHECK: nn.floor_mod %
  %4 = nn.floor_mod %a, %b : tensor<?x4xf32>
  // CHECK: nn.pow %
  %5 = nn.pow %a, %b : tensor<?x4xf32>
  // CHECK: nn.maximum %
  %6 = nn.maximum %a, %b : tensor<?x4xf32>
  // CHECK: nn.minimum %
  %7 = nn.minimum %a, %b : tensor<?x4xf32>
  // CHECK: nn.and %{{.*}}, %{{.*}} : tensor<3xi1>
  %8 = nn.and %c, %c : tensor<3xi1>
  // CHECK: nn.or %
  %9 = nn.or %c, %c : tensor<3xi1>
  // CHECK: nn.compare "lt" %{{.*}}, %{{.*}} : tensor<?x4xf32>
  %10 = nn.compare "lt" %a, %b : tensor<?x4xf32>
  // CHECK: nn.select %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x4xf32>
  %11 = nn.select %10, %a, %b : tensor<?x4xf32>
  // CHECK: nn.cast %{{.*}} : tensor<3xui8> to tensor<3xf16>
  %12 = nn.cast %u : tensor<3xui8> to tensor<3xf16>
  return
}

// CHECK-LABEL: func @shapes
// CHECK-SAME: (%[[N:.*]]: index
func.func @shapes(%n: index, %x: tensor<?x6xf32>, %b: tensor<6xf32>, %i: tensor<?xi32>) {
  // CHECK: nn.broadcast %{{.*}} [1] to [%[[N]], 6] : tensor<6xf32> -> tensor<?x6xf32>
  %0 = nn.broadcast %b [1] to [%n, 6] : tensor<6xf32> -> tensor<?x6xf32>
  // CHECK: nn.reshape %{{.*}} to [%[[N]], 2, 3] : tensor<?x6xf32> -> tensor<?x2x3xf32>
  %1 = nn.reshape %x to [%n, 2, 3] : tensor<?x6xf32> -> tensor<?x2x3xf32>
  // CHECK: nn.transpose %{{.*}} [1, 0] : tensor<?x6xf32> -> tensor<6x?xf32>
  %2 = nn.transpose %x [1, 0] : tensor<?x6xf32> -> tensor<6x?xf32>
  // CHECK: nn.concat %{{.*}}, %{{.*}} axis 1 : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x12xf32>
  %3 = nn.concat %x, %0 axis 1 : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x12xf32>
  // CHECK: nn.slice %{{.*}} [0, 1] [%[[N]], 2] [1, 3] : tensor<?x6xf32> -> tensor<?x2xf32>
  %4 = nn.slice %x [0, 1] [%n, 2] [1, 3] : tensor<?x6xf32> -> tensor<?x2xf32>
  // CHECK: nn.pad %{{.*}} low [0, 1] to [%[[N]], 8] : tensor<?x6xf32> -> tensor<?x8xf32>
  %5 = nn.pad %x low [0, 1] to [%n, 8] : tensor<?x6xf32> -> tensor<?x8xf32>
  // CHECK: nn.pad %{{.*}} low [0, 1] high [0, 2] interior [0, 1] to [%[[N]], 14]
  %6 = nn.pad %x low [0, 1] high [0, 2] interior [0, 1] to [%n, 14] : tensor<?x6xf32> -> tensor<?x14xf32>
  // CHECK: nn.gather %{{.*}}, %{{.*}} : (tensor<6xf32>, tensor<?xi32>) -> tensor<?xf32>
  %7 = nn.gather %b, %i : (tensor<6xf32>, tensor<?xi32>) -> tensor<?xf32>
  // CHECK: nn.gather %{{.*}}, %{{.*}} axis 1 : (tensor<?x6xf32>, tensor<?xi32>) -> tensor<?x?xf32>
  %8 = nn.gather %x, %i axis 1 : (tensor<?x6xf32>, tensor<?xi32>) -> tensor<?x?xf32>
  // CHECK: nn.scatter_add %{{.*}}, %{{.*}} into %{{.*}} : (tensor<?xf32>, tensor<?xi32>, tensor<6xf32>) -> tensor<6xf32>
  %9 = nn.scatter_add %7, %i into %b : (tensor<?xf32>, tensor<?xi32>, tensor<6xf32>) -> tensor<6xf32>
  return
}

// CHECK-LABEL: func @rest
func.func @rest(%n: index, %x: tensor<?x6xf32>, %w: tensor<6x3xf32>, %seed: tensor<i64>) {
  // CHECK: nn.constant dense<5.000000e-01> : tensor<f32>
  %0 = nn.constant dense<0.5> : tensor<f32>
  // CHECK: nn.from_index %{{.*}} : tensor<f64>
  %1 = nn.from_index %n : tensor<f64>
  // CHECK: nn.iota 1 [%{{.*}}, 10] : tensor<?x10xi32>
  %2 = nn.iota 1 [%n, 10] : tensor<?x10xi32>
  // CHECK: nn.random "normal" site 3 %{{[a-z0-9]+}} [6, 3] : tensor<6x3xf32>
  %3 = nn.random "normal" site 3 %seed [6, 3] : tensor<6x3xf32>
  // CHECK: nn.random "uniform" site 0 %{{[a-z0-9]+}} draw %{{[a-z0-9]+}} example %{{[a-z0-9]+}} [%{{.*}}] : tensor<?xf64>
  %4 = nn.random "uniform" site 0 %seed draw %seed example %seed [%n] : tensor<?xf64>
  // CHECK: nn.contract "mk,kn->mn" %{{.*}}, %{{.*}} : (tensor<?x6xf32>, tensor<6x3xf32>) -> tensor<?x3xf32>
  %5 = nn.contract "mk,kn->mn" %x, %w : (tensor<?x6xf32>, tensor<6x3xf32>) -> tensor<?x3xf32>
  // CHECK: nn.reduce_sum %{{.*}} [0, 1] : tensor<?x6xf32> -> tensor<f32>
  %6 = nn.reduce_sum %x [0, 1] : tensor<?x6xf32> -> tensor<f32>
  // CHECK: nn.reduce_mean %{{.*}} [0] : tensor<?x6xf32> -> tensor<6xf32>
  %10 = nn.reduce_mean %x [0] : tensor<?x6xf32> -> tensor<6xf32>
  // CHECK: nn.reduce_max %{{.*}} [1] : tensor<?x6xf32> -> tensor<?xf32>
  %7 = nn.reduce_max %x [1] : tensor<?x6xf32> -> tensor<?xf32>
  // CHECK: nn.reduce_min %{{.*}} [0] : tensor<?x6xf32> -> tensor<6xf32>
  %8 = nn.reduce_min %x [0] : tensor<?x6xf32> -> tensor<6xf32>
  // CHECK: nn.argmax %{{.*}}[1] : tensor<?x6xf32> -> tensor<?xi32>
  %9 = nn.argmax %x[1] : tensor<?x6xf32> -> tensor<?xi32>
  return
}
