// Data sets: from their declaration to columns, to the code that prepares them, to fields.
#pragma once

#include "compiler/sema/DataFiles.h"
#include "compiler/sema/Elaborator.h"

#include <set>

namespace nnc::sema {

/// The dimension of all examples of a part, in data code.
inline Dim rowsDim() { return Dim::symbol("rows"); }

/// "did you mean 'x'?"; empty where no candidate is near.
std::string didYouMean(llvm::StringRef name, const std::vector<std::string> &candidates);

/// One column of the header.
struct DeclaredField {
  std::string name;
  /// Over all rows; null after an error.
  const Node *node = nullptr;
  std::optional<Dim> limit; ///< of indexes: they lie in [0, limit)
  SourceRange range;
};

/// Elaborates one `data` declaration: its sources, its columns, the code over its rows.
class DataElaborator {
public:
  DataElaborator(Elaborator &e, const ast::DataDeclaration &decl, const DataFiles *files)
      : e(e), decl(decl), files(files) {}

  /// Checks the whole declaration and fills `fields`. False after an error.
  bool run();

  std::vector<DeclaredField> fields;
  const ast::DataDeclaration &declaration() const { return decl; }

  /// A field that a recipe binds, and its name there.
  struct Bound {
    const DeclaredField *field;
    std::string name;
    SourceRange range;
  };
  /// The data set of a recipe that binds these fields, whose batches have this leading dimension.
  /// Nothing after an error.
  std::optional<Data> take(llvm::ArrayRef<Bound> bound, const Dim &batch);
  /// Whether this is a column of words or of labels, as the number of each row's class.
  bool isCategory(const Node *node) const;

  //===-- What code over the rows calls ------------------------------------------------------===//

  /// `numbers("a", to: "d")`, `numbers(2, to: 31)`
  Value numbers(const GivenArgument &first, const GivenArgument *last, SourceRange range);
  Value number(const GivenArgument &which, SourceRange range);
  Value category(const GivenArgument &which, const GivenArgument &classes, SourceRange range);

  /// A size that code or the header states of what is found, where that leaves one size open which
  /// only a file tells: then the statement tells it, and the file is held against it when it is
  /// read.
  void settleSize(const Dim &stated, const Dim &found);

private:
  /// A column as a reader gives it.
  struct Source {
    Column column;
    const Node *node;
  };
  struct Class {
    const Node *category, *node;
    ClassRequest request;
  };

  /// What a data set is made of; its parts are read alike.
  enum class Form { Arrays, Table, Text, Images };
  static Form formOf(llvm::StringRef reader);
  /// How texts are cut into examples; lengths are in units.
  struct TextCut {
    std::string unit = "character";
    int64_t window = 1, stride = 1;
    bool operator==(const TextCut &) const = default;
  };
  /// What images are brought to, as far as a source says so.
  struct ImageCut {
    std::optional<int64_t> height, width, channels;
    bool isStated = false; ///< whether a size was written
    bool operator==(const ImageCut &) const = default;
  };

  // Data.cpp
  void elaborate();
  void declareBroken();
  void forget();
  void collectEntries();
  // DataSources.cpp
  void addSources(const ast::Entry &entry);
  bool isPartNew(const ast::Entry &entry);
  const ast::CallExpr *sourceCall(const ast::Expr &value);
  void addSource(const ast::Entry &entry, const ast::CallExpr &call, size_t firstOfPart);
  void checkPartsAlike(const ast::Entry &entry, size_t firstOfPart);
  const DataSource *firstTable() const;
  // Data.cpp
  std::vector<std::string> missingMarkers(const ast::Expr &value);
  void addTable(const ast::CallExpr &call, DataSource &source);
  void addArrays(const ast::CallExpr &call, DataSource &source, llvm::ArrayRef<DataSource> beside);
  void checkSources();
  void addSplits(const ast::Entry &entry);
  std::optional<std::string> fileName(const ast::Expr &expr);
  /// How a source that is one file or folder is called.
  struct SourceCall {
    std::string reader, of; ///< "csv", "file"
    std::vector<std::string> options;
    std::string example;
  };
  /// Reads such a call: hands each option that there is to `take`; gives the name and where it
  /// stands, or nothing where there is none, which is reported.
  std::optional<std::pair<std::string, SourceRange>>
  readCall(const ast::CallExpr &call, const SourceCall &form,
           llvm::function_ref<void(const ast::Argument &)> take);
  // DataColumns.cpp
  void declareArrays();
  const Node *declaredArray(const ast::Parameter &parameter);
  const Node *undeclaredArray(const std::string &name, SourceRange range);
  std::optional<DataFiles::Array> arrayHeader(const std::string &name, SourceRange range);
  std::optional<DataFiles::Table> tableHeader(SourceRange range);
  bool isTableCode(llvm::StringRef callee, SourceRange range);
  struct Position {
    std::string name;
    std::optional<int64_t> index; ///< where the header is at hand, or it was given
    bool byPosition = false;
  };
  std::optional<Position> positionOf(const GivenArgument &argument, llvm::StringRef callee);
  bool isHeaderOfNames(const Position &from, const Position &to, SourceRange range);
  const Node *request(Column column, const std::optional<Dim> &limit);
  std::optional<Value> classNumber(const Node *category, const std::string &name,
                                   SourceRange range);
  // DataText.cpp
  void addText(const ast::CallExpr &call, DataSource &source);
  void setTextUnit(const ast::Expr &value);
  Dim vocabulary();
  void declareWindows();
  void settleVocabulary(const ast::Parameter &parameter, const Node *node);
  // DataFolder.cpp
  void addFolder(const ast::CallExpr &call, DataSource &source);
  void setImageSize(const ast::Argument &argument, ImageCut &cut);
  std::optional<std::vector<int64_t>> imageShape();
  Dim classCount();
  void declareImages();
  // DataFields.cpp
  void runCode();
  void settleField(const ast::Parameter &parameter, SourceRange place, SourceRange range,
                   const Value &value);
  bool isRowAlone(const std::string &name, const Type &type, SourceRange range,
                  const std::string &found);
  void settleSizes(const ast::Parameter &parameter, const Type &example);
  static void dropUnread(Data &taken);
  void checkElements(const Data &taken);
  /// A size that only a file tells which is not at hand: what the header says of it, else a symbol
  /// of that name.
  /// `tellers`: what tells it together with others, if it isn't `file` alone.
  Dim openSize(const std::string &name, const std::string &file, SourceRange range,
               const std::string &tellers = "");
  bool isCoded(llvm::StringRef field) const { return columns.count(field.str()) != 0; }

  Elaborator &e;
  const ast::DataDeclaration &decl;
  const DataFiles *files;
  Data data;
  Form form = Form::Arrays; ///< Table: with arrays beside it, perhaps
  bool hasHeader = true;    ///< of tables
  char separator = ',';
  TextCut cut;
  ImageCut images;
  std::vector<const ast::Entry *> code; ///< lets and columns, in order
  std::map<std::string, const ast::Entry *> columns;
  std::vector<Source> sources;
  std::vector<Class> classes;
  std::map<std::string, SourceRange> given; ///< names of arrays that the sources give
  std::map<std::string, SourceRange> named; ///< where a text or a folder is, by its name
  /// What sources would give that are at fault, and were reported: who uses it is silent.
  std::set<std::string> broken;
  std::optional<DataFiles::Table> table;
  bool triedTable = false;
  std::map<std::string, int64_t> settled; ///< open sizes that the header tells
};

//===-- Preparation.cpp ----------------------------------------------------------------------===//

/// Code over rows, cut into what is fitted once and what is done to each row.
struct Preparation {
  Function fit, prepare;
};
/// `fields` have a value for each row; `columns` and `classes` are the inputs that may occur. What
/// depends on rows without having any (a mean) is fitted. Nothing after an error.
std::optional<Preparation> cutPreparation(Elaborator &e, llvm::ArrayRef<Function::Result> fields,
                                          llvm::ArrayRef<Input> columns,
                                          llvm::ArrayRef<Input> classes);

} // namespace nnc::sema
