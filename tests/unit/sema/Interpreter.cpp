// Evaluates the operations that the standard library is made of.
#include "tests/unit/sema/Interpreter.h"

#include "llvm/ADT/STLExtras.h"

#include "gtest/gtest.h"

#include <cmath>
#include <functional>

namespace nnc::test {

namespace {

using Index = std::vector<int64_t>;

int64_t count(const Index &shape) {
  int64_t total = 1;
  for (int64_t size : shape)
    total *= size;
  return total;
}

Index unravel(int64_t flat, const Index &shape) {
  Index index(shape.size());
  for (size_t i = shape.size(); i-- > 0; flat /= shape[i])
    index[i] = flat % shape[i];
  return index;
}

int64_t ravel(const Index &index, const Index &shape) {
  int64_t flat = 0;
  for (size_t i = 0; i < shape.size(); ++i)
    flat = flat * shape[i] + index[i];
  return flat;
}

const sema::Attribute &attribute(const sema::Node &node, llvm::StringRef name) {
  for (const sema::Attribute &each : node.attributes)
    if (each.name == name)
      return each;
  ADD_FAILURE() << node.op << " has no attribute " << name.str();
  static const sema::Attribute none{"", int64_t(0)};
  return none;
}

const Index &list(const sema::Node &node, llvm::StringRef name) {
  return std::get<Index>(attribute(node, name).value);
}

class Evaluator {
public:
  explicit Evaluator(const std::map<std::string, int64_t> &dims) : dims(dims) {}

  std::map<const sema::Node *, Array> values;
  std::map<const sema::Node *, std::vector<Array>> several;

  Array evaluate(const sema::Node &node) {
    if (auto f = unary(node.op))
      return map(node, [&](const Index &i) { return f(at(node, 0, i)); });
    if (auto f = binary(node.op))
      return map(node, [&](const Index &i) { return f(at(node, 0, i), at(node, 1, i)); });
    if (node.op == "compare")
      return compare(node);
    if (node.op == "select")
      return map(node,
                 [&](const Index &i) { return at(node, 0, i) ? at(node, 1, i) : at(node, 2, i); });
    if (node.op == "constant")
      return Array::scalar(constant(node));
    if (node.op == "from_index")
      return Array::scalar(static_cast<double>(size(node.sizes.front())));
    if (node.op == "random")
      return Array::filled(shapeOf(node), 1);
    if (node.op == "iota") {
      auto axis = std::get<int64_t>(attribute(node, "axis").value);
      return map(node, [&](const Index &i) { return static_cast<double>(i[axis]); });
    }
    if (node.op == "broadcast")
      return broadcast(node);
    if (node.op == "reshape")
      return {shapeOf(node), operand(node, 0).data};
    if (llvm::StringRef(node.op).starts_with("reduce_"))
      return reduce(node);
    if (node.op == "argmax")
      return argmax(node);
    if (node.op == "contract")
      return contract(node);
    if (node.op == "transpose")
      return transpose(node);
    if (node.op == "slice")
      return slice(node);
    if (node.op == "concat")
      return concat(node);
    if (node.op == "gather" || node.op == "take_along")
      return choose(node);
    if (node.op == "windows")
      return windows(node);
    if (node.op == "scan")
      return scan(node);
    if (node.op == "with_gradient")
      return forward(node);
    if (node.op == "result")
      return several[node.operands[0]][node.result];
    ADD_FAILURE() << "the interpreter does not know " << node.op;
    return Array::filled(shapeOf(node), NAN);
  }

private:
  using Unary = double (*)(double);
  using Binary = double (*)(double, double);

  static Unary unary(llvm::StringRef op) {
    static const std::map<std::string, Unary> table = {
        {"neg", [](double x) { return -x; }},
        {"exp", std::exp},
        {"log", std::log},
        {"log1p", std::log1p},
        {"sqrt", std::sqrt},
        {"tanh", std::tanh},
        {"cos", std::cos},
        {"sin", std::sin},
        {"rsqrt", [](double x) { return 1 / std::sqrt(x); }},
        {"sign", [](double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x; }},
        {"not", [](double x) { return x == 0 ? 1.0 : 0.0; }},
        {"sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }},
        {"softplus",
         [](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }},
        {"log_sigmoid",
         [](double x) { return std::min(x, 0.0) - std::log1p(std::exp(-std::fabs(x))); }},
        {"erf", std::erf},
        {"abs", std::fabs},
        {"floor", std::floor},
        {"cast", [](double x) { return x; }},
        {"stop_gradient", [](double x) { return x; }}};
    auto it = table.find(op.str());
    return it == table.end() ? nullptr : it->second;
  }
  static Binary binary(llvm::StringRef op) {
    static const std::map<std::string, Binary> table = {
        {"add", [](double a, double b) { return a + b; }},
        {"sub", [](double a, double b) { return a - b; }},
        {"mul", [](double a, double b) { return a * b; }},
        {"div", [](double a, double b) { return a / b; }},
        {"pow", std::pow},
        {"and", [](double a, double b) { return a != 0 && b != 0 ? 1.0 : 0.0; }},
        {"or", [](double a, double b) { return a != 0 || b != 0 ? 1.0 : 0.0; }},
        {"remainder", [](double a, double b) { return a - std::floor(a / b) * b; }},
        {"maximum", [](double a, double b) { return a != a || b != b ? NAN
                                                    : a > b          ? a
                                                                     : b; }},
        {"minimum", [](double a, double b) { return a != a || b != b ? NAN
                                                    : a < b          ? a
                                                                     : b; }}};
    auto it = table.find(op.str());
    return it == table.end() ? nullptr : it->second;
  }

  int64_t size(const sema::Dim &dim) {
    auto value = dim.evaluate([&](llvm::StringRef name) -> std::optional<int64_t> {
      auto it = dims.find(name.str());
      return it == dims.end() ? std::nullopt : std::optional(it->second);
    });
    EXPECT_TRUE(value) << "no value for " << dim.str();
    return value.value_or(1);
  }
  Index shapeOf(const sema::Node &node) {
    Index shape;
    for (const sema::Dim &dim : node.type.shape)
      shape.push_back(size(dim));
    return shape;
  }
  const Array &operand(const sema::Node &node, size_t i) { return values[node.operands[i]]; }
  /// Element `index` of an operand with the shape of the result.
  double at(const sema::Node &node, size_t i, const Index &index) {
    const Array &array = operand(node, i);
    return array.data[ravel(index, array.shape)];
  }
  Array map(const sema::Node &node, llvm::function_ref<double(const Index &)> f) {
    Array result = Array::filled(shapeOf(node), 0);
    for (size_t i = 0; i < result.data.size(); ++i)
      result.data[i] = f(unravel(i, result.shape));
    return result;
  }

  static double constant(const sema::Node &node) {
    const auto &value = attribute(node, "value").value;
    if (const auto *number = std::get_if<int64_t>(&value))
      return static_cast<double>(*number);
    if (const auto *truth = std::get_if<bool>(&value))
      return *truth;
    return std::get<double>(value);
  }
  Array compare(const sema::Node &node) {
    std::string predicate = std::get<std::string>(attribute(node, "predicate").value);
    return map(node, [&](const Index &i) -> double {
      double a = at(node, 0, i), b = at(node, 1, i);
      if (predicate == "eq")
        return a == b;
      if (predicate == "ne")
        return a != b;
      if (predicate == "lt")
        return a < b;
      if (predicate == "le")
        return a <= b;
      return predicate == "gt" ? a > b : a >= b;
    });
  }
  Array broadcast(const sema::Node &node) {
    const Array &from = operand(node, 0);
    const Index &dimensions = list(node, "dimensions");
    return map(node, [&](const Index &to) {
      Index index;
      for (size_t i = 0; i < from.shape.size(); ++i)
        index.push_back(from.shape[i] == 1 ? 0 : to[dimensions[i]]);
      return from.data[ravel(index, from.shape)];
    });
  }
  Array reduce(const sema::Node &node) {
    const Array &from = operand(node, 0);
    bool isSum = node.op == "reduce_sum", isMax = node.op == "reduce_max";
    Array result = Array::filled(shapeOf(node), isSum ? 0 : isMax ? -INFINITY : INFINITY);
    for (size_t i = 0; i < from.data.size(); ++i) {
      Index index = unravel(i, from.shape), kept;
      for (size_t d = 0; d < index.size(); ++d)
        if (!llvm::is_contained(list(node, "axes"), static_cast<int64_t>(d)))
          kept.push_back(index[d]);
      double &slot = result.data[ravel(kept, result.shape)];
      double x = from.data[i];
      slot = isSum ? slot + x : isMax ? std::max(slot, x) : std::min(slot, x);
    }
    return result;
  }
  Array transpose(const sema::Node &node) {
    const Array &from = operand(node, 0);
    const Index &permutation = list(node, "permutation");
    return map(node, [&](const Index &to) {
      Index index(to.size());
      for (size_t i = 0; i < to.size(); ++i)
        index[permutation[i]] = to[i];
      return from.data[ravel(index, from.shape)];
    });
  }
  Array slice(const sema::Node &node) {
    const Array &from = operand(node, 0);
    const Index &offsets = list(node, "offsets");
    return map(node, [&](Index index) {
      for (size_t i = 0; i < index.size(); ++i)
        index[i] += offsets[i];
      return from.data[ravel(index, from.shape)];
    });
  }
  Array concat(const sema::Node &node) {
    auto axis = std::get<int64_t>(attribute(node, "axis").value);
    return map(node, [&](Index index) {
      size_t part = 0;
      while (index[axis] >= operand(node, part).shape[axis])
        index[axis] -= operand(node, part++).shape[axis];
      return at(node, part, index);
    });
  }
  /// gather along axis 0, or one element of each last dimension.
  Array choose(const sema::Node &node) {
    const Array &from = operand(node, 0), &indices = operand(node, 1);
    bool isAlong = node.op == "take_along";
    return map(node, [&](const Index &to) {
      Index lead(to.begin(), to.begin() + static_cast<ptrdiff_t>(indices.shape.size()));
      auto chosen = static_cast<int64_t>(indices.data[ravel(lead, indices.shape)]);
      Index index;
      if (isAlong)
        index = lead;
      index.push_back(chosen);
      index.insert(index.end(), to.begin() + static_cast<ptrdiff_t>(lead.size()), to.end());
      return from.data[ravel(index, from.shape)];
    });
  }
  Array windows(const sema::Node &node) {
    const Array &from = operand(node, 0);
    const Index &stride = list(node, "stride"), &dilation = list(node, "dilation");
    const Index &low = list(node, "low");
    size_t count = stride.size();
    return map(node, [&](const Index &to) {
      Index index{to.front()};
      for (size_t i = 0; i < count; ++i)
        index.push_back(to[1 + i] * stride[i] + to[1 + count + i] * dilation[i] - low[i]);
      index.push_back(to.back());
      for (size_t i = 0; i < index.size(); ++i)
        if (index[i] < 0 || index[i] >= from.shape[i])
          return std::get<double>(attribute(node, "fill").value);
      return from.data[ravel(index, from.shape)];
    });
  }
  std::vector<Array> runBody(const sema::Function &body, const std::vector<Array> &inputs) {
    EXPECT_EQ(body.inputs.size(), inputs.size());
    for (size_t i = 0; i < inputs.size(); ++i)
      values[body.inputs[i].node] = inputs[i];
    for (const sema::Node *each : body.nodes) {
      Array value = evaluate(*each);
      values[each] = std::move(value);
    }
    std::vector<Array> results;
    for (const sema::Function::Result &result : body.results)
      results.push_back(values[result.node]);
    return results;
  }
  Array forward(const sema::Node &node) {
    std::vector<Array> inputs;
    for (size_t i = 0; i < node.operands.size(); ++i)
      inputs.push_back(operand(node, i));
    return (several[&node] = runBody(*node.bodies[0], inputs)).front();
  }
  Array scan(const sema::Node &node) {
    unsigned slices = node.segments[0], inits = node.segments[1];
    const Index &axes = list(node, "slice_axes"), &stackAxes = list(node, "stack_axes");
    std::vector<Array> carried, captures, stacked;
    for (unsigned i = 0; i < inits; ++i)
      carried.push_back(operand(node, slices + i));
    for (size_t i = slices + inits; i < node.operands.size(); ++i)
      captures.push_back(operand(node, i));
    const auto &types = node.resultTypes.empty() ? std::vector<sema::Type>{node.type}
                                                 : node.resultTypes;
    for (size_t i = inits; i < types.size(); ++i) {
      Index shape;
      for (const sema::Dim &dim : types[i].shape)
        shape.push_back(size(dim));
      stacked.push_back(Array::filled(shape, NAN));
    }
    for (int64_t pass = 0; pass < size(node.sizes.front()); ++pass) {
      std::vector<Array> inputs{Array::scalar(static_cast<double>(pass))};
      for (unsigned i = 0; i < slices; ++i) {
        const Array &from = operand(node, i);
        Index shape = from.shape;
        shape.erase(shape.begin() + axes[i]);
        Array part = Array::filled(shape, 0);
        for (size_t k = 0; k < part.data.size(); ++k) {
          Index index = unravel(static_cast<int64_t>(k), shape);
          index.insert(index.begin() + axes[i], pass);
          part.data[k] = from.data[ravel(index, from.shape)];
        }
        inputs.push_back(part);
      }
      inputs.insert(inputs.end(), carried.begin(), carried.end());
      inputs.insert(inputs.end(), captures.begin(), captures.end());
      std::vector<Array> results = runBody(*node.bodies[0], inputs);
      for (size_t i = 0; i < stacked.size(); ++i) {
        const Array &part = results[inits + i];
        for (size_t k = 0; k < part.data.size(); ++k) {
          Index index = unravel(static_cast<int64_t>(k), part.shape);
          index.insert(index.begin() + stackAxes[i], pass);
          stacked[i].data[ravel(index, stacked[i].shape)] = part.data[k];
        }
      }
      carried.assign(results.begin(), results.begin() + inits);
    }
    std::vector<Array> all(carried);
    all.insert(all.end(), stacked.begin(), stacked.end());
    return (several[&node] = std::move(all)).front();
  }

  Array argmax(const sema::Node &node) {
    const Array &from = operand(node, 0);
    auto axis = std::get<int64_t>(attribute(node, "axis").value);
    return map(node, [&](const Index &kept) {
      int64_t best = 0;
      double largest = -INFINITY;
      for (int64_t k = 0; k < from.shape[axis]; ++k) {
        Index index = kept;
        index.insert(index.begin() + axis, k);
        double x = from.data[ravel(index, from.shape)];
        if (x > largest) {
          largest = x;
          best = k;
        }
      }
      return static_cast<double>(best);
    });
  }
  Array contract(const sema::Node &node) {
    llvm::StringRef equation = std::get<std::string>(attribute(node, "equation").value);
    auto [inputs, output] = equation.split("->");
    auto [left, right] = inputs.split(',');
    const Array &a = operand(node, 0), &b = operand(node, 1);
    std::map<char, int64_t> sizes;
    for (size_t i = 0; i < left.size(); ++i)
      sizes[left[i]] = a.shape[i];
    for (size_t i = 0; i < right.size(); ++i)
      sizes[right[i]] = b.shape[i];
    std::string letters;
    Index extents;
    for (auto [letter, extent] : sizes) {
      letters += letter;
      extents.push_back(extent);
    }
    Array result = Array::filled(shapeOf(node), 0);
    for (int64_t i = 0; i < count(extents); ++i) {
      Index all = unravel(i, extents);
      auto part = [&](llvm::StringRef of) {
        Index index;
        for (char letter : of)
          index.push_back(all[letters.find(letter)]);
        return index;
      };
      result.data[ravel(part(output), result.shape)] +=
          a.data[ravel(part(left), a.shape)] * b.data[ravel(part(right), b.shape)];
    }
    return result;
  }

  const std::map<std::string, int64_t> &dims;
};

} // namespace

Array Array::filled(std::vector<int64_t> shape, double value) {
  auto size = static_cast<size_t>(count(shape));
  return {std::move(shape), std::vector<double>(size, value)};
}

std::vector<Array> run(const sema::Function &function, const std::vector<Array> &inputs,
                       const std::map<std::string, int64_t> &dims) {
  EXPECT_EQ(function.inputs.size(), inputs.size());
  Evaluator evaluator(dims);
  for (size_t i = 0; i < inputs.size(); ++i)
    evaluator.values[function.inputs[i].node] = inputs[i];
  for (const sema::Node *node : function.nodes) {
    Array value = evaluator.evaluate(*node);
    evaluator.values[node] = std::move(value);
  }
  std::vector<Array> results;
  for (const sema::Function::Result &result : function.results)
    results.push_back(evaluator.values[result.node]);
  return results;
}

} // namespace nnc::test
