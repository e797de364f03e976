// The attributes of functions, arguments, results and loops: where each may be, and what it must be.
// RUN: nn-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{'func.func' op has 'nn.loop', which the nn dialect doesn't have on a function}}
func.func private @unknown() attributes {nn.loop}

// -----

// expected-error @below {{'func.func' op has 'nn.tied', which the nn dialect doesn't have on an argument}}
func.func private @place(tensor<f32> {nn.tied = 0 : i64})

// -----

// expected-error @below {{'func.func' op has 'nn.wrt', which the nn dialect doesn't have on a result}}
func.func private @place() -> (tensor<f32> {nn.wrt})

// -----

func.func @place() {
  // expected-error @below {{'func.return' op has 'nn.entry', which the nn dialect doesn't have on this operation}}
  return {nn.entry = "step"}
}

// -----

// expected-error @below {{expects 'nn.entry' to be a string, found unit}}
func.func private @entry() attributes {nn.entry}

// -----

// expected-error @below {{expects 'nn.specialize' to be an array of i64, found 4 : i64}}
func.func private @specialize() attributes {nn.specialize = 4 : i64}

// -----

// expected-error @below {{expects 'nn.arguments' to be an array of types, found ["f32"]}}
func.func private @arguments() attributes {nn.arguments = ["f32"]}

// -----

// expected-error @below {{expects 'nn.argument_dims' to be an array of arrays of i64, found [0]}}
func.func private @argument_dims() attributes {nn.argument_dims = [0]}

// -----

// expected-error @below {{expects 'nn.workspace_bytes' to be an i64 from 0, found -8 : i64}}
func.func private @workspace_bytes() attributes {nn.workspace_bytes = -8 : i64}

// -----

// expected-error @below {{expects 'nn.wrt' to be a unit attribute, found true}}
func.func private @wrt(tensor<f32> {nn.wrt = true})

// -----

// expected-error @below {{expects 'nn.context' to be a unit attribute, found 1 : i64}}
func.func private @context(memref<4xf32> {nn.context = 1})

// -----

// expected-error @below {{expects 'nn.dims' to be an array of i64, found [0]}}
func.func private @dims(index, tensor<?xf32> {nn.dims = [0]})

// -----

// expected-error @below {{expects 'nn.dims' to be an array of one i64 per '?' of 'tensor<?xf32>', found array<i64: 0, 0>}}
func.func private @dims(index) -> (tensor<?xf32> {nn.dims = array<i64: 0, 0>})

// -----

// expected-error @below {{expects 'nn.dims' to name arguments of type index, found 1}}
func.func private @dims(index, i64, tensor<?xf32> {nn.dims = array<i64: 1>})

// -----

// expected-error @below {{expects 'nn.gradient_of' to be an i64 from 0, found -1 : i64}}
func.func private @gradient_of() -> (tensor<f32> {nn.gradient_of = -1 : i64})

// -----

// expected-error @below {{expects 'nn.tied' to be an i64 from 0, found 0 : i32}}
func.func private @tied(tensor<f32>) -> (tensor<f32> {nn.tied = 0 : i32})

// -----

// expected-error @below {{expected result 0 to be tied to an argument of its type, found argument 0}}
func.func private @tied(tensor<4xf32>) -> (tensor<5xf32> {nn.tied = 0 : i64})

// -----

// expected-error @below {{expected result 0 to be tied to an argument of its type, found argument 7}}
func.func private @tied(tensor<4xf32>) -> (tensor<4xf32> {nn.tied = 7 : i64})

// -----

// expected-error @below {{expected results to be tied to different arguments, found 0 for results 0 and 1}}
func.func private @tied(tensor<f32>) -> (tensor<f32> {nn.tied = 0 : i64}, tensor<f32> {nn.tied = 0 : i64})
