// The columns of a data set: arrays and tables as the files give them, and the code over their
// rows.
#include "compiler/sema/Data.h"

#include "llvm/ADT/StringExtras.h"

namespace nnc::sema {

using namespace ast;

static std::string sizesText(llvm::ArrayRef<int64_t> sizes) {
  return "[" +
         llvm::join(llvm::map_range(sizes, [](int64_t size) { return std::to_string(size); }),
                    ", ") +
         "]";
}

Dim DataElaborator::openSize(const std::string &name, const std::string &file, SourceRange range,
                             const std::string &tellers) {
  if (auto known = settled.find(name); known != settled.end()) {
    e.openSizes.erase(name);
    return known->second;
  }
  e.openSizes.insert(name);
  UnsettledSize size{name, file, {}, range, tellers};
  if (files)
    files->find(file, size.looked);
  data.unsettled.push_back(std::move(size));
  return Dim::symbol(name);
}

//===-- Arrays -------------------------------------------------------------------------------===//

/// What the files of an array say of one example, where they are at hand; all parts must agree.
std::optional<DataFiles::Array> DataElaborator::arrayHeader(const std::string &name,
                                                            SourceRange range) {
  std::optional<DataFiles::Array> found;
  std::string first;
  for (const DataSource &source : data.sources)
    for (const auto &[column, file] : source.files) {
      std::vector<std::string> looked;
      std::string path = files && column == name ? files->find(file, looked) : "";
      if (path.empty())
        continue;
      llvm::Expected<DataFiles::Array> header = files->readArray(source.reader, path);
      if (!header) {
        e.error(Code::DataFile, source.range, llvm::toString(header.takeError()));
        continue;
      }
      if (header->sizes.empty()) {
        e.error(Code::DataFile, source.range, path + " holds one number, not examples");
        continue;
      }
      header->sizes.erase(header->sizes.begin());
      if (found && found->sizes != header->sizes)
        e.error(Code::DataFile, range, "the parts differ in what one '" + name + "' is")
            .detail(first + ": " + sizesText(found->sizes))
            .detail(path + ": " + sizesText(header->sizes));
      if (!found) {
        found = *header;
        first = path;
      }
    }
  return found;
}

const Node *DataElaborator::declaredArray(const ast::Parameter &parameter) {
  const std::string &name = parameter.name.text;
  if (!parameter.type) {
    e.error(Code::DataDeclaration, parameter.range, "the column '" + name + "' needs a type")
        .suggest("of one example, such as u8[28, 28] or index(10)");
    return nullptr;
  }
  const TypeExpr &written = *parameter.type;
  const bool isIndex = written.element.text == "index";
  if (written.element.text.empty())
    return nullptr; // the parser said so
  if (!isIndex && !elementNamed(written.element.text)) {
    std::string near = nearest(written.element.text, typeNames());
    e.error(Code::UnknownType, written.element.range,
            "a column needs an element type such as u8, not '" + written.element.text + "'")
        .suggest(near.empty() || near == "float" ? "" : "did you mean '" + near + "'?");
    return nullptr;
  }
  auto header = arrayHeader(name, written.range);
  bool sameRank = header && header->sizes.size() == written.dims.size();
  std::string file;
  for (const DataSource &source : data.sources)
    for (const auto &[column, path] : source.files)
      if (column == name && file.empty())
        file = path;
  for (size_t i = 0; i < written.dims.size(); ++i) {
    const DimExpr &dim = written.dims[i];
    const auto *unbound = llvm::dyn_cast_or_null<NameExpr>(dim.size.get());
    if (dim.rest) {
      e.error(Code::DataDeclaration, dim.range, "a column cannot have a rest of dimensions")
          .suggest("give each size, or a name for what the files tell");
      return nullptr;
    }
    if (unbound && unbound->qualifiers.empty() && !e.frame->root.findHere(unbound->name.text))
      e.bindDim(unbound->name,
                sameRank ? Dim(header->sizes[i]) : openSize(unbound->name.text, file, dim.range));
  }
  std::optional<Dim> limit;
  if (isIndex) {
    auto count = written.argument ? e.evalConstantInt(*written.argument, "the number of classes")
                                  : std::nullopt;
    if (!count)
      return nullptr;
    limit = *count;
  }
  auto type = e.resolveType(written, /*report=*/true);
  if (!type)
    return nullptr;
  for (size_t i = 0; i < type->shape.size(); ++i)
    if (auto size = type->shape[i].constant(); size && *size < 1) {
      e.error(Code::DimensionNotPositive, written.dims[i].range,
              "a dimension of the column '" + name + "' is " + std::to_string(*size) +
                  "; it must be at least 1");
      return nullptr;
    }
  if (!tensorBytes(*type)) {
    e.error(Code::TensorTooLarge, written.range,
            "one example of '" + name + "' takes more than 2^40 bytes");
    return nullptr;
  }
  bool fits = !header || sameRank;
  for (size_t i = 0; header && sameRank && i < type->shape.size(); ++i)
    if (auto size = type->shape[i].constant(); size && *size != header->sizes[i])
      fits = false;
  if (!fits) {
    e.error(Code::DataFile, written.range, "'" + file + "' does not hold what is declared")
        .detail("declared " + type->str() + " per example")
        .detail("found    " + std::string(spelling(header->element)) + sizesText(header->sizes));
    return nullptr;
  }
  type->shape.insert(type->shape.begin(), rowsDim());
  if (!isRowAlone(name, *type, written.range, type->str()))
    return nullptr;
  Column column;
  column.name = name;
  column.type = *type;
  column.range = parameter.range;
  return request(std::move(column), limit);
}

/// An array for the code of columns: only its file says what it is.
const Node *DataElaborator::undeclaredArray(const std::string &name, SourceRange range) {
  auto header = arrayHeader(name, range);
  if (!header) {
    std::string file;
    for (const DataSource &source : data.sources)
      for (const auto &[column, path] : source.files)
        if (column == name && file.empty())
          file = path;
    e.error(Code::UnknownSize, range,
            "only '" + file + "' says what '" + name + "' is, and it is not at hand")
        .suggest("declare '" + name + "' in the header, or give the folder with --data");
    return nullptr;
  }
  Column column;
  column.name = name;
  column.type = Type{header->element, {rowsDim()}};
  if (header->sizes.size() >= e.limits.rank) {
    e.error(Code::DataFile, range,
            "one example of '" + name + "' has " + std::to_string(header->sizes.size()) +
                " dimensions; at most " + std::to_string(e.limits.rank - 1) + " are supported");
    return nullptr;
  }
  Type example{header->element, {}};
  for (int64_t size : header->sizes)
    example.shape.push_back(size);
  if (llvm::any_of(header->sizes, [](int64_t size) { return size < 1; }) || !tensorBytes(example)) {
    e.error(Code::DataFile, range,
            "one example of '" + name + "' has no elements, or takes more than 2^40 bytes")
        .detail("found " + example.str() + " per example");
    return nullptr;
  }
  column.type.shape.insert(column.type.shape.end(), example.shape.begin(), example.shape.end());
  column.range = range;
  return request(std::move(column), std::nullopt);
}

void DataElaborator::declareArrays() {
  for (const auto &[name, range] : given) {
    const ast::Parameter *parameter = nullptr;
    for (const ast::Parameter &each : decl.columns)
      if (each.name.text == name && !isCoded(name))
        parameter = &each;
    if (!parameter && columns.empty())
      continue; // and so reported
    const Node *node = parameter ? declaredArray(*parameter) : undeclaredArray(name, range);
    e.frame->root.declare(
        name, {Variable::Kind::Argument, node ? Value(Tensor{node}) : Value(Unknown{}), range});
    for (DeclaredField &field : fields)
      if (parameter && field.name == name) {
        field.node = node;
        field.limit = node ? e.limitOf(node) : std::nullopt;
      }
  }
}

const Node *DataElaborator::request(Column column, const std::optional<Dim> &limit) {
  for (const Source &other : sources)
    if (other.column.kind == column.kind && other.column.name == column.name &&
        other.column.first == column.first && other.column.last == column.last &&
        other.column.byPosition == column.byPosition && other.column.classes == column.classes)
      return other.node;
  e.graph.setPlace(column.range, nullptr);
  const Node *node = e.graph.input(column.type);
  std::string name = column.name.empty() ? column.first : column.name;
  if (limit)
    e.ranges[node] = {limit, /*isDeclared=*/true, name, column.range};
  sources.push_back({std::move(column), node});
  return node;
}

//===-- Tables -------------------------------------------------------------------------------===//

/// The first line of the table, where it is at hand; all parts must agree.
std::optional<DataFiles::Table> DataElaborator::tableHeader(SourceRange range) {
  if (triedTable || !files)
    return table;
  triedTable = true;
  std::string first;
  for (const DataSource &source : data.sources) {
    if (formOf(source.reader) != Form::Table)
      continue;
    std::vector<std::string> looked;
    std::string path = source.files.empty() ? "" : files->find(source.files.front().second, looked);
    if (path.empty())
      continue;
    llvm::Expected<DataFiles::Table> header = files->readTable(path, separator, hasHeader);
    if (!header) {
      e.error(Code::DataFile, source.range, llvm::toString(header.takeError()));
      continue;
    }
    if (table && (table->columns != header->columns || table->names != header->names))
      e.error(Code::DataFile, range, "the tables of the parts have different columns")
          .detail(first + ": " + std::to_string(table->columns) + " columns")
          .detail(path + ": " + std::to_string(header->columns) + " columns");
    if (!table) {
      table = *header;
      first = path;
    }
  }
  return table;
}

bool DataElaborator::isTableCode(llvm::StringRef callee, SourceRange range) {
  if (form == Form::Table)
    return true;
  const bool isText = form == Form::Text, isImages = form == Form::Images;
  if (!data.sources.empty())
    e.error(Code::DataDeclaration, range,
            "'" + callee.str() + "' takes columns of a table, but '" + decl.name.text +
                "' is made of " +
                (isText     ? "text"
                 : isImages ? "images"
                            : "arrays"))
        .note(data.sources.front().range, "its source is named here")
        .suggest(isText     ? "the examples of a text are called 'window'"
                 : isImages ? "a folder gives 'image' and 'label'"
                            : "an array is known by the name that is given here");
  return false;
}

std::optional<DataElaborator::Position> DataElaborator::positionOf(const GivenArgument &argument,
                                                                   llvm::StringRef callee) {
  if (argument.value.isUnknown())
    return std::nullopt;
  auto header = tableHeader(argument.range);
  Position position;
  if (const std::string *name = argument.value.asString()) {
    position.name = *name;
    if (!hasHeader) {
      e.error(Code::DataDeclaration, argument.range,
              "the table has no header, so its columns have no names")
          .suggest("count them from 0: " + callee.str() + "(2)");
      return std::nullopt;
    }
    if (!header)
      return position;
    auto it = llvm::find(header->names, *name);
    if (it == header->names.end()) {
      std::string near = nearest(*name, header->names);
      std::string all = llvm::join(header->names, ", ");
      if (all.size() > 160)
        all = all.substr(0, 157) + "...";
      const bool isOneField = header->names.size() == 1 && all.find_first_of(";\t|,") != all.npos;
      e.error(Code::DataFile, argument.range, "the table has no column \"" + *name + "\"")
          .suggest(isOneField
                       ? "the header is a single field: perhaps the separator is another one: "
                         "csv(..., separator: \";\")"
                       : (near.empty() ? "" : "did you mean \"" + near + "\"? ") +
                             "its columns: " + all);
      return std::nullopt;
    }
    if (std::find(std::next(it), header->names.end(), *name) != header->names.end()) {
      e.error(Code::DataFile, argument.range, "a second column is called '" + *name + "'")
          .suggest("rename one of them in the table's header");
      return std::nullopt;
    }
    position.index = it - header->names.begin();
    return position;
  }
  const Dim *dim = argument.value.asInt();
  auto index = dim ? dim->constant() : std::nullopt;
  constexpr int64_t most = INT32_MAX; // of columns; far more than a line has
  if (!index || *index < 0 || *index > most) {
    e.error(Code::ArgumentType, argument.range,
            "'" + callee.str() + "' takes the name of a column, or its number from 0, found " +
                argument.value.describe());
    return std::nullopt;
  }
  if (header && *index >= static_cast<int64_t>(header->columns)) {
    e.error(Code::DataFile, argument.range,
            "there is no column " + std::to_string(*index) + ": the table has " +
                std::to_string(header->columns))
        .suggest("columns are counted from 0");
    return std::nullopt;
  }
  position.name = std::to_string(*index);
  position.index = index;
  position.byPosition = true;
  return position;
}

/// A first line of numbers, where numbers are read by position, is an example: taken for a header
/// it would be lost without a word. False after an error.
bool DataElaborator::isHeaderOfNames(const Position &from, const Position &to, SourceRange range) {
  if (!hasHeader || !table || !from.byPosition)
    return true;
  auto isNumber = [](llvm::StringRef name) {
    double value = 0;
    return !name.getAsDouble(value);
  };
  llvm::ArrayRef<std::string> names(table->names);
  llvm::ArrayRef<std::string> read = names.slice(*from.index, *to.index - *from.index + 1);
  if (!llvm::all_of(read, isNumber))
    return true;
  e.error(Code::DataFile, range, "the header of the table is all numbers where numbers are read")
      .detail("it has " + read.front() + " for the name of column " + from.name)
      .suggest("if it is the first example: csv(..., header: false); columns that have numbers for "
               "names are asked for by these names");
  return false;
}

Value DataElaborator::numbers(const GivenArgument &first, const GivenArgument *last,
                              SourceRange range) {
  if (!isTableCode("numbers", range))
    return Unknown{};
  auto from = positionOf(first, "numbers");
  auto to = last ? positionOf(*last, "numbers") : from;
  if (!from || !to)
    return Unknown{};
  if (from->byPosition != to->byPosition) {
    e.error(Code::ArgumentType, last->range,
            "the first and the last column are given by name or by number, both alike");
    return Unknown{};
  }
  Dim width = 1;
  if (from->index && to->index) {
    if (*to->index < *from->index) {
      e.error(Code::ArgumentType, last->range,
              "the last column stands before the first: it is number " +
                  std::to_string(*to->index) + ", the first " + std::to_string(*from->index));
      return Unknown{};
    }
    if (!isHeaderOfNames(*from, *to, range))
      return Unknown{};
    width = *to->index - *from->index + 1;
  } else if (from->name != to->name) {
    std::string symbol = from->name + "_to_" + to->name;
    for (char &c : symbol)
      c = llvm::isAlnum(c) ? c : '_';
    const DataSource *from = firstTable();
    width = openSize(symbol, from && !from->files.empty() ? from->files.front().second : "", range);
  }
  Column column;
  column.kind = Column::Kind::Numbers;
  column.first = from->name;
  column.last = to->name;
  column.byPosition = from->byPosition;
  column.type = Type{Element::F32, {rowsDim(), width}};
  column.range = range;
  return Tensor{request(std::move(column), std::nullopt)};
}

Value DataElaborator::number(const GivenArgument &which, SourceRange range) {
  if (!isTableCode("number", range))
    return Unknown{};
  auto position = positionOf(which, "number");
  if (!position || !isHeaderOfNames(*position, *position, range))
    return Unknown{};
  Column column;
  column.kind = Column::Kind::Number;
  column.first = position->name;
  column.byPosition = position->byPosition;
  column.type = Type{Element::F32, {rowsDim()}};
  column.range = range;
  return Tensor{request(std::move(column), std::nullopt)};
}

Value DataElaborator::category(const GivenArgument &which, const GivenArgument &count,
                               SourceRange range) {
  if (!isTableCode("category", range))
    return Unknown{};
  auto position = positionOf(which, "category");
  const Dim *dim = count.value.asInt();
  auto number = dim ? dim->constant() : std::nullopt;
  if (!count.value.isUnknown() && (!number || *number < 1 || *number > INT32_MAX))
    e.error(Code::ArgumentType, count.range,
            "the number of classes is a known integer of at least 1, found " +
                count.value.describe());
  if (!position || !number || *number < 1 || *number > INT32_MAX)
    return Unknown{};
  Column column;
  column.kind = Column::Kind::Category;
  column.first = position->name;
  column.byPosition = position->byPosition;
  column.classes = *number;
  column.type = Type{Element::I32, {rowsDim()}};
  column.range = range;
  return Tensor{request(std::move(column), Dim(*number))};
}

bool DataElaborator::isCategory(const Node *node) const {
  return llvm::any_of(sources, [&](const Source &each) {
    const Column::Kind kind = each.column.kind;
    return each.node == node && (kind == Column::Kind::Category || kind == Column::Kind::Label);
  });
}

std::optional<Value> DataElaborator::classNumber(const Node *category, const std::string &name,
                                                 SourceRange range) {
  if (!isCategory(category))
    return std::nullopt;
  for (const Class &each : classes)
    if (each.category == category && each.request.name == name)
      return Tensor{each.node};
  e.graph.setPlace(range, nullptr);
  const Node *node = e.graph.input(Type{Element::I64, {}});
  classes.push_back({category, node, {0, name, range}});
  return Tensor{node};
}

} // namespace nnc::sema
