// Primitives that take columns of a table, in code over the rows of a data set.
#include "compiler/sema/Data.h"
#include "compiler/sema/Primitives.h"

namespace nnc::sema {

namespace {

DataElaborator *dataOf(const PrimitiveCall &call) {
  DataElaborator *data = call.elaborator.context.data;
  if (!data)
    call.elaborator
        .error(Code::NotCallable, call.range,
               "'" + call.primitive.name.str() + "' takes columns of a table, in a data set only")
        .suggest("such as 'data houses(value: f32) { from csv(\"houses.csv\"); value = "
                 "number(\"price\") }'");
  return data;
}

Value numbers(const PrimitiveCall &call) {
  DataElaborator *data = dataOf(call);
  return data ? data->numbers(call.arguments[0], call.has(1) ? &call.arguments[1] : nullptr,
                              call.range)
              : Unknown{};
}

Value number(const PrimitiveCall &call) {
  DataElaborator *data = dataOf(call);
  return data ? data->number(call.arguments[0], call.range) : Unknown{};
}

Value category(const PrimitiveCall &call) {
  DataElaborator *data = dataOf(call);
  return data ? data->category(call.arguments[0], call.arguments[1], call.range) : Unknown{};
}

/// An array of a file that is part of the program.
Value npy(const PrimitiveCall &call) {
  constexpr uint64_t most = uint64_t(64) << 20;
  Elaborator &e = call.elaborator;
  if (!llvm::isa_and_nonnull<ast::LetDeclaration>(e.frame->decl)) {
    e.error(Code::NotCallable, call.range, "'npy' gives a constant of the file, not a value here")
        .suggest("outside of models and functions: 'let roads: f32[207, 207] = "
                 "npy(\"roads.npy\")'");
    return Unknown{};
  }
  const std::string *file = call.value(0).asString();
  if (!file)
    return call.poison(Code::ArgumentType, call.rangeOf(0),
                       "'npy' takes the name of a file, found " + call.value(0).describe());
  std::vector<std::string> looked;
  std::string path =
      e.files ? e.files->findBeside(e.sources.name(call.range.file), *file, looked) : "";
  if (path.empty()) {
    Diagnostic &diagnostic =
        e.error(Code::DataFile, call.rangeOf(0), "'" + *file + "' is not at hand");
    for (const std::string &folder : looked)
      diagnostic.detail("looked for in " + folder);
    diagnostic.suggest("a constant's file lies beside the source, or where data lies: --data, "
                       "$NN_DATA");
    return Unknown{};
  }
  llvm::Expected<DataFiles::Values> values = e.files->readValues(path, most);
  if (!values)
    return call.poison(Code::DataFile, call.rangeOf(0), llvm::toString(values.takeError()));
  Type type{values->array.element, {}};
  for (int64_t size : values->array.sizes)
    type.shape.push_back(size);
  if (type.element == Element::Bool || llvm::is_contained(values->array.sizes, 0))
    return call.poison(Code::DataFile, call.rangeOf(0),
                       path + ": a constant is an array of numbers, at least one, found " +
                           type.str());
  return Tensor{e.graph.make("constant", {}, type, {{"value", std::move(values->bytes)}})};
}

using None = PrimitiveParameter::None;

const Primitive table[] = {
    {"numbers",
     {{"first"}, {"to", None{"first"}}},
     "In a data set: columns of its table as f32[rows, k], by name or number; NaN where missing.",
     numbers},
    {"number",
     {{"column"}},
     "In a data set: a column of its table as f32[rows], by name or number; NaN where missing.",
     number},
    {"category",
     {{"column"}, {"classes"}},
     "In a data set: a column of words as their classes, sorted, i32[rows].",
     category},
    {"npy",
     {{"file"}},
     "For a constant of the file: the array of an npy file, read while the program is compiled.",
     npy},
};

} // namespace

llvm::ArrayRef<Primitive> dataPrimitives() { return table; }

} // namespace nnc::sema
