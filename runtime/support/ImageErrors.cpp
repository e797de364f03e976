// What is wrong with images, and with folders of them.
#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

namespace nnrt::errors {

Error badImage(std::string_view file, std::string_view why) {
  return Error(cat(file, ": is not a readable image: ", why));
}

Error transparentImage(std::string_view file, uint64_t x, uint64_t y) {
  return Error(cat(file, ": is not opaque: the pixel at column ", x, ", row ", y,
                   " shows what lies behind it, and the model takes no alpha channel"),
               "lay it over a ground first, such as "
               "`magick in.png -background white -flatten out.png`");
}

Error imageNeedsBytes(std::string_view file, std::string_view input, std::string_view expected) {
  return Error(cat(file, ": an image holds u8 pixels, but input '", input, "' is ", expected),
               "pass a .npy file, or let the model take u8[batch, height, width]");
}

Error notAFolder(std::string_view path) {
  return Error(cat(path, ": is not a folder"),
               "folder(...) takes a folder with one for each class");
}

Error noClassFolders(std::string_view folder) {
  return Error(cat(folder, ": has no subfolders"),
               "each subfolder is a class, and holds its images");
}

Error imageWithoutClass(std::string_view file) {
  return Error(cat(file, ": is an image beside the folders of the classes"),
               "put it into the folder of its class, or elsewhere");
}

Error notAnImage(std::string_view path, bool isFolder) {
  return Error(cat(path, isFolder ? ": is a folder in the folder of a class"
                                  : ": is neither .png, .jpg nor .jpeg"),
               isFolder ? "images lie just in the folder of their class"
                        : "the folder of a class holds images and nothing else; hidden files, "
                          "which begin with a point, are let be");
}

Error emptyClass(std::string_view folder) {
  return Error(cat(folder, ": has no images"), "the folder of a class holds its images");
}

Error labelCount(std::string_view folder, uint64_t found, uint64_t expected) {
  return Error(cat(folder, found == 1 ? ": there is " : ": there are ", found,
                   found == 1 ? " class" : " classes", ", but the program was built for ",
                   expected),
               "each subfolder is a class; build the program with this folder at hand, or mend the "
               "number in the header of the data set");
}

} // namespace nnrt::errors
