// RUN: nn-opt %s --codegen-fill-constants | FileCheck %s
// RUN: nn-opt %s --codegen-fill-constants=least-bytes=1000000 | FileCheck %s --check-prefix=ALL

// Each use has a fill of its own, which can be made where it goes.
// CHECK-LABEL: func.func @uses
// CHECK-NOT: dense
// CHECK: %[[A:.+]] = linalg.fill ins(%{{.+}} : f32) outs(%{{.+}} : tensor<64x17xf32>)
// CHECK: bufferization.materialize_in_destination %[[A]] in restrict writable %arg0
// CHECK: %[[B:.+]] = linalg.fill ins(%{{.+}} : f32) outs(%{{.+}} : tensor<64x17xf32>)
// CHECK: bufferization.materialize_in_destination %[[B]] in restrict writable %arg1
// ALL-LABEL: func.func @uses
// ALL: arith.constant dense
// ALL-NOT: linalg.fill
func.func @uses(%a: memref<64x17xf32>, %b: memref<64x17xf32>) {
  %c = arith.constant dense<2.0> : tensor<64x17xf32>
  bufferization.materialize_in_destination %c in restrict writable %a : (tensor<64x17xf32>, memref<64x17xf32>) -> ()
  bufferization.materialize_in_destination %c in restrict writable %b : (tensor<64x17xf32>, memref<64x17xf32>) -> ()
  return
}

// Before the loop, not in each pass.
// CHECK-LABEL: func.func @loop
// CHECK: %[[C:.+]] = linalg.fill
// CHECK: scf.for
// CHECK: tensor.extract %[[C]]
func.func @loop(%n: index) -> i32 {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %start = arith.constant 0 : i32
  %c = arith.constant dense<7> : tensor<2000xi32>
  %sum = scf.for %i = %zero to %n step %one iter_args(%s = %start) -> i32 {
    %e = tensor.extract %c[%i] : tensor<2000xi32>
    %next = arith.addi %s, %e : i32
    scf.yield %next : i32
  }
  return %sum : i32
}

// Small ones, and those of several values, stay.
// CHECK-LABEL: func.func @kept
// CHECK-DAG: arith.constant dense<2.000000e+00> : tensor<64x16xf32>
// CHECK-DAG: arith.constant dense<true> : tensor<4096xi1>
// CHECK-DAG: arith.constant dense<[1, 2]> : tensor<2xi32>
// CHECK-NOT: linalg.fill
func.func @kept() -> (tensor<64x16xf32>, tensor<4096xi1>, tensor<2xi32>) {
  %a = arith.constant dense<2.0> : tensor<64x16xf32>
  %b = arith.constant dense<true> : tensor<4096xi1>
  %c = arith.constant dense<[1, 2]> : tensor<2xi32>
  return %a, %b, %c : tensor<64x16xf32>, tensor<4096xi1>, tensor<2xi32>
}
