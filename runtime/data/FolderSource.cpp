// Reads folders of images: a subfolder is a class, each image is brought to one size.
#include "runtime/data/ClassFolders.h"
#include "runtime/data/DataReader.h"
#include "runtime/data/ImageFile.h"
#include "runtime/data/InputArray.h"
#include "runtime/data/Resize.h"
#include "runtime/device/Processors.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

#include "nnrt/abi.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>

namespace nnrt {

/// The image of a file as u8[height, width] or u8[height, width, channels].
static void readScaled(const std::string &path, std::span<const int64_t> shape,
                       std::span<std::byte> out) {
  const int channels = shape.size() == 3 ? int(shape[2]) : 1;
  const ImageFile file(path);
  const PixelFormat &format = file.format();
  const Pixels pixels = file.decode(channels);
  const size_t size = size_t(format.width) * size_t(format.height) * size_t(channels);
  resizeImage({{pixels.get(), size}, format.height, format.width, channels}, shape[0], shape[1],
              {reinterpret_cast<uint8_t *>(out.data()), out.size()});
}

InputArray readImageOfAnySize(const std::string &path, std::span<const int64_t> shape) {
  InputArray array;
  array.path = path;
  array.dtype = NNRT_U8;
  array.shape.assign(shape.begin(), shape.end());
  uint64_t bytes = 1;
  for (int64_t size : shape)
    bytes *= uint64_t(size);
  array.bytes = Memory(bytes, path);
  readScaled(path, shape, {array.bytes.data(), array.bytes.size()});
  return array;
}

namespace {

class FolderReader final : public DataReader {
public:
  explicit FolderReader(const ReaderRequest &request);

  void read(uint32_t column, uint64_t first, std::span<std::byte> out) override;
  std::string place(uint32_t, uint64_t number, uint64_t) const override { return example(number); }
  std::string example(uint64_t number) const override;
  std::vector<ClassPlace> classes(uint32_t column) const override;
  std::string classPlace(uint32_t column, uint64_t first) const override;
  void setClasses(uint32_t column, std::span<const std::string> names) override;

private:
  struct Class {
    std::string name;
    std::vector<std::string> files;
    uint64_t first = 0; ///< example
  };

  void readImages(uint64_t first, std::span<std::byte> out) const;
  size_t classAt(uint64_t number) const;
  std::string folderOf(const Class &each) const {
    return cat(root, root.ends_with('/') ? "" : "/", each.name);
  }

  std::string root;
  std::vector<int64_t> shape; ///< of one image
  std::vector<DataDescription::Kind> kinds;
  std::vector<Class> found;
  std::vector<int32_t> numbers; ///< of each class, once setClasses() has said so
};

} // namespace

/// The images of one class, in order.
static std::vector<std::string> imagesIn(const std::string &folder) {
  FolderContent content;
  if (std::optional<Error> error = listFolder(folder, content))
    throw Error(std::move(*error));
  const std::vector<std::string> &files = content.files;
  auto other = std::find_if_not(files.begin(), files.end(), isImageName);
  if (other != files.end() || !content.folders.empty())
    throw errors::notAnImage(
        cat(folder, "/", other != files.end() ? *other : content.folders.front()),
        other == files.end());
  if (files.empty())
    throw errors::emptyClass(folder);
  return std::move(content.files);
}

FolderReader::FolderReader(const ReaderRequest &request)
    : root(request.paths.at(0)),
      shape(request.source.options.shape.begin(), request.source.options.shape.end()) {
  std::vector<std::string> names;
  if (std::optional<Error> error = findClassFolders(root, names))
    throw Error(std::move(*error));
  for (std::string &name : names) {
    Class &each = found.emplace_back();
    each.name = std::move(name);
    each.first = count;
    each.files = imagesIn(folderOf(each));
    count += each.files.size();
  }
  if (count > std::numeric_limits<uint32_t>::max())
    throw errors::tooManyExamples(root, count, std::numeric_limits<uint32_t>::max());
  for (const DataDescription::Column &column : request.data.columns) {
    kinds.push_back(column.kind);
    const bool isImage = column.kind == DataDescription::Kind::Image;
    columns.push_back({cat("'", printable(column.name), "'"), isImage ? NNRT_U8 : NNRT_I32,
                       isImage ? shape : std::vector<int64_t>(), root});
  }
  for (size_t i = 0; i < found.size(); ++i)
    numbers.push_back(int32_t(i));
}

/// The last class that begins at an example or before; none is empty.
size_t FolderReader::classAt(uint64_t number) const {
  auto after = std::upper_bound(found.begin(), found.end(), number,
                                [](uint64_t a, const Class &b) { return a < b.first; });
  return size_t(after - found.begin()) - 1;
}

std::string FolderReader::example(uint64_t number) const {
  const Class &each = found[classAt(number)];
  return cat(folderOf(each), "/", each.files[number - each.first]);
}

std::vector<ClassPlace> FolderReader::classes(uint32_t) const {
  std::vector<ClassPlace> all;
  for (const Class &each : found)
    all.push_back({each.name, each.first});
  return all;
}

std::string FolderReader::classPlace(uint32_t, uint64_t first) const {
  return folderOf(found[classAt(first)]);
}

void FolderReader::setClasses(uint32_t column, std::span<const std::string> names) {
  for (size_t i = 0; i < found.size(); ++i) {
    auto at = std::find(names.begin(), names.end(), found[i].name);
    if (at == names.end())
      throw errors::unknownClass(folderOf(found[i]), columns[column].name, found[i].name, names);
    numbers[i] = int32_t(at - names.begin());
  }
}

void FolderReader::read(uint32_t column, uint64_t first, std::span<std::byte> out) {
  if (kinds[column] == DataDescription::Kind::Image) {
    readImages(first, out);
    return;
  }
  for (uint64_t i = 0; i < out.size() / sizeof(int32_t); ++i)
    memcpy(&out[i * sizeof(int32_t)], &numbers[classAt(first + i)], sizeof(int32_t));
}

/// Decodes images side by side. They are taken in order, so that all before one that fails are
/// read, too, and the first that fails is told, however many threads there are.
void FolderReader::readImages(uint64_t first, std::span<std::byte> out) const {
  uint64_t size = 1;
  for (int64_t each : shape)
    size *= uint64_t(each);
  const uint64_t total = out.size() / size;
  std::atomic<uint64_t> next = 0;
  std::mutex mutex;
  uint64_t failed = total;
  std::exception_ptr failure;
  auto work = [&] {
    for (uint64_t i = next++; i < total; i = next++)
      try {
        readScaled(example(first + i), shape, out.subspan(i * size, size));
      } catch (...) {
        next = total;
        std::scoped_lock lock(mutex);
        if (i < failed) {
          failed = i;
          failure = std::current_exception();
        }
      }
  };
  {
    std::vector<std::jthread> threads;
    uint64_t most = std::min<uint64_t>(availableProcessors(), total);
    while (threads.size() + 1 < most)
      try {
        threads.emplace_back(work);
      } catch (const std::system_error &) {
        most = 0; // no more to be had: with those that there are, then
      }
    work();
  }
  if (failure)
    std::rethrow_exception(failure);
}

std::unique_ptr<DataReader> openFolder(const ReaderRequest &request) {
  return std::make_unique<FolderReader>(request);
}

} // namespace nnrt
