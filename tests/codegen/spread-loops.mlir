// RUN: nn-opt %s --codegen-spread-loops | FileCheck --enable-var-scope %s

#id = affine_map<(d0) -> (d0)>

// Rows that only a pass knows: each place in them is a task, which goes through all passes.
// CHECK-LABEL: kernel.func @adds
// CHECK: scf.forall (%[[J:.+]]) in (7) {
// CHECK-NEXT: scf.for
// CHECK: %[[FROM:.+]] = memref.subview %{{.+}}[%{{.+}}, 0] [1, 7] [1, 1]
// CHECK: %[[TO:.+]] = memref.subview %{{.+}}[%{{.+}}, 0] [1, 7] [1, 1]
// CHECK: %[[A:.+]] = memref.load %[[FROM]][%[[J]]]
// CHECK: %[[B:.+]] = memref.load %[[TO]][%[[J]]]
// CHECK: %[[SUM:.+]] = arith.addf %[[B]], %[[A]]
// CHECK: memref.store %[[SUM]], %[[TO]][%[[J]]]
// CHECK-NOT: linalg
kernel.func @adds(%places: memref<6xindex>, %x: memref<6x7xf32>, %out: memref<11x7xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  scf.for %i = %c0 to %c6 step %c1 {
    %row = memref.load %places[%i] : memref<6xindex>
    %from = memref.subview %x[%i, 0] [1, 7] [1, 1] : memref<6x7xf32> to memref<7xf32, strided<[1], offset: ?>>
    %to = memref.subview %out[%row, 0] [1, 7] [1, 1] : memref<11x7xf32> to memref<7xf32, strided<[1], offset: ?>>
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
        ins(%from : memref<7xf32, strided<[1], offset: ?>>) outs(%to : memref<7xf32, strided<[1], offset: ?>>) {
    ^bb0(%a: f32, %b: f32):
      %sum = arith.addf %b, %a : f32
      linalg.yield %sum : f32
    }
  }
  kernel.return
}

// What is added is of the buffer that is added to: passes meet.
// CHECK-LABEL: kernel.func @own_rows
// CHECK-NOT: scf.forall
// CHECK: scf.for
// CHECK: linalg.generic
kernel.func @own_rows(%places: memref<6xindex>, %out: memref<11x7xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  scf.for %i = %c0 to %c6 step %c1 {
    %row = memref.load %places[%i] : memref<6xindex>
    %from = memref.subview %out[%i, 0] [1, 7] [1, 1] : memref<11x7xf32> to memref<7xf32, strided<[1], offset: ?>>
    %to = memref.subview %out[%row, 0] [1, 7] [1, 1] : memref<11x7xf32> to memref<7xf32, strided<[1], offset: ?>>
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
        ins(%from : memref<7xf32, strided<[1], offset: ?>>) outs(%to : memref<7xf32, strided<[1], offset: ?>>) {
    ^bb0(%a: f32, %b: f32):
      %sum = arith.addf %b, %a : f32
      linalg.yield %sum : f32
    }
  }
  kernel.return
}

// Parts of rows that begin anywhere: an element's place isn't the same in each.
// CHECK-LABEL: kernel.func @parts
// CHECK-NOT: scf.forall
// CHECK: linalg.generic
kernel.func @parts(%places: memref<6xindex>, %x: memref<6x3xf32>, %out: memref<11x7xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  scf.for %i = %c0 to %c6 step %c1 {
    %at = memref.load %places[%i] : memref<6xindex>
    %from = memref.subview %x[%i, 0] [1, 3] [1, 1] : memref<6x3xf32> to memref<3xf32, strided<[1], offset: ?>>
    %to = memref.subview %out[0, %at] [1, 3] [1, 1] : memref<11x7xf32> to memref<3xf32, strided<[1], offset: ?>>
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
        ins(%from : memref<3xf32, strided<[1], offset: ?>>) outs(%to : memref<3xf32, strided<[1], offset: ?>>) {
    ^bb0(%a: f32, %b: f32):
      %sum = arith.addf %b, %a : f32
      linalg.yield %sum : f32
    }
  }
  kernel.return
}
