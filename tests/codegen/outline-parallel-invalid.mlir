// RUN: nn-opt %s --codegen-outline-parallel --verify-diagnostics

// expected-error @below {{has loops of tasks, and expected an argument with 'nn.context'}}
func.func @f(%out: memref<64xf32>, %value: f32) {
  scf.forall (%i) in (64) {
    memref.store %value, %out[%i] : memref<64xf32>
  }
  return
}
