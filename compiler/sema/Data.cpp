// Checks of `data` declarations.
#include "compiler/sema/Data.h"

#include "compiler/sema/Planned.h"

#include <set>

namespace nnc::sema {

using namespace ast;

std::vector<std::string> dataFormats() { return {"idx"}; }

static std::string didYouMean(llvm::StringRef name, const std::vector<std::string> &candidates) {
  std::string near = nearest(name, candidates);
  return near.empty() ? near : "did you mean '" + near + "'?";
}

static std::optional<DeclaredField> checkField(Elaborator &e, const ast::DataField &field) {
  DeclaredField result{field.name.text, std::nullopt, std::nullopt, field.range};
  auto element = elementNamed(field.type.element.text);
  if (field.type.element.text.empty())
    return std::nullopt; // the parser said so
  if (!element) {
    e.error(Code::UnknownType, field.type.element.range,
            "a field needs an element type such as u8, not '" + field.type.element.text + "'")
        .suggest(didYouMean(field.type.element.text, typeNames()));
    return std::nullopt;
  }
  auto type = e.resolveType(field.type, /*report=*/true);
  if (!type)
    return std::nullopt;
  for (size_t i = 0; i < type->shape.size(); ++i) {
    auto size = type->shape[i].constant();
    if (!size || *size < 1) {
      e.error(Code::DimensionNotPositive,
              field.type.dims[std::min(i, field.type.dims.size() - 1)].range,
              "a dimension of the field '" + field.name.text + "' must be a number of at least 1");
      return std::nullopt;
    }
  }
  if (!tensorBytes(*type)) {
    e.error(Code::TensorTooLarge, field.type.range,
            "one example of '" + field.name.text + "' takes more than 2^40 bytes");
    return std::nullopt;
  }
  result.type = *type;
  if (!field.low || !field.high)
    return result;
  auto low = e.evalConstantInt(*field.low, "a bound");
  auto high = e.evalConstantInt(*field.high, "a bound");
  if (!low || !high)
    return result;
  SourceRange range = field.low->range;
  range.end = field.high->range.end;
  if (*low >= *high || !isInteger(*element)) {
    e.error(Code::DataDeclaration, range,
            isInteger(*element)
                ? "the range " + std::to_string(*low) + ".." + std::to_string(*high) + " is empty"
                : "only fields of integers can have a range of values");
    return result;
  }
  auto [least, most] = *element == Element::U8 ? std::pair<int64_t, int64_t>(0, 255)
                       : *element == Element::I32
                           ? std::pair<int64_t, int64_t>(INT32_MIN, INT32_MAX)
                           : std::pair<int64_t, int64_t>(INT64_MIN, INT64_MAX);
  if (*low < least || *high - 1 > most) {
    e.error(Code::DataDeclaration, range,
            "values of " + std::string(spelling(*element)) + " lie in " + std::to_string(least) +
                ".." + std::to_string(most + 1) + ", found " + std::to_string(*low) + ".." +
                std::to_string(*high));
    return result;
  }
  result.bounds = {*low, *high};
  return result;
}

static void checkSplits(Elaborator &e, const DataDeclaration &decl,
                        std::vector<DeclaredField> &fields) {
  std::set<std::string> splits;
  for (const DataSplit &split : decl.splits) {
    std::vector<std::string> known = {"train", "test"};
    if (!llvm::is_contained(known, split.name.text))
      e.error(Code::DataDeclaration, split.name.range,
              "unknown part '" + split.name.text + "' of a data set")
          .suggest("a data set has a part 'train' and perhaps a part 'test'");
    if (!splits.insert(split.name.text).second)
      e.error(Code::DuplicateName, split.name.range,
              "the part '" + split.name.text + "' is declared twice");
    std::set<std::string> given;
    std::vector<std::string> names;
    for (const DeclaredField &field : fields)
      names.push_back(field.name);
    for (const DataFile &file : split.files) {
      if (!llvm::is_contained(names, file.field.text))
        e.error(Code::UnknownField, file.field.range,
                "'" + decl.name.text + "' has no field '" + file.field.text + "'")
            .suggest(didYouMean(file.field.text, names));
      if (!given.insert(file.field.text).second)
        e.error(Code::DuplicateName, file.field.range,
                "two files for the field '" + file.field.text + "'");
      if (file.path.value.empty() || file.path.value.find('\0') != std::string::npos)
        e.error(Code::DataDeclaration, file.path.range, "this is not the name of a file");
    }
    for (const DeclaredField &field : fields)
      if (!given.contains(field.name))
        e.error(Code::DataDeclaration, split.name.range,
                "the part '" + split.name.text + "' names no file for the field '" + field.name +
                    "'")
            .note(field.range, "the field is declared here");
  }
  if (!splits.contains("train") && llvm::is_contained(dataFormats(), decl.format.text))
    e.error(Code::DataDeclaration, decl.name.range,
            "the data set '" + decl.name.text + "' has no part 'train'");
}

std::vector<DeclaredField> checkData(Elaborator &e, const DataDeclaration &decl) {
  Frame frame;
  frame.file = decl.name.range.file;
  frame.site = e.frame ? e.frame->site : nullptr;
  FrameGuard guard(e, frame);
  if (!decl.format.text.empty() && !llvm::is_contained(dataFormats(), decl.format.text))
    e.error(Code::DataDeclaration, decl.format.range,
            "unknown format '" + decl.format.text + "' of a data set")
        .suggest(plannedHint(decl.format.text).empty() ? "known formats: idx"
                                                       : plannedHint(decl.format.text));
  std::vector<DeclaredField> fields;
  std::set<std::string> names;
  for (const ast::DataField &field : decl.fields) {
    if (!names.insert(field.name.text).second) {
      e.error(Code::DuplicateName, field.name.range,
              "the field '" + field.name.text + "' is declared twice");
      continue;
    }
    auto checked = checkField(e, field);
    fields.push_back(checked
                         ? *checked
                         : DeclaredField{field.name.text, std::nullopt, std::nullopt, field.range});
  }
  // Without field declarations, the files say what there is.
  if (decl.fields.empty())
    for (const DataSplit &split : decl.splits)
      for (const DataFile &file : split.files)
        if (names.insert(file.field.text).second)
          fields.push_back({file.field.text, std::nullopt, std::nullopt, file.field.range});
  checkSplits(e, decl, fields);
  return fields;
}

} // namespace nnc::sema
