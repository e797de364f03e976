// Folders and canonicalisations, each on a function of its own.
// RUN: nn-opt %s --canonicalize --split-input-file | FileCheck %s

// CHECK-LABEL: func @add_zero
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>, %[[I:.*]]: tensor<4xi32>)
// CHECK: return %[[X]], %[[I]]
func.func @add_zero(%x: tensor<4xf32>, %i: tensor<4xi32>) -> (tensor<4xf32>, tensor<4xi32>) {
  %z = nn.constant dense<-0.0> : tensor<4xf32>
  %zi = nn.constant dense<0> : tensor<4xi32>
  %0 = nn.add %x, %z : tensor<4xf32>
  %1 = nn.add %zi, %i : tensor<4xi32>
  return %0, %1 : tensor<4xf32>, tensor<4xi32>
}

// -----

// -0.0 + 0.0 is 0.0, so this isn't the operand.
// CHECK-LABEL: func @add_positive_zero
// CHECK: nn.add
func.func @add_positive_zero(%x: tensor<4xf32>) -> tensor<4xf32> {
  %z = nn.constant dense<0.0> : tensor<4xf32>
  %0 = nn.add %x, %z : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// CHECK-LABEL: func @neutral
// CHECK-SAME: (%[[N:.*]]: index, %[[X:.*]]: tensor<?xf32>)
// CHECK: return %[[X]], %[[X]], %[[X]], %[[X]]
func.func @neutral(%n: index, %x: tensor<?xf32>)
    -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
  %one = nn.constant dense<1.0> : tensor<f32>
  %zero = nn.constant dense<0.0> : tensor<f32>
  %o = nn.broadcast %one [] to [%n] : tensor<f32> -> tensor<?xf32>
  %z = nn.broadcast %zero [] to [%n] : tensor<f32> -> tensor<?xf32>
  %0 = nn.mul %o, %x : tensor<?xf32>
  %1 = nn.div %x, %o : tensor<?xf32>
  %2 = nn.sub %x, %z : tensor<?xf32>
  %3 = nn.pow %x, %o : tensor<?xf32>
  return %0, %1, %2, %3 : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
}

// -----

// NaN * 0 is NaN: only integers vanish.
// CHECK-LABEL: func @mul_zero
// CHECK-DAG: %[[Z:.*]] = nn.constant dense<0> : tensor<4xi32>
// CHECK: %[[M:.*]] = nn.mul
// CHECK: return %[[M]], %[[Z]]
func.func @mul_zero(%x: tensor<4xf32>, %i: tensor<4xi32>) -> (tensor<4xf32>, tensor<4xi32>) {
  %z = nn.constant dense<0.0> : tensor<4xf32>
  %zi = nn.constant dense<0> : tensor<4xi32>
  %0 = nn.mul %x, %z : tensor<4xf32>
  %1 = nn.mul %i, %zi : tensor<4xi32>
  return %0, %1 : tensor<4xf32>, tensor<4xi32>
}

// -----

// CHECK-LABEL: func @constants
// CHECK-DAG: nn.constant dense<5.000000e+00> : tensor<f32>
// CHECK-DAG: nn.constant dense<-1.000000e+00> : tensor<f32>
// CHECK-DAG: nn.constant dense<6.000000e+00> : tensor<f32>
// CHECK-DAG: nn.constant dense<4> : tensor<ui8>
// CHECK-DAG: nn.constant dense<0> : tensor<i32>
// CHECK-DAG: nn.constant dense<255> : tensor<ui8>
// CHECK-NOT: nn.{{add|sub|mul|div|maximum}}
func.func @constants() -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<ui8>, tensor<i32>, tensor<ui8>) {
  %a = nn.constant dense<2.0> : tensor<f32>
  %b = nn.constant dense<3.0> : tensor<f32>
  %u = nn.constant dense<250> : tensor<ui8>
  %v = nn.constant dense<10> : tensor<ui8>
  %w = nn.constant dense<255> : tensor<ui8>
  %i = nn.constant dense<7> : tensor<i32>
  %z = nn.constant dense<0> : tensor<i32>
  %0 = nn.add %a, %b : tensor<f32>
  %1 = nn.sub %a, %b : tensor<f32>
  %2 = nn.mul %a, %b : tensor<f32>
  %3 = nn.add %u, %v : tensor<ui8>
  %4 = nn.div %i, %z : tensor<i32>
  %5 = nn.maximum %v, %w : tensor<ui8>
  return %0, %1, %2, %3, %4, %5 : tensor<f32>, tensor<f32>, tensor<f32>, tensor<ui8>, tensor<i32>, tensor<ui8>
}

// -----

// CHECK-LABEL: func @maximum_keeps_nan
// CHECK: nn.constant dense<0x7FC00000> : tensor<f32>
func.func @maximum_keeps_nan() -> tensor<f32> {
  %nan = nn.constant dense<0x7FC00000> : tensor<f32>
  %one = nn.constant dense<1.0> : tensor<f32>
  %0 = nn.maximum %nan, %one : tensor<f32>
  return %0 : tensor<f32>
}

// -----

// CHECK-LABEL: func @powers
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
// CHECK: %[[ONE:.*]] = nn.constant dense<1.000000e+00> : tensor<4xf32>
// CHECK: %[[P2:.*]] = nn.mul %[[X]], %[[X]]
// CHECK: %[[SQUARE:.*]] = nn.mul %[[X]], %[[X]]
// CHECK: %[[P3:.*]] = nn.mul %[[SQUARE]], %[[X]]
// CHECK: %[[ROOT:.*]] = nn.sqrt %[[X]]
// CHECK: %[[RROOT:.*]] = nn.rsqrt %[[X]]
// CHECK: %[[INV:.*]] = nn.div %[[ONE]], %[[X]]
// CHECK: return %[[P2]], %[[P3]], %[[ROOT]], %[[RROOT]], %[[INV]], %[[ONE]]
func.func @powers(%x: tensor<4xf32>)
    -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %two = nn.constant dense<2.0> : tensor<4xf32>
  %three = nn.constant dense<3.0> : tensor<4xf32>
  %half = nn.constant dense<0.5> : tensor<4xf32>
  %mhalf = nn.constant dense<-0.5> : tensor<4xf32>
  %mone = nn.constant dense<-1.0> : tensor<4xf32>
  %zero = nn.constant dense<0.0> : tensor<4xf32>
  %0 = nn.pow %x, %two : tensor<4xf32>
  %1 = nn.pow %x, %three : tensor<4xf32>
  %2 = nn.pow %x, %half : tensor<4xf32>
  %3 = nn.pow %x, %mhalf : tensor<4xf32>
  %4 = nn.pow %x, %mone : tensor<4xf32>
  %5 = nn.pow %x, %zero : tensor<4xf32>
  return %0, %1, %2, %3, %4, %5
    : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

// CHECK-LABEL: func @inverses
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>, %[[C:.*]]: tensor<4xi1>)
// CHECK: return %[[X]], %[[C]], %[[X]], %[[X]]
func.func @inverses(%x: tensor<4xf32>, %c: tensor<4xi1>)
    -> (tensor<4xf32>, tensor<4xi1>, tensor<4xf32>, tensor<4xf32>) {
  %0 = nn.neg %x : tensor<4xf32>
  %1 = nn.neg %0 : tensor<4xf32>
  %2 = nn.not %c : tensor<4xi1>
  %3 = nn.not %2 : tensor<4xi1>
  %4 = nn.maximum %x, %x : tensor<4xf32>
  %5 = nn.select %c, %x, %x : tensor<4xf32>
  return %1, %3, %4, %5 : tensor<4xf32>, tensor<4xi1>, tensor<4xf32>, tensor<4xf32>
}

// -----

// CHECK-LABEL: func @select_constant
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>, %[[Y:.*]]: tensor<4xf32>, %[[C:.*]]: tensor<4xi1>)
// CHECK-DAG: %[[FALSE:.*]] = nn.constant dense<false>
// CHECK: return %[[Y]], %[[FALSE]], %[[C]]
func.func @select_constant(%x: tensor<4xf32>, %y: tensor<4xf32>, %c: tensor<4xi1>)
    -> (tensor<4xf32>, tensor<4xi1>, tensor<4xi1>) {
  %false = nn.constant dense<false> : tensor<4xi1>
  %0 = nn.select %false, %x, %y : tensor<4xf32>
  %1 = nn.and %c, %false : tensor<4xi1>
  %2 = nn.or %c, %false : tensor<4xi1>
  return %0, %1, %2 : tensor<4xf32>, tensor<4xi1>, tensor<4xi1>
}

// -----

// A chain of casts is one where the first loses nothing and no overflow changes its meaning.
// CHECK-LABEL: func @casts
// CHECK-SAME: (%[[U:.*]]: tensor<4xui8>, %[[X:.*]]: tensor<4xf64>, %[[I:.*]]: tensor<4xi32>)
// CHECK-DAG: %[[A:.*]] = nn.cast %[[U]] : tensor<4xui8> to tensor<4xf64>
// CHECK-DAG: %[[B0:.*]] = nn.cast %[[X]] : tensor<4xf64> to tensor<4xf32>
// CHECK-DAG: %[[B:.*]] = nn.cast %[[B0]] : tensor<4xf32> to tensor<4xf64>
// CHECK-DAG: %[[C0:.*]] = nn.cast %[[I]] : tensor<4xi32> to tensor<4xf64>
// CHECK-DAG: %[[C:.*]] = nn.cast %[[C0]] : tensor<4xf64> to tensor<4xui8>
// CHECK: return %[[A]], %[[B]], %[[C]], %[[U]]
func.func @casts(%u: tensor<4xui8>, %x: tensor<4xf64>, %i: tensor<4xi32>)
    -> (tensor<4xf64>, tensor<4xf64>, tensor<4xui8>, tensor<4xui8>) {
  %0 = nn.cast %u : tensor<4xui8> to tensor<4xf32>
  %1 = nn.cast %0 : tensor<4xf32> to tensor<4xf64>
  %2 = nn.cast %x : tensor<4xf64> to tensor<4xf32>
  %3 = nn.cast %2 : tensor<4xf32> to tensor<4xf64>
  %4 = nn.cast %i : tensor<4xi32> to tensor<4xf64>
  %5 = nn.cast %4 : tensor<4xf64> to tensor<4xui8>
  %6 = nn.cast %0 : tensor<4xf32> to tensor<4xui8>
  return %1, %3, %5, %6 : tensor<4xf64>, tensor<4xf64>, tensor<4xui8>, tensor<4xui8>
}

// -----

// CHECK-LABEL: func @cast_constants
// CHECK-DAG: nn.constant dense<255> : tensor<ui8>
// CHECK-DAG: nn.constant dense<0> : tensor<i32>
// CHECK-DAG: nn.constant dense<2.000000e+02> : tensor<f32>
// CHECK-DAG: nn.constant dense<true> : tensor<i1>
// CHECK-NOT: nn.cast
func.func @cast_constants() -> (tensor<ui8>, tensor<i32>, tensor<f32>, tensor<i1>) {
  %big = nn.constant dense<300.7> : tensor<f32>
  %nan = nn.constant dense<0x7FC00000> : tensor<f32>
  %u = nn.constant dense<200> : tensor<ui8>
  %0 = nn.cast %big : tensor<f32> to tensor<ui8>
  %1 = nn.cast %nan : tensor<f32> to tensor<i32>
  %2 = nn.cast %u : tensor<ui8> to tensor<f32>
  %3 = nn.cast %nan : tensor<f32> to tensor<i1>
  return %0, %1, %2, %3 : tensor<ui8>, tensor<i32>, tensor<f32>, tensor<i1>
}

// -----

// CHECK-LABEL: func @shape_identities
// CHECK-SAME: (%[[N:.*]]: index, %[[X:.*]]: tensor<?x4xf32>, %[[S:.*]]: tensor<3x4xf32>)
// CHECK: return %[[X]], %[[X]], %[[X]], %[[S]], %[[S]], %[[X]]
func.func @shape_identities(%n: index, %x: tensor<?x4xf32>, %s: tensor<3x4xf32>)
    -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<?x4xf32>) {
  %0 = nn.broadcast %x [0, 1] to [%n, 4] : tensor<?x4xf32> -> tensor<?x4xf32>
  %1 = nn.reshape %x to [%n, 4] : tensor<?x4xf32> -> tensor<?x4xf32>
  %2 = nn.transpose %x [0, 1] : tensor<?x4xf32> -> tensor<?x4xf32>
  %3 = nn.slice %s [0, 0] [3, 4] [1, 1] : tensor<3x4xf32> -> tensor<3x4xf32>
  %4 = nn.pad %s low [0, 0] to [3, 4] : tensor<3x4xf32> -> tensor<3x4xf32>
  %5 = nn.reduce_sum %x [] : tensor<?x4xf32> -> tensor<?x4xf32>
  return %0, %1, %2, %3, %4, %5
    : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<?x4xf32>
}

// -----

// CHECK-LABEL: func @merged_shapes
// CHECK-SAME: (%[[N:.*]]: index, %[[X:.*]]: tensor<4xf32>, %[[Y:.*]]: tensor<?x2x3xf32>)
// CHECK-DAG: %[[B:.*]] = nn.broadcast %[[X]] [2] to [%[[N]], 3, 4]
// CHECK-DAG: %[[R:.*]] = nn.reshape %[[Y]] to [6, %[[N]]] : tensor<?x2x3xf32> -> tensor<6x?xf32>
// CHECK-DAG: %[[T:.*]] = nn.transpose %[[Y]] [2, 1, 0] : tensor<?x2x3xf32> -> tensor<3x2x?xf32>
// CHECK-DAG: %[[S:.*]] = nn.reduce_sum %[[Y]] [0, 2] : tensor<?x2x3xf32> -> tensor<2xf32>
// CHECK: return %[[B]], %[[R]], %[[T]], %[[S]], %[[Y]]
func.func @merged_shapes(%n: index, %x: tensor<4xf32>, %y: tensor<?x2x3xf32>)
    -> (tensor<?x3x4xf32>, tensor<6x?xf32>, tensor<3x2x?xf32>, tensor<2xf32>, tensor<?x2x3xf32>) {
  %0 = nn.broadcast %x [1] to [3, 4] : tensor<4xf32> -> tensor<3x4xf32>
  %1 = nn.broadcast %0 [1, 2] to [%n, 3, 4] : tensor<3x4xf32> -> tensor<?x3x4xf32>
  %2 = nn.reshape %y to [%n, 6] : tensor<?x2x3xf32> -> tensor<?x6xf32>
  %3 = nn.reshape %2 to [6, %n] : tensor<?x6xf32> -> tensor<6x?xf32>
  %4 = nn.transpose %y [1, 2, 0] : tensor<?x2x3xf32> -> tensor<2x3x?xf32>
  %5 = nn.transpose %4 [1, 0, 2] : tensor<2x3x?xf32> -> tensor<3x2x?xf32>
  %6 = nn.reduce_sum %y [2] : tensor<?x2x3xf32> -> tensor<?x2xf32>
  %7 = nn.reduce_sum %6 [0] : tensor<?x2xf32> -> tensor<2xf32>
  %8 = nn.transpose %4 [2, 0, 1] : tensor<2x3x?xf32> -> tensor<?x2x3xf32>
  return %1, %3, %5, %7, %8
    : tensor<?x3x4xf32>, tensor<6x?xf32>, tensor<3x2x?xf32>, tensor<2xf32>, tensor<?x2x3xf32>
}

// -----

// CHECK-LABEL: func @reduce_of_one
// CHECK-SAME: (%[[X:.*]]: tensor<4x1xf32>)
// CHECK: nn.reshape %[[X]] to [4]
func.func @reduce_of_one(%x: tensor<4x1xf32>) -> tensor<4xf32> {
  %0 = nn.reduce_max %x [1] : tensor<4x1xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// CHECK-LABEL: func @contract_of_transpose
// CHECK-SAME: (%[[A:.*]]: tensor<?x4xf32>, %[[B:.*]]: tensor<5x4xf32>)
// CHECK: nn.contract "mk,nk->mn" %[[A]], %[[B]]
func.func @contract_of_transpose(%a: tensor<?x4xf32>, %b: tensor<5x4xf32>) -> tensor<?x5xf32> {
  %t = nn.transpose %b [1, 0] : tensor<5x4xf32> -> tensor<4x5xf32>
  %0 = nn.contract "mk,kn->mn" %a, %t : (tensor<?x4xf32>, tensor<4x5xf32>) -> tensor<?x5xf32>
  return %0 : tensor<?x5xf32>
}

// -----

// CHECK-LABEL: func @from_constant_index
// CHECK: nn.constant dense<3.200000e+01> : tensor<f32>
func.func @from_constant_index() -> tensor<f32> {
  %n = arith.constant 32 : index
  %0 = nn.from_index %n : tensor<f32>
  return %0 : tensor<f32>
}

// -----

// An operand of which more, or less, is known isn't the result.
// CHECK-LABEL: func @other_types
// CHECK: nn.transpose %{{.*}} [0, 1] : tensor<4x3xf64> -> tensor<4x?xf64>
// CHECK: nn.reduce_sum %{{.*}} [] : tensor<4x3xf64> -> tensor<?x3xf64>
// CHECK: nn.reduce_mean %{{.*}} [] : tensor<4x3xf64> -> tensor<?x3xf64>
// CHECK: nn.reduce_max %{{.*}} [] : tensor<4x3xf64> -> tensor<?x3xf64>
// CHECK: nn.reduce_min %{{.*}} [] : tensor<4x3xf64> -> tensor<?x3xf64>
func.func @other_types(%x: tensor<4x3xf64>) -> (tensor<4x?xf64>, tensor<?x3xf64>, tensor<?x3xf64>,
                                                tensor<?x3xf64>, tensor<?x3xf64>) {
  %0 = nn.transpose %x [0, 1] : tensor<4x3xf64> -> tensor<4x?xf64>
  %1 = nn.reduce_sum %x [] : tensor<4x3xf64> -> tensor<?x3xf64>
  %2 = nn.reduce_mean %x [] : tensor<4x3xf64> -> tensor<?x3xf64>
  %3 = nn.reduce_max %x [] : tensor<4x3xf64> -> tensor<?x3xf64>
  %4 = nn.reduce_min %x [] : tensor<4x3xf64> -> tensor<?x3xf64>
  return %0, %1, %2, %3, %4
    : tensor<4x?xf64>, tensor<?x3xf64>, tensor<?x3xf64>, tensor<?x3xf64>, tensor<?x3xf64>
}

// -----

// A reshape, and a constant, of the type that the result had.
// CHECK-LABEL: func @replaced_by_its_type
// CHECK-SAME: (%[[X:.*]]: tensor<4x1xf32>, %[[Y:.*]]: tensor<?xf32>)
// CHECK-DAG: %[[R:.*]] = nn.reshape %[[X]] to [%{{.*}}] : tensor<4x1xf32> -> tensor<?xf32>
// CHECK-DAG: %[[ONE:.*]] = nn.broadcast %{{.*}} [] to [%{{.*}}] : tensor<f32> -> tensor<?xf32>
// CHECK: nn.div %[[ONE]], %[[R]] : tensor<?xf32>
func.func @replaced_by_its_type(%x: tensor<4x1xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %one = nn.constant dense<-1.0> : tensor<f32>
  %0 = nn.reduce_max %x [1] : tensor<4x1xf32> -> tensor<?xf32>
  %c4 = arith.constant 4 : index
  %1 = nn.broadcast %one [] to [%c4] : tensor<f32> -> tensor<?xf32>
  %2 = nn.pow %0, %1 : tensor<?xf32>
  return %2 : tensor<?xf32>
}

// -----

// Of no elements each `?` may be another.
// CHECK-LABEL: func @reshape_of_none
// CHECK: nn.reshape
func.func @reshape_of_none(%n: index, %m: index, %x: tensor<?x0xf32> {nn.dims = array<i64: 0>})
    -> tensor<?x0xf32> {
  %0 = nn.reshape %x to [%m, 0] : tensor<?x0xf32> -> tensor<?x0xf32>
  return %0 : tensor<?x0xf32>
}

// -----

// That the one element is repeated only the type in between says.
// CHECK-LABEL: func @broadcast_by_one
// CHECK: nn.broadcast %{{.*}} [0] to [1] : tensor<?xf32> -> tensor<1xf32>
// CHECK: nn.broadcast %{{.*}} [0] to [5] : tensor<1xf32> -> tensor<5xf32>
func.func @broadcast_by_one(%x: tensor<?xf32>) -> tensor<5xf32> {
  %0 = nn.broadcast %x [0] to [1] : tensor<?xf32> -> tensor<1xf32>
  %1 = nn.broadcast %0 [0] to [5] : tensor<1xf32> -> tensor<5xf32>
  return %1 : tensor<5xf32>
}

// -----

// However many elements a constant has, its sum is one product.
// CHECK-LABEL: func @constant_sums
// CHECK-DAG: %[[SUM:.*]] = nn.constant dense<6.000000e+08> : tensor<f32>
// CHECK-DAG: %[[COUNT:.*]] = nn.constant dense<12> : tensor<2xi32>
// CHECK-DAG: %[[BYTES:.*]] = nn.constant dense<44> : tensor<ui8>
// CHECK-DAG: %[[NONE:.*]] = nn.constant dense<0.000000e+00> : tensor<3xf32>
// CHECK-DAG: %[[MEAN:.*]] = nn.constant dense<1.500000e+00> : tensor<20000xf32>
// CHECK-DAG: %[[PRODUCTS:.*]] = nn.constant dense<4.500000e+04> : tensor<20000x3xf32>
// CHECK: return %[[SUM]], %[[COUNT]], %[[BYTES]], %[[NONE]], %[[MEAN]], %[[PRODUCTS]]
func.func @constant_sums() -> (tensor<f32>, tensor<2xi32>, tensor<ui8>, tensor<3xf32>, tensor<20000xf32>, tensor<20000x3xf32>) {
  %x = nn.constant dense<1.5> : tensor<20000x20000xf32>
  %i = nn.constant dense<3> : tensor<2x4xi32>
  %u = nn.constant dense<3> : tensor<100xui8>
  %e = nn.constant dense<1.5> : tensor<0x3xf32>
  %w = nn.constant dense<1.5> : tensor<20000x3xf32>
  %0 = nn.reduce_sum %x [0, 1] : tensor<20000x20000xf32> -> tensor<f32>
  %1 = nn.reduce_sum %i [1] : tensor<2x4xi32> -> tensor<2xi32>
  %2 = nn.reduce_sum %u [0] : tensor<100xui8> -> tensor<ui8>
  %3 = nn.reduce_sum %e [0] : tensor<0x3xf32> -> tensor<3xf32>
  %4 = nn.reduce_mean %x [1] : tensor<20000x20000xf32> -> tensor<20000xf32>
  %5 = nn.contract "mk,kn->mn" %x, %w : (tensor<20000x20000xf32>, tensor<20000x3xf32>) -> tensor<20000x3xf32>
  return %0, %1, %2, %3, %4, %5 : tensor<f32>, tensor<2xi32>, tensor<ui8>, tensor<3xf32>, tensor<20000xf32>, tensor<20000x3xf32>
}

// -----

// A sum begins with 0, to which -0 adds nothing.
// CHECK-LABEL: func @sum_of_negative_zeros
// CHECK: nn.constant dense<0.000000e+00> : tensor<f32>
func.func @sum_of_negative_zeros() -> tensor<f32> {
  %x = nn.constant dense<-0.0> : tensor<3xf32>
  %0 = nn.reduce_sum %x [0] : tensor<3xf32> -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

// Over nothing, an extremum is no element.
// CHECK-LABEL: func @constant_extrema
// CHECK-DAG: %[[MAX:.*]] = nn.constant dense<7> : tensor<2xi32>
// CHECK-DAG: %[[NONE:.*]] = nn.reduce_min %{{.*}} [0]
// CHECK: return %[[MAX]], %[[NONE]]
func.func @constant_extrema() -> (tensor<2xi32>, tensor<2xi32>) {
  %x = nn.constant dense<7> : tensor<9000x2xi32>
  %e = nn.constant dense<7> : tensor<0x2xi32>
  %0 = nn.reduce_max %x [0] : tensor<9000x2xi32> -> tensor<2xi32>
  %1 = nn.reduce_min %e [0] : tensor<0x2xi32> -> tensor<2xi32>
  return %0, %1 : tensor<2xi32>, tensor<2xi32>
}
