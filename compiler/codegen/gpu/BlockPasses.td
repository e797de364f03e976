// The passes that write a block's code.
#ifndef NNC_COMPILER_CODEGEN_GPU_BLOCKPASSES_TD
#define NNC_COMPILER_CODEGEN_GPU_BLOCKPASSES_TD

include "mlir/Pass/PassBase.td"

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
      %c20 = arith.constant 20 : index
      %c128 = arith.constant 128 : index
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
          %21 = arith.addi %20, %c128 : index
          %22 = arith.addi %21, %19 : index
          %23 = nvgpu.device_async_copy %w[%18, %19], %shared[%22], 1
              : memref<8x16xf32, strided<[17, 1]>> to memref<416xf32, #gpu.address_space<workgroup>>
        }
        nvvm.cp.async.commit.group
        %7:3 = scf.for %depth = %c0 to %c8 step %c4 iter_args(%stage = %c0, %free = %c1, %sum = %cst) -> (index, index, vector<1xf32>) {
          nvvm.cp.async.wait.group 0
          gpu.barrier
          %12 = arith.addi %depth, %c4 : index
          %13 = arith.cmpi ult, %12, %c8 : index
          scf.if %13 {
            %68 = arith.muli %free, %c208 : index
            scf.if %6 {
              %70 = arith.divui %thread, %c4 : index
              %71 = arith.remui %thread, %c4 : index
              %72 = arith.addi %0, %70 : index
              %73 = arith.addi %12, %71 : index
              %74 = arith.muli %70, %c8 : index
              %75 = arith.addi %68, %74 : index
              %76 = arith.addi %75, %71 : index
              %77 = nvgpu.device_async_copy %x[%72, %73], %shared[%76], 1
                  : memref<32x8xf32, strided<[9, 1]>> to memref<416xf32, #gpu.address_space<workgroup>>
            }
            %69 = arith.addi %68, %c128 : index
            scf.if %6 {
              %70 = arith.divui %thread, %c16 : index
              %71 = arith.remui %thread, %c16 : index
              %72 = arith.addi %12, %70 : index
              %73 = arith.muli %70, %c20 : index
              %74 = arith.addi %69, %73 : index
              %75 = arith.addi %74, %71 : index
              %76 = nvgpu.device_async_copy %w[%72, %71], %shared[%75], 1
                  : memref<8x16xf32, strided<[17, 1]>> to memref<416xf32, #gpu.address_space<workgroup>>
            }
          }
          nvvm.cp.async.commit.group
          %14 = arith.addi %stage, %c1 : index
          %15 = arith.cmpi ult, %14, %c2 : index
          %16 = arith.select %15, %14, %c0 : index
          %17 = arith.addi %free, %c1 : index
          %18 = arith.cmpi ult, %17, %c2 : index
          %19 = arith.select %18, %17, %c0 : index
          %20 = arith.muli %stage, %c208 : index
          %21 = arith.muli %3, %c8 : index
          %22 = arith.addi %20, %21 : index
          %23 = arith.addi %22, %5 : index
          %24 = vector.load %shared[%23] {alignment = 16 : i64}
              : memref<416xf32, #gpu.address_space<workgroup>>, vector<4xf32>
          %25 = vector.extract %24[0] : f32 from vector<4xf32>
          %26 = vector.extract %24[1] : f32 from vector<4xf32>
          %27 = vector.extract %24[2] : f32 from vector<4xf32>
          %28 = vector.extract %24[3] : f32 from vector<4xf32>
          %29 = arith.muli %1, %c80 : index
          %30 = arith.addi %20, %29 : index
          %31 = arith.addi %30, %4 : index
          %32 = arith.addi %31, %c128 : index
          %33 = vector.load %shared[%32] {alignment = 4 : i64}
              : memref<416xf32, #gpu.address_space<workgroup>>, vector<1xf32>
          %34 = vector.extract %33[0] : f32 from vector<1xf32>
          %35 = arith.addi %5, %c1 : index
          %36 = arith.muli %35, %c20 : index
          %37 = arith.addi %20, %36 : index
          %38 = arith.addi %37, %4 : index
          %39 = arith.addi %38, %c128 : index
          %40 = vector.load %shared[%39] {alignment = 4 : i64}
              : memref<416xf32, #gpu.address_space<workgroup>>, vector<1xf32>
          %41 = vector.extract %40[0] : f32 from vector<1xf32>
          %42 = arith.addi %5, %c2 : index
          %43 = arith.muli %42, %c20 : index
          %44 = arith.addi %20, %43 : index
          %45 = arith.addi %44, %4 : index
          %46 = arith.addi %45, %c128 : index
          %47 = vector.load %shared[%46] {alignment = 4 : i64}
              : memref<416xf32, #gpu.address_space<workgroup>>, vector<1xf32>
          %48 = vector.extract %47[0] : f32 from vector<1xf32>
          %49 = arith.addi %5, %c3 : index
          %50 = arith.muli %49, %c20 : index
          %51 = arith.addi %20, %50 : index
          %52 = arith.addi %51, %4 : index
          %53 = arith.addi %52, %c128 : index
          %54 = vector.load %shared[%53] {alignment = 4 : i64}
              : memref<416xf32, #gpu.address_space<workgroup>>, vector<1xf32>
          %55 = vector.extract %54[0] : f32 from vector<1xf32>
          %56 = vector.broadcast %34 : f32 to vector<1xf32>
          %57 = vector.broadcast %25 : f32 to vector<1xf32>
          %58 = math.fma %57, %56, %sum : vector<1xf32>
          %59 = vector.broadcast %41 : f32 to vector<1xf32>
          %60 = vector.broadcast %26 : f32 to vector<1xf32>
          %61 = math.fma %60, %59, %58 : vector<1xf32>
          %62 = vector.broadcast %48 : f32 to vector<1xf32>
          %63 = vector.broadcast %27 : f32 to vector<1xf32>
          %64 = math.fma %63, %62, %61 : vector<1xf32>
          %65 = vector.broadcast %55 : f32 to vector<1xf32>
          %66 = vector.broadcast %28 : f32 to vector<1xf32>
          %67 = math.fma %66, %65, %64 : vector<1xf32>
          scf.yield %16, %19, %67 : index, index, vector<1xf32>
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

def BlockReductions : Pass<"codegen-block-reductions", "mlir::kernel::FuncOp"> {
  let summary = "Let threads reduce together";
  let description = [{
    Lets several threads do what single ones would take long to: reduce many elements to few results,
    by sums, products, the largest or the smallest. What a task computes of an element before it
    reduces goes along, and so does what it makes of the result. A block's threads form groups, each
    of which has one result. A thread of a group takes every so many elements, and the partial results
    are combined in a fixed order. ReductionPlan.h says how many threads a group has:

    - Where a result's elements lie side by side, its threads do as well, and read what lies side by
      side: the lanes of a warp, or a whole block where elements are thousands. Lanes exchange their
      partial results (`nvvm.shfl.sync`), warps through shared memory.
    - Where the results lie side by side, as those of sums over rows do, threads of neighbouring
      results do, and a result's threads meet in shared memory.
    - Few results of very many elements are computed by several blocks each, and combined after a
      `kernel.sync`.

    What one thread runs outside of tasks becomes one where it reduces enough. Symbolic sizes are
    taken for 256. Sums begin at the negative zero, which changes nothing, and are added in the
    accumulator's type.
    ```mlir
    kernel.func @f(%x: memref<30x100xf32>, %out: memref<30xf32>) {
      %zero = arith.constant 0.0 : f32
      scf.forall (%i) in (30) {
        %row = memref.subview %x[%i, 0] [1, 100] [1, 1] : memref<30x100xf32> to memref<1x100xf32, strided<[100, 1], offset: ?>>
        %sum = memref.subview %out[%i] [1] [1] : memref<30xf32> to memref<1xf32, strided<[1], offset: ?>>
        linalg.fill ins(%zero : f32) outs(%sum : memref<1xf32, strided<[1], offset: ?>>)
        linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
                        iterator_types = ["parallel", "reduction"]}
            ins(%row : memref<1x100xf32, strided<[100, 1], offset: ?>>) outs(%sum : memref<1xf32, strided<[1], offset: ?>>) {
        ^bb0(%a: f32, %o: f32):
          %0 = arith.mulf %a, %a : f32
          %1 = arith.addf %o, %0 : f32
          linalg.yield %1 : f32
        }
      }
      kernel.return
    }
    ```
    becomes
    ```mlir
    kernel.func @f(%x: memref<30x100xf32>, %out: memref<30xf32>) {
      %c1_i32 = arith.constant 1 : i32
      %c31_i32 = arith.constant 31 : i32
      %c-1_i32 = arith.constant -1 : i32
      %c1 = arith.constant 1 : index
      %c5 = arith.constant 5 : index
      %c16_i32 = arith.constant 16 : i32
      %cst = arith.constant -0.000000e+00 : f32
      %c0 = arith.constant 0 : index
      %c100 = arith.constant 100 : index
      %c30 = arith.constant 30 : index
      %c8 = arith.constant 8 : index
      %c32 = arith.constant 32 : index
      %cst_0 = arith.constant 0.000000e+00 : f32
      scf.forall (%rows) in (4) {
        %thread = gpu.thread_id  x
        %0 = arith.divui %thread, %c32 : index
        %1 = arith.remui %thread, %c32 : index
        %2 = arith.muli %rows, %c8 : index
        %3 = arith.addi %2, %0 : index
        %4 = arith.cmpi ult, %3, %c30 : index
        %subview = memref.subview %x[%3, 0] [1, 100] [1, 1] : memref<30x100xf32> to memref<1x100xf32, strided<[100, 1], offset: ?>>
        %5 = arith.select %4, %c100, %c0 : index
        %6 = scf.for %k = %1 to %5 step %c32 iter_args(%s = %cst) -> (f32) {
          %10 = memref.load %subview[%c0, %k] : memref<1x100xf32, strided<[100, 1], offset: ?>>
          %11 = arith.mulf %10, %10 : f32
          %12 = arith.addf %s, %11 : f32
          scf.yield %12 : f32
        }
        %7:2 = scf.for %k = %c0 to %c5 step %c1 iter_args(%s = %6, %distance = %c16_i32) -> (f32, i32) {
          %10 = arith.bitcast %s : f32 to i32
          %11 = nvvm.shfl.sync  bfly %c-1_i32, %10, %distance, %c31_i32 : i32 -> i32
          %12 = arith.bitcast %11 : i32 to f32
          %13 = arith.addf %s, %12 : f32
          %14 = arith.shrui %distance, %c1_i32 : i32
          scf.yield %13, %14 : f32, i32
        }
        %8 = arith.cmpi eq, %1, %c0 : index
        %9 = arith.andi %8, %4 : i1
        scf.if %9 {
          %subview_1 = memref.subview %out[%3] [1] [1] : memref<30xf32> to memref<1xf32, strided<[1], offset: ?>>
          %10 = arith.addf %7#0, %cst_0 : f32
          memref.store %10, %subview_1[%c0] : memref<1xf32, strided<[1], offset: ?>>
        }
      } {mapping = [#gpu.block<linear_dim_0>]}
      kernel.return
    }
    ```
  }];
  let options = [
    Option<"plan", "plan", "std::string", /*default=*/"\"\"",
           "In place of the plan by sizes: what lies side by side (elements or results), the threads "
           "of a result, and the blocks of one, as elements:32:1">,
  ];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::gpu::GPUDialect", "mlir::kernel::KernelDialect",
    "mlir::LLVM::LLVMDialect", "mlir::memref::MemRefDialect", "mlir::NVVM::NVVMDialect", "mlir::scf::SCFDialect"
  ];
  let statistics = [Statistic<"numLoops", "loops", "Loops of tasks that became ones of blocks">];
}

#endif
