// RUN: nn-opt %s --nn-simplify | FileCheck %s

// What CSE makes equal, the second round of folders sees.
// CHECK-LABEL: func @f
// CHECK: %[[E:.*]] = nn.exp
// CHECK-NEXT: return %[[E]]
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = nn.exp %x : tensor<4xf32>
  %1 = nn.exp %x : tensor<4xf32>
  %2 = nn.maximum %0, %1 : tensor<4xf32>
  %3 = nn.log %x : tensor<4xf32>
  return %2 : tensor<4xf32>
}
