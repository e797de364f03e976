// nnc std: what the standard library holds, and its source.
#include "compiler/driver/Commands.h"
#include "compiler/sema/Sema.h"
#include "compiler/std/Library.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"

#include <functional>

using namespace llvm;

namespace nnc::driver {

namespace {
struct Group {
  StringRef kind, title;
};
} // namespace

static constexpr Group groups[] = {
    {"layer", "layers"},       {"fn", "functions"}, {"optimizer", "optimizers"},
    {"schedule", "schedules"}, {"model", "models"}, {"data", "data sets"},
};

static void listLine(StringRef name, StringRef doc) {
  outs() << "  " << left_justify(name, 20) << " " << doc << "\n";
}

static void list() {
  for (const Group &group : groups) {
    auto isOfGroup = [&](const StdDeclaration &each) {
      return each.isPublic() && each.kind == group.kind;
    };
    if (none_of(standardDeclarations(), isOfGroup))
      continue;
    outs() << group.title << ":\n";
    for (const StdDeclaration &each : make_filter_range(standardDeclarations(), isOfGroup))
      listLine(each.name, each.doc);
    outs() << "\n";
  }
  outs() << "primitives, which have no source:\n";
  for (const sema::PrimitiveInfo &primitive : sema::primitives())
    listLine(primitive.name, primitive.doc);
  outs() << "\n'nnc std NAME' prints the source of one.\n";
}

/// Prints the declaration or the primitive called `name`; false where there is none.
static bool show(StringRef name) {
  if (const StdDeclaration *declaration = findStd(name)) {
    outs() << declaration->text;
    return true;
  }
  for (const sema::PrimitiveInfo &primitive : sema::primitives()) {
    if (primitive.name != name)
      continue;
    outs() << "/// " << primitive.doc << "\n// a primitive: " << primitive.signature << "\n";
    return true;
  }
  std::vector<StringRef> names;
  for (const StdDeclaration &declaration : standardDeclarations())
    if (declaration.isPublic())
      names.push_back(declaration.name);
  for (const sema::PrimitiveInfo &primitive : sema::primitives())
    names.push_back(primitive.name);
  outs().flush();
  errs() << "nnc: error: the standard library has no '" << name << "'" << didYouMean(name, names)
         << "\n'nnc std' lists what it has\n";
  return false;
}

/// The lines of a comment that begin with `slashes`, without them.
static std::string commentOf(StringRef text, StringRef slashes) {
  std::string comment;
  while (text.consume_front(slashes)) {
    auto [line, rest] = text.split('\n');
    line.consume_front(" ");
    comment += (line + "\n").str();
    text = rest;
  }
  return StringRef(comment).rtrim().str();
}

/// A declaration up to its body: `layer dense(units: int)(x: float[...s, n]) -> float[...s,
/// units]`.
static StringRef signatureOf(StringRef text) {
  while (text.starts_with("//"))
    text = text.split('\n').second;
  int depth = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    depth += (c == '(' || c == '[') - (c == ')' || c == ']');
    // The body, or its sign of equality; a setting's lies within parentheses.
    if (depth == 0 && (c == '{' || c == '='))
      return text.take_front(at).rtrim();
  }
  return text.rtrim();
}

/// All of the library for tools, but what is its own: files with what they say of themselves, and
/// their declarations.
static void printJson() {
  json::OStream out(outs(), /*IndentSize=*/2);
  out.object([&] {
    out.attributeArray("files", [&] {
      for (const StdFile &file : standardLibrary())
        out.object([&] {
          out.attribute("name", file.name);
          out.attribute("about", commentOf(file.text, "// "));
        });
    });
    out.attributeArray("declarations", [&] {
      for (const StdDeclaration &each :
           make_filter_range(standardDeclarations(), std::mem_fn(&StdDeclaration::isPublic)))
        out.object([&] {
          out.attribute("name", each.name);
          out.attribute("kind", each.kind);
          out.attribute("file", each.file);
          out.attribute("line", each.line);
          out.attribute("signature", signatureOf(each.text));
          out.attribute("doc", commentOf(each.text, "///"));
        });
    });
    out.attributeArray("primitives", [&] {
      for (const sema::PrimitiveInfo &primitive : sema::primitives())
        out.object([&] {
          out.attribute("name", primitive.name);
          out.attribute("signature", primitive.signature);
          out.attribute("doc", primitive.doc);
        });
    });
  });
  outs() << "\n";
}

Status runStd(const Arguments &arguments) {
  if (arguments.json) {
    printJson();
    return Status::Success;
  }
  if (arguments.inputs.empty()) {
    list();
    return Status::Success;
  }
  Status status = Status::Success;
  StringRef separator = "";
  for (StringRef name : arguments.inputs) {
    outs() << separator;
    separator = "\n";
    if (!show(name))
      status = Status::InputError;
  }
  return status;
}

} // namespace nnc::driver
