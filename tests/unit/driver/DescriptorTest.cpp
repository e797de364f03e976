// The descriptor in memory is what nnrt/abi.h says: compiled, loaded, and read through the C
// struct.
#include "compiler/driver/Descriptor.h"

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
  model.dims = {"batch", "time"};
  model.parameters = {{"dense.w", NNRT_F32, {784, 64}, 0}, {"norm.mean", NNRT_F64, {}, 200704}};
  model.numBuffers = 1;
  model.parameterBytes = 200768;
  model.states = {{"dense.w.m", NNRT_F32, {784, 64}, 64}};
  model.stateBytes = 200770;
  model.inputs = {{{"image", NNRT_U8, {~int64_t(0), 28, 28}, 0}, 0, 200}};
  model.outputs = {{"logits", NNRT_BF16, {~int64_t(0), ~int64_t(1), 10}, 0}};
  model.fields = {{{"label", NNRT_I32, {~int64_t(0)}, 0}, -3, 10}};
  model.files = {{"train", 0, "labels.gz"}, {"test", 0, "t10k.gz"}};
  model.hasRecipe = true;
  model.recipe = {"mnist", "idx", "adam(lr: 0.001)", 32,
                  5,       700,   ~uint64_t(0),      {"accuracy", "recall"}};
  model.entries = {{NNRT_ENTRY_INIT,
                    0,
                    "net_init",
                    "net_init_workspace",
                    {{NNRT_SEED, 0}},
                    {{NNRT_PARAMETER, 0}, {NNRT_STATE, 0}}},
                   {NNRT_ENTRY_STEP,
                    32,
                    "net_step",
                    "net_step_workspace",
                    {{NNRT_DIM, 0}, {NNRT_STEP, 0}},
                    {{NNRT_FIELD, 0}, {NNRT_PARAMETER, 1}, {NNRT_LOSS, 0}},
                    /*workspaceBytes=*/4096},
                   {NNRT_ENTRY_EVAL,
                    0,
                    "net_eval_any",
                    "net_eval_any_workspace",
                    {{NNRT_DIM, 1}},
                    {{NNRT_METRIC, 7}}}};
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

  const nnrt_model &load(const ModelDescription &model, const DescriptorFacts &facts) {
    addDescriptor(*module, model, facts);
    EXPECT_FALSE(llvm::verifyModule(*module, &llvm::errs()));
    llvm::cantFail(jit->addIRModule({std::move(module), std::move(context)}));
    return *llvm::cantFail(jit->lookup("nnrt_model_descriptor")).toPtr<const nnrt_model *>();
  }

  std::unique_ptr<llvm::orc::LLJIT> jit;
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
};

TEST_F(DescriptorTest, EveryFieldLandsWhereCExpectsIt) {
  const nnrt_model &model = load(sampleModel(), {"nnc 0.1.0", "x86-64-v3", "avx2 fma"});
  EXPECT_EQ(model.abi_version, uint32_t(NNRT_ABI_VERSION));
  EXPECT_STREQ(model.name, "net");
  EXPECT_STREQ(model.compiler, "nnc 0.1.0");
  EXPECT_STREQ(model.cpu, "x86-64-v3");
  EXPECT_STREQ(model.cpu_features, "avx2 fma");
  EXPECT_STREQ(model.source, "model net\n\t\"quoted\" \xC3\xA9");
  EXPECT_STREQ(model.source_sha256, "abc123");
  ASSERT_EQ(model.num_dims, 2u);
  EXPECT_STREQ(model.dims[0], "batch");
  EXPECT_STREQ(model.dims[1], "time");
  EXPECT_EQ(model.activation_bytes, 4096u);
}

TEST_F(DescriptorTest, Tensors) {
  const nnrt_model &model = load(sampleModel(), {});
  ASSERT_EQ(model.num_parameters, 2u);
  EXPECT_EQ(model.num_buffers, 1u);
  EXPECT_STREQ(model.parameters[0].name, "dense.w");
  EXPECT_EQ(model.parameters[0].dtype, uint32_t(NNRT_F32));
  ASSERT_EQ(model.parameters[0].rank, 2u);
  EXPECT_EQ(model.parameters[0].shape[0], 784);
  EXPECT_EQ(model.parameters[0].shape[1], 64);
  EXPECT_EQ(model.parameters[0].offset, 0u);
  EXPECT_STREQ(model.parameters[1].name, "norm.mean");
  EXPECT_EQ(model.parameters[1].dtype, uint32_t(NNRT_F64));
  EXPECT_EQ(model.parameters[1].rank, 0u);
  EXPECT_EQ(model.parameters[1].offset, 200704u);
  EXPECT_EQ(model.parameter_bytes, 200768u);
  ASSERT_EQ(model.num_states, 1u);
  EXPECT_STREQ(model.states[0].name, "dense.w.m");
  EXPECT_EQ(model.states[0].offset, 64u);
  EXPECT_EQ(model.state_bytes, 200770u);
  ASSERT_EQ(model.num_inputs, 1u);
  ASSERT_EQ(model.num_outputs, 1u);
  EXPECT_EQ(model.inputs[0].tensor.shape[0], ~int64_t(0));
  EXPECT_EQ(model.inputs[0].tensor.dtype, uint32_t(NNRT_U8));
  EXPECT_EQ(model.inputs[0].low, 0);
  EXPECT_EQ(model.inputs[0].high, 200);
  EXPECT_STREQ(model.outputs[0].name, "logits");
  EXPECT_EQ(model.outputs[0].shape[1], ~int64_t(1));
}

TEST_F(DescriptorTest, DataAndRecipe) {
  const nnrt_model &model = load(sampleModel(), {});
  ASSERT_EQ(model.num_fields, 1u);
  EXPECT_STREQ(model.fields[0].tensor.name, "label");
  EXPECT_EQ(model.fields[0].low, -3);
  EXPECT_EQ(model.fields[0].high, 10);
  ASSERT_EQ(model.num_files, 2u);
  EXPECT_STREQ(model.files[0].split, "train");
  EXPECT_STREQ(model.files[1].split, "test");
  EXPECT_STREQ(model.files[1].path, "t10k.gz");
  ASSERT_NE(model.recipe, nullptr);
  EXPECT_STREQ(model.recipe->data, "mnist");
  EXPECT_STREQ(model.recipe->format, "idx");
  EXPECT_STREQ(model.recipe->optimizer, "adam(lr: 0.001)");
  EXPECT_EQ(model.recipe->batch, 32);
  EXPECT_EQ(model.recipe->epochs, 5);
  EXPECT_EQ(model.recipe->steps, 700);
  EXPECT_EQ(model.recipe->seed, ~uint64_t(0));
  ASSERT_EQ(model.recipe->num_metrics, 2u);
  EXPECT_STREQ(model.recipe->metrics[1], "recall");
}

TEST_F(DescriptorTest, EntriesCanBeCalled) {
  const nnrt_model &model = load(sampleModel(), {});
  ASSERT_EQ(model.num_entries, 3u);
  const nnrt_entry *step = nnrt_find_entry(&model, NNRT_ENTRY_STEP, 32);
  ASSERT_EQ(step, &model.entries[1]);
  ASSERT_EQ(step->num_scalars, 2u);
  EXPECT_EQ(step->scalars[0].source, uint32_t(NNRT_DIM));
  EXPECT_EQ(step->scalars[1].source, uint32_t(NNRT_STEP));
  ASSERT_EQ(step->num_buffers, 3u);
  EXPECT_EQ(step->buffers[1].source, uint32_t(NNRT_PARAMETER));
  EXPECT_EQ(step->buffers[1].index, 1u);
  EXPECT_EQ(step->batch, 32);
  int64_t called = 0, scalars[] = {5, 1};
  void *buffers[] = {&called, nullptr, nullptr};
  step->function(nullptr, scalars, buffers, nullptr);
  EXPECT_EQ(called, 2);
  EXPECT_EQ(step->workspace_bytes(scalars), 1001u);
  nnrt_find_entry(&model, NNRT_ENTRY_INIT, 0)->function(nullptr, scalars, buffers, nullptr);
  EXPECT_EQ(called, 1);
  // The entry for any batch serves each; one for another batch serves none.
  const nnrt_entry *eval = nnrt_find_entry(&model, NNRT_ENTRY_EVAL, 7);
  ASSERT_EQ(eval, &model.entries[2]);
  eval->function(nullptr, scalars, buffers, nullptr);
  EXPECT_EQ(called, 3);
  EXPECT_EQ(eval->buffers[0].index, 7u);
  EXPECT_EQ(nnrt_find_entry(&model, NNRT_ENTRY_STEP, 31), nullptr);
  EXPECT_EQ(nnrt_find_entry(&model, NNRT_ENTRY_PREDICT, 32), nullptr);
}

TEST_F(DescriptorTest, AModelWithoutRecipe) {
  ModelDescription description;
  description.name = "bare";
  const nnrt_model &model = load(description, {"nnc", "znver3", ""});
  EXPECT_EQ(model.recipe, nullptr);
  EXPECT_EQ(model.dims, nullptr);
  EXPECT_EQ(model.parameters, nullptr);
  EXPECT_EQ(model.fields, nullptr);
  EXPECT_EQ(model.entries, nullptr);
  EXPECT_EQ(nnrt_find_entry(&model, NNRT_ENTRY_INIT, 0), nullptr);
}

} // namespace
