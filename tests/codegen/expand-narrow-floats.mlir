// RUN: nn-opt %s --codegen-expand-narrow-floats --split-input-file | FileCheck %s

// Each operation rounds: the product isn't added before it is bf16.
// CHECK-LABEL: func.func @arithmetic
// CHECK-NOT: arith.truncf
// CHECK: %[[PRODUCT:.+]] = arith.mulf {{.+}} : vector<4xf32>
// CHECK: arith.bitcast %[[PRODUCT]] : vector<4xf32> to vector<4xi32>
// CHECK: arith.shrui
// CHECK: %[[SHORT:.+]] = arith.shli {{.+}} : vector<4xi32>
// CHECK: %[[ROUNDED:.+]] = arith.bitcast %[[SHORT]] : vector<4xi32> to vector<4xf32>
// CHECK: arith.addf %[[ROUNDED]], %{{.+}} : vector<4xf32>
// CHECK: vector.reduction <add>, %{{.+}} : vector<4xf32> into f32
func.func @arithmetic(%x: vector<4xbf16>, %y: vector<4xbf16>) -> bf16 {
  %0 = arith.mulf %x, %y : vector<4xbf16>
  %1 = arith.addf %0, %y : vector<4xbf16>
  %2 = vector.reduction <add>, %1 : vector<4xbf16> into bf16
  return %2 : bf16
}

// -----

// f64 is rounded to odd before it is rounded to bf16; integers come through f64.
// CHECK-LABEL: func.func @rounded_once
// CHECK: %[[WIDE:.+]] = arith.sitofp %{{.+}} : i32 to f64
// CHECK: %[[NEAREST:.+]] = arith.truncf %[[WIDE]] : f64 to f32
// CHECK: %[[BACK:.+]] = arith.extf %[[NEAREST]] : f32 to f64
// CHECK: arith.cmpf ogt
// CHECK: %[[INEXACT:.+]] = arith.cmpf une, %[[BACK]], %[[WIDE]]
// CHECK: arith.subi
// CHECK: %[[STICKY:.+]] = arith.extui %[[INEXACT]] : i1 to i32
// CHECK: %[[ODD:.+]] = arith.ori %{{.+}}, %[[STICKY]]
// CHECK: arith.bitcast %[[ODD]] : i32 to f32
// CHECK-NOT: to bf16
// CHECK: arith.bitcast {{.+}} : i16 to bf16
func.func @rounded_once(%x: i32) -> bf16 {
  %0 = arith.sitofp %x : i32 to bf16
  return %0 : bf16
}

// -----

// Functions of f16 are computed in f32; arithmetic on f16 stays, as LLVM has instructions for it.
// CHECK-LABEL: func.func @half
// CHECK: %[[WIDE:.+]] = arith.extf %{{.+}} : f16 to f32
// CHECK: %[[EXP:.+]] = math.exp %[[WIDE]] : f32
// CHECK: %[[NARROW:.+]] = arith.truncf %[[EXP]] : f32 to f16
// CHECK: arith.addf %[[NARROW]], %{{.+}} : f16
func.func @half(%x: f16) -> f16 {
  %0 = math.exp %x : f16
  %1 = arith.addf %0, %x : f16
  return %1 : f16
}
