// RUN: nn-opt %s --codegen-lower-kernels --allow-unregistered-dialect | FileCheck %s
// RUN: nn-opt %s --codegen-lower-kernels=separate --allow-unregistered-dialect | FileCheck %s --check-prefix=APART

// A buffer is a pointer and what its type doesn't say. Sizes give the strides of what is contiguous.
// CHECK-LABEL: func.func private @sizes(
// CHECK-SAME: %[[S:[^:]+]]: f32,
// CHECK-SAME: %[[A:[^:]+]]: !llvm.ptr {llvm.noalias}, %[[N:[^:]+]]: i64, %[[M:[^:]+]]: i64,
// CHECK-SAME: %[[CONTEXT:[^:]+]]: !llvm.ptr {nn.context}) attributes {passthrough = ["noinline"]}
// CHECK: llvm.insertvalue %[[A]], %{{.+}}[0]
// CHECK: llvm.insertvalue %[[A]], %{{.+}}[1]
// CHECK: llvm.insertvalue %[[N]], %{{.+}}[3, 0]
// CHECK: llvm.insertvalue %[[M]], %{{.+}}[3, 1]
// CHECK: %[[STRIDE:.+]] = llvm.mul
// CHECK: llvm.insertvalue %[[STRIDE]], %{{.+}}[4, 0]
// CHECK: %[[B:.+]] = builtin.unrealized_conversion_cast
// CHECK: "use"(%[[B]], %[[S]])
// APART: func.func private @sizes({{.*}}) attributes {nn.hidden, passthrough = ["noinline"]}
kernel.func @sizes(%s: f32, %a: memref<?x?xf32>) {
  "use"(%a, %s) : (memref<?x?xf32>, f32) -> ()
  kernel.return
}

// Where it begins is in the pointer, its strides are handed over.
// CHECK-LABEL: func.func private @strides(
// CHECK-SAME: %[[A:[^:]+]]: !llvm.ptr {llvm.noalias}, %[[STRIDE:[^:]+]]: i64, %{{.+}}: !llvm.ptr {nn.context})
// CHECK: llvm.insertvalue %[[STRIDE]], %{{.+}}[4, 0]
kernel.func @strides(%a: memref<8x4xf32, strided<[?, 1], offset: ?>>) {
  "use"(%a) : (memref<8x4xf32, strided<[?, 1], offset: ?>>) -> ()
  kernel.return
}

// CHECK: func.func private @apart(!llvm.ptr {llvm.noalias}, !llvm.ptr {nn.context}) attributes
// CHECK-SAME: passthrough
kernel.func @apart(%a: memref<64xf32>) attributes {external} {
  kernel.return
}

// Views are handed over as pointers into what they are views of: nobody needs their descriptors.
// CHECK-LABEL: func.func @views(
// CHECK-SAME: %[[W:[^:]+]]: memref<?xi8>, %[[AT:[^:]+]]: index, %[[N:[^:]+]]: index, %[[CONTEXT:[^:]+]]: !llvm.ptr
// CHECK: %[[SHIFT:.+]] = builtin.unrealized_conversion_cast %[[AT]] : index to i64
// CHECK: %[[VIEW:.+]] = llvm.getelementptr %{{.+}}[%[[SHIFT]]] : (!llvm.ptr, i64) -> !llvm.ptr, i8
// CHECK: %[[PART:.+]] = llvm.mlir.constant(12 : i64)
// CHECK: %[[BEGIN:.+]] = llvm.getelementptr %[[VIEW]][%[[PART]]] : (!llvm.ptr, i64) -> !llvm.ptr, f32
// CHECK: %[[SIZE:.+]] = builtin.unrealized_conversion_cast %[[N]] : index to i64
// CHECK: call @part(%[[BEGIN]], %[[SIZE]], %[[CONTEXT]])
kernel.func @part(%a: memref<?x4xf32, strided<[16, 1], offset: ?>>) {
  kernel.return
}
func.func @views(%workspace: memref<?xi8>, %at: index, %n: index) {
  %view = memref.view %workspace[%at][%n] : memref<?xi8> to memref<?x16xf32>
  %part = memref.subview %view[0, 12] [%n, 4] [1, 1] : memref<?x16xf32> to memref<?x4xf32, strided<[16, 1], offset: 12>>
  %any = memref.cast %part : memref<?x4xf32, strided<[16, 1], offset: 12>> to memref<?x4xf32, strided<[16, 1], offset: ?>>
  kernel.call @part() to (%any : memref<?x4xf32, strided<[16, 1], offset: ?>>)
  return
}

// CHECK-LABEL: func.func @caller(
// CHECK-SAME: %[[CONTEXT:[^:]+]]: !llvm.ptr {nn.context})
// CHECK: %[[BEGIN:.+]] = llvm.getelementptr
// CHECK: %[[STRIDE:.+]] = llvm.extractvalue %{{.+}}[4, 0]
// CHECK: call @strides(%[[BEGIN]], %[[STRIDE]], %[[CONTEXT]])
// CHECK: call @sizes(%{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}, %[[CONTEXT]])
// CHECK: call @apart(%{{.+}}, %[[CONTEXT]])
func.func @caller(%a: memref<8x4xf32, strided<[?, 1], offset: ?>>, %b: memref<?x?xf32>, %s: f32, %c: memref<64xf32>) {
  kernel.call @strides() to (%a : memref<8x4xf32, strided<[?, 1], offset: ?>>)
  kernel.call @sizes(%s : f32) to (%b : memref<?x?xf32>)
  kernel.call @apart() to (%c : memref<64xf32>)
  return
}
