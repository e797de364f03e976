// Folders of images: their order, their pixels, and what each kind of damage gets.
#include "runtime/data/ClassFolders.h"
#include "runtime/data/DataReader.h"
#include "runtime/data/Resize.h"
#include "runtime/support/Error.h"
#include "tests/unit/runtime/Support.h"

#include <filesystem>
#include <gtest/gtest.h>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include <stb/stb_image_write.h>

using namespace nnrt;
using namespace nnrt::test;
using Kind = DataDescription::Kind;

static std::vector<uint8_t> resized(const std::vector<uint8_t> &pixels, int64_t height,
                                    int64_t width, int64_t channels, int64_t toHeight,
                                    int64_t toWidth) {
  std::vector<uint8_t> out(size_t(toHeight * toWidth * channels));
  resizeImage({pixels, height, width, channels}, toHeight, toWidth, out);
  return out;
}

using Pixels8 = std::vector<uint8_t>;

TEST(Resize, TheSameSizeIsTheSameImage) {
  const Pixels8 pixels = {0, 1, 2, 253, 254, 255};
  EXPECT_EQ(resized(pixels, 1, 2, 3, 1, 2), pixels);
}

TEST(Resize, CentresLieAtHalves) {
  // New centres lie at -1/4, 1/4, 3/4 and 5/4 of the old ones; the outer two see one pixel alone.
  EXPECT_EQ(resized({0, 100}, 1, 2, 1, 1, 4), (Pixels8{0, 25, 75, 100}));
  EXPECT_EQ(resized({0, 100}, 2, 1, 1, 4, 1), (Pixels8{0, 25, 75, 100}));
  EXPECT_EQ(resized({0, 10, 100, 50}, 1, 2, 2, 1, 4), (Pixels8{0, 10, 25, 20, 75, 40, 100, 50}));
}

TEST(Resize, EachPixelCountsWhereAnImageShrinks) {
  // Halved, the triangle around the new centre 1 reaches from -1 to 3: weights 3, 3, 1 of 7.
  EXPECT_EQ(resized({70, 0, 0, 0}, 1, 4, 1, 1, 2), (Pixels8{30, 0}));
  EXPECT_EQ(resized({0, 0, 70, 0}, 1, 4, 1, 1, 2), (Pixels8{10, 30}));
  // To one pixel of four: the centre lies at 2, weights 5/8, 7/8, 7/8, 5/8.
  EXPECT_EQ(resized({240, 0, 0, 0}, 4, 1, 1, 1, 1), (Pixels8{50}));
  EXPECT_EQ(resized({0, 240, 0, 0}, 4, 1, 1, 1, 1), (Pixels8{70}));
}

TEST(Resize, AnEvenImageStaysEven) {
  for (uint8_t value : {0, 1, 128, 255})
    for (int64_t size : {1, 3, 8, 13}) {
      const Pixels8 out = resized(Pixels8(7 * 5, value), 7, 5, 1, size, 2 * size);
      EXPECT_EQ(out, Pixels8(out.size(), value));
    }
}

TEST(ClassFolders, KnowsImagesByTheEndOfTheirNames) {
  for (const char *name : {"a.png", "a.PNG", "b.jpg", "c.JpEg", "x.y.jpeg"})
    EXPECT_TRUE(isImageName(name)) << name;
  for (const char *name : {"png", ".png", "a.gif", "a.png.txt", "a_png", ""})
    EXPECT_FALSE(isImageName(name)) << name;
}

namespace {
class FolderTest : public ::testing::Test {
protected:
  TempFolder folder;
  DataDescription data;

  FolderTest() {
    DataDescription::Options options;
    options.shape = {2, 2};
    data.sources.push_back({"", "folder", {{"image", "x"}}, options});
    data.columns.resize(2);
    data.columns[0].kind = Kind::Image;
    data.columns[0].name = "image";
    data.columns[1].kind = Kind::Label;
    data.columns[1].name = "label";
    data.columns[1].classes = 3;
  }
  /// A grey image of 2 by 2 pixels, or of JPEG's colours.
  void writeImage(const std::string &name, uint8_t value) {
    const std::string path = folder / name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    const std::vector<uint8_t> pixels(16, value);
    if (name.ends_with(".jpg"))
      ASSERT_TRUE(stbi_write_jpg(path.c_str(), 4, 4, 1, pixels.data(), 100));
    else
      ASSERT_TRUE(stbi_write_png(path.c_str(), 2, 2, 1, pixels.data(), 2));
  }
  std::unique_ptr<DataReader> open() {
    return openReader({data, data.sources.front(), {folder.path()}, {}, false});
  }
  static std::vector<int32_t> labels(DataReader &reader) {
    std::vector<int32_t> values(reader.examples());
    reader.read(1, 0, std::as_writable_bytes(std::span(values)));
    return values;
  }
};
} // namespace

TEST_F(FolderTest, ClassesAndFilesComeAsTheySort) {
  writeImage("b/2.png", 20);
  writeImage("b/10.jpg", 10);
  writeImage("a/x.png", 30);
  writeImage("Z/y.png", 40);
  writeImage(".hidden/y.png", 50);
  writeFile(folder / "b/.notes", "x");
  writeFile(folder / "README", "x");
  auto reader = open();
  EXPECT_EQ(reader->examples(), 4U);
  EXPECT_EQ(reader->fields()[0].shape, (std::vector<int64_t>{2, 2}));
  EXPECT_TRUE(reader->fields()[1].shape.empty());
  std::vector<uint8_t> pixels(16);
  reader->read(0, 0, std::as_writable_bytes(std::span(pixels)));
  EXPECT_EQ(pixels,
            (std::vector<uint8_t>{40, 40, 40, 40, 30, 30, 30, 30, 10, 10, 10, 10, 20, 20, 20, 20}));
  reader->read(0, 3, std::as_writable_bytes(std::span(pixels).first(4)));
  EXPECT_EQ(pixels[0], 20);
  EXPECT_EQ(labels(*reader), (std::vector<int32_t>{0, 1, 2, 2}));
  EXPECT_EQ(reader->example(2), folder / "b/10.jpg");
  const std::vector<std::string> names = {"Z", "a", "aa", "b"};
  reader->setClasses(1, names);
  EXPECT_EQ(labels(*reader), (std::vector<int32_t>{0, 1, 3, 3}));
  EXPECT_EQ(errorOf([&] { reader->setClasses(1, std::span(names).first(3)); }),
            (folder / "b") + ": 'b' is no class of 'label'; expected 'Z', 'a', 'aa'");
}

TEST_F(FolderTest, TheFirstImageThatCannotBeReadIsTold) {
  for (int i = 0; i < 40; ++i)
    writeImage("a/" + std::to_string(100 + i) + ".png", uint8_t(i));
  writeFile(folder / "a/117.png", "GIF89a");
  writeFile(folder / "a/119.png", "");
  writeFile(folder / "a/138.png", "x");
  auto reader = open();
  std::vector<std::byte> pixels(40 * 4);
  for (int i = 0; i < 20; ++i)
    EXPECT_HAS(errorOf([&] { reader->read(0, 0, pixels); }), folder / "a/117.png");
}

TEST_F(FolderTest, RefusesWhatIsNoFolderOfClasses) {
  EXPECT_EQ(errorOf([&] { open(); }), folder.path() + ": has no subfolders");
  std::filesystem::create_directories(folder / "a");
  EXPECT_EQ(errorOf([&] { open(); }), (folder / "a") + ": has no images");
  writeImage("a/x.png", 1);
  EXPECT_EQ(open()->examples(), 1U);
  writeFile(folder / "a/y.gif", "x");
  EXPECT_EQ(errorOf([&] { open(); }), (folder / "a/y.gif") + ": is neither .png, .jpg nor .jpeg");
  std::filesystem::remove(folder / "a/y.gif");
  std::filesystem::create_directories(folder / "a/b");
  EXPECT_EQ(errorOf([&] { open(); }), (folder / "a/b") + ": is a folder in the folder of a class");
  std::filesystem::remove(folder / "a/b");
  std::filesystem::create_directory_symlink("loop", folder / "loop");
  EXPECT_HAS(errorOf([&] { open(); }), (folder / "loop") + ": cannot be opened");
  std::filesystem::remove(folder / "loop");
  writeImage("x.png", 1);
  EXPECT_HAS(errorOf([&] { open(); }), (folder / "x.png") + ": is an image beside");
}

TEST_F(FolderTest, AJpegThatEndsEarlyIsRefused) {
  writeImage("a/x.jpg", 90);
  const std::string file = folder / "a/x.jpg", whole = readFile(file);
  std::vector<std::byte> pixels(4);
  for (size_t size = 1; size < whole.size(); ++size) {
    writeFile(file, whole.substr(0, size));
    EXPECT_HAS(errorOf([&] { open()->read(0, 0, pixels); }), file + ": is not a readable image");
  }
  writeFile(file, whole + "what follows is no part of it");
  open()->read(0, 0, pixels);
  EXPECT_EQ(int(pixels[3]), 90);
}
