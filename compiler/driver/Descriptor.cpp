// The descriptor as an LLVM constant: each struct of nnrt/abi.h, field by field by its name.
#include "compiler/driver/Descriptor.h"

#include "compiler/driver/ConstantBuilder.h"

#include "runtime/include/nnrt/gpu.h"

#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace nnc::driver {

namespace {

class DescriptorBuilder : public ConstantBuilder {
public:
  DescriptorBuilder(Module &module, const ModelDescription &model, const DescriptorFacts &facts,
                    const GpuForm *gpu)
      : ConstantBuilder(module), model(model), facts(facts), gpu(gpu) {}

  void run();

private:
  Constant *tensor(const TensorDescription &tensor);
  Constant *tensors(const std::vector<TensorDescription> &list, const Twine &name);
  Constant *size(const SizeDescription &size);
  Constant *need(const NeedDescription &need);
  Constant *port(const PortDescription &port);
  Constant *ports(const std::vector<PortDescription> &list, const Twine &name);
  Constant *arena(const ArenaDescription &arena);
  Constant *bindings(const std::vector<nnrt_binding> &list);
  Constant *entry(const EntryDescription &entry);
  Constant *entries(const ModelDescription &of);
  Constant *function(StringRef symbol);
  Constant *elsewhere(StringRef symbol);
  Constant *kernel(const codegen::DeviceKernel &kernel);
  Constant *work(const codegen::KernelWork &work);
  Constant *image(const GpuImage &image);
  Constant *launches(const std::optional<codegen::LaunchCounts> &known);
  Constant *gpuForm();

  const ModelDescription &model;
  const DescriptorFacts &facts;
  const GpuForm *gpu;
};

Constant *DescriptorBuilder::tensor(const TensorDescription &tensor) {
  StructConstant value(context, sizeof(nnrt_tensor));
  NNC_SET_FIELD(value, nnrt_tensor, name, text(tensor.name));
  NNC_SET_FIELD(value, nnrt_tensor, dtype, u32(tensor.dtype));
  NNC_SET_FIELD(value, nnrt_tensor, rank, u32(tensor.shape.size()));
  NNC_SET_FIELD(value, nnrt_tensor, shape,
                array(tensor.shape, "shape", [&](int64_t size) { return i64(size); }));
  NNC_SET_FIELD(value, nnrt_tensor, offset, u64(tensor.offset));
  return value.get();
}

Constant *DescriptorBuilder::tensors(const std::vector<TensorDescription> &list,
                                     const Twine &name) {
  return array(list, name, [&](const TensorDescription &each) { return tensor(each); });
}

Constant *DescriptorBuilder::size(const SizeDescription &size) {
  StructConstant value(context, sizeof(nnrt_size));
  NNC_SET_FIELD(value, nnrt_size, text, text(size.text));
  NNC_SET_FIELD(value, nnrt_size, num_terms, u32(size.factors.size()));
  NNC_SET_FIELD(value, nnrt_size, factors,
                array(size.factors, "factors", [&](int64_t factor) { return i64(factor); }));
  NNC_SET_FIELD(value, nnrt_size, powers,
                array(size.powers, "powers", [&](uint32_t power) { return u32(power); }));
  return value.get();
}

Constant *DescriptorBuilder::need(const NeedDescription &need) {
  StructConstant value(context, sizeof(nnrt_need));
  NNC_SET_FIELD(value, nnrt_need, size, size(need.size));
  NNC_SET_FIELD(value, nnrt_need, least, i64(need.least));
  NNC_SET_FIELD(value, nnrt_need, place, text(need.place));
  return value.get();
}

Constant *DescriptorBuilder::port(const PortDescription &port) {
  StructConstant value(context, sizeof(nnrt_port));
  NNC_SET_FIELD(value, nnrt_port, tensor, tensor(port.tensor));
  NNC_SET_FIELD(value, nnrt_port, low, i64(port.low));
  NNC_SET_FIELD(value, nnrt_port, high, i64(port.high));
  NNC_SET_FIELD(value, nnrt_port, limit, port.limit ? global(size(*port.limit), "limit") : null());
  return value.get();
}

Constant *DescriptorBuilder::ports(const std::vector<PortDescription> &list, const Twine &name) {
  return array(list, name, [&](const PortDescription &each) { return port(each); });
}

Constant *DescriptorBuilder::arena(const ArenaDescription &arena) {
  StructConstant value(context, sizeof(nnrt_tensors));
  NNC_SET_FIELD(value, nnrt_tensors, count, u32(arena.tensors.size()));
  NNC_SET_FIELD(value, nnrt_tensors, tensors, tensors(arena.tensors, "tensors"));
  NNC_SET_FIELD(value, nnrt_tensors, bytes, u64(arena.bytes));
  return value.get();
}

Constant *DescriptorBuilder::bindings(const std::vector<nnrt_binding> &list) {
  return array(list, "bindings", [&](const nnrt_binding &binding) {
    StructConstant value(context, sizeof(nnrt_binding));
    NNC_SET_FIELD(value, nnrt_binding, source, u32(binding.source));
    NNC_SET_FIELD(value, nnrt_binding, index, u32(binding.index));
    return value.get();
  });
}

Constant *DescriptorBuilder::function(StringRef symbol) {
  Function *found = module.getFunction(symbol);
  if (!found)
    return elsewhere(symbol);
  // Reached through the descriptor alone: no need to be seen from other shared objects.
  if (!found->hasLocalLinkage())
    found->setVisibility(GlobalValue::HiddenVisibility);
  return found;
}

Constant *DescriptorBuilder::entry(const EntryDescription &entry) {
  StructConstant value(context, sizeof(nnrt_entry));
  NNC_SET_FIELD(value, nnrt_entry, name, text(entry.name));
  NNC_SET_FIELD(value, nnrt_entry, dims,
                array(entry.dims, "dims", [&](int64_t size) { return i64(size); }));
  NNC_SET_FIELD(value, nnrt_entry, function, function(entry.symbol));
  NNC_SET_FIELD(value, nnrt_entry, num_scalars, u32(entry.scalars.size()));
  NNC_SET_FIELD(value, nnrt_entry, num_buffers, u32(entry.buffers.size()));
  NNC_SET_FIELD(value, nnrt_entry, scalars, bindings(entry.scalars));
  NNC_SET_FIELD(value, nnrt_entry, buffers, bindings(entry.buffers));
  NNC_SET_FIELD(value, nnrt_entry, workspace_bytes, function(entry.workspaceSymbol));
  NNC_SET_FIELD(value, nnrt_entry, num_needs, u32(entry.needs.size()));
  NNC_SET_FIELD(
      value, nnrt_entry, needs,
      array(entry.needs, "needs", [&](const NeedDescription &each) { return need(each); }));
  return value.get();
}

Constant *DescriptorBuilder::entries(const ModelDescription &of) {
  return array(of.entries, "entries", [&](const EntryDescription &each) { return entry(each); });
}

/// A function of another object of this program.
Constant *DescriptorBuilder::elsewhere(StringRef symbol) {
  FunctionCallee callee =
      module.getOrInsertFunction(symbol, FunctionType::get(Type::getVoidTy(context), false));
  return cast<Constant>(callee.getCallee());
}

Constant *DescriptorBuilder::work(const codegen::KernelWork &work) {
  static_assert(codegen::kNumArithmetics == NNRT_NUM_FLOPS);
  StructConstant value(context, sizeof(nnrt_work));
  NNC_SET_FIELD(value, nnrt_work, bytes, u64(work.bytes));
  for (auto [kind, flops] : enumerate(work.flops))
    value.set(offsetof(nnrt_work, flops) + kind * sizeof(uint64_t), u64(flops), sizeof(uint64_t));
  return value.get();
}

Constant *DescriptorBuilder::kernel(const codegen::DeviceKernel &kernel) {
  StructConstant value(context, sizeof(nnrt_kernel));
  NNC_SET_FIELD(value, nnrt_kernel, name, text(kernel.name));
  NNC_SET_FIELD(value, nnrt_kernel, places, text(kernel.places));
  NNC_SET_FIELD(value, nnrt_kernel, threads, u32(kernel.threads));
  NNC_SET_FIELD(value, nnrt_kernel, declared_bytes, u32(kernel.sharedBytes));
  NNC_SET_FIELD(value, nnrt_kernel, shared_bytes, u32(0)); // None is known at the launch alone.
  NNC_SET_FIELD(value, nnrt_kernel, is_cooperative, u32(kernel.isCooperative));
  NNC_SET_FIELD(value, nnrt_kernel, num_arguments, u32(kernel.argumentBytes.size()));
  NNC_SET_FIELD(value, nnrt_kernel, argument_bytes,
                array(kernel.argumentBytes, "bytes", [&](uint32_t bytes) { return u32(bytes); }));
  NNC_SET_FIELD(value, nnrt_kernel, emulated, elsewhere(kernel.name + ".emulated"));
  NNC_SET_FIELD(value, nnrt_kernel, unchecked, elsewhere(kernel.name + ".unchecked"));
  NNC_SET_FIELD(value, nnrt_kernel, waits, u32(kernel.waits));
  if (kernel.decisive)
    NNC_SET_FIELD(value, nnrt_kernel, decisive,
                  array(*kernel.decisive, "decisive", [&](uint8_t each) { return u8(each); }));
  if (kernel.work)
    NNC_SET_FIELD(value, nnrt_kernel, work, global(work(*kernel.work), "work"));
  return value.get();
}

Constant *DescriptorBuilder::image(const GpuImage &image) {
  StructConstant value(context, sizeof(nnrt_image));
  NNC_SET_FIELD(value, nnrt_image, chip, text(image.chip));
  Constant *bytes = ConstantDataArray::getString(context, image.bytes, /*AddNull=*/false);
  auto *variable = new GlobalVariable(module, bytes->getType(), /*isConstant=*/true,
                                      GlobalValue::PrivateLinkage, bytes, "image");
  variable->setAlignment(Align(64)); // As drivers like it.
  NNC_SET_FIELD(value, nnrt_image, bytes, variable);
  NNC_SET_FIELD(value, nnrt_image, size, u64(image.bytes.size()));
  NNC_SET_FIELD(value, nnrt_image, registers,
                array(image.registers, "registers", [&](uint32_t each) { return u32(each); }));
  return value.get();
}

Constant *DescriptorBuilder::launches(const std::optional<codegen::LaunchCounts> &known) {
  const codegen::LaunchCounts counts = known.value_or(codegen::LaunchCounts());
  StructConstant value(context, sizeof(nnrt_launches));
  NNC_SET_FIELD(value, nnrt_launches, is_known, u32(known.has_value()));
  NNC_SET_FIELD(value, nnrt_launches, num_counts, u32(counts.size()));
  NNC_SET_FIELD(value, nnrt_launches, counts, array(counts, "counts", [&](auto &count) {
                  StructConstant pair(context, sizeof(nnrt_launch_count));
                  NNC_SET_FIELD(pair, nnrt_launch_count, kernel, u32(count.first));
                  NNC_SET_FIELD(pair, nnrt_launch_count, count, u32(count.second.count));
                  NNC_SET_FIELD(pair, nnrt_launch_count, is_for_all, u32(count.second.isForAll));
                  return pair.get();
                }));
  return value.get();
}

Constant *DescriptorBuilder::gpuForm() {
  StructConstant code(context, sizeof(nnrt_gpu_code));
  NNC_SET_FIELD(code, nnrt_gpu_code, num_kernels, u32(gpu->code.kernels.size()));
  NNC_SET_FIELD(code, nnrt_gpu_code, kernels,
                array(gpu->code.kernels, "kernels", [&](auto &each) { return kernel(each); }));
  NNC_SET_FIELD(code, nnrt_gpu_code, num_images, u32(gpu->images.size()));
  NNC_SET_FIELD(code, nnrt_gpu_code, images,
                array(gpu->images, "images", [&](auto &each) { return image(each); }));
  StructConstant value(context, sizeof(nnrt_gpu_form));
  NNC_SET_FIELD(value, nnrt_gpu_form, code, code.get());
  NNC_SET_FIELD(value, nnrt_gpu_form, activation_bytes, u64(gpu->model.activationBytes()));
  NNC_SET_FIELD(value, nnrt_gpu_form, num_entries, u32(gpu->model.entries.size()));
  NNC_SET_FIELD(value, nnrt_gpu_form, entries, entries(gpu->model));
  NNC_SET_FIELD(value, nnrt_gpu_form, launches,
                array(gpu->launches, "launches", [&](auto &known) { return launches(known); }));
  NNC_SET_FIELD(value, nnrt_gpu_form, make_device, elsewhere("nnrt_make_gpu_device"));
  return global(value.get(), "gpu");
}

void DescriptorBuilder::run() {
  StructConstant value(context, sizeof(nnrt_model));
#define SET(field, constant) NNC_SET_FIELD(value, nnrt_model, field, constant)
  SET(abi_version, u32(NNRT_ABI_VERSION));
  SET(name, text(model.name));
  SET(compiler, text(facts.compiler));
  SET(target, text(facts.target));
  SET(cpu, text(facts.cpu));
  SET(cpu_features, text(facts.cpuFeatures));
  SET(source, text(model.source));
  SET(source_sha256, text(model.sourceSha256));
  SET(num_dims, u32(model.dims.size()));
  SET(dims, array(model.dims, "dims", [&](const std::string &name) { return text(name); }));
  SET(batch_dim, i32(model.batchDim));
  SET(rows_dim, i32(model.rowsDim));
  for (size_t kind = 0; kind < NNRT_NUM_ARENAS; ++kind)
    value.set(offsetof(nnrt_model, arenas) + kind * sizeof(nnrt_tensors), arena(model.arenas[kind]),
              sizeof(nnrt_tensors));
  SET(num_inputs, u32(model.inputs.size()));
  SET(num_outputs, u32(model.outputs.size()));
  SET(num_fields, u32(model.fields.size()));
  SET(num_columns, u32(model.columns.size()));
  SET(inputs, ports(model.inputs, "inputs"));
  SET(outputs, tensors(model.outputs, "outputs"));
  SET(fields, ports(model.fields, "fields"));
  SET(columns, ports(model.columns, "columns"));
  SET(num_totals, u32(model.numTotals));
  SET(num_results, u32(model.numResults));
  SET(num_collected, u32(model.collected.size()));
  SET(collected, tensors(model.collected, "collected"));
  SET(recipe, model.recipe ? text(*model.recipe) : null());
  SET(activation_bytes, u64(model.activationBytes()));
  SET(num_entries, u32(model.entries.size()));
  SET(entries, entries(model));
  SET(gpu, gpu ? gpuForm() : null());
#undef SET
  Constant *constant = value.get();
  auto *variable =
      new GlobalVariable(module, constant->getType(), /*isConstant=*/true,
                         GlobalValue::ExternalLinkage, constant, "nnrt_model_descriptor");
  variable->setAlignment(Align(alignof(nnrt_model)));
}

} // namespace

void addDescriptor(Module &module, const ModelDescription &model, const DescriptorFacts &facts,
                   const GpuForm *gpu) {
  DescriptorBuilder(module, model, facts, gpu).run();
}

} // namespace nnc::driver
