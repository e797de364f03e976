// The descriptor as an LLVM constant. Field for field in the order of nnrt/abi.h: LLVM lays a
// struct out as C does, and tests/unit/driver reads the result back through the C header.
#include "compiler/driver/Descriptor.h"

#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DerivedTypes.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/Module.h"

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
  Constant *port(const PortDescription &port);
  Constant *ports(const std::vector<PortDescription> &list, const Twine &name);
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

/// nnrt_port
Constant *DescriptorBuilder::port(const PortDescription &port) {
  return structure({tensor(port.tensor), i64(port.low), i64(port.high)});
}

Constant *DescriptorBuilder::ports(const std::vector<PortDescription> &list, const Twine &name) {
  return array(list, name, [&](const PortDescription &each) { return port(each); });
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
  Function *found = module.getFunction(symbol);
  assert(found && "the entry's function is missing from the module");
  // Reached through the descriptor alone: no need to be seen from other shared objects.
  if (!found->hasLocalLinkage())
    found->setVisibility(GlobalValue::HiddenVisibility);
  return found;
}

/// nnrt_entry
Constant *DescriptorBuilder::entry(const EntryDescription &entry) {
  return structure({u32(entry.kind), i64(entry.batch), function(entry.symbol),
                    u32(entry.scalars.size()), u32(entry.buffers.size()), bindings(entry.scalars),
                    bindings(entry.buffers), function(entry.workspaceSymbol)});
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
  Constant *files =
      array(model.files, "files", [&](const FileDescription &each) { return file(each); });
  Constant *entries =
      array(model.entries, "entries", [&](const EntryDescription &each) { return entry(each); });
  Constant *value = structure({
      u32(NNRT_ABI_VERSION),
      text(model.name),
      text(facts.compiler),
      text(facts.cpu),
      text(facts.cpuFeatures),
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
      ports(model.inputs, "inputs"),
      tensors(model.outputs, "outputs"),
      u32(model.fields.size()),
      ports(model.fields, "fields"),
      u32(model.files.size()),
      files,
      recipe(),
      u64(model.activationBytes()),
      u32(model.entries.size()),
      entries,
  });
  new GlobalVariable(module, value->getType(), /*isConstant=*/true, GlobalValue::ExternalLinkage,
                     value, "nnrt_model_descriptor");
}

} // namespace

void addDescriptor(Module &module, const ModelDescription &model, const DescriptorFacts &facts) {
  DescriptorBuilder(module, model, facts).run();
}

} // namespace nnc::driver
