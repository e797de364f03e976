// RUN: nn-opt %s --codegen-expand-math -split-input-file -verify-diagnostics | FileCheck %s

// What LowerVectors has a polynomial for stays, and so does what a GPU has an instruction for.
// CHECK-LABEL: func.func @singles
// CHECK: math.exp %{{.+}} : f32
// CHECK: math.floor
// CHECK-NOT: math.sin
// CHECK: scf.if
// CHECK: math.ctlz
func.func @singles(%x: f32) -> f32 {
  %0 = math.exp %x : f32
  %1 = math.floor %0 : f32
  %2 = math.sin %1 : f32
  return %2 : f32
}

// A power of f32 takes its logarithm in f64.
// CHECK-LABEL: func.func @power
// CHECK-NOT: math.powf
// CHECK: arith.extf %{{.+}} : f32 to f64
// CHECK: arith.truncf %{{.+}} : f64 to f32
func.func @power(%x: f32, %y: f32) -> f32 {
  %0 = math.powf %x, %y : f32
  return %0 : f32
}

// CHECK-LABEL: func.func @doubles
// CHECK-NOT: math.{{exp|log|tanh|erf}}
// CHECK: return
func.func @doubles(%x: f64) -> f64 {
  %0 = math.exp %x : f64
  %1 = math.log1p %0 : f64
  %2 = math.tanh %1 : f64
  %3 = math.erfc %2 : f64
  return %3 : f64
}

// Division of whole numbers, as often as the exponents are apart.
// CHECK-LABEL: func.func @remainder
// CHECK: scf.while
// CHECK: arith.remui
// CHECK: arith.truncf %{{.+}} : f32 to f16
func.func @remainder(%x: f16, %y: f16) -> f16 {
  %0 = arith.remf %x, %y : f16
  return %0 : f16
}

// -----

func.func @vectors(%x: vector<4xf64>) -> vector<4xf64> {
  // expected-error @below {{'math.exp' op has no code for a GPU}}
  %0 = math.exp %x : vector<4xf64>
  return %0 : vector<4xf64>
}
