// Which numbers of a recipe are inputs of the program, and which it is compiled for.
#include "compiler/sema/Mentions.h"
#include "compiler/sema/Recipe.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace nnc::sema {

using namespace ast;

/// Elaborations of one recipe; the numbers that none has cleared by then stay constants.
static constexpr size_t maxAttempts = 16;

std::vector<std::string> RecipeElaborator::changeable() const {
  std::vector<std::string> names;
  for (const Number &number : numbers)
    names.push_back(number.name);
  return names;
}

std::set<std::string> RecipeElaborator::numbersIn(SourceRange range) const {
  std::vector<std::string> pending;
  auto add = [&](const NameExpr &name, bool) {
    if (name.range.file == range.file && name.range.begin >= range.begin &&
        name.range.end <= range.end)
      pending.push_back(name.name.text);
  };
  std::vector<const LetStatement *> known;
  auto search = [&](const auto &self, const std::vector<Entry> &entries) -> void {
    for (const Entry &entry : entries) {
      if (entry.let) {
        visitNames(*entry.let, add);
        known.push_back(entry.let.get());
      }
      if (entry.value)
        visitNames(*entry.value, add);
      for (const Argument &argument : entry.arguments)
        if (argument.value)
          visitNames(*argument.value, add);
      self(self, entry.entries);
    }
  };
  search(search, decl.entries);
  std::set<std::string> seen, found;
  while (!pending.empty()) {
    std::string name = std::move(pending.back());
    pending.pop_back();
    if (!seen.insert(name).second)
      continue;
    for (const Number &number : numbers)
      if (number.name == name || llvm::StringRef(number.name).ends_with("." + name))
        found.insert(number.name);
    for (const LetStatement *let : known)
      if (llvm::any_of(let->pattern.names, [&](const Name &each) { return each.text == name; }))
        llvm::append_range(pending, mentionedNames(*let));
  }
  return found;
}

namespace {

/// One elaboration of the recipe with some of its numbers as constants.
struct Attempt {
  Diagnostics diagnostics;
  std::unique_ptr<RecipeElaborator> recipe;
  bool ok = false;
};

/// A plain number is an input of the program, unless it is needed to compile it: what only shows
/// where it is used. So all are tried as inputs. Where that fails, the places of the errors tell
/// which numbers they come from; these are constants in the next attempt.
class NumberSearch {
public:
  NumberSearch(Elaborator &e, const TrainDeclaration &decl, const DataFiles *files)
      : e(e), decl(decl), files(files) {}

  std::unique_ptr<Attempt> run() {
    auto first = attempt({});
    if (first->ok || all.empty() || e.hasAborted())
      return first;
    std::unique_ptr<Attempt> last;
    while (constants.size() < all.size() && !(last && last->ok)) {
      addCausesOf(last ? *last : *first);
      last = attempt(constants);
    }
    if (!last->ok)
      return last->diagnostics.errorCount() < first->diagnostics.errorCount() ? std::move(last)
                                                                              : std::move(first);
    std::vector<std::string> open;
    for (const std::string &name : constants)
      if (!causes.count(name))
        open.push_back(name);
    release(open, last);
    return last;
  }

private:
  std::unique_ptr<Attempt> attempt(std::set<std::string> constants) {
    ++attempts;
    auto result = std::make_unique<Attempt>();
    e.beginAttempt();
    Diagnostics &outer = e.exchangeDiagnostics(result->diagnostics);
    result->recipe = std::make_unique<RecipeElaborator>(e, decl, files, std::move(constants));
    result->ok = result->recipe->run();
    e.exchangeDiagnostics(outer);
    for (std::string &name : result->recipe->changeable())
      all.insert(std::move(name));
    return result;
  }

  /// Makes constants of the numbers that errors are about, each by itself; if there are none, of
  /// those that they may be about; else of all.
  void addCausesOf(const Attempt &failed) {
    std::set<std::string> possible;
    size_t before = causes.size();
    for (const auto &report : failed.diagnostics.all()) {
      if (report->severity != Severity::Error)
        continue;
      // In a function, the notes lead back to the recipe.
      std::set<std::string> found = failed.recipe->numbersIn(report->range);
      for (const Note &note : report->notes)
        if (found.empty())
          found = failed.recipe->numbersIn(note.range);
      (found.size() == 1 ? causes : possible).insert(found.begin(), found.end());
    }
    const std::set<std::string> &more = causes.size() > before ? causes : possible;
    const bool helps = llvm::any_of(more, [&](const auto &name) { return !constants.count(name); });
    if (helps && attempts + 2 < maxAttempts) {
      constants.insert(more.begin(), more.end());
    } else {
      constants = all;
      causes.clear(); // they were not enough, and may be none
    }
  }

  /// Makes inputs again of those of the constants that may be.
  void release(llvm::ArrayRef<std::string> open, std::unique_ptr<Attempt> &best) {
    if (open.empty() || attempts >= maxAttempts)
      return;
    std::set<std::string> fewer = constants;
    for (const std::string &name : open)
      fewer.erase(name);
    auto next = fewer.empty() ? nullptr : attempt(fewer); // without any, the first one failed
    if (next && next->ok) {
      constants = std::move(fewer);
      best = std::move(next);
    } else if (open.size() > 1) {
      release(open.take_front(open.size() / 2), best);
      release(open.drop_front(open.size() / 2), best);
    }
  }

  Elaborator &e;
  const TrainDeclaration &decl;
  const DataFiles *files;
  std::set<std::string> all, constants;
  std::set<std::string> causes; ///< those of the constants that an error was about
  size_t attempts = 0;
};

} // namespace

bool elaborateRecipe(Elaborator &e, const TrainDeclaration &decl, const DataFiles *files) {
  auto best = NumberSearch(e, decl, files).run();
  e.forgetNetworks();
  e.adopt(best->diagnostics);
  if (best->ok)
    e.program.models.push_back(std::move(best->recipe->model));
  return best->ok;
}

} // namespace nnc::sema
