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

// Functions that call kernels are handed buffers as these are, and hand on pointers into them:
// nobody needs a descriptor, nor the views.
// CHECK-LABEL: func.func @views(
// CHECK-SAME: %[[W:[^:]+]]: !llvm.ptr, %{{[^:]+}}: i64, %[[AT:[^:]+]]: index, %[[N:[^:]+]]: index, %[[CONTEXT:[^:]+]]: !llvm.ptr
// CHECK-NEXT: %[[SHIFT:.+]] = builtin.unrealized_conversion_cast %[[AT]] : index to i64
// CHECK-NEXT: %[[VIEW:.+]] = llvm.getelementptr %[[W]][%[[SHIFT]]] : (!llvm.ptr, i64) -> !llvm.ptr, i8
// CHECK-NEXT: %[[BEGIN:.+]] = llvm.getelementptr %[[VIEW]][12] : (!llvm.ptr) -> !llvm.ptr, f32
// CHECK-NEXT: %[[SIZE:.+]] = builtin.unrealized_conversion_cast %[[N]] : index to i64
// CHECK-NEXT: call @part(%[[BEGIN]], %[[SIZE]], %[[CONTEXT]])
// CHECK-NEXT: %[[FAR:.+]] = llvm.mlir.constant(8589934592 : i64)
// CHECK-NEXT: %[[END:.+]] = llvm.getelementptr %[[W]][%[[FAR]]] : (!llvm.ptr, i64) -> !llvm.ptr, i8
// CHECK-NEXT: call @apart(%[[END]], %[[CONTEXT]])
// CHECK-NEXT: return
kernel.func @part(%a: memref<?x4xf32, strided<[16, 1], offset: ?>>) {
  kernel.return
}
func.func @views(%workspace: memref<?xi8>, %at: index, %n: index) {
  %view = memref.view %workspace[%at][%n] : memref<?xi8> to memref<?x16xf32>
  %part = memref.subview %view[0, 12] [%n, 4] [1, 1] : memref<?x16xf32> to memref<?x4xf32, strided<[16, 1], offset: 12>>
  %any = memref.cast %part : memref<?x4xf32, strided<[16, 1], offset: 12>> to memref<?x4xf32, strided<[16, 1], offset: ?>>
  kernel.call @part() to (%any : memref<?x4xf32, strided<[16, 1], offset: ?>>)
  %far = arith.constant 8589934592 : index
  %end = memref.view %workspace[%far][] : memref<?xi8> to memref<64xf32>
  kernel.call @apart() to (%end : memref<64xf32>)
  return
}

// CHECK-LABEL: func.func @caller(
// CHECK-SAME: %[[A:[^:]+]]: !llvm.ptr, %[[STRIDE:[^:]+]]: i64, %[[B:[^:]+]]: !llvm.ptr, %[[N:[^:]+]]: i64, %[[M:[^:]+]]: i64, %[[S:[^:]+]]: f32, %[[C:[^:]+]]: !llvm.ptr,
// CHECK-SAME: %[[CONTEXT:[^:]+]]: !llvm.ptr {nn.context})
// CHECK-NEXT: call @strides(%[[A]], %[[STRIDE]], %[[CONTEXT]])
// CHECK-NEXT: call @sizes(%[[S]], %[[B]], %[[N]], %[[M]], %[[CONTEXT]])
// CHECK-NEXT: call @apart(%[[C]], %[[CONTEXT]])
func.func @caller(%a: memref<8x4xf32, strided<[?, 1], offset: ?>>, %b: memref<?x?xf32>, %s: f32, %c: memref<64xf32>) {
  kernel.call @strides() to (%a : memref<8x4xf32, strided<[?, 1], offset: ?>>)
  kernel.call @sizes(%s : f32) to (%b : memref<?x?xf32>)
  kernel.call @apart() to (%c : memref<64xf32>)
  return
}

// Who reads it without a kernel has a descriptor of it.
// CHECK-LABEL: func.func @reads(
// CHECK-SAME: %[[A:[^:]+]]: !llvm.ptr, %[[N:[^:]+]]: i64)
// CHECK: llvm.insertvalue %[[A]], %{{.+}}[1]
// CHECK: llvm.insertvalue %[[N]], %{{.+}}[3, 0]
// CHECK: %[[BUFFER:.+]] = builtin.unrealized_conversion_cast
// CHECK: "use"(%[[BUFFER]])
func.func @reads(%a: memref<?xf32>) {
  "use"(%a) : (memref<?xf32>) -> ()
  return
}
