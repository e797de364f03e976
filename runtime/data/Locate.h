// Finds the folder that holds a data set.
#pragma once

#include "runtime/data/Dataset.h"

namespace nnrt {

/// The path of a file in a folder, there as named or with or without ".gz"; empty where it is
/// missing.
std::string findDataFile(const std::string &folder, const std::string &name);

/// What lies in one of the folders under a name that is nearly `name` and is none of `others`;
/// empty where nothing does.
std::string findSimilar(std::span<const std::string> folders, const std::string &name,
                        std::span<const std::string> others);

/// The folder with all the files, or else the first with any: in the --data folder alone where that
/// is given, otherwise in $NN_DATA (or its subfolder named like the data set), ./data/NAME and
/// ./data. Throws Error: not found, with the places looked at and the way to the files: `nnc data`
/// has only those of the library.
std::string locateData(const DataDescription &data, const DataPlaces &places,
                       const std::vector<std::string> &files);

/// Whether a file that is to be written is one of the data set's, by whatever name, or would lie
/// among the images of a class. False where the data set is not found.
bool isOfData(const std::string &file, const DataDescription &data, const DataPlaces &places);

/// The path of a file that the recipe loads weights from: as it is named, or else in the folders
/// where its data set (`data`; empty: none) is looked for. Throws Error: not found, with the places
/// looked at.
std::string locateWeights(const std::string &file, const std::string &data,
                          const DataPlaces &places);

} // namespace nnrt
