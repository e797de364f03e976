// Finds the windows of a graph that end before what they move over does.
#include "compiler/driver/WindowRests.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <tuple>

using namespace llvm;

namespace nnc::driver {

using sema::Node;

/// The numbers that `windows` has for each dimension under a name.
static ArrayRef<int64_t> numbers(const Node *node, StringRef name) {
  for (const sema::Attribute &attribute : node->attributes)
    if (attribute.name == name)
      return std::get<std::vector<int64_t>>(attribute.value);
  return {};
}

/// How much of `size`, at its end, no window sees. What lies between windows, where the stride is
/// longer than they are, is left out on purpose, also behind the last one.
static int64_t findRest(int64_t size, int64_t window, int64_t stride, int64_t dilation, int64_t low,
                        int64_t high) {
  int64_t reach = dilation * (window - 1) + 1, whole = low + size + high;
  if (whole < reach)
    return 0;
  int64_t last = (whole - reach) / stride * stride;
  int64_t behind = whole - last - std::max(reach, stride);
  return std::clamp<int64_t>(behind - high, 0, size);
}

static void find(const sema::Function &function, const SourceManager &sources,
                 std::vector<WindowRest> &rests) {
  for (const Node *node : function.nodes) {
    for (const auto &body : node->bodies)
      find(*body, sources, rests);
    if (node->op != "windows")
      continue;
    WindowRest rest{node->range.file, 0, "windows", {}, {}};
    SourceRange place = node->range;
    for (const auto *site = node->site; site && sources.isStd(place.file); site = site->caller) {
      place = site->call;
      rest.callee = site->callee;
    }
    if (!place.isValid())
      continue;
    rest.file = place.file;
    rest.line = sources.position(place.file, place.begin).line;
    ArrayRef<sema::Dim> shape = node->operands.front()->type.shape;
    for (auto [dim, window, stride, dilation, low, high] :
         zip(shape.drop_front(), numbers(node, "size"), numbers(node, "stride"),
             numbers(node, "dilation"), numbers(node, "low"), numbers(node, "high"))) {
      // Only of known sizes are there windows with a stride; the others leave out nothing.
      int64_t size = dim.constant().value_or(0);
      rest.sizes.push_back(size);
      rest.rests.push_back(size ? findRest(size, window, stride, dilation, low, high) : 0);
    }
    if (any_of(rest.rests, [](int64_t each) { return each > 0; }))
      rests.push_back(std::move(rest));
  }
}

std::vector<WindowRest> findWindowRests(const sema::Model &model, const SourceManager &sources) {
  std::vector<WindowRest> rests;
  find(model.predict, sources, rests);
  // Layers that only losses and metrics read.
  if (model.recipe)
    for (const sema::Evaluation::Pass &pass : model.recipe->evaluation.passes)
      find(pass.accumulate, sources, rests);
  auto key = [](const WindowRest &rest) {
    return std::tie(rest.file.index, rest.line, rest.callee, rest.sizes, rest.rests);
  };
  sort(rests, [&](const WindowRest &a, const WindowRest &b) { return key(a) < key(b); });
  rests.erase(
      unique(rests, [&](const WindowRest &a, const WindowRest &b) { return key(a) == key(b); }),
      rests.end());
  return rests;
}

/// "11 x 11".
static std::string product(ArrayRef<int64_t> sizes) {
  return join(map_range(sizes, [](int64_t size) { return std::to_string(size); }), " x ");
}

/// "row", of images; "position", of what has one dimension.
static std::string nameOf(size_t dimension, size_t count) {
  if (count == 1)
    return "position";
  if (count == 2)
    return dimension == 0 ? "row" : "column";
  return "of dimension " + std::to_string(dimension + 1);
}

std::string describe(const WindowRest &rest, const SourceManager &sources, FileId main) {
  std::string text = rest.file == main ? "" : sources.name(rest.file).str() + ", ";
  text += "line " + std::to_string(rest.line) + ": " + rest.callee + " leaves out ";
  std::vector<std::string> parts;
  std::vector<int64_t> fitting;
  for (auto [dimension, left] : enumerate(rest.rests)) {
    std::string name = nameOf(dimension, rest.sizes.size());
    fitting.push_back(rest.sizes[dimension] - left);
    if (left == 1)
      parts.push_back("the last " + name);
    else if (left > 1)
      parts.push_back("the last " + std::to_string(left) + " " + name +
                      (rest.sizes.size() > 2 ? "" : "s"));
  }
  text += join(parts, " and ") + " of " + product(rest.sizes);
  return text + "; padding: \"same\" takes them in, and a size of " + product(fitting) +
         " leaves none out";
}

} // namespace nnc::driver
