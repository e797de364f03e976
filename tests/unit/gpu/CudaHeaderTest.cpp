// What Driver.h states of NVIDIA's driver, held against NVIDIA's header.
#include "runtime/device/emulator/Emulation.h"
#include "runtime/device/gpu/Driver.h"

#include <cstddef>
#include <cuda.h>
#include <gtest/gtest.h>
#include <type_traits>

namespace emulator = nnrt::emulator;
using namespace nnrt::gpu;

namespace {

/// Whether an argument of ours is passed as theirs is.
template <typename Ours, typename Theirs> constexpr bool isPassedAlike() {
  using A = std::remove_cv_t<Ours>;
  using B = std::remove_cv_t<Theirs>;
  return sizeof(A) == sizeof(B) && std::is_pointer_v<A> == std::is_pointer_v<B>;
}
template <typename... Ours, typename... Theirs>
constexpr bool areAlike(Result (*)(Ours...), CUresult (*)(Theirs...)) {
  if constexpr (sizeof...(Ours) == sizeof...(Theirs))
    return (isPassedAlike<Ours, Theirs>() && ...);
  return false;
}

constexpr Driver ours = {};
static_assert(areAlike(ours.init, decltype(&cuInit){}));
static_assert(areAlike(ours.driverGetVersion, decltype(&cuDriverGetVersion){}));
static_assert(areAlike(ours.getErrorString, decltype(&cuGetErrorString){}));
static_assert(areAlike(ours.deviceGetCount, decltype(&cuDeviceGetCount){}));
static_assert(areAlike(ours.deviceGet, decltype(&cuDeviceGet){}));
static_assert(areAlike(ours.deviceGetName, decltype(&cuDeviceGetName){}));
static_assert(areAlike(ours.deviceGetAttribute, decltype(&cuDeviceGetAttribute){}));
static_assert(areAlike(ours.devicePrimaryCtxRetain, decltype(&cuDevicePrimaryCtxRetain){}));
static_assert(areAlike(ours.devicePrimaryCtxRelease, decltype(&cuDevicePrimaryCtxRelease){}));
static_assert(areAlike(ours.ctxSetCurrent, decltype(&cuCtxSetCurrent){}));
static_assert(areAlike(ours.moduleLoadDataEx, decltype(&cuModuleLoadDataEx){}));
static_assert(areAlike(ours.moduleUnload, decltype(&cuModuleUnload){}));
static_assert(areAlike(ours.moduleGetFunction, decltype(&cuModuleGetFunction){}));
static_assert(areAlike(ours.funcSetAttribute, decltype(&cuFuncSetAttribute){}));
static_assert(areAlike(ours.occupancyMaxActiveBlocksPerMultiprocessor,
                       decltype(&cuOccupancyMaxActiveBlocksPerMultiprocessor){}));
static_assert(areAlike(ours.memGetInfo, decltype(&cuMemGetInfo){}));
static_assert(areAlike(ours.memAlloc, decltype(&cuMemAlloc){}));
static_assert(areAlike(ours.memFree, decltype(&cuMemFree){}));
static_assert(areAlike(ours.memHostAlloc, decltype(&cuMemHostAlloc){}));
static_assert(areAlike(ours.memFreeHost, decltype(&cuMemFreeHost){}));
static_assert(areAlike(ours.memcpyHtoDAsync, decltype(&cuMemcpyHtoDAsync){}));
static_assert(areAlike(ours.memcpyDtoHAsync, decltype(&cuMemcpyDtoHAsync){}));
static_assert(areAlike(ours.memcpyDtoDAsync, decltype(&cuMemcpyDtoDAsync){}));
static_assert(areAlike(ours.memsetD8Async, decltype(&cuMemsetD8Async){}));
static_assert(areAlike(ours.streamCreate, decltype(&cuStreamCreate){}));
static_assert(areAlike(ours.streamDestroy, decltype(&cuStreamDestroy){}));
static_assert(areAlike(ours.streamSynchronize, decltype(&cuStreamSynchronize){}));
static_assert(areAlike(ours.streamWaitEvent, decltype(&cuStreamWaitEvent){}));
static_assert(areAlike(ours.eventCreate, decltype(&cuEventCreate){}));
static_assert(areAlike(ours.eventDestroy, decltype(&cuEventDestroy){}));
static_assert(areAlike(ours.eventRecord, decltype(&cuEventRecord){}));
static_assert(areAlike(ours.eventSynchronize, decltype(&cuEventSynchronize){}));
static_assert(areAlike(ours.launchKernelEx, decltype(&cuLaunchKernelEx){}));
static_assert(areAlike(ours.streamBeginCapture, decltype(&cuStreamBeginCapture){}));
static_assert(areAlike(ours.streamEndCapture, decltype(&cuStreamEndCapture){}));
static_assert(areAlike(ours.graphInstantiateWithFlags, decltype(&cuGraphInstantiateWithFlags){}));
static_assert(areAlike(ours.graphLaunch, decltype(&cuGraphLaunch){}));
static_assert(areAlike(ours.graphExecDestroy, decltype(&cuGraphExecDestroy){}));
static_assert(areAlike(ours.graphDestroy, decltype(&cuGraphDestroy){}));

static_assert(sizeof(LaunchConfig) == sizeof(CUlaunchConfig));
static_assert(offsetof(LaunchConfig, threads) == offsetof(CUlaunchConfig, blockDimX));
static_assert(offsetof(LaunchConfig, sharedBytes) == offsetof(CUlaunchConfig, sharedMemBytes));
static_assert(offsetof(LaunchConfig, stream) == offsetof(CUlaunchConfig, hStream));
static_assert(offsetof(LaunchConfig, attributes) == offsetof(CUlaunchConfig, attrs));
static_assert(offsetof(LaunchConfig, numAttributes) == offsetof(CUlaunchConfig, numAttrs));
static_assert(sizeof(LaunchAttribute) == sizeof(CUlaunchAttribute));
static_assert(offsetof(LaunchAttribute, value) == offsetof(CUlaunchAttribute, value));
static_assert(int(LaunchAttribute::Id::Cooperative) == CU_LAUNCH_ATTRIBUTE_COOPERATIVE);
static_assert(int(DeviceAttribute::Multiprocessors) == CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
static_assert(int(DeviceAttribute::CapabilityMajor) ==
              CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
static_assert(int(DeviceAttribute::CapabilityMinor) ==
              CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
static_assert(int(DeviceAttribute::MostSharedBytes) ==
              CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
static_assert(int(FunctionAttribute::MostDynamicSharedBytes) ==
              CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
static_assert(int(JitOption::ErrorLog) == CU_JIT_ERROR_LOG_BUFFER);
static_assert(int(JitOption::ErrorLogBytes) == CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
static_assert(int(CaptureMode::ThreadLocal) == CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
static_assert(streamNonBlocking == CU_STREAM_NON_BLOCKING);
static_assert(eventWithoutTiming == CU_EVENT_DISABLE_TIMING);
static_assert(int(Result::OutOfMemory) == CUDA_ERROR_OUT_OF_MEMORY);
static_assert(int(Result::NoDevice) == CUDA_ERROR_NO_DEVICE);
static_assert(int(Result::InvalidDevice) == CUDA_ERROR_INVALID_DEVICE);
static_assert(int(Result::NoBinaryForGpu) == CUDA_ERROR_NO_BINARY_FOR_GPU);
static_assert(int(Result::InvalidPtx) == CUDA_ERROR_INVALID_PTX);
static_assert(int(Result::UnsupportedPtxVersion) == CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
static_assert(int(Result::NotFound) == CUDA_ERROR_NOT_FOUND);
static_assert(int(Result::IllegalAddress) == CUDA_ERROR_ILLEGAL_ADDRESS);
static_assert(int(Result::LaunchTimeout) == CUDA_ERROR_LAUNCH_TIMEOUT);
static_assert(int(Result::HardwareStackError) == CUDA_ERROR_HARDWARE_STACK_ERROR);
static_assert(int(Result::IllegalInstruction) == CUDA_ERROR_ILLEGAL_INSTRUCTION);
static_assert(int(Result::MisalignedAddress) == CUDA_ERROR_MISALIGNED_ADDRESS);
static_assert(int(Result::InvalidAddressSpace) == CUDA_ERROR_INVALID_ADDRESS_SPACE);
static_assert(int(Result::InvalidPc) == CUDA_ERROR_INVALID_PC);
static_assert(int(Result::LaunchFailed) == CUDA_ERROR_LAUNCH_FAILED);
static_assert(int(emulator::invalidHandle) == CUDA_ERROR_INVALID_HANDLE);
static_assert(int(emulator::illegalState) == CUDA_ERROR_ILLEGAL_STATE);
static_assert(int(emulator::launchTooLarge) == CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
static_assert(int(emulator::captureUnsupported) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
static_assert(int(emulator::captureInvalidated) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
static_assert(int(emulator::captureIsolation) == CUDA_ERROR_STREAM_CAPTURE_ISOLATION);
static_assert(int(emulator::capturedEvent) == CUDA_ERROR_CAPTURED_EVENT);
static_assert(int(emulator::captureWrongThread) == CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD);

TEST(CudaHeader, WasComparedWhenThisWasCompiled) {}

} // namespace
