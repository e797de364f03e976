// The descriptor as an LLVM constant. Field for field in the order of nnrt/abi.h: LLVM lays a
// struct out as C does, and tests/unit/driver reads the result back through the C header.
#include "compiler/driver/Descriptor.h"

#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DerivedTypes.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/Evaluator.h"

using namespace llvm;

namespace nnc::driver {

namespace {

class DescriptorBuilder {
public:
  DescriptorBuilder(Module &module, const ModelDescription &model, const DescriptorFacts &facts)
      : module(module), context(module.getContext()), model(model), facts(facts) {}

  void run();

private:
  using Fields = ArrayRef<Constant *>;

  Constant *u32(uint64_t value) { return ConstantInt::get(Type::getInt32Ty(context), value); }
  Constant *i64(int64_t value) { return ConstantInt::getSigned(Type::getInt64Ty(context), value); }
  Constant *u64(uint64_t value) { return ConstantInt::get(Type::getInt64Ty(context), value); }
  Constant *null() { return ConstantPointerNull::get(PointerType::get(context, 0)); }
  Constant *structure(Fields fields) { return ConstantStruct::getAnon(context, fields); }
  Constant *global(Constant *value, const Twine &name);
  Constant *text(StringRef value);
  /// A pointer to the elements, null where there are none.
  Constant *array(Fields elements, const Twine &name);
  template <typename Range, typename Make>
  Constant *array(const Range &range, const Twine &name, Make make) {
    return array(map_to_vector(range, make), name);
  }

  Constant *tensor(const TensorDescription &tensor);
  Constant *tensors(const std::vector<TensorDescription> &list, const Twine &name);
  Constant *field(const FieldDescription &field);
  Constant *file(const FileDescription &file);
  Constant *bindings(const std::vector<nnrt_binding> &list);
  Constant *entry(const EntryDescription &entry);
  Constant *recipe();
  Constant *function(StringRef symbol);

  Module &module;
  LLVMContext &context;
  const ModelDescription &model;
  const DescriptorFacts &facts;
};

Constant *DescriptorBuilder::global(Constant *value, const Twine &name) {
  auto *variable = new GlobalVariable(module, value->getType(), /*isConstant=*/true,
                                      GlobalValue::PrivateLinkage, value, "nnrt." + name);
  variable->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
  return variable;
}

Constant *DescriptorBuilder::text(StringRef value) {
  return global(ConstantDataArray::getString(context, value), "text");
}

Constant *DescriptorBuilder::array(Fields elements, const Twine &name) {
  if (elements.empty())
    return null();
  return global(
      ConstantArray::get(ArrayType::get(elements.front()->getType(), elements.size()), elements),
      name);
}

/// nnrt_tensor
Constant *DescriptorBuilder::tensor(const TensorDescription &tensor) {
  Constant *shape = array(tensor.shape, "shape", [&](int64_t size) { return i64(size); });
  return structure(
      {text(tensor.name), u32(tensor.dtype), u32(tensor.shape.size()), shape, u64(tensor.offset)});
}

Constant *DescriptorBuilder::tensors(const std::vector<TensorDescription> &list,
                                     const Twine &name) {
  return array(list, name, [&](const TensorDescription &each) { return tensor(each); });
}

/// nnrt_field
Constant *DescriptorBuilder::field(const FieldDescription &field) {
  return structure({tensor(field.tensor), i64(field.low), i64(field.high)});
}

/// nnrt_file
Constant *DescriptorBuilder::file(const FileDescription &file) {
  return structure({text(file.split), u32(file.field), text(file.path)});
}

/// nnrt_binding[]
Constant *DescriptorBuilder::bindings(const std::vector<nnrt_binding> &list) {
  return array(list, "bindings", [&](const nnrt_binding &binding) {
    return structure({u32(binding.source), u32(binding.index)});
  });
}

Constant *DescriptorBuilder::function(StringRef symbol) {
  if (symbol.empty())
    return null();
  Function *found = module.getFunction(symbol);
  assert(found && "the entry's function is missing from the module");
  // Reached through the descriptor alone: no need to be seen from other shared objects.
  if (!found->hasLocalLinkage())
    found->setVisibility(GlobalValue::HiddenVisibility);
  return found;
}

/// nnrt_entry
Constant *DescriptorBuilder::entry(const EntryDescription &entry) {
  return structure({function(entry.symbol), u32(entry.scalars.size()), u32(entry.buffers.size()),
                    bindings(entry.scalars), bindings(entry.buffers),
                    function(entry.workspaceSymbol), i64(entry.batch)});
}

/// nnrt_recipe
Constant *DescriptorBuilder::recipe() {
  if (!model.hasRecipe)
    return null();
  const RecipeDescription &recipe = model.recipe;
  Constant *metrics =
      array(recipe.metrics, "metrics", [&](const std::string &name) { return text(name); });
  return global(structure({text(recipe.data), text(recipe.format), text(recipe.optimizer),
                           i64(recipe.batch), i64(recipe.epochs), i64(recipe.steps),
                           u64(recipe.seed), u32(recipe.metrics.size()), metrics}),
                "recipe");
}

/// nnrt_model
void DescriptorBuilder::run() {
  Constant *dims = array(model.dims, "dims", [&](const std::string &name) { return text(name); });
  Constant *fields =
      array(model.fields, "fields", [&](const FieldDescription &each) { return field(each); });
  Constant *files =
      array(model.files, "files", [&](const FileDescription &each) { return file(each); });
  Constant *value = structure({
      u32(NNRT_ABI_VERSION),
      text(model.name),
      text(facts.compiler),
      text(facts.cpu),
      text(model.source),
      text(model.sourceSha256),
      u32(model.dims.size()),
      dims,
      u32(model.parameters.size()),
      u32(model.numBuffers),
      tensors(model.parameters, "parameters"),
      u64(model.parameterBytes),
      u32(model.states.size()),
      tensors(model.states, "states"),
      u64(model.stateBytes),
      u32(model.inputs.size()),
      u32(model.outputs.size()),
      tensors(model.inputs, "inputs"),
      tensors(model.outputs, "outputs"),
      u32(model.fields.size()),
      fields,
      u32(model.files.size()),
      files,
      recipe(),
      u64(facts.activationBytes),
      entry(model.init),
      entry(model.step),
      entry(model.stepAny),
      entry(model.eval),
      entry(model.evalAny),
      entry(model.predictAny),
  });
  new GlobalVariable(module, value->getType(), /*isConstant=*/true, GlobalValue::ExternalLinkage,
                     value, "nnrt_model_descriptor");
}

} // namespace

void addDescriptor(Module &module, const ModelDescription &model, const DescriptorFacts &facts) {
  DescriptorBuilder(module, model, facts).run();
}

std::optional<uint64_t> workspaceBytes(Module &module, const EntryDescription &entry) {
  Function *function =
      entry.workspaceSymbol.empty() ? nullptr : module.getFunction(entry.workspaceSymbol);
  if (!function || function->isDeclaration() || function->arg_size() != 1)
    return std::nullopt;
  // Step and seed do not change sizes; the batch is the only dimension an entry with a batch has.
  SmallVector<int64_t> scalars;
  for (const nnrt_binding &binding : entry.scalars)
    scalars.push_back(binding.source == NNRT_DIM ? entry.batch : 1);
  scalars.resize(std::max<size_t>(scalars.size(), 1));
  auto *values = new GlobalVariable(
      module, ArrayType::get(Type::getInt64Ty(module.getContext()), scalars.size()),
      /*isConstant=*/true, GlobalValue::PrivateLinkage,
      ConstantDataArray::get(
          module.getContext(),
          ArrayRef<uint64_t>(reinterpret_cast<uint64_t *>(scalars.data()), scalars.size())),
      "scalars");

  TargetLibraryInfoImpl libraryImpl(module.getTargetTriple());
  TargetLibraryInfo library(libraryImpl);
  Constant *result = nullptr;
  SmallVector<Constant *> arguments = {values};
  std::optional<uint64_t> bytes;
  {
    Evaluator evaluator(module.getDataLayout(), &library);
    if (evaluator.EvaluateFunction(function, result, arguments))
      if (auto *constant = dyn_cast_or_null<ConstantInt>(result))
        bytes = constant->getZExtValue();
  }
  values->removeDeadConstantUsers();
  values->eraseFromParent();
  return bytes;
}

} // namespace nnc::driver
