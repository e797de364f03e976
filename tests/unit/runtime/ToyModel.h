// Compiled models written by hand, behind the C descriptor.
#pragma once

#include "nnrt/abi.h"

#include <string>

namespace toy {

/// Softmax regression with momentum. image: u8[batch, 28, 28] -> logits: f32[batch, 10]; parameters
/// w: f32[784, 10], bias: f32[10]; a state seen: f32[1] that counts examples; states of the
/// optimizer w.v and bias.v; metric accuracy; data set "digits" in the files of MNIST's names;
/// batch 8, 2 epochs. Compiled for batch 8 and for any.
extern const nnrt_model model;
constexpr int pixels = 784, classes = 10;

/// Linear regression on a table, with all that a recipe can have. Columns: numbers x to y, a
/// category kind of 2 classes, a number t. Fitted: the means of x and y. Fields: features:
/// f32[batch, 3] (x and y less their means, whether the kind is "up") and target: f32[batch].
/// Model: features
/// -> score: f32[batch], parameters w: f32[3] and bias: f32. Two blocks: `slope` trains w, `level`
/// every 2 trains bias; a step takes 2 batches; ema 0.5; a number rate; metrics spread (in two
/// passes) and largest; batch 4, 3 epochs.
extern const nnrt_model table;

/// The same model with one block of two losses, the squared and the absolute error, that trains w
/// batch by batch; each step's rate depends on its number and its draw.
extern const nnrt_model line;

/// One parameter w: f32[1] that follows draws from [0, 1): no data. Loss (w - draw)^2, with lr 1 /
/// (1 + steps - step); metric far, the mean distance; batch 3, 12 steps.
extern const nnrt_model drawn;

/// A model whose entries `step`, `gradient` and `evaluate` go through several batches, and find
/// these in tables; a row that there is not ends the process. The model must be there for as long;
/// one at a time.
nnrt_model inTables(const nnrt_model &model);

/// A model with another recipe: the JSON of its own with `change` merged into it (RFC 7386). The
/// text is kept by the caller.
nnrt_model withRecipe(const nnrt_model &model, const std::string &recipe);
/// The recipe's JSON after that.
std::string changedRecipe(const nnrt_model &model, const std::string &change);

} // namespace toy
