// Each stage of the pipeline, as text that the next one reads.
// RUN: nn-opt %s --nn-to-grad > %t.grad.mlir
// RUN: FileCheck %s --check-prefix=GRAD --input-file %t.grad.mlir
// RUN: nn-opt %t.grad.mlir --grad-to-linalg > %t.linalg.mlir
// RUN: FileCheck %s --check-prefix=LINALG --input-file %t.linalg.mlir
// RUN: nn-opt %t.linalg.mlir --linalg-to-bufferized > %t.bufferized.mlir
// RUN: FileCheck %s --check-prefix=BUFFERIZED --input-file %t.bufferized.mlir
// RUN: nn-opt %t.bufferized.mlir --bufferized-to-llvm | FileCheck %s --check-prefix=LLVM
// All at once is the same.
// RUN: nn-opt %s --nn-to-linalg | diff %t.linalg.mlir -
// RUN: nn-opt %s --nn-to-bufferized | diff %t.bufferized.mlir -
// RUN: nn-opt %s --nn-to-llvm=opt-level=0 | FileCheck %s --check-prefix=LLVM
// Another batch than the recipe's.
// RUN: nn-opt %s --nn-to-grad=batch=6 | FileCheck %s --check-prefix=BATCH
// What is at another stage is refused.
// RUN: not nn-opt %s --grad-to-linalg 2>&1 | FileCheck %s --check-prefix=REFUSED
// RUN: not nn-opt %t.grad.mlir --nn-to-grad 2>&1 | FileCheck %s --check-prefix=REFUSED2

// GRAD: train.model @line dims ["batch"] entries [@line.init, @line.predict_any, @line.step_any, @line.eval_any, @line.step, @line.eval]
// GRAD: train.recipe {{.*}} batch 4
// GRAD-NOT: func.func private
// GRAD: func.func @line.step_any(%{{.+}}: index {{.*}}: tensor<?xf32>
// GRAD: func.func @line.step(%{{.+}}: index {{.*}}: tensor<4xf32>
// GRAD-SAME: nn.batch = 4 : i64, nn.entry = "step"
// GRAD-NOT: tensor<?
// GRAD: nn.reduce_sum
// GRAD: return

// LINALG: train.model @line
// LINALG: func.func @line.step(
// LINALG-NOT: = nn.
// LINALG: linalg.generic

// BUFFERIZED: train.model @line
// BUFFERIZED: memref
// BUFFERIZED-NOT: tensor.

// LLVM: module
// LLVM-NOT: train.
// LLVM: llvm.func @line.step

// BATCH: train.recipe {{.*}} batch 6
// BATCH: tensor<6xf32>

// REFUSED: error: 'train.model' op is not expected with 'forward' at stage grad
// REFUSED2: error: 'train.model' op is not expected without 'forward' at stage nn

module attributes {train.source = "model line"} {
train.model @line dims ["batch"] forward @line.forward {
  train.input "x" : tensor<?xf32> dims ["batch"]
  train.output "y" : tensor<?xf32> dims ["batch"]
  train.parameter "slope" : tensor<f32> init @line.init.w
  train.recipe optimizer "sgd" batch 4 seed 0 loss @line.loss metrics ["loss"] @line.loss {
    train.data "points" format "idx" {
      train.field "x" : tensor<?xf32> dims ["batch"]
      train.field "t" : tensor<?xf32> dims ["batch"]
    }
    train.update "slope" rule @line.update {}
  }
}
func.func private @line.init.w(%seed: tensor<i64>) -> tensor<f32> {
  %w = nn.random "uniform" site 1 %seed [] : tensor<f32>
  return %w : tensor<f32>
}
func.func private @line.forward(%batch: index, %x: tensor<?xf32>, %slope: tensor<f32>) -> tensor<?xf32> {
  %b = nn.broadcast %slope [] to [%batch] : tensor<f32> -> tensor<?xf32>
  %y = nn.mul %x, %b : tensor<?xf32>
  return %y : tensor<?xf32>
}
func.func private @line.loss(%batch: index, %y: tensor<?xf32>, %x: tensor<?xf32>, %t: tensor<?xf32>) -> tensor<f32> {
  %d = nn.sub %y, %t : tensor<?xf32>
  %s = nn.mul %d, %d : tensor<?xf32>
  %l = nn.reduce_sum %s [0] : tensor<?xf32> -> tensor<f32>
  return %l : tensor<f32>
}
func.func private @line.update(%p: tensor<f32>, %grad: tensor<f32>, %step: tensor<i64>) -> tensor<f32> {
  %new = nn.sub %p, %grad : tensor<f32>
  return %new : tensor<f32>
}
}
