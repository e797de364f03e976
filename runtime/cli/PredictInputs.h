// The inputs of `predict`, matched with what the model takes.
#pragma once

#include "runtime/checkpoint/Checkpoint.h"
#include "runtime/data/InputArray.h"
#include "runtime/model/Session.h"

#include <optional>
#include <span>

namespace nnrt {

/// One array per input of the model, with the same number of examples where it has any.
struct InputGroup {
  std::string name; ///< the file's, or "a.npy, b.npy"
  std::vector<InputArray> arrays;
  uint64_t examples = 1;
  std::vector<int64_t> dims; ///< of the model, but for the batch
};

/// What reading inputs needs to know.
struct InputContext {
  Session &session;     ///< runs the preparation of tables
  const Recipe *recipe; ///< null: the model has none
  const WeightsInfo &weights;
  std::string weightsFile;
};

/// Reads files: one per group for a model with one input, NAME=FILE for each input of a model with
/// several; a table has all inputs of a model whose inputs are fields of its data set. Each group
/// settles the symbolic dimensions by itself. Throws Error.
std::vector<InputGroup> readInputs(const InputContext &context,
                                   std::span<const std::string> operands);

/// Reads a table of raw columns and prepares it as training did. Columns that no input needs may be
/// absent. Throws Error.
InputGroup readTable(const InputContext &context, const std::string &path);

/// Where a model's data set prepares arrays, raw ones are prepared, too: given as COLUMN=FILE, or
/// without a name where the inputs are made of one column. Nothing where the operands are inputs as
/// they are. Throws Error.
std::optional<std::vector<InputGroup>> readRawArrays(const InputContext &context,
                                                     std::span<const std::string> operands);

/// Reads an array or image for a tensor of the model; where its data are folders of images, an
/// image of any size. Throws Error.
InputArray readFile(const InputContext &context, const nnrt_tensor &tensor,
                    const std::string &path);

/// Checks type, shape and values of an input, converts it where nothing is lost, and settles
/// dimensions; returns the number of examples, 1 where all share the input. A file may hold one
/// example without a batch dimension. Throws Error.
uint64_t matchInput(const nnrt_model &model, const nnrt_port &port, InputArray &array,
                    std::vector<int64_t> &dims);

} // namespace nnrt
