// Runs functions of nn operations in this process.
#include "tests/unit/nn/Jit.h"

#include "dialects/nn/RegisterNn.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "llvm/Support/TargetSelect.h"

#include <cstring>
#include <numeric>

using namespace mlir;
using namespace nnc::test;

int64_t Array::size() const {
  return std::accumulate(shape.begin(), shape.end(), int64_t(1), std::multiplies<>());
}

double &Array::at(std::vector<int64_t> place) {
  int64_t number = 0;
  for (size_t d = 0; d < shape.size(); ++d)
    number = number * shape[d] + place[d];
  return values[number];
}

#if __has_feature(address_sanitizer)
/// Results are never freed, see Jit::run.
extern "C" int __lsan_is_turned_off() { return 1; }
#endif

MLIRContext &nnc::test::getContext() {
  static MLIRContext *context = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    DialectRegistry registry;
    registerAllDialects(registry);
    registerAllExtensions(registry);
    registerAllToLLVMIRTranslations(registry);
    registerAllPasses();
    nn::registerNn(registry);
    auto *made = new MLIRContext(registry, MLIRContext::Threading::DISABLED);
    made->loadAllAvailableDialects();
    return made;
  }();
  return *context;
}

OwningOpRef<ModuleOp> nnc::test::parse(const std::string &text) {
  return parseSourceString<ModuleOp>(text, &getContext());
}

bool nnc::test::runPasses(ModuleOp module, const std::string &pipeline) {
  auto manager = PassManager::on<ModuleOp>(&getContext());
  return succeeded(parsePassPipeline(pipeline, manager)) && succeeded(manager.run(module));
}

namespace {
constexpr const char *toLlvm =
    "convert-nn-to-linalg,canonicalize,cse,"
    "one-shot-bufferize{bufferize-function-boundaries function-boundary-type-conversion="
    "identity-layout-map "
    "allow-return-allocs-from-loops},convert-linalg-to-loops,expand-strided-metadata,lower-affine,"
    "convert-scf-to-cf,convert-math-to-llvm,convert-math-to-libm,convert-arith-to-llvm,"
    "finalize-memref-to-llvm,convert-func-to-llvm,convert-cf-to-llvm,reconcile-unrealized-casts";

template <typename T> void convertIn(const Array &array, std::vector<char> &bytes) {
  bytes.resize(array.values.size() * sizeof(T));
  for (size_t i = 0; i < array.values.size(); ++i) {
    T value = static_cast<T>(array.values[i]);
    std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
  }
}

template <typename T> double convertOut(const char *data, int64_t number) {
  T value;
  std::memcpy(&value, data + number * sizeof(T), sizeof(T));
  return static_cast<double>(value);
}

std::vector<char> toBytes(const Array &array) {
  std::vector<char> bytes;
  if (array.element == "f64")
    convertIn<double>(array, bytes);
  else if (array.element == "f32")
    convertIn<float>(array, bytes);
  else if (array.element == "i64")
    convertIn<int64_t>(array, bytes);
  else if (array.element == "i32")
    convertIn<int32_t>(array, bytes);
  else
    convertIn<uint8_t>(array, bytes);
  return bytes;
}

double readElement(const std::string &element, const char *data, int64_t number) {
  if (element == "f64")
    return convertOut<double>(data, number);
  if (element == "f32")
    return convertOut<float>(data, number);
  if (element == "i64")
    return convertOut<int64_t>(data, number);
  if (element == "i32")
    return convertOut<int32_t>(data, number);
  return convertOut<uint8_t>(data, number);
}

/// A memref descriptor as 64-bit words: allocated, aligned, offset, sizes, strides.
std::vector<int64_t> describe(const Array &array, char *data) {
  auto rank = static_cast<int64_t>(array.shape.size());
  std::vector<int64_t> words(3 + 2 * rank);
  words[0] = words[1] = reinterpret_cast<intptr_t>(data);
  int64_t stride = 1;
  for (int64_t d = rank - 1; d >= 0; --d) {
    words[3 + d] = array.shape[d];
    words[3 + rank + d] = stride;
    stride *= array.shape[d];
  }
  return words;
}

Array readResult(const std::string &element, int64_t rank, const int64_t *words) {
  Array array{element, std::vector<int64_t>(words + 3, words + 3 + rank), {}};
  const char *data = reinterpret_cast<const char *>(words[1]);
  const int64_t *strides = words + 3 + rank;
  std::vector<int64_t> place(rank, 0);
  for (int64_t n = 0; n < array.size(); ++n) {
    int64_t number = words[2];
    for (int64_t d = 0; d < rank; ++d)
      number += place[d] * strides[d];
    array.values.push_back(readElement(element, data, number));
    for (int64_t d = rank - 1; d >= 0 && ++place[d] == array.shape[d]; --d)
      place[d] = 0;
  }
  return array;
}
} // namespace

std::unique_ptr<Jit> Jit::compile(const std::string &text, const std::string &passes) {
  OwningOpRef<ModuleOp> module = parse(text);
  if (!module || (!passes.empty() && !runPasses(*module, passes)))
    return nullptr;
  return compile(*module);
}

std::unique_ptr<Jit> Jit::compile(ModuleOp module) {
  auto function = module.lookupSymbol<func::FuncOp>("f");
  if (!function)
    return nullptr;
  auto jit = std::make_unique<Jit>();
  for (Type type : function.getResultTypes()) {
    auto tensor = cast<RankedTensorType>(type);
    std::string element;
    llvm::raw_string_ostream(element) << tensor.getElementType();
    jit->results.push_back({element, tensor.getRank()});
  }
  function->setAttr("llvm.emit_c_interface", UnitAttr::get(&getContext()));
  if (!runPasses(module, toLlvm))
    return nullptr;
  ExecutionEngineOptions options;
  options.jitCodeGenOptLevel = llvm::CodeGenOptLevel::None;
  auto engine = ExecutionEngine::create(module, options);
  if (!engine) {
    llvm::errs() << toString(engine.takeError()) << '\n';
    return nullptr;
  }
  jit->engine = std::move(*engine);
  return jit;
}

std::vector<Array> Jit::run(int64_t index, const std::vector<Array> &arguments) {
  std::vector<std::vector<char>> data;
  std::vector<std::vector<int64_t>> descriptors;
  for (const Array &argument : arguments) {
    data.push_back(toBytes(argument));
    descriptors.push_back(describe(argument, data.back().data()));
  }
  size_t words = 0;
  for (const ResultType &type : results)
    words += 3 + 2 * type.rank;
  std::vector<int64_t> returned(words);

  // The packed interface takes pointers to arguments, which are themselves pointers to descriptors.
  std::vector<void *> pointers{returned.data()};
  for (std::vector<int64_t> &descriptor : descriptors)
    pointers.push_back(descriptor.data());
  llvm::SmallVector<void *> packed{&pointers[0], &index};
  for (size_t i = 1; i < pointers.size(); ++i)
    packed.push_back(&pointers[i]);
  if (llvm::Error error = engine->invokePacked("_mlir_ciface_f", packed)) {
    llvm::errs() << toString(std::move(error)) << '\n';
    return {};
  }
  std::vector<Array> arrays;
  const int64_t *next = returned.data();
  for (const ResultType &type : results) {
    arrays.push_back(readResult(type.element, type.rank, next));
    next += 3 + 2 * type.rank;
  }
  // Results are left to the process: they may be constants or arguments, which have no owner to
  // free.
  static auto *kept = new std::vector<std::vector<int64_t>>();
  kept->push_back(std::move(returned));
  return arrays;
}
