// Weights and the state of training, from and to files.
#pragma once

#include "runtime/model/Session.h"

#include <cstdint>
#include <string>

namespace nnrt {

/// Everything beside the tensors that training needs to go on bit for bit.
struct TrainingPosition {
  uint64_t step = 0; ///< steps done
  uint64_t seed = 0;
  uint64_t batch = 0;
  uint64_t epoch = 0;    ///< epochs done
  uint64_t consumed = 0; ///< examples of the current epoch done
  uint64_t examples = 0; ///< of the training split; 0: not known
  bool shuffle = true;
  double lossSum = 0; ///< of the current epoch, weighed by examples
};

/// A saved position, with what it was saved by.
struct SavedPosition : TrainingPosition {
  std::string sourceHash;
};

/// Writes parameters under their own names, optimizer state as "optimizer/NAME" (no parameter path
/// has a slash) and the position into the metadata; atomically. Throws Error.
void saveCheckpoint(const std::string &path, const Session &session,
                    const TrainingPosition &position);

/// Fills the parameters. The file must hold all of them, with type and shape, and nothing else but
/// optimizer state. Nothing is changed where it throws Error.
void loadWeights(const std::string &path, Session &session);

/// Fills parameters and optimizer state, and returns where training stood. Throws Error, too, where
/// the file holds weights alone.
SavedPosition loadCheckpoint(const std::string &path, Session &session);

} // namespace nnrt
