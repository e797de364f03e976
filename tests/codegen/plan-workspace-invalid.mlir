// RUN: nn-opt %s --codegen-plan-workspace --verify-diagnostics

func.func @f(%sizes: memref<1xindex>) attributes {nn.entry = "predict"} {
  %c0 = arith.constant 0 : index
  %n = memref.load %sizes[%c0] : memref<1xindex>
  // expected-error @below {{expected a contiguous buffer whose size depends on the entry's scalars alone}}
  %a = memref.alloc(%n) : memref<?xf32>
  memref.copy %a, %a : memref<?xf32> to memref<?xf32>
  return
}
