// Primitives that reduce over axes.
#include "compiler/sema/Primitives.h"

#include "llvm/ADT/StringSwitch.h"

namespace nnc::sema {

Value buildExtremum(const PrimitiveCall &call);

namespace {

/// Drops `axes`, or leaves them with size 1.
Value reduce(const PrimitiveCall &call, llvm::StringRef op, const Node *x,
             const std::vector<int64_t> &axes, bool keep) {
  Elaborator &e = call.elaborator;
  if (axes.empty())
    return Tensor{x};
  Shape dropped, kept;
  for (size_t i = 0; i < x->type.shape.size(); ++i) {
    bool reduced = llvm::is_contained(axes, static_cast<int64_t>(i));
    kept.push_back(reduced ? Dim(1) : x->type.shape[i]);
    if (!reduced)
      dropped.push_back(x->type.shape[i]);
  }
  Node *node = e.graph.make(op, {x}, Type{x->type.element, dropped}, {{"axes", axes}});
  if (keep)
    node = e.graph.makeSized("reshape", {node}, Type{x->type.element, kept});
  return e.tensor(node);
}

struct Reduction {
  const Node *x;
  std::vector<int64_t> axes;
  bool keep;
};

std::optional<Reduction> readArguments(const PrimitiveCall &call, size_t axis, size_t keep,
                                       bool asFloat) {
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
  bool ok = true;
  bool keeps = call.flag(keep, false, ok);
  auto axes = call.axes(axis, x->type.shape.size());
  if (!axes || !ok)
    return std::nullopt;
  return Reduction{x, std::move(*axes), keeps};
}

Value sum(const PrimitiveCall &call) {
  // Sums of u8 would overflow at once: they are taken in f32.
  bool narrow =
      call.value(0).asTensor() && call.value(0).asTensor()->node->type.element == Element::U8;
  auto r = readArguments(call, 1, 2, narrow);
  return r ? reduce(call, "reduce_sum", r->x, r->axes, r->keep) : Unknown{};
}

Value mean(const PrimitiveCall &call) {
  auto r = readArguments(call, 1, 2, /*asFloat=*/true);
  if (!r)
    return Unknown{};
  Value total = reduce(call, "reduce_sum", r->x, r->axes, r->keep);
  Shape reduced;
  for (int64_t axis : r->axes)
    reduced.push_back(r->x->type.shape[axis]);
  auto count = product(reduced);
  if (!count)
    return call.poison(Code::TensorTooLarge, call.range, "too many elements for a mean");
  return call.elaborator.binary(ast::BinaryOp::Divide, total, *count, call.range);
}

/// max(x, y) or max(x, axis: ..).
Value extremum(const PrimitiveCall &call) {
  if (call.has(1)) {
    if (call.has(2) || call.has(3))
      return call.poison(Code::TooManyArguments, call.range,
                         "'" + call.primitive.name.str() +
                             "' takes a second value or an axis, not both");
    return buildExtremum(call);
  }
  auto r = readArguments(call, 2, 3, /*asFloat=*/false);
  llvm::StringRef op = call.primitive.op == "maximum" ? "reduce_max" : "reduce_min";
  return r ? reduce(call, op, r->x, r->axes, r->keep) : Unknown{};
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
  std::optional<int64_t> axis = static_cast<int64_t>(x->type.shape.size()) - 1;
  if (call.has(1))
    axis = call.axis(1, x->type.shape.size());
  if (!axis)
    return Unknown{};
  Shape shape(x->type.shape);
  shape.erase(shape.begin() + *axis);
  return Tensor{e.graph.make("argmax", {x}, Type{Element::I32, shape}, {{"axis", *axis}})};
}

const Primitive table[] = {
    {"sum", "sum(x, axis = all, keep = false)",
     "The sum over one axis, a list of axes, or all. `keep` leaves them with size 1.", sum},
    {"mean", "mean(x, axis = all, keep = false)", "The mean over one axis, a list, or all.", mean},
    {"max", "max(x, y = none, axis = all, keep = false)",
     "The largest over axes; with two values, the larger of each two elements.", extremum,
     "maximum"},
    {"min", "min(x, y = none, axis = all, keep = false)",
     "The smallest over axes; with two values, the smaller of each two elements.", extremum,
     "minimum"},
    {"argmax", "argmax(x, axis = -1)", "Where the largest lies, the first of equals, as i32.",
     argmax},
};

} // namespace

llvm::ArrayRef<Primitive> reductionPrimitives() { return table; }

} // namespace nnc::sema
