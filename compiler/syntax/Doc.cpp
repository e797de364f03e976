// Lays out documents.
#include "compiler/syntax/Doc.h"

namespace nnc::syntax {

static Doc make(Doc::Kind kind, llvm::StringRef text, bool breaks) {
  Doc doc(text);
  doc.kind = kind;
  doc.breaks = breaks;
  return doc;
}

Doc flatText(llvm::StringRef text) { return make(Doc::Kind::FlatText, text, false); }
Doc line() { return make(Doc::Kind::Line, "", false); }
Doc softLine() { return make(Doc::Kind::SoftLine, "", false); }
Doc hardLine() { return make(Doc::Kind::HardLine, "", true); }
Doc blankLine() { return make(Doc::Kind::BlankLine, "", true); }
Doc comment(llvm::StringRef text) { return make(Doc::Kind::Comment, text, true); }
Doc lineComment(llvm::StringRef text, unsigned gap, unsigned column) {
  Doc doc = make(Doc::Kind::LineComment, text, false);
  doc.gap = gap;
  doc.indent = column;
  return doc;
}

static Doc wrap(Doc::Kind kind, Doc content, unsigned columns) {
  Doc doc;
  doc.kind = kind;
  doc.indent = columns;
  doc.breaks = content.breaks;
  doc.parts.push_back(std::move(content));
  return doc;
}

Doc group(Doc content) { return wrap(Doc::Kind::Group, std::move(content), 0); }
Doc indent(Doc content, unsigned columns) {
  return wrap(Doc::Kind::Indent, std::move(content), columns);
}

namespace {

class Layout {
public:
  explicit Layout(unsigned width) : width(width) {}
  std::string run(const Doc &doc);

private:
  struct Command {
    const Doc *doc;
    unsigned indent;
    bool flat;
  };

  void step(Command command);
  void pushParts(const Doc &doc, unsigned indent, bool flat);
  bool fits(const Doc &doc) const;
  bool measure(const Doc &doc, bool flat, long &room, bool &ended) const;
  void write(llvm::StringRef text);
  void newline(unsigned indent);
  void flushComments(unsigned indent);
  void writeComment(llvm::StringRef text, unsigned indent);
  void writeLineComment(const Doc &doc, unsigned indent);

  unsigned width;
  std::string out;
  std::vector<Command> stack; ///< what is still to be written, the next on top
  std::vector<const Doc *> pendingComments;
  unsigned column = 0;
  unsigned lineIndent = 0;
  bool freshLine = true;    ///< nothing on this line yet, not even its indent
  bool afterComment = true; ///< the last line ends with a comment, or there is none
};

} // namespace

unsigned columnsOf(llvm::StringRef text) {
  unsigned columns = 0;
  for (char c : text)
    columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return columns;
}

void Layout::write(llvm::StringRef text) {
  if (text.empty())
    return;
  if (freshLine) {
    text = text.ltrim(' ');
    out.append(lineIndent, ' ');
    column = lineIndent;
    freshLine = false;
  }
  out += text;
  column += columnsOf(text);
}

void Layout::newline(unsigned indent) {
  if (!freshLine) {
    for (; !out.empty() && out.back() == ' '; --column)
      out.pop_back();
    afterComment = !pendingComments.empty();
    flushComments(indent);
    out += '\n';
  }
  lineIndent = column = indent;
  freshLine = true;
}

/// The space between text that ends in column `end` and the comment behind it.
static std::string gapBefore(const Doc &comment, unsigned end) {
  return std::string(comment.indent > end ? comment.indent - end : comment.gap, ' ');
}

/// Ends the line with the comments that were held back. A second one gets a line of its own, so
/// that it doesn't become part of the first.
void Layout::flushComments(unsigned indent) {
  for (size_t i = 0; i < pendingComments.size(); ++i) {
    if (i > 0)
      out.append("\n").append(indent, ' ');
    else
      out += gapBefore(*pendingComments[i], column);
    out += pendingComments[i]->text;
  }
  pendingComments.clear();
}

/// A comment on a line of its own.
void Layout::writeComment(llvm::StringRef text, unsigned indent) {
  newline(indent);
  write(text);
  newline(indent);
  afterComment = true;
}

/// A comment at the end of a line: of this one, or where nothing stands on it yet, of the one
/// before.
void Layout::writeLineComment(const Doc &doc, unsigned indent) {
  if (!freshLine) {
    pendingComments.push_back(&doc);
  } else if (afterComment) {
    writeComment(doc.text, indent);
  } else {
    llvm::StringRef text = llvm::StringRef(out).rtrim('\n');
    size_t end = text.size();
    unsigned lastColumn = columnsOf(text.drop_front(text.rfind('\n') + 1));
    out.insert(end, gapBefore(doc, lastColumn) + doc.text);
    afterComment = true;
  }
}

/// Takes the width of `doc` off `room`. False where there is not enough; `ended` at a line break.
bool Layout::measure(const Doc &doc, bool flat, long &room, bool &ended) const {
  switch (doc.kind) {
  case Doc::Kind::Text:
    room -= columnsOf(doc.text);
    break;
  case Doc::Kind::FlatText:
    if (flat)
      room -= columnsOf(doc.text);
    break;
  case Doc::Kind::Line:
  case Doc::Kind::SoftLine:
    if (!flat)
      ended = true;
    else
      room -= doc.kind == Doc::Kind::Line;
    break;
  case Doc::Kind::HardLine:
  case Doc::Kind::BlankLine:
  case Doc::Kind::Comment:
    ended = true;
    break;
  case Doc::Kind::LineComment: // may reach beyond the width
    break;
  case Doc::Kind::Group:
    flat = flat || !doc.breaks;
    [[fallthrough]];
  case Doc::Kind::Concat:
  case Doc::Kind::Indent:
    for (const Doc &part : doc.parts)
      if (ended || !measure(part, flat, room, ended))
        break;
    break;
  }
  return room >= 0;
}

/// Whether `doc`, flat, and what follows it up to the next possible break, fit on the line.
bool Layout::fits(const Doc &doc) const {
  long room = static_cast<long>(width) - (freshLine ? lineIndent : column);
  bool ended = false;
  if (!measure(doc, /*flat=*/true, room, ended))
    return false;
  for (size_t i = stack.size(); i-- > 0 && !ended;)
    if (!measure(*stack[i].doc, stack[i].flat, room, ended))
      return false;
  return true;
}

void Layout::pushParts(const Doc &doc, unsigned indent, bool flat) {
  for (size_t i = doc.parts.size(); i-- > 0;)
    stack.push_back({&doc.parts[i], indent, flat});
}

void Layout::step(Command command) {
  const Doc &doc = *command.doc;
  switch (doc.kind) {
  case Doc::Kind::Text:
    return write(doc.text);
  case Doc::Kind::FlatText:
    return write(command.flat ? doc.text : "");
  case Doc::Kind::Line:
  case Doc::Kind::SoftLine:
    if (!command.flat)
      return newline(command.indent);
    return write(doc.kind == Doc::Kind::Line ? " " : "");
  case Doc::Kind::HardLine:
    return newline(command.indent);
  case Doc::Kind::BlankLine:
    newline(command.indent);
    out += '\n';
    return;
  case Doc::Kind::Comment:
    return writeComment(doc.text, command.indent);
  case Doc::Kind::LineComment:
    return writeLineComment(doc, command.indent);
  case Doc::Kind::Concat:
    return pushParts(doc, command.indent, command.flat);
  case Doc::Kind::Indent:
    return pushParts(doc, command.indent + doc.indent, command.flat);
  case Doc::Kind::Group:
    return pushParts(doc, command.indent, command.flat || (!doc.breaks && fits(doc)));
  }
}

std::string Layout::run(const Doc &doc) {
  stack.push_back({&doc, 0, false});
  while (!stack.empty()) {
    Command command = stack.back();
    stack.pop_back();
    step(command);
  }
  newline(0);
  return std::move(out);
}

std::string layout(const Doc &doc, unsigned width) { return Layout(width).run(doc); }

} // namespace nnc::syntax
