// Primitives that turn integers into places: iota, one_hot, pick.
#include "compiler/sema/Primitives.h"

#include <algorithm>
#include <numeric>

namespace nnc::sema {

namespace {

/// Integers as i32, the type in which places are compared.
const Node *indices(const PrimitiveCall &call, size_t index) {
  const Node *node = call.tensor(index);
  if (!node)
    return nullptr;
  if (isInteger(node->type.element))
    return node;
  call.elaborator.error(Code::ElementMismatch, call.rangeOf(index),
                        "'" + call.primitive.name.str() + "' takes integers here, found " +
                            call.value(index).describe());
  return nullptr;
}

/// Whether the last coordinate of each element of `shape` equals the index: a bool tensor.
const Node *isAtIndex(Elaborator &e, const Node *index, const Shape &shape) {
  Element element = index->type.element == Element::I64 ? Element::I64 : Element::I32;
  if (index->type.element != element)
    index = e.graph.cast(index, element);
  auto last = static_cast<int64_t>(shape.size()) - 1;
  std::vector<int64_t> dimensions;
  for (int64_t i = 0; i < last; ++i)
    dimensions.push_back(i);
  const Node *wide =
      e.graph.makeSized("broadcast", {index}, Type{element, shape}, {{"dimensions", dimensions}});
  const Node *place = e.graph.makeSized("iota", {}, Type{element, shape}, {{"axis", last}});
  return e.graph.make("compare", {place, wide}, Type{Element::Bool, shape},
                      {{"predicate", std::string("eq")}});
}

Value pick(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  const Node *x = call.tensor(0);
  const Node *index = x ? indices(call, 1) : nullptr;
  if (!index)
    return Unknown{};
  Shape lead(x->type.shape);
  if (!lead.empty())
    lead.pop_back();
  const Shape places(index->type.shape);
  if (x->type.shape.empty() || places.size() < lead.size() ||
      !std::equal(lead.begin(), lead.end(), places.begin())) {
    e.error(Code::ShapeMismatch, call.range, "shapes do not match in '" + e.quote(call.range) + "'")
        .detail("the values have shape  " + x->type.str())
        .detail("the indices have shape " + index->type.str())
        .suggest("the indices begin with all dimensions of the values but the last; further ones "
                 "are several places of each row");
    return Unknown{};
  }
  if (x->type.element == Element::Bool)
    return call.poison(Code::ElementMismatch, call.rangeOf(0), "'pick' takes numbers, found bools");
  if (!e.requireIndexBelow(index, x->type.shape.back(), call.rangeOf(1)))
    return Unknown{};
  if (index->type.element == Element::U8)
    index = e.graph.cast(index, Element::I32);
  auto last = static_cast<int64_t>(places.size());
  if (places != lead) {
    Shape wide(places);
    wide.push_back(x->type.shape.back());
    std::vector<int64_t> dimensions(lead.size());
    std::iota(dimensions.begin(), dimensions.end(), 0);
    dimensions.push_back(last);
    x = e.graph.makeSized("broadcast", {x}, Type{x->type.element, wide},
                          {{"dimensions", dimensions}});
  }
  return Tensor{
      e.graph.make("take_along", {x, index}, Type{x->type.element, places}, {{"axis", last}})};
}

Value oneHot(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  const Node *index = indices(call, 0);
  if (!index)
    return Unknown{};
  std::optional<Dim> classes;
  if (call.has(1)) {
    if (!call.value(1).asInt())
      return call.poison(Code::ArgumentType, call.rangeOf(1),
                         "'one_hot' takes the number of classes, found " +
                             call.value(1).describe());
    classes = *call.value(1).asInt();
  } else if (IndexRange *known = e.rangeOf(index)) {
    classes = known->limit;
  }
  if (!classes) {
    e.error(Code::MissingArgument, call.range, "the number of classes is not known here")
        .suggest("say it: one_hot(x, 10)");
    return Unknown{};
  }
  if (!e.requireIndexBelow(index, *classes, call.rangeOf(0)))
    return Unknown{};
  Shape shape(index->type.shape);
  shape.push_back(*classes);
  Element element =
      call.expected && isFloat(call.expected->element) ? call.expected->element : Element::F32;
  return e.tensor(e.graph.cast(isAtIndex(e, index, shape), element));
}

Value iota(const PrimitiveCall &call) {
  const Dim *count = call.value(0).asInt();
  if (!count)
    return call.poison(Code::ArgumentType, call.rangeOf(0),
                       "'iota' takes an integer, found " + call.value(0).describe());
  Elaborator &e = call.elaborator;
  Node *node = e.graph.makeSized("iota", {}, Type{Element::I32, {*count}}, {{"axis", int64_t(0)}});
  e.ranges[node] = {*count, true, "", call.range};
  return e.tensor(node);
}

const Primitive table[] = {
    {"iota", {{"n"}}, "0, 1, ... n - 1, as i32.", iota},
    {"one_hot",
     {{"index"}, {"classes", PrimitiveParameter::None{"those of the index"}}},
     "A last dimension of size `classes`: 1 at the index, 0 elsewhere.",
     oneHot},
    {"pick",
     {{"x"}, {"index"}},
     "x[..., i]: from the last dimension, the element at each index, or those at several.",
     pick},
};

} // namespace

llvm::ArrayRef<Primitive> indexPrimitives() { return table; }

} // namespace nnc::sema
