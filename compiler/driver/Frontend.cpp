// Runs syntax and sema over a file.
#include "compiler/driver/Frontend.h"

#include "compiler/diagnostics/Renderer.h"
#include "compiler/driver/Crash.h"
#include "compiler/driver/DataFiles.h"
#include "compiler/driver/Files.h"
#include "compiler/sema/Sema.h"
#include "compiler/syntax/Parser.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Process.h"

namespace nnc::driver {

bool Frontend::parse(llvm::StringRef path, Timing &timing) {
  setCurrentWork(("reading '" + path + "'").str());
  timing.start("parse");
  llvm::Expected<std::string> text = readSource(path);
  if (!text) {
    printError(text.takeError());
    return false;
  }
  file = sources.add(path == "-" ? "<stdin>" : path.str(), std::move(*text));
  syntax = nnc::parse(file, sources, diagnostics);
  return true;
}

bool Frontend::analyze(llvm::StringRef path, llvm::StringRef data, Timing &timing) {
  if (!parse(path, timing))
    return false;
  setCurrentWork(("checking '" + path + "'").str());
  timing.start("check");
  DataFiles files(path, data);
  program = sema::analyze(*syntax, sources, diagnostics, &files);
  if (diagnostics.hasErrors())
    program = nullptr;
  timing.stop();
  return true;
}

static bool useColor(ColorMode mode, bool hasColors) {
  return mode == ColorMode::Always || (mode == ColorMode::Auto && hasColors && !getenv("NO_COLOR"));
}

bool useColor(ColorMode mode) { return useColor(mode, llvm::sys::Process::StandardErrHasColors()); }

bool useColorOfOutput(ColorMode mode) {
  return useColor(mode, llvm::sys::Process::StandardOutHasColors());
}

void Frontend::report(ColorMode mode) const {
  render(llvm::errs(), sources, diagnostics, useColor(mode));
}

bool loadSyntax(Frontend &frontend, const Arguments &arguments, Timing &timing) {
  if (!frontend.parse(arguments.inputs.front(), timing))
    return false;
  timing.stop();
  frontend.report(arguments.color);
  return !frontend.diagnostics.hasErrors();
}

/// The files that a data set names.
static std::vector<std::string> filesOf(const sema::Data &data) {
  std::vector<std::string> names;
  for (const sema::DataSource &source : data.sources)
    for (const auto &[column, file] : source.files)
      names.push_back(file);
  return names;
}

static void tellLooked(Diagnostic &diagnostic, llvm::ArrayRef<std::string> folders) {
  for (const std::string &folder : folders)
    diagnostic.detail("looked for in " + folder + " and the folders in it");
}

void requireFiles(Frontend &frontend, llvm::StringRef source, llvm::StringRef folder) {
  if (!frontend.program)
    return;
  const DataFiles files(source, folder);
  for (const sema::Model &model : frontend.program->models) {
    if (!model.recipe || !model.recipe->data)
      continue;
    const sema::Data &data = *model.recipe->data;
    for (const sema::DataSource &each : data.sources) {
      std::vector<std::string> absent, looked;
      std::string near;
      for (const auto &[column, file] : each.files) {
        looked.clear();
        if (!(each.reader == "folder" ? files.findFolder(file, looked) : files.find(file, looked))
                 .empty())
          continue;
        absent.push_back("'" + file + "'");
        if (near.empty())
          near = files.findSimilar(file, filesOf(data));
      }
      if (absent.empty())
        continue;
      Diagnostic &diagnostic = frontend.diagnostics.error(
          Code::DataFile, data.isLibrary ? model.recipe->range : each.range,
          llvm::join(absent, " and ") + " of the data set '" + data.name +
              (absent.size() > 1 ? "' are not at hand" : "' is not at hand"));
      tellLooked(diagnostic, looked);
      if (data.isLibrary)
        diagnostic.suggest(
            ("`nnc data " + data.name + " --dir " + folder + "` puts the data set there").str());
      else if (!near.empty())
        diagnostic.suggest("did you mean '" + near + "'?");
      else
        diagnostic.suggest("--data names the folder that holds the data set");
    }
  }
}

/// Checking goes on where a data file that settles a size is not at hand; everything else needs it.
static void requireSizes(Frontend &frontend, const Arguments &arguments) {
  const llvm::StringRef model = arguments.model;
  if (!frontend.program || frontend.program->models.empty())
    return;
  const sema::Model &trained = frontend.program->models.front();
  bool isMeant = model.empty() || model == trained.name;
  if (!isMeant || !trained.recipe || !trained.recipe->data)
    return;
  const DataFiles files(arguments.inputs.front(), arguments.data);
  for (const sema::UnsettledSize &size : trained.recipe->data->unsettled) {
    Diagnostic &diagnostic = frontend.diagnostics.error(
        Code::UnknownSize, size.range,
        size.tellers.empty() ? "only '" + size.file + "' tells this size, and it is not at hand"
                             : "all " + size.tellers + " together tell this size, and '" +
                                   size.file + "' is not at hand");
    tellLooked(diagnostic, size.looked);
    if (size.looked.empty())
      diagnostic.detail("there is no folder 'data' at or above the source's");
    const std::string near = files.findSimilar(size.file, filesOf(*trained.recipe->data));
    diagnostic.suggest((near.empty() ? "" : "did you mean '" + near + "'? or ") +
                       "give the folder that holds it with --data, or in $NN_DATA, "
                       "or say the size by a number in a type, such as that of a 'let'");
  }
  if (frontend.diagnostics.hasErrors())
    frontend.program = nullptr;
}

bool loadProgram(Frontend &frontend, const Arguments &arguments, Timing &timing) {
  if (!frontend.analyze(arguments.inputs.front(), arguments.data, timing))
    return false;
  requireSizes(frontend, arguments);
  // What is asked for on the command line is what the program is built with, and says of itself.
  if (frontend.program && arguments.precision)
    for (sema::Model &model : frontend.program->models)
      if (model.recipe)
        model.recipe->precision = codegen::spelling(*arguments.precision).str();
  frontend.report(arguments.color);
  return frontend.program != nullptr;
}

const sema::Model *chooseModel(const sema::Program &program, const Arguments &arguments) {
  llvm::StringRef wanted = arguments.model;
  const sema::Model *found = nullptr;
  llvm::SmallVector<llvm::StringRef> names;
  for (const sema::Model &each : program.models) {
    if (!llvm::is_contained(names, each.name))
      names.push_back(each.name);
    // What a recipe trains together has the name of its first model; by that name, the model alone
    // is meant where there is one.
    if (each.name == wanted && (!found || !each.recipe))
      found = &each;
  }
  // The recipe's models come first.
  if (wanted.empty() && !names.empty() && (names.size() == 1 || program.models.front().recipe))
    found = &program.models.front();
  if (found)
    return found;
  llvm::raw_ostream &os = llvm::errs() << arguments.inputs.front() << ": error: ";
  if (names.empty())
    os << "there is no model to compile, only declarations\n";
  else if (wanted.empty())
    os << "there are several models, " << llvm::join(names, ", ") << ": choose one with --model\n";
  else
    os << "there is no model '" << wanted << "'" << didYouMean(wanted, names) << "\n";
  return nullptr;
}

} // namespace nnc::driver
