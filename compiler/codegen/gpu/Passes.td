// The passes that lead kernels to the threads of a GPU, in the order in which they run.
#ifndef NNC_COMPILER_CODEGEN_GPU_PASSES_TD
#define NNC_COMPILER_CODEGEN_GPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def TileThreads : Pass<"codegen-tile-threads", "mlir::kernel::FuncOp"> {
  let summary = "Give each element of a kernel's results a task of its own";
  let description = [{
    Turns the parallel loops of each operation of a kernel into a loop of tasks (`scf.forall`), one
    for each element. What is reduced for it, and the contractions that it reads at its own loops,
    are computed in its task.
    ```mlir
    kernel.func @f(%x: tensor<4x6xf32>, %out: tensor<4xf32>) -> tensor<4xf32> {
      %sum = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
                             iterator_types = ["parallel", "reduction"]}
          ins(%x : tensor<4x6xf32>) outs(%out : tensor<4xf32>) {
      ^bb0(%a: f32, %o: f32):
        %0 = arith.addf %o, %a : f32
        linalg.yield %0 : f32
      } -> tensor<4xf32>
      kernel.return %sum : tensor<4xf32>
    }
    ```
    becomes
    ```mlir
    kernel.func @f(%x: tensor<4x6xf32>, %out: tensor<4xf32>) -> tensor<4xf32> {
      %sums = scf.forall (%i) in (4) shared_outs(%sum = %out) -> (tensor<4xf32>) {
        %part = tensor.extract_slice %sum[%i] [1] [1] : tensor<4xf32> to tensor<1xf32>
        %row = tensor.extract_slice %x[%i, 0] [1, 6] [1, 1] : tensor<4x6xf32> to tensor<1x6xf32>
        %new = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
                               iterator_types = ["parallel", "reduction"]}
            ins(%row : tensor<1x6xf32>) outs(%part : tensor<1xf32>) {
        ^bb0(%a: f32, %o: f32):
          %0 = arith.addf %o, %a : f32
          linalg.yield %0 : f32
        } -> tensor<1xf32>
        scf.forall.in_parallel {
          tensor.parallel_insert_slice %new into %sum[%i] [1] [1] : tensor<1xf32> into tensor<4xf32>
        }
      }
      kernel.return %sums : tensor<4xf32>
    }
    ```
  }];
  let dependentDialects = [
    "mlir::affine::AffineDialect", "mlir::scf::SCFDialect", "mlir::tensor::TensorDialect"
  ];
  let statistics = [Statistic<"numRoots", "roots", "Operations that became loops of tasks">];
}

def SpreadLoops : Pass<"codegen-spread-loops", "mlir::kernel::FuncOp"> {
  let summary = "Make tasks of what loops that depend on one another do with each element";
  let description = [{
    Where each pass of a loop adds to a row, or changes it otherwise, and only the pass knows which
    row, passes have to come one after the other. But what they do with one element of rows doesn't
    meet what they do with another: each place in a row becomes a task, which goes through all
    passes. So gradients of look-ups are added in the order in which the look-ups stand.
    ```mlir
    kernel.func @f(%places: memref<6xindex>, %x: memref<6x7xf32>, %out: memref<11x7xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c6 = arith.constant 6 : index
      scf.for %i = %c0 to %c6 step %c1 {
        %row = memref.load %places[%i] : memref<6xindex>
        %from = memref.subview %x[%i, 0] [1, 7] [1, 1]
            : memref<6x7xf32> to memref<7xf32, strided<[1], offset: ?>>
        %to = memref.subview %out[%row, 0] [1, 7] [1, 1]
            : memref<11x7xf32> to memref<7xf32, strided<[1], offset: ?>>
        linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
                        iterator_types = ["parallel"]}
            ins(%from : memref<7xf32, strided<[1], offset: ?>>)
            outs(%to : memref<7xf32, strided<[1], offset: ?>>) {
        ^bb0(%a: f32, %b: f32):
          %sum = arith.addf %b, %a : f32
          linalg.yield %sum : f32
        }
      }
      kernel.return
    }
    ```
    becomes
    ```mlir
    kernel.func @f(%places: memref<6xindex>, %x: memref<6x7xf32>, %out: memref<11x7xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c6 = arith.constant 6 : index
      scf.forall (%j) in (7) {
        scf.for %i = %c0 to %c6 step %c1 {
          %row = memref.load %places[%i] : memref<6xindex>
          %from = memref.subview %x[%i, 0] [1, 7] [1, 1]
              : memref<6x7xf32> to memref<7xf32, strided<[1], offset: ?>>
          %to = memref.subview %out[%row, 0] [1, 7] [1, 1]
              : memref<11x7xf32> to memref<7xf32, strided<[1], offset: ?>>
          %a = memref.load %from[%j] : memref<7xf32, strided<[1], offset: ?>>
          %b = memref.load %to[%j] : memref<7xf32, strided<[1], offset: ?>>
          %sum = arith.addf %b, %a : f32
          memref.store %sum, %to[%j] : memref<7xf32, strided<[1], offset: ?>>
        }
      }
      kernel.return
    }
    ```
  }];
  let dependentDialects = ["mlir::memref::MemRefDialect", "mlir::scf::SCFDialect"];
  let statistics = [Statistic<"numLoops", "loops", "Loops that became tasks">];
}

def BlockContractions : Pass<"codegen-block-contractions", "mlir::kernel::FuncOp"> {
  let summary = "Let blocks of threads compute matrix products";
  let description = [{
    Makes loops of blocks (`scf.forall` with a mapping to blocks) of those loops of single elements
    that sum products of f32, where each operand has loops of the result for itself: its rows, or its
    columns. A block computes a tile of rows and columns, each counted through all of its loops. It
    takes what is reduced in steps: `cp.async` brings both operands' parts of a step to shared
    memory, while the threads multiply those of the step before. Pieces of 16 bytes are copied where
    the elements lie so, and elements one by one otherwise; what is out of bounds becomes zeros. What
    isn't f32, or is converted before it is multiplied, is loaded and stored. Each thread keeps some
    sums in registers, and computes the results at their places in the end. Where a tile has fewer
    sums than would occupy the threads, these form groups which divide each step, and whose sums are
    added in a fixed order. BlockPlan.h says which tiles, steps and groups are taken. With a precision
    of tf32 or bf16, tensor cores multiply (`nvvm.mma.sync`); products that are too few for a block
    are rounded in place.
    ```mlir
    #mk = affine_map<(m, n, k) -> (m, k)>
    #kn = affine_map<(m, n, k) -> (k, n)>
    #mn = affine_map<(m, n, k) -> (m, n)>
    #id = affine_map<(m, n) -> (m, n)>
    kernel.func @f(%x: memref<32x8xf32, strided<[9, 1]>>, %w: memref<8x16xf32, strided<[17, 1]>>, %b: memref<32x16xf32>, %out: memref<32x16xf32>) {
      %zero = arith.constant 0.0 : f32
      scf.forall (%m, %n) in (32, 16) {
        %sum = memref.alloc() : memref<1x1xf32>
        %row = memref.subview %x[%m, 0] [1, 8] [1, 1] : memref<32x8xf32, strided<[9, 1]>> to memref<1x8xf32, strided<[9, 1], offset: ?>>
        %column = memref.subview %w[0, %n] [8, 1] [1, 1] : memref<8x16xf32, strided<[17, 1]>> to memref<8x1xf32, strided<[17, 1], offset: ?>>
        linalg.fill ins(%zero : f32) outs(%sum : memref<1x1xf32>)
        linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
            ins(%row, %column : memref<1x8xf32, strided<[9, 1], offset: ?>>, memref<8x1xf32, strided<[17, 1], offset: ?>>) outs(%sum : memref<1x1xf32>) {
        ^bb0(%a: f32, %c: f32, %s: f32):
          %0 = arith.mulf %a, %c : f32
          %1 = arith.addf %s, %0 : f32
          linalg.yield %1 : f32
        }
        %one = memref.subview %b[%m, %n] [1, 1] [1, 1] : memref<32x16xf32> to memref<1x1xf32, strided<[16, 1], offset: ?>>
        %result = memref.subview %out[%m, %n] [1, 1] [1, 1] : memref<32x16xf32> to memref<1x1xf32, strided<[16, 1], offset: ?>>
        linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
            ins(%sum, %one : memref<1x1xf32>, memref<1x1xf32, strided<[16, 1], offset: ?>>) outs(%result : memref<1x1xf32, strided<[16, 1], offset: ?>>) {
        ^bb0(%s: f32, %a: f32, %o: f32):
          %0 = arith.addf %s, %a : f32
          linalg.yield %0 : f32
        }
      }
      kernel.return
    }
    ```
    becomes, with `plan=16x16x4x1x1`,
    ```mlir
    kernel.func @f(%x: memref<32x8xf32, strided<[9, 1]>>, %w: memref<8x16xf32, strided<[17, 1]>>, %b: memref<32x16xf32>, %out: memref<32x16xf32>) {
      %c80 = arith.constant 80 : index
      %c3 = arith.constant 3 : index
      %c2 = arith.constant 2 : index
      %c208 = arith.constant 208 : index
      %cst = arith.constant dense<0.000000e+00> : vector<1xf32>
      %c1 = arith.constant 1 : index
      %c0 = arith.constant 0 : index
      %c128 = arith.constant 128 : index
      %c20 = arith.constant 20 : index
      %c64 = arith.constant 64 : index
      %c8 = arith.constant 8 : index
      %c4 = arith.constant 4 : index
      %c256 = arith.constant 256 : index
      %c16 = arith.constant 16 : index
      scf.forall (%batch, %rows, %columns) in (1, 2, 1) {
        %shared = memref.alloca() {alignment = 16 : i64}
            : memref<416xf32, #gpu.address_space<workgroup>>
        %thread = gpu.thread_id  x
        %0 = arith.muli %rows, %c16 : index
        %1 = arith.divui %thread, %c256 : index
        %2 = arith.remui %thread, %c256 : index
        %3 = arith.divui %2, %c16 : index
        %4 = arith.remui %2, %c16 : index
        %5 = arith.muli %1, %c4 : index
        %6 = arith.cmpi ult, %thread, %c64 : index
        scf.if %6 {
          %12 = arith.divui %thread, %c4 : index
          %13 = arith.remui %thread, %c4 : index
          %14 = arith.addi %0, %12 : index
          %15 = arith.muli %12, %c8 : index
          %16 = arith.addi %15, %13 : index
          %17 = nvgpu.device_async_copy %x[%14, %13], %shared[%16], 1
              : memref<32x8xf32, strided<[9, 1]>> to memref<416xf32, #gpu.address_space<workgroup>>
          %18 = arith.divui %thread, %c16 : index
          %19 = arith.remui %thread, %c16 : index
          %20 = arith.muli %18, %c20 : index
          %21 = arith.addi %20, %19 : index
          %22 = arith.addi %21, %c128 : index
          %23 = nvgpu.device_async_copy %w[%18, %19], %shared[%22], 1
              : memref<8x16xf32, strided<[17, 1]>> to memref<416xf32, #gpu.address_space<workgroup>>
        }
        nvvm.cp.async.commit.group
        %7:3 = scf.for %depth = %c0 to %c8 step %c4 iter_args(%stage = %c0, %free = %c1, %sum = %cst) -> (index, index, vector<1xf32>) {
          nvvm.cp.async.wait.group 0
          gpu.barrier
          %12 = arith.addi %depth, %c4 : index
          %13 = arith.cmpi ult, %12, %c8 : index
          %14 = arith.andi %13, %6 : i1
          scf.if %14 {
            %69 = arith.divui %thread, %c4 : index
            %70 = arith.remui %thread, %c4 : index
            %71 = arith.addi %0, %69 : index
            %72 = arith.addi %12, %70 : index
            %73 = arith.muli %free, %c208 : index
            %74 = arith.muli %69, %c8 : index
            %75 = arith.addi %73, %74 : index
            %76 = arith.addi %75, %70 : index
            %77 = nvgpu.device_async_copy %x[%71, %72], %shared[%76], 1
                : memref<32x8xf32, strided<[9, 1]>> to memref<416xf32, #gpu.address_space<workgroup>>
            %78 = arith.divui %thread, %c16 : index
            %79 = arith.remui %thread, %c16 : index
            %80 = arith.addi %12, %78 : index
            %81 = arith.muli %free, %c208 : index
            %82 = arith.muli %78, %c20 : index
            %83 = arith.addi %81, %82 : index
            %84 = arith.addi %83, %79 : index
            %85 = arith.addi %84, %c128 : index
            %86 = nvgpu.device_async_copy %w[%80, %79], %shared[%85], 1
                : memref<8x16xf32, strided<[17, 1]>> to memref<416xf32, #gpu.address_space<workgroup>>
          }
          nvvm.cp.async.commit.group
          %15 = arith.addi %stage, %c1 : index
          %16 = arith.cmpi ult, %15, %c2 : index
          %17 = arith.select %16, %15, %c0 : index
          %18 = arith.addi %free, %c1 : index
          %19 = arith.cmpi ult, %18, %c2 : index
          %20 = arith.select %19, %18, %c0 : index
          %21 = arith.muli %stage, %c208 : index
          %22 = arith.muli %3, %c8 : index
          %23 = arith.addi %21, %22 : index
          %24 = arith.addi %23, %5 : index
          %25 = vector.load %shared[%24] {alignment = 16 : i64}
              : memref<416xf32, #gpu.address_space<workgroup>>, vector<4xf32>
          %26 = vector.extract %25[0] : f32 from vector<4xf32>
          %27 = vector.extract %25[1] : f32 from vector<4xf32>
          %28 = vector.extract %25[2] : f32 from vector<4xf32>
          %29 = vector.extract %25[3] : f32 from vector<4xf32>
          %30 = arith.muli %1, %c80 : index
          %31 = arith.addi %21, %30 : index
          %32 = arith.addi %31, %4 : index
          %33 = arith.addi %32, %c128 : index
          %34 = vector.load %shared[%33] {alignment = 4 : i64}
              : memref<416xf32, #gpu.address_space<workgroup>>, vector<1xf32>
          %35 = vector.extract %34[0] : f32 from vector<1xf32>
          %36 = arith.addi %5, %c1 : index
          %37 = arith.muli %36, %c20 : index
          %38 = arith.addi %21, %37 : index
          %39 = arith.addi %38, %4 : index
          %40 = arith.addi %39, %c128 : index
          %41 = vector.load %shared[%40] {alignment = 4 : i64}
              : memref<416xf32, #gpu.address_space<workgroup>>, vector<1xf32>
          %42 = vector.extract %41[0] : f32 from vector<1xf32>
          %43 = arith.addi %5, %c2 : index
          %44 = arith.muli %43, %c20 : index
          %45 = arith.addi %21, %44 : index
          %46 = arith.addi %45, %4 : index
          %47 = arith.addi %46, %c128 : index
          %48 = vector.load %shared[%47] {alignment = 4 : i64}
              : memref<416xf32, #gpu.address_space<workgroup>>, vector<1xf32>
          %49 = vector.extract %48[0] : f32 from vector<1xf32>
          %50 = arith.addi %5, %c3 : index
          %51 = arith.muli %50, %c20 : index
          %52 = arith.addi %21, %51 : index
          %53 = arith.addi %52, %4 : index
          %54 = arith.addi %53, %c128 : index
          %55 = vector.load %shared[%54] {alignment = 4 : i64}
              : memref<416xf32, #gpu.address_space<workgroup>>, vector<1xf32>
          %56 = vector.extract %55[0] : f32 from vector<1xf32>
          %57 = vector.broadcast %35 : f32 to vector<1xf32>
          %58 = vector.broadcast %26 : f32 to vector<1xf32>
          %59 = math.fma %58, %57, %sum : vector<1xf32>
          %60 = vector.broadcast %42 : f32 to vector<1xf32>
          %61 = vector.broadcast %27 : f32 to vector<1xf32>
          %62 = math.fma %61, %60, %59 : vector<1xf32>
          %63 = vector.broadcast %49 : f32 to vector<1xf32>
          %64 = vector.broadcast %28 : f32 to vector<1xf32>
          %65 = math.fma %64, %63, %62 : vector<1xf32>
          %66 = vector.broadcast %56 : f32 to vector<1xf32>
          %67 = vector.broadcast %29 : f32 to vector<1xf32>
          %68 = math.fma %67, %66, %65 : vector<1xf32>
          scf.yield %17, %20, %68 : index, index, vector<1xf32>
        }
        gpu.barrier
        %8 = arith.addi %0, %3 : index
        %9 = vector.extract %7#2[0] : f32 from vector<1xf32>
        %one = memref.subview %b[%8, %4] [1, 1] [1, 1]
            : memref<32x16xf32> to memref<1x1xf32, strided<[16, 1], offset: ?>>
        %result = memref.subview %out[%8, %4] [1, 1] [1, 1]
            : memref<32x16xf32> to memref<1x1xf32, strided<[16, 1], offset: ?>>
        %10 = memref.load %one[%c0, %c0] : memref<1x1xf32, strided<[16, 1], offset: ?>>
        %11 = arith.addf %9, %10 : f32
        memref.store %11, %result[%c0, %c0] : memref<1x1xf32, strided<[16, 1], offset: ?>>
      } {mapping = [#gpu.block<linear_dim_2>, #gpu.block<linear_dim_1>, #gpu.block<linear_dim_0>]}
      kernel.return
    }
    ```
  }];
  let options = [
    Option<"precision", "precision", "std::string", /*default=*/"\"f32\"",
           "What f32 is multiplied in: f32, tf32 or bf16">,
    Option<"plan", "plan", "std::string", /*default=*/"\"\"",
           "In place of the cheapest plan: a block's rows, columns and depth of a step, and the rows "
           "and columns of a thread (of a warp, in tensor cores), as 64x64x16x4x4">,
  ];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::gpu::GPUDialect", "mlir::LLVM::LLVMDialect",
    "mlir::math::MathDialect", "mlir::memref::MemRefDialect", "mlir::nvgpu::NVGPUDialect",
    "mlir::NVVM::NVVMDialect", "mlir::scf::SCFDialect", "mlir::vector::VectorDialect"
  ];
  let statistics = [Statistic<"numLoops", "loops", "Loops of tasks that became ones of blocks">];
}

def HostScalars : Pass<"codegen-host-scalars", "mlir::ModuleOp"> {
  let summary = "Let the host compute the numbers that depend on nothing but its own";
  let description = [{
    Buffers of a single number that an entry alone fills, from numbers of the host, stay on the
    host, with the kernels that compute one from another: a schedule's learning rate, the powers in
    Adam's corrections. No launch is worth them, and a GPU has no functions of f64. A kernel on the
    device that is given such a number by all its calls, and only reads it, takes its value instead
    of memory that holds it. What other kernels read is copied to the device.
    ```mlir
    kernel.func @half(%x: memref<f64>, %out: memref<f64>) {
      %c = arith.constant 0.5 : f64
      %0 = memref.load %x[] : memref<f64>
      %1 = arith.mulf %0, %c : f64
      memref.store %1, %out[] : memref<f64>
      kernel.return
    }
    kernel.func @take(%rate: memref<f64>, %out: memref<8xf64>) {
      scf.forall (%i) in (8) {
        %0 = memref.load %rate[] : memref<f64>
        memref.store %0, %out[%i] : memref<8xf64>
      }
      kernel.return
    }
    kernel.func @use(%rate: memref<f64>, %out: memref<8xf64>) {
      linalg.broadcast ins(%rate : memref<f64>) outs(%out : memref<8xf64>) dimensions = [0]
      kernel.return
    }
    func.func @f(%step: f64, %out: memref<8xf64>, %out2: memref<8xf64>) {
      %a = memref.alloc() : memref<f64>
      memref.store %step, %a[] : memref<f64>
      %rate = memref.alloc() : memref<f64>
      kernel.call @half(%a : memref<f64>) to (%rate : memref<f64>)
      kernel.call @take(%rate : memref<f64>) to (%out2 : memref<8xf64>)
      kernel.call @use(%rate : memref<f64>) to (%out : memref<8xf64>)
      return
    }
    ```
    becomes
    ```mlir
    kernel.func @take(%rate: f64, %out: memref<8xf64>) {
      scf.forall (%i) in (8) {
        memref.store %rate, %out[%i] : memref<8xf64>
      }
      kernel.return
    }
    kernel.func @use(%rate: memref<f64>, %out: memref<8xf64>) {
      linalg.broadcast ins(%rate : memref<f64>) outs(%out : memref<8xf64>) dimensions = [0]
      kernel.return
    }
    func.func @f(%step: f64, %out: memref<8xf64>, %out2: memref<8xf64>) {
      %c = arith.constant 0.5 : f64
      %rate = memref.alloca() : memref<f64>
      %a = memref.alloca() : memref<f64>
      memref.store %step, %a[] : memref<f64>
      %copy = memref.alloc() : memref<f64>
      %0 = memref.load %a[] : memref<f64>
      %1 = arith.mulf %0, %c : f64
      memref.store %1, %rate[] : memref<f64>
      memref.copy %rate, %copy : memref<f64> to memref<f64>
      %value = memref.load %rate[] : memref<f64>
      kernel.call @take(%value : f64) to (%out2 : memref<8xf64>)
      kernel.call @use(%copy : memref<f64>) to (%out : memref<8xf64>)
      return
    }
    ```
  }];
  let dependentDialects = ["mlir::memref::MemRefDialect", "mlir::scf::SCFDialect"];
  let statistics = [
    Statistic<"numScalars", "scalars", "Numbers that stay on the host">,
    Statistic<"numValues", "values", "Arguments of kernels that became values">,
  ];
}

def MergeKernels : Pass<"codegen-merge-kernels", "mlir::ModuleOp"> {
  let summary = "Let neighbouring small kernels be phases of one";
  let description = [{
    Makes one call of the calls that follow one another in a block of an entry, where each takes
    less time than is worth a launch, by an estimate of its operations and bytes. Copies on the
    device count as calls, as do those of the host's numbers and of constants that are one number.
    The new kernel is handed each buffer once, and makes the views itself. Calls of which one writes
    what another one reads or writes are in different stages, which `kernel.sync` parts; all others
    may run at the same time. Neighbouring stages of few tasks are one block's, since its threads
    wait for one another in less time than a grid's; calls of few tasks are in such stages, or
    beside one of many tasks, so that few barriers of the grid are left.

    Large kernels stay alone, and so do those that hand on values beside memory. A kernel has at
    most as many arguments as PTX takes. Entries that run once are left as they are.

    In a kernel that isn't merged a sync parts phases that nothing parted: they were one after the
    other.
    ```mlir
    kernel.func @twice(%x: memref<64xf32>, %out: memref<64xf32>) {
      scf.forall (%i) in (64) {
        %0 = memref.load %x[%i] : memref<64xf32>
        %1 = arith.addf %0, %0 : f32
        memref.store %1, %out[%i] : memref<64xf32>
      }
      kernel.return
    }
    func.func @f(%x: memref<64xf32>, %y: memref<64xf32>, %out: memref<64xf32>, %out2: memref<64xf32>) {
      %a = memref.alloc() : memref<64xf32>
      kernel.call @twice(%x : memref<64xf32>) to (%a : memref<64xf32>)
      memref.copy %y, %out2 : memref<64xf32> to memref<64xf32>
      kernel.call @twice(%a : memref<64xf32>) to (%out : memref<64xf32>)
      return
    }
    ```
    becomes
    ```mlir
    kernel.func @f.merged(%x: memref<64xf32>, %y: memref<64xf32>, %a: memref<64xf32>,
                          %out2: memref<64xf32>, %out: memref<64xf32>) {
      scf.forall (%i) in (64) {
        %0 = memref.load %x[%i] : memref<64xf32>
        %1 = arith.addf %0, %0 : f32
        memref.store %1, %a[%i] : memref<64xf32>
      }
      scf.forall (%i) in (64) {
        %0 = memref.load %y[%i] : memref<64xf32>
        memref.store %0, %out2[%i] : memref<64xf32>
      }
      kernel.sync block
      scf.forall (%i) in (64) {
        %0 = memref.load %a[%i] : memref<64xf32>
        %1 = arith.addf %0, %0 : f32
        memref.store %1, %out[%i] : memref<64xf32>
      }
      kernel.return
    }
    func.func @f(%x: memref<64xf32>, %y: memref<64xf32>, %out: memref<64xf32>, %out2: memref<64xf32>) {
      %a = memref.alloc() : memref<64xf32>
      kernel.call @f.merged(%x, %y : memref<64xf32>, memref<64xf32>)
          to (%a, %out2, %out : memref<64xf32>, memref<64xf32>, memref<64xf32>)
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::kernel::KernelDialect", "mlir::memref::MemRefDialect",
    "mlir::scf::SCFDialect"
  ];
  let statistics = [
    Statistic<"numMerged", "kernels", "Kernels that are several">,
    Statistic<"numCalls", "calls", "Calls that they do the work of">,
    Statistic<"numSyncs", "syncs", "Barriers of the grid in them">,
  ];
}

def MapThreads : Pass<"codegen-map-threads", "mlir::ModuleOp"> {
  let summary = "Spread the tasks of kernels over the threads of a grid";
  let description = [{
    Lets thread t of n run the tasks t, t + n, ... of a kernel: with any number of threads each task
    is run once, and its result is the same. Neighbouring threads run neighbouring tasks, whose
    memory lies side by side. Tasks for blocks go to block t of n in the same way. A phase that is
    something else than a loop of tasks is run by the first thread. Phases that may run at the same
    time begin at different blocks. `kernel.sync` becomes a call of the grid's barrier, and between
    `kernel.sync block`s the first block does all. Each call tells how many blocks the tasks fill,
    as the kernel's first operand.
    ```mlir
    kernel.func @f(%x: memref<6xf32>, %out: memref<6xf32>) {
      scf.forall (%i) in (6) {
        %0 = memref.load %x[%i] : memref<6xf32>
        memref.store %0, %out[%i] : memref<6xf32>
      }
      kernel.return
    }
    func.func @g(%x: memref<6xf32>, %out: memref<6xf32>) {
      kernel.call @f(%x : memref<6xf32>) to (%out : memref<6xf32>)
      return
    }
    ```
    becomes
    ```mlir
    kernel.func @f(%grid: index, %x: memref<6xf32>, %out: memref<6xf32>) {
      %c6 = arith.constant 6 : index
      %0 = nvvm.read.ptx.sreg.ctaid.x : i32
      %block = arith.index_castui %0 : i32 to index
      %1 = nvvm.read.ptx.sreg.nctaid.x : i32
      %blocks = arith.index_castui %1 : i32 to index
      %2 = nvvm.read.ptx.sreg.tid.x : i32
      %thread = arith.index_castui %2 : i32 to index
      %3 = nvvm.read.ptx.sreg.ntid.x : i32
      %size = arith.index_castui %3 : i32 to index
      %before = arith.muli %block, %size : index
      %threads = arith.muli %blocks, %size : index
      %first = arith.addi %before, %thread : index
      scf.for %i = %first to %c6 step %threads {
        %4 = memref.load %x[%i] : memref<6xf32>
        memref.store %4, %out[%i] : memref<6xf32>
      }
      kernel.return
    }
    func.func @g(%x: memref<6xf32>, %out: memref<6xf32>) {
      %c1 = arith.constant 1 : index
      kernel.call @f(%c1, %x : index, memref<6xf32>) to (%out : memref<6xf32>)
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::func::FuncDialect", "mlir::memref::MemRefDialect",
    "mlir::NVVM::NVVMDialect", "mlir::scf::SCFDialect"
  ];
  let statistics = [
    Statistic<"numKernels", "kernels", "Kernels that were mapped">,
    Statistic<"numSerial", "serial", "Those that one thread runs">,
  ];
}

def AlignArguments : Pass<"codegen-align-arguments", "mlir::ModuleOp"> {
  let summary = "Tell kernels how the buffers that they are given are aligned";
  let description = [{
    A buffer of the workspace begins at a multiple of 64 bytes, and a part of it at one that its
    offsets say. What holds for all calls of a kernel becomes `llvm.align` of its argument, with
    which wide loads and stores are made. Of an argument of an entry nothing is known but what its
    own `llvm.align` says.
    ```mlir
    kernel.func @f(%x: memref<4x4xf32>, %y: memref<4xf32>, %out: memref<16xf32>) {
      kernel.return
    }
    func.func @g(%x: memref<4x4xf32>, %workspace: memref<?xi8>) attributes {nn.arguments = [memref<4x4xf32>]} {
      %c64 = arith.constant 64 : index
      %c144 = arith.constant 144 : index
      %y = memref.view %workspace[%c144][] : memref<?xi8> to memref<4xf32>
      %out = memref.view %workspace[%c64][] : memref<?xi8> to memref<16xf32>
      kernel.call @f(%x, %y : memref<4x4xf32>, memref<4xf32>) to (%out : memref<16xf32>)
      return
    }
    ```
    becomes
    ```mlir
    kernel.func @f(%x: memref<4x4xf32>, %y: memref<4xf32> {llvm.align = 16 : i64}, %out: memref<16xf32> {llvm.align = 64 : i64}) {
      kernel.return
    }
    func.func @g(%x: memref<4x4xf32>, %workspace: memref<?xi8>) attributes {nn.arguments = [memref<4x4xf32>]} {
      %c64 = arith.constant 64 : index
      %c144 = arith.constant 144 : index
      %y = memref.view %workspace[%c144][] : memref<?xi8> to memref<4xf32>
      %out = memref.view %workspace[%c64][] : memref<?xi8> to memref<16xf32>
      kernel.call @f(%x, %y : memref<4x4xf32>, memref<4xf32>) to (%out : memref<16xf32>)
      return
    }
    ```
  }];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
  let statistics = [Statistic<"numAligned", "aligned", "Arguments of kernels">];
}

def ExpandMath : Pass<"codegen-expand-math", "mlir::ModuleOp"> {
  let summary = "Compute functions of mathematics by arithmetic that a GPU has";
  let description = [{
    A GPU has instructions for square roots and roundings alone, and a device module calls no
    library. Functions of f64, and those of f32 for which `codegen-lower-vectors` has no polynomial
    (`sin`, `cos`, `powf`, `rsqrt`, remainders), become reductions of their arguments and series,
    with the special values of C's library. They agree with it within 3 units in the last place
    (`erfc` of f64: 5); remainders are exact. On the host the same code gives the same bits.
    ```mlir
    func.func @f(%x: f64) -> f64 {
      %0 = math.rsqrt %x : f64
      return %0 : f64
    }
    ```
    becomes
    ```mlir
    func.func @f(%x: f64) -> f64 {
      %0 = math.sqrt %x : f64
      %one = arith.constant 1.0 : f64
      %1 = arith.divf %one, %0 : f64
      return %1 : f64
    }
    ```
    Here is a function that it doesn't know:
    ```mlir
    func.func @f(%x: f32) -> f32 {
      %0 = math.atan %x : f32
      return %0 : f32
    }
    ```
    It is refused: "has no code for a GPU".
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::math::MathDialect", "mlir::scf::SCFDialect"
  ];
  let statistics = [Statistic<"numExpanded", "expanded", "Functions that became arithmetic">];
}

def LaunchKernels : Pass<"codegen-launch-kernels", "mlir::ModuleOp"> {
  let summary = "Move kernels to a module of their own, and let entries launch them";
  let description = [{
    Moves the functions that kernels have become to a module within the module, `device`, and makes
    calls of the runtime (nnrt/gpu.h) of what entries do on the device: a launch of each kernel,
    with its number, its blocks and the addresses of its arguments' values; copies; and numbers that
    the host brings there. Shared memory becomes a variable of that module.
    ```mlir
    func.func private @f(%grid: i64, %out: !llvm.ptr, %context: !llvm.ptr) attributes {nn.hidden} {
      return
    }
    func.func @g(%out: !llvm.ptr, %context: !llvm.ptr {nn.context}) {
      %grid = llvm.mlir.constant(4 : i64) : i64
      call @f(%grid, %out, %context) : (i64, !llvm.ptr, !llvm.ptr) -> ()
      return
    }
    ```
    becomes
    ```mlir
    func.func private @nnrt_launch(!llvm.ptr, i32, i64, !llvm.ptr)
    func.func private @nnrt_copy(!llvm.ptr, !llvm.ptr, !llvm.ptr, i64)
    func.func private @nnrt_set(!llvm.ptr, !llvm.ptr, !llvm.ptr, i64)
    func.func @g(%out: !llvm.ptr, %context: !llvm.ptr {nn.context}) {
      %one = llvm.mlir.constant(1 : i64) : i64
      %slots = llvm.alloca %one x i64 : (i64) -> !llvm.ptr
      %pointers = llvm.alloca %one x !llvm.ptr : (i64) -> !llvm.ptr
      %slot = llvm.getelementptr %slots[0] : (!llvm.ptr) -> !llvm.ptr, i64
      %pointer = llvm.getelementptr %pointers[0] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
      llvm.store %slot, %pointer : !llvm.ptr, !llvm.ptr
      %grid = llvm.mlir.constant(4 : i64) : i64
      %argument = llvm.getelementptr %slots[0] : (!llvm.ptr) -> !llvm.ptr, i64
      llvm.store %out, %argument : !llvm.ptr, !llvm.ptr
      %number = llvm.mlir.constant(0 : i32) : i32
      call @nnrt_launch(%context, %number, %grid, %pointers) : (!llvm.ptr, i32, i64, !llvm.ptr) -> ()
      return
    }
    module @device attributes {nnc.launches = {g = array<i64: 1>}} {
      func.func @f(%out: !llvm.ptr) {
        return
      }
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::gpu::GPUDialect", "mlir::LLVM::LLVMDialect",
    "mlir::memref::MemRefDialect"
  ];
  let statistics = [Statistic<"numKernels", "kernels", "Kernels moved">];
}

#endif
