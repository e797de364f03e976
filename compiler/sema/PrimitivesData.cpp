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
};

} // namespace

llvm::ArrayRef<Primitive> dataPrimitives() { return table; }

} // namespace nnc::sema
