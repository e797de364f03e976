// What the tests of GPUs share: a device that runs one kernel.
#include "tests/unit/gpu/Kernels.h"

namespace nnrt::test {

OneKernel::OneKernel(void (*function)(void *const *), size_t numArguments, KernelShape shape,
                     bool checks)
    : argumentBytes(numArguments, 8), kernel{.name = "tested",
                                             .places = "net.nn:3",
                                             .threads = shape.threads,
                                             .declared_bytes = 0,
                                             .shared_bytes = shape.sharedBytes,
                                             .is_cooperative = shape.isCooperative,
                                             .num_arguments = uint32_t(numArguments),
                                             .argument_bytes = argumentBytes.data(),
                                             .emulated = function,
                                             .unchecked = shape.unchecked,
                                             .waits = !shape.unchecked,
                                             .decisive = shape.decisive,
                                             .work = nullptr} {
  form.code = {.num_kernels = 1, .kernels = &kernel, .num_images = 0, .images = nullptr};
  device = std::make_unique<gpu::GpuDevice>(
      emulator::emulatorDriver(), 0, checks ? emulator::checkingDevice : emulator::fastDevice,
      "emulator", form);
}

void OneKernel::start(int64_t blocks, const std::vector<const void *> &arguments, void *workspace) {
  // An entry that launches the kernel: scalars say for how many blocks, buffers are its arguments.
  nnrt_entry entry = {};
  entry.function = [](nnrt_context *context, const int64_t *scalars, void *const *buffers, void *) {
    std::vector<void *> pointers;
    for (int64_t i = 0; i < scalars[1]; ++i)
      pointers.push_back(const_cast<void **>(&buffers[i]));
    nnrt_launch(context, 0, scalars[0], pointers.data());
  };
  const int64_t scalars[] = {blocks, int64_t(arguments.size())};
  std::vector<void *> buffers;
  for (const void *each : arguments)
    buffers.push_back(const_cast<void *>(each));
  device->run(entry, scalars, buffers.data(), workspace);
}

std::string OneKernel::finish() {
  try {
    device->download({}, nullptr);
  } catch (const Error &error) {
    return error.what();
  }
  return {};
}

} // namespace nnrt::test
