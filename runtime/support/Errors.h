// One function per kind of run-time error: each names the thing, what was expected and what was
// found.
//
// `file` is a path as the user would type it. Offsets are in bytes from the start; for a compressed
// file they count decompressed bytes unless said otherwise.
#pragma once

#include "runtime/support/Error.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace nnrt::errors {

//===- Files
//----------------------------------------------------------------------------------------===//

Error cannotOpen(std::string_view file, int systemError);
Error cannotRead(std::string_view file, uint64_t offset, int systemError);
Error cannotWrite(std::string_view file, int systemError, std::string_view doing = {});
Error cannotMakeFolder(std::string_view folder, int systemError);
Error noSuchFolder(std::string_view file, std::string_view folder);
Error notARegularFile(std::string_view file);
Error outOfMemory(uint64_t bytes, std::string_view what);

//===- Data
//-----------------------------------------------------------------------------------------===//

Error emptyFile(std::string_view file, std::string_view expected);
Error corruptGzip(std::string_view file, uint64_t compressedOffset, std::string_view why);
Error truncatedGzip(std::string_view file, uint64_t compressedSize, uint64_t offset);
Error truncatedHeader(std::string_view file, uint64_t size, uint64_t needed);
Error badIdxMagic(std::string_view file, uint32_t magic, uint32_t expected);
Error idxElements(std::string_view file, std::string_view found);
Error fieldType(std::string_view file, std::string_view found, std::string_view field,
                std::string_view expected);
Error fieldShape(std::string_view file, std::string_view found, std::string_view field,
                 std::string_view expected);
Error idxTooMuchAnnounced(std::string_view file, uint64_t examples, uint64_t announcedBytes,
                          uint64_t atMost);
Error idxMissingExamples(std::string_view file, uint64_t announced, uint64_t complete,
                         uint64_t announcedBytes, uint64_t foundBytes);
Error trailingBytes(std::string_view file, uint64_t expectedSize);
Error noExamples(std::string_view file);
Error tooManyExamples(std::string_view file, uint64_t examples, uint64_t atMost);
/// Of rows that lie in files since memory does not hold them: `free` bytes are left for `bytes`.
Error noRoomForData(std::string_view folder, uint64_t bytes, uint64_t free, std::string_view what);
Error cannotWriteData(std::string_view folder, int systemError);
Error dataCutShort(std::string_view file, uint64_t end, uint64_t needed);
/// `place` is that of the value: "labels.gz: at byte 25: example 17".
Error valueOutOfRange(std::string_view place, std::string_view field, int64_t value, int64_t low,
                      int64_t high);
/// A table or a text; lines and columns from 1.
Error badLine(std::string_view file, uint64_t line, uint64_t column, std::string_view why,
              std::string hint = {});
Error tableWithoutRows(std::string_view file, bool hasHeader);
Error unknownClass(std::string_view place, std::string_view column, std::string_view name,
                   std::span<const std::string> known);
Error classCount(std::string_view place, std::string_view column, uint64_t found, uint64_t expected,
                 std::span<const std::string> classes);
Error shortText(std::string_view file, uint64_t units, uint64_t window, std::string_view unit);
Error unitCount(std::string_view place, std::string_view unit, uint64_t found, uint64_t expected);
Error unknownUnit(std::string_view place, std::string_view unit, std::string_view text);
Error noSuchClass(std::string_view file, std::string_view column, std::string_view name,
                  std::span<const std::string> known);
/// `place` is that of the missing value: "housing.csv:18"; `column` is "column 'age'".
Error missingInFit(std::string_view place, std::string_view column);
Error emptyPart(std::string_view data, std::string_view part, uint64_t examples);
Error countMismatch(std::string_view fileA, std::string_view fieldA, uint64_t countA,
                    std::string_view fileB, std::string_view fieldB, uint64_t countB);
/// Of sources beside each other.
Error sourcesMismatch(std::string_view fileA, uint64_t countA, std::string_view fileB,
                      uint64_t countB);
Error dimensionMismatch(std::string_view file, std::string_view field, std::string_view dim,
                        int64_t found, int64_t before);
Error dataNotFound(std::string_view data, std::string_view lookedFor,
                   std::span<const std::string> places, bool givenByOption, std::string hint);
/// `near`: a file that may be meant, or empty.
Error dataFileMissing(std::string_view file, std::string_view split, std::string_view field,
                      std::string_view data, std::string_view folder, bool isLibrary,
                      std::string_view near);
Error fieldWithoutFile(std::string_view data, std::string_view split, std::string_view field);
Error splitMissing(std::string_view data, std::string_view split);
Error unknownFormat(std::string_view data, std::string_view format, std::string_view known);

//===- Inputs of predict
//----------------------------------------------------------------------------===//

Error unknownInputFormat(std::string_view file, std::string_view accepted);
Error badNpy(std::string_view file, uint64_t offset, std::string_view why);
Error notAFolder(std::string_view path);
Error noClassFolders(std::string_view folder);
Error imageWithoutClass(std::string_view file);
Error notAnImage(std::string_view path, bool isFolder);
Error emptyClass(std::string_view folder);
Error labelCount(std::string_view folder, uint64_t found, uint64_t expected);
Error badImage(std::string_view file, std::string_view why);
Error transparentImage(std::string_view file, uint64_t x, uint64_t y);
Error inputType(std::string_view file, std::string_view found, std::string_view input,
                std::string_view expected);
Error inputShape(std::string_view file, std::string_view found, std::string_view input,
                 std::string_view expected);
Error inputValue(std::string_view where, std::string_view input, int64_t value, int64_t low,
                 int64_t high, uint64_t element);
Error imageNeedsBytes(std::string_view file, std::string_view input, std::string_view expected);
Error inputNotNamed(std::string_view argument, std::string_view inputs);
/// `port` does not hold one example per row, so that examples can't be told apart.
Error notByRows(std::string_view port, std::string_view type, std::string_view batch);
Error inputTwice(std::string_view argument, std::string_view input);
Error inputCount(std::string_view file, uint64_t found, std::string_view otherFile,
                 uint64_t expected);

//===- Checkpoints
//----------------------------------------------------------------------------------===//

/// `kind` is what the file is instead: "a NumPy array (.npy)"; `wayOut` makes weights of it.
Error otherKindOfFile(std::string_view file, std::string_view kind, std::string_view wayOut);
Error badSafetensors(std::string_view file, uint64_t offset, std::string_view why);
Error missingTensor(std::string_view file, std::string_view name, std::string_view expected,
                    std::string_view nearest);
Error loadedNotFound(std::string_view file, std::span<const std::string> places);
Error unknownTensor(std::string_view file, std::string_view name, std::string_view model);
Error tensorMismatch(std::string_view file, std::string_view name, std::string_view found,
                     std::string_view expected);
Error notResumable(std::string_view file, std::string_view missing);
Error badMetadata(std::string_view file, std::string_view key, std::string_view value);
Error resumeConflict(std::string_view option, std::string_view given, std::string_view file,
                     std::string_view saved);
Error resumePosition(std::string_view file, uint64_t position, uint64_t examples);

//===- Running
//--------------------------------------------------------------------------------------===//

/// `badValue` says where the data is not finite: "t.csv:9: 'x' is NaN"; empty where it is.
Error lossNotFinite(std::string_view value, uint64_t step, std::string_view kept,
                    std::string_view badValue);
Error weightsNotFinite(std::string_view tensor, uint64_t step, std::string_view kept);
Error overBudget(uint64_t bytes, uint64_t budget, uint64_t batch);
Error notFitted(std::string_view file);
Error noRecipe(std::string_view model);
Error badBinding(std::string_view model, std::string_view entry, uint32_t source);
Error noEntry(std::string_view model, std::string_view entry);
Error abiMismatch(std::string_view compiler, uint32_t found, uint32_t expected);
Error cpuTooOld(std::string_view needed, std::string_view missing);
Error deviceNotBuiltIn(std::string_view device);
/// `found` says which sizes there are: "'n' of input 'x' is 2"; `needed` which there must be: "at
/// least 3". `source` is where they come from, or empty; `place` in the program makes the demand.
Error sizeNotEnough(std::string_view source, std::string_view found, std::string_view needed,
                    std::string_view place);
Error unboundDimension(std::string_view model, std::string_view dim);

/// A wrong command line (exit status 2).
Error usage(std::string message, std::string hint = {});

} // namespace nnrt::errors
