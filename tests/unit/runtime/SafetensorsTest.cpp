// The safetensors format: round trips, and what each kind of damage gets.
#include "runtime/checkpoint/Safetensors.h"
#include "tests/unit/runtime/Support.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace nnrt;
using namespace nnrt::test;

namespace {
class SafetensorsTest : public ::testing::Test {
protected:
  TempFolder folder;
  std::string file = folder / "w.safetensors";

  std::string failureOfBytes(const std::string &content) {
    writeFile(file, content);
    std::string message = errorOf([&] { SafetensorsFile reader(file); });
    EXPECT_TRUE(message.empty() || message.find(file) == 0) << message;
    return message;
  }
  /// What a file with this header and `data` bytes behind it throws.
  std::string failure(const std::string &header, size_t data = 0) {
    return failureOfBytes(le(header.size(), 8) + header + std::string(data, 'x'));
  }
  static std::string tensor(const std::string &name, const std::string &rest) {
    return "\"" + name + "\":{\"dtype\":\"F32\"," + rest + "}";
  }
};
} // namespace

TEST_F(SafetensorsTest, RoundTrip) {
  std::string a = "abcdefgh", b = "xy";
  auto from = [](const std::string &bytes) {
    return [&bytes](uint64_t offset, std::span<std::byte> out) {
      memcpy(out.data(), bytes.data() + offset, out.size());
    };
  };
  writeSafetensors(file,
                   std::vector<TensorView>{{"a.w", "F32", {2, 1}, 8, from(a)},
                                           {"b\"é", "U8", {2}, 2, from(b)},
                                           {"scalar", "I64", {}, 8, from(a)},
                                           {"nothing", "F32", {0, 3}, 0, from(a)}},
                   {{"key", "a \"value\"\n"}});
  std::string text = readFile(file);
  EXPECT_EQ(text.find("abcdefgh") % 8, 0u) << "the data is aligned";
  SafetensorsFile reader(file);
  ASSERT_EQ(reader.tensors().size(), 4u);
  EXPECT_EQ(reader.metadata().at("key"), "a \"value\"\n");
  const StoredTensor *found = reader.find("b\"é");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->typeText(), "U8[2]");
  std::string back(2, '\0');
  reader.read(*found, std::as_writable_bytes(std::span(back)));
  EXPECT_EQ(back, "xy");
  EXPECT_EQ(reader.find("scalar")->shape.size(), 0u);
  EXPECT_EQ(reader.find("c"), nullptr);
}

TEST_F(SafetensorsTest, AcceptsTensorsInAnyOrderAndPadding) {
  EXPECT_EQ(failure("{" + tensor("b", R"("shape":[1],"data_offsets":[4,8])") + "," +
                        tensor("a", R"("data_offsets":[0,4],"shape":[])") + "}   ",
                    8),
            "");
  EXPECT_EQ(failure("{}"), "");
}

TEST_F(SafetensorsTest, FilesOfAnotherKind) {
  auto zip = [](const std::string &member) {
    return "PK\x03\x04" + std::string(22, '\0') + le(member.size(), 2) + le(0, 2) + member + "...";
  };
  const std::pair<std::string, const char *> kinds[] = {
      {"\x93NUMPY\x01", "is a NumPy array (.npy)"},
      {zip("w.npy"), "is an archive of NumPy arrays (.npz)"},
      {zip("archive/data.pkl"), "is a PyTorch file (.pt)"},
      {zip("notes.md"), "is a zip archive"},
      {"\x80\x04\x95", "is a Python pickle"},
      {"\x1f\x8b\x08", "is compressed by gzip (.gz)"},
      {"\x89PNG\r\n", "is an image (.png)"},
      {"\x89HDF\r\n", "is an HDF5 file (.h5)"},
      {be32(0x803) + be32(7), "is an IDX file of examples"},
      {" {\"a\": [1, 2]}", "is JSON text"},
      {"height,weight\n1,2\n", "is text"},
  };
  for (const auto &[content, kind] : kinds)
    EXPECT_HAS(failureOfBytes(content + std::string(kind[0] ? 300 : 0, content.back())),
               std::string(kind) + (std::string_view(kind).ends_with(")") ? "; expected" : ""));
  EXPECT_HAS(errorOf([&] {
               writeFile(file, zip("archive/data.pkl"));
               SafetensorsFile reader(file);
             }),
             "expected weights in a safetensors file");
}

TEST_F(SafetensorsTest, HeaderLength) {
  EXPECT_HAS(failureOfBytes(""), "is empty");
  EXPECT_HAS(failureOfBytes("\1\2\3\4"), "it has only 4 bytes");
  EXPECT_HAS(failureOfBytes(le(3, 8) + "{}"), "announces a header of 3 bytes, but only 2 follow");
  EXPECT_HAS(failureOfBytes(le(1ull << 63, 8) + "{}"), "a header of 9223372036854775808 bytes");
  EXPECT_HAS(failureOfBytes(le(~0ull, 8) + "{}"), "at most 100000000 are allowed");
}

TEST_F(SafetensorsTest, NotJson) {
  EXPECT_HAS(failure(std::string(64, '{')), "at byte 9");
  EXPECT_HAS(failure("{\"a\":"), "not valid JSON");
  EXPECT_HAS(failure(std::string("{\0}", 3)), "not valid JSON");
  EXPECT_HAS(failure("{} {}"), "not valid JSON");
  EXPECT_HAS(failure("{\"\xff\":1}"), "not valid JSON");
}

TEST_F(SafetensorsTest, JsonOfAnotherForm) {
  EXPECT_HAS(failure("[]"), "an array in an unexpected place");
  EXPECT_HAS(failure("3"), "a number in an unexpected place");
  EXPECT_HAS(failure("null"), "null in an unexpected place");
  EXPECT_HAS(failure("{\"a\":\"b\"}"), "a string in an unexpected place");
  EXPECT_HAS(failure("{\"a\":{\"dtype\":{}}}"), "an object in an unexpected place");
  EXPECT_HAS(failure("{\"a\":{\"colour\":1}}"), "unknown property 'colour'");
  EXPECT_HAS(failure("{\"__metadata__\":{\"a\":1}}"), "a number in an unexpected place");
  EXPECT_HAS(failure("{" + tensor("a", R"("shape":[1.5],"data_offsets":[0,4])") + "}", 4),
             "a fraction");
  EXPECT_HAS(failure("{" + tensor("a", R"("shape":[-1],"data_offsets":[0,4])") + "}", 4),
             "a negative number");
  EXPECT_HAS(failure("{" + tensor("a", R"("shape":[[1]],"data_offsets":[0,4])") + "}", 4),
             "an array in an unexpected place, near tensor 'a'");
  // Nesting costs nothing: it is refused at the second bracket.
  EXPECT_HAS(failure("{\"a\":" + std::string(100000, '[')), "an array");
}

TEST_F(SafetensorsTest, TensorsThatAreNotWhole) {
  EXPECT_HAS(failure("{" + tensor("a", R"("shape":[1])") + "}"), "lacks a dtype, a shape or two");
  EXPECT_HAS(failure("{" + tensor("a", R"("data_offsets":[0,4])") + "}"), "lacks");
  EXPECT_HAS(failure("{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}"), "lacks");
  EXPECT_HAS(failure("{" + tensor("a", R"("shape":[1],"data_offsets":[0])") + "}"), "lacks");
  EXPECT_HAS(failure("{" + tensor("a", R"("shape":[1],"data_offsets":[0,4,8])") + "}"), "a number");
  EXPECT_HAS(failure(R"({"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}})"),
             "unknown dtype 'F31'");
}

TEST_F(SafetensorsTest, NamesThatOccurTwice) {
  std::string a = tensor("a", R"("shape":[1],"data_offsets":[0,4])");
  EXPECT_HAS(failure("{" + a + "," + a + "}", 4), "names 'a' twice");
}

TEST_F(SafetensorsTest, OffsetsThatDoNotFitTheShape) {
  EXPECT_HAS(failure("{" + tensor("a", R"("shape":[2],"data_offsets":[0,4])") + "}", 4),
             "tensor 'a' is F32[2], but its data_offsets are [0, 4]");
  EXPECT_HAS(failure("{" + tensor("a", R"("shape":[1],"data_offsets":[4,0])") + "}", 4),
             "data_offsets are [4, 0]");
  EXPECT_HAS(
      failure("{" + tensor("a", R"("shape":[4294967296,4294967296],"data_offsets":[0,0])") + "}"),
      "data_offsets are [0, 0]");
}

TEST_F(SafetensorsTest, GapsOverlapsAndEnds) {
  auto two = [&](const char *second) {
    return "{" + tensor("a", R"("shape":[1],"data_offsets":[0,4])") + "," +
           tensor("b", std::string(R"("shape":[1],"data_offsets":)") + second) + "}";
  };
  EXPECT_EQ(failure(two("[4,8]"), 8), "");
  EXPECT_HAS(failure(two("[2,6]"), 6), "tensor 'b' overlaps the tensor before it");
  EXPECT_HAS(failure(two("[0,4]"), 4), "overlaps");
  EXPECT_HAS(failure(two("[8,12]"), 12), "tensor 'b' leaves a gap after the tensor before it");
  EXPECT_HAS(failure(two("[4,8]"), 7), "is cut short: tensor 'b' should end at byte");
  EXPECT_HAS(failure(two("[4,8]"), 9), "data follows the last tensor");
}
