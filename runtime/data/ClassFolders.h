// Folders of images: which of their subfolders are classes. The compiler asks this as well.
#pragma once

#include "runtime/support/Error.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nnrt {

/// Whether the end of a file's name says that it is an image, in small letters or capitals: .png,
/// .jpg or .jpeg.
bool isImageName(std::string_view name);

/// What lies in a folder but for hidden files, sorted by bytes.
struct FolderContent {
  std::vector<std::string> files, folders;
};

/// Symbolic links count as what they lead to. An Error where the folder cannot be read.
std::optional<Error> listFolder(const std::string &path, FolderContent &content);

/// The names of the classes: the subfolders. Files beside them that are no images are let be. An
/// Error where the folder cannot be read, has no subfolders, or has images beside them.
std::optional<Error> findClassFolders(const std::string &path, std::vector<std::string> &names);

} // namespace nnrt
