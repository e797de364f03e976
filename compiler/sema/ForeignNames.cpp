// Hints for those who come from Python and its libraries.
#include "compiler/sema/ForeignNames.h"

#include "compiler/sema/Primitives.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace nnc::sema {

using namespace ast;

std::string hintForForeign(llvm::StringRef name) {
  llvm::StringRef words =
      llvm::StringSwitch<llvm::StringRef>(name.lower())
          .Cases({"linear", "fc", "fullyconnected", "fully_connected", "lazylinear"},
                 "a fully connected layer is 'dense(units)'")
          .Cases({"conv2d", "convolution2d", "conv"}, "a convolution is 'conv2d(channels, size)'")
          .Cases({"batchnorm", "batchnorm1d", "batchnorm2d", "batchnormalization"},
                 "it is called 'batch_norm', and takes the number of features from its input")
          .Cases({"layernorm", "layernormalization"},
                 "it is called 'layer_norm', and takes the number of features from its input")
          .Cases({"maxpool", "maxpool2d", "maxpooling2d"}, "it is called 'max_pool', 'max_pool(2)'")
          .Cases({"avgpool", "avgpool2d", "averagepooling2d"},
                 "it is called 'avg_pool', 'avg_pool(2)'")
          .Cases({"multiheadattention", "multi_head_attention"},
                 "it is called 'attention', as in 'attention(heads)'")
          .Cases({"crossentropyloss", "categoricalcrossentropy", "sparsecategoricalcrossentropy",
                  "sparse_categorical_crossentropy", "categorical_crossentropy", "nllloss",
                  "nll_loss"},
                 "it is called 'cross_entropy(logits, label)': of scores before any softmax, and "
                 "of class numbers")
          .Cases(
              {"bceloss", "bcewithlogitsloss", "binarycrossentropy", "bce"},
              "it is called 'binary_cross_entropy(logits, target)': of scores before any sigmoid")
          .Cases({"mseloss", "mean_squared_error", "meansquarederror"}, "it is called 'mse'")
          .Cases({"l1loss", "mean_absolute_error", "meanabsoluteerror"}, "it is called 'mae'")
          .Cases({"smoothl1loss", "huberloss", "smooth_l1_loss", "huber_loss"},
                 "it is called 'huber'")
          .Cases({"acc", "categorical_accuracy", "categoricalaccuracy"}, "it is called 'accuracy'")
          .Cases({"r2_score", "r2score", "r_squared", "rsquared"}, "it is called 'r2'")
          .Case("noise", "it is called 'gaussian_noise'")
          .Cases({"sequential", "modulelist"},
                 "layers follow each other with '|>': 'x |> dense(64) |> relu'")
          .Cases({"view", "resize"}, "it is called 'reshape': 'reshape(x, [batch, 784])'")
          .Cases({"permute", "swapaxes"}, "it is called 'transpose'")
          .Cases({"cat", "concatenate"}, "it is called 'concat'")
          .Cases({"unsqueeze", "expand_dims"}, "'x[:, new]' inserts a dimension of size 1")
          .Cases({"matmul", "mm", "bmm", "dot"}, "a matrix product is 'x @ w'")
          .Cases({"pow", "power"}, "a power is written 'x ^ 2'")
          .Cases({"clip", "hardtanh"}, "it is called 'clamp': 'clamp(x, -1, 1)'")
          .Case("swish", "it is called 'silu'")
          .Case("prelu", "'leaky_relu(x, slope: 0.25)'; a slope that is learned is a 'param'")
          .Cases({"globalaveragepooling2d", "adaptive_avg_pool2d", "adaptiveavgpool2d"},
                 "the mean of all positions is 'global_avg_pool(x)'")
          .Cases({"max_pool1d", "maxpool1d", "maxpooling1d"},
                 "'max_pool' is of images; of time it is 'max(windows(x, size: 2, stride: 2), "
                 "axis: 2)'")
          .Cases({"avg_pool1d", "avgpool1d", "averagepooling1d"},
                 "'avg_pool' is of images; of time it is 'mean(windows(x, size: 2, stride: 2), "
                 "axis: 2)'")
          .Cases({"conv2dtranspose", "convtranspose2d", "conv_transpose2d"},
                 "it is called 'conv2d_transpose'")
          .Cases({"instance_norm", "instancenorm2d"},
                 "it is a group_norm with a group for each channel: 'group_norm(channels)'")
          .Cases({"zeropadding2d", "zero_padding2d"},
                 "convolutions pad: 'padding: 1'; else 'pad(x, before: 1, after: 1, axis: 1)'")
          .Cases({"upsampling2d", "interpolate"}, "it is called 'upsample'")
          .Cases(
              {"scatter", "scatter_", "index_add"},
              "it is called 'scatter_add(x, index, values, axis: 1)': values at one place add up")
          .Cases({"take_along_axis", "take_along_dim"}, "it is called 'gather(x, index, axis: 1)'")
          .Cases({"masked_fill", "masked_select"}, "elements are chosen by 'where(mask, value, x)'")
          .Cases(
              {"repeat_interleave", "expand", "broadcast_to"},
              "'x[:, :, new]' makes a dimension of size 1, which meets any; 'tile(x, 3)' repeats")
          .Case("prod", "the last of 'cumprod(x)' is the product: 'cumprod(x)[..., -1]'")
          .Cases({"any", "all"}, "flags are counted: 'sum(flags, axis: 1) > 0'")
          .Case("logaddexp", "it is 'logsumexp' of both, stacked")
          .Case("outer", "an outer product is 'x[:, :, new] * y[:, new, :]'")
          .Case("arange", "0, 1, ... n - 1 are 'iota(n)'")
          .Cases({"randn", "randn_like", "random_normal"},
                 "draws are shaped by what they are for: 'let z: f32[batch, 8] = normal()'")
          .Cases({"zeros_like", "ones_like", "full_like"},
                 "constants are shaped by what they are for: 'let z: f32[batch, 8] = zeros()'")
          .Cases({"rnn", "simplernn", "simple_rnn"},
                 "a recurrent layer of your own is a 'scan'; the library has 'gru' and 'lstm'")
          .Case("timedistributed", "layers of the last dimension, as 'dense', go over all others")
          .Case("activation", "an activation is a function: 'x |> relu'")
          .Case("len", "'shape(x)[0]' is the first dimension; in a signature it has a name")
          .Case("range", "numbers are counted by '0..n'")
          .Case("enumerate", "numbers are counted by '0..n'")
          .Case("print", "nothing is printed while a program runs; 'nnc summary' shows its shapes")
          .Case("none", "there is no such value; what is not wanted is left out")
          .Case("true", "it is written 'true'")
          .Case("false", "it is written 'false'")
          .Case("self", "parameters and inputs are called by their names alone")
          .Case("lambda", "a function is declared: 'fn f(x: float[...s]) = 2 * x'")
          .Default("");
  return words.str();
}

std::string hintForArgument(llvm::StringRef name, const std::vector<std::string> &known) {
  static constexpr std::pair<llvm::StringLiteral, llvm::StringLiteral> names[] = {
      {"learning_rate", "lr"},
      {"dim", "axis"},
      {"axes", "axis"},
      {"keepdim", "keep"},
      {"keepdims", "keep"},
      {"use_bias", "bias"},
      {"p", "rate"},
      {"weight_decay", "decay"},
      {"kernel_size", "size"},
      {"kernel_size", "kernel"},
      {"pool_size", "size"},
      {"dilation_rate", "dilation"},
      {"output_padding", "extra"},
      {"depth_multiplier", "multiplier"},
      {"scale_factor", "by"},
      {"interpolation", "method"},
      {"num_groups", "groups"},
      {"embedding_dim", "width"},
      {"output_dim", "width"},
      {"hidden_size", "units"},
      {"negative_slope", "slope"},
      {"alpha", "scale"},
      {"alpha", "slope"},
      {"alpha", "decay"},
      {"rho", "decay"},
      {"p", "order"},
      {"ord", "order"},
      {"min", "low"},
      {"max", "high"},
      {"weight", "weights"},
      {"class_weight", "weights"},
      {"pos_weight", "positive_weight"},
      {"ignore_index", "ignore"},
      {"ignore_class", "ignore"},
      {"is_causal", "causal"},
      {"use_causal_mask", "causal"},
      {"attention_mask", "mask"},
      {"attn_mask", "mask"},
      {"strides", "stride"},
      {"epsilon", "eps"},
      {"beta_1", "beta1"},
      {"beta_2", "beta2"},
      {"out_features", "units"},
      {"filters", "channels"},
      {"out_channels", "channels"},
      {"num_heads", "heads"},
      {"label_smoothing", "smoothing"},
      {"kernel_initializer", "init"}};
  for (const auto &[from, to] : names)
    if (from == name && llvm::is_contained(known, to))
      return "here it is called '" + to.str() + "'";
  if (name == "activation")
    return "an activation stands behind the layer: '|> relu'";
  if (name == "in_features" || name == "in_channels" || name == "input_shape" ||
      name == "input_dim")
    return "sizes of inputs follow from what the layer is applied to";
  if (name == "key_padding_mask" && llvm::is_contained(known, "mask"))
    return "here it is called 'mask', and is true of what is seen: 'mask: not padding'";
  if (name == "num_embeddings" || name == "vocab_size" || name == "num_classes")
    return "how many there are is in the type of the index: 'index(50)[batch]'";
  if (name == "return_sequences")
    return "all times are given; 'x[:, -1]' takes the last";
  if (name == "bidirectional")
    return "a layer makes it of two: 'x |> bidirectional(lstm, 64)'";
  if (name == "reduction")
    return "a loss has a value for each example, of which a recipe takes the mean; 'sum(...)' adds "
           "them up";
  if (name == "dropout")
    return "a dropout stands behind the layer: '|> dropout(0.1)'";
  if (name == "groups" && llvm::is_contained(known, "kernel"))
    return "a group for each channel is 'depthwise_conv2d'; of several, join parts: 'concat' of "
           "convolutions of 'split(x, 2)'";
  if (name == "ceil_mode")
    return "'padding: \"same\"' keeps what is left at the end";
  if (name == "amsgrad" || name == "maximize" || name == "foreach" || name == "fused")
    return "an optimizer of your own is a few lines: 'nnc std adam' prints this one's";
  return "";
}

llvm::StringRef elementForForeign(llvm::StringRef name) {
  return llvm::StringSwitch<llvm::StringRef>(name)
      .Cases({"float32", "single"}, "f32")
      .Cases({"float64", "double"}, "f64")
      .Cases({"float16", "half"}, "f16")
      .Case("bfloat16", "bf16")
      .Cases({"int32", "i8", "i16", "int8", "int16"}, "i32")
      .Cases({"int64", "long"}, "i64")
      .Cases({"uint8", "byte"}, "u8")
      .Cases({"boolean", "Bool"}, "bool")
      .Cases({"tensor", "Tensor", "array", "ndarray"}, "f32")
      .Default("");
}

std::string hintForLine(llvm::StringRef key) {
  return llvm::StringSwitch<llvm::StringRef>(key)
      .Cases({"lr", "learning_rate", "momentum", "weight_decay"},
             "it is given to the optimizer: 'optimizer adam(lr: 1e-3)'")
      .Cases({"scheduler", "schedule", "lr_schedule"},
             "the optimizer takes a function of 'step': 'optimizer adam(lr: cosine(step, 1e-3, "
             "total: steps))'")
      .Cases({"val_split", "validation_split", "validation", "valid", "val"},
             "'split valid: 0.1, seed: 1' takes a part of the training data")
      .Cases({"device", "gpu", "cuda"}, "the program chooses when it is run: 'train --device cuda'")
      .Cases({"workers", "num_workers", "threads"},
             "the program chooses when it is run: 'train --threads 8'")
      .Cases({"log", "verbose", "logging"}, "the program logs when it is run: 'train --log FILE'")
      .Cases({"model", "net", "network"}, "the model stands behind 'train': 'train net { ... }'")
      .Cases({"checkpoint", "callbacks"},
             "'keep max: accuracy' keeps the best weights; 'train --save FILE' saves the last")
      .Cases({"activation", "layers", "dropout"}, "it belongs to the model, not to its recipe")
      .Default("")
      .str();
}

std::string hintForForeign(llvm::StringRef qualifier, llvm::StringRef name) {
  static constexpr llvm::StringLiteral libraries[] = {"nn",   "f",     "torch",  "np",  "numpy",
                                                      "tf",   "keras", "layers", "jnp", "jax",
                                                      "math", "optim", "flax",   "mx"};
  if (qualifier == "self")
    return "parameters and inputs are called by their names alone: '" + name.str() + "'";
  if (!llvm::is_contained(libraries, qualifier.lower()))
    return "";
  std::string hint = hintForForeign(name);
  return hint.empty() ? "what the library has is called by its name alone: '" + name.lower() + "'"
                      : hint;
}

std::string hintForPart(llvm::StringRef value, llvm::StringRef part) {
  const std::string x = value.str();
  if (part == "T")
    return "'transpose(" + x + ")' swaps the last two dimensions";
  if (part == "shape" || part == "size" || part == "ndim" || part == "dim")
    return part == "size"
               ? "'size(" + x + ")' is the number of elements, 'shape(" + x + ")' its dimensions"
           : part == "shape"
               ? "its dimensions are 'shape(" + x + ")'; in a signature they have names"
               : "it is written 'rank(" + x + ")'";
  if (part == "float" || part == "astype" || part == "to" || part == "type")
    return "elements are converted by 'as': '" + x + " as f32'";
  if (part == "detach" || part == "item")
    return "'stop_gradient(" + x + ")' lets no gradient through";
  if (findPrimitive(part))
    return "functions stand before what they take: '" + part.str() + "(" + x + ", ...)' or '" + x +
           " |> " + part.str() + "'";
  std::string hint = hintForForeign(part);
  return hint.empty() ? "functions stand before what they take: 'f(" + x + ")' or '" + x + " |> f'"
                      : hint;
}

/// What a declaration is, and `hint`: the way to what the user wants of it.
static std::string describeWithoutParts(const Declaration &decl, llvm::StringRef qualifier,
                                        llvm::StringRef name, std::string &hint) {
  const std::string own = "'" + name.str() + "'";
  if (const auto *data = llvm::dyn_cast<DataDeclaration>(&decl)) {
    std::vector<std::string> columns;
    for (const ast::Parameter &column : data->columns)
      columns.push_back(column.name.text);
    std::string near = nearest(name, columns);
    const std::string bound = llvm::is_contained(columns, name) ? name.str() : near;
    hint =
        bound.empty()
            ? "the 'data' line of a recipe brings its columns: " + llvm::join(columns, ", ")
            : "'data " + qualifier.str() + "(" + bound + ")' brings the column as '" + bound + "'";
    return "'" + qualifier.str() + "' is a data set, whose columns are called by their names alone";
  }
  if (const auto *model = llvm::dyn_cast<ModelDeclaration>(&decl)) {
    bool isOutput = llvm::any_of(model->results, [&](const Result &result) {
      return result.name && result.name->text == name;
    });
    hint = isOutput ? "a recipe that does not call its only model has its outputs in scope: " + own
                    : "'" + qualifier.str() +
                          "(...)' calls it; a recipe that does not has its "
                          "outputs in scope";
    return "'" + qualifier.str() + "' is a model, and has no parts";
  }
  hint = "functions stand before what they take: 'f(x)' or 'x |> f'";
  return "'" + qualifier.str() + "' is no file, and has no parts";
}

UnknownPart describeUnknownPart(Modules &modules, FileId file, const NameExpr &expr) {
  const Name &qualifier = expr.qualifiers.front();
  const Modules::Found found = modules.findIn(file, qualifier.text, expr.name.text);
  auto didYouMean = [&](llvm::StringRef name) {
    std::string near = nearest(name, modules.namesIn(file, qualifier.text));
    return near.empty() ? near : "did you mean '" + near + "'?";
  };
  if (found.isFile)
    return {expr.name.range, "'" + qualifier.text + "' has no '" + expr.name.text + "'",
            didYouMean(expr.name.text)};
  if (const Declaration *decl = modules.find(file, qualifier.text)) {
    UnknownPart part{qualifier.range, "", ""};
    part.message = describeWithoutParts(*decl, qualifier.text, expr.name.text, part.hint);
    return part;
  }
  std::string hint = hintForForeign(qualifier.text, expr.name.text);
  if (hint.empty())
    hint = didYouMean(qualifier.text);
  return {qualifier.range, "no file is called '" + qualifier.text + "' here",
          hint.empty() ? "'import \"file.nn\" as m' gives a file a name" : hint};
}

} // namespace nnc::sema
