// RUN: nn-opt %s --train-build-entries --split-input-file --verify-diagnostics

// expected-error@+1 {{'train.model' op expected @m.forward, its 'predict', to be a func.func with a body of one block}}
train.model @m dims [] predict @m.forward {}
func.func private @m.forward()

// -----

train.model @m dims [] predict @m.forward {
  // expected-error@+1 {{'train.parameter' op expected @m.init, its 'init', to be a func.func with a body of one block}}
  train.parameter "w" : tensor<f32> init @m.init
}
func.func private @m.forward() {
  return
}
func.func private @m.init() -> tensor<f32> {
  %w = nn.constant dense<0.0> : tensor<f32>
  cf.br ^end
^end:
  return %w : tensor<f32>
}

// -----

// What can't be differentiated is an error at the operation.
train.model @m dims [] predict @m.forward {
  train.parameter "w" : tensor<f32> init @m.init
  train.recipe settings {batch = 1} finish @m.finish {
    train.block "" objective @m.objective {
      train.update "w" rule @m.rule {}
    }
  }
}
func.func private @m.forward() {
  return
}
func.func private @m.init() -> tensor<f32> {
  %w = nn.constant dense<0.0> : tensor<f32>
  return %w : tensor<f32>
}
// expected-note@+1 {{of this function}}
func.func private @m.objective(%w: tensor<f32> {train.bind = #train.bind<parameter, 0>}) -> tensor<f32> {
  // expected-error@+1 {{'tensor.cast' op}}
  %c = tensor.cast %w : tensor<f32> to tensor<f32>
  return %c : tensor<f32>
}
func.func private @m.finish() {
  return
}
func.func private @m.rule(%grad: tensor<f32> {train.bind = #train.bind<gradient, 0>}) -> tensor<f32> {
  return %grad : tensor<f32>
}
