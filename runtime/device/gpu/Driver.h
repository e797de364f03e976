// The few functions of CUDA's driver that the runtime calls, as a table. NVIDIA's library is one
// implementation (CudaDriver.h), the emulator another (runtime/device/emulator).
#pragma once

#include "nnrt/gpu.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace nnrt::gpu {

/// CUresult. Those that the runtime tells apart; a driver may give others.
enum class Result : int {
  Success = 0,
  InvalidValue = 1,
  OutOfMemory = 2,
  NoDevice = 100,
  InvalidDevice = 101,
  NoBinaryForGpu = 209,
  InvalidPtx = 218,
  UnsupportedPtxVersion = 222,
  NotFound = 500,
  IllegalAddress = 700,
  LaunchTimeout = 702,
  HardwareStackError = 714,
  IllegalInstruction = 715,
  MisalignedAddress = 716,
  InvalidAddressSpace = 717,
  InvalidPc = 718,
  LaunchFailed = 719,
};

/// The opaque things of a driver: CUcontext, CUmodule, CUfunction, CUstream, CUevent, CUgraph,
/// CUgraphExec.
using Context = struct ContextTag *;
using Module = struct ModuleTag *;
using Function = struct FunctionTag *;
using Stream = struct StreamTag *;
using Event = struct EventTag *;
using Graph = struct GraphTag *;
using GraphExec = struct GraphExecTag *;
using Address = uint64_t; ///< CUdeviceptr

/// CUdevice_attribute, CUfunction_attribute, CUjit_option, CUstreamCaptureMode, flags: those that
/// are used.
enum class DeviceAttribute : int {
  Multiprocessors = 16,
  CapabilityMajor = 75,
  CapabilityMinor = 76,
  MostSharedBytes = 97, ///< of a block, where it is asked for
};
enum class FunctionAttribute : int { MostDynamicSharedBytes = 8 };
enum class JitOption : int { ErrorLog = 5, ErrorLogBytes = 6 };
enum class CaptureMode : int { ThreadLocal = 1 };
constexpr unsigned streamNonBlocking = 1, eventWithoutTiming = 2;

/// CUlaunchAttribute and CUlaunchConfig.
struct LaunchAttribute {
  enum class Id : int { Cooperative = 2 };
  Id id;
  struct alignas(8) Value { // a union there
    int cooperative;
    char rest[60];
  };
  Value value;
};
struct LaunchConfig {
  unsigned blocks[3], threads[3];
  unsigned sharedBytes;
  Stream stream;
  LaunchAttribute *attributes;
  unsigned numAttributes;
};

/// Each member is named as its function, without "cu": the version of CUDA 12.0.
struct Driver {
  Result (*init)(unsigned flags);
  Result (*driverGetVersion)(int *version); ///< 1000 * major + 10 * minor
  Result (*getErrorString)(Result error, const char **text);
  Result (*deviceGetCount)(int *count);
  Result (*deviceGet)(int *device, int ordinal);
  Result (*deviceGetName)(char *name, int bytes, int device);
  Result (*deviceGetAttribute)(int *value, DeviceAttribute attribute, int device);
  Result (*devicePrimaryCtxRetain)(Context *context, int device);
  Result (*devicePrimaryCtxRelease)(int device);
  Result (*ctxSetCurrent)(Context context);
  Result (*moduleLoadDataEx)(Module *module, const void *image, unsigned numOptions,
                             JitOption *options, void **values);
  Result (*moduleUnload)(Module module);
  Result (*moduleGetFunction)(Function *function, Module module, const char *name);
  Result (*funcSetAttribute)(Function function, FunctionAttribute attribute, int value);
  Result (*occupancyMaxActiveBlocksPerMultiprocessor)(int *blocks, Function function, int threads,
                                                      size_t sharedBytes);
  Result (*memGetInfo)(size_t *free, size_t *total);
  Result (*memAlloc)(Address *address, size_t bytes);
  Result (*memFree)(Address address);
  Result (*memHostAlloc)(void **address, size_t bytes, unsigned flags);
  Result (*memFreeHost)(void *address);
  Result (*memcpyHtoDAsync)(Address to, const void *from, size_t bytes, Stream stream);
  Result (*memcpyDtoHAsync)(void *to, Address from, size_t bytes, Stream stream);
  Result (*memcpyDtoDAsync)(Address to, Address from, size_t bytes, Stream stream);
  Result (*memsetD8Async)(Address to, unsigned char value, size_t bytes, Stream stream);
  Result (*streamCreate)(Stream *stream, unsigned flags);
  Result (*streamDestroy)(Stream stream);
  Result (*streamSynchronize)(Stream stream);
  Result (*streamWaitEvent)(Stream stream, Event event, unsigned flags);
  Result (*eventCreate)(Event *event, unsigned flags);
  Result (*eventDestroy)(Event event);
  Result (*eventRecord)(Event event, Stream stream);
  Result (*eventSynchronize)(Event event);
  Result (*launchKernelEx)(const LaunchConfig *config, Function function, void **arguments,
                           void **extra);
  Result (*streamBeginCapture)(Stream stream, CaptureMode mode);
  /// The graph is null where that fails.
  Result (*streamEndCapture)(Stream stream, Graph *graph);
  /// cuGraphInstantiate of CUDA 12.0, by the name that has had but one form.
  Result (*graphInstantiateWithFlags)(GraphExec *executable, Graph graph, unsigned long long flags);
  Result (*graphLaunch)(GraphExec executable, Stream stream);
  /// Launches that are under way are not disturbed.
  Result (*graphExecDestroy)(GraphExec executable);
  Result (*graphDestroy)(Graph graph);

  // What only the emulator has, null in others.

  /// The image that moduleLoadDataEx takes, of which its kernels are the code.
  const void *(*imageOf)(const nnrt_gpu_code *code);
  /// What memory is for, in findings. The text must outlive it.
  void (*memSetPurpose)(Address address, const char *what);
  /// What the allocation holds from `address` on means nothing any more, once the stream is there.
  Result (*memDiscardAsync)(Address address, Stream stream);
  /// What was found in the launches of the stream since the last call, a line each.
  std::string (*streamTakeFindings)(Stream stream);
};

/// Calls visit(name, member) for each function that a driver library has.
template <typename Table, typename Visit> void forEachSymbol(Table &table, Visit visit) {
  visit("cuInit", table.init);
  visit("cuDriverGetVersion", table.driverGetVersion);
  visit("cuGetErrorString", table.getErrorString);
  visit("cuDeviceGetCount", table.deviceGetCount);
  visit("cuDeviceGet", table.deviceGet);
  visit("cuDeviceGetName", table.deviceGetName);
  visit("cuDeviceGetAttribute", table.deviceGetAttribute);
  visit("cuDevicePrimaryCtxRetain", table.devicePrimaryCtxRetain);
  visit("cuDevicePrimaryCtxRelease", table.devicePrimaryCtxRelease);
  visit("cuCtxSetCurrent", table.ctxSetCurrent);
  visit("cuModuleLoadDataEx", table.moduleLoadDataEx);
  visit("cuModuleUnload", table.moduleUnload);
  visit("cuModuleGetFunction", table.moduleGetFunction);
  visit("cuFuncSetAttribute", table.funcSetAttribute);
  visit("cuOccupancyMaxActiveBlocksPerMultiprocessor",
        table.occupancyMaxActiveBlocksPerMultiprocessor);
  visit("cuMemGetInfo", table.memGetInfo);
  visit("cuMemAlloc", table.memAlloc);
  visit("cuMemFree", table.memFree);
  visit("cuMemHostAlloc", table.memHostAlloc);
  visit("cuMemFreeHost", table.memFreeHost);
  visit("cuMemcpyHtoDAsync", table.memcpyHtoDAsync);
  visit("cuMemcpyDtoHAsync", table.memcpyDtoHAsync);
  visit("cuMemcpyDtoDAsync", table.memcpyDtoDAsync);
  visit("cuMemsetD8Async", table.memsetD8Async);
  visit("cuStreamCreate", table.streamCreate);
  visit("cuStreamDestroy", table.streamDestroy);
  visit("cuStreamSynchronize", table.streamSynchronize);
  visit("cuStreamWaitEvent", table.streamWaitEvent);
  visit("cuEventCreate", table.eventCreate);
  visit("cuEventDestroy", table.eventDestroy);
  visit("cuEventRecord", table.eventRecord);
  visit("cuEventSynchronize", table.eventSynchronize);
  visit("cuLaunchKernelEx", table.launchKernelEx);
  visit("cuStreamBeginCapture", table.streamBeginCapture);
  visit("cuStreamEndCapture", table.streamEndCapture);
  visit("cuGraphInstantiateWithFlags", table.graphInstantiateWithFlags);
  visit("cuGraphLaunch", table.graphLaunch);
  visit("cuGraphExecDestroy", table.graphExecDestroy);
  visit("cuGraphDestroy", table.graphDestroy);
}

} // namespace nnrt::gpu
