// Finds the folder that holds a data set.
#include "runtime/data/Locate.h"

#include "runtime/support/Errors.h"
#include "runtime/support/File.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <dirent.h>
#include <filesystem>
#include <memory>
#include <sys/stat.h>

namespace nnrt {

std::string findDataFile(const std::string &folder, const std::string &name) {
  std::string path =
      name.starts_with('/') ? name : cat(folder, folder.ends_with('/') ? "" : "/", name);
  if (fileExists(path))
    return path;
  std::string other = name.ends_with(".gz") ? path.substr(0, path.size() - 3) : path + ".gz";
  return fileExists(other) ? other : std::string();
}

std::string findSimilar(std::span<const std::string> folders, const std::string &name,
                        std::span<const std::string> others) {
  std::string near;
  for (const std::string &path : folders) {
    std::unique_ptr<DIR, int (*)(DIR *)> folder(opendir(path.c_str()), closedir);
    while (const dirent *entry = folder ? readdir(folder.get()) : nullptr) {
      const std::string_view found = entry->d_name;
      if (found.starts_with('.') || std::find(others.begin(), others.end(), found) != others.end())
        continue;
      // The order of a folder's entries is chance: of equally near ones the first by name.
      const std::array<std::string_view, 2> two = {std::min<std::string_view>(near, found),
                                                   std::max<std::string_view>(near, found)};
      near = std::string(closest(name, two));
    }
  }
  return near;
}

static size_t countPresent(const std::string &folder, const std::vector<std::string> &files) {
  return size_t(std::count_if(files.begin(), files.end(), [&](const std::string &file) {
    return !findDataFile(folder, file).empty();
  }));
}

/// Where the files of `data` (empty: of none) are looked for.
static std::vector<std::string> foldersOf(const std::string &data, const DataPlaces &places) {
  if (!places.option.empty())
    return {places.option};
  std::vector<std::string> folders;
  if (!places.environment.empty()) {
    folders.push_back(places.environment);
    if (!data.empty())
      folders.push_back(cat(places.environment, "/", data));
  }
  if (!data.empty())
    folders.push_back(cat("./data/", data));
  folders.push_back("./data");
  return folders;
}

/// What keeps all files of a folder from being found, if anything does.
static const char *whyNothing(const std::string &folder) {
  struct stat status;
  if (stat(cat(folder, "/.").c_str(), &status) == 0)
    return "";
  return errno == EACCES ? " (no permission to look into it)" : " (no such folder)";
}

/// The folders as a message names them.
static std::vector<std::string> described(const std::vector<std::string> &folders,
                                          const DataPlaces &places) {
  const bool isFromEnvironment = places.option.empty() && !places.environment.empty();
  std::vector<std::string> looked;
  for (size_t i = 0; i < folders.size(); ++i)
    looked.push_back(cat(folders[i], whyNothing(folders[i]),
                         isFromEnvironment && i == 0 ? " (from $NN_DATA)" : ""));
  return looked;
}

std::string locateData(const DataDescription &data, const DataPlaces &places,
                       const std::vector<std::string> &files) {
  const std::vector<std::string> folders = foldersOf(data.name, places);
  std::string partial;
  for (const std::string &folder : folders) {
    size_t present = countPresent(folder, files);
    if (present == files.size())
      return folder;
    if (present && partial.empty())
      partial = folder;
  }
  if (!partial.empty())
    return partial;
  std::string hint, near;
  for (const std::string &file : files)
    if (near.empty())
      near = findSimilar(folders, file, files);
  if (data.isLibrary)
    hint = cat("`nnc data ", data.name,
               " --dir DIR` puts the data set into DIR; then pass --data DIR");
  else if (countPresent(".", files) == files.size())
    hint = cat(files.size() == 1 ? "the file is" : "the files are",
               " in the current folder: pass --data .");
  else if (!near.empty())
    hint = cat("did you mean '", printable(near), "'?");
  else if (places.option.empty())
    hint = "pass the folder with its files: --data DIR";
  else
    hint = "with --data, files are looked for in that folder alone";
  throw errors::dataNotFound(data.name, joined(files), described(folders, places),
                             !places.option.empty(), hint);
}

/// Whether a file lies, or would lie, in the folder of a class: all that do are examples.
static bool liesInClass(const std::string &file, const std::string &folder) {
  std::error_code error;
  const std::filesystem::path path =
      std::filesystem::weakly_canonical(std::filesystem::absolute(file, error), error);
  return !error && sameFile(path.parent_path().parent_path().string(), folder);
}

bool isOfData(const std::string &file, const DataDescription &data, const DataPlaces &places) {
  for (const std::string &folder : foldersOf(data.name, places))
    for (const DataDescription::Source &source : data.sources)
      for (const DataDescription::File &each : source.files) {
        const std::string path = findDataFile(folder, each.path);
        if (path.empty())
          continue;
        if (sameFile(file, path) || (source.reader == "folder" && liesInClass(file, path)))
          return true;
      }
  return false;
}

std::string locateWeights(const std::string &file, const std::string &data,
                          const DataPlaces &places) {
  if (fileExists(file))
    return file;
  std::vector<std::string> folders;
  if (!file.starts_with('/'))
    folders = foldersOf(data, places);
  for (const std::string &folder : folders)
    if (std::string path = cat(folder, folder.ends_with('/') ? "" : "/", file); fileExists(path))
      return path;
  std::vector<std::string> looked = described(folders, places);
  if (!file.starts_with('/'))
    looked.insert(looked.begin(), "the working folder");
  throw errors::loadedNotFound(file, looked);
}

} // namespace nnrt
