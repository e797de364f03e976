// Weights and the state of training, from and to files.
//
// A parameter stands under its own path: the values that evaluation uses, hence the averages where
// a recipe has `ema`. So do the states of layers. No path has a slash, which leaves room for what
// else there is: "data/housing.0" is what data preparation fitted, "raw/dense.w" the parameter
// itself beside its average, "optimizer/dense.w.m" a state of the optimizer (of a narrow parameter
// "optimizer/dense.w.ema.f32", its average in f32, too). Classes, names of
// columns, numbers of the recipe and the position of training are metadata.
#pragma once

#include "runtime/checkpoint/Metadata.h"
#include "runtime/data/Dataset.h"
#include "runtime/model/Session.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace nnrt {

/// Where training stands: with the tensors, all that it needs to go on bit for bit.
struct TrainingPosition {
  uint64_t step = 0; ///< updates done
  uint64_t seed = 0;
  uint64_t batch = 0;
  uint64_t epoch = 0;    ///< epochs whose examples have all been used
  uint64_t consumed = 0; ///< examples of the next epoch that have been used
  uint64_t examples = 0; ///< of the training part; 0: not known
  bool shuffle = true;
  uint64_t reported = 0; ///< epochs that have been evaluated and logged
  uint64_t planned = 0;  ///< how many updates there are going to be at the end
  bool hasPlan = false;  ///< whether the recipe says so; else it is where this training ends
};

/// What a file of weights says beside them.
struct WeightsInfo {
  std::optional<uint64_t> seed; ///< of the training that they come from
  bool isFitted = false;        ///< whether it holds the tensors that data preparation fitted
  DataFacts facts;

  /// Whether it holds all that the preparation of data needs.
  bool isComplete(const DataDescription &data) const;
};

/// A checkpoint to resume from.
struct SavedTraining : WeightsInfo {
  TrainingPosition position;
  std::string sourceHash;
  Metadata metadata; ///< all of it: observers find their own
};

/// What is saved with the tensors.
struct CheckpointContent {
  const Recipe &recipe;
  const DataFacts &facts;
  const TrainingPosition &position;
  // -Wextra wants the initializer where a use leaves the field out.
  Metadata observers = {}; // NOLINT(readability-redundant-member-init)
};

/// Writes everything, atomically. Throws Error.
void saveCheckpoint(const std::string &path, const Session &session,
                    const CheckpointContent &content);
/// Writes what evaluation and prediction need, without the state of training.
void saveWeights(const std::string &path, const Session &session, const CheckpointContent &content);

/// Whether weights are loaded to be used as they are, or to start a training.
enum class WeightsFor { Use, Training };

/// Fills parameters, states of layers and, for use, what data preparation fitted and the recipe's
/// numbers. The file must hold all of them, with type and shape, and nothing else but state of
/// training. Nothing is changed where it throws Error.
WeightsInfo loadWeights(const std::string &path, Session &session, const Recipe *recipe,
                        WeightsFor purpose);

/// Reads and checks what the recipe loads: each file must have the parameters and states of layers
/// whose path begins with `under` and a dot (an empty `under` means all), named without that, and
/// no others. What it returns, one for each, writes them. Throws Error.
std::vector<std::function<void()>> stageLoads(const Recipe &recipe, const DataPlaces &places,
                                              Session &session);

/// Fills everything, and returns where training stood. Throws Error, too, where the file holds
/// weights alone. Nothing is changed then.
SavedTraining loadCheckpoint(const std::string &path, Session &session, const Recipe &recipe);

} // namespace nnrt
