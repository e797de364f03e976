// RUN: nn-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{expected a destination for each of 1 results, found 0 arguments}}
kernel.func @f() -> tensor<4xf32> {
  %y = tensor.empty() : tensor<4xf32>
  kernel.return %y : tensor<4xf32>
}

// -----

// expected-error@+1 {{expected destinations of the results' types, found 'tensor<8xf32>' for 'tensor<4xf32>'}}
kernel.func @f(%out: tensor<8xf32>) -> tensor<4xf32> {
  %y = tensor.empty() : tensor<4xf32>
  kernel.return %y : tensor<4xf32>
}

// -----

// expected-error@+1 {{expected results that are tensors, found 'f32'}}
kernel.func @f(%out: f32) -> f32 {
  kernel.return
}

// -----

kernel.func @f(%out: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{expected values of types ('tensor<4xf32>'), found ()}}
  kernel.return
}

// -----

func.func @f(%x: memref<4xf32>) {
  // expected-error@+1 {{expected the name of a kernel, found @g}}
  kernel.call @g() to (%x : memref<4xf32>)
  return
}

// -----

// expected-note@+1 {{the kernel is here}}
kernel.func @k(%out: memref<8xf32>) {
  kernel.return
}
func.func @f(%x: memref<4xf32>) {
  // expected-error@+1 {{expected operands of types ('memref<8xf32>'), as the kernel says, found ('memref<4xf32>')}}
  kernel.call @k() to (%x : memref<4xf32>)
  return
}

// -----

kernel.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{expected a kernel on buffers, found an argument of type 'tensor<4xf32>'}}
  kernel.sync
  kernel.return
}

// -----

kernel.func @f(%x: memref<4xf32>) {
  scf.forall (%i) in (4) {
    // expected-error@+1 {{expected to stand in a kernel, or in loops without results of one, found 'scf.forall' around it}}
    kernel.sync
  }
  kernel.return
}

// -----

kernel.func @f(%n: index, %x: tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    // expected-error@+1 {{expected a kernel on buffers, found an argument of type 'tensor<4xf32>'}}
    kernel.sync
  }
  kernel.return
}
