// The descriptor in memory is what nnrt/abi.h says: compiled, loaded, and read through the C
// struct.
#include "compiler/driver/Descriptor.h"

#include "runtime/include/nnrt/gpu.h"

#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/TargetSelect.h"
#include "gtest/gtest.h"

using namespace nnc;
using namespace nnc::driver;

namespace {

/// A model in which no two values are alike, so that a field in the wrong place is seen.
ModelDescription sampleModel() {
  ModelDescription model;
  model.name = "net";
  model.source = "model net\n\t\"quoted\" \xC3\xA9";
  model.sourceSha256 = "abc123";
  model.dims = {"batch", "time", "rows"};
  model.batchDim = 0;
  model.rowsDim = 2;
  model.arenas[NNRT_PARAMETERS] = {
      {{"dense.w", NNRT_F32, {784, 64}, 0}, {"norm.w", NNRT_F64, {}, 200704}}, 200768};
  model.arenas[NNRT_STATES] = {{{"norm.mean", NNRT_F32, {3}, 0}}, 101};
  model.arenas[NNRT_OPTIMIZER] = {{{"dense.w.m", NNRT_F32, {784, 64}, 64}}, 200770};
  model.arenas[NNRT_AVERAGES] = {{}, 103};
  model.arenas[NNRT_GRADIENTS] = {{}, 104};
  model.arenas[NNRT_FITTED] = {{}, 105};
  model.inputs = {{{"image", NNRT_U8, {~int64_t(0), 28, 28}, 0}, 0, 200}};
  model.outputs = {{"logits", NNRT_BF16, {~int64_t(0), ~int64_t(1), 10}, 0}};
  model.fields = {{{"label", NNRT_I32, {~int64_t(0)}, 0}, -3, 10},
                  {{"x", NNRT_F32, {~int64_t(0)}, 0}, 0, 0}};
  model.columns = {{{"age", NNRT_I64, {~int64_t(2)}, 0}, 5, 6},
                   {{"b", NNRT_F16, {}, 0}, 0, 0},
                   {{"c", NNRT_F16, {}, 0}, 0, 0}};
  model.numTotals = 7;
  model.numResults = 8;
  model.recipe = "{\"batch\":32}";
  model.entries = {{"init",
                    {0, 0, 0},
                    "net_init",
                    "net_init_workspace",
                    {{NNRT_SEED, 0}},
                    {{NNRT_PARAMETER, 0}, {NNRT_STATE, 0}},
                    /*needs=*/{}},
                   {"step.judge",
                    {32, 9, 0},
                    "net_step",
                    "net_step_workspace",
                    {{NNRT_DIM, 0}, {NNRT_STEP, 0}},
                    {{NNRT_FIELD, 0}, {NNRT_PARAMETER, 1}, {NNRT_LOSS, 0}},
                    /*needs=*/{},
                    /*workspaceBytes=*/4096},
                   {"evaluate.0",
                    {0, 0, 0},
                    "net_eval_any",
                    "net_eval_any_workspace",
                    {{NNRT_DIM, 1}},
                    {{NNRT_PARTIAL, 7}},
                    /*needs=*/
                    {{{"time", {1}, {0, 1, 0}}, 3, "net.nn:4"},
                     {{"rows - 2 * time * batch", {1, -2}, {0, 0, 1, 1, 1, 0}}, -7, "net.nn:5"}}}};
  model.inputs.push_back(
      {{"place", NNRT_I32, {~int64_t(0)}, 0}, 0, 0, SizeDescription{"time", {1}, {0, 1, 0}}});
  return model;
}

/// A function of the C ABI of entries that stores its number where buffers[0] points.
void addEntry(llvm::Module &module, llvm::StringRef name, int64_t number) {
  llvm::IRBuilder<> builder(module.getContext());
  auto *pointer = builder.getPtrTy();
  auto *function = llvm::Function::Create(
      llvm::FunctionType::get(builder.getVoidTy(), {pointer, pointer, pointer, pointer}, false),
      llvm::Function::ExternalLinkage, name, module);
  builder.SetInsertPoint(llvm::BasicBlock::Create(module.getContext(), "entry", function));
  builder.CreateStore(builder.getInt64(number), builder.CreateLoad(pointer, function->getArg(2)));
  builder.CreateRetVoid();
}

/// scalars[0] * scale + 1.
void addWorkspace(llvm::Module &module, llvm::StringRef name, int64_t scale) {
  llvm::IRBuilder<> builder(module.getContext());
  auto *function = llvm::Function::Create(
      llvm::FunctionType::get(builder.getInt64Ty(), {builder.getPtrTy()}, false),
      llvm::Function::ExternalLinkage, name, module);
  builder.SetInsertPoint(llvm::BasicBlock::Create(module.getContext(), "entry", function));
  llvm::Value *scalar = builder.CreateLoad(builder.getInt64Ty(), function->getArg(0));
  builder.CreateRet(
      builder.CreateAdd(builder.CreateMul(scalar, builder.getInt64(scale)), builder.getInt64(1)));
}

class DescriptorTest : public testing::Test {
protected:
  void SetUp() override {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    auto made = llvm::orc::LLJITBuilder().create();
    ASSERT_TRUE(bool(made)) << llvm::toString(made.takeError());
    jit = std::move(*made);
    context = std::make_unique<llvm::LLVMContext>();
    module = std::make_unique<llvm::Module>("test", *context);
    module->setDataLayout(jit->getDataLayout());
    module->setTargetTriple(jit->getTargetTriple());
    int64_t number = 0;
    for (const char *name : {"net_init", "net_step", "net_eval_any"}) {
      addEntry(*module, name, ++number);
      addWorkspace(*module, std::string(name) + "_workspace", number * 100);
    }
  }

  const nnrt_model &load(const ModelDescription &model, const DescriptorFacts &facts,
                         const GpuForm *gpu = nullptr) {
    addDescriptor(*module, model, facts, gpu);
    EXPECT_FALSE(llvm::verifyModule(*module, &llvm::errs()));
    llvm::cantFail(jit->addIRModule({std::move(module), std::move(context)}));
    return *llvm::cantFail(jit->lookup("nnrt_model_descriptor")).toPtr<const nnrt_model *>();
  }

  std::unique_ptr<llvm::orc::LLJIT> jit;
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
};

TEST_F(DescriptorTest, EveryFieldLandsWhereCExpectsIt) {
  const nnrt_model &model = load(sampleModel(), {"nnc 0.2.0", "cpu", "x86-64-v3", "avx2 fma"});
  EXPECT_EQ(model.abi_version, uint32_t(NNRT_ABI_VERSION));
  EXPECT_EQ(model.gpu, nullptr);
  EXPECT_STREQ(model.name, "net");
  EXPECT_STREQ(model.compiler, "nnc 0.2.0");
  EXPECT_STREQ(model.target, "cpu");
  EXPECT_STREQ(model.cpu, "x86-64-v3");
  EXPECT_STREQ(model.cpu_features, "avx2 fma");
  EXPECT_STREQ(model.source, "model net\n\t\"quoted\" \xC3\xA9");
  EXPECT_STREQ(model.source_sha256, "abc123");
  ASSERT_EQ(model.num_dims, 3u);
  EXPECT_STREQ(model.dims[0], "batch");
  EXPECT_STREQ(model.dims[2], "rows");
  EXPECT_EQ(model.batch_dim, 0);
  EXPECT_EQ(model.rows_dim, 2);
  EXPECT_EQ(model.num_totals, 7u);
  EXPECT_EQ(model.num_results, 8u);
  EXPECT_STREQ(model.recipe, "{\"batch\":32}");
  EXPECT_EQ(model.activation_bytes, 4096u);
}

TEST_F(DescriptorTest, Tensors) {
  const nnrt_model &model = load(sampleModel(), {});
  const nnrt_tensors &parameters = model.arenas[NNRT_PARAMETERS];
  ASSERT_EQ(parameters.count, 2u);
  EXPECT_STREQ(parameters.tensors[0].name, "dense.w");
  EXPECT_EQ(parameters.tensors[0].dtype, uint32_t(NNRT_F32));
  ASSERT_EQ(parameters.tensors[0].rank, 2u);
  EXPECT_EQ(parameters.tensors[0].shape[0], 784);
  EXPECT_EQ(parameters.tensors[0].shape[1], 64);
  EXPECT_EQ(parameters.tensors[0].offset, 0u);
  EXPECT_STREQ(parameters.tensors[1].name, "norm.w");
  EXPECT_EQ(parameters.tensors[1].dtype, uint32_t(NNRT_F64));
  EXPECT_EQ(parameters.tensors[1].rank, 0u);
  EXPECT_EQ(parameters.tensors[1].offset, 200704u);
  EXPECT_EQ(parameters.bytes, 200768u);
  EXPECT_STREQ(model.arenas[NNRT_STATES].tensors[0].name, "norm.mean");
  EXPECT_EQ(model.arenas[NNRT_STATES].bytes, 101u);
  EXPECT_EQ(model.arenas[NNRT_OPTIMIZER].tensors[0].offset, 64u);
  EXPECT_EQ(model.arenas[NNRT_OPTIMIZER].bytes, 200770u);
  EXPECT_EQ(model.arenas[NNRT_AVERAGES].bytes, 103u);
  EXPECT_EQ(model.arenas[NNRT_GRADIENTS].bytes, 104u);
  EXPECT_EQ(model.arenas[NNRT_FITTED].bytes, 105u);
  EXPECT_EQ(model.arenas[NNRT_FITTED].tensors, nullptr);
}

TEST_F(DescriptorTest, Ports) {
  const nnrt_model &model = load(sampleModel(), {});
  ASSERT_EQ(model.num_inputs, 2u);
  EXPECT_EQ(model.inputs[0].limit, nullptr);
  ASSERT_NE(model.inputs[1].limit, nullptr);
  EXPECT_STREQ(model.inputs[1].limit->text, "time");
  EXPECT_EQ(model.inputs[1].limit->powers[1], 1u);
  ASSERT_EQ(model.num_outputs, 1u);
  ASSERT_EQ(model.num_fields, 2u);
  ASSERT_EQ(model.num_columns, 3u);
  EXPECT_EQ(model.inputs[0].tensor.shape[0], ~int64_t(0));
  EXPECT_EQ(model.inputs[0].tensor.dtype, uint32_t(NNRT_U8));
  EXPECT_EQ(model.inputs[0].low, 0);
  EXPECT_EQ(model.inputs[0].high, 200);
  EXPECT_STREQ(model.outputs[0].name, "logits");
  EXPECT_EQ(model.outputs[0].shape[1], ~int64_t(1));
  EXPECT_STREQ(model.fields[0].tensor.name, "label");
  EXPECT_EQ(model.fields[0].low, -3);
  EXPECT_EQ(model.fields[0].high, 10);
  EXPECT_STREQ(model.fields[1].tensor.name, "x");
  EXPECT_STREQ(model.columns[0].tensor.name, "age");
  EXPECT_EQ(model.columns[0].low, 5);
  EXPECT_STREQ(model.columns[2].tensor.name, "c");
}

TEST_F(DescriptorTest, EntriesCanBeCalled) {
  const nnrt_model &model = load(sampleModel(), {});
  ASSERT_EQ(model.num_entries, 3u);
  const nnrt_entry &step = model.entries[1];
  EXPECT_STREQ(step.name, "step.judge");
  EXPECT_EQ(step.dims[0], 32);
  EXPECT_EQ(step.dims[1], 9);
  ASSERT_EQ(step.num_scalars, 2u);
  EXPECT_EQ(step.scalars[0].source, uint32_t(NNRT_DIM));
  EXPECT_EQ(step.scalars[1].source, uint32_t(NNRT_STEP));
  ASSERT_EQ(step.num_buffers, 3u);
  EXPECT_EQ(step.buffers[1].source, uint32_t(NNRT_PARAMETER));
  EXPECT_EQ(step.buffers[1].index, 1u);
  int64_t called = 0, scalars[] = {5, 1};
  void *buffers[] = {&called, nullptr, nullptr};
  step.function(nullptr, scalars, buffers, nullptr);
  EXPECT_EQ(called, 2);
  EXPECT_EQ(step.workspace_bytes(scalars), 1001u);
  model.entries[0].function(nullptr, scalars, buffers, nullptr);
  EXPECT_EQ(called, 1);
  model.entries[2].function(nullptr, scalars, buffers, nullptr);
  EXPECT_EQ(called, 3);
  EXPECT_EQ(model.entries[2].buffers[0].index, 7u);
}

TEST_F(DescriptorTest, NeedsOfEntries) {
  const nnrt_model &model = load(sampleModel(), {});
  EXPECT_EQ(model.entries[0].num_needs, 0u);
  EXPECT_EQ(model.entries[0].needs, nullptr);
  const nnrt_entry &evaluate = model.entries[2];
  ASSERT_EQ(evaluate.num_needs, 2u);
  EXPECT_STREQ(evaluate.needs[0].size.text, "time");
  EXPECT_EQ(evaluate.needs[0].least, 3);
  EXPECT_STREQ(evaluate.needs[0].place, "net.nn:4");
  const nnrt_need &second = evaluate.needs[1];
  EXPECT_EQ(second.least, -7);
  ASSERT_EQ(second.size.num_terms, 2u);
  EXPECT_EQ(second.size.factors[1], -2);
  const std::vector<uint32_t> powers(second.size.powers, second.size.powers + 6);
  EXPECT_EQ(powers, (std::vector<uint32_t>{0, 0, 1, 1, 1, 0}));
}

TEST_F(DescriptorTest, AFormForGpus) {
  GpuForm form;
  form.model = sampleModel();
  form.model.entries.erase(form.model.entries.begin());
  int64_t number = 10;
  for (EntryDescription &entry : form.model.entries) {
    for (std::string *symbol : {&entry.symbol, &entry.workspaceSymbol})
      *symbol += ".gpu";
    addEntry(*module, entry.symbol, ++number);
    addWorkspace(*module, entry.workspaceSymbol, number);
  }
  form.model.entries.front().workspaceBytes = 8192;
  form.model.batchSize = 32;
  form.code.kernels = {{"rows",
                        "net.nn:3, net.nn:4",
                        256,
                        1024,
                        true,
                        true,
                        {8, 4},
                        {{1, 0}},
                        codegen::KernelWork{1000, {0, 64, 0, 128}}},
                       {"sum", "", 128, 0, false, false, {}, std::nullopt, std::nullopt}};
  for (const char *name :
       {"rows.emulated", "rows.unchecked", "sum.emulated", "sum.unchecked", "nnrt_make_gpu_device"})
    addEntry(*module, name, ++number);
  form.images = {{"sm_90a", std::string("\0cubin", 6), {40, 18}},
                 {"ptx", std::string("text\0", 5), {}}};
  form.launches = {codegen::LaunchCounts{{0, {3, false}}, {1, {1, true}}}, std::nullopt};
  const nnrt_model &model = load(sampleModel(), {}, &form);
  ASSERT_NE(model.gpu, nullptr);
  const nnrt_gpu_form &gpu = *model.gpu;
  ASSERT_EQ(gpu.code.num_kernels, 2u);
  const nnrt_kernel &rows = gpu.code.kernels[0];
  EXPECT_STREQ(rows.name, "rows");
  EXPECT_STREQ(rows.places, "net.nn:3, net.nn:4");
  EXPECT_EQ(rows.threads, 256u);
  EXPECT_EQ(rows.declared_bytes, 1024u);
  EXPECT_EQ(rows.shared_bytes, 0u);
  EXPECT_EQ(rows.is_cooperative, 1u);
  ASSERT_EQ(rows.num_arguments, 2u);
  EXPECT_EQ(rows.argument_bytes[1], 4u);
  EXPECT_NE(rows.emulated, gpu.code.kernels[1].emulated);
  EXPECT_NE(rows.unchecked, rows.emulated);
  EXPECT_EQ(rows.waits, 1u);
  ASSERT_NE(rows.decisive, nullptr);
  EXPECT_EQ(rows.decisive[0], 1);
  EXPECT_EQ(rows.decisive[1], 0);
  ASSERT_NE(rows.work, nullptr);
  EXPECT_EQ(rows.work->bytes, 1000u);
  EXPECT_EQ(rows.work->flops[NNRT_F32_FLOPS], 64u);
  EXPECT_EQ(rows.work->flops[NNRT_BF16_FLOPS], 128u);
  EXPECT_EQ(gpu.code.kernels[1].work, nullptr);
  EXPECT_EQ(gpu.code.kernels[1].waits, 0u);
  EXPECT_EQ(gpu.code.kernels[1].decisive, nullptr);
  EXPECT_EQ(gpu.code.kernels[1].is_cooperative, 0u);
  EXPECT_EQ(gpu.code.kernels[1].argument_bytes, nullptr);
  ASSERT_EQ(gpu.code.num_images, 2u);
  EXPECT_STREQ(gpu.code.images[0].chip, "sm_90a");
  ASSERT_EQ(gpu.code.images[0].size, 6u);
  EXPECT_EQ(gpu.code.images[0].bytes[5], 'n');
  EXPECT_EQ(gpu.code.images[0].registers[1], 18u);
  EXPECT_EQ(gpu.code.images[1].registers, nullptr);
  EXPECT_EQ(gpu.code.images[1].bytes[4], 0);
  EXPECT_EQ(gpu.activation_bytes, 8192u);
  ASSERT_EQ(gpu.num_entries, 2u);
  EXPECT_STREQ(gpu.entries[0].name, "step.judge");
  int64_t called = 0, scalars[] = {5, 1};
  void *buffers[] = {&called, nullptr, nullptr};
  gpu.entries[0].function(nullptr, scalars, buffers, nullptr);
  EXPECT_EQ(called, 11);
  EXPECT_EQ(gpu.entries[0].workspace_bytes(scalars), 56u);
  EXPECT_EQ(gpu.launches[0].is_known, 1u);
  ASSERT_EQ(gpu.launches[0].num_counts, 2u);
  EXPECT_EQ(gpu.launches[0].counts[0].count, 3u);
  EXPECT_EQ(gpu.launches[0].counts[0].is_for_all, 0u);
  EXPECT_EQ(gpu.launches[0].counts[1].kernel, 1u);
  EXPECT_EQ(gpu.launches[0].counts[1].is_for_all, 1u);
  EXPECT_EQ(gpu.launches[1].is_known, 0u);
  EXPECT_NE(gpu.make_device, nullptr);
}

TEST_F(DescriptorTest, AModelWithoutRecipe) {
  ModelDescription description;
  description.name = "bare";
  const nnrt_model &model = load(description, {"nnc", "cpu", "znver3", ""});
  EXPECT_EQ(model.recipe, nullptr);
  EXPECT_EQ(model.dims, nullptr);
  EXPECT_EQ(model.batch_dim, -1);
  EXPECT_EQ(model.arenas[NNRT_PARAMETERS].tensors, nullptr);
  EXPECT_EQ(model.fields, nullptr);
  EXPECT_EQ(model.entries, nullptr);
}

} // namespace
