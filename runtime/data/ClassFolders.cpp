// Folders of images: which of their subfolders are classes. The compiler asks this as well.
#include "runtime/data/ClassFolders.h"

#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <memory>
#include <sys/stat.h>

namespace nnrt {

bool isImageName(std::string_view name) {
  for (std::string_view end : {".png", ".jpg", ".jpeg"}) {
    if (name.size() <= end.size())
      continue;
    std::string_view last = name.substr(name.size() - end.size());
    if (std::equal(end.begin(), end.end(), last.begin(),
                   [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b | 0x20 : b); }))
      return true;
  }
  return false;
}

std::optional<Error> listFolder(const std::string &path, FolderContent &content) {
  std::unique_ptr<DIR, int (*)(DIR *)> folder(opendir(path.c_str()), closedir);
  if (!folder)
    return errno == ENOTDIR ? errors::notAFolder(path) : errors::cannotOpen(path, errno);
  while (true) {
    errno = 0;
    const dirent *entry = readdir(folder.get());
    if (!entry) {
      if (errno)
        return errors::cannotOpen(path, errno);
      break;
    }
    const std::string name = entry->d_name;
    if (name.starts_with('.'))
      continue;
    struct stat status;
    const std::string inner = cat(path, path.ends_with('/') ? "" : "/", name);
    if (stat(inner.c_str(), &status) != 0)
      return errors::cannotOpen(inner, errno);
    (S_ISDIR(status.st_mode) ? content.folders : content.files).push_back(name);
  }
  std::sort(content.files.begin(), content.files.end());
  std::sort(content.folders.begin(), content.folders.end());
  return std::nullopt;
}

std::optional<Error> findClassFolders(const std::string &path, std::vector<std::string> &names) {
  FolderContent content;
  if (std::optional<Error> error = listFolder(path, content))
    return error;
  auto image = std::find_if(content.files.begin(), content.files.end(), isImageName);
  if (image != content.files.end())
    return errors::imageWithoutClass(cat(path, path.ends_with('/') ? "" : "/", *image));
  if (content.folders.empty())
    return errors::noClassFolders(path);
  names = std::move(content.folders);
  return std::nullopt;
}

} // namespace nnrt
