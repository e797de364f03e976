// Primitives that move elements without computing: reshape, transpose, concat, split, and sizes.
#include "compiler/sema/Primitives.h"

namespace nnc::sema {

namespace {

Value reshape(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  const Node *x = call.tensor(0);
  auto shape = x ? e.shapeOf(call.value(1), call.rangeOf(1)) : std::nullopt;
  if (!shape)
    return Unknown{};
  auto before = product(x->type.shape), after = product(*shape);
  // One size may be -1: what is left over.
  for (Dim &dim : *shape) {
    if (!(dim == Dim(-1)) || !before || !after)
      continue;
    auto others = Dim::multiply(*after, Dim(-1));
    auto rest = others ? Dim::divide(*before, *others) : std::nullopt;
    if (rest && rest->str().find('/') == std::string::npos) {
      dim = *rest;
      after = before;
    }
    break;
  }
  if (!before || !after || !(*before == *after)) {
    e.error(Code::ReshapeSize, call.range, "'reshape' must keep the number of elements")
        .detail("from " + str(x->type.shape) + (before ? ", " + before->str() + " elements" : ""))
        .detail("to   " + str(*shape) + (after ? ", " + after->str() + " elements" : ""))
        .suggest("'size(...)' multiplies dimensions: reshape(x, [batch, size(s)])");
    return Unknown{};
  }
  if (x->type.shape == *shape)
    return Tensor{x};
  return e.tensor(e.graph.makeSized("reshape", {x}, Type{x->type.element, *shape}));
}

Value transpose(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  const Node *x = call.tensor(0);
  if (!x)
    return Unknown{};
  auto rank = static_cast<int64_t>(x->type.shape.size());
  std::vector<int64_t> permutation;
  if (call.has(1)) {
    // Every axis once, in the order given.
    auto sorted = call.axes(1, rank);
    const Sequence *given = call.value(1).asSequence();
    if (!sorted)
      return Unknown{};
    if (!given || static_cast<int64_t>(sorted->size()) != rank)
      return call.poison(Code::AxisOutOfRange, call.rangeOf(1),
                         "'transpose' takes each of the " + std::to_string(rank) + " axes once");
    for (const Value &each : *given->elements) {
      int64_t axis = *each.asInt()->constant();
      permutation.push_back(axis < 0 ? axis + rank : axis);
    }
  } else {
    if (rank < 2)
      return call.poison(Code::AxisOutOfRange, call.rangeOf(0),
                         "'transpose' swaps the last two dimensions, but " +
                             call.value(0).describe() + " has fewer");
    for (int64_t i = 0; i < rank; ++i)
      permutation.push_back(i);
    std::swap(permutation[rank - 1], permutation[rank - 2]);
  }
  Shape shape;
  for (int64_t axis : permutation)
    shape.push_back(x->type.shape[axis]);
  return Tensor{
      e.graph.make("transpose", {x}, Type{x->type.element, shape}, {{"permutation", permutation}})};
}

Value concat(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  const Node *a = call.tensor(0), *b = a ? call.tensor(1) : nullptr;
  if (!b)
    return Unknown{};
  auto element = commonElement(a->type.element, b->type.element);
  size_t rank = a->type.shape.size();
  std::optional<int64_t> axis = static_cast<int64_t>(rank) - 1;
  if (rank == 0 || b->type.shape.size() != rank || !element) {
    e.error(element ? Code::ShapeMismatch : Code::ElementMismatch, call.range,
            "'concat' takes two tensors of one element type and as many dimensions")
        .detail("one is " + a->type.str())
        .detail("one is " + b->type.str());
    return Unknown{};
  }
  if (call.has(2))
    axis = call.axis(2, rank);
  if (!axis)
    return Unknown{};
  Shape shape(a->type.shape);
  for (size_t i = 0; i < rank; ++i) {
    if (static_cast<int64_t>(i) != *axis && !(shape[i] == b->type.shape[i])) {
      e.error(Code::ShapeMismatch, call.range,
              "shapes do not match in '" + e.quote(call.range) + "'")
          .detail("one has shape " + a->type.str())
          .detail("one has shape " + b->type.str())
          .suggest("'concat' joins along axis " + std::to_string(*axis) +
                   "; the other sizes must be equal");
      return Unknown{};
    }
  }
  auto joined = Dim::add(shape[*axis], b->type.shape[*axis]);
  if (!joined)
    return call.poison(Code::TensorTooLarge, call.range, "the joined dimension is too large");
  shape[*axis] = *joined;
  const Node *left = a->type.element == *element ? a : e.graph.cast(a, *element);
  const Node *right = b->type.element == *element ? b : e.graph.cast(b, *element);
  return e.tensor(e.graph.make("concat", {left, right}, Type{*element, shape}, {{"axis", *axis}}));
}

Value split(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  const Node *x = call.tensor(0);
  auto parts = x ? call.integer(1) : std::nullopt;
  if (!parts)
    return Unknown{};
  size_t rank = x->type.shape.size();
  if (rank == 0)
    return call.poison(Code::AxisOutOfRange, call.rangeOf(0), "a scalar cannot be split");
  std::optional<int64_t> axis = static_cast<int64_t>(rank) - 1;
  if (call.has(2))
    axis = call.axis(2, rank);
  if (!axis)
    return Unknown{};
  auto whole = x->type.shape[*axis].constant();
  auto piece = *parts > 0 ? Dim::divide(x->type.shape[*axis], Dim(*parts)) : std::nullopt;
  auto size = piece ? piece->constant() : std::nullopt;
  if (*parts < 1 || *parts > static_cast<int64_t>(e.limits.sequenceLength) || !size || *size < 1) {
    e.error(Code::ReshapeSize, call.range,
            "axis " + std::to_string(*axis) + " of size " + x->type.shape[*axis].str() +
                " does not split into " + std::to_string(*parts) + " equal parts")
        .suggest(whole ? "the size must be a multiple of the number of parts"
                       : "the size must be known at compile time");
    return Unknown{};
  }
  Shape shape(x->type.shape);
  shape[*axis] = *size;
  auto values = std::make_shared<std::vector<Value>>();
  for (int64_t i = 0; i < *parts; ++i) {
    std::vector<int64_t> offsets(rank, 0), strides(rank, 1);
    offsets[*axis] = i * *size;
    values->push_back(Tensor{e.graph.makeSized("slice", {x}, Type{x->type.element, shape},
                                               {{"offsets", offsets}, {"strides", strides}})});
  }
  return Sequence{std::move(values), 1, /*isTuple=*/true};
}

Value size(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  std::optional<Shape> shape;
  if (const Tensor *tensor = call.value(0).asTensor())
    shape = tensor->node->type.shape;
  else
    shape = e.shapeOf(call.value(0), call.rangeOf(0));
  if (!shape)
    return Unknown{};
  if (auto count = product(*shape))
    return *count;
  return call.poison(Code::IntegerOverflow, call.range,
                     "the number of elements does not fit in a 64-bit integer");
}

Value shape(const PrimitiveCall &call) {
  const Node *x = call.tensor(0);
  return x ? shapeValue(x->type.shape) : Unknown{};
}

const Primitive table[] = {
    {"reshape", "reshape(x, shape)",
     "The same elements in another shape; one size may be -1, for what is left over.", reshape},
    {"transpose", "transpose(x, axes = swapped)",
     "Dimensions in another order; without `axes`, the last two swapped.", transpose},
    {"concat", "concat(x, y, axis = -1)", "Two tensors joined along an axis.", concat},
    {"split", "split(x, parts, axis = -1)", "A tuple of equal parts along an axis.", split},
    {"size", "size(x)", "The number of elements of a tensor or a list of dimensions.", size},
    {"shape", "shape(x)", "The dimensions of a tensor, as a list.", shape},
};

} // namespace

llvm::ArrayRef<Primitive> shapePrimitives() { return table; }

} // namespace nnc::sema
