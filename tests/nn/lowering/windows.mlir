// RUN: nn-opt %s --convert-nn-to-linalg --canonicalize --cse --split-input-file | FileCheck %s

// A convolution reads its (padded) input: no windows are made.
// CHECK: #[[$MAP:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 * 2 + d4, d2 + d5 * 3, d6)>
// CHECK-LABEL: func @convolution
// CHECK-SAME: (%[[X:.*]]: tensor<2x9x8x3xf32>, %[[W:.*]]: tensor<3x2x3x4xf32>)
// CHECK: %[[Z:.*]] = linalg.fill {{.*}} -> tensor<2x11x8x3xf32>
// CHECK: %[[P:.*]] = tensor.insert_slice %[[X]] into %[[Z]][0, 1, 0, 0] [2, 9, 8, 3] [1, 1, 1, 1]
// CHECK: linalg.generic {indexing_maps = [#[[$MAP]],
// CHECK-SAME: ins(%[[P]], %[[W]] :
// CHECK-NOT: linalg.generic
func.func @convolution(%x: tensor<2x9x8x3xf32>, %w: tensor<3x2x3x4xf32>) -> tensor<2x5x5x4xf32> {
  %0 = nn.windows %x size [3, 2] stride [2, 1] dilation [1, 3] low [1, 0] high [1, 0]
       to [2, 5, 5, 3, 2, 3] : tensor<2x9x8x3xf32> -> tensor<2x5x5x3x2x3xf32>
  %1 = nn.contract "bhwijc,ijcf->bhwf" %0, %w
     : (tensor<2x5x5x3x2x3xf32>, tensor<3x2x3x4xf32>) -> tensor<2x5x5x4xf32>
  return %1 : tensor<2x5x5x4xf32>
}

// -----

// Pooling, too; the sizes of the window come from a tensor that is not read.
// CHECK: #[[$MAP:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1 * 2 + d2, d3)>
// CHECK: #[[$SIZE:.*]] = affine_map<(d0, d1, d2, d3) -> (d2)>
// CHECK-LABEL: func @pooling
// CHECK-SAME: (%[[N:.*]]: index, %[[X:.*]]: tensor<?x8x3xf32>)
// CHECK: %[[S:.*]] = tensor.empty() : tensor<2xf32>
// CHECK: linalg.generic {indexing_maps = [#[[$MAP]], #[[$SIZE]],
// CHECK-SAME: ins(%[[X]], %[[S]] :
// CHECK: arith.maximumf
// CHECK-NOT: linalg.generic
func.func @pooling(%n: index, %x: tensor<?x8x3xf32>) -> tensor<?x4x3xf32> {
  %0 = nn.windows %x size [2] stride [2] dilation [1] low [0] high [0]
       to [%n, 4, 2, 3] : tensor<?x8x3xf32> -> tensor<?x4x2x3xf32>
  %1 = nn.reduce_max %0 [2] : tensor<?x4x2x3xf32> -> tensor<?x4x3xf32>
  return %1 : tensor<?x4x3xf32>
}

// -----

// Windows that something else reads, filled with a number of their own.
// CHECK-LABEL: func @windows
// CHECK: arith.constant -1.000000e+00 : f32
// CHECK: %[[Y:.*]] = linalg.generic
// CHECK: return %[[Y]]
func.func @windows(%x: tensor<2x8x3xf32>) -> tensor<2x10x2x3xf32> {
  %0 = nn.windows %x size [2] stride [1] dilation [1] low [1] high [2] fill -1.0
       to [2, 10, 2, 3] : tensor<2x8x3xf32> -> tensor<2x10x2x3xf32>
  return %0 : tensor<2x10x2x3xf32>
}

// -----

// Added back place by place in the window, in f32 where the elements are narrower.
// CHECK-LABEL: func @windows_sum
// CHECK: linalg.fill {{.*}} -> tensor<2x10x3xf32>
// CHECK: scf.for
// CHECK: tensor.extract_slice %{{.*}} [2, 4, 1, 3] [1, 1, 1, 1] : tensor<2x4x2x3xf16> to tensor<2x4x3xf16>
// CHECK: tensor.extract_slice %{{.*}} [2, 4, 3] [1, 2, 1] : tensor<2x10x3xf32> to tensor<2x4x3xf32>
// CHECK: arith.extf
// CHECK: arith.addf
// CHECK: tensor.insert_slice
// CHECK: tensor.extract_slice %{{.*}}[0, 1, 0] [2, 8, 3] [1, 1, 1]
// CHECK: arith.truncf
func.func @windows_sum(%x: tensor<2x4x2x3xf16>) -> tensor<2x8x3xf16> {
  %0 = nn.windows_sum %x size [2] stride [2] dilation [2] low [1] high [1]
       to [2, 8, 3] : tensor<2x4x2x3xf16> -> tensor<2x8x3xf16>
  return %0 : tensor<2x8x3xf16>
}

// -----

// The gradient of a filter: blocks of images, which windows do not reach across.
// CHECK: #[[$MAP:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d5, d1 + d6, d2 + d7, d3)>
// CHECK-LABEL: func @filter_gradient
// CHECK-SAME: (%[[X:.*]]: tensor<64x12x12x3xf32>, %[[G:.*]]: tensor<64x10x10x4xf32>)
// CHECK: %[[A:.*]] = tensor.expand_shape %[[X]] {{\[}}[0, 1], [2], [3], [4]] {{.*}} into tensor<8x8x12x12x3xf32>
// CHECK: %[[B:.*]] = tensor.expand_shape %[[G]] {{\[}}[0, 1], [2], [3], [4]] {{.*}} into tensor<8x8x10x10x4xf32>
// CHECK: linalg.generic {indexing_maps = [#[[$MAP]], {{.*}} ins(%[[A]], %[[B]] :
// CHECK: arith.extf %{{.*}} : f32 to f64
func.func @filter_gradient(%x: tensor<64x12x12x3xf32>, %g: tensor<64x10x10x4xf32>) -> tensor<3x3x3x4xf32> {
  %0 = nn.windows %x size [3, 3] stride [1, 1] dilation [1, 1] low [0, 0] high [0, 0]
       to [64, 10, 10, 3, 3, 3] : tensor<64x12x12x3xf32> -> tensor<64x10x10x3x3x3xf32>
  %1 = nn.contract "bhwijc,bhwf->ijcf" %0, %g
     : (tensor<64x10x10x3x3x3xf32>, tensor<64x10x10x4xf32>) -> tensor<3x3x3x4xf32>
  return %1 : tensor<3x3x3x4xf32>
}

// -----

// Windows that lie side by side are put where they were, and rows that none of them has are zero.
// CHECK: #[[$FROM:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d3, d2, d4, d5)>
// CHECK: #[[$TO:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2, d3, d4, d5)>
// CHECK-LABEL: func @side_by_side
// CHECK-SAME: (%[[N:.*]]: index, %[[X:.*]]: tensor<?x4x5x2x3x7xf16>)
// CHECK: %[[Y:.*]] = linalg.generic {indexing_maps = [#[[$FROM]], #[[$TO]]], {{.*}} ins(%[[X]] : tensor<?x4x5x2x3x7xf16>)
// CHECK: %[[C:.*]] = tensor.collapse_shape %[[Y]] {{\[}}[0], [1, 2], [3, 4], [5]] : tensor<?x4x2x5x3x7xf16> into tensor<?x8x15x7xf16>
// CHECK-NOT: scf.for
// CHECK: %[[Z:.*]] = linalg.fill {{.*}} -> tensor<?x9x15x7xf16>
// CHECK: %[[R:.*]] = tensor.insert_slice %[[C]] into %[[Z]][0, 0, 0, 0] [%[[N]], 8, 15, 7] [1, 1, 1, 1]
// CHECK: return %[[R]]
func.func @side_by_side(%n: index, %x: tensor<?x4x5x2x3x7xf16>) -> tensor<?x9x15x7xf16> {
  %0 = nn.windows_sum %x size [2, 3] stride [2, 3] dilation [1, 1] low [0, 0] high [0, 0]
       to [%n, 9, 15, 7] : tensor<?x4x5x2x3x7xf16> -> tensor<?x9x15x7xf16>
  return %0 : tensor<?x9x15x7xf16>
}

// -----

// A convolution of many channels is cut along these.
// CHECK: #[[$MAP:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d1, d2 + d5, d3 + d6, d0, d7)>
// CHECK-LABEL: func @many_channels
// CHECK: linalg.generic {indexing_maps = [#[[$MAP]],
// CHECK: arith.extf %{{.*}} : f32 to f64
func.func @many_channels(%x: tensor<2x6x6x512xf32>, %w: tensor<3x3x512x4xf32>) -> tensor<2x4x4x4xf32> {
  %0 = nn.windows %x size [3, 3] stride [1, 1] dilation [1, 1] low [0, 0] high [0, 0]
       to [2, 4, 4, 3, 3, 512] : tensor<2x6x6x512xf32> -> tensor<2x4x4x3x3x512xf32>
  %1 = nn.contract "bhwijc,ijcf->bhwf" %0, %w
     : (tensor<2x4x4x3x3x512xf32>, tensor<3x3x512x4xf32>) -> tensor<2x4x4x4xf32>
  return %1 : tensor<2x4x4x4xf32>
}

// -----

// Of any number of images: the same, in a loop.
// CHECK-LABEL: func @any_batch
// CHECK-SAME: (%[[N:.*]]: index, %[[X:.*]]: tensor<?x12x12x3xf32>
// CHECK: %[[T:.*]] = scf.for %[[I:[a-z0-9]+]] = {{.*}} -> (tensor<3x3x3x4xf64>)
// CHECK: tensor.extract_slice %[[X]][%[[I]], 0, 0, 0] [10, 12, 12, 3] [1, 1, 1, 1]
func.func @any_batch(%n: index, %x: tensor<?x12x12x3xf32>, %g: tensor<?x10x10x4xf32>) -> tensor<3x3x3x4xf32> {
  %0 = nn.windows %x size [3, 3] stride [1, 1] dilation [1, 1] low [0, 0] high [0, 0]
       to [%n, 10, 10, 3, 3, 3] : tensor<?x12x12x3xf32> -> tensor<?x10x10x3x3x3xf32>
  %1 = nn.contract "bhwijc,bhwf->ijcf" %0, %g
     : (tensor<?x10x10x3x3x3xf32>, tensor<?x10x10x4xf32>) -> tensor<3x3x3x4xf32>
  return %1 : tensor<3x3x3x4xf32>
}

// -----

// CHECK-LABEL: func @covers
// CHECK: %[[C:.*]] = tensor.collapse_shape
// CHECK-NEXT: return %[[C]]
func.func @covers(%x: tensor<2x4x2x3xf32>) -> tensor<2x8x3xf32> {
  %0 = nn.windows_sum %x size [2] stride [2] dilation [1] low [0] high [0]
       to [2, 8, 3] : tensor<2x4x2x3xf32> -> tensor<2x8x3xf32>
  return %0 : tensor<2x8x3xf32>
}

// -----

// The dimensions of the window go, and not the height, which is 1 as well.
// CHECK-LABEL: func @windows_of_one
// CHECK-SAME: (%[[X:.*]]: tensor<8x1x3x1x1x1xf32>)
// CHECK: %[[PART:.*]] = tensor.collapse_shape %[[X]] {{\[}}[0], [1], [2, 3, 4], [5]] : tensor<8x1x3x1x1x1xf32> into tensor<8x1x3x1xf32>
// CHECK: linalg.generic {{.*}} ins(%[[PART]] : tensor<8x1x3x1xf32>)
func.func @windows_of_one(%x: tensor<8x1x3x1x1x1xf32>) -> tensor<8x1x6x1xf32> {
  %0 = nn.windows_sum %x size [1, 1] stride [2, 2] dilation [1, 1] low [0, 0] high [0, 0]
       to [8, 1, 6, 1] : tensor<8x1x3x1x1x1xf32> -> tensor<8x1x6x1xf32>
  return %0 : tensor<8x1x6x1xf32>
}
