// RUN: nn-opt %s --codegen-hoist-scratch --allow-unregistered-dialect --split-input-file | FileCheck %s

// Each caller computes the size of what it provides.
// CHECK-LABEL: kernel.func @g(
// CHECK-SAME: %{{.+}}: memref<?x8xf32>, %{{.+}}: memref<?x8xf32>)
// CHECK-LABEL: func.func @caller(
// CHECK-SAME: %[[X:.+]]: memref<?x8xf32>, %[[Y:.+]]: memref<?x8xf32>)
// CHECK: %[[N:.+]] = memref.dim %[[X]]
// CHECK: %[[A:.+]] = memref.alloc(%[[N]])
// CHECK: kernel.call @g() to (%[[X]], %[[A]] :
// CHECK: %[[M:.+]] = memref.dim %[[Y]]
// CHECK: %[[B:.+]] = memref.alloc(%[[M]])
// CHECK: kernel.call @g() to (%[[Y]], %[[B]] :
kernel.func @g(%x: memref<?x8xf32>) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?x8xf32>
  %a = memref.alloc(%n) : memref<?x8xf32>
  "use"(%a, %x) : (memref<?x8xf32>, memref<?x8xf32>) -> ()
  kernel.return
}
func.func @caller(%x: memref<?x8xf32>, %y: memref<?x8xf32>) {
  kernel.call @g() to (%x : memref<?x8xf32>)
  kernel.call @g() to (%y : memref<?x8xf32>)
  return
}

// -----

// Of a kernel that is compiled apart there is only what it needs.
// CHECK-LABEL: kernel.func @apart(
// CHECK-SAME: %{{.+}}: memref<64xf32>, %{{.+}}: memref<4096xf32>)
// CHECK-LABEL: func.func @caller(
// CHECK: %[[A:.+]] = memref.alloc() : memref<4096xf32>
// CHECK: kernel.call @apart() to (%{{.+}}, %[[A]] :
kernel.func @apart(%x: memref<64xf32>) attributes {external} {
  %a = memref.alloc() : memref<4096xf32>
  kernel.return
}
func.func @caller(%x: memref<64xf32>) {
  kernel.call @apart() to (%x : memref<64xf32>)
  return
}
