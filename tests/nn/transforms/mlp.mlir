// A whole multilayer perceptron: loss, gradients, one batch size, linalg.
// RUN: nn-opt %s --nn-simplify --nn-differentiate --nn-simplify | FileCheck %s
// RUN: nn-opt %s --nn-simplify --nn-differentiate --nn-specialize-dims="arg=0 size=32" --nn-simplify \
// RUN:   | FileCheck %s --check-prefix=STATIC
// RUN: nn-opt %s --nn-simplify --nn-differentiate --nn-simplify --convert-nn-to-linalg --canonicalize --cse \
// RUN:   | FileCheck %s --check-prefix=LINALG

// Three products backwards: to the first weights, the hidden values and the second weights; none to the
// image.
// CHECK-LABEL: func @loss
// CHECK-SAME: (%[[N:[a-z0-9]+]]: index, %[[IMAGE:[a-z0-9]+]]: tensor<?x28x28xui8>
// CHECK-SAME: tensor<784x64xf32> {nn.gradient_of = 3 : i64}, tensor<64xf32> {nn.gradient_of = 4 : i64}
// CHECK: %[[X:.*]] = nn.reshape %{{.*}} to [%[[N]], 784]
// CHECK: %[[H:.*]] = nn.maximum
// CHECK: %[[LOSS:.*]] = nn.neg
// CHECK: %[[DL:.*]] = nn.add
// CHECK-NEXT: %[[DB2:.*]] = nn.reduce_sum %[[DL]] [0]
// CHECK-NEXT: %[[DH:.*]] = nn.contract "mn,kn->mk" %[[DL]]
// CHECK-NEXT: %[[DW2:.*]] = nn.contract "mk,mn->kn" %[[H]], %[[DL]]
// CHECK: %[[HALF:.*]] = nn.mul %[[DH]]
// CHECK-NEXT: %[[TIED:.*]] = nn.compare "eq"
// CHECK-NEXT: %[[SHARE:.*]] = nn.select %[[TIED]], %[[HALF]], %[[DH]]
// CHECK-NEXT: %[[ON:.*]] = nn.compare "ge"
// CHECK-NEXT: %[[DA:.*]] = nn.select %[[ON]], %[[SHARE]]
// CHECK-NEXT: %[[DB1:.*]] = nn.reduce_sum %[[DA]] [0]
// CHECK-NEXT: %[[DW1:.*]] = nn.contract "mk,mn->kn" %[[X]], %[[DA]]
// CHECK-NEXT: return %[[LOSS]], %[[DW1]], %[[DB1]], %[[DW2]], %[[DB2]]

// STATIC-LABEL: func @loss
// STATIC-NOT: ?
// STATIC: return

// LINALG-LABEL: func @loss
// LINALG-SAME: tensor<?x28x28xi8>
// LINALG-NOT: nn.{{[a-z_]+}} %
// LINALG-NOT: tensor.dim
// LINALG-NOT: unrealized
// LINALG: return
func.func @loss(%batch: index, %image: tensor<?x28x28xui8>, %label: tensor<?xui8>,
    %w1: tensor<784x64xf32> {nn.wrt}, %b1: tensor<64xf32> {nn.wrt},
    %w2: tensor<64x10xf32> {nn.wrt}, %b2: tensor<10xf32> {nn.wrt}) -> tensor<f32> {
  %x0 = nn.cast %image : tensor<?x28x28xui8> to tensor<?x28x28xf32>
  %s = nn.constant dense<255.0> : tensor<f32>
  %sb = nn.broadcast %s [] to [%batch, 28, 28] : tensor<f32> -> tensor<?x28x28xf32>
  %x1 = nn.div %x0, %sb : tensor<?x28x28xf32>
  %x = nn.reshape %x1 to [%batch, 784] : tensor<?x28x28xf32> -> tensor<?x784xf32>
  %h0 = nn.contract "mk,kn->mn" %x, %w1 : (tensor<?x784xf32>, tensor<784x64xf32>) -> tensor<?x64xf32>
  %b1b = nn.broadcast %b1 [1] to [%batch, 64] : tensor<64xf32> -> tensor<?x64xf32>
  %h1 = nn.add %h0, %b1b : tensor<?x64xf32>
  %zero = nn.constant dense<0.0> : tensor<f32>
  %zb = nn.broadcast %zero [] to [%batch, 64] : tensor<f32> -> tensor<?x64xf32>
  %h = nn.maximum %h1, %zb : tensor<?x64xf32>
  %l0 = nn.contract "mk,kn->mn" %h, %w2 : (tensor<?x64xf32>, tensor<64x10xf32>) -> tensor<?x10xf32>
  %b2b = nn.broadcast %b2 [1] to [%batch, 10] : tensor<10xf32> -> tensor<?x10xf32>
  %l = nn.add %l0, %b2b : tensor<?x10xf32>
  %m = nn.reduce_max %l [1] : tensor<?x10xf32> -> tensor<?xf32>
  %ms = nn.stop_gradient %m : tensor<?xf32>
  %mb = nn.broadcast %ms [0] to [%batch, 10] : tensor<?xf32> -> tensor<?x10xf32>
  %c = nn.sub %l, %mb : tensor<?x10xf32>
  %e = nn.exp %c : tensor<?x10xf32>
  %es = nn.reduce_sum %e [1] : tensor<?x10xf32> -> tensor<?xf32>
  %lse = nn.log %es : tensor<?xf32>
  %lseb = nn.broadcast %lse [0] to [%batch, 10] : tensor<?xf32> -> tensor<?x10xf32>
  %lp = nn.sub %c, %lseb : tensor<?x10xf32>
  %iota = nn.iota 1 [%batch, 10] : tensor<?x10xi32>
  %li = nn.cast %label : tensor<?xui8> to tensor<?xi32>
  %lib = nn.broadcast %li [0] to [%batch, 10] : tensor<?xi32> -> tensor<?x10xi32>
  %hit = nn.compare "eq" %iota, %lib : tensor<?x10xi32>
  %onehot = nn.cast %hit : tensor<?x10xi1> to tensor<?x10xf32>
  %p = nn.mul %onehot, %lp : tensor<?x10xf32>
  %sum = nn.reduce_sum %p [0, 1] : tensor<?x10xf32> -> tensor<f32>
  %n = nn.from_index %batch : tensor<f32>
  %mean = nn.div %sum, %n : tensor<f32>
  %loss = nn.neg %mean : tensor<f32>
  return %loss : tensor<f32>
}
