// RUN: nn-opt %s | nn-opt | FileCheck %s

// CHECK-LABEL: kernel.func @exp(%arg0: tensor<64xf32>, %arg1: tensor<64xf32>) -> tensor<64xf32> {
// CHECK: kernel.return %{{.+}} : tensor<64xf32>
kernel.func @exp(%x: tensor<64xf32>, %out: tensor<64xf32>) -> tensor<64xf32> {
  %y = linalg.exp ins(%x : tensor<64xf32>) outs(%out : tensor<64xf32>) -> tensor<64xf32>
  kernel.return %y : tensor<64xf32>
}

// CHECK-LABEL: kernel.func @store(%arg0: f32, %arg1: memref<f32>) attributes {once} {
// CHECK: kernel.return{{$}}
kernel.func @store(%v: f32, %out: memref<f32>) attributes {once} {
  memref.store %v, %out[] : memref<f32>
  kernel.return
}

// CHECK-LABEL: kernel.func @phases(
// CHECK: memref.store
// CHECK-NEXT: kernel.sync{{$}}
// CHECK-NEXT: memref.store
// CHECK-NEXT: kernel.sync block{{$}}
// CHECK-NEXT: memref.store
kernel.func @phases(%v: f32, %out: memref<f32>) {
  memref.store %v, %out[] : memref<f32>
  kernel.sync
  memref.store %v, %out[] : memref<f32>
  kernel.sync block
  memref.store %v, %out[] : memref<f32>
  kernel.return
}

// CHECK-LABEL: kernel.func @passes(
// CHECK: scf.for
// CHECK-NEXT: memref.store
// CHECK-NEXT: kernel.sync{{$}}
kernel.func @passes(%n: index, %v: f32, %out: memref<f32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    memref.store %v, %out[] : memref<f32>
    kernel.sync
  }
  kernel.return
}

// CHECK-LABEL: func.func @f(
// CHECK: kernel.call @exp(%{{.+}} : tensor<64xf32>) to (%{{.+}} : tensor<64xf32>) -> tensor<64xf32>
// CHECK: kernel.call @store(%{{.+}} : f32) to (%{{.+}} : memref<f32>){{$}}
func.func @f(%x: tensor<64xf32>, %out: tensor<64xf32>, %v: f32, %buffer: memref<f32>) -> tensor<64xf32> {
  %y = kernel.call @exp(%x : tensor<64xf32>) to (%out : tensor<64xf32>) -> tensor<64xf32>
  kernel.call @store(%v : f32) to (%buffer : memref<f32>)
  return %y : tensor<64xf32>
}
