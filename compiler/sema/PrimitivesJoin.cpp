// Primitives that join tensors and take them apart: concat, stack, split.
#include "compiler/sema/Primitives.h"

namespace nnc::sema {

namespace {

/// The tensors of a call, with one element type: those given one by one, or a list of them. Empty
/// after an error.
std::vector<const Node *> tensorsOf(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  std::vector<GivenArgument> arguments(call.variadic);
  if (arguments.empty())
    arguments.push_back(call.arguments[0]);
  if (arguments.size() == 1)
    if (const Sequence *sequence = arguments.front().value.asSequence()) {
      std::vector<GivenArgument> several;
      for (const Value &each : *sequence->elements)
        several.push_back({std::nullopt, each, arguments.front().range});
      arguments = std::move(several);
    }
  std::vector<const Node *> nodes;
  std::optional<Element> element;
  for (const GivenArgument &argument : arguments) {
    if (argument.value.isUnknown())
      return {};
    const Node *node = call.tensor(argument);
    if (!node)
      return {};
    auto common = element ? commonElement(*element, node->type.element) : node->type.element;
    if (!common) {
      e.error(Code::ElementMismatch, argument.range,
              "'" + call.primitive.name.str() + "' takes tensors of one element type")
          .detail("one is " + std::string(spelling(*element)))
          .detail("one is " + std::string(spelling(node->type.element)))
          .suggest(conversionHint(*element, node->type.element));
      return {};
    }
    element = common;
    nodes.push_back(node);
  }
  if (nodes.empty())
    e.error(Code::MissingArgument, call.range,
            "'" + call.primitive.name.str() + "' takes at least one tensor");
  for (const Node *&node : nodes)
    if (node->type.element != *element)
      node = e.graph.cast(node, *element);
  return nodes;
}

Value joinAlong(const PrimitiveCall &call, const std::vector<const Node *> &nodes, int64_t axis) {
  Elaborator &e = call.elaborator;
  Shape shape(nodes.front()->type.shape);
  for (const Node *node : llvm::ArrayRef(nodes).drop_front()) {
    bool fits = node->type.shape.size() == shape.size();
    for (size_t i = 0; fits && i < shape.size(); ++i)
      fits = static_cast<int64_t>(i) == axis || shape[i] == node->type.shape[i];
    if (!fits) {
      e.error(Code::ShapeMismatch, call.range,
              "shapes do not match in '" + e.quote(call.range) + "'")
          .detail("one has shape " + nodes.front()->type.str())
          .detail("one has shape " + node->type.str())
          .suggest(node->type.shape.size() != shape.size()
                       ? "'concat' joins tensors of as many dimensions: 'x[:, new]' makes a column "
                         "of a vector, 'stack' joins equal shapes along a new dimension"
                       : "'concat' joins along axis " + std::to_string(axis) +
                             ", the last where none is said; the other sizes must be equal");
      return Unknown{};
    }
    auto joined = Dim::add(shape[axis], node->type.shape[axis]);
    if (!joined)
      return call.poison(Code::TensorTooLarge, call.range, "the joined dimension is too large");
    shape[axis] = *joined;
  }
  if (nodes.size() == 1)
    return Tensor{nodes.front()};
  return e.tensor(
      e.graph.make("concat", nodes, Type{nodes.front()->type.element, shape}, {{"axis", axis}}));
}

Value concat(const PrimitiveCall &call) {
  std::vector<const Node *> nodes = tensorsOf(call);
  if (nodes.empty())
    return Unknown{};
  size_t rank = nodes.front()->type.shape.size();
  if (rank == 0)
    return call.poison(Code::AxisOutOfRange, call.range, "scalars have no dimension to join along");
  auto axis = call.axis(1, rank);
  return axis ? joinAlong(call, nodes, *axis) : Unknown{};
}

/// A new dimension, along which the tensors lie.
Value stack(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  std::vector<const Node *> nodes = tensorsOf(call);
  if (nodes.empty())
    return Unknown{};
  size_t rank = nodes.front()->type.shape.size();
  auto axis = call.axis(1, rank + 1);
  if (!axis)
    return Unknown{};
  for (const Node *&node : nodes) {
    if (node->type.shape != nodes.front()->type.shape) {
      e.error(Code::ShapeMismatch, call.range,
              "shapes do not match in '" + e.quote(call.range) + "'")
          .detail("one has shape " + nodes.front()->type.str())
          .detail("one has shape " + node->type.str())
          .suggest("'stack' takes tensors of one shape, 'concat' joins along an axis that they "
                   "have, such as 'concat(table, column[:, new])'");
      return Unknown{};
    }
  }
  for (const Node *&node : nodes) {
    Shape shape(node->type.shape);
    shape.insert(shape.begin() + *axis, Dim(1));
    node = e.graph.makeSized("reshape", {node}, Type{node->type.element, shape});
  }
  return joinAlong(call, nodes, *axis);
}

/// `count` places along the axis from one that only a call knows.
const Node *sliceFrom(Elaborator &e, const Node *x, int64_t axis, const Dim &start,
                      const Dim &count) {
  Type places{Element::I32, {count}};
  const Node *first = e.graph.cast(e.graph.fromDim(start), Element::I32);
  const Node *from = e.graph.makeSized("iota", {}, places, {{"axis", int64_t(0)}});
  const Node *indices = e.graph.make("add", {from, e.broadcast(first, places.shape)}, places);
  Type type = x->type;
  type.shape[axis] = count;
  return e.graph.make("gather", {x, indices}, type, {{"axis", axis}});
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
  auto axis = call.axis(2, rank);
  if (!axis)
    return Unknown{};
  auto whole = x->type.shape[*axis].constant();
  auto piece = *parts > 0 ? Dim::divide(x->type.shape[*axis], Dim(*parts)) : std::nullopt;
  auto size = piece ? piece->constant() : std::nullopt;
  bool isWhole = piece && (size ? *size >= 1 : piece->isWhole());
  if (!whole && e.isGeneric) {
    // Whether the size of a declaration that nobody used divides, its callers know.
    auto unknown = std::make_shared<std::vector<Value>>(
        std::min<size_t>(std::max<int64_t>(*parts, 0), e.limits.sequenceLength));
    for (Value &each : *unknown)
      if (piece) {
        Type part = x->type;
        part.shape[*axis] = *piece;
        each = Tensor{e.graph.input(part)};
      }
    return Sequence{std::move(unknown), 1, /*isTuple=*/true};
  }
  if (*parts < 1 || *parts > static_cast<int64_t>(e.limits.sequenceLength) || !isWhole) {
    e.error(Code::ReshapeSize, call.range,
            "axis " + std::to_string(*axis) + " of size " + x->type.shape[*axis].str() +
                " does not split into " + std::to_string(*parts) + " equal parts")
        .suggest(whole ? "the size must be a multiple of the number of parts"
                       : "a size that is only known when the program runs must be written as a "
                         "multiple, such as '2 * n'");
    return Unknown{};
  }
  Shape shape(x->type.shape);
  shape[*axis] = *piece;
  auto values = std::make_shared<std::vector<Value>>();
  for (int64_t i = 0; i < *parts; ++i) {
    if (!size && i > 0) {
      auto start = Dim::multiply(*piece, Dim(i));
      if (!start)
        return call.poison(Code::TensorTooLarge, call.range, "a dimension is too large");
      values->push_back(Tensor{sliceFrom(e, x, *axis, *start, *piece)});
      continue;
    }
    std::vector<int64_t> offsets(rank, 0), strides(rank, 1);
    offsets[*axis] = size ? i * *size : 0;
    values->push_back(Tensor{e.graph.makeSized("slice", {x}, Type{x->type.element, shape},
                                               {{"offsets", offsets}, {"strides", strides}})});
  }
  return Sequence{std::move(values), 1, /*isTuple=*/true};
}

const Primitive table[] = {
    {"concat",
     {{"x"}, {"axis", int64_t(-1)}},
     "Tensors joined along an axis.",
     concat,
     "",
     nullptr,
     /*isVariadic=*/true},
    {"stack",
     {{"x"}, {"axis", int64_t(0)}},
     "Tensors of one shape along a new axis.",
     stack,
     "",
     nullptr,
     /*isVariadic=*/true},
    {"split",
     {{"x"}, {"parts"}, {"axis", int64_t(-1)}},
     "A tuple of equal parts along an axis.",
     split},
};

} // namespace

llvm::ArrayRef<Primitive> joinPrimitives() { return table; }

} // namespace nnc::sema
