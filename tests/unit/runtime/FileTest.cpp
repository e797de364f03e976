// Files that appear whole or not at all.
#include "runtime/support/File.h"
#include "tests/unit/runtime/Support.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace nnrt;
using namespace nnrt::test;

TEST(AtomicFile, AppearsWithCommit) {
  TempFolder folder;
  {
    AtomicFile file(folder / "w");
    file.write("new");
    EXPECT_TRUE(folder.files().empty());
    file.commit();
  }
  EXPECT_EQ(readFile(folder / "w"), "new");
  EXPECT_EQ(folder.files(), std::vector<std::string>{"w"});
}

TEST(AtomicFile, WithoutCommitNothingChanges) {
  TempFolder folder;
  writeFile(folder / "w", "old");
  {
    AtomicFile(folder / "w").write("new");
  }
  EXPECT_EQ(readFile(folder / "w"), "old");
  EXPECT_EQ(folder.files().size(), 1u);
}

TEST(AtomicFile, KeepsPermissionsAndLinks) {
  TempFolder folder;
  writeFile(folder / "target", "old");
  chmod((folder / "target").c_str(), 0640);
  std::filesystem::create_symlink("target", folder / "link");
  AtomicFile file(folder / "link");
  file.write("new");
  file.commit();
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(readFile(folder / "target"), "new");
  struct stat status;
  ASSERT_EQ(stat((folder / "target").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
}

TEST(AtomicFile, ALinkToWhatIsNotThereYet) {
  TempFolder folder;
  std::filesystem::create_directory(folder / "store");
  std::filesystem::create_symlink("store/x", folder / "first");
  std::filesystem::create_symlink("first", folder / "second");
  AtomicFile file(folder / "second");
  file.write("new");
  file.commit();
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "first"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "second"));
  EXPECT_EQ(readFile(folder / "store/x"), "new");
  // A circle has no end to write to.
  std::filesystem::create_symlink("b", folder / "a");
  std::filesystem::create_symlink("a", folder / "b");
  EXPECT_NE(errorOf([&] { AtomicFile::checkWritable(folder / "a"); }), "");
}

TEST(AtomicFile, WritersWithOneProcessNumberDoNotMeet) {
  // As in containers that share a folder: a file of another's that bears any likely name stays.
  TempFolder folder;
  std::string other = folder / ("w." + std::to_string(getpid()) + ".tmp");
  writeFile(other, "another's");
  AtomicFile first(folder / "w"), second(folder / "w");
  first.write("first");
  second.write("second");
  first.commit();
  second.commit();
  EXPECT_EQ(readFile(folder / "w"), "second");
  EXPECT_EQ(readFile(other), "another's");
  EXPECT_EQ(folder.files().size(), 2u);
}

TEST(AtomicFile, RefusesPlacesThatCannotBeWritten) {
  TempFolder folder;
  EXPECT_HAS(errorOf([&] { AtomicFile::checkWritable("/proc/nope/w"); }),
             "/proc/nope/w: cannot be written: there is no folder '/proc/nope'");
  EXPECT_HAS(errorOf([&] { AtomicFile::checkWritable("/proc/w"); }), "/proc/w: cannot be written");
  EXPECT_HAS(errorOf([&] { AtomicFile::checkWritable(folder.path()); }), "is not a regular file");
  EXPECT_HAS(errorOf([&] { AtomicFile::checkWritable("/dev/null"); }), "is not a regular file");
  writeFile(folder / "f", "");
  EXPECT_HAS(errorOf([&] { AtomicFile::checkWritable(folder / "f/w"); }), "there is no folder");
  AtomicFile::checkWritable(folder / "new");
  EXPECT_EQ(folder.files(), std::vector<std::string>{"f"});
}

TEST(AtomicFile, AFullDiskKeepsTheOldFile) {
  TempFolder folder;
  writeFile(folder / "w", "old");
  // A limit on file sizes is met like a full disk is: by a write that fails.
  pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    rlimit limit = {1000, 1000};
    setrlimit(RLIMIT_FSIZE, &limit);
    std::string message = errorOf([&] {
      AtomicFile file(folder / "w");
      file.write(std::string(5000, 'x'));
      file.commit();
    });
    _exit(message.find("cannot be written") != std::string::npos ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(readFile(folder / "w"), "old");
  EXPECT_EQ(folder.files(), std::vector<std::string>{"w"});
}

TEST(InputFile, RefusesPipes) {
  TempFolder folder;
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_HAS(errorOf([&] { InputFile file(folder / "pipe"); }), "is not a regular file");
}
