// RUN: nn-opt %s --codegen-reuse-destinations | FileCheck %s

#id = affine_map<(i) -> (i)>

// The old weight is read through the destination.
// CHECK-LABEL: func.func @update
// CHECK: %[[W:.+]] = bufferization.to_tensor %arg0
// CHECK: linalg.generic {{.*}} ins(%arg1 : tensor<8xf32>) outs(%[[W]] : tensor<8xf32>)
// CHECK-NEXT: ^bb0(%[[G:.+]]: f32, %[[OLD:.+]]: f32):
// CHECK-NEXT: arith.subf %[[OLD]], %[[G]]
func.func @update(%buffer: memref<8xf32>, %g: tensor<8xf32>) {
  %w = bufferization.to_tensor %buffer restrict writable : memref<8xf32> to tensor<8xf32>
  %e = tensor.empty() : tensor<8xf32>
  %r = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%w, %g : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %0 = arith.subf %a, %b : f32
      linalg.yield %0 : f32
  } -> tensor<8xf32>
  bufferization.materialize_in_destination %r in restrict writable %buffer : (tensor<8xf32>, memref<8xf32>) -> ()
  return
}

// A buffer that is only written becomes the destination of what fills it.
// CHECK-LABEL: func.func @product
// CHECK: %[[T:.+]] = bufferization.to_tensor %arg2 restrict writable
// CHECK: %[[F:.+]] = linalg.fill {{.*}} outs(%[[T]] : tensor<4x4xf32>)
// CHECK: linalg.matmul {{.*}} outs(%[[F]]
func.func @product(%a: tensor<4x4xf32>, %b: tensor<4x4xf32>, %out: memref<4x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
  %p = linalg.matmul ins(%a, %b : tensor<4x4xf32>, tensor<4x4xf32>) outs(%f : tensor<4x4xf32>) -> tensor<4x4xf32>
  bufferization.materialize_in_destination %p in restrict writable %out : (tensor<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// A carried value is renewed where it lies; what is stacked is computed in the stack; two that swap places are copied.
// CHECK-LABEL: func.func @loop
// CHECK: scf.for %[[I:.+]] = {{.*}} iter_args(%[[H:.+]] = %{{.+}}, %[[S:.+]] = %{{.+}})
// CHECK: linalg.sqrt {{.*}} outs(%[[H]] :
// CHECK: %[[PLACE:.+]] = tensor.extract_slice %[[S]][%[[I]], 0] [1, 8] [1, 1]
// CHECK: linalg.exp {{.*}} outs(%[[PLACE]] :
// CHECK: insert_slice
func.func @loop(%x: tensor<8xf32>, %n: index) -> (tensor<8xf32>, tensor<4x8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %e = tensor.empty() : tensor<8xf32>
  %stack = tensor.empty() : tensor<4x8xf32>
  %r:2 = scf.for %t = %c0 to %c4 step %c1 iter_args(%h = %x, %s = %stack) -> (tensor<8xf32>, tensor<4x8xf32>) {
    %a = linalg.sqrt ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
    %b = linalg.exp ins(%a : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
    %s1 = tensor.insert_slice %b into %s[%t, 0] [1, 8] [1, 1] : tensor<8xf32> into tensor<4x8xf32>
    scf.yield %a, %s1 : tensor<8xf32>, tensor<4x8xf32>
  }
  return %r#0, %r#1 : tensor<8xf32>, tensor<4x8xf32>
}

// CHECK-LABEL: func.func @swap
// CHECK: scf.for {{.*}} iter_args(%[[A:.+]] = %{{.+}}, %[[B:.+]] = %{{.+}})
// CHECK: %[[X:.+]] = bufferization.alloc_tensor() copy(%[[B]])
// CHECK: %[[Y:.+]] = bufferization.alloc_tensor() copy(%[[A]])
// CHECK: bufferization.materialize_in_destination %[[X]] in %[[A]]
// CHECK: bufferization.materialize_in_destination %[[Y]] in %[[B]]
func.func @swap(%x: tensor<8xf32>, %y: tensor<8xf32>, %n: index) -> (tensor<8xf32>, tensor<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %t = %c0 to %n step %c1 iter_args(%a = %x, %b = %y) -> (tensor<8xf32>, tensor<8xf32>) {
    scf.yield %b, %a : tensor<8xf32>, tensor<8xf32>
  }
  return %r#0, %r#1 : tensor<8xf32>, tensor<8xf32>
}

// A loop within that begins with a carried value, which another one renews, begins with a copy of it.
// CHECK-LABEL: func.func @begin
// CHECK: scf.for {{.*}} iter_args(%[[A:.+]] = %{{.+}}, %[[B:.+]] = %{{.+}})
// CHECK: %[[COPY:.+]] = bufferization.alloc_tensor() copy(%[[A]])
// CHECK: %[[IN:.+]] = scf.for {{.*}} iter_args(%[[Z:.+]] = %[[COPY]])
// CHECK: linalg.abs {{.*}} outs(%[[A]] :
// CHECK: bufferization.materialize_in_destination %[[IN]] in %[[B]]
func.func @begin(%x: tensor<8xf32>, %y: tensor<8xf32>, %n: index) -> (tensor<8xf32>, tensor<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : tensor<8xf32>
  %r:2 = scf.for %t = %c0 to %n step %c1 iter_args(%a = %x, %b = %y) -> (tensor<8xf32>, tensor<8xf32>) {
    %in = scf.for %u = %c0 to %n step %c1 iter_args(%z = %a) -> (tensor<8xf32>) {
      %w = linalg.exp ins(%z : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
      scf.yield %w : tensor<8xf32>
    }
    %v = linalg.abs ins(%a : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
    scf.yield %v, %in : tensor<8xf32>, tensor<8xf32>
  }
  return %r#0, %r#1 : tensor<8xf32>, tensor<8xf32>
}

// Nor is one that is read at other places than those that are written.
// CHECK-LABEL: func.func @transposed
// CHECK: scf.for {{.*}} iter_args(%[[A:.+]] = %{{.+}})
// CHECK: %[[T:.+]] = linalg.generic {{.*}} outs(%{{[0-9]+}} : tensor<8x8xf32>)
// CHECK: bufferization.materialize_in_destination %[[T]] in %[[A]]
func.func @transposed(%x: tensor<8x8xf32>, %n: index) -> tensor<8x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : tensor<8x8xf32>
  %r = scf.for %t = %c0 to %n step %c1 iter_args(%a = %x) -> (tensor<8x8xf32>) {
    %v = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>],
                         iterator_types = ["parallel", "parallel"]}
        ins(%a : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) {
      ^bb0(%in: f32, %o: f32):
        %0 = math.tanh %in : f32
        linalg.yield %0 : f32
    } -> tensor<8x8xf32>
    scf.yield %v : tensor<8x8xf32>
  }
  return %r : tensor<8x8xf32>
}

// A carried value isn't renewed in place before its views are read.
// CHECK-LABEL: func.func @view
// CHECK: scf.for {{.*}} iter_args(%[[A:.+]] = %{{.+}}, %[[B:.+]] = %{{.+}})
// CHECK: linalg.abs {{.*}} outs(%{{[0-9]+}} : tensor<8xf32>)
// CHECK: linalg.exp {{.*}} outs(%[[B]] :
// CHECK: bufferization.materialize_in_destination %{{.+}} in %[[A]]
func.func @view(%x: tensor<8xf32>, %y: tensor<4xf32>, %n: index) -> (tensor<8xf32>, tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : tensor<8xf32>
  %f = tensor.empty() : tensor<4xf32>
  %r:2 = scf.for %t = %c0 to %n step %c1 iter_args(%a = %x, %b = %y) -> (tensor<8xf32>, tensor<4xf32>) {
    %s = tensor.extract_slice %a[0] [4] [1] : tensor<8xf32> to tensor<4xf32>
    %v = linalg.abs ins(%a : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
    %w = linalg.exp ins(%s : tensor<4xf32>) outs(%f : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %v, %w : tensor<8xf32>, tensor<4xf32>
  }
  return %r#0, %r#1 : tensor<8xf32>, tensor<4xf32>
}

// Parts of a new tensor are computed in it, in whatever order; what else is put in is copied there.
// CHECK-LABEL: func.func @parts
// CHECK-SAME: (%[[X:.+]]: tensor<4x2xf32>, %[[Y:.+]]: tensor<4x3xf32>)
// CHECK: %[[WHOLE:.+]] = bufferization.alloc_tensor() : tensor<4x8xf32>
// CHECK: %[[P:.+]] = tensor.extract_slice %[[WHOLE]][0, 3] [4, 2] [1, 1]
// CHECK: %[[A:.+]] = linalg.exp ins(%[[X]] : tensor<4x2xf32>) outs(%[[P]] : tensor<4x2xf32>)
// CHECK: %[[W1:.+]] = tensor.insert_slice %[[A]] into %[[WHOLE]][0, 3] [4, 2] [1, 1]
// CHECK: %[[Q:.+]] = tensor.extract_slice %[[W1]][0, 0] [4, 3] [1, 1]
// CHECK: %[[B:.+]] = linalg.exp ins(%[[Y]] : tensor<4x3xf32>) outs(%[[Q]] : tensor<4x3xf32>)
// CHECK: %[[W2:.+]] = tensor.insert_slice %[[B]] into %[[W1]][0, 0] [4, 3] [1, 1]
// CHECK: %[[W3:.+]] = tensor.insert_slice %[[X]] into %[[W2]][0, 5] [4, 2] [1, 1]
// CHECK: %[[R:.+]] = tensor.extract_slice %[[W3]][0, 7] [4, 1] [1, 1]
// CHECK: %[[Z:.+]] = linalg.fill {{.*}} outs(%[[R]] : tensor<4x1xf32>)
// CHECK: %[[LAST:.+]] = tensor.insert_slice %[[Z]] into %[[W3]][0, 7] [4, 1] [1, 1]
// CHECK: return %[[LAST]]
func.func @parts(%x: tensor<4x2xf32>, %y: tensor<4x3xf32>) -> tensor<4x8xf32> {
  %zeros = arith.constant dense<0.0> : tensor<4x1xf32>
  %e = tensor.empty() : tensor<4x2xf32>
  %f = tensor.empty() : tensor<4x3xf32>
  %a = linalg.exp ins(%x : tensor<4x2xf32>) outs(%e : tensor<4x2xf32>) -> tensor<4x2xf32>
  %b = linalg.exp ins(%y : tensor<4x3xf32>) outs(%f : tensor<4x3xf32>) -> tensor<4x3xf32>
  %w = tensor.empty() : tensor<4x8xf32>
  %0 = tensor.insert_slice %b into %w[0, 0] [4, 3] [1, 1] : tensor<4x3xf32> into tensor<4x8xf32>
  %1 = tensor.insert_slice %a into %0[0, 3] [4, 2] [1, 1] : tensor<4x2xf32> into tensor<4x8xf32>
  %2 = tensor.insert_slice %x into %1[0, 5] [4, 2] [1, 1] : tensor<4x2xf32> into tensor<4x8xf32>
  %3 = tensor.insert_slice %zeros into %2[0, 7] [4, 1] [1, 1] : tensor<4x1xf32> into tensor<4x8xf32>
  return %3 : tensor<4x8xf32>
}

// Where parts overlap, they are put in in their order.
// CHECK-LABEL: func.func @overlap
// CHECK: %[[A:.+]] = linalg.exp {{.*}} outs(%{{[0-9]+}} : tensor<4xf32>)
// CHECK: %[[B:.+]] = linalg.abs {{.*}} outs(%{{[0-9]+}} : tensor<4xf32>)
// CHECK: %[[W:.+]] = tensor.insert_slice %[[B]] into
// CHECK: tensor.insert_slice %[[A]] into %[[W]]
func.func @overlap(%x: tensor<4xf32>) -> tensor<6xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %a = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %b = linalg.abs ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %w = tensor.empty() : tensor<6xf32>
  %0 = tensor.insert_slice %b into %w[0] [4] [1] : tensor<4xf32> into tensor<6xf32>
  %1 = tensor.insert_slice %a into %0[2] [4] [1] : tensor<4xf32> into tensor<6xf32>
  return %1 : tensor<6xf32>
}

// Each of those that begin to write in one fill has its own; who reads it reads the first.
// CHECK-LABEL: func.func @fills
// CHECK: %[[F:.+]] = linalg.fill {{.*}} outs(%{{[0-9]+}} : tensor<4x4xf32>)
// CHECK: %[[F1:.+]] = linalg.fill {{.*}} outs(%{{[0-9]+}} : tensor<4x4xf32>)
// CHECK: linalg.matmul {{.*}} outs(%[[F1]] :
// CHECK: %[[F2:.+]] = linalg.fill {{.*}} outs(%{{[0-9]+}} : tensor<4x4xf32>)
// CHECK: tensor.insert_slice %{{.+}} into %[[F2]]
// CHECK: return %{{.+}}, %{{.+}}, %[[F]]
func.func @fills(%a: tensor<4x4xf32>, %x: tensor<2x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
  %p = linalg.matmul ins(%a, %a : tensor<4x4xf32>, tensor<4x4xf32>) outs(%f : tensor<4x4xf32>) -> tensor<4x4xf32>
  %s = tensor.insert_slice %x into %f[1, 0] [2, 4] [1, 1] : tensor<2x4xf32> into tensor<4x4xf32>
  return %p, %s, %f : tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>
}
