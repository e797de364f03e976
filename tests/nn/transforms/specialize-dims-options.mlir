// RUN: nn-opt %s --nn-specialize-dims="arg=0 size=16" | FileCheck %s

// CHECK-LABEL: func @f
// CHECK-SAME: (%{{.*}}: index, %{{.*}}: tensor<16x4xf32>) -> tensor<16xf32>
func.func @f(%n: index, %x: tensor<?x4xf32>) -> tensor<?xf32> {
  %0 = nn.reduce_sum %x [1] : tensor<?x4xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
