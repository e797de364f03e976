// Texts as sources of data: windows of characters, words or bytes, and the vocabulary that the
// files settle.
#include "compiler/sema/Data.h"

#include <set>

namespace nnc::sema {

using namespace ast;

void DataElaborator::setTextUnit(const Expr &value) {
  const std::vector<std::string> units = {"character", "word", "byte"};
  const auto *text = llvm::dyn_cast<StringExpr>(&value);
  if (text && llvm::is_contained(units, text->value)) {
    cut.unit = text->value;
    return;
  }
  std::string near = text ? nearest(text->value, units) : "";
  e.error(Code::ArgumentType, value.range, "'unit' is \"character\", \"word\" or \"byte\"")
      .suggest(near.empty() ? "" : "did you mean \"" + near + "\"?");
}

void DataElaborator::addText(const CallExpr &call, DataSource &source) {
  const TextCut before = cut;
  const bool isFirst = data.sources.empty(), wasBroken = broken.count("window") != 0;
  const size_t errors = e.errorCount();
  cut = {};
  bool hasWindow = false, hasStride = false;
  auto count = [&](const Argument &argument, int64_t &value) {
    constexpr int64_t most = 1 << 24; // units of one example; far more than a model can take
    auto found = e.evalConstantInt(*argument.value, "'" + argument.name->text + "'");
    if (found && *found >= 1 && *found <= most)
      value = *found;
    else if (found)
      e.error(Code::ArgumentType, argument.value->range,
              "'" + argument.name->text + "' is " + std::to_string(*found) +
                  "; it is a number of units, from 1 to " + std::to_string(most));
  };
  auto file = readCall(
      call, {"text", "file", {"unit", "window", "stride"}, "text(\"book.txt\", window: 65)"},
      [&](const Argument &argument) {
        const std::string &option = argument.name->text;
        if (option == "unit") {
          setTextUnit(*argument.value);
          return;
        }
        (option == "window" ? hasWindow : hasStride) = true;
        count(argument, option == "window" ? cut.window : cut.stride);
      });
  if (file) {
    source.files.emplace_back("window", file->first);
    given.try_emplace("window", file->second);
    named.try_emplace(file->first, file->second);
  }
  if (!hasWindow)
    e.error(Code::MissingArgument, call.range, "'text' needs the length of a window")
        .suggest("'window: 65' gives 65 units, of which the last 64 follow the first 64");
  // Each unit but the very first is then once one that follows another.
  if (!hasStride)
    cut.stride = std::max<int64_t>(1, cut.window - 1);
  if (e.errorCount() == errors && !isFirst && !wasBroken && !(cut == before))
    e.error(Code::DataDeclaration, call.range, "the texts of a data set must be cut alike")
        .note(data.sources.front().range, "the other text is given here");
  if (e.errorCount() != errors)
    broken.insert("window");
  source.options = {{"unit", cut.unit}, {"window", cut.window}, {"stride", cut.stride}};
}

/// How many different units the texts have: what the files at hand tell, else the header, else a
/// symbol.
Dim DataElaborator::vocabulary() {
  if (cut.unit == "byte")
    return 256;
  std::set<std::string> units;
  for (const DataSource &source : data.sources)
    for (const auto &[name, file] : source.files) {
      std::vector<std::string> looked;
      std::string path = files ? files->find(file, looked) : "";
      if (path.empty())
        return openSize("vocab", file, named[file], data.sources.size() > 1 ? "texts" : "");
      auto found = files->readUnits(path, cut.unit);
      if (!found) {
        e.error(Code::DataFile, source.range, llvm::toString(found.takeError()));
        return openSize("vocab", file, named[file]);
      }
      units.insert(found->begin(), found->end());
    }
  // A text without units has no windows either, which is told where it is read.
  return std::max<int64_t>(1, static_cast<int64_t>(units.size()));
}

/// The windows of the texts, under the name `window`; a column of the header may be just that.
void DataElaborator::declareWindows() {
  auto file = given.find("window");
  if (file == given.end() || broken.count("window"))
    return;
  Column column;
  column.kind = Column::Kind::Text;
  column.name = "window";
  column.unit = cut.unit;
  column.classes = vocabulary();
  column.type = Type{Element::I32, {rowsDim(), cut.window}};
  column.range = file->second;
  Value windows = Tensor{request(column, column.classes)};
  e.frame->root.declare("window", {Variable::Kind::Argument, windows, file->second});
  for (const ast::Parameter &parameter : decl.columns)
    if (parameter.name.text == "window" && !isCoded("window"))
      settleField(parameter, file->second, file->second, windows);
}

/// Where the texts are not at hand, the header may say how many units they have: `index(65)`.
void DataElaborator::settleVocabulary(const ast::Parameter &parameter, const Node *node) {
  const IndexRange *known = e.rangeOf(node);
  auto symbol = known && known->limit ? known->limit->asSymbol() : std::nullopt;
  if (!symbol || !e.openSizes.contains(*symbol) || !parameter.type->argument)
    return;
  auto stated = e.evalDim(*parameter.type->argument, /*report=*/false);
  if (stated && stated->constant() && *stated->constant() > 0)
    settled.try_emplace(*symbol, *stated->constant());
}

} // namespace nnc::sema
