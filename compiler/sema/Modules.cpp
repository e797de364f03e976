// Declares the names of files, loads imports, parses the standard library on demand.
#include "compiler/sema/Modules.h"

#include "compiler/sema/Primitives.h"
#include "compiler/std/Library.h"
#include "compiler/syntax/Parser.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

namespace nnc::sema {

using namespace ast;

/// An imported file is no larger than the parser takes.
static constexpr uint64_t maxImportBytes = 4 << 20;
static constexpr size_t maxImports = 256;

static const char *kindName(const Declaration &decl) {
  switch (decl.kind) {
  case Declaration::Kind::Fn:
    return "function";
  case Declaration::Kind::Layer:
    return "layer";
  case Declaration::Kind::Model:
    return "model";
  case Declaration::Kind::Optimizer:
    return "optimizer";
  case Declaration::Kind::Let:
    return "value";
  case Declaration::Kind::Data:
    return "data set";
  default:
    return "declaration";
  }
}

void Modules::load(const File &main) {
  llvm::SmallString<128> path(sources.name(main.id));
  llvm::SmallString<128> real;
  if (!llvm::sys::fs::real_path(path, real))
    path = real;
  byPath[path.str().str()] = &main;
  loading.push_back(path.str().str());
  declareAll(main);
  loading.pop_back();
}

void Modules::declareAll(const File &file) {
  files.push_back(&file);
  FileScope &scope = scopes[file.id.index];
  for (const auto &decl : file.declarations) {
    if (llvm::isa<ImportDeclaration>(*decl) || llvm::isa<TrainDeclaration>(*decl) ||
        decl->name.text.empty())
      continue;
    declare(scope, *decl, decl->name.range);
    if (llvm::isa<LetDeclaration>(*decl) && decl->name.text == "_")
      continue;
    // What no list has is the library's own, and hidden by nothing that matters.
    const StdDeclaration *standard = findStd(decl->name.text);
    if ((standard && standard->isPublic()) || findPrimitive(decl->name.text))
      diagnostics
          .warning(Code::ShadowsStandardLibrary, decl->name.range,
                   std::string("the ") + kindName(*decl) + " '" + decl->name.text +
                       "' hides the one of the standard library")
          .suggest("another name avoids confusion; the library's own code is not affected");
  }
  for (const auto &decl : file.declarations)
    if (const auto *import = llvm::dyn_cast<ImportDeclaration>(decl.get()))
      importInto(scope, file, *import);
}

void Modules::declare(FileScope &scope, const Declaration &decl, SourceRange where) {
  if (const auto *let = llvm::dyn_cast<LetDeclaration>(&decl)) {
    for (const Name &name : let->let.pattern.names)
      if (name.text != "_")
        declareName(scope, name, decl, where == decl.name.range ? name.range : where);
    return;
  }
  declareName(scope, decl.name, decl, where);
}

void Modules::declareName(FileScope &scope, const Name &name, const Declaration &decl,
                          SourceRange where) {
  auto [it, isNew] = scope.names.try_emplace(name.text, &decl);
  bool isOwn = where == name.range;
  if (isNew || (it->second == &decl && !(isOwn && llvm::isa<LetDeclaration>(decl))))
    return;
  diagnostics
      .error(Code::DuplicateName, where,
             isOwn ? "'" + name.text + "' is declared twice"
                   : "the import brings a second '" + name.text + "'")
      .note(it->second->name.range, "it is first declared here")
      .suggest(isOwn ? "in a file, with what it imports, each name has one meaning"
                     : "'import \"file\" as m' keeps its names apart, as m." + name.text);
}

/// Whether a recipe of the file trains a model of that name, which may be an imported one.
static bool isTrainedIn(const File &file, llvm::StringRef model) {
  return llvm::any_of(file.declarations, [&](const auto &each) {
    const auto *recipe = llvm::dyn_cast<TrainDeclaration>(each.get());
    return recipe && llvm::any_of(recipe->models, [&](const TrainDeclaration::Model &trained) {
             return trained.path && trained.path->name.text == model;
           });
  });
}

void Modules::importInto(FileScope &scope, const File &importer, const ImportDeclaration &decl) {
  // Where the string itself is broken, its text means nothing.
  if (llvm::any_of(diagnostics.all(), [&](const auto &each) {
        return each->range.file == importer.id && each->range.begin >= decl.name.range.begin &&
               each->range.begin < decl.name.range.end;
      }))
    return;
  const File *file = open(importer, decl);
  if (!file)
    return;
  if (decl.alias) {
    bool isNew = scope.aliases.try_emplace(decl.alias->text, file).second;
    if (!isNew || decl.alias->text == "std")
      diagnostics.error(Code::DuplicateName, decl.alias->range,
                        isNew ? "'std' is the standard library"
                              : "two files are imported as '" + decl.alias->text + "'");
  } else {
    for (const auto &each : file->declarations)
      if (!llvm::isa<ImportDeclaration>(*each) && !llvm::isa<TrainDeclaration>(*each) &&
          !each->name.text.empty())
        declare(scope, *each, decl.name.range);
  }
  for (const auto &each : file->declarations)
    if (llvm::isa<TrainDeclaration>(*each) && !isTrainedIn(importer, each->name.text))
      diagnostics
          .warning(Code::IgnoredRecipe, decl.name.range,
                   "the import brings the model '" + each->name.text + "' without its recipe")
          .note(each->name.range, "this recipe holds only where its own file is compiled")
          .suggest("give the model a recipe here, or import from a file that has none");
}

/// A file beside the missing one that may have been meant, or where files are looked for.
static std::string hintForMissing(llvm::StringRef path) {
  std::error_code error;
  llvm::StringRef folder = llvm::sys::path::parent_path(path);
  std::vector<std::string> names;
  for (llvm::sys::fs::directory_iterator it(folder.empty() ? "." : folder, error), end;
       it != end && !error; it.increment(error))
    names.push_back(llvm::sys::path::filename(it->path()).str());
  std::sort(names.begin(), names.end());
  std::string near = nearest(llvm::sys::path::filename(path), names);
  return near.empty() ? "the path is relative to the file that imports it"
                      : "did you mean '" + near + "'?";
}

const File *Modules::open(const File &importer, const ImportDeclaration &decl) {
  auto fail = [&](Code code, std::string message, std::string hint = "") {
    diagnostics.error(code, decl.name.range, std::move(message)).suggest(std::move(hint));
    return nullptr;
  };
  llvm::StringRef written = decl.name.text;
  if (written.empty() || written.contains('\0'))
    return fail(Code::ImportUnreadable, "this is not the name of a file");
  llvm::SmallString<128> path;
  if (!llvm::sys::path::is_absolute(written))
    path = llvm::sys::path::parent_path(sources.name(importer.id));
  llvm::sys::path::append(path, written);
  llvm::SmallString<128> real;
  llvm::sys::fs::file_status status;
  if (llvm::sys::fs::real_path(path, real) || llvm::sys::fs::status(real, status))
    return fail(Code::ImportUnreadable, "cannot find '" + path.str().str() + "'",
                hintForMissing(path));
  if (status.type() != llvm::sys::fs::file_type::regular_file)
    return fail(Code::ImportUnreadable, "'" + path.str().str() + "' is not a file");
  std::string key = real.str().str();
  if (llvm::is_contained(loading, key)) {
    Diagnostic &diagnostic =
        diagnostics.error(Code::ImportCycle, decl.name.range,
                          "'" + written.str() + "' imports itself, directly or through others");
    diagnostic.suggest("move what both files need to a third one");
    return nullptr;
  }
  if (auto known = byPath.find(key); known != byPath.end())
    return known->second;
  if (status.getSize() > maxImportBytes || owned.size() >= maxImports)
    return fail(Code::ImportUnreadable, status.getSize() > maxImportBytes
                                            ? "'" + path.str().str() + "' is larger than 4 MiB"
                                            : "too many files are imported");
  auto buffer = llvm::MemoryBuffer::getFile(real, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return fail(Code::ImportUnreadable, "cannot read '" + path.str().str() + "'");
  FileId id = sources.add(path.str().str(), (*buffer)->getBuffer().str());
  owned.push_back(parse(id, sources, diagnostics));
  const File *file = owned.back().get();
  byPath[key] = file;
  loading.push_back(key);
  declareAll(*file);
  loading.pop_back();
  return file;
}

/// One declaration of the library is parsed alone, with its true line numbers, when it is first
/// named: a program uses few of them.
const Declaration *Modules::findStandard(llvm::StringRef name) {
  if (auto known = standard.find(name); known != standard.end())
    return known->second;
  const StdDeclaration *found = findStd(name);
  if (!found)
    return nullptr;
  std::string text(found->line - 1, '\n');
  text += found->text;
  FileId id = sources.add("std/" + found->file.str(), std::move(text), SourceManager::Origin::Std);
  owned.push_back(parse(id, sources, diagnostics));
  const Declaration *result = nullptr;
  for (const auto &decl : owned.back()->declarations)
    if (decl->name.text == name)
      result = decl.get();
  standard[name] = result;
  return result;
}

const Declaration *Modules::find(FileId file, llvm::StringRef name) {
  if (auto scope = scopes.find(file.index); scope != scopes.end()) {
    auto it = scope->second.names.find(name);
    if (it != scope->second.names.end())
      return it->second;
  }
  return findStandard(name);
}

Modules::Found Modules::findIn(FileId file, llvm::StringRef qualifier, llvm::StringRef name) {
  auto scope = scopes.find(file.index);
  auto alias = scope == scopes.end() ? decltype(scope->second.aliases.end())()
                                     : scope->second.aliases.find(qualifier);
  if (scope != scopes.end() && alias != scope->second.aliases.end()) {
    FileScope &imported = scopes[alias->second->id.index];
    auto it = imported.names.find(name);
    return {true, it == imported.names.end() ? nullptr : it->second};
  }
  if (qualifier == "std")
    return {true, findStandard(name)};
  return {};
}

std::vector<std::string> Modules::namesIn(FileId file, llvm::StringRef qualifier) const {
  std::vector<std::string> result;
  if (qualifier == "std") {
    for (const StdDeclaration &decl : standardDeclarations())
      if (decl.isPublic())
        result.push_back(decl.name.str());
    for (const Primitive *primitive : allPrimitives())
      result.push_back(primitive->name.str());
    return result;
  }
  auto scope = scopes.find(file.index);
  if (scope == scopes.end())
    return {"std"};
  if (auto alias = scope->second.aliases.find(qualifier); alias != scope->second.aliases.end()) {
    if (auto imported = scopes.find(alias->second->id.index); imported != scopes.end())
      for (const auto &entry : imported->second.names)
        result.push_back(entry.getKey().str());
    return result;
  }
  result.push_back("std");
  for (const auto &entry : scope->second.aliases)
    result.push_back(entry.getKey().str());
  return result;
}

std::vector<std::string> Modules::names(FileId file) const {
  std::vector<std::string> result;
  if (auto scope = scopes.find(file.index); scope != scopes.end())
    for (const auto &entry : scope->second.names)
      result.push_back(entry.getKey().str());
  for (const StdDeclaration &decl : standardDeclarations())
    if (decl.isPublic())
      result.push_back(decl.name.str());
  for (const Primitive *primitive : allPrimitives())
    result.push_back(primitive->name.str());
  result.push_back("pi");
  return result;
}

} // namespace nnc::sema
