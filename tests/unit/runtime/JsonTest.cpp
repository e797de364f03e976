// JSON text.
#include "runtime/support/Json.h"

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
  for (double value : {1e300, 5e-324, 1.0 / 3, -0.0, 123456789.123456789})
    EXPECT_EQ(nlohmann::json::parse(textOf(value)).get<double>(), value);
}

TEST(Json, NotANumberIsNull) {
  EXPECT_EQ(textOf(double(NAN)), "null");
  EXPECT_EQ(textOf(float(INFINITY)), "null");
}

TEST(Json, TextIsEscaped) {
  EXPECT_EQ(textOf("a\"b\\c\nd\x01"), R"("a\"b\\c\nd\u0001")");
  EXPECT_EQ(textOf("é €"), "\"é €\"");
}

TEST(Json, StrayBytesAreReplaced) {
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
