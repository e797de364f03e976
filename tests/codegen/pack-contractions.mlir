// RUN: nn-opt %s --codegen-pack-contractions | FileCheck %s

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>

// CHECK-DAG: #[[$KN:.+]] = affine_map<(d0, d1, d2) -> (d2, d1)>
// CHECK-LABEL: func.func @strided
// CHECK: %[[E:.+]] = tensor.empty() : tensor<3x8xf32>
// CHECK: %[[T:.+]] = linalg.generic {{.*}} ins(%arg1 : tensor<8x3xf32>) outs(%[[E]] : tensor<3x8xf32>)
// CHECK: linalg.generic {indexing_maps = [{{.+}}, #[[$KN]], {{.+}}]{{.*}} ins(%arg0, %[[T]] :
func.func @strided(%a: tensor<4x3xf32>, %b: tensor<8x3xf32>, %c: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %r = linalg.generic {indexing_maps = [#mk, #nk, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<4x3xf32>, tensor<8x3xf32>) outs(%c : tensor<4x8xf32>) {
    ^bb0(%x: f32, %y: f32, %acc: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %acc, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// CHECK-LABEL: func.func @contiguous
// CHECK-COUNT-1: linalg.generic
// CHECK-NOT: linalg.generic
func.func @contiguous(%a: tensor<4x3xf32>, %b: tensor<3x8xf32>, %c: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %r = linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<4x3xf32>, tensor<3x8xf32>) outs(%c : tensor<4x8xf32>) {
    ^bb0(%x: f32, %y: f32, %acc: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %acc, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// Few rows: the copy would cost more than dot products do.
// CHECK-LABEL: func.func @few_rows
// CHECK-COUNT-1: linalg.generic
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @few_rows(%a: tensor<4x512xf32>, %b: tensor<64x512xf32>, %c: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %r = linalg.generic {indexing_maps = [#mk, #nk, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<4x512xf32>, tensor<64x512xf32>) outs(%c : tensor<4x64xf32>) {
    ^bb0(%x: f32, %y: f32, %acc: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %acc, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<4x64xf32>
  return %r : tensor<4x64xf32>
}

// Few columns would leave most of a vector empty: dot products along rows of a copy of the right side.
// CHECK-LABEL: func.func @few_columns
// CHECK: %[[T:.+]] = linalg.generic {{.*}} ins(%arg1 : tensor<512x3xf32>) outs(%{{.+}} : tensor<3x512xf32>)
// CHECK: linalg.generic {{.*}} ins(%arg0, %[[T]] :
func.func @few_columns(%a: tensor<100x512xf32>, %b: tensor<512x3xf32>, %c: tensor<100x3xf32>) -> tensor<100x3xf32> {
  %r = linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<100x512xf32>, tensor<512x3xf32>) outs(%c : tensor<100x3xf32>) {
    ^bb0(%x: f32, %y: f32, %acc: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %acc, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<100x3xf32>
  return %r : tensor<100x3xf32>
}

// One column is no loop, neither here nor for what reads the product.
// CHECK-LABEL: func.func @one_column
// CHECK: %[[B:.+]] = tensor.collapse_shape %arg1
// CHECK: %[[Y:.+]] = linalg.generic {{.*}}iterator_types = ["parallel", "reduction"]} ins(%arg0, %[[B]] : tensor<?x512xf32>, tensor<512xf32>)
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel"]} ins(%[[Y]] : tensor<?xf32>)
// CHECK: tensor.expand_shape
func.func @one_column(%a: tensor<?x512xf32>, %b: tensor<512x1xf32>, %c: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %r = linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<?x512xf32>, tensor<512x1xf32>) outs(%c : tensor<?x1xf32>) {
    ^bb0(%x: f32, %y: f32, %acc: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %acc, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x1xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (m, n)>], iterator_types = ["parallel", "parallel"]}
      ins(%r : tensor<?x1xf32>) outs(%c : tensor<?x1xf32>) {
    ^bb0(%x: f32, %o: f32):
      %0 = math.tanh %x : f32
      linalg.yield %0 : f32
  } -> tensor<?x1xf32>
  return %s : tensor<?x1xf32>
}

// A single window that lies in a part of what it is of: without the loop over windows, there would be no map to read it by.
// CHECK-LABEL: func.func @one_window
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%arg0, %arg1 :
func.func @one_window(%a: tensor<8x7x2xf32>, %b: tensor<3x2x1xf32>, %c: tensor<8x1x1xf32>) -> tensor<8x1x1xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(b, t, n, i, c) -> (b, 5 * t + i, c)>, affine_map<(b, t, n, i, c) -> (i, c, n)>,
                                        affine_map<(b, t, n, i, c) -> (b, t, n)>],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]}
      ins(%a, %b : tensor<8x7x2xf32>, tensor<3x2x1xf32>) outs(%c : tensor<8x1x1xf32>) {
    ^bb0(%x: f32, %y: f32, %acc: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %acc, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<8x1x1xf32>
  return %r : tensor<8x1x1xf32>
}

// Blocks copy what they read, as they need it.
// CHECK-LABEL: func.func @blocked
// CHECK: linalg.fill
// CHECK-COUNT-1: linalg.generic
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @blocked(%a: tensor<256x512xf32>, %b: tensor<512x512xf32>, %c: tensor<256x512xf32>) -> tensor<256x512xf32> {
  %zero = arith.constant 0.0 : f32
  %start = linalg.fill ins(%zero : f32) outs(%c : tensor<256x512xf32>) -> tensor<256x512xf32>
  %r = linalg.generic {indexing_maps = [#mk, #nk, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<256x512xf32>, tensor<512x512xf32>) outs(%start : tensor<256x512xf32>) {
    ^bb0(%x: f32, %y: f32, %acc: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %acc, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<256x512xf32>
  return %r : tensor<256x512xf32>
}

// One window of 2 by 2, in an image of 3 by 3: its loops of one iteration say where it ends.
// CHECK-LABEL: func.func @one_window_of_images
// CHECK: linalg.generic {{.*}} ins(%arg0, %arg1 : tensor<5x3x3xf32>, tensor<2x2x1xf32>)
#image = affine_map<(b, r, s, k, i, j) -> (b, 2 * r + i, 2 * s + j)>
#filter = affine_map<(b, r, s, k, i, j) -> (i, j, k)>
#sum = affine_map<(b, r, s, k, i, j) -> (b, r, s, k)>
func.func @one_window_of_images(%a: tensor<5x3x3xf32>, %b: tensor<2x2x1xf32>, %c: tensor<5x1x1x1xf32>) -> tensor<5x1x1x1xf32> {
  %r = linalg.generic {indexing_maps = [#image, #filter, #sum],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
      ins(%a, %b : tensor<5x3x3xf32>, tensor<2x2x1xf32>) outs(%c : tensor<5x1x1x1xf32>) {
    ^bb0(%x: f32, %y: f32, %acc: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %acc, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<5x1x1x1xf32>
  return %r : tensor<5x1x1x1xf32>
}
