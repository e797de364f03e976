// The settings of a recipe, as whoever runs a program reads them: field for field what
// runtime/model/Recipe.h takes apart.
#include "compiler/emit/Settings.h"

#include "compiler/sema/Types.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"

#include <set>

using namespace mlir;
using namespace nnc;

namespace {

class SettingsBuilder {
public:
  SettingsBuilder(Builder &builder, const sema::Model &model, const sema::Recipe &recipe)
      : builder(builder), model(model), recipe(recipe) {}

  DictionaryAttr run();

private:
  using Entries = ArrayRef<std::pair<StringRef, Attribute>>;

  StringAttr text(StringRef value) { return builder.getStringAttr(value); }
  IntegerAttr whole(int64_t value) { return builder.getI64IntegerAttr(value); }
  IntegerAttr natural(uint64_t value) {
    return IntegerAttr::get(IntegerType::get(builder.getContext(), 64, IntegerType::Unsigned),
                            APInt(64, value));
  }
  FloatAttr number(double value) { return builder.getF64FloatAttr(value); }
  /// Without the entries that are null: what isn't stated.
  DictionaryAttr dictionary(Entries entries) {
    NamedAttrList list;
    for (auto [name, value] : entries)
      if (value)
        list.append(name, value);
    return list.getDictionary(builder.getContext());
  }
  template <typename Range, typename Make> ArrayAttr list(const Range &range, Make make) {
    return builder.getArrayAttr(
        llvm::map_to_vector(range, [&](const auto &each) -> Attribute { return make(each); }));
  }
  ArrayAttr texts(const std::vector<std::string> &names) {
    return list(names, [&](const std::string &name) { return text(name); });
  }
  template <typename T> Attribute optional(const std::optional<T> &value) {
    if (!value)
      return {};
    if constexpr (std::is_same_v<T, double>)
      return number(*value);
    else if constexpr (std::is_same_v<T, uint64_t>)
      return natural(*value);
    else
      return whole(*value);
  }

  Attribute goal(const std::optional<sema::Goal> &goal, Attribute patience = {});
  DictionaryAttr block(const sema::StepBlock &block);
  ArrayAttr pass(const sema::Evaluation::Pass &pass);
  Attribute tables(const sema::Evaluation &evaluation);
  DictionaryAttr data(const sema::Data &data);
  ArrayAttr columnsOf(const sema::Data &data, const sema::Function &function);
  DictionaryAttr source(const sema::DataSource &source);
  DictionaryAttr column(const sema::Column &column);
  Attribute option(const sema::Attribute &attribute);

  Builder &builder;
  const sema::Model &model;
  const sema::Recipe &recipe;
};

} // namespace

Attribute SettingsBuilder::goal(const std::optional<sema::Goal> &goal, Attribute patience) {
  if (!goal)
    return {};
  return dictionary({{"goal", text(goal->isMax ? "max" : "min")},
                     {"of", text(goal->of)},
                     {"patience", patience}});
}

DictionaryAttr SettingsBuilder::block(const sema::StepBlock &block) {
  ArrayAttr trains = list(block.updates, [&](const sema::Update &update) {
    auto parameter = llvm::find_if(model.parameters, [&](const sema::Parameter &each) {
      return each.path == update.parameter;
    });
    return whole(parameter - model.parameters.begin());
  });
  return dictionary({{"name", text(block.name)},
                     {"every", whole(block.every)},
                     {"losses", texts(block.losses)},
                     {"trains", trains}});
}

ArrayAttr SettingsBuilder::pass(const sema::Evaluation::Pass &pass) {
  auto word = [&](sema::Evaluation::Combine combine) {
    switch (combine) {
    case sema::Evaluation::Combine::Sum:
      return text("sum");
    case sema::Evaluation::Combine::Max:
      return text("max");
    case sema::Evaluation::Combine::Min:
      return text("min");
    }
    llvm_unreachable("every way is listed");
  };
  const auto &results = pass.accumulate.results;
  return list(llvm::zip(pass.combine, results), [&](const auto &each) -> Attribute {
    auto [combine, result] = each;
    int64_t count = *sema::product(result.node->type.shape)->constant();
    if (count == 1)
      return word(combine);
    return dictionary({{"combine", word(combine)}, {"numbers", whole(count)}});
  });
}

/// The metrics that have several numbers; null where none has.
Attribute SettingsBuilder::tables(const sema::Evaluation &evaluation) {
  SmallVector<Attribute> all;
  for (auto [number, name] : llvm::enumerate(evaluation.metrics)) {
    const sema::Type &type =
        evaluation.finish.results[evaluation.losses.size() + number].node->type;
    if (type.shape.empty())
      continue;
    SmallVector<int64_t> shape;
    for (const sema::Dim &dim : type.shape)
      shape.push_back(*dim.constant());
    std::optional<int64_t> classes = evaluation.classes[number];
    all.push_back(dictionary({{"metric", whole(static_cast<int64_t>(number))},
                              {"shape", builder.getI64ArrayAttr(shape)},
                              {"classes", optional(classes)}}));
  }
  return all.empty() ? Attribute() : builder.getArrayAttr(all);
}

Attribute SettingsBuilder::option(const sema::Attribute &attribute) {
  return std::visit(
      [&](const auto &value) -> Attribute {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::string>)
          return text(value);
        else if constexpr (std::is_same_v<T, bool>)
          return builder.getBoolAttr(value);
        else if constexpr (std::is_same_v<T, int64_t>)
          return whole(value);
        else if constexpr (std::is_same_v<T, double>)
          return number(value);
        else
          return builder.getI64ArrayAttr(value);
      },
      attribute.value);
}

DictionaryAttr SettingsBuilder::source(const sema::DataSource &source) {
  ArrayAttr files = list(source.files, [&](const auto &file) {
    return dictionary({{"column", text(file.first)}, {"path", text(file.second)}});
  });
  NamedAttrList options;
  for (const sema::Attribute &attribute : source.options)
    options.set(attribute.name, option(attribute));
  if (!source.missing.empty())
    options.set("missing", texts(source.missing));
  return dictionary({{"part", text(source.part)},
                     {"reader", text(source.reader)},
                     {"files", files},
                     {"options", options.getDictionary(builder.getContext())}});
}

DictionaryAttr SettingsBuilder::column(const sema::Column &column) {
  using Kind = sema::Column::Kind;
  switch (column.kind) {
  case Kind::Array:
    return dictionary({{"kind", text("array")}, {"name", text(column.name)}});
  case Kind::Numbers:
    return dictionary({{"kind", text("numbers")},
                       {"first", text(column.first)},
                       {"last", text(column.last)},
                       {"by_position", builder.getBoolAttr(column.byPosition)}});
  case Kind::Number:
    return dictionary({{"kind", text("number")},
                       {"first", text(column.first)},
                       {"by_position", builder.getBoolAttr(column.byPosition)}});
  case Kind::Category:
    return dictionary({{"kind", text("category")},
                       {"first", text(column.first)},
                       {"by_position", builder.getBoolAttr(column.byPosition)},
                       {"classes", whole(*column.classes.constant())}});
  case Kind::Text:
    // Bytes are their own numbers.
    return dictionary(
        {{"kind", text("text")},
         {"name", text(column.name)},
         {"classes", column.unit == "byte" ? Attribute() : whole(*column.classes.constant())}});
  case Kind::Image:
    return dictionary({{"kind", text("image")}, {"name", text(column.name)}});
  case Kind::Label:
    return dictionary({{"kind", text("label")},
                       {"name", text(column.name)},
                       {"classes", whole(*column.classes.constant())}});
  }
  llvm_unreachable("every kind is listed");
}

/// For each result the numbers of the columns that it is computed from, in order.
ArrayAttr SettingsBuilder::columnsOf(const sema::Data &data, const sema::Function &function) {
  if (!data.isPrepared)
    return {};
  llvm::DenseMap<const sema::Node *, int64_t> columnOf;
  for (const sema::Input &input : function.inputs) {
    int64_t column = 0;
    if (input.kind == sema::Input::Kind::Column && !StringRef(input.name).getAsInteger(10, column))
      columnOf[input.node] = column;
  }
  return list(function.results, [&](const sema::Function::Result &result) {
    llvm::SetVector<const sema::Node *> reached;
    reached.insert(result.node);
    std::set<int64_t> columns;
    for (size_t i = 0; i < reached.size(); ++i) {
      const sema::Node *node = reached[i];
      if (auto found = columnOf.find(node); found != columnOf.end())
        columns.insert(found->second);
      reached.insert(node->operands.begin(), node->operands.end());
    }
    return builder.getI64ArrayAttr(llvm::to_vector(columns));
  });
}

DictionaryAttr SettingsBuilder::data(const sema::Data &data) {
  Attribute valid;
  if (data.validShare > 0)
    valid = dictionary({{"share", number(data.validShare)}, {"seed", optional(data.validSeed)}});
  return dictionary(
      {{"name", text(data.name)},
       {"sources", list(data.sources, [&](const sema::DataSource &each) { return source(each); })},
       {"splits", list(data.splits,
                       [&](const sema::Share &share) {
                         return dictionary(
                             {{"part", text(share.part)}, {"share", number(share.share)}});
                       })},
       {"split_seed", optional(data.splitSeed)},
       {"valid", valid},
       {"columns", list(data.columns, [&](const sema::Column &each) { return column(each); })},
       {"classes", list(data.classes,
                        [&](const sema::ClassRequest &request) {
                          return dictionary(
                              {{"column", whole(request.column)}, {"name", text(request.name)}});
                        })},
       {"prepared", builder.getBoolAttr(data.isPrepared)},
       {"needs", columnsOf(data, data.prepare)},
       {"fits", columnsOf(data, data.fit)},
       {"library", data.isLibrary ? builder.getBoolAttr(true) : Attribute()}});
}

DictionaryAttr SettingsBuilder::run() {
  Attribute stop = goal(recipe.stop, whole(recipe.patience));
  return dictionary(
      {{"models", texts(model.networks)},
       {"optimizer", text(recipe.optimizer)},
       {"clip", recipe.clip.empty() ? Attribute() : text(recipe.clip)},
       {"precision", recipe.precision == "f32" ? Attribute() : text(recipe.precision)},
       {"batch", whole(recipe.batch)},
       {"epochs", optional(recipe.epochs)},
       {"steps", optional(recipe.steps)},
       {"seed", natural(recipe.seed)},
       {"shuffle", builder.getBoolAttr(recipe.shuffle)},
       {"accumulate", whole(recipe.accumulate)},
       {"average", optional(recipe.average)},
       {"evaluate_every", optional(recipe.evaluateEvery)},
       {"keep", goal(recipe.keep)},
       {"stop", stop},
       {"budget_bytes", optional(recipe.budgetBytes)},
       {"load", list(recipe.loads,
                     [&](const sema::Recipe::Load &load) {
                       return dictionary({{"file", text(load.file)}, {"under", text(load.under)}});
                     })},
       {"numbers", list(recipe.numbers,
                        [&](const sema::Recipe::Number &each) {
                          return dictionary(
                              {{"name", text(each.name)}, {"value", number(each.value)}});
                        })},
       {"blocks", list(recipe.blocks, [&](const sema::StepBlock &each) { return block(each); })},
       {"losses", texts(recipe.evaluation.losses)},
       {"metrics", texts(recipe.evaluation.metrics)},
       {"tables", tables(recipe.evaluation)},
       {"targets", recipe.targets.empty()
                       ? Attribute()
                       : builder.getI64ArrayAttr(llvm::to_vector_of<int64_t>(recipe.targets))},
       {"passes", list(recipe.evaluation.passes,
                       [&](const sema::Evaluation::Pass &each) { return pass(each); })},
       {"frozen", texts(recipe.frozen)},
       {"data", recipe.data ? data(*recipe.data) : DictionaryAttr()}});
}

DictionaryAttr emission::makeSettings(Builder &builder, const sema::Model &model,
                                      const sema::Recipe &recipe) {
  return SettingsBuilder(builder, model, recipe).run();
}
