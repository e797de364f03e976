// What the runtime's tests share: folders, files, small data sets, and programs run in a child
// process.
#include "tests/unit/runtime/Support.h"

#include "runtime/cli/Commands.h"
#include "runtime/support/Philox.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

namespace nnrt::test {

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "nnrt-XXXXXX").string();
  folder = mkdtemp(name.data());
}
TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}
std::string TempFolder::operator/(std::string_view name) const {
  return folder + "/" + std::string(name);
}
std::vector<std::string> TempFolder::files() const {
  std::vector<std::string> names;
  for (const auto &entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

void writeFile(const std::string &path, std::string_view content) {
  std::ofstream(path, std::ios::binary).write(content.data(), std::streamsize(content.size()));
}
std::string readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string gzip(std::string_view content) {
  z_stream stream = {};
  deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, content.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(content.data()));
  stream.avail_in = uInt(content.size());
  stream.next_out = reinterpret_cast<Bytef *>(out.data());
  stream.avail_out = uInt(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string gunzip(std::string_view content) {
  z_stream stream = {};
  inflateInit2(&stream, 15 + 16);
  std::string out(64 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(content.data()));
  stream.avail_in = uInt(content.size());
  stream.next_out = reinterpret_cast<Bytef *>(out.data());
  stream.avail_out = uInt(out.size());
  inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

std::string be32(uint32_t value) {
  return {char(value >> 24), char(value >> 16), char(value >> 8), char(value)};
}
std::string le(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i)
    out += char(value >> (8 * i));
  return out;
}

static void writeSplit(const std::string &folder, const std::string &prefix, int examples) {
  std::string images = be32(0x803) + be32(uint32_t(examples)) + be32(28) + be32(28);
  std::string labels = be32(0x801) + be32(uint32_t(examples));
  for (int i = 0; i < examples; ++i) {
    PhiloxCounter words = philox4x32({uint32_t(i), 0, 0, 7}, philoxKey(prefix.size()));
    int label = int(words[0] % 10);
    labels += char(label);
    // Two bright rows per class, and noise.
    for (int row = 0; row < 28; ++row)
      for (int column = 0; column < 28; ++column)
        images +=
            char((row / 2 == label ? 150 : 0) + int(words[1 + column % 3] >> (row % 24) & 63));
  }
  writeFile(folder + "/" + prefix + "-images-idx3-ubyte.gz", gzip(images));
  writeFile(folder + "/" + prefix + "-labels-idx1-ubyte.gz", gzip(labels));
}

void writeDigits(const std::string &folder, int train, int test) {
  std::filesystem::create_directories(folder);
  writeSplit(folder, "train", train);
  writeSplit(folder, "t10k", test);
}

Part numberedRows(uint64_t examples, std::vector<uint32_t> rows) {
  Table table;
  table.examples = examples;
  for (uint64_t rowBytes : {3, 1}) {
    Column column{Memory(examples * rowBytes, "test"), rowBytes};
    for (uint64_t i = 0; i < examples * rowBytes; ++i)
      column.memory.data()[i] = std::byte(i / rowBytes);
    table.columns.push_back(std::move(column));
  }
  uint64_t count = rows.empty() ? examples : rows.size();
  return {"train", count, std::make_shared<const Table>(std::move(table)), std::move(rows)};
}

void rewrite(const std::string &path, const std::function<void(std::string &)> &change) {
  std::string content = gunzip(readFile(path));
  change(content);
  writeFile(path, gzip(content));
}

Child::Child(const nnrt_model &model, const std::vector<std::string> &words) {
  process = fork();
  if (process != 0)
    return;
  // Whoever runs the tests may have them ignore signals, as a shell does for a job in the
  // background; and a child that hangs must not hang the tests.
  for (int number : {SIGINT, SIGTERM, SIGHUP})
    signal(number, SIG_DFL);
  alarm(300);
  int null = open("/dev/null", O_RDONLY);
  int out = open((folder / "out").c_str(), O_CREAT | O_WRONLY, 0600);
  int err = open((folder / "err").c_str(), O_CREAT | O_WRONLY, 0600);
  dup2(null, 0);
  dup2(out, 1);
  dup2(err, 2);
  std::vector<const char *> arguments = {"toy"};
  for (const std::string &word : words)
    arguments.push_back(word.c_str());
  int status = runProgram(model, int(arguments.size()), arguments.data());
  fflush(stderr);
  _exit(status);
}

Result Child::wait() {
  int status = 0;
  waitpid(process, &status, 0);
  Result result;
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  result.out = readFile(folder / "out");
  result.err = readFile(folder / "err");
  return result;
}

Result run(const nnrt_model &model, const std::vector<std::string> &words) {
  return Child(model, words).wait();
}

std::string errorOf(const std::function<void()> &action) {
  try {
    action();
  } catch (const Error &error) {
    return error.what();
  }
  return {};
}

} // namespace nnrt::test
