// What runs the entries of a model, and owns the memory that they work on.
#pragma once

#include "nnrt/abi.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace nnrt {

/// Whatever a device needs to know to give memory back.
class Allocation {
public:
  virtual ~Allocation();
};

/// Memory of a device. The host reads and writes it through the device alone: an address that at()
/// gives is for entries.
class Buffer {
public:
  Buffer() = default;
  Buffer(std::unique_ptr<Allocation> owner, void *base, uint64_t bytes)
      : owner(std::move(owner)), base(static_cast<std::byte *>(base)), bytes(bytes) {}

  void *at(uint64_t offset = 0) const { return base + offset; }
  uint64_t size() const { return bytes; }
  explicit operator bool() const { return base != nullptr; }

private:
  std::unique_ptr<Allocation> owner;
  std::byte *base = nullptr;
  uint64_t bytes = 0;
};

/// Memory that the host fills and an entry then reads: `host` is for the host, once Device::reuse()
/// has been called, `device` for entries, once Device::submit() has. Where both are one memory,
/// nothing is copied.
struct Staging {
  std::unique_ptr<Allocation> owner;
  std::byte *host = nullptr;
  void *device = nullptr;
  uint64_t bytes = 0;
};

/// How far the host may be ahead of a device.
struct Ahead {
  unsigned calls = 1; ///< of run() that it hasn't waited for; 1 where run() itself waits
  double seconds = 0; ///< that these calls may take
  /// Blocks of staged batches, which it fills in turn; 1: it does so batch by batch.
  unsigned blocks = 1;
  uint64_t blockBytes = 0; ///< of a block that has more than one batch
  /// Batches that one call may go through. With more than 1, entries are handed tables where all
  /// that share them find their batches there (NNRT_TABLE), and a block is such a table.
  unsigned passes = 1;
  unsigned leastBatches = 1; ///< of a block that is a table, whatever bytes they take
  bool keepsTables = false;  ///< whether keep() may give memory
};

/// The place where tensors lie and entries run. One thread at a time uses a device.
class Device {
public:
  virtual ~Device();
  virtual const char *name() const = 0;
  virtual unsigned threads() const = 0;
  virtual Ahead ahead() const { return {}; }
  /// Those of the model's entries that this device runs.
  virtual std::span<const nnrt_entry> entries(const nnrt_model &model) const {
    return {model.entries, model.num_entries};
  }

  /// Zeroed memory, aligned to 64. Throws Error: not enough.
  virtual Buffer allocate(uint64_t bytes, std::string_view what) = 0;
  /// Memory as of allocate() for what may as well be brought piece by piece, again and again; none
  /// where others may come to need it more.
  virtual Buffer keep(uint64_t /*bytes*/, std::string_view /*what*/) { return {}; }
  /// Throws Error: not enough.
  virtual Staging stage(uint64_t bytes, std::string_view what) = 0;
  /// Waits until what was submitted is there, so that the host may write over it.
  virtual void reuse(const Staging &staging) = 0;
  /// Brings the first `bytes` that the host has put there to the device, which may take until the
  /// next call of run(). What has been run before may read what was there before.
  virtual void submit(const Staging &staging, uint64_t bytes) = 0;
  /// What is run from now on does not read it until the next submit(), which so may bring something
  /// else while that runs.
  virtual void release(const Staging &) {}
  virtual void upload(void *to, std::span<const std::byte> from) = 0;
  /// Waits for all that was run. Throws Error: some of that has failed.
  virtual void download(std::span<std::byte> to, const void *from) = 0;
  /// Zeroes memory.
  virtual void clear(void *at, uint64_t bytes) = 0;

  /// Runs an entry, after all that was called before; `buffers` and `workspace` are addresses of
  /// this device. The entry may still be running on return, and so fail later: download() waits.
  virtual void run(const nnrt_entry &entry, const int64_t *scalars, void *const *buffers,
                   void *workspace) = 0;
};

/// "cpu", "cuda", "cuda:1" (the second one), "emulator", "emulator:fast"; or "auto": a GPU that can
/// run the model, else the processor. Throws Error: an unknown device, one that is not built in or
/// not there, one that lacks what `model` was compiled for. With 0 threads the processor has as
/// many as the process may use.
std::unique_ptr<Device> makeDevice(std::string_view name, const nnrt_model &model,
                                   unsigned threads);

} // namespace nnrt
