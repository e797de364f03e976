// RUN: nn-opt %s --pass-pipeline="builtin.module(func.func(codegen-separate-destinations))" | FileCheck %s

// An empty tensor from outside of a loop would be in use in all of it.
// CHECK-LABEL: func.func @f
// CHECK-NOT: tensor.empty
// CHECK: scf.for
// CHECK-NEXT: %[[A:.+]] = tensor.empty() : tensor<8xf32>
// CHECK-NEXT: linalg.exp {{.*}} outs(%[[A]] :
// CHECK-NEXT: %[[B:.+]] = tensor.empty() : tensor<8xf32>
// CHECK-NEXT: linalg.log {{.*}} outs(%[[B]] :
func.func @f(%x: tensor<8xf32>, %n: index) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : tensor<8xf32>
  %r = scf.for %t = %c0 to %n step %c1 iter_args(%h = %x) -> (tensor<8xf32>) {
    %a = linalg.exp ins(%h : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
    %b = linalg.log ins(%a : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
    scf.yield %b : tensor<8xf32>
  }
  return %r : tensor<8xf32>
}
