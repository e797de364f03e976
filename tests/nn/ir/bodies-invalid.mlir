// RUN: nn-opt %s --split-input-file --verify-diagnostics

func.func @isolated(%h: tensor<4xf32>, %x: tensor<4xf32>) {
  // expected-note @+1 {{required by region isolation constraints}}
  %0 = nn.scan [3] slices [] () inits (%h : tensor<4xf32>) captures () dims () stack []
      -> (tensor<4xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<4xf32>):
    // expected-error @+1 {{op using value defined outside the region}}
    %1 = nn.add %c, %x : tensor<4xf32>
    nn.yield %1 : tensor<4xf32>
  }
  return
}

// -----

func.func @arguments(%h: tensor<4xf32>) {
  // expected-error @+1 {{expects 2 arguments of body 0, found 1}}
  %0 = nn.scan [3] slices [] () inits (%h : tensor<4xf32>) captures () dims () stack []
      -> (tensor<4xf32>) {
  ^bb0(%c: tensor<4xf32>):
    nn.yield %c : tensor<4xf32>
  }
  return
}

// -----

func.func @slice_argument(%x: tensor<3x4xf32>) {
  // expected-error @+1 {{expects argument 1 of body 0 to be 'tensor<4xf32>', found 'tensor<3x4xf32>'}}
  %0 = nn.scan [3] slices [0] (%x : tensor<3x4xf32>) inits () captures () dims () stack [0]
      -> (tensor<3x3x4xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<3x4xf32>):
    nn.yield %c : tensor<3x4xf32>
  }
  return
}

// -----

func.func @count(%x: tensor<5x4xf32>) {
  // expected-error @+1 {{expects 3 slices along axis 0, found 'tensor<5x4xf32>'}}
  %0 = nn.scan [3] slices [0] (%x : tensor<5x4xf32>) inits () captures () dims () stack [0]
      -> (tensor<3x4xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<4xf32>):
    nn.yield %c : tensor<4xf32>
  }
  return
}

// -----

func.func @axes(%x: tensor<5x4xf32>) {
  // expected-error @+1 {{expects one axis per slice, found 2 for 1}}
  %0 = nn.scan [5] slices [0, 1] (%x : tensor<5x4xf32>) inits () captures () dims () stack [0]
      -> (tensor<5x4xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<4xf32>):
    nn.yield %c : tensor<4xf32>
  }
  return
}

// -----

func.func @slice_axis(%x: tensor<5x4xf32>) {
  // expected-error @+1 {{expects a slice with an axis 2, found 'tensor<5x4xf32>'}}
  %0 = nn.scan [5] slices [2] (%x : tensor<5x4xf32>) inits () captures () dims () stack [0]
      -> (tensor<5x5x4xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<5x4xf32>):
    nn.yield %c : tensor<5x4xf32>
  }
  return
}

// -----

func.func @sizes(%n: index, %h: tensor<4xf32>) {
  // expected-error @+1 {{expects one size, the number of passes, found 2}}
  %0 = nn.scan [%n, 3] slices [] () inits (%h : tensor<4xf32>) captures () dims () stack []
      -> (tensor<4xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<4xf32>):
    nn.yield %c : tensor<4xf32>
  }
  return
}

// -----

func.func @yields(%h: tensor<4xf32>) {
  // expected-error @+1 {{expects body 0 to yield 1 carried values and 0 to stack, found 2}}
  %0 = nn.scan [3] slices [] () inits (%h : tensor<4xf32>) captures () dims () stack []
      -> (tensor<4xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<4xf32>):
    nn.yield %c, %c : tensor<4xf32>, tensor<4xf32>
  }
  return
}

// -----

func.func @stack_axis(%x: tensor<5x4xf32>) {
  // expected-error @+2 {{expects to stack along an axis up to 1, found 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.scan [5] slices [0] (%x : tensor<5x4xf32>) inits () captures () dims () stack [2]
      -> (tensor<4x5xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<4xf32>):
    nn.yield %c : tensor<4xf32>
  }
  return
}

// -----

func.func @carried(%h: tensor<4xf32>) {
  // expected-error @+1 {{expects yielded value 0 of body 0 to be 'tensor<4xf32>', found 'tensor<4xf64>'}}
  %0 = nn.scan [3] slices [] () inits (%h : tensor<4xf32>) captures () dims () stack []
      -> (tensor<4xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<4xf32>):
    %1 = nn.cast %c : tensor<4xf32> to tensor<4xf64>
    nn.yield %1 : tensor<4xf64>
  }
  return
}

// -----

func.func @gradient_of_two(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects its body to yield one float tensor}}
  %0 = nn.gradient wrt (%x : tensor<4xf32>) captures () dims () -> (tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>):
    nn.yield %a, %a : tensor<4xf32>, tensor<4xf32>
  }
  return
}

// -----

func.func @gradient_type(%x: tensor<4xf32>) {
  // expected-error @+2 {{are incompatible with return type(s) of operation}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.gradient wrt (%x : tensor<4xf32>) captures () dims () -> (tensor<5xf32>) {
  ^bb0(%a: tensor<4xf32>):
    nn.yield %a : tensor<4xf32>
  }
  return
}

// -----

func.func @declared_count(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects body 1 to yield 1 values, found 2}}
  %0 = nn.with_gradient inputs (%x : tensor<4xf32>) captures () dims () -> (tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>):
    nn.yield %a : tensor<4xf32>
  }, {
  ^bb0(%a: tensor<4xf32>, %dy: tensor<4xf32>):
    nn.yield %dy, %dy : tensor<4xf32>, tensor<4xf32>
  }
  return
}

// -----

func.func @declared_type(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects yielded value 0 of body 1 to be 'tensor<4xf32>', found 'tensor<f32>'}}
  %0 = nn.with_gradient inputs (%x : tensor<4xf32>) captures () dims () -> (tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>):
    nn.yield %a : tensor<4xf32>
  }, {
  ^bb0(%a: tensor<4xf32>, %dy: tensor<4xf32>):
    %0 = nn.reduce_sum %dy [0] : tensor<4xf32> -> tensor<f32>
    nn.yield %0 : tensor<f32>
  }
  return
}

// -----

func.func @window_lists(%x: tensor<2x5x3xf32>) {
  // expected-error @+1 {{expects 1 of 'stride', found 2}}
  %0 = nn.windows %x size [3] stride [1, 1] dilation [1] low [0] high [0] to [2, 3, 3, 3]
       : tensor<2x5x3xf32> -> tensor<2x3x3x3xf32>
  return
}

// -----

func.func @window_stride(%x: tensor<2x5x3xf32>) {
  // expected-error @+1 {{expects 'stride' of 1 or more, found 0}}
  %0 = nn.windows %x size [3] stride [0] dilation [1] low [0] high [0] to [2, 3, 3, 3]
       : tensor<2x5x3xf32> -> tensor<2x3x3x3xf32>
  return
}

// -----

func.func @window_rank(%x: tensor<2x5xf32>) {
  // expected-error @+1 {{expects [batch, spatial..., c] and [batch, out..., size..., c] with 1 spatial dimensions, found 'tensor<2x5xf32>'}}
  %0 = nn.windows %x size [3] stride [1] dilation [1] low [0] high [0] to [2, 3, 3, 3]
       : tensor<2x5xf32> -> tensor<2x3x3x3xf32>
  return
}

// -----

func.func @window_too_large(%x: tensor<2x5x3xf32>) {
  // expected-error @+1 {{expects a window inside the operand, found one of 7 in 5 along spatial dimension 0}}
  %0 = nn.windows %x size [3] stride [1] dilation [3] low [0] high [0] to [2, 3, 3, 3]
       : tensor<2x5x3xf32> -> tensor<2x3x3x3xf32>
  return
}

// -----

func.func @window_shape(%x: tensor<2x5x3xf32>) {
  // expected-error @+1 {{expects windows of shape [2, 2, 3, 3], found 'tensor<2x3x3x3xf32>'}}
  %0 = nn.windows %x size [3] stride [2] dilation [1] low [0] high [0] to [2, 3, 3, 3]
       : tensor<2x5x3xf32> -> tensor<2x3x3x3xf32>
  return
}

// -----

func.func @window_sum_shape(%x: tensor<2x3x3x3xf32>) {
  // expected-error @+1 {{expects windows of shape [2, 2, 3, 3], found 'tensor<2x3x3x3xf32>'}}
  %0 = nn.windows_sum %x size [3] stride [2] dilation [1] low [0] high [0] to [2, 5, 3]
       : tensor<2x3x3x3xf32> -> tensor<2x5x3xf32>
  return
}

// -----

func.func @take_axis(%x: tensor<2x5xf32>, %i: tensor<2xi32>) {
  // expected-error @+2 {{expects an operand with an axis 2, found 'tensor<2x5xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.take_along %x, %i axis 2 : (tensor<2x5xf32>, tensor<2xi32>) -> tensor<2xf32>
  return
}

// -----

func.func @take_shape(%x: tensor<2x5xf32>, %i: tensor<3xi32>) {
  // expected-error @+2 {{expects indices of shape [2], found 'tensor<3xi32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.take_along %x, %i axis 1 : (tensor<2x5xf32>, tensor<3xi32>) -> tensor<2xf32>
  return
}

// -----

func.func @put_shape(%x: tensor<2xf32>, %i: tensor<3xi32>) {
  // expected-error @+1 {{expects updates and indices of shape [2], found 'tensor<3xi32>'}}
  %0 = nn.put_along %x, %i axis 1 to [2, 5] : (tensor<2xf32>, tensor<3xi32>) -> tensor<2x5xf32>
  return
}

// -----

func.func @put_axis(%x: tensor<2xf32>, %i: tensor<2xi32>) {
  // expected-error @+1 {{expects a result with an axis 3, found 'tensor<2x5xf32>'}}
  %0 = nn.put_along %x, %i axis 3 to [2, 5] : (tensor<2xf32>, tensor<2xi32>) -> tensor<2x5xf32>
  return
}

// -----

func.func @yield_anywhere(%x: tensor<2xf32>) {
  // expected-error @+1 {{expects parent op to be one of 'nn.scan, nn.gradient, nn.with_gradient'}}
  nn.yield %x : tensor<2xf32>
}
