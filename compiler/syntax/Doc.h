// Documents for the printer: text with places where a line may break, laid out to a width.
//
// After Wadler, "A prettier printer", with hard breaks and comments: a group is written on one line
// where it fits, otherwise each line break that belongs to it directly is taken.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <string>
#include <utility>
#include <vector>

namespace nnc::syntax {

struct Doc {
  enum class Kind {
    Text,
    FlatText,    ///< only where its group is on one line
    Line,        ///< a space, or a line break
    SoftLine,    ///< nothing, or a line break
    HardLine,    ///< a line break in any case
    BlankLine,   ///< a line break, and an empty line
    Comment,     ///< stands on a line of its own
    LineComment, ///< is held back until the line ends, where it stands `gap` behind the text or in
                 ///< the column `indent`; breaks nothing by itself
    Concat,
    Group,
    Indent
  };

  Kind kind = Kind::Concat;
  std::string text;
  unsigned indent = 0, gap = 0;
  bool breaks = false; ///< holds something that needs a line break
  std::vector<Doc> parts;

  Doc() = default;
  Doc(llvm::StringRef text) : kind(Kind::Text), text(text) {}
  Doc(const char *text) : Doc(llvm::StringRef(text)) {}
  Doc(const std::string &text) : Doc(llvm::StringRef(text)) {}

  /// Appends to a concatenation.
  Doc &operator<<(Doc part) {
    breaks |= part.breaks;
    parts.push_back(std::move(part));
    return *this;
  }
};

Doc flatText(llvm::StringRef text);
Doc line();
Doc softLine();
Doc hardLine();
Doc blankLine();
Doc comment(llvm::StringRef text);
Doc lineComment(llvm::StringRef text, unsigned gap, unsigned column);
Doc group(Doc content);
Doc indent(Doc content, unsigned columns = 2);

/// The text, its lines at most `width` columns (code points) wide where breaks allow it, no line
/// with space at its end, and a newline at the end of the last.
std::string layout(const Doc &doc, unsigned width);

/// The number of columns (code points) of a text.
unsigned columnsOf(llvm::StringRef text);

} // namespace nnc::syntax
