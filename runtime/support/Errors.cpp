// The texts of the run-time errors.
#include "runtime/support/Errors.h"

#include "runtime/support/Text.h"

#include <cerrno>
#include <cstring>

namespace nnrt::errors {

static std::string fileAt(std::string_view file, uint64_t offset) {
  return cat(file, ": at byte ", offset, ": ");
}

static std::string hex(uint32_t value) {
  char buffer[16];
  snprintf(buffer, sizeof buffer, "0x%08x", value);
  return buffer;
}

//===- Files
//----------------------------------------------------------------------------------------===//

Error cannotOpen(std::string_view file, int systemError) {
  return Error(cat(file, ": cannot be opened: ", strerror(systemError)));
}

Error cannotRead(std::string_view file, uint64_t offset, int systemError) {
  return Error(cat(fileAt(file, offset), "cannot be read: ", strerror(systemError)));
}

Error cannotWrite(std::string_view file, int systemError, std::string_view doing) {
  std::string hint;
  if (systemError == ENOSPC || systemError == EDQUOT)
    hint = "free some space, or write to another place";
  return Error(cat(file, ": cannot be written", doing.empty() ? "" : " (", doing,
                   doing.empty() ? "" : ")", ": ", strerror(systemError)),
               hint);
}

Error cannotMakeFolder(std::string_view folder, int systemError) {
  return Error(cat(folder, ": the folder cannot be made: ", strerror(systemError)));
}

Error noSuchFolder(std::string_view file, std::string_view folder) {
  return Error(cat(file, ": cannot be written: there is no folder '", folder, "'"));
}

Error notARegularFile(std::string_view file) { return Error(cat(file, ": is not a regular file")); }

Error outOfMemory(uint64_t bytes, std::string_view what) {
  return Error(cat("not enough memory: ", byteCount(bytes), " are needed for ", what));
}

//===- Data
//-----------------------------------------------------------------------------------------===//

static constexpr const char *copyAgain =
    "the file is damaged or incomplete; copy or download it again";

Error emptyFile(std::string_view file, std::string_view expected) {
  return Error(cat(file, ": is empty; expected ", expected), copyAgain);
}

Error corruptGzip(std::string_view file, uint64_t compressedOffset, std::string_view why) {
  return Error(cat(fileAt(file, compressedOffset), "the gzip data is corrupt: ", why), copyAgain);
}

Error truncatedGzip(std::string_view file, uint64_t compressedSize, uint64_t offset) {
  return Error(cat(file, ": the gzip data is cut short: the file ends at byte ", compressedSize,
                   ", after ", offset, " decompressed bytes"),
               copyAgain);
}

Error truncatedHeader(std::string_view file, uint64_t size, uint64_t needed) {
  return Error(cat(file, ": is cut short: it ends at byte ", size, ", inside its header of ",
                   needed, " bytes"),
               copyAgain);
}

Error badIdxMagic(std::string_view file, uint32_t magic, uint32_t expected) {
  return Error(cat(fileAt(file, 0), "is not an IDX file of the expected kind: it starts with ",
                   hex(magic), ", expected ", hex(expected)));
}

Error idxElements(std::string_view file, std::string_view found) {
  return Error(cat(file, ": holds ", found, ", which the language has no type for"),
               "convert it, for example to .npy with x.astype(...) in NumPy");
}

Error fieldType(std::string_view file, std::string_view found, std::string_view field,
                std::string_view expected) {
  return Error(
      cat(file, ": holds elements of type ", found, ", but field '", field, "' is ", expected));
}

Error fieldShape(std::string_view file, std::string_view found, std::string_view field,
                 std::string_view expected) {
  return Error(
      cat(file, ": holds ", found, ", but field '", field, "' is ", expected),
      "the model was compiled for another size; change the field's type in the .nn file, or "
      "the data");
}

Error idxTooMuchAnnounced(std::string_view file, uint64_t examples, uint64_t announcedBytes,
                          uint64_t atMost) {
  return Error(cat(fileAt(file, 4), "announces ", examples, " examples (",
                   byteCount(announcedBytes), "), but the file can hold at most ",
                   byteCount(atMost)),
               copyAgain);
}

Error idxMissingExamples(std::string_view file, uint64_t announced, uint64_t complete,
                         uint64_t announcedBytes, uint64_t foundBytes) {
  return Error(cat(file, ": announces ", announced, " examples, but the data ends at byte ",
                   foundBytes, " of ", announcedBytes, ", after ", complete, " examples"),
               copyAgain);
}

Error trailingBytes(std::string_view file, uint64_t expectedSize) {
  return Error(cat(fileAt(file, expectedSize), "data follows the last example that the header "
                                               "announces"),
               copyAgain);
}

Error noExamples(std::string_view file) {
  return Error(cat(file, ": announces 0 examples; expected at least one"));
}

Error tooManyExamples(std::string_view file, uint64_t examples, uint64_t atMost) {
  return Error(cat(fileAt(file, 4), "announces ", examples, " examples; at most ", atMost,
                   " are supported"));
}

Error valueOutOfRange(std::string_view place, std::string_view field, int64_t value, int64_t low,
                      int64_t high) {
  return Error(
      cat(place, ": ", field, " is ", value, ", expected a value from ", low, " to ", high - 1),
      "the model was compiled for another number of classes, or the file is damaged");
}

Error badLine(std::string_view file, uint64_t line, uint64_t column, std::string_view why,
              std::string hint) {
  return Error(cat(file, ":", line, ":", column, ": ", why), std::move(hint));
}

Error tableWithoutRows(std::string_view file, bool hasHeader) {
  return Error(cat(file, ": holds no rows", hasHeader ? " behind its header" : ""),
               hasHeader ? std::string("if the first line is none: csv(..., header: false)")
                         : std::string(copyAgain));
}

/// "'B', 'M'", shortened where there are many.
static std::string listed(std::span<const std::string> names) {
  std::string list;
  for (size_t i = 0; i < names.size() && i < 12; ++i)
    list += cat(i ? ", " : "", "'", printable(names[i]), "'");
  return names.size() > 12 ? list + ", ..." : list;
}

Error unknownClass(std::string_view place, std::string_view column, std::string_view name,
                   std::span<const std::string> known) {
  return Error(
      cat(place, ": '", printable(name), "' is no class of ", column, "; expected ", listed(known)),
      "the classes are those of the data that the model was trained on");
}

Error classCount(std::string_view place, std::string_view column, uint64_t found, uint64_t expected,
                 std::span<const std::string> classes) {
  return Error(cat(place, ": ", column, " has ", found, found == 1 ? " class" : " classes",
                   ", expected ", expected, "; they are ", listed(classes)),
               "say how many there are: category(..., classes: N); or mend the file");
}

Error shortText(std::string_view file, uint64_t units, uint64_t window, std::string_view unit) {
  return Error(cat(file, ": has ", units, " ", unit, units == 1 ? "" : "s", ", fewer than the ",
                   window, " of a window"),
               "a window is an example of a text: text(..., window: N)");
}

Error unitCount(std::string_view place, std::string_view unit, uint64_t found, uint64_t expected) {
  return Error(cat(place, ": the texts have ", found, " different ", unit, found == 1 ? "" : "s",
                   ", but the program was built for ", expected),
               "build it where it finds this text, nnc build --data DIR, or mend the number in the "
               "header of the data set");
}

Error unknownUnit(std::string_view place, std::string_view unit, std::string_view text) {
  return Error(cat(place, ": the ", unit, " '", printable(text),
                   "' is none of those that the model was trained on"));
}

Error noSuchClass(std::string_view file, std::string_view column, std::string_view name,
                  std::span<const std::string> known) {
  return Error(cat(file, ": ", column, " has no class '", printable(name),
                   "', which the data set compares with; it has ", listed(known)));
}

Error emptyPart(std::string_view data, std::string_view part, uint64_t examples) {
  return Error(cat("data set '", data, "': of ", examples, examples == 1 ? " example" : " examples",
                   ", none is left for the ", part, " part"),
               "give it a larger share, or more data");
}

Error countMismatch(std::string_view fileA, std::string_view fieldA, uint64_t countA,
                    std::string_view fileB, std::string_view fieldB, uint64_t countB) {
  return Error(cat(fileB, ": holds ", countB, " examples of '", fieldB, "', but ", fileA, " holds ",
                   countA, " of '", fieldA, "'"),
               "the files of one split must hold the same number of examples");
}

Error dimensionMismatch(std::string_view file, std::string_view field, std::string_view dim,
                        int64_t found, int64_t before) {
  return Error(cat(file, ": field '", field, "' has ", dim, " = ", found, ", but it was ", before,
                   " in the files before"));
}

Error dataNotFound(std::string_view data, std::string_view lookedFor,
                   std::span<const std::string> places, bool givenByOption, std::string hint) {
  std::string message = cat("the data set '", data, "' was not found\n  looked for ", lookedFor);
  for (const std::string &place : places)
    message += cat("\n  in ", place);
  if (!givenByOption)
    message += "\n  (neither --data nor a folder with the files was given)";
  return Error(message, std::move(hint));
}

Error dataFileMissing(std::string_view file, std::string_view split, std::string_view field,
                      std::string_view data, std::string_view folder, bool isLibrary,
                      std::string_view near) {
  std::string what = field.empty() ? std::string("the table") : cat("'", field, "'");
  return Error(cat(file, ": no such file; it holds ", what,
                   split.empty() ? std::string() : cat(" of the ", split, " split"),
                   " of data set '", data, "'"),
               isLibrary ? cat("`nnc data ", data, " --dir ", folder, "` completes the folder")
               : !near.empty() ? cat("did you mean '", printable(near), "'?")
                               : cat("other files of the data set lie in ", folder,
                                     "; --data DIR names another folder"));
}

Error fieldWithoutFile(std::string_view data, std::string_view split, std::string_view field) {
  return Error(
      cat("data set '", data, "': the ", split, " split names no file for field '", field, "'"));
}

Error splitMissing(std::string_view data, std::string_view split) {
  return Error(cat("data set '", data, "' has no ", split, " part"),
               cat(split == "valid"  ? "`split valid: SHARE` in the recipe"
                   : split == "test" ? "`test` or `split test: SHARE`"
                                     : "`train`, `from` or `split train: SHARE`",
                   " gives it one"));
}

Error unknownFormat(std::string_view data, std::string_view format, std::string_view known) {
  return Error(cat("data set '", data, "' has format '", format,
                   "', which this runtime cannot read; it reads ", known),
               {}, Status::Internal);
}

//===- Inputs of predict
//----------------------------------------------------------------------------===//

Error unknownInputFormat(std::string_view file, std::string_view accepted) {
  return Error(cat(file, ": is not a kind of file that this model takes; expected ", accepted));
}

Error badNpy(std::string_view file, uint64_t offset, std::string_view why) {
  return Error(cat(fileAt(file, offset), "is no .npy file that can be read: ", why));
}

Error inputType(std::string_view file, std::string_view found, std::string_view input,
                std::string_view expected) {
  return Error(cat(file, ": holds ", found, " elements, but input '", input, "' is ", expected),
               "convert it first, for example with x.astype(...) in NumPy");
}

Error inputShape(std::string_view file, std::string_view found, std::string_view input,
                 std::string_view expected) {
  return Error(cat(file, ": holds ", found, ", but input '", input, "' is ", expected));
}

Error inputValue(std::string_view where, std::string_view input, int64_t value, int64_t low,
                 int64_t high, uint64_t element) {
  return Error(cat(where, ": input '", input, "' is ", value, " at element ", element,
                   "; expected ", low, " to ", high - 1));
}

Error inputNotNamed(std::string_view argument, std::string_view inputs) {
  const size_t equals = argument.find('=');
  return usage(
      equals == std::string_view::npos
          ? cat("'", printable(argument), "' does not say which input it is; the model has several")
          : cat("'", printable(argument), "': the model has no input '",
                printable(argument.substr(0, equals)), "'"),
      cat("give each as NAME=FILE: ", inputs));
}

Error inputTwice(std::string_view argument, std::string_view input) {
  return usage(cat("'", printable(argument), "': input '", input, "' has a file already"));
}

Error inputCount(std::string_view file, uint64_t found, std::string_view otherFile,
                 uint64_t expected) {
  return Error(cat(file, ": holds ", found, " examples, but ", otherFile, " holds ", expected));
}

//===- Checkpoints
//----------------------------------------------------------------------------------===//

Error otherKindOfFile(std::string_view file, std::string_view kind, std::string_view wayOut) {
  return Error(cat(file, ": is ", kind, "; expected weights in a safetensors file"),
               wayOut.empty() ? std::string("`train --save weights.safetensors` writes such a file")
                              : std::string(wayOut));
}

Error badSafetensors(std::string_view file, uint64_t offset, std::string_view why) {
  return Error(cat(fileAt(file, offset), "is not a valid safetensors file: ", why));
}

Error missingTensor(std::string_view file, std::string_view name, std::string_view expected,
                    std::string_view nearest) {
  return Error(cat(file, ": holds no tensor '", name, "' (", expected, "), which the model needs"),
               nearest.empty() ? std::string("the file may belong to another model")
                               : cat("the nearest name in the file is '", nearest, "'"));
}

Error loadedNotFound(std::string_view file, std::span<const std::string> places) {
  std::string message = cat("'", printable(file), "', which the recipe loads, was not found");
  for (const std::string &place : places)
    message += cat("\n  in ", place);
  return Error(message, "train what it comes from first; --data DIR and $NN_DATA name a folder");
}

Error unknownTensor(std::string_view file, std::string_view name, std::string_view model) {
  return Error(cat(file, ": holds a tensor '", printable(name), "', which model '", model,
                   "' does not have"),
               "the file may belong to another model; `info` lists this one's parameters");
}

Error tensorMismatch(std::string_view file, std::string_view name, std::string_view found,
                     std::string_view expected) {
  return Error(cat(file, ": tensor '", name, "' is ", found, ", but the model needs ", expected));
}

Error notResumable(std::string_view file, std::string_view missing) {
  return Error(cat(file, ": cannot be resumed from: it holds no ", missing),
               "it may hold weights alone: --weights starts from these with a fresh optimizer");
}

Error badMetadata(std::string_view file, std::string_view key, std::string_view value) {
  return Error(cat(file, ": its metadata says ", key, " = '", printable(value),
                   "', which is not a valid value"));
}

Error resumeConflict(std::string_view option, std::string_view given, std::string_view file,
                     std::string_view saved) {
  return usage(
      cat(option, " ", given, " contradicts ", file, ", which was trained with ", option, " ",
          saved),
      cat("leave ", option, " out to go on, or start anew from the weights: --weights ", file));
}

Error resumePosition(std::string_view file, uint64_t position, uint64_t examples) {
  return Error(cat(file, ": was saved after ", position,
                   " examples of an epoch that goes on, but the data set holds only ", examples),
               "resume with the data set that it was trained on");
}

//===- Running
//--------------------------------------------------------------------------------------===//

Error lossNotFinite(std::string_view value, uint64_t step, std::string_view kept,
                    std::string_view badValue) {
  return Error(cat("the loss is not finite (", value, ") at step ", step, "; training stopped",
                   kept.empty() ? "" : "; the last good checkpoint is kept: ", kept),
               badValue.empty()
                   ? std::string("a lower learning rate often helps")
                   : cat(badValue,
                         ", and so is what is computed from it; `fill` replaces a missing "
                         "value, and a column that is the same in every row cannot be "
                         "standardized"));
}

Error missingInFit(std::string_view place, std::string_view column) {
  return Error(
      cat(place, ": ", column,
          " has no value here (NaN), so what is fitted to the column, such as its mean, "
          "would be NaN"),
      "put another value in its place first: `fill(x, median(x, axis: 0)) |> standardize`");
}

Error weightsNotFinite(std::string_view tensor, uint64_t step, std::string_view kept) {
  return Error(cat("'", tensor, "' holds values that are not finite after step ", step,
                   "; training stopped, and they are not saved",
                   kept.empty() ? "" : "; the last good checkpoint is kept: ", kept),
               "a lower learning rate often helps");
}

Error overBudget(uint64_t bytes, uint64_t budget, uint64_t batch) {
  return Error(cat("training with a batch of ", batch, " takes ", byteCount(bytes),
                   ", more than the recipe's budget of ", byteCount(budget)),
               "a smaller --batch takes less");
}

Error notFitted(std::string_view file) {
  return Error(cat(file, ": holds weights, but not what the preparation of the data was fitted to "
                         "(means, medians, classes)"),
               "use weights that `train --save` has written");
}

Error noRecipe(std::string_view model) {
  return Error(cat("model '", model, "' was compiled without a recipe: it can predict, not train"),
               "add a `train` block to the .nn file and build again");
}

Error badBinding(std::string_view model, std::string_view entry, uint32_t source) {
  return Error(cat("model '", model, "': '", entry, "' asks for an argument of kind ", source,
                   " that there is not"),
               {}, Status::Internal);
}

Error noEntry(std::string_view model, std::string_view entry) {
  return Error(cat("model '", model, "' was compiled without '", entry, "'"), {}, Status::Internal);
}

Error abiMismatch(std::string_view compiler, uint32_t found, uint32_t expected) {
  return Error(cat("the model was compiled by ", compiler, " for version ", found,
                   " of the runtime's interface; this runtime has version ", expected),
               "build it again with the nnc that this runtime belongs to", Status::Internal);
}

Error cpuTooOld(std::string_view needed, std::string_view missing) {
  return Error(
      cat("this program was compiled for ", needed, ", but this processor lacks ", missing),
      "build it with `nnc build --cpu x86-64-v2`, or with --cpu native on this machine");
}

Error deviceNotBuiltIn(std::string_view device) {
  return usage(cat("this program was not built for device '", device, "'; it has: cpu"),
               "leave --device out, or build it with 'nnc build --target cuda'");
}

Error notByRows(std::string_view port, std::string_view type, std::string_view batch) {
  return Error(cat("'", port, "' is ", type, ": predict needs '", batch,
                   "' as the first dimension of every output, and of each input that has it, and "
                   "nowhere else"),
               "write a model around it whose inputs and outputs are of that form");
}

Error sizeNotEnough(std::string_view source, std::string_view found, std::string_view needed,
                    std::string_view place) {
  return Error(cat(source, source.empty() ? "" : ": ", found, ", but the program needs ", needed),
               cat("else ", place, " would find no elements"));
}

Error unboundDimension(std::string_view model, std::string_view dim) {
  return Error(cat("model '", model, "': nothing says how large dimension '", dim, "' is"));
}

Error usage(std::string message, std::string hint) {
  return Error(std::move(message), std::move(hint), Status::BadCommandLine);
}

} // namespace nnrt::errors
