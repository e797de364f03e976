// The standard library: every declaration is sound, and works with its defaults.
#include "tests/unit/sema/Analysis.h"

#include "compiler/std/Library.h"

#include "gtest/gtest.h"

#include <map>

using namespace nnc;

namespace {

/// An expression of `x: f32[batch, 4]`, `label: index(4)[batch]` for each declaration of the
/// library, which leaves out all that has a default.
const std::map<std::string, std::string> &libraryCalls() {
  static const std::map<std::string, std::string> calls = {
      {"dense", "x |> dense(3)"},
      {"embedding", "label |> embedding(3)"},
      {"conv2d", "x[:, new, :, new] |> conv2d(2, 1)"},
      {"conv1d", "x[:, :, new] |> conv1d(2, 3)"},
      {"conv2d_transpose", "x[:, new, :, new] |> conv2d_transpose(2, 3)"},
      {"transposed_size", "x + transposed_size(4, 0, 3, 2, \"same\")"},
      {"padded_size", "x + padded_size([[1, 2], [3, 4]], 1)"},
      {"depthwise_conv2d", "x[:, new, :, new] |> depthwise_conv2d(1)"},
      {"separable_conv2d", "x[:, new, :, new] |> separable_conv2d(2, 1)"},
      {"check_convolution", "where(check_convolution(1, 1, 1, 1), x, 0)"},
      {"check_pool", "where(check_pool(1, 1, \"valid\"), x, 0)"},
      {"check_share", "where(check_share(0.5), x, 0)"},
      {"check_eps", "where(check_eps(0.1), x, 0)"},
      {"rms_norm", "x |> rms_norm"},
      {"group_norm", "x |> group_norm(2)"},
      {"cross_attention", "cross_attention(2)(x[:, new, :], x[:, :, new])"},
      {"attend", "attend(x[:, new, new], x[:, new, new], x[:, new, new])"},
      {"each_query", "each_query(x[:, new, :, new], x > 0) as float"},
      {"rotary_positions", "rotary_positions(x[:, new])"},
      {"bidirectional", "x[:, :, new] |> bidirectional(lstm, 3)"},
      {"global_avg_pool", "global_avg_pool(x[:, :, new])"},
      {"global_max_pool", "global_max_pool(x[:, :, new])"},
      {"upsample", "upsample(x[:, :, new, new])"},
      {"smoothed_cross_entropy", "smoothed_cross_entropy(x, label, 0.1, [1, 2, 3, 4])"},
      {"weighted_cross_entropy", "weighted_cross_entropy(x, label, 0.1, [1, 2, 3, 4])"},
      {"is_class", "is_class(label, 2)"},
      {"is_word", "if is_word(\"none\", \"none\") { x } else { x + 1 }"},
      {"confusion_matrix", "confusion_matrix(x, label)"},
      {"wide", "wide(x)"},
      {"wide_var", "wide_var(x)"},
      {"per_square", "per_square(x, x)"},
      {"precedes", "precedes(x, x)"},
      {"halvings", "x + halvings(5)"},
      {"places_by_pairs", "places_by_pairs(x)"},
      {"order_by_pairs", "order_by_pairs(x)"},
      {"order_by_merging", "order_by_merging(x)"},
      {"count_below", "count_below(x[:, 0], x[:, 1])"},
      {"rows_between", "rows_between(x[:, :, new, new], 2)"},
      {"layer_norm", "x |> layer_norm"},
      {"batch_norm", "x |> batch_norm"},
      {"dropout", "x |> dropout(0.5)"},
      {"attention", "x[:, new, :] |> attention(2)"},
      {"lstm", "x[:, :, new] |> lstm(3)"},
      {"gru", "x[:, :, new] |> gru(3)"},
      {"flatten", "flatten(x[:, new])"},
      {"max_pool", "max_pool(x[:, :, new, new], 1)"},
      {"avg_pool", "avg_pool(x[:, :, new, new], 1)"},
      {"relu", "relu(x)"},
      {"leaky_relu", "leaky_relu(x)"},
      {"elu", "elu(x)"},
      {"gelu", "gelu(x)"},
      {"silu", "silu(x)"},
      {"softmax", "softmax(x)"},
      {"log_softmax", "log_softmax(x)"},
      {"logsumexp", "logsumexp(x)"},
      {"softsign", "softsign(x)"},
      {"mish", "mish(x)"},
      {"relu6", "relu6(x)"},
      {"hard_sigmoid", "hard_sigmoid(x)"},
      {"hard_swish", "hard_swish(x)"},
      {"selu", "selu(x)"},
      {"glu", "glu(x)"},
      {"round", "round(x)"},
      {"trunc", "trunc(x)"},
      {"tan", "tan(x)"},
      {"atan", "atan(x)"},
      {"asin", "asin(x)"},
      {"acos", "acos(x)"},
      {"sinh", "sinh(x)"},
      {"cosh", "cosh(x)"},
      {"mean_exp", "mean_exp(x)"},
      {"norm", "norm(x)"},
      {"argsort", "argsort(x)"},
      {"sort", "sort(x)"},
      {"cumsum", "cumsum(x)"},
      {"cumprod", "cumprod(x)"},
      {"tril", "tril(x)"},
      {"triu", "triu(x)"},
      {"flip", "flip(x)"},
      {"angle_left", "angle_left(x, x)"},
      {"atan2", "atan2(x, x)"},
      {"cosine_similarity", "cosine_similarity(x, x)"},
      {"along_axis", "along_axis(x, 1)"},
      {"resized_shape", "reshape(x, resized_shape(x, 1, 4))"},
      {"take", "take(x, label as i64, axis: 1)"},
      {"gather", "gather(x, (label as i64)[:, new])"},
      {"scatter_add", "scatter_add(x, (label as i64)[:, new], x[:, 0..1])"},
      {"moved_last", "moved_last(x, 1)"},
      {"moved_back", "moved_back(x, shape(x), 1)"},
      {"sums_up_to", "sums_up_to(x[:, :, new])"},
      {"products_up_to", "products_up_to(x[:, :, new])"},
      {"order_of_rows", "order_of_rows(x)"},
      {"decayed", "decayed(x, x, 0.1)"},
      {"descend", "descend(x, x, x, 0.1, 0.9, false)"},
      {"roll", "roll(x, 1)"},
      {"tile", "tile(x, 2)"},
      {"pad", "pad(x)"},
      {"eye", "x + eye(4)[0]"},
      {"places", "x + places(zeros([4]))"},
      {"linspace", "x + linspace(0, 1, 4)"},
      {"top_k", "top_k(x, 2)"},
      {"cross_entropy", "cross_entropy(x, label)"},
      {"binary_cross_entropy", "binary_cross_entropy(x, x > 0)"},
      {"mse", "mse(x, 1)"},
      {"mae", "mae(x, 1)"},
      {"huber", "huber(x, 1)"},
      {"hinge", "hinge(x, 1)"},
      {"kl_divergence", "kl_divergence(x, softmax(x))"},
      {"triplet", "triplet(x, x + 1, x - 1)"},
      {"ctc", "ctc(x[:, new], label[:, new])"},
      {"log_add", "log_add(x, 1)"},
      {"accuracy", "accuracy(x, label)"},
      {"all_known", "where(all_known(x)[:, new], x, 0)"},
      {"top_k_accuracy", "top_k_accuracy(x, label)"},
      {"perplexity", "perplexity(x)"},
      {"rmse", "rmse(x, 1)"},
      {"precision", "precision(x, x > 1)"},
      {"recall", "recall(x, x > 1)"},
      {"f1", "f1(x, x > 1)"},
      {"r2", "r2(x, x + 1)"},
      {"auc", "x * auc(x[:, 0], x[:, 1])"},
      {"area_of_ranks", "area_of_ranks(x[:, 0], x[:, 1] > 0, x[:, 1] <= 0)"},
      {"random_crop", "random_crop(x[:, :, new], 1)"},
      {"random_rotate", "random_rotate(x[:, :, new])"},
      {"random_erase", "random_erase(x[:, :, new], 2)"},
      {"gaussian_noise", "gaussian_noise(x)"},
      {"mixup", "mixup(x, x[:, 0])"},
      {"zeros", "x + zeros([4])"},
      {"ones", "x + ones([4])"},
      {"between_cosine", "x + between_cosine(0, 1, 0.5)"},
      {"glorot_uniform", "x + glorot_uniform([4, 4])[0]"},
      {"glorot_normal", "x + glorot_normal([4, 4])[0]"},
      {"he_uniform", "x + he_uniform([4, 4])[0]"},
      {"he_normal", "x + he_normal([4, 4])[0]"},
      {"lecun_uniform", "x + lecun_uniform([4, 4])[0]"},
      {"lecun_normal", "x + lecun_normal([4, 4])[0]"},
      {"truncated_normal", "x + truncated_normal(shape: [4])"},
      {"orthogonal", "x + orthogonal(shape: [3, 4])[0]"},
      {"ceil", "ceil(x)"},
      {"clamp", "clamp(x, 0, 1)"},
      {"is_nan", "is_nan(x)"},
      {"fill", "fill(x, 1)"},
      {"argmin", "argmin(x)"},
      {"var", "var(x)"},
      {"std", "std(x)"},
      {"standardize", "standardize(x)"},
      {"median", "median(x)"},
      {"random_shift", "random_shift(x[:, :, new], 0)"},
      {"random_flip", "random_flip(x[:, new])"},
      {"pixels_at", "pixels_at(x[:, :, new], (label as i64)[:, new], 0 * (label as i64)[:, new])"},
      {"signed_power", "signed_power(x)"},
      {"smallest", "smallest(x, low: min(x, axis: [0, 1], keep: true), high: max(x, axis: [0, 1], "
                   "keep: true), k: 2)"}};
  return calls;
}

TEST(Library, TheWholeOfItIsSound) {
  // As a user's file, every declaration is checked, used or not.
  std::string text;
  for (const StdFile &file : standardLibrary())
    text += file.text.str() + "\n";
  test::Analysis analysis(text);
  EXPECT_EQ(analysis.diagnostics.errorCount(), 0u) << analysis.messages();
  for (const StdDeclaration &declaration : standardDeclarations()) {
    EXPECT_TRUE(declaration.text.starts_with("//")) << declaration.name.str() << " has no comment";
    EXPECT_TRUE(declaration.text.contains(declaration.kind.str() + " " + declaration.name.str()));
  }
}

TEST(Library, EveryDeclarationWorksWithItsDefaults) {
  constexpr const char *recipe = R"(
data pairs(x: f32[4], t: f32[4]) { train npy(x: "a.npy", t: "b.npy") }
model m(x: f32[batch, 4]) -> y: f32[batch, 4] = x |> dense(4)
train m {
  data      pairs(x, t)
  loss      mse(y, t)
  optimizer )";
  for (const StdDeclaration &declaration : standardDeclarations()) {
    std::string name = declaration.name.str();
    std::string text;
    if (auto call = libraryCalls().find(name); call != libraryCalls().end())
      text = "model m(x: f32[batch, 4], label: index(4)[batch]) = " + call->second + "\n";
    else if (declaration.kind == "optimizer")
      text = recipe + name + "()\n  steps 9\n}\n";
    else if (declaration.file == "schedules.nn")
      text = recipe + ("sgd(lr: " + name + "())\n  steps 9\n}\n");
    else if (declaration.kind == "data")
      continue;
    ASSERT_FALSE(text.empty()) << "how is '" << name << "' called?";
    test::Analysis analysis(text);
    EXPECT_TRUE(analysis.program) << name << ": " << analysis.messages();
  }
}

} // namespace
