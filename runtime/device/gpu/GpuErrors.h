// One function per kind of error of a GPU: what was asked for, what there is, what to do.
#pragma once

#include "runtime/device/gpu/Driver.h"
#include "runtime/device/gpu/Images.h"
#include "runtime/support/Error.h"

#include <span>
#include <string_view>
#include <vector>

namespace nnrt::gpu::errors {

/// `why` is the system's word.
Error noDriver(std::string_view library, std::string_view why);
/// Versions as a driver counts them; 0: unknown.
Error driverTooOld(int version, int needed);
Error driverWithout(std::string_view symbol, int version);
Error noDevice(std::string_view why);
Error noSuchDevice(int ordinal, int count);
Error badDeviceName(std::string_view name);
/// `chips` are those of the images.
Error chipNotBuiltFor(std::string_view device, Capability capability,
                      std::span<const std::string_view> chips);
/// The driver compiles no PTX of that version.
Error ptxTooNew(std::string_view ptxVersion, int driverVersion);
/// `log` is what the driver's compiler says, or empty.
Error imageRefused(std::string_view chip, std::string_view why, std::string_view log);
Error kernelMissing(std::string_view kernel, std::string_view chip);
Error emulatorLeftOut(std::string_view kernel);
Error outOfMemory(std::string_view device, std::string_view what, uint64_t bytes, uint64_t free,
                  uint64_t total);
Error tooMuchShared(const nnrt_kernel &kernel, std::string_view device, uint64_t most);
/// A call of the driver has failed: "cuStreamCreate".
Error callFailed(std::string_view call, std::string_view device, std::string_view why);
/// A launch was not accepted.
Error launchFailed(const nnrt_kernel &kernel, std::string_view device, std::string_view why);
/// What launches over and over has called a function that can't be repeated: "nnrt_set".
Error notRepeatable(std::string_view function);
/// One of these, launched since the last time that the device was waited for, has failed.
Error kernelFailed(std::span<const nnrt_kernel *const> kernels, std::string_view device,
                   std::string_view why);
/// `findings` has a line each.
Error findings(std::string_view findings);

} // namespace nnrt::gpu::errors
