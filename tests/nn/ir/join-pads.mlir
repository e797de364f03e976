// RUN: nn-opt %s --canonicalize --split-input-file | FileCheck %s

// The gradient of a split in three: in whatever order, one tensor joined of the parts. -0.0 + 0.0 is 0.0.
// CHECK-LABEL: func @split(
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<2x4xf32>, %[[B:[a-z0-9]+]]: tensor<2x3xf32>, %[[C:[a-z0-9]+]]: tensor<2x5xf32>)
// CHECK-DAG: %[[A0:.+]] = nn.add %[[A]], %{{.+}} : tensor<2x4xf32>
// CHECK-DAG: %[[B0:.+]] = nn.add %[[B]], %{{.+}} : tensor<2x3xf32>
// CHECK-DAG: %[[C0:.+]] = nn.add %[[C]], %{{.+}} : tensor<2x5xf32>
// CHECK: %[[Y:.+]] = nn.concat %[[A0]], %[[B0]], %[[C0]] axis 1
// CHECK-NEXT: return %[[Y]]
func.func @split(%a: tensor<2x4xf32>, %b: tensor<2x3xf32>, %c: tensor<2x5xf32>) -> tensor<2x12xf32> {
  %0 = nn.pad %c low [0, 7] to [2, 12] : tensor<2x5xf32> -> tensor<2x12xf32>
  %1 = nn.pad %a low [0, 0] to [2, 12] : tensor<2x4xf32> -> tensor<2x12xf32>
  %2 = nn.pad %b low [0, 4] to [2, 12] : tensor<2x3xf32> -> tensor<2x12xf32>
  %3 = nn.add %0, %1 : tensor<2x12xf32>
  %4 = nn.add %3, %2 : tensor<2x12xf32>
  return %4 : tensor<2x12xf32>
}

// -----

// Where no part is are zeros; whole numbers have no -0.
// CHECK-LABEL: func @gaps(
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<3xi32>, %[[B:[a-z0-9]+]]: tensor<2xi32>)
// CHECK-DAG: %[[Z1:.+]] = nn.constant dense<0> : tensor<1xi32>
// CHECK-DAG: %[[Z4:.+]] = nn.constant dense<0> : tensor<4xi32>
// CHECK: %[[Y:.+]] = nn.concat %[[Z1]], %[[A]], %[[B]], %[[Z4]] axis 0
// CHECK-NEXT: return %[[Y]]
func.func @gaps(%a: tensor<3xi32>, %b: tensor<2xi32>) -> tensor<10xi32> {
  %0 = nn.pad %a low [1] to [10] : tensor<3xi32> -> tensor<10xi32>
  %1 = nn.pad %b low [4] to [10] : tensor<2xi32> -> tensor<10xi32>
  %2 = nn.add %0, %1 : tensor<10xi32>
  return %2 : tensor<10xi32>
}

// -----

// The sizes of a symbolic batch are found where they are given. Other terms keep their order: the first two may change
// places.
// CHECK-LABEL: func @batch(
// CHECK-SAME: %[[N:.+]]: index, %[[A:.+]]: tensor<?x2xf32>, %[[B:.+]]: tensor<?x2xf32>, %[[X:.+]]: tensor<?x4xf32>)
// CHECK: %[[Y:.+]] = nn.concat
// CHECK: %[[S:.+]] = nn.add %[[X]], %[[Y]]
// CHECK-NEXT: %[[T:.+]] = nn.add %[[S]], %[[X]]
// CHECK-NEXT: return %[[T]]
func.func @batch(%n: index, %a: tensor<?x2xf32>, %b: tensor<?x2xf32>, %x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = nn.pad %a low [0, 2] to [%n, 4] : tensor<?x2xf32> -> tensor<?x4xf32>
  %1 = nn.pad %b low [0, 0] to [%n, 4] : tensor<?x2xf32> -> tensor<?x4xf32>
  %2 = nn.add %0, %x : tensor<?x4xf32>
  %3 = nn.add %2, %1 : tensor<?x4xf32>
  %4 = nn.add %3, %x : tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// -----

// A part may be shorter than a symbolic size: nothing says whether zeros follow.
// CHECK-LABEL: func @unknown(
// CHECK-NOT: nn.concat
func.func @unknown(%n: index, %m: index, %x: tensor<?x2xf32> {nn.dims = array<i64: 0>}) -> tensor<?x4xf32> {
  %0 = nn.pad %x low [0, 2] to [%m, 4] : tensor<?x2xf32> -> tensor<?x4xf32>
  %1 = nn.pad %x low [0, 0] to [%m, 4] : tensor<?x2xf32> -> tensor<?x4xf32>
  %2 = nn.add %0, %1 : tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// -----

// Parts that overlap are added, and so are those along several axes or with gaps between their elements.
// CHECK-LABEL: func @overlap(
// CHECK-NOT: nn.concat
func.func @overlap(%a: tensor<3xf32>, %b: tensor<2xf32>, %c: tensor<2x1xf32>) -> (tensor<5xf32>, tensor<5xf32>, tensor<4x2xf32>) {
  %0 = nn.pad %a low [0] to [5] : tensor<3xf32> -> tensor<5xf32>
  %1 = nn.pad %b low [2] to [5] : tensor<2xf32> -> tensor<5xf32>
  %2 = nn.add %0, %1 : tensor<5xf32>
  %3 = nn.pad %a low [0] interior [1] to [5] : tensor<3xf32> -> tensor<5xf32>
  %4 = nn.pad %b low [1] interior [1] to [5] : tensor<2xf32> -> tensor<5xf32>
  %5 = nn.add %3, %4 : tensor<5xf32>
  %6 = nn.pad %c low [0, 1] to [4, 2] : tensor<2x1xf32> -> tensor<4x2xf32>
  %7 = nn.pad %c low [2, 0] to [4, 2] : tensor<2x1xf32> -> tensor<4x2xf32>
  %8 = nn.add %6, %7 : tensor<4x2xf32>
  return %2, %5, %8 : tensor<5xf32>, tensor<5xf32>, tensor<4x2xf32>
}
