// The code over the rows of a data set, the fields that it makes, and what a recipe takes of them.
#include "compiler/sema/Data.h"

namespace nnc::sema {

using namespace ast;

void DataElaborator::runCode() {
  for (const Entry *entry : code) {
    if (entry->kind == Entry::Kind::Let) {
      e.evalLet(*entry->let);
      continue;
    }
    for (const ast::Parameter &parameter : decl.columns)
      if (parameter.name.text == entry->name.text) {
        Value value = entry->value ? e.eval(*entry->value) : Value();
        if (entry->value)
          settleField(parameter, entry->name.range, entry->value->range, value);
        break;
      }
  }
}

/// Finds sizes that no file at hand tells, but the header: `f32[17]` of `width + 5` columns. The
/// runtime holds the file against them.
void DataElaborator::settleSizes(const ast::Parameter &parameter, const Type &example) {
  const auto &dims = parameter.type->dims;
  if (dims.size() != example.shape.size())
    return;
  for (auto [written, found] : llvm::zip_equal(dims, example.shape))
    if (auto stated = written.size ? e.evalDim(*written.size, /*report=*/false) : std::nullopt)
      settleSize(*stated, found);
}

void DataElaborator::settleSize(const Dim &stated, const Dim &found) {
  auto rest = stated.constant() ? Dim::subtract(stated, found) : std::nullopt;
  if (!rest)
    return;
  // rest = 0, with one unknown: constant + factor * size = 0.
  int64_t constant = 0, factor = 0;
  std::string size;
  for (const auto &[atoms, coefficient] : rest->normalForm()) {
    if (atoms.empty()) {
      constant = coefficient;
      continue;
    }
    bool isUnknown = atoms.size() == 1 && e.openSizes.contains(atoms.front());
    if (factor != 0 || !isUnknown)
      return;
    factor = coefficient;
    size = atoms.front();
  }
  if (factor != 0 && constant != INT64_MIN && constant % factor == 0 && constant / factor < 0)
    settled.try_emplace(size, -(constant / factor));
}

/// Whether the size of a row, in a type that has the rows before, doesn't depend on how many there
/// are. Where it does, that is reported.
bool DataElaborator::isRowAlone(const std::string &name, const Type &type, SourceRange range,
                                const std::string &found) {
  for (size_t i = 1; i < type.shape.size(); ++i)
    if (llvm::is_contained(type.shape[i].symbols(), rowsDim().str())) {
      e.error(Code::MixedRows, range,
              "one row of '" + name + "' would depend on how many there are")
          .detail("it is " + found);
      return false;
    }
  return true;
}

/// Fits a column's value, which has the rows before its own dimensions, to what the header declares
/// for one example.
void DataElaborator::settleField(const ast::Parameter &parameter, SourceRange place,
                                 SourceRange range, const Value &value) {
  const std::string &name = parameter.name.text;
  auto declare = [&](Value known) {
    e.frame->root.redeclare(name, {Variable::Kind::Let, std::move(known), place});
  };
  declare(Unknown{});
  if (value.isUnknown())
    return;
  const Tensor *tensor = value.isStrong() ? value.asTensor() : nullptr;
  if (!tensor || tensor->node->type.shape.empty() ||
      !(tensor->node->type.shape.front() == rowsDim())) {
    e.error(Code::DataDeclaration, range, "a column has a value for each row")
        .detail("its first dimension should be 'rows', found " + value.describe())
        .suggest(tensor ? "" : "a number is the same for all rows, and needs no column");
    return;
  }
  const Node *node = tensor->node;
  if (!isRowAlone(name, node->type, range, value.describe()))
    return;
  if (!parameter.type) {
    e.error(Code::DataDeclaration, parameter.range, "the column '" + name + "' needs a type")
        .suggest("of one example, such as f32 or f32[n]");
    return;
  }
  // The signature is about one example.
  Type example{node->type.element, {}};
  example.shape.append(node->type.shape.begin() + 1, node->type.shape.end());
  settleSizes(parameter, example);
  settleVocabulary(parameter, node);
  e.graph.setPlace(range, nullptr);
  const Node *stand = e.graph.input(example);
  if (const IndexRange *known = e.rangeOf(node)) {
    IndexRange copy = *known;
    e.ranges[stand] = std::move(copy);
  }
  Value fitted = Tensor{stand};
  TypedValue typed{&*parameter.type,   &fitted, range, "the column '" + name + "'", parameter.range,
                   Code::FieldMismatch};
  if (!e.unify(typed))
    return;
  const Tensor *result = fitted.asTensor();
  if (!result)
    return;
  if (result->node->type.element != node->type.element)
    node = e.graph.cast(node, result->node->type.element);
  for (DeclaredField &field : fields)
    if (field.name == name) {
      field.node = node;
      // A data set's files settle its sizes: a limit is known in whatever can be built.
      for (const auto &limit : {e.limitOf(stand), e.indexLimit(*parameter.type)})
        if (limit && e.isSettled(*limit))
          field.limit = limit;
    }
  declare(Tensor{node});
}

//===-- What a recipe takes ------------------------------------------------------------------===//

bool isLoadable(Element stored, Element declared) {
  auto isWhole = [](Element each) { return isInteger(each) || each == Element::Bool; };
  if (stored == declared || (isWhole(stored) && isWhole(declared)))
    return true;
  bool isSmall = stored == Element::F16 || stored == Element::BF16 || stored == Element::U8 ||
                 stored == Element::Bool;
  if (declared == Element::F32)
    return isSmall;
  return declared == Element::F64 && (isSmall || stored == Element::F32 || stored == Element::I32);
}

/// Refuses files at hand whose elements the program would refuse when it loads them.
void DataElaborator::checkElements(const Data &taken) {
  for (const DataSource &source : taken.sources)
    for (const auto &[name, file] : source.files)
      for (size_t i = 0; i < taken.columns.size(); ++i) {
        const Column &column = taken.columns[i];
        std::vector<std::string> looked;
        std::string path = files && column.name == name ? files->find(file, looked) : "";
        if (path.empty() || formOf(source.reader) != Form::Arrays)
          continue;
        llvm::Expected<DataFiles::Array> header = files->readArray(source.reader, path);
        if (!header) // and so reported
          llvm::consumeError(header.takeError());
        else if (!isLoadable(header->element, column.type.element))
          e.error(Code::DataFile, column.range,
                  path + ": holds elements of type " + spelling(header->element) + ", but field '" +
                      (taken.isPrepared ? name : taken.fields[i].name) + "' is " +
                      spelling(column.type.element));
      }
}

static bool isOfTable(const Column &column) {
  return column.kind != Column::Kind::Array && column.kind != Column::Kind::Text;
}

/// Of sources beside each other, those that no column comes from need not be there. One stays in
/// any case.
void DataElaborator::dropUnread(Data &taken) {
  const bool readsTable = llvm::any_of(taken.columns, isOfTable);
  auto isRead = [&](const DataSource &source) {
    return formOf(source.reader) == Form::Table ? readsTable : !source.files.empty();
  };
  auto isBeside = [&](const DataSource &source) {
    return llvm::any_of(taken.sources, [&](const DataSource &other) {
      return &other != &source && other.part == source.part && isRead(other);
    });
  };
  std::vector<DataSource> kept;
  for (const DataSource &source : taken.sources)
    if (isRead(source) || !isBeside(source))
      kept.push_back(source);
  taken.sources = std::move(kept);
}

std::optional<Data> DataElaborator::take(llvm::ArrayRef<Bound> bound, const Dim &batch) {
  Data result = data;
  std::vector<Function::Result> results;
  std::vector<const Node *> roots;
  bool isPlain = true;
  for (const Bound &each : bound) {
    const Node *node = each.field->node;
    if (!node)
      return std::nullopt;
    Port port{each.name, node->type, each.range, each.field->limit};
    port.type.shape.front() = batch;
    result.fields.push_back(std::move(port));
    results.push_back({each.name, node});
    // Columns of a table are prepared also where nothing is computed of them: so `predict` takes
    // tables, whatever stands in the data set.
    isPlain &= llvm::any_of(sources,
                            [&](const Source &source) {
                              return source.node == node && !isOfTable(source.column);
                            }) &&
               !llvm::is_contained(roots, node);
    roots.push_back(node);
  }
  result.isPrepared = !isPlain;
  std::vector<Input> inputs, classInputs;
  auto add = [&](const Source &source) {
    inputs.push_back({Input::Kind::Column, std::to_string(result.columns.size()), source.node});
    result.columns.push_back(source.column);
  };
  if (isPlain) {
    for (const Node *root : roots)
      for (const Source &source : sources)
        if (source.node == root)
          add(source);
  } else {
    llvm::DenseSet<const Node *> used;
    for (const Node *root : roots)
      for (const Node *input : e.graph.inputsOf(root))
        used.insert(input);
    for (const Class &each : classes)
      if (used.contains(each.node))
        used.insert(each.category);
    for (const Source &source : sources)
      if (used.contains(source.node))
        add(source);
    for (const Class &each : classes) {
      if (!used.contains(each.node))
        continue;
      ClassRequest request = each.request;
      for (size_t i = 0; i < inputs.size(); ++i)
        if (inputs[i].node == each.category)
          request.column = static_cast<unsigned>(i);
      classInputs.push_back({Input::Kind::Class, std::to_string(result.classes.size()), each.node});
      result.classes.push_back(std::move(request));
    }
    auto cut = cutPreparation(e, results, inputs, classInputs);
    if (!cut)
      return std::nullopt;
    result.fit = std::move(cut->fit);
    result.prepare = std::move(cut->prepare);
  }
  for (size_t i = 0; i < results.size(); ++i) {
    auto column = llvm::find_if(inputs, [&](const Input &input) {
      return input.node == bound[i].field->node && isCategory(input.node);
    });
    if (column != inputs.end())
      result.fields[i].classesOf = static_cast<size_t>(column - inputs.begin());
  }
  // Files of arrays that nothing reads need not be there.
  for (DataSource &source : result.sources)
    if (formOf(source.reader) == Form::Arrays)
      llvm::erase_if(source.files, [&](const auto &file) {
        return llvm::none_of(result.columns,
                             [&](const Column &column) { return column.name == file.first; });
      });
  dropUnread(result);
  checkElements(result);
  llvm::erase_if(result.unsettled, [&](const UnsettledSize &size) {
    auto mentions = [&](const Type &type) {
      return llvm::any_of(
          type.shape, [&](const Dim &dim) { return llvm::is_contained(dim.symbols(), size.name); });
    };
    return llvm::none_of(result.columns,
                         [&](const Column &c) {
                           return mentions(c.type) ||
                                  llvm::is_contained(c.classes.symbols(), size.name);
                         }) &&
           llvm::none_of(result.fields, [&](const Port &f) { return mentions(f.type); });
  });
  return result;
}

} // namespace nnc::sema
