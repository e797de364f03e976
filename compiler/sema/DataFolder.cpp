// Folders of images as sources of data: the size that images are brought to, and the classes that
// the subfolders settle.
#include "compiler/sema/Data.h"

#include <set>

namespace nnc::sema {

using namespace ast;

/// Of an image, in a direction; what decoders take.
static constexpr int64_t mostPixels = 1 << 15;

/// `size: [64, 64]`: height and width.
void DataElaborator::setImageSize(const Argument &argument, ImageCut &cut) {
  const auto *list = llvm::dyn_cast<ListExpr>(argument.value.get());
  if (!list || list->elements.size() != 2) {
    if (!llvm::isa<ErrorExpr>(*argument.value))
      e.error(Code::ArgumentType, argument.value->range,
              "'size' is the height and the width of all images, in pixels")
          .suggest("such as size: [64, 64]");
    return;
  }
  for (size_t i = 0; i < 2; ++i) {
    const Expr &element = *list->elements[i];
    auto found = e.evalConstantInt(element, "a size of images");
    if (found && (*found < 1 || *found > mostPixels))
      e.error(Code::ArgumentType, element.range,
              "a size of images is " + std::to_string(*found) + "; it is from 1 to " +
                  std::to_string(mostPixels) + " pixels");
    else if (found)
      (i == 0 ? cut.height : cut.width) = found;
  }
}

void DataElaborator::addFolder(const CallExpr &call, DataSource &source) {
  const ImageCut before = images;
  const bool isFirst = data.sources.empty(), wasBroken = broken.count("image") != 0;
  const size_t errors = e.errorCount();
  images = {};
  auto folder = readCall(
      call, {"folder", "folder", {"size", "channels"}, "folder(\"flowers17\", size: [64, 64])"},
      [&](const Argument &argument) {
        if (argument.name->text == "size") {
          images.isStated = true;
          setImageSize(argument, images);
          return;
        }
        auto found = e.evalConstantInt(*argument.value, "'channels'");
        if (found && *found != 1 && *found != 3)
          e.error(Code::ArgumentType, argument.value->range,
                  "'channels' is " + std::to_string(*found) +
                      "; it is 1 for grey, or 3 for colours");
        else if (found)
          images.channels = found;
      });
  if (folder) {
    source.files.emplace_back("image", folder->first);
    for (const char *name : {"image", "label"})
      given.try_emplace(name, folder->second);
    named.try_emplace(folder->first, folder->second);
  }
  if (e.errorCount() == errors && !isFirst && !wasBroken && !(images == before))
    e.error(Code::DataDeclaration, call.range,
            "the images of a data set must be brought to one size, with the same channels")
        .note(data.sources.front().range, "the other folder is given here");
  if (e.errorCount() != errors)
    broken.insert({"image", "label"});
}

/// What one image is: as the source says, or else the header. Nothing after an error.
std::optional<std::vector<int64_t>> DataElaborator::imageShape() {
  const ast::Parameter *declared = nullptr;
  for (const ast::Parameter &parameter : decl.columns)
    if (parameter.name.text == "image" && parameter.type && !isCoded("image"))
      declared = &parameter;
  const size_t rank = declared ? declared->type->dims.size() : 0;
  auto stated = [&](size_t axis) -> std::optional<int64_t> {
    if (axis >= rank || !declared->type->dims[axis].size)
      return std::nullopt;
    auto dim = e.evalDim(*declared->type->dims[axis].size, /*report=*/false);
    auto size = dim ? dim->constant() : std::nullopt;
    return size && *size >= 1 && *size <= mostPixels ? size : std::nullopt;
  };
  // Where it was stated and isn't there, that was reported.
  if (!images.isStated) {
    images.height = stated(0);
    images.width = stated(1);
    if (!images.height || !images.width)
      e.error(Code::MissingArgument, data.sources.front().range,
              "'folder' needs the size that images are brought to")
          .suggest("such as size: [64, 64], or in the header: image: u8[64, 64, 3]");
  }
  if (!images.height || !images.width)
    return std::nullopt;
  std::vector<int64_t> shape = {*images.height, *images.width};
  std::optional<int64_t> channels = stated(2);
  if (images.channels || (channels != 1 && channels != 3))
    channels = images.channels.value_or(rank == 2 ? 1 : 3);
  // Grey has a dimension of its own where the header gives it one.
  if (*channels != 1 || rank == 3)
    shape.push_back(*channels);
  return shape;
}

/// How many classes the folders have: what those at hand tell, else the header, else a symbol.
Dim DataElaborator::classCount() {
  std::set<std::string> names;
  for (const DataSource &source : data.sources)
    for (const auto &[column, folder] : source.files) {
      std::vector<std::string> looked;
      std::string path = files ? files->findFolder(folder, looked) : "";
      if (path.empty())
        return openSize("classes", folder, named[folder], data.sources.size() > 1 ? "folders" : "");
      auto found = files->readClasses(path);
      if (!found) {
        e.error(Code::DataFile, source.range, llvm::toString(found.takeError()));
        return openSize("classes", folder, named[folder]);
      }
      names.insert(found->begin(), found->end());
    }
  return static_cast<int64_t>(names.size());
}

/// What the folders give, under the names `image` and `label`; columns of the header may be just
/// that.
void DataElaborator::declareImages() {
  auto folder = given.find("image");
  if (folder == given.end() || broken.count("image"))
    return;
  SourceRange range = folder->second;
  auto declare = [&](const std::string &name, const Value &value) {
    e.frame->root.declare(name, {Variable::Kind::Argument, value, range});
    for (const ast::Parameter &parameter : decl.columns)
      if (parameter.name.text == name && !isCoded(name))
        settleField(parameter, range, range, value);
  };
  Column image;
  image.kind = Column::Kind::Image;
  image.name = "image";
  image.range = range;
  if (auto shape = imageShape()) {
    image.type = Type{Element::U8, {rowsDim()}};
    for (int64_t size : *shape)
      image.type.shape.push_back(size);
    for (DataSource &source : data.sources)
      source.options = {{"shape", *shape}};
    declare("image", Tensor{request(std::move(image), std::nullopt)});
  } else {
    declare("image", Unknown{});
  }
  Column label;
  label.kind = Column::Kind::Label;
  label.name = "label";
  label.classes = classCount();
  label.type = Type{Element::I32, {rowsDim()}};
  label.range = range;
  const Dim classes = label.classes;
  declare("label", Tensor{request(std::move(label), classes)});
}

} // namespace nnc::sema
