// Each stage of the pipeline, as text that the next one reads.
// RUN: nn-opt %s --nn-to-grad > %t.grad.mlir
// RUN: FileCheck %s --check-prefix=GRAD --input-file %t.grad.mlir
// RUN: nn-opt %t.grad.mlir --grad-to-linalg > %t.linalg.mlir
// RUN: FileCheck %s --check-prefix=LINALG --input-file %t.linalg.mlir
// RUN: nn-opt %t.linalg.mlir --linalg-to-kernels > %t.kernels.mlir
// RUN: FileCheck %s --check-prefix=KERNELS --input-file %t.kernels.mlir
// RUN: nn-opt %t.kernels.mlir --kernels-to-bufferized > %t.bufferized.mlir
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

// GRAD: train.program @line dims ["batch"] batch 0 entries [@line.init, @line.predict_any, @line.init_training, @line.step_any, @line.evaluate.0_any, @line.finish, @line.predict, @line.step, @line.evaluate.0]
// GRAD-SAME: settings {batch = 4 : i64}
// GRAD-NOT: func.func private
// GRAD: func.func @line.step_any(%{{.+}}: index {{.*}}: tensor<?xf32>
// GRAD: func.func @line.step(%{{.+}}: index {{.*}}: tensor<4xf32>
// GRAD-SAME: nn.entry = "step", train.dims = array<i64: 4>
// GRAD-NOT: tensor<?
// GRAD: nn.reduce_sum
// GRAD: return

// LINALG: train.program @line
// LINALG: func.func @line.step(
// LINALG-NOT: = nn.
// LINALG: linalg.generic

// KERNELS: kernel.func @line.step.kernel.0(
// KERNELS: linalg.generic
// KERNELS: func.func @line.step(
// KERNELS-NOT: linalg.generic
// KERNELS: kernel.call @line.step.kernel.0(

// BUFFERIZED: train.program @line
// BUFFERIZED: memref
// BUFFERIZED-NOT: tensor.

// LLVM: module
// LLVM-NOT: train.
// LLVM: llvm.func @line.step

// BATCH: settings {batch = 6 : i64}
// BATCH: tensor<6xf32>

// REFUSED: error: 'train.model' op is not expected at stage grad
// REFUSED2: error: 'train.program' op is not expected at stage nn

module attributes {train.source = "model line"} {
train.model @line dims ["batch"] batch 0 predict @line.forward {
  train.input "x" : tensor<?xf32> dims ["batch"]
  train.output "y" : tensor<?xf32> dims ["batch"]
  train.field "x" : tensor<?xf32> dims ["batch"]
  train.field "t" : tensor<?xf32> dims ["batch"]
  train.parameter "slope" : tensor<f32> init @line.init.w
  train.recipe settings {batch = 4} finish @line.finishing {
    train.block "" objective @line.objective {
      train.update "slope" rule @line.rule {}
    }
    train.pass accumulate @line.pass
  }
}
func.func private @line.init.w(%seed: tensor<i64> {train.bind = #train.bind<seed, 0>}) -> tensor<f32> {
  %w = nn.random "uniform" site 1 %seed [] : tensor<f32>
  return %w : tensor<f32>
}
func.func private @line.forward(
    %batch: index {train.bind = #train.bind<dim, 0>}, %x: tensor<?xf32> {train.bind = #train.bind<input, 0>},
    %slope: tensor<f32> {train.bind = #train.bind<parameter, 0>}) -> tensor<?xf32> {
  %b = nn.broadcast %slope [] to [%batch] : tensor<f32> -> tensor<?xf32>
  %y = nn.mul %x, %b : tensor<?xf32>
  return %y : tensor<?xf32>
}
func.func private @line.objective(
    %batch: index {train.bind = #train.bind<dim, 0>}, %x: tensor<?xf32> {train.bind = #train.bind<field, 0>},
    %t: tensor<?xf32> {train.bind = #train.bind<field, 1>},
    %slope: tensor<f32> {train.bind = #train.bind<parameter, 0>}) -> tensor<f32> {
  %b = nn.broadcast %slope [] to [%batch] : tensor<f32> -> tensor<?xf32>
  %y = nn.mul %x, %b : tensor<?xf32>
  %d = nn.sub %y, %t : tensor<?xf32>
  %s = nn.mul %d, %d : tensor<?xf32>
  %l = nn.reduce_sum %s [0] : tensor<?xf32> -> tensor<f32>
  return %l : tensor<f32>
}
func.func private @line.rule(
    %p: tensor<f32> {train.bind = #train.bind<parameter, 0>},
    %grad: tensor<f32> {train.bind = #train.bind<gradient, 0>}) -> tensor<f32> {
  %new = nn.sub %p, %grad : tensor<f32>
  return %new : tensor<f32>
}
func.func private @line.pass(%x: tensor<?xf32> {train.bind = #train.bind<field, 0>}) -> tensor<f64> {
  %s = nn.reduce_sum %x [0] : tensor<?xf32> -> tensor<f32>
  %l = nn.cast %s : tensor<f32> to tensor<f64>
  return %l : tensor<f64>
}
func.func private @line.finishing(%x: tensor<f64> {train.bind = #train.bind<total, 0>}) -> tensor<f64> {
  return %x : tensor<f64>
}
}
