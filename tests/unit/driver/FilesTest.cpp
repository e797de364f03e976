// Files: errors that name them, writing in one piece, and the checks on data sets.
#include "compiler/driver/Files.h"
#include "compiler/driver/DataSets.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

#include <fstream>
#include <zlib.h>

using namespace nnc::driver;

namespace {

class FilesTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("nnc-files-test", folder));
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  std::string path(llvm::StringRef name) {
    llvm::SmallString<128> full(folder);
    llvm::sys::path::append(full, name);
    return full.str().str();
  }
  std::vector<std::string> entries() {
    std::vector<std::string> names;
    std::error_code code;
    for (llvm::sys::fs::directory_iterator it(folder, code), end; it != end && !code;
         it.increment(code))
      names.push_back(llvm::sys::path::filename(it->path()).str());
    return names;
  }

  llvm::SmallString<128> folder;
};

TEST_F(FilesTest, WhatIsWrittenIsRead) {
  std::string text("a\0b\nc", 5);
  ASSERT_FALSE(bool(writeFile(path("x"), text)));
  llvm::Expected<std::string> read = readSource(path("x"));
  ASSERT_TRUE(bool(read));
  EXPECT_EQ(*read, text);
  EXPECT_EQ(entries(), std::vector<std::string>{"x"}); // no temporary file is left
}

TEST_F(FilesTest, ErrorsNameTheFile) {
  std::string missing = path("nowhere.nn");
  EXPECT_EQ(llvm::toString(readSource(missing).takeError()),
            missing + ": error: cannot read the file: No such file or directory");
  EXPECT_EQ(llvm::toString(readSource(folder).takeError()),
            folder.str().str() + ": error: this is a folder, not a source file");
  EXPECT_EQ(llvm::toString(readSource("/dev/null").takeError()),
            "/dev/null: error: this is a device, not a source file");
  std::string below = path("no/such/place");
  EXPECT_EQ(llvm::toString(writeFile(below, "x")),
            below + ": error: cannot write the file: No such file or directory");
  EXPECT_EQ(llvm::toString(writeFile(folder, "x")),
            folder.str().str() + ": error: cannot write the file: there is a folder of that name");
}

TEST_F(FilesTest, AFullDiskIsAnError) {
  if (!llvm::sys::fs::exists("/dev/full"))
    GTEST_SKIP() << "this system has no /dev/full";
  EXPECT_EQ(llvm::toString(writeFile("/dev/full", "x")),
            "/dev/full: error: cannot write the file: No space left on device");
}

TEST_F(FilesTest, WritingFollowsLinksAndKeepsPermissions) {
  ASSERT_FALSE(bool(writeFile(path("target"), "old")));
  ASSERT_FALSE(llvm::sys::fs::setPermissions(path("target"), llvm::sys::fs::owner_all));
  ASSERT_FALSE(llvm::sys::fs::create_link("target", path("link")));
  ASSERT_FALSE(bool(writeFile(path("link"), "new")));
  EXPECT_EQ(*readSource(path("target")), "new");
  bool isLink = false;
  ASSERT_FALSE(llvm::sys::fs::is_symlink_file(path("link"), isLink));
  EXPECT_TRUE(isLink);
  EXPECT_EQ(*llvm::sys::fs::getPermissions(path("target")), llvm::sys::fs::owner_all);
}

TEST_F(FilesTest, Sha256) {
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(FilesTest, TheContentOfAGzipFileIsHashed) {
  for (int level : {1, 9}) {
    gzFile file = gzopen(path("x.gz").c_str(), level == 1 ? "wb1" : "wb9");
    gzwrite(file, "abc", 3);
    gzclose(file);
    EXPECT_EQ(*unpackedSha256(path("x.gz")), sha256("abc"));
  }
}

TEST_F(FilesTest, ATruncatedGzipFileIsAnError) {
  std::string text;
  for (int i = 0; i < 10000; ++i)
    text += std::to_string(i * 7919);
  gzFile file = gzopen(path("x.gz").c_str(), "wb");
  gzwrite(file, text.data(), text.size());
  gzclose(file);
  std::string packed = *readSource(path("x.gz"));
  ASSERT_FALSE(bool(writeFile(path("x.gz"), packed.substr(0, packed.size() / 2))));
  llvm::Expected<std::string> hash = unpackedSha256(path("x.gz"));
  ASSERT_FALSE(bool(hash));
  EXPECT_NE(llvm::toString(hash.takeError()).find("x.gz: error: not a whole gzip file"),
            std::string::npos);
}

} // namespace
