// The C functions that the library form of a model exports, and their header.
#include "compiler/driver/LibraryForm.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace nnc::driver {

/// Whether a call says how large the dimension is. Those of rows occur in data alone.
static bool isCallers(const ModelDescription &model, size_t dim) {
  return static_cast<int32_t>(dim) != model.rowsDim;
}

static SmallVector<TensorDescription> tensorsOf(const std::vector<PortDescription> &ports) {
  return map_to_vector(ports, [](const PortDescription &port) { return port.tensor; });
}

//===----------------------------------------------------------------------===//
// The functions
//===----------------------------------------------------------------------===//

namespace {

/// Writes the functions of one library; each passes its arguments on to the runtime.
class FunctionWriter {
public:
  FunctionWriter(Module &module, const ModelDescription &model)
      : module(module), model(model), builder(module.getContext()), i32(builder.getInt32Ty()),
        i64(builder.getInt64Ty()), pointer(builder.getPtrTy()) {}

  void run() {
    GlobalVariable *descriptor = module.getNamedGlobal("nnrt_model_descriptor");
    descriptor->setVisibility(GlobalValue::HiddenVisibility);
    writeCreate(descriptor);
    forward("destroy", builder.getVoidTy(), {pointer});
    forward("message", pointer, {pointer});
    forward("init", i32, {pointer, i64});
    if (model.recipe) {
      // Session, sizes, a pointer per field, then where the results go.
      writeCall("train_step", {model.fields.size()}, /*numResults=*/1);
      writeCall("eval_step", {model.fields.size()}, /*numResults=*/2);
    }
    writeCall("predict", {model.inputs.size(), model.outputs.size()}, /*numResults=*/0);
    for (StringRef name : {"load", "resume", "save"})
      forward(name, i32, {pointer, pointer});
  }

private:
  Function *begin(StringRef name, Type *result, ArrayRef<Type *> arguments) {
    auto *function = Function::Create(FunctionType::get(result, arguments, false),
                                      Function::ExternalLinkage, model.name + "_" + name, module);
    function->addFnAttr(Attribute::NoUnwind);
    builder.SetInsertPoint(BasicBlock::Create(module.getContext(), "entry", function));
    return function;
  }

  void callRuntime(StringRef name, Type *result, ArrayRef<Value *> arguments) {
    SmallVector<Type *> types =
        map_to_vector(arguments, [](Value *each) { return each->getType(); });
    FunctionCallee callee = module.getOrInsertFunction(("nnrt_session_" + name).str(),
                                                       FunctionType::get(result, types, false));
    Value *value = builder.CreateCall(callee, arguments);
    result->isVoidTy() ? builder.CreateRetVoid() : builder.CreateRet(value);
  }

  void forward(StringRef name, Type *result, ArrayRef<Type *> types) {
    Function *function = begin(name, result, types);
    callRuntime(name, result,
                map_to_vector(function->args(), [](Argument &each) -> Value * { return &each; }));
  }

  unsigned numSizes() const {
    unsigned count = 0;
    for (size_t i = 0; i < model.dims.size(); ++i)
      count += isCallers(model, i);
    return count;
  }

  /// An array of the values in memory.
  Value *arrayOf(Type *type, ArrayRef<Value *> values) {
    Value *array = builder.CreateAlloca(ArrayType::get(type, values.size()));
    for (auto [i, value] : enumerate(values))
      builder.CreateStore(value, builder.CreateConstInBoundsGEP1_64(type, array, i));
    return array;
  }

  /// The arguments from `next` on that are sizes, as the runtime takes them.
  Value *sizesFrom(Function *function, unsigned &next) {
    SmallVector<Value *> sizes;
    for (size_t i = 0; i < model.dims.size(); ++i)
      sizes.push_back(isCallers(model, i) ? static_cast<Value *>(function->getArg(next++))
                                          : builder.getInt64(0));
    return arrayOf(i64, sizes);
  }

  void writeCreate(Value *descriptor) {
    SmallVector<Type *> types(numSizes(), i64);
    types.append({i32, pointer});
    Function *function = begin("create", i32, types);
    unsigned next = 0;
    Value *sizes = sizesFrom(function, next);
    callRuntime("create", i32,
                {descriptor, sizes, function->getArg(next), function->getArg(next + 1)});
  }

  /// A function of session, sizes, groups of pointers that go on as arrays, and single pointers.
  void writeCall(StringRef name, ArrayRef<size_t> groups, unsigned numResults) {
    SmallVector<Type *> types = {pointer};
    types.append(numSizes(), i64);
    types.append(sum_of(groups) + numResults, pointer);
    Function *function = begin(name, i32, types);
    unsigned next = 1;
    SmallVector<Value *> arguments = {function->getArg(0), sizesFrom(function, next)};
    for (size_t size : groups) {
      SmallVector<Value *> pointers;
      for (size_t i = 0; i < size; ++i)
        pointers.push_back(function->getArg(next++));
      arguments.push_back(arrayOf(pointer, pointers));
    }
    for (unsigned i = 0; i < numResults; ++i)
      arguments.push_back(function->getArg(next++));
    callRuntime(name, i32, arguments);
  }

  Module &module;
  const ModelDescription &model;
  IRBuilder<> builder;
  Type *i32, *i64, *pointer;
};

} // namespace

void addLibraryFunctions(Module &module, const ModelDescription &model) {
  FunctionWriter(module, model).run();
}

//===----------------------------------------------------------------------===//
// The header
//===----------------------------------------------------------------------===//

/// The C type of an element. C has no names for the 16-bit floats: their bits, then.
static StringRef elementName(nnrt_dtype dtype) {
  switch (dtype) {
  case NNRT_F64:
    return "double";
  case NNRT_F32:
    return "float";
  case NNRT_F16:
  case NNRT_BF16:
    return "uint16_t";
  case NNRT_I64:
    return "int64_t";
  case NNRT_I32:
    return "int32_t";
  case NNRT_U8:
  case NNRT_BOOL:
    return "uint8_t";
  }
  llvm_unreachable("every type is listed");
}

static std::string shapeText(const ModelDescription &model, const TensorDescription &tensor) {
  return "[" +
         join(map_range(tensor.shape,
                        [&](int64_t size) {
                          return size < 0 ? model.dims[~size] : std::to_string(size);
                        }),
              ", ") +
         "]";
}

/// ", const uint8_t *in_image /* [batch, 28, 28] */" per tensor. Names begin with `prefix`: with it
/// none is a keyword, a macro or another parameter's, in whatever standard of C and C++.
static std::string parameters(const ModelDescription &model, ArrayRef<TensorDescription> tensors,
                              StringRef qualifier, StringRef prefix) {
  std::string text;
  for (const TensorDescription &tensor : tensors)
    text += (",\n    " + qualifier + elementName(tensor.dtype) + " *" + prefix + tensor.name +
             " /* " + shapeText(model, tensor) + " */")
                .str();
  return text;
}

/// The sizes of a call as parameters, each with this text around it.
static std::string sizes(const ModelDescription &model, StringRef before, StringRef after) {
  std::string text;
  for (auto [i, dim] : enumerate(model.dims))
    if (isCallers(model, i))
      text += (before + dim + after).str();
  return text;
}

/// {0}: the model's name, {1}: sizes and fields as parameters, {2}: what is checked, {3}: the
/// metrics' names, {4}: how many numbers they have.
static constexpr StringLiteral stepText = R"(/* One step of training on a batch.{2}
 * `loss`, which may be null, gets the mean over the batch before the update. */
int {0}_train_step({0}_session *session{1}, float *loss);

/* The loss and the metrics over the batch: {3}. Tables stand row by row. Either may be
 * null. */
int {0}_eval_step({0}_session *session{1}, float *loss,
    float *metrics /* [{4}] */);

)";

/// {0}: the model's name, {1}: it in capitals, {2}: the compiler, {3}: the functions of training,
/// {4}: sizes, inputs and outputs as parameters, {5}: the largest sizes as parameters.
static constexpr StringLiteral headerText = R"(/* The model '{0}' as a C library, made by {2}.
 *
 * Functions return 0 for success, 1 for bad input, 2 for a call out of order, 3 for a fault of the
 * compiler; {0}_message says more. A session is used by one thread at a time. Nothing is allocated
 * after {0}_create but by load, resume and save. */
#ifndef {1}_H
#define {1}_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {{
#endif

typedef struct {0}_session {0}_session;

/* A session for calls whose sizes are at most these, with a pool of `threads` (0: one per
 * processor), on which the results don't depend. After a failure it is good for message and
 * destroy, or null. */
int {0}_create({5}uint32_t threads, {0}_session **session);
void {0}_destroy({0}_session *session);
/* What the last call that failed has to say; valid until the next call. */
const char *{0}_message(const {0}_session *session);

/* First weights from a seed. */
int {0}_init({0}_session *session, uint64_t seed);
/* The weights of a safetensors file. */
int {0}_load({0}_session *session, const char *path);
/* Weights, optimizer state, step and seed, from and to a file as a program's --save writes it. */
int {0}_resume({0}_session *session, const char *path);
int {0}_save({0}_session *session, const char *path);

{3}/* The model's outputs. */
int {0}_predict({0}_session *session{4});

#ifdef __cplusplus
}
#endif
#endif
)";

static std::string stepFunctions(const ModelDescription &model) {
  std::string bounds;
  for (const PortDescription &field : model.fields)
    if (field.low < field.high)
      bounds += formatv(" Whether `in_{0}` lies in {1} to {2} is checked.", field.tensor.name,
                        field.low, field.high - 1)
                    .str();
  std::vector<std::string> metrics;
  for (const MetricDescription &metric : model.metrics) {
    metrics.push_back(metric.name);
    for (int64_t size : metric.shape)
      metrics.back() += formatv("[{0}]", size).str();
  }
  std::string taken = sizes(model, ", uint64_t size_", "") +
                      parameters(model, tensorsOf(model.fields), "const ", "in_");
  return formatv(stepText.data(), model.name, taken, bounds,
                 metrics.empty() ? "none" : join(metrics, ", "), model.numMetricNumbers);
}

std::string libraryHeader(const ModelDescription &model, StringRef compiler) {
  std::string ports = sizes(model, ", uint64_t size_", "") +
                      parameters(model, tensorsOf(model.inputs), "const ", "in_") +
                      parameters(model, model.outputs, "", "out_");
  return formatv(headerText.data(), model.name, StringRef(model.name).upper(), compiler,
                 model.recipe ? stepFunctions(model) : "", ports,
                 sizes(model, "uint64_t max_", ", "));
}

} // namespace nnc::driver
