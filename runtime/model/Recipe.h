// The recipe of a model and its data: what the descriptor holds as JSON, read once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nnrt {

/// `max: accuracy` of `keep` and `stop`.
struct Goal {
  bool isMax = false;
  std::string of; ///< "loss" (the sum of all losses), a loss or a metric
};

/// What a metric is beside one number: a vector or a matrix.
struct MetricTable {
  std::vector<uint64_t> shape;   ///< none: it is one number
  std::optional<size_t> classes; ///< the column whose classes its rows and columns are

  bool isTable() const { return !shape.empty(); }
  size_t count() const;
};

/// Where the examples of a recipe come from, and what is made of them.
///
///   {"name": "housing",
///    "sources": [{"part": "train" | "test" | "", "reader": "idx" | "npy" | "csv" | "text" |
///                                                           "folder",
///                 "files": [{"column": "image", "path": "images.gz"}],
///                 "options": {"separator": ",", "missing": ["NA", ""],
///                             "header": true}}],
///                             or, of a text, {"unit": "character", "window": 65, "stride": 64}
///                             or, of a folder of images, {"shape": [64, 64, 3]}
///    "splits": [{"part": "train", "share": 0.8}, {"part": "test", "share": 0.2}],
///    "split_seed": 1, "valid": {"share": 0.1, "seed": 1},
///    "columns": [{"kind": "array", "name": "image"},
///                {"kind": "numbers", "first": "age", "last": "rooms", "by_position": false},
///                {"kind": "number", "first": "price", "by_position": false},
///                {"kind": "category", "first": "coast", "by_position": false, "classes": 5},
///                {"kind": "text", "name": "window", "classes": 65},
///                {"kind": "image", "name": "image"},
///                {"kind": "label", "name": "label", "classes": 17}],
///    "classes": [{"column": 3, "name": "ISLAND"}],
///    "prepared": true, "needs": [[0, 1, 3], [2]], "fits": [[0], [1]], "library": false}
///
/// A source without a part is divided by the splits, or is all of the training part. Several of the
/// same part lie beside each other, row by row: at most one table, which gives the columns of
/// tables, and arrays, each the columns that it has files for. Without preparation field i is
/// column i; with it, `needs` has the columns that each field is computed from (all of them where
/// it isn't stated), `fits` those that each fitted value is. The library's data sets are those that
/// `nnc data` fetches. Columns of tables are f32[rows, k], f32[rows] and, of categories, i32[rows]:
/// the number of the class in the sorted list of those in all rows. A field of `missing` is NaN as
/// a number, and as a category the first of them. The column of a text is i32[rows, window]:
/// windows that begin every `stride` units, each unit as its number in the sorted list of those in
/// all texts, or, where they are bytes and so no classes, as itself. Columns of a folder are
/// u8[rows, height, width] or u8[rows, height, width, channels], and i32[rows]: the number of the
/// subfolder in the sorted list of those of all folders.
struct DataDescription {
  struct File {
    std::string column, path;
  };
  struct Options {
    // Of csv.
    std::string separator = ",";
    std::vector<std::string> missing; ///< fields that are no number; none: all have to be one
    bool header = true;
    // Of text.
    std::string unit = "character";
    uint64_t window = 1, stride = 1; ///< in units
    // Of folder.
    std::vector<uint64_t> shape; ///< of an image: [height, width] or [height, width, channels]
  };
  struct Source {
    std::string part, reader;
    std::vector<File> files;
    Options options;
  };
  struct Share {
    std::string part;
    double share = 0;
  };
  enum class Kind { Array, Numbers, Number, Category, Text, Image, Label };
  struct Column {
    Kind kind = Kind::Array;
    std::string name;        ///< of an array, a text, what a folder gives
    std::string first, last; ///< names of the header, or positions from 0; `last` is inclusive
    bool byPosition = false;
    bool isOfTable() const {
      return kind == Kind::Numbers || kind == Kind::Number || kind == Kind::Category;
    }
    uint64_t classes = 0; ///< of a category or label, or how many units a text has; 0: bytes
    /// Whether its numbers stand for names that the data tells.
    bool hasClasses() const {
      return kind == Kind::Category || kind == Kind::Label || (kind == Kind::Text && classes != 0);
    }
  };
  struct Class {
    uint32_t column = 0;
    std::string name;
  };

  std::string name;
  std::vector<Source> sources;
  std::vector<Share> splits;
  std::optional<uint64_t> splitSeed; ///< none: in order
  double validShare = 0;             ///< of the training part; 0: there is no such part
  std::optional<uint64_t> validSeed;
  std::vector<Column> columns;
  std::vector<Class> classes;
  bool prepared = false;
  std::vector<std::vector<uint32_t>> needs; ///< columns, per field
  std::vector<std::vector<uint32_t>> fits;  ///< columns, per fitted value; may be left out
  bool isLibrary = false;
};

/// What a model's recipe says.
///
///   {"models": ["net"], "optimizer": "adamw(lr: lr)", "clip": "norm: 1", "precision": "bf16",
///    "batch": 64, "epochs": 5, "steps": 2000,
///    "seed": 42, "shuffle": true, "accumulate": 2, "average": 0.99, "evaluate_every": 200,
///    "keep": {"goal": "max", "of": "accuracy"},
///    "stop": {"goal": "min", "of": "loss", "patience": 8}, "budget_bytes": 67108864,
///    "load": [{"file": "resnet.safetensors", "under": "backbone"}],
///    "numbers": [{"name": "peak", "value": 0.002}],
///    "blocks": [{"name": "judge", "every": 1, "losses": ["on_real"], "trains": [0, 1]}],
///    "losses": ["fit", "small"], "metrics": ["accuracy", "confusion_matrix"],
///    "tables": [{"metric": 1, "shape": [10, 10], "classes": 1}], "targets": [1],
///    "passes": [["sum", "max"], [{"combine": "sum", "numbers": 100}]],
///    "frozen": ["backbone.w"], "data": {...}}
///
/// Whatever is not stated may be left out. A recipe without `step` blocks has one without a name.
/// `losses` and `metrics` are in the order of the results of `finish`, the losses block by block;
/// `tables` are the metrics that have several numbers, and the column of the data whose classes
/// their rows and columns are, if it is known. `targets` are the columns whose classes the losses
/// name. `passes` say how the totals of each pass over a part are combined, a total of several
/// numbers each by itself.
struct Recipe {
  struct Load {
    std::string file, under;
  };
  struct Number {
    std::string name;
    double value = 0;
  };
  struct Block {
    std::string name;
    uint64_t every = 1;
    std::vector<std::string> losses;
    std::vector<uint32_t> trains; ///< indexes of parameters
  };
  enum class Combine { Sum, Max, Min };

  std::string optimizer, clip; ///< as they are written
  std::string precision;       ///< of products; empty: f32
  uint64_t batch = 32;
  std::optional<uint64_t> epochs, steps;
  uint64_t seed = 0;
  bool shuffle = true;
  uint64_t accumulate = 1;
  std::optional<double> average;
  std::optional<uint64_t> evaluateEvery;
  std::optional<Goal> keep, stop;
  uint64_t patience = 0;
  std::optional<uint64_t> budgetBytes;
  std::vector<Load> loads;
  std::vector<Number> numbers;
  std::vector<Block> blocks;
  std::vector<std::string> losses, metrics;
  std::vector<MetricTable> tables;          ///< of each metric
  std::vector<uint64_t> targets;            ///< columns of the data
  std::vector<std::vector<Combine>> passes; ///< of each number
  std::vector<std::string> frozen;
  std::optional<DataDescription> data;

  /// Whether the losses have names of their own in what is printed and logged.
  bool hasNamedLosses() const;
  /// Of a loss, in what is printed and logged: "loss_fit".
  std::string lossKey(size_t index) const;
  /// The place of a metric's first number among the results of `finish`; of none, how many these
  /// are.
  size_t resultOf(size_t metric) const;
  /// The losses of the block that has most of them.
  size_t mostLosses() const;
};

/// Throws Error (internal): not what is described above.
Recipe parseRecipe(const char *text);

} // namespace nnrt
