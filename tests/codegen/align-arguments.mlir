// RUN: nn-opt %s --codegen-align-arguments | FileCheck %s
// RUN: nn-opt %s --codegen-align-arguments --codegen-lower-kernels | FileCheck %s --check-prefix=LOWERED

// What all calls of a kernel agree on: the second one's part begins 8 bytes behind a multiple of 64.
// CHECK: kernel.func @shared(%{{.*}}: memref<2xf32, strided<[1], offset: ?>> {llvm.align = 8 : i64}, %{{.*}}: memref<?xf32> {llvm.align = 64 : i64})
// LOWERED: func.func private @shared(%{{.*}}: !llvm.ptr {llvm.align = 8 : i64, llvm.noalias}, %{{.*}}: !llvm.ptr {llvm.align = 64 : i64, llvm.noalias}, %{{.*}}: i64,
kernel.func @shared(%x: memref<2xf32, strided<[1], offset: ?>>, %out: memref<?xf32>) {
  kernel.return
}

// Rows of 3 numbers begin anywhere, rows of 4 at multiples of 16 bytes.
// CHECK: kernel.func @rows(%{{.*}}: memref<3xf32, strided<[1], offset: ?>>, %{{.*}}: memref<4xf32, strided<[1], offset: ?>> {llvm.align = 16 : i64})
kernel.func @rows(%x: memref<3xf32, strided<[1], offset: ?>>, %out: memref<4xf32, strided<[1], offset: ?>>) {
  kernel.return
}

// Arguments of entries come from anywhere, but for those that say more.
// CHECK: kernel.func @given(%{{.*}}: memref<8xf32>, %{{.*}}: memref<8xf32> {llvm.align = 32 : i64})
kernel.func @given(%x: memref<8xf32>, %out: memref<8xf32>) {
  kernel.return
}

// Nobody calls it.
// CHECK: kernel.func @lonely(%{{.*}}: memref<8xf32>)
kernel.func @lonely(%out: memref<8xf32>) {
  kernel.return
}

func.func @entry(%x: memref<8xf32>, %y: memref<8xf32> {llvm.align = 32 : i64}, %n: index, %workspace: memref<?xi8>)
    attributes {nn.arguments = [memref<8xf32>, memref<8xf32>, index]} {
  %c0 = arith.constant 0 : index
  %c63 = arith.constant 63 : index
  %c64 = arith.constant 64 : index
  %more = arith.addi %n, %c63 : index
  %units = arith.divui %more, %c64 : index
  %bytes = arith.muli %units, %c64 : index
  %place = arith.addi %bytes, %c64 : index
  %out = memref.view %workspace[%place][%n] : memref<?xi8> to memref<?xf32>
  %buffer = memref.view %workspace[%c64][] : memref<?xi8> to memref<8xf32>
  %first = memref.subview %buffer[4] [2] [1] : memref<8xf32> to memref<2xf32, strided<[1], offset: 4>>
  %a = memref.cast %first : memref<2xf32, strided<[1], offset: 4>> to memref<2xf32, strided<[1], offset: ?>>
  %second = memref.subview %buffer[2] [2] [1] : memref<8xf32> to memref<2xf32, strided<[1], offset: 2>>
  %b = memref.cast %second : memref<2xf32, strided<[1], offset: 2>> to memref<2xf32, strided<[1], offset: ?>>
  kernel.call @shared(%a : memref<2xf32, strided<[1], offset: ?>>) to (%out : memref<?xf32>)
  kernel.call @shared(%b : memref<2xf32, strided<[1], offset: ?>>) to (%out : memref<?xf32>)
  %threes = memref.view %workspace[%c0][] : memref<?xi8> to memref<5x3xf32>
  %fours = memref.view %workspace[%c64][] : memref<?xi8> to memref<5x4xf32>
  %three = memref.subview %threes[%n, 0] [1, 3] [1, 1] : memref<5x3xf32> to memref<3xf32, strided<[1], offset: ?>>
  %four = memref.subview %fours[%n, 0] [1, 4] [1, 1] : memref<5x4xf32> to memref<4xf32, strided<[1], offset: ?>>
  kernel.call @rows(%three : memref<3xf32, strided<[1], offset: ?>>) to (%four : memref<4xf32, strided<[1], offset: ?>>)
  kernel.call @given(%x : memref<8xf32>) to (%y : memref<8xf32>)
  return
}
