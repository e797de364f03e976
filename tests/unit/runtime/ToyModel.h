// A compiled model written by hand: softmax regression with momentum, behind the C descriptor.
#pragma once

#include "nnrt/abi.h"

namespace toy {

/// image: u8[batch, 28, 28] -> logits: f32[batch, 10]; parameters w: f32[784, 10], bias: f32[10]; a
/// buffer seen: f32[1] that counts examples; states w.v and bias.v; metric accuracy; data set
/// "digits" in the files of MNIST's names; batch 8, 2 epochs. Compiled for batch 8 and for any.
extern const nnrt_model model;

/// The same with a recipe changed.
nnrt_model withRecipe(const nnrt_recipe &recipe);

constexpr int pixels = 784, classes = 10;

} // namespace toy
