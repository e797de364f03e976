// RUN: nn-opt %s --train-build-entries --split-input-file --verify-diagnostics

// expected-error@+1 {{'train.model' op expected @m.forward, its 'forward', to be a func.func with a body of one block}}
train.model @m dims [] forward @m.forward {}
func.func private @m.forward()

// -----

train.model @m dims [] forward @m.forward {
  // expected-error@+1 {{'train.parameter' op expected @m.init, its 'init', to be a func.func with a body of one block}}
  train.parameter "w" : tensor<f32> init @m.init
}
func.func private @m.forward(%w: tensor<f32>) {
  return
}
func.func private @m.init(%seed: tensor<i64>) -> tensor<f32> {
  %w = nn.constant dense<0.0> : tensor<f32>
  cf.br ^end
^end:
  return %w : tensor<f32>
}

// -----

// What can't be differentiated is an error at the operation.
// expected-note@+1 {{of this function}}
train.model @m dims [] forward @m.forward {
  train.parameter "w" : tensor<f32> init @m.init
  train.recipe optimizer "" batch 1 seed 0 loss @m.loss metrics [] @m.metrics {
    train.data "d" format "idx" {}
    train.update "w" rule @m.update {}
  }
  train.output "y" : tensor<f32>
}
func.func private @m.forward(%w: tensor<f32>) -> tensor<f32> {
  // expected-error@+1 {{'tensor.cast' op}}
  %c = tensor.cast %w : tensor<f32> to tensor<f32>
  return %c : tensor<f32>
}
func.func private @m.init(%seed: tensor<i64>) -> tensor<f32> {
  %w = nn.constant dense<0.0> : tensor<f32>
  return %w : tensor<f32>
}
func.func private @m.loss(%y: tensor<f32>) -> tensor<f32> {
  return %y : tensor<f32>
}
func.func private @m.metrics(%y: tensor<f32>) {
  return
}
func.func private @m.update(%w: tensor<f32>, %grad: tensor<f32>, %step: tensor<i64>) -> tensor<f32> {
  return %grad : tensor<f32>
}
