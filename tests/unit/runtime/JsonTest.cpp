// JSON text.
#include "runtime/support/Json.h"
#include "runtime/support/JsonValue.h"

#include <bit>
#include <cmath>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace nnrt;

static std::string textOf(auto value) {
  std::string text;
  JsonWriter(text).value(value);
  return text;
}

TEST(Json, NumbersReadBackExactly) {
  EXPECT_EQ(textOf(0.1), "0.1");
  EXPECT_EQ(textOf(0.1f), "0.1");
  EXPECT_EQ(textOf(uint64_t(UINT64_MAX)), "18446744073709551615");
  EXPECT_EQ(textOf(int64_t(INT64_MIN)), "-9223372036854775808");
  for (double value : {1e300, 5e-324, 1.0 / 3, -0.0, 0.0, -3.0, 123456789.123456789}) {
    std::optional<JsonValue> read = JsonValue::parse(textOf(value));
    ASSERT_TRUE(read);
    EXPECT_EQ(std::bit_cast<uint64_t>(read->as<double>()), std::bit_cast<uint64_t>(value)) << value;
  }
}

TEST(Json, NotANumberIsNull) {
  EXPECT_EQ(textOf(double(NAN)), "null");
  EXPECT_EQ(textOf(float(INFINITY)), "null");
}

TEST(Json, TextIsEscaped) {
  EXPECT_EQ(textOf("a\"b\\c\nd\x01"), R"("a\"b\\c\nd\u0001")");
  EXPECT_EQ(textOf("é €"), "\"é €\"");
  EXPECT_EQ(textOf("\x7f\xf0\x9f\x8c\x8d\""), "\"\x7f\xf0\x9f\x8c\x8d\\\"\"");
  EXPECT_EQ(textOf(""), "\"\"");
}

TEST(Json, StrayBytesAreReplaced) {
  EXPECT_EQ(textOf("a\xff"
                   "b\xc3"),
            "\"a\xef\xbf\xbd"
            "b\xef\xbf\xbd\"");
  for (const char *text : {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80"})
    EXPECT_NE(textOf(text).find("\xef\xbf\xbd"), std::string::npos);
  EXPECT_NO_THROW((void)nlohmann::json::parse(textOf("a\xff\xc3(b\xe2\x82")));
}

TEST(Json, ObjectsAndArrays) {
  std::string text;
  JsonWriter json(text);
  json.beginObject().field("a", 1.5).key("b").beginArray().value(true).null();
  json.beginArray().endArray().value("x").endArray().key("c").beginObject().endObject().endObject();
  EXPECT_EQ(text, R"({"a": 1.5, "b": [true, null, [], "x"], "c": {}})");
}

TEST(Json, ValuesAreReadAsWhatTheyAre) {
  std::optional<JsonValue> value = JsonValue::parse(
      R"({"a": [1, 18446744073709551615], "b": {"c": "\u00e9\n"}, "d": -2, "e": 0.1, "f": true,
          "g": null, "a2": [["x"], []], "h": 1, "h": 2})");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->find("a")->as<std::vector<uint64_t>>(), (std::vector<uint64_t>{1, UINT64_MAX}));
  EXPECT_EQ(value->find("b")->find("c")->as<std::string>(), "é\n");
  EXPECT_EQ(value->find("d")->as<double>(), -2);
  EXPECT_EQ(value->find("e")->as<double>(), 0.1);
  EXPECT_TRUE(value->find("f")->as<bool>());
  EXPECT_TRUE(value->find("g")->isNull());
  EXPECT_EQ(value->find("a2")->as<std::vector<std::vector<std::string>>>(),
            (std::vector<std::vector<std::string>>{{"x"}, {}}));
  EXPECT_EQ(value->find("h")->as<uint32_t>(), 2u);
  EXPECT_EQ(value->find("z"), nullptr);
}

TEST(Json, ValuesOfAnotherKindAreRefused) {
  std::optional<JsonValue> value = JsonValue::parse(R"({"n": 4294967296, "m": -1, "t": "x"})");
  ASSERT_TRUE(value);
  EXPECT_THROW(value->find("n")->as<uint32_t>(), JsonError);
  EXPECT_THROW(value->find("m")->as<uint64_t>(), JsonError);
  EXPECT_THROW(value->find("t")->as<double>(), JsonError);
  EXPECT_THROW(value->find("t")->as<bool>(), JsonError);
  EXPECT_THROW(value->find("t")->find("x"), JsonError);
  EXPECT_THROW((void)value->find("t")->elements(), JsonError);
  EXPECT_THROW(value->as<std::string>(), JsonError);
}

TEST(Json, WhatIsNotJsonHasNoValue) {
  for (const char *text : {"", "{", "[1,]", "{} {}", "nul", "\"\xff\"", "[1e999]"})
    EXPECT_FALSE(JsonValue::parse(text)) << text;
  auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(JsonValue::parse(nested(64)));
  EXPECT_FALSE(JsonValue::parse(nested(65)));
  EXPECT_FALSE(JsonValue::parse(std::string(1000000, '[')));
}
