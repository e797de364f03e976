// RUN: nn-opt %s --pass-pipeline="builtin.module(codegen-cpu{cpu=x86-64-v3 debug-info=true})" --mlir-print-debuginfo | mlir-translate --mlir-to-llvmir | FileCheck %s

// Instructions keep the lines of the source.
// CHECK: define internal void @f.kernel.0({{.+}} !dbg
// CHECK: fmul {{.*}}!dbg ![[MUL:[0-9]+]]
// CHECK: !DIFile(filename: "model.nn"
// CHECK: ![[MUL]] = !DILocation(line: 12, column: 3
func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> attributes {nn.entry = "predict"} {
  %e = tensor.empty() : tensor<8xf32> loc("model.nn":12:3)
  %r = linalg.mul ins(%x, %x : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32> loc("model.nn":12:3)
  return %r : tensor<8xf32> loc("model.nn":12:3)
} loc("model.nn":10:1)
