// From a checked program to the nn and train dialects: the module, its models and recipes.
#include "compiler/emit/Emit.h"

#include "compiler/diagnostics/Source.h"
#include "compiler/emit/FunctionEmitter.h"
#include "compiler/emit/Location.h"
#include "compiler/emit/TypeConversion.h"
#include "compiler/sema/Program.h"
#include "dialects/nn/ir/NnDialect.h"
#include "dialects/train/ir/TrainOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;
using namespace nnc;
using namespace nnc::emission;
using Kind = sema::Input::Kind;

namespace {

/// Emits one model and its recipe, and the functions that these name.
class ModelEmitter {
public:
  ModelEmitter(OpBuilder &builder, const SourceManager &sources, const sema::Model &model,
               const sema::Recipe *recipe)
      : builder(builder), sources(sources), model(model), recipe(recipe), dims(model.dims) {
    moveBatchFirst();
  }

  LogicalResult emit();

private:
  void moveBatchFirst();
  LogicalResult emitPorts();
  LogicalResult emitParameter(const sema::Parameter &parameter);
  LogicalResult emitRecipe();
  LogicalResult emitData();
  LogicalResult emitUpdate(const sema::Update &update);
  FlatSymbolRefAttr emitFunction(const sema::Function &function, const Twine &name,
                                 const Signature &signature, Location location);
  FlatSymbolRefAttr emitForward();
  Signature getLossSignature();
  /// The names of the symbolic dimensions; null where there are none. Fails where a dimension has
  /// no name.
  FailureOr<ArrayAttr> getDims(const sema::Type &type, StringRef name, Location location);

  Type convert(const sema::Type &type) { return convertType(type, builder.getContext()); }
  /// Null where there are none.
  std::pair<IntegerAttr, IntegerAttr>
  getBounds(const std::optional<std::pair<int64_t, int64_t>> &bounds) {
    if (!bounds)
      return {};
    return {builder.getI64IntegerAttr(bounds->first), builder.getI64IntegerAttr(bounds->second)};
  }
  Type getCounterType() { return RankedTensorType::get({}, builder.getI64Type()); }
  Location locate(const SourceRange &range) {
    return getLocation(range, sources, builder.getContext());
  }
  /// Parameters, then buffers.
  SmallVector<const sema::Parameter *> getParameters();
  ArrayAttr getStrings(ArrayRef<std::string> strings) {
    return builder.getStrArrayAttr(SmallVector<StringRef>(strings.begin(), strings.end()));
  }
  StringAttr getDoc() {
    return model.doc.empty() ? StringAttr() : builder.getStringAttr(model.doc);
  }

  OpBuilder &builder; ///< inside the model's body, or the recipe's
  const SourceManager &sources;
  const sema::Model &model;
  const sema::Recipe *recipe;
  std::vector<std::string> dims; ///< the model's, the batch first
  train::ModelOp modelOp;
};

} // namespace

/// The batch is the leading dimension of what the data set gives. The model may name another one
/// before it.
void ModelEmitter::moveBatchFirst() {
  std::string batch = "batch";
  if (recipe)
    for (const sema::DataField &field : recipe->data.fields)
      if (!field.type.shape.empty() && field.type.shape.front().asSymbol())
        batch = *field.type.shape.front().asSymbol();
  if (auto it = llvm::find(dims, batch); it != dims.end())
    std::rotate(dims.begin(), it, it + 1);
}

SmallVector<const sema::Parameter *> ModelEmitter::getParameters() {
  SmallVector<const sema::Parameter *> sorted;
  for (bool isBuffer : {false, true})
    for (const sema::Parameter &parameter : model.parameters)
      if (parameter.isBuffer == isBuffer)
        sorted.push_back(&parameter);
  return sorted;
}

FailureOr<ArrayAttr> ModelEmitter::getDims(const sema::Type &type, StringRef name,
                                           Location location) {
  SmallVector<StringRef> names;
  SmallVector<std::string, 4> storage;
  for (const sema::Dim &dim : type.shape) {
    if (dim.constant())
      continue;
    std::optional<std::string> symbol = dim.asSymbol();
    if (!symbol)
      return emitError(location) << "'" << name << "' has dimension '" << dim.str()
                                 << "', expected a number or a name";
    storage.push_back(*symbol);
  }
  names.assign(storage.begin(), storage.end());
  return names.empty() ? ArrayAttr() : builder.getStrArrayAttr(names);
}

FlatSymbolRefAttr ModelEmitter::emitFunction(const sema::Function &function, const Twine &name,
                                             const Signature &signature, Location location) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(modelOp->getBlock());
  func::FuncOp op = FunctionEmitter(builder, sources)
                        .emit(function, (model.name + "." + name).str(), signature, location);
  return op ? FlatSymbolRefAttr::get(op) : FlatSymbolRefAttr();
}

LogicalResult ModelEmitter::emit() {
  OpBuilder::InsertionGuard guard(builder);
  Location location = locate(model.range);
  modelOp = train::ModelOp::create(builder, location, model.name, getStrings(dims),
                                   FlatSymbolRefAttr(), ArrayAttr(), getDoc());
  builder.setInsertionPointToEnd(&modelOp.getBody().emplaceBlock());
  FlatSymbolRefAttr forward = emitForward();
  if (!forward || failed(emitPorts()))
    return failure();
  modelOp.setForwardAttr(forward);
  for (const sema::Parameter *parameter : getParameters())
    if (failed(emitParameter(*parameter)))
      return failure();
  return recipe ? emitRecipe() : success();
}

FlatSymbolRefAttr ModelEmitter::emitForward() {
  Signature signature(builder, dims);
  for (const sema::Port &input : model.inputs)
    signature.add(Kind::ModelInput, input.name, convert(input.type));
  for (const sema::Parameter *parameter : getParameters())
    signature.add(parameter->isBuffer ? Kind::Buffer : Kind::Parameter, parameter->path,
                  convert(parameter->type));
  return emitFunction(model.forward, "forward", signature, locate(model.range));
}

LogicalResult ModelEmitter::emitPorts() {
  for (const sema::Port &input : model.inputs) {
    FailureOr<ArrayAttr> dims = getDims(input.type, input.name, locate(input.range));
    if (failed(dims))
      return failure();
    auto [low, high] = getBounds(input.bounds);
    train::InputOp::create(builder, locate(input.range), builder.getStringAttr(input.name),
                           TypeAttr::get(convert(input.type)), *dims, low, high);
  }
  for (const sema::Port &output : model.outputs) {
    FailureOr<ArrayAttr> dims = getDims(output.type, output.name, locate(output.range));
    if (failed(dims))
      return failure();
    train::OutputOp::create(builder, locate(output.range), builder.getStringAttr(output.name),
                            TypeAttr::get(convert(output.type)), *dims);
  }
  return success();
}

LogicalResult ModelEmitter::emitParameter(const sema::Parameter &parameter) {
  Location location = locate(parameter.range);
  Signature signature(builder, {});
  signature.add(Kind::Seed, "seed", getCounterType());
  FlatSymbolRefAttr init =
      emitFunction(parameter.init, "init." + parameter.path, signature, location);
  if (!init)
    return failure();
  train::ParameterOp::create(
      builder, location, parameter.isBuffer ? builder.getUnitAttr() : UnitAttr(),
      builder.getStringAttr(parameter.path), TypeAttr::get(convert(parameter.type)), init);
  return success();
}

Signature ModelEmitter::getLossSignature() {
  Signature signature(builder, dims);
  for (const sema::Port &output : model.outputs)
    signature.add(Kind::ModelOutput, output.name, convert(output.type));
  for (const sema::Port &input : model.inputs)
    signature.add(Kind::ModelInput, input.name, convert(input.type));
  for (const sema::DataField &field : recipe->data.fields) {
    bool feedsInput = llvm::any_of(
        model.inputs, [&](const sema::Port &input) { return input.name == field.binding; });
    if (feedsInput)
      signature.alias(Kind::DataField, field.binding, Kind::ModelInput);
    else
      signature.add(Kind::DataField, field.binding, convert(field.type));
  }
  return signature;
}

LogicalResult ModelEmitter::emitRecipe() {
  Location location = locate(recipe->range);
  Signature signature = getLossSignature();
  FlatSymbolRefAttr loss = emitFunction(recipe->loss, "loss", signature, location);
  FlatSymbolRefAttr metrics = emitFunction(recipe->metrics, "metrics", signature, location);
  if (!loss || !metrics)
    return failure();
  SmallVector<std::string> names;
  for (const sema::Function::Result &result : recipe->metrics.results)
    names.push_back(result.name);
  auto optional = [&](std::optional<int64_t> value) {
    return value ? builder.getI64IntegerAttr(*value) : IntegerAttr();
  };
  auto op = train::RecipeOp::create(builder, location, builder.getStringAttr(recipe->optimizer),
                                    builder.getI64IntegerAttr(recipe->batch),
                                    optional(recipe->epochs), optional(recipe->steps),
                                    builder.getI64IntegerAttr(static_cast<int64_t>(recipe->seed)),
                                    loss, getStrings(names), metrics);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&op.getBody().emplaceBlock());
  if (failed(emitData()))
    return failure();
  for (const sema::Update &update : recipe->updates)
    if (failed(emitUpdate(update)))
      return failure();
  return success();
}

LogicalResult ModelEmitter::emitData() {
  Location location = locate(recipe->range);
  const sema::DataSource &data = recipe->data;
  auto op = train::DataOp::create(builder, location, builder.getStringAttr(data.name),
                                  builder.getStringAttr(data.format));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&op.getBody().emplaceBlock());
  for (const sema::DataField &field : data.fields) {
    FailureOr<ArrayAttr> dims = getDims(field.type, field.name, location);
    if (failed(dims))
      return failure();
    auto [low, high] = getBounds(field.bounds);
    train::FieldOp::create(builder, location, builder.getStringAttr(field.name),
                           field.binding == field.name ? StringAttr()
                                                       : builder.getStringAttr(field.binding),
                           TypeAttr::get(convert(field.type)), *dims, low, high);
  }
  for (const sema::DataSource::File &file : data.files) {
    // Files of fields that the recipe doesn't bind are not read.
    if (llvm::none_of(data.fields,
                      [&](const sema::DataField &field) { return field.name == file.field; }))
      continue;
    train::FileOp::create(builder, location, builder.getStringAttr(file.split),
                          builder.getStringAttr(file.field), builder.getStringAttr(file.path));
  }
  return success();
}

LogicalResult ModelEmitter::emitUpdate(const sema::Update &update) {
  Location location = locate(recipe->range);
  auto parameter = llvm::find_if(
      model.parameters, [&](const sema::Parameter &p) { return p.path == update.parameter; });
  if (parameter == model.parameters.end())
    return emitError(location) << "there is no parameter '" << update.parameter << "' to update";
  Type type = convert(parameter->type);

  Signature rule(builder, {});
  rule.add(Kind::Parameter, update.parameter, type);
  rule.add(Kind::Gradient, update.parameter, type);
  for (auto [name, init] : llvm::zip_equal(update.states, update.stateInit))
    rule.add(Kind::State, name, convert(init.results.front().node->type));
  rule.add(Kind::Step, "step", getCounterType());
  FlatSymbolRefAttr symbol =
      emitFunction(update.rule, "update." + update.parameter, rule, location);
  if (!symbol)
    return failure();
  auto op =
      train::UpdateOp::create(builder, location, builder.getStringAttr(update.parameter), symbol);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&op.getBody().emplaceBlock());
  Signature signature(builder, {});
  signature.add(Kind::Seed, "seed", getCounterType());
  signature.add(Kind::Parameter, update.parameter, type);
  for (auto [name, init] : llvm::zip_equal(update.states, update.stateInit)) {
    FlatSymbolRefAttr function =
        emitFunction(init, "state." + update.parameter + "." + name, signature, location);
    if (!function)
      return failure();
    train::StateOp::create(builder, location, builder.getStringAttr(name),
                           TypeAttr::get(convert(init.results.front().node->type)), function);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// The module
//===----------------------------------------------------------------------===//

/// Keeps the text of the file, its name and its hash with the module.
static void setSource(ModuleOp module, FileId file, const SourceManager &sources) {
  Builder builder(module.getContext());
  StringRef text = sources.text(file);
  auto hash = llvm::SHA256::hash(llvm::arrayRefFromStringRef(text));
  module->setAttr("train.source", builder.getStringAttr(text));
  module->setAttr("train.source_file", builder.getStringAttr(sources.name(file)));
  module->setAttr("train.source_sha256",
                  builder.getStringAttr(llvm::toHex(hash, /*LowerCase=*/true)));
}

OwningOpRef<ModuleOp> nnc::emit(const sema::Program &program, const SourceManager &sources,
                                MLIRContext &context) {
  context.loadDialect<arith::ArithDialect, func::FuncDialect, nn::NnDialect, train::TrainDialect>();
  OpBuilder builder(&context);
  SourceRange range = program.models.empty() ? SourceRange() : program.models.front().range;
  OwningOpRef<ModuleOp> module = ModuleOp::create(getLocation(range, sources, &context));
  if (range.isValid())
    setSource(*module, range.file, sources);
  for (const sema::Model &model : program.models) {
    auto recipe = llvm::find_if(
        program.recipes, [&](const sema::Recipe &recipe) { return recipe.model == model.name; });
    builder.setInsertionPointToEnd(module->getBody());
    ModelEmitter emitter(builder, sources, model,
                         recipe == program.recipes.end() ? nullptr : &*recipe);
    if (failed(emitter.emit()))
      return {};
  }
  if (failed(verify(*module)))
    return {};
  return module;
}
