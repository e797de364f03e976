// The kernel dialect itself.
#ifndef NNC_DIALECTS_KERNEL_IR_KERNELDIALECT
#define NNC_DIALECTS_KERNEL_IR_KERNELDIALECT

include "mlir/IR/OpBase.td"

def Kernel_Dialect : Dialect {
  let name = "kernel";
  let cppNamespace = "::mlir::kernel";
  let summary = "The unit of compilation";
  let description = [{
    An entry of a program is a list of calls of kernels (`kernel.call`), in loops where the program
    has loops. A kernel (`kernel.func`) is closed over nothing and writes to the destinations that
    it is given, so that the same text gives the same code, whoever calls it: equal kernels are one,
    each is compiled once, alone, and in parallel with others, and what a program with a hundred
    equal layers costs is what its different kernels cost.

    The operations work on tensors first, and on buffers from bufferisation on. The entries are
    bufferised as lists of calls; each kernel is bufferised by itself, for the layouts that its
    calls hand over.
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
}

#endif
