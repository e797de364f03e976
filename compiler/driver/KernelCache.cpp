// The cache of compiled kernels.
#include "compiler/driver/KernelCache.h"

#include "compiler/driver/Cache.h"
#include "compiler/driver/Files.h"

#include "llvm/Support/CachePruning.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace nnc::driver {

namespace {

/// What pruneCache knows a cache's files by.
constexpr StringLiteral kPrefix = "llvmcache-";
constexpr uint64_t kMostBytes = uint64_t{512} << 20;

/// A file: the hash of what follows it, a line that says how long the interface is, the interface,
/// the code.
class KernelCache : public KernelStore {
public:
  KernelCache(std::string folder) : folder(std::move(folder)), identity(compilerIdentity()) {}
  ~KernelCache() override {
    if (!changed)
      return;
    CachePruningPolicy policy;
    policy.Interval = std::chrono::seconds(0);
    policy.Expiration = std::chrono::seconds(0);
    policy.MaxSizeBytes = kMostBytes;
    pruneCache(folder, policy);
  }

  std::optional<KernelObject> find(StringRef key) override {
    std::string path = pathOf(key);
    if (!sys::fs::is_regular_file(path)) { // A device or a pipe might never end.
      (void)sys::fs::remove(path);
      return std::nullopt;
    }
    auto file = MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
    if (!file)
      return std::nullopt;
    StringRef text = (*file)->getBuffer();
    StringRef seal = text.take_front(64), rest = text.drop_front(std::min<size_t>(64, text.size()));
    auto [length, content] = rest.split('\n');
    size_t interface = 0;
    if (sha256(rest) != seal || length.getAsInteger(10, interface) || interface > content.size())
      return std::nullopt;
    touch(path);
    return KernelObject{content.take_front(interface).str(), content.drop_front(interface).str()};
  }

  void keep(StringRef key, const KernelObject &object) override {
    std::string rest =
        std::to_string(object.interface.size()) + '\n' + object.interface + object.code;
    // Where there is no room, the next build compiles it again.
    consumeError(writeFile(pathOf(key), sha256(rest) + rest));
    changed = true;
  }

private:
  std::string pathOf(StringRef key) const {
    SmallString<128> path(folder);
    sys::path::append(path, kPrefix + sha256((key + identity).str()));
    return path.str().str();
  }

  /// Those used longest ago go first.
  static void touch(StringRef path) {
    Expected<sys::fs::file_t> file =
        sys::fs::openNativeFileForWrite(path, sys::fs::CD_OpenExisting, sys::fs::OF_Append);
    if (!file)
      return consumeError(file.takeError());
    auto now =
        std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
    (void)sys::fs::setLastAccessAndModificationTime(*file, now);
    (void)sys::fs::closeFile(*file);
  }

  std::string folder;
  std::string identity;
  bool changed = false;
};

} // namespace

std::unique_ptr<KernelStore> openKernelCache() {
  const char *chosen = getenv("NNC_CACHE");
  if (!chosen || !*chosen)
    return nullptr;
  Expected<std::string> folder = cacheFolder(kKernelFolder);
  if (folder)
    return std::make_unique<KernelCache>(*folder);
  consumeError(folder.takeError());
  return nullptr;
}

} // namespace nnc::driver
