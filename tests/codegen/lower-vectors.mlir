// RUN: nn-opt %s --codegen-lower-vectors | FileCheck %s
// RUN: nn-opt %s --codegen-lower-vectors="approximate=false" | FileCheck %s --check-prefix=EXACT

// CHECK-LABEL: func.func @functions
// CHECK: vector.load
// CHECK-NOT: math.exp
// CHECK-NOT: math.erf
// CHECK: vector.store
// EXACT-LABEL: func.func @functions
// EXACT: math.exp
// EXACT: call @erff
func.func @functions(%x: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %pad = arith.constant 0.0 : f32
  %v = vector.transfer_read %x[%c0], %pad {in_bounds = [true]} : memref<8xf32>, vector<8xf32>
  %e = math.exp %v : vector<8xf32>
  %f = math.erf %e : vector<8xf32>
  vector.transfer_write %f, %x[%c0] {in_bounds = [true]} : vector<8xf32>, memref<8xf32>
  return
}

// CHECK-LABEL: func.func @doubles
// CHECK: math.exp %{{.+}} : f64
// CHECK: call @log1p
func.func @doubles(%x: f64) -> f64 {
  %0 = math.exp %x : f64
  %1 = math.log1p %0 : f64
  return %1 : f64
}

// CHECK-LABEL: func.func @strided_copy
// CHECK-NOT: memref.copy
// CHECK: scf.for
func.func @strided_copy(%x: memref<4x4xf32, strided<[8, 1]>>, %y: memref<4x4xf32>) {
  memref.copy %x, %y : memref<4x4xf32, strided<[8, 1]>> to memref<4x4xf32>
  return
}

// A column of a matrix is read and written element by element: upstream's lowering wants rows in one piece.
// CHECK-LABEL: func.func @column
// CHECK-NOT: vector.transfer
// CHECK: %[[A:.+]] = memref.load %{{.+}}[%c0] : memref<2xf32, strided<[7], offset: 3>>
// CHECK: %[[B:.+]] = memref.load %{{.+}}[%c1] : memref<2xf32, strided<[7], offset: 3>>
// CHECK: vector.from_elements %[[A]], %[[B]] : vector<2xf32>
// CHECK: memref.store
// CHECK: memref.store
// CHECK-NOT: vector.transfer
func.func @column(%x: memref<2xf32, strided<[7], offset: 3>>) {
  %c0 = arith.constant 0 : index
  %pad = arith.constant 0.0 : f32
  %v = vector.transfer_read %x[%c0], %pad {in_bounds = [true]} : memref<2xf32, strided<[7], offset: 3>>, vector<2xf32>
  %e = arith.addf %v, %v : vector<2xf32>
  vector.transfer_write %e, %x[%c0] {in_bounds = [true]} : vector<2xf32>, memref<2xf32, strided<[7], offset: 3>>
  return
}
