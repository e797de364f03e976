// RUN: nn-opt %s --codegen-host-scalars | FileCheck %s

#none = affine_map<(i) -> ()>
#id = affine_map<(i) -> (i)>

// A number that all calls give by value, and one of which only one call knows the value.
// CHECK-LABEL: kernel.func @scale(
// CHECK-SAME: %[[RATE:[^:]+]]: f32, %[[LENGTH:[^:]+]]: memref<f32>, %{{[^:]+}}: memref<8xf32>)
// CHECK: linalg.generic {{.*}} ins(%[[RATE]], %[[LENGTH]] : f32, memref<f32>)
kernel.func @scale(%rate: memref<f32>, %length: memref<f32>, %out: memref<8xf32>) {
  linalg.generic {indexing_maps = [#none, #none, #id], iterator_types = ["parallel"]}
      ins(%rate, %length : memref<f32>, memref<f32>) outs(%out : memref<8xf32>) {
  ^bb0(%r: f32, %l: f32, %o: f32):
    %0 = arith.mulf %r, %l : f32
    linalg.yield %0 : f32
  }
  kernel.return
}

// One that the host computes as well takes memory.
// CHECK-LABEL: kernel.func @both(%{{[^:]+}}: memref<f32>, %{{[^:]+}}: memref<f32>)
kernel.func @both(%x: memref<f32>, %out: memref<f32>) {
  %0 = memref.load %x[] : memref<f32>
  memref.store %0, %out[] : memref<f32>
  kernel.return
}

// Each call reads the number where it stands: here another one in each pass of a loop.
// CHECK-LABEL: func.func @f(
// CHECK: memref.alloca() : memref<f32>
// CHECK: %[[RATE:.+]] = memref.alloca() : memref<f32>
// CHECK: %[[COPY:.+]] = memref.alloc() : memref<f32>
// CHECK: scf.for
// CHECK: memref.store %{{.+}}, %[[RATE]][]
// CHECK-NEXT: memref.copy %[[RATE]], %[[COPY]]
// CHECK-NEXT: %[[VALUE:.+]] = memref.load %[[RATE]][]
// CHECK-NEXT: kernel.call @scale(%[[VALUE]], %{{.+}} : f32, memref<f32>)
// CHECK: kernel.call @scale(%{{.+}}, %[[COPY]] : f32, memref<f32>)
// CHECK-NOT: kernel.call @both
// CHECK: memref.load
// CHECK: kernel.call @both(%[[COPY]] : memref<f32>)
func.func @f(%steps: index, %length: memref<f32>, %out: memref<8xf32>, %single: memref<f32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %rate = memref.alloc() : memref<f32>
  scf.for %i = %c0 to %steps step %c1 {
    %0 = arith.index_cast %i : index to i32
    %1 = arith.sitofp %0 : i32 to f32
    memref.store %1, %rate[] : memref<f32>
    kernel.call @scale(%rate, %length : memref<f32>, memref<f32>) to (%out : memref<8xf32>)
  }
  kernel.call @scale(%rate, %rate : memref<f32>, memref<f32>) to (%out : memref<8xf32>)
  %other = memref.alloc() : memref<f32>
  kernel.call @both(%rate : memref<f32>) to (%other : memref<f32>)
  kernel.call @both(%rate : memref<f32>) to (%single : memref<f32>)
  return
}

memref.global "private" constant @order : memref<8xf32> = dense<[0., 1., 2., 3., 4., 5., 6., 7.]>
kernel.func @permute(%x: memref<8xf32>, %out: memref<8xf32>) {
  memref.copy %x, %out : memref<8xf32> to memref<8xf32>
  kernel.return
}

// A kernel reads a copy of a constant, which is in the memory of the host.
// CHECK-LABEL: func.func @constants(
// CHECK: %[[ORDER:.+]] = memref.get_global @order
// CHECK-NEXT: %[[THERE:.+]] = memref.alloc() : memref<8xf32>
// CHECK-NEXT: memref.copy %[[ORDER]], %[[THERE]]
// CHECK-NEXT: kernel.call @permute(%[[THERE]] :
func.func @constants(%out: memref<8xf32>) {
  %order = memref.get_global @order : memref<8xf32>
  kernel.call @permute(%order : memref<8xf32>) to (%out : memref<8xf32>)
  return
}

kernel.func @power(%step: i64, %out: memref<f64>) {
  %cst = arith.constant 0.9 : f64
  %0 = arith.sitofp %step : i64 to f64
  %1 = math.powf %cst, %0 : f64
  memref.store %1, %out[] : memref<f64>
  kernel.return
}
kernel.func @fill(%by: memref<f64>, %out: memref<8xf64>) {
  scf.forall (%i) in (8) {
    %0 = memref.load %by[] : memref<f64>
    memref.store %0, %out[%i] : memref<8xf64>
  }
  kernel.return
}

// In a loop one thread of the device computes functions, beside others; elsewhere the host does.
// CHECK-LABEL: func.func @functions(
// CHECK: math.powf
// CHECK: scf.for
// CHECK-NOT: math.powf
// CHECK: kernel.call @power(%{{.+}} : i64) to (%{{.+}} : memref<f64>)
// CHECK: kernel.call @fill(%{{.+}} : memref<f64>)
func.func @functions(%n: index, %step: i64, %out: memref<8xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %once = memref.alloc() : memref<f64>
  kernel.call @power(%step : i64) to (%once : memref<f64>)
  kernel.call @fill(%once : memref<f64>) to (%out : memref<8xf64>)
  scf.for %i = %c0 to %n step %c1 {
    %each = memref.alloc() : memref<f64>
    %more = arith.index_cast %i : index to i64
    %number = arith.addi %step, %more : i64
    kernel.call @power(%number : i64) to (%each : memref<f64>)
    kernel.call @fill(%each : memref<f64>) to (%out : memref<8xf64>)
  }
  return
}

// All passes of a loop read one copy of a constant.
// CHECK-LABEL: func.func @again(
// CHECK: memref.copy
// CHECK: scf.for
// CHECK-NOT: memref.copy
// CHECK: kernel.call @permute(
func.func @again(%n: index, %out: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %order = memref.get_global @order : memref<8xf32>
    kernel.call @permute(%order : memref<8xf32>) to (%out : memref<8xf32>)
  }
  return
}
