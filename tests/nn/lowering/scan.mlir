// RUN: nn-opt %s --convert-nn-to-linalg --canonicalize --cse --split-input-file | FileCheck %s

// CHECK-LABEL: func @scan
// CHECK-SAME: (%[[N:.*]]: index, %[[X:.*]]: tensor<4x?x8xi8>, %[[H:.*]]: tensor<4x8xf32>)
// CHECK: %[[E:.*]] = tensor.empty(%[[N]]) : tensor<4x8x?xf32>
// CHECK: %[[S:.*]]:2 = scf.for %[[I:.*]] = %{{.*}} to %[[N]] step %{{.*}} iter_args(%[[C:.*]] = %[[H]], %[[T:.*]] = %[[E]]) -> (tensor<4x8xf32>, tensor<4x8x?xf32>) {
// CHECK: %[[R:.*]] = arith.subi %{{.*}}, %[[I]] : index
// CHECK: tensor.extract_slice %[[X]][0, %[[R]], 0] [4, 1, 8] [1, 1, 1] : tensor<4x?x8xi8> to tensor<4x8xi8>
// CHECK: arith.uitofp
// CHECK: %[[Y:.*]] = linalg.generic
// CHECK: arith.addf
// CHECK: %[[A:.*]] = tensor.insert_slice %[[Y]] into %[[T]][0, 0, %[[R]]] [4, 8, 1] [1, 1, 1]
// CHECK: scf.yield %[[Y]], %[[A]]
func.func @scan(%n: index, %x: tensor<4x?x8xui8>, %h: tensor<4x8xf32>)
    -> (tensor<4x8xf32>, tensor<4x8x?xf32>) {
  %0:2 = nn.scan [%n] reverse slices [1] (%x : tensor<4x?x8xui8>) inits (%h : tensor<4x8xf32>)
      captures () dims () stack [2] -> (tensor<4x8xf32>, tensor<4x8x?xf32>) {
  ^bb0(%i: tensor<i64>, %xt: tensor<4x8xui8>, %c: tensor<4x8xf32>):
    %1 = nn.cast %xt : tensor<4x8xui8> to tensor<4x8xf32>
    %2 = nn.add %c, %1 : tensor<4x8xf32>
    nn.yield %2, %2 : tensor<4x8xf32>, tensor<4x8xf32>
  }
  return %0#0, %0#1 : tensor<4x8xf32>, tensor<4x8x?xf32>
}

// -----

// Two values that change places.
// CHECK-LABEL: func @exchange
// CHECK: scf.for %[[I:.*]] = {{.*}} iter_args(%[[A:.*]] = %{{.*}}, %[[B:.*]] = %{{.*}})
// CHECK: scf.yield %[[B]], %[[A]]
func.func @exchange(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0:2 = nn.scan [7] slices [] () inits (%x, %y : tensor<4xf32>, tensor<4xf32>) captures () dims ()
      stack [] -> (tensor<4xf32>, tensor<4xf32>) {
  ^bb0(%i: tensor<i64>, %a: tensor<4xf32>, %b: tensor<4xf32>):
    nn.yield %b, %a : tensor<4xf32>, tensor<4xf32>
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<4xf32>
}

// -----

// One pass is no loop: its value is another, and nothing is written where the first one was.
// CHECK-LABEL: func @once
// CHECK-NOT: scf.for
// CHECK: %[[Y:.*]] = linalg.generic
// CHECK-NOT: materialize_in_destination
// CHECK: return %[[Y]]
func.func @once(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = nn.scan [1] slices [] () inits (%x : tensor<4xf32>) captures () dims () stack []
      -> (tensor<4xf32>) {
  ^bb0(%i: tensor<i64>, %a: tensor<4xf32>):
    %1 = nn.exp %a : tensor<4xf32>
    nn.yield %1 : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}
