// The sources of a data set: one for each part, or several beside each other, row by row.
#include "compiler/sema/Data.h"

#include "llvm/ADT/StringExtras.h"

#include <set>

namespace nnc::sema {

using namespace ast;

DataElaborator::Form DataElaborator::formOf(llvm::StringRef reader) {
  return reader == "csv"      ? Form::Table
         : reader == "text"   ? Form::Text
         : reader == "folder" ? Form::Images
                              : Form::Arrays;
}

static constexpr const char *sourceExample = "such as csv(\"table.csv\") or npy(x: \"x.npy\")";

/// The call that a source is; null where it is none that there is, which is reported.
const CallExpr *DataElaborator::sourceCall(const Expr &value) {
  const auto *call = llvm::dyn_cast<CallExpr>(&value);
  const auto *reader = call ? llvm::dyn_cast<NameExpr>(call->callee.get()) : nullptr;
  if (!reader) {
    if (!llvm::isa<ErrorExpr>(value))
      e.error(Code::DataDeclaration, value.range, "this is not a source").suggest(sourceExample);
    return nullptr;
  }
  const std::string &name = reader->name.text;
  const std::vector<std::string> readers = {"idx", "npy", "csv", "text", "folder"};
  if (!llvm::is_contained(readers, name) || !reader->qualifiers.empty()) {
    std::string near = didYouMean(name, readers);
    e.error(Code::DataDeclaration, reader->range, "unknown source '" + name + "'")
        .suggest(near.empty() ? "known sources: idx npy csv text folder" : near);
    // It may have meant any of them.
    broken.insert({"window", "image", "label"});
    for (const Argument &argument : call->arguments)
      if (argument.name)
        broken.insert(argument.name->text);
    return nullptr;
  }
  return call;
}

static std::string readerOf(const CallExpr &call) {
  return llvm::cast<NameExpr>(call.callee.get())->name.text;
}

std::optional<std::pair<std::string, SourceRange>>
DataElaborator::readCall(const CallExpr &call, const SourceCall &form,
                         llvm::function_ref<void(const Argument &)> take) {
  std::optional<std::pair<std::string, SourceRange>> file;
  bool isNamed = false;
  std::set<std::string> seen;
  for (const Argument &argument : call.arguments) {
    if (!argument.value)
      continue;
    SourceRange range = argument.value->range;
    if (!argument.name) {
      if (isNamed && file)
        e.error(Code::TooManyArguments, range, "'" + form.reader + "' takes one " + form.of);
      else if (auto path = fileName(*argument.value))
        file.emplace(*path, range);
      isNamed = true;
      continue;
    }
    const std::string &option = argument.name->text;
    if (!seen.insert(option).second)
      e.error(Code::DuplicateArgument, argument.name->range, "'" + option + "' is given twice");
    if (llvm::is_contained(form.options, option)) {
      take(argument);
      continue;
    }
    std::string near = didYouMean(option, form.options);
    llvm::ArrayRef<std::string> options = form.options;
    e.error(Code::UnknownArgument, argument.name->range,
            "'" + form.reader + "' has no argument '" + option + "'")
        .suggest(near.empty() ? "it takes a " + form.of + ", " +
                                    llvm::join(options.drop_back(), ", ") + " and " + options.back()
                              : near);
  }
  if (!isNamed)
    e.error(Code::MissingArgument, call.range,
            "'" + form.reader + "' takes the name of a " + form.of)
        .suggest("such as " + form.example);
  return file;
}

/// Whether no line before gives this part or, with `from`, all of them.
bool DataElaborator::isPartNew(const Entry &entry) {
  const std::string part = entry.key.text == "from" ? "" : entry.key.text;
  for (const DataSource &other : data.sources) {
    bool isMixed = part.empty() != other.part.empty();
    if (!isMixed && part != other.part)
      continue;
    e.error(isMixed ? Code::DataDeclaration : Code::DuplicateName, entry.key.range,
            isMixed ? "'from' gives all examples, 'train' and 'test' a part each: a data set has "
                      "one or the other"
                    : "the " + std::string(part.empty() ? "source" : "part") + " '" +
                          entry.key.text + "' is given twice")
        .note(other.range, "the other is given here")
        .suggest(isMixed ? "" : "sources beside each other stand in one line, with commas");
    return false;
  }
  return true;
}

/// The sources of a part: one, or several beside each other, row by row.
void DataElaborator::addSources(const Entry &entry) {
  if (entry.arguments.empty()) {
    e.error(Code::DataDeclaration, entry.range, "'" + entry.key.text + "' takes a source")
        .suggest(sourceExample);
    return;
  }
  std::vector<const CallExpr *> calls;
  for (const Argument &argument : entry.arguments) {
    if (argument.name) {
      e.error(Code::DataDeclaration, argument.name->range, "a source has no name")
          .suggest(sourceExample);
      return;
    }
    const CallExpr *call = argument.value ? sourceCall(*argument.value) : nullptr;
    if (!call)
      return;
    calls.push_back(call);
  }
  if (!isPartNew(entry))
    return;
  const size_t firstOfPart = data.sources.size();
  for (const CallExpr *call : calls)
    addSource(entry, *call, firstOfPart);
  checkPartsAlike(entry, firstOfPart);
}

void DataElaborator::addSource(const Entry &entry, const CallExpr &call, size_t firstOfPart) {
  DataSource source;
  source.part = entry.key.text == "from" ? "" : entry.key.text;
  source.reader = readerOf(call);
  const bool isAlone = entry.arguments.size() == 1;
  source.range = isAlone ? entry.range : call.range;
  const Form own = formOf(source.reader);
  for (const DataSource &other : llvm::ArrayRef(data.sources).drop_front(firstOfPart)) {
    const Form before = formOf(other.reader);
    if (own == Form::Text || before == Form::Text)
      e.error(Code::DataDeclaration, call.range, "a text has no other source beside it")
          .note(other.range, "the other is given here")
          .suggest("its windows are no rows that anything else has");
    else if (own == Form::Images || before == Form::Images)
      e.error(Code::DataDeclaration, call.range, "a folder has no other source beside it")
          .note(other.range, "the other is given here")
          .suggest("arrays have, such as npy(image: \"images.npy\")");
    else if (own == Form::Table && before == Form::Table)
      e.error(Code::DataDeclaration, call.range, "two tables beside each other")
          .note(other.range, "the other is given here")
          .suggest("one table has arrays beside it, such as npy(image: \"images.npy\")");
    else
      continue;
    return;
  }
  switch (own) {
  case Form::Table:
    addTable(call, source);
    break;
  case Form::Text:
    addText(call, source);
    break;
  case Form::Images:
    addFolder(call, source);
    break;
  case Form::Arrays:
    addArrays(call, source, llvm::ArrayRef(data.sources).drop_front(firstOfPart));
    break;
  }
  // What code over the rows may call, and that names of arrays are known, is so beside each other,
  // too.
  if (own != Form::Arrays || data.sources.empty())
    form = own;
  data.sources.push_back(std::move(source));
}

/// A data set is read alike in all parts: a table has the same kind of source beside it everywhere.
void DataElaborator::checkPartsAlike(const Entry &entry, size_t firstOfPart) {
  if (firstOfPart == 0 || firstOfPart == data.sources.size())
    return;
  auto formsOf = [](llvm::ArrayRef<DataSource> sources) {
    std::set<Form> forms;
    for (const DataSource &source : sources)
      forms.insert(formOf(source.reader));
    return forms;
  };
  llvm::ArrayRef<DataSource> all = data.sources;
  const std::set<Form> before = formsOf(all.take_front(firstOfPart));
  llvm::ArrayRef<DataSource> added = all.drop_front(firstOfPart);
  if (before == formsOf(added))
    return;
  const DataSource *other = llvm::find_if(
      added, [&](const DataSource &each) { return !before.count(formOf(each.reader)); });
  e.error(Code::DataDeclaration, entry.range,
          other == added.end()
              ? "the parts of a data set are read alike, but another part has more sources"
              : "the parts of a data set are read alike, but one by '" + all.front().reader +
                    "' and another by '" + other->reader + "'")
      .note(all.front().range, "the other part is given here");
}

const DataSource *DataElaborator::firstTable() const {
  auto found = llvm::find_if(
      data.sources, [](const DataSource &each) { return formOf(each.reader) == Form::Table; });
  return found == data.sources.end() ? nullptr : &*found;
}

} // namespace nnc::sema
