// Checks `data` declarations: their lines, tables, arrays and splits.
#include "compiler/sema/Data.h"

#include "llvm/ADT/StringExtras.h"

#include <set>

namespace nnc::sema {

using namespace ast;

std::string didYouMean(llvm::StringRef name, const std::vector<std::string> &candidates) {
  std::string near = nearest(name, candidates);
  return near.empty() ? near : "did you mean '" + near + "'?";
}

static std::vector<std::string> fieldNames(const DataDeclaration &decl) {
  std::vector<std::string> names;
  for (const ast::Parameter &field : decl.columns)
    names.push_back(field.name.text);
  return names;
}

void DataElaborator::collectEntries() {
  const std::vector<std::string> keys = {"train", "test", "from", "split", "let"};
  const ast::Entry *split = nullptr;
  for (const Entry &entry : decl.entries) {
    switch (entry.kind) {
    case Entry::Kind::Let:
      code.push_back(&entry);
      continue;
    case Entry::Kind::Column: {
      auto known = fieldNames(decl);
      if (!llvm::is_contained(known, entry.name.text)) {
        e.error(Code::UnknownField, entry.name.range,
                "'" + decl.name.text + "' has no column '" + entry.name.text + "'")
            .note(decl.name.range, "its columns are declared here")
            .suggest(known.empty() || !nearest(entry.name.text, known).empty()
                         ? didYouMean(entry.name.text, known)
                         : "'let " + entry.name.text + " = ...' names a value that is no column");
        continue;
      }
      auto [it, isNew] = columns.try_emplace(entry.name.text, &entry);
      if (!isNew)
        e.error(Code::DuplicateName, entry.name.range,
                "the column '" + entry.name.text + "' is given twice")
            .note(it->second->name.range, "it is first given here");
      else
        code.push_back(&entry);
      continue;
    }
    case Entry::Kind::Named:
    case Entry::Kind::Section:
      e.error(Code::MisplacedSetting, entry.key.range,
              "'" + entry.key.text + "' is not a line of a data set")
          .suggest("a data set has 'train', 'test' or 'from', 'let', columns and 'split'");
      continue;
    case Entry::Kind::Line:
      break;
    }
    for (const auto &selector : entry.selectors)
      e.error(Code::SettingValue, selector->range, "only 'optimizer' takes 'for'");
    if (entry.key.text == "train" || entry.key.text == "test" || entry.key.text == "from") {
      addSources(entry);
    } else if (entry.key.text == "split") {
      if (split)
        e.error(Code::DuplicateSetting, entry.key.range, "'split' is given twice")
            .note(split->key.range, "it is first given here");
      else
        addSplits(entry);
      split = &entry;
    } else {
      e.error(Code::UnknownSetting, entry.key.range,
              "'" + entry.key.text + "' is not a line of a data set")
          .suggest(nearest(entry.key.text, keys).empty()
                       ? "a data set has 'train', 'test' or 'from', 'let', columns and 'split'"
                       : didYouMean(entry.key.text, keys));
    }
  }
  bool divides = llvm::any_of(data.sources, [](const DataSource &s) { return s.part.empty(); });
  if (split && !divides && !data.sources.empty())
    e.error(Code::DataDeclaration, split->key.range,
            "'split' divides what 'from' gives, but the parts have sources of their own")
        .note(data.sources.front().range, "a part is given here")
        .suggest("in a recipe, 'split valid: 0.1' takes examples from the training part");
}

std::optional<std::string> DataElaborator::fileName(const Expr &expr) {
  const auto *text = llvm::dyn_cast<StringExpr>(&expr);
  if (text && !text->value.empty() && text->value.find('\0') == std::string::npos)
    return text->value;
  if (!llvm::isa<ErrorExpr>(expr))
    e.error(Code::DataDeclaration, expr.range, "this is not the name of a file")
        .suggest("such as \"train.npy\"");
  return std::nullopt;
}

/// What stands for a missing value: one text, or a list of them.
std::vector<std::string> DataElaborator::missingMarkers(const Expr &value) {
  std::vector<std::string> markers;
  auto add = [&](const Expr &each) {
    const auto *text = llvm::dyn_cast<StringExpr>(&each);
    if (text)
      markers.push_back(text->value);
    else if (!llvm::isa<ErrorExpr>(each))
      e.error(Code::ArgumentType, each.range,
              "'missing' is what stands for a missing value, in quotes")
          .suggest("such as \"NA\", or [\"NA\", \"\"] where several do");
  };
  const auto *list = llvm::dyn_cast<ListExpr>(&value);
  if (!list)
    add(value);
  else if (list->elements.empty())
    e.error(Code::ArgumentType, value.range,
            "the list names nothing that stands for a missing value")
        .suggest("without 'missing', each field of a column of numbers has to be one");
  else
    for (const ExprPtr &each : list->elements)
      add(*each);
  return markers;
}

void DataElaborator::addTable(const CallExpr &call, DataSource &source) {
  const DataSource *other = firstTable();
  bool header = true;
  std::string given = ",";
  auto file = readCall(
      call, {"csv", "file", {"separator", "missing", "header"}, "csv(\"table.csv\")"},
      [&](const Argument &argument) {
        const std::string &option = argument.name->text;
        const Expr &value = *argument.value;
        const auto *text = llvm::dyn_cast<StringExpr>(&value);
        const auto *truth = llvm::dyn_cast<BoolExpr>(&value);
        if (option == "header" && truth) {
          header = truth->value;
        } else if (option == "header") {
          e.error(Code::ArgumentType, value.range, "'header' is true or false");
        } else if (option == "missing") {
          source.missing = missingMarkers(value);
        } else if (text && text->value.size() == 1 && text->value != "\"" && text->value != "\n" &&
                   text->value != "\r" && text->value.front() > 0) {
          given = text->value;
        } else {
          e.error(Code::ArgumentType, value.range, "'separator' is one character in quotes")
              .suggest("such as \";\" or \"\\t\"");
        }
      });
  if (file)
    source.files.emplace_back("", file->first);
  if (other && (header != hasHeader || given[0] != separator))
    e.error(Code::DataDeclaration, call.range, "the tables of a data set must be written alike")
        .note(other->range, "the other table is given here");
  hasHeader = header;
  separator = given[0];
  source.options = {{"separator", given}, {"header", header}};
}

void DataElaborator::addArrays(const CallExpr &call, DataSource &source,
                               llvm::ArrayRef<DataSource> beside) {
  auto gives = [](const DataSource &each, const std::string &name) {
    return llvm::any_of(each.files, [&](const auto &file) { return file.first == name; });
  };
  for (const Argument &argument : call.arguments) {
    if (!argument.value)
      continue;
    if (!argument.name) {
      if (!llvm::isa<ErrorExpr>(*argument.value))
        e.error(Code::DataDeclaration, argument.value->range,
                "'" + source.reader + "' takes a file for each column, by name")
            .suggest("such as " + source.reader + "(image: \"images." +
                     (source.reader == "idx" ? "gz" : "npy") + "\")");
      continue;
    }
    const std::string &name = argument.name->text;
    if (gives(source, name) ||
        llvm::any_of(beside, [&](const DataSource &each) { return gives(each, name); })) {
      e.error(Code::DuplicateArgument, argument.name->range, "two files for '" + name + "'");
      continue;
    }
    if (auto path = fileName(*argument.value)) {
      source.files.emplace_back(name, *path);
      given.try_emplace(name, argument.name->range);
    } else {
      broken.insert(name);
    }
  }
}

/// Parts there must be, and every part gives the same arrays.
void DataElaborator::checkSources() {
  bool wasWritten = llvm::any_of(decl.entries, [](const Entry &entry) {
    return entry.kind == Entry::Kind::Line &&
           (entry.key.text == "train" || entry.key.text == "from");
  });
  if (!wasWritten && !e.isPartial)
    e.error(Code::DataDeclaration, decl.name.range,
            "the data set '" + decl.name.text + "' has no part 'train'")
        .suggest("'train npy(...)' gives it, or 'from csv(...)' all examples");
  auto names = fieldNames(decl);
  for (const auto &[name, range] : given) {
    // What no column is called is an array for the code of columns. A folder gives its two columns
    // whether they are asked for or not.
    bool isRead = llvm::is_contained(names, name) || !columns.empty() || form == Form::Images;
    if (!isRead) {
      std::string near = nearest(name, names);
      e.error(Code::UnknownField, range, "'" + decl.name.text + "' has no column '" + name + "'")
          .note(decl.name.range, "its columns are declared here")
          .suggest(near.empty() ? "" : "did you mean '" + near + "'?");
    }
    // Any source of the part may give it; one stands for them where none does.
    std::set<std::string> parts;
    for (const DataSource &source : data.sources) {
      const bool isGiven = llvm::any_of(data.sources, [&](const DataSource &each) {
        return each.part == source.part &&
               llvm::any_of(each.files, [&](const auto &file) { return file.first == name; });
      });
      if (!isGiven && formOf(source.reader) == Form::Arrays && parts.insert(source.part).second)
        e.error(Code::DataDeclaration, source.range,
                "the part '" + source.part + "' names no file for '" + name + "'")
            .note(range, "another part gives it here");
    }
  }
  for (const ast::Parameter &field : decl.columns)
    if (form != Form::Table && !isCoded(field.name.text) && !given.count(field.name.text) &&
        !broken.count(field.name.text) && !data.sources.empty())
      e.error(Code::DataDeclaration, field.name.range,
              "nothing gives the column '" + field.name.text + "'")
          .note(data.sources.front().range, "the files are named here")
          .suggest(form == Form::Images ? "a folder gives 'image' and 'label'; or say '" +
                                              field.name.text + " = ...'"
                   : form == Form::Text
                       ? "the examples of a text are called 'window'; say '" + field.name.text +
                             " = ...'"
                       : "name a file for it, or say '" + field.name.text + " = ...'");
}

void DataElaborator::addSplits(const Entry &entry) {
  double sum = 0;
  std::set<std::string> seen;
  if (entry.arguments.empty())
    e.error(Code::SettingValue, entry.range, "'split' says no shares")
        .suggest("such as 'split train: 0.8, test: 0.2, seed: 1'");
  for (const Argument &argument : entry.arguments) {
    if (!argument.value)
      continue;
    if (!argument.name) {
      e.error(Code::SettingValue, argument.value->range, "'split' takes shares by name")
          .suggest("such as 'split train: 0.8, test: 0.2, seed: 1'");
      continue;
    }
    const std::string &part = argument.name->text;
    SourceRange range = argument.value->range;
    if (!seen.insert(part).second) {
      e.error(Code::DuplicateArgument, argument.name->range, "'" + part + "' is given twice");
      continue;
    }
    if (part == "seed") {
      auto seed = e.evalConstantInt(*argument.value, "'seed'");
      if (seed && *seed < 0)
        e.error(Code::SettingValue, range,
                "'seed' is " + std::to_string(*seed) + "; it must be at least 0");
      else if (seed)
        data.splitSeed = static_cast<uint64_t>(*seed);
      continue;
    }
    if (part != "train" && part != "test") {
      std::string near = didYouMean(part, {"train", "test", "seed"});
      e.error(Code::DataDeclaration, argument.name->range,
              "unknown part '" + part + "' of a data set")
          .suggest(part == "valid" ? "in a recipe, 'split valid: 0.1' takes it out of the training "
                                     "part"
                   : near.empty()  ? "a data set has a part 'train' and perhaps a part 'test'"
                                   : near);
      continue;
    }
    auto share = numberOf(e.eval(*argument.value));
    if (!share || !(*share > 0 && *share <= 1)) {
      e.error(Code::SettingValue, range, "a share is a number above 0 and at most 1");
      continue;
    }
    sum += *share;
    data.splits.push_back({part, *share});
  }
  if (!seen.count("train") && !entry.arguments.empty())
    e.error(Code::DataDeclaration, entry.range, "'split' leaves no part 'train'")
        .suggest("such as 'split train: 0.8, test: 0.2, seed: 1'");
  if (sum > 1 + 1e-9)
    e.error(Code::SettingValue, entry.range,
            "the shares add up to " + numberText(sum) + ", more than 1");
}

/// Back to before the first line was read; what sizes are is kept.
void DataElaborator::forget() {
  fields.clear();
  data = {};
  form = Form::Arrays;
  hasHeader = true;
  separator = ',';
  cut = {};
  images = {};
  code.clear();
  columns.clear();
  sources.clear();
  classes.clear();
  given.clear();
  named.clear();
  broken.clear();
  table.reset();
  triedTable = false;
}

bool DataElaborator::run() {
  // A size that only a file told may turn out to follow from the header. Then it is known from the
  // start, and what has been made with a symbol in its place is made again.
  while (true) {
    Diagnostics found;
    size_t before = settled.size();
    Diagnostics &outer = e.exchangeDiagnostics(found);
    elaborate();
    e.exchangeDiagnostics(outer);
    if (settled.size() == before || e.hasAborted()) {
      e.adopt(found);
      return !found.hasErrors();
    }
    forget();
  }
}

/// Names that broken sources would bring, so that code which uses them has no mistake of its own.
void DataElaborator::declareBroken() {
  for (const std::string &name : broken)
    if (!e.frame->root.findHere(name))
      e.frame->root.declare(name, {Variable::Kind::Argument, Unknown{}, decl.name.range});
}

void DataElaborator::elaborate() {
  Frame frame;
  frame.file = decl.name.range.file;
  frame.site = e.frame ? e.frame->site : nullptr;
  FunctionContext context;
  context.data = this;
  context.classNumber = [this](const Node *category, const std::string &name, SourceRange range) {
    return classNumber(category, name, range);
  };
  // Of the training part, as it is fitted: what is prepared later are pieces of a part.
  e.graph.setPlace(decl.name.range, nullptr);
  context.rows = e.graph.fromOuterDim(rowsDim());
  FrameGuard guard(e, frame);
  ContextGuard contextGuard(e, context);
  frame.root.declare("rows", {Variable::Kind::Dim, rowsDim(), decl.name.range});
  data.name = decl.name.text;
  data.isLibrary = e.sources.isStd(decl.name.range.file);
  std::set<std::string> names;
  for (const ast::Parameter &field : decl.columns)
    if (!names.insert(field.name.text).second)
      e.error(Code::DuplicateName, field.name.range,
              "the column '" + field.name.text + "' is declared twice");
    else
      fields.push_back({field.name.text, nullptr, std::nullopt, field.range});
  collectEntries();
  checkSources();
  if (form == Form::Text)
    declareWindows();
  else if (form == Form::Images)
    declareImages();
  else
    declareArrays();
  declareBroken();
  runCode();
  for (const ast::Parameter &field : decl.columns)
    if (form == Form::Table && !isCoded(field.name.text) && !given.count(field.name.text))
      e.error(Code::DataDeclaration, field.name.range,
              "nothing gives the column '" + field.name.text + "'")
          .suggest("such as '" + field.name.text + " = number(\"" + field.name.text + "\")'");
}

} // namespace nnc::sema
