// The emulator as a driver: kernels run on the host, a fiber per thread.
#pragma once

#include "runtime/device/gpu/Driver.h"

namespace nnrt::emulator {

/// Its devices, by ordinal: one checks each access, the other doesn't.
constexpr int checkingDevice = 0, fastDevice = 1;

/// What is put into a stream is done as late as a GPU may do it: when somebody waits. So whoever
/// reads a result too early, or writes over what is still to be copied, is found out. Streams of
/// all threads take turns.
const gpu::Driver &emulatorDriver();

} // namespace nnrt::emulator
