// The neighbourhoods of positions, from which convolution and pooling are made.
#include "compiler/sema/Primitives.h"

#include <cmath>
#include <limits>

namespace nnc::sema {

namespace {

/// Before and after each dimension. Nothing after an error.
std::optional<std::pair<std::vector<int64_t>, std::vector<int64_t>>>
paddingOf(const PrimitiveCall &call, size_t count, const Shape &in,
          const std::vector<int64_t> &size, const std::vector<int64_t> &stride,
          const std::vector<int64_t> &dilation) {
  Elaborator &e = call.elaborator;
  std::vector<int64_t> low(count, 0), high(count, 0);
  const Value &padding = call.value(4);
  auto fail = [&](const std::string &why) {
    e.error(Code::ArgumentType, call.rangeOf(4), why)
        .suggest("\"valid\", \"same\", a number, or [[before, after], ...] for each dimension");
    return std::nullopt;
  };
  if (const std::string *word = padding.asString()) {
    if (*word == "valid")
      return std::pair(low, high);
    if (*word != "same")
      return fail("the padding is \"" + *word + "\"");
    for (size_t i = 0; i < count; ++i) {
      int64_t reach = dilation[i] * (size[i] - 1) + 1, total = reach - 1;
      if (stride[i] != 1) {
        auto length = in[i].constant();
        if (!length) {
          if (!e.isGeneric)
            e.error(Code::NotCompileTime, call.range,
                    "\"same\" with a stride needs a size that is known at compile time, found '" +
                        in[i].str() + "'");
          return std::nullopt;
        }
        // Longer ones are too large in any case; their padding could not be told in 64 bits.
        constexpr int64_t longest = int64_t(1) << 40;
        if (*length > longest) {
          e.error(Code::TensorTooLarge, call.range,
                  "a dimension of " + std::to_string(*length) + " is too large");
          return std::nullopt;
        }
        int64_t out = (*length + stride[i] - 1) / stride[i];
        total = std::max<int64_t>(0, (out - 1) * stride[i] + reach - *length);
      }
      low[i] = total / 2;
      high[i] = total - low[i];
    }
    return std::pair(low, high);
  }
  if (padding.asInt()) {
    auto same = call.integers(4, count);
    if (!same)
      return std::nullopt;
    low = high = *same;
  } else {
    const Sequence *list = padding.asSequence();
    if (!list || list->elements->size() != count)
      return fail("the padding of " + std::to_string(count) + " dimensions is " +
                  padding.describe());
    for (size_t i = 0; i < count; ++i) {
      const Sequence *pair = (*list->elements)[i].asSequence();
      auto known = [](const Value &value) {
        return value.asInt() ? value.asInt()->constant() : std::nullopt;
      };
      auto before =
          pair && pair->elements->size() == 2 ? known((*pair->elements)[0]) : std::nullopt;
      auto after = pair && pair->elements->size() == 2 ? known((*pair->elements)[1]) : std::nullopt;
      if (!before || !after)
        return fail("the padding of a dimension is two integers");
      low[i] = *before;
      high[i] = *after;
    }
  }
  constexpr int64_t most = 1 << 20;
  for (size_t i = 0; i < count; ++i)
    if (low[i] < 0 || high[i] < 0 || low[i] > most || high[i] > most)
      return fail("a padding must be at least 0, and at most " + std::to_string(most));
  return std::pair(low, high);
}

/// Whether images seem to be [batch, channels, height, width]: few rows, and columns as many as
/// channels or at least more than rows. What the library expects is [batch, height, width,
/// channels].
bool seemsChannelsFirst(const Shape &shape) {
  if (shape.size() != 4)
    return false;
  auto rows = shape[1].constant(), columns = shape[2].constant(), channels = shape[3].constant();
  return rows && columns && channels && *rows <= 4 && *columns > 4 && *columns == *channels;
}

constexpr llvm::StringLiteral channelsLast =
    "an image is [batch, height, width, channels] here: 'rearrange(x, \"b c h w -> b h w c\")' "
    "brings channels from the front to the end";

/// What helps against a window that reaches over more than there is.
std::string hintForReach(const Shape &shape, const Dim &has) {
  if (seemsChannelsFirst(shape))
    return channelsLast.str();
  return "a window of at most " + has.str() + ", or padding: with \"same\" the size stays";
}

Value windows(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  const Node *x = call.tensor(0);
  if (!x)
    return Unknown{};
  size_t rank = x->type.shape.size();
  if (rank < 3)
    return call.poison(Code::ShapeMismatch, call.rangeOf(0),
                       "'windows' moves over the dimensions between the first and the last, but " +
                           call.value(0).describe() + " has none");
  size_t count = rank - 2;
  auto size = call.integers(1, count), stride = call.integers(2, count),
       dilation = call.integers(3, count);
  auto fill = numberOf(call.value(5));
  if (!size || !stride || !dilation)
    return Unknown{};
  constexpr int64_t most = 1 << 20;
  for (const auto *list : {&*size, &*stride, &*dilation})
    for (int64_t each : *list)
      if (each < 1 || each > most)
        return call.poison(Code::DimensionNotPositive, call.range,
                           "sizes, strides and dilations of windows are at least 1, found " +
                               std::to_string(each));
  if (!fill)
    return call.poison(Code::ArgumentType, call.rangeOf(5),
                       "'fill' is a number, found " + call.value(5).describe());
  // It stands among the elements, so it is one; beyond the range of a float it is an infinity, by
  // which the largest of a window is found in any float.
  if (!isFloat(x->type.element) && !e.toNode(call.value(5), x->type.element, call.rangeOf(5)))
    return Unknown{};
  if (isFloat(x->type.element) && std::fabs(*fill) > largest(x->type.element))
    fill = std::copysign(std::numeric_limits<double>::infinity(), *fill);
  Shape in(x->type.shape.begin() + 1, x->type.shape.end() - 1);
  auto padding = paddingOf(call, count, in, *size, *stride, *dilation);
  if (!padding)
    return Unknown{};
  auto &[low, high] = *padding;
  Shape shape{x->type.shape.front()};
  for (size_t i = 0; i < count; ++i) {
    int64_t reach = (*dilation)[i] * ((*size)[i] - 1) + 1;
    auto room = Dim::add(in[i], Dim(low[i] + high[i] - reach));
    auto known = room ? room->constant() : std::nullopt;
    if (known && *known < 0) {
      e.error(Code::DimensionNotPositive, call.range,
              "a window reaches over " + std::to_string(reach) + ", but the dimension has " +
                  in[i].str() + (low[i] + high[i] ? " and its padding" : ""))
          .detail("the tensor is " + x->type.str())
          .suggest(hintForReach(x->type.shape, in[i]));
      return Unknown{};
    }
    if (!known && (*stride)[i] != 1) {
      if (!e.isGeneric)
        e.error(Code::NotCompileTime, call.range,
                "windows with a stride need a size that is known at compile time, found '" +
                    in[i].str() + "'");
      return Unknown{};
    }
    auto out = known  ? std::optional(Dim(*known / (*stride)[i] + 1))
               : room ? Dim::add(*room, Dim(1))
                      : std::nullopt;
    if (!out)
      return call.poison(Code::TensorTooLarge, call.range, "a dimension is too large");
    shape.push_back(*out);
  }
  for (int64_t each : *size)
    shape.push_back(Dim(each));
  shape.push_back(x->type.shape.back());
  if (seemsChannelsFirst(x->type.shape))
    e.warning(Code::ChannelsFirst, call.range,
              "windows move over the " + in[0].str() + " rows and " + in[1].str() + " columns of " +
                  x->type.str() + ", which looks like channels first")
        .suggest(channelsLast.str());
  return e.tensor(e.graph.makeSized("windows", {x}, Type{x->type.element, shape},
                                    {{"size", *size},
                                     {"stride", *stride},
                                     {"dilation", *dilation},
                                     {"low", low},
                                     {"high", high},
                                     {"fill", *fill}}));
}

const Primitive table[] = {
    {"windows",
     {{"x"},
      {"size"},
      {"stride", int64_t(1)},
      {"dilation", int64_t(1)},
      {"padding", llvm::StringLiteral("valid")},
      {"fill", int64_t(0)}},
     "The neighbourhood of every position: [batch, h, w, c] becomes [batch, rows, columns, kh, kw, "
     "c].",
     windows},
};

} // namespace

llvm::ArrayRef<Primitive> windowPrimitives() { return table; }

} // namespace nnc::sema
