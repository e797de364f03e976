// Finds the folder that holds a data set.
#include "runtime/data/Locate.h"

#include "runtime/support/Errors.h"
#include "runtime/support/File.h"
#include "runtime/support/Text.h"

#include <algorithm>

namespace nnrt {

std::string findDataFile(const std::string &folder, const std::string &name) {
  std::string path = cat(folder, folder.ends_with('/') ? "" : "/", name);
  if (fileExists(path))
    return path;
  std::string other = name.ends_with(".gz") ? path.substr(0, path.size() - 3) : path + ".gz";
  return fileExists(other) ? other : std::string();
}

static size_t countPresent(const std::string &folder, const std::vector<std::string> &files) {
  return size_t(std::count_if(files.begin(), files.end(), [&](const std::string &file) {
    return !findDataFile(folder, file).empty();
  }));
}

std::string locateData(const std::string &data, const DataPlaces &places,
                       const std::vector<std::string> &files) {
  std::vector<std::string> folders;
  if (!places.option.empty())
    folders = {places.option};
  else {
    if (!places.environment.empty())
      folders = {places.environment, cat(places.environment, "/", data)};
    folders.insert(folders.end(), {cat("./data/", data), "./data"});
  }
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
  std::vector<std::string> looked;
  for (size_t i = 0; i < folders.size(); ++i)
    looked.push_back(cat(folders[i], isFolder(folders[i]) ? "" : " (no such folder)",
                         !places.environment.empty() && i == 0 ? " (from $NN_DATA)" : ""));
  throw errors::dataNotFound(data, joined(files), looked, !places.option.empty());
}

} // namespace nnrt
