// Primitives that reduce over axes.
#include "compiler/sema/Primitives.h"

#include "llvm/ADT/StringSwitch.h"

namespace nnc::sema {

const Node *sumOver(Elaborator &e, const Node *x, std::vector<int64_t> axes) {
  if (axes.empty())
    return x;
  Shape kept;
  for (size_t i = 0; i < x->type.shape.size(); ++i)
    if (!llvm::is_contained(axes, static_cast<int64_t>(i)))
      kept.push_back(x->type.shape[i]);
  return e.graph.make("reduce_sum", {x}, Type{x->type.element, kept}, {{"axes", std::move(axes)}});
}

namespace {

using Kind = ReductionCall::Kind;

/// Drops the axes of `node`, or leaves them with size 1.
Value finish(const PrimitiveCall &call, const ReductionCall &reduction, Node *node) {
  Elaborator &e = call.elaborator;
  if (reduction.keep) {
    Shape kept(reduction.x->type.shape);
    for (int64_t axis : reduction.axes)
      kept[axis] = Dim(1);
    node = e.graph.makeSized("reshape", {node}, Type{node->type.element, kept});
  }
  return e.tensor(node);
}

Value reduce(const PrimitiveCall &call, const ReductionCall &reduction) {
  Elaborator &e = call.elaborator;
  const Node *x = reduction.x;
  if (e.context.reduce && e.regions == 0)
    if (auto value = e.context.reduce(reduction))
      return *value;
  if (reduction.axes.empty())
    return Tensor{x};
  Shape dropped;
  std::optional<Dim> count = Dim(1);
  for (size_t i = 0; i < x->type.shape.size(); ++i)
    if (!llvm::is_contained(reduction.axes, static_cast<int64_t>(i)))
      dropped.push_back(x->type.shape[i]);
    else
      count = count ? Dim::multiply(*count, x->type.shape[i]) : std::nullopt;
  if (reduction.kind != Kind::Mean) {
    const char *op = reduction.kind == Kind::Sum   ? "reduce_sum"
                     : reduction.kind == Kind::Max ? "reduce_max"
                                                   : "reduce_min";
    return finish(
        call, reduction,
        e.graph.make(op, {x}, Type{x->type.element, dropped}, {{"axes", reduction.axes}}));
  }
  if (!count)
    return call.poison(Code::TensorTooLarge, call.range, "too many elements for a mean");
  // f16 holds neither the sum nor the count of many: both are f32, and the quotient is rounded
  // once.
  Element element = x->type.element;
  bool isNarrow = element == Element::F16 || element == Element::BF16;
  if (isNarrow)
    x = e.graph.cast(x, Element::F32);
  Element wide = x->type.element;
  Node *total = e.graph.make("reduce_sum", {x}, Type{wide, dropped}, {{"axes", reduction.axes}});
  const Node *divisor = e.toNode(*count, wide, call.range);
  if (!divisor)
    return Unknown{};
  Node *mean = e.graph.make("div", {total, e.broadcast(divisor, dropped)}, total->type);
  if (isNarrow)
    mean = e.graph.cast(mean, element);
  return finish(call, reduction, mean);
}

std::optional<ReductionCall> readArguments(const PrimitiveCall &call, Kind kind, size_t axis,
                                           bool asFloat) {
  // A number is its own sum, mean and maximum.
  const Node *x = asFloat ? call.floatTensor(0) : call.tensor(0);
  if (!x)
    return std::nullopt;
  if (x->type.element == Element::Bool) {
    call.elaborator
        .error(Code::ElementMismatch, call.rangeOf(0),
               "'" + call.primitive.name.str() + "' takes numbers, found bools")
        .suggest("say 'as f32' to convert them");
    return std::nullopt;
  }
  auto keep = call.flag(axis + 1);
  auto axes = call.axes(axis, x->type.shape.size());
  if (!axes || !keep)
    return std::nullopt;
  return ReductionCall{kind, x, std::move(*axes), call.hasAxes(axis), *keep, call.range};
}

bool isScalar(const Value &value) { return value.isNumber() || value.isWeak(); }

Value sum(const PrimitiveCall &call) {
  // Sums of u8 and bool are taken in f32, as they compute.
  const Tensor *tensor = call.value(0).asTensor();
  bool isSmall = tensor && (tensor->node->type.element == Element::U8 ||
                            tensor->node->type.element == Element::Bool);
  if (isScalar(call.value(0)) && !isSmall)
    return call.value(0);
  auto reduction = readArguments(call, Kind::Sum, 1, isSmall);
  return reduction ? reduce(call, *reduction) : Unknown{};
}

Value mean(const PrimitiveCall &call) {
  if (isScalar(call.value(0)))
    return call.value(0);
  auto reduction = readArguments(call, Kind::Mean, 1, /*asFloat=*/true);
  return reduction ? reduce(call, *reduction) : Unknown{};
}

/// max(x, y) or max(x, axis: ..).
Value extremum(const PrimitiveCall &call) {
  if (call.has(1)) {
    auto keep = call.flag(3);
    if (call.hasAxes(2) || !keep || *keep)
      return call.poison(Code::TooManyArguments, call.range,
                         "'" + call.primitive.name.str() +
                             "' takes a second value or what a reduction does, 'axis' and 'keep', "
                             "not both");
    return buildExtremum(call, 0, 1);
  }
  if (isScalar(call.value(0)))
    return call.value(0);
  Kind kind = call.primitive.op == "maximum" ? Kind::Max : Kind::Min;
  auto reduction = readArguments(call, kind, 2, /*asFloat=*/false);
  return reduction ? reduce(call, *reduction) : Unknown{};
}

Value argmax(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  const Node *x = call.tensor(0);
  if (!x)
    return Unknown{};
  if (x->type.shape.empty() || x->type.element == Element::Bool)
    return call.poison(Code::ArgumentType, call.rangeOf(0),
                       "'argmax' takes a tensor of numbers with a dimension, found " +
                           call.value(0).describe());
  auto axis = call.axis(1, x->type.shape.size());
  if (!axis)
    return Unknown{};
  Shape shape(x->type.shape);
  shape.erase(shape.begin() + *axis);
  Node *node = e.graph.make("argmax", {x}, Type{Element::I32, shape}, {{"axis", *axis}});
  e.ranges[node] = {x->type.shape[*axis], true, "", call.range};
  return Tensor{node};
}

constexpr PrimitiveParameter::None all{"all"}, none{"none"};

const Primitive table[] = {
    {"sum",
     {{"x"}, {"axis", all}, {"keep", false}},
     "The sum over one axis, a list of axes, or all. `keep` leaves them with size 1.",
     sum},
    {"mean",
     {{"x"}, {"axis", all}, {"keep", false}},
     "The mean over one axis, a list, or all.",
     mean},
    {"max",
     {{"x"}, {"y", none}, {"axis", all}, {"keep", false}},
     "The largest over axes; with two values, the larger of each two elements.",
     extremum,
     "maximum"},
    {"min",
     {{"x"}, {"y", none}, {"axis", all}, {"keep", false}},
     "The smallest over axes; with two values, the smaller of each two elements.",
     extremum,
     "minimum"},
    {"argmax",
     {{"x"}, {"axis", int64_t(-1)}},
     "Where the largest lies, the first of equals, as i32.",
     argmax},
};

} // namespace

llvm::ArrayRef<Primitive> reductionPrimitives() { return table; }

} // namespace nnc::sema
