// The pictures and the event files of a training's curves.
#include "runtime/loop/Chart.h"
#include "runtime/loop/EventFile.h"
#include "tests/unit/runtime/Programs.h"

#include <cmath>
#include <filesystem>
#include <gtest/gtest.h>
#include <regex>
#include <sys/resource.h>

using namespace nnrt;
using namespace nnrt::test;

namespace {

class CurvesTest : public ProgramTest {};

/// Whether each tag is closed by its own, and text and attributes hold no bare character.
testing::AssertionResult isWellFormed(const std::string &text) {
  std::vector<std::string> open;
  const std::regex tag(R"(^<(/?)([a-z]+)((?: [A-Za-z0-9:-]+="[^"<]*")*)(/?)>)");
  const std::regex entity("^&(amp|lt|gt|quot);");
  for (size_t at = 0; at < text.size();) {
    std::smatch match;
    const std::string rest = text.substr(at, 100000);
    if (text[at] == '<') {
      if (!std::regex_search(rest, match, tag))
        return testing::AssertionFailure() << "no tag: " << rest.substr(0, 80);
      if (match[1].length()) {
        if (open.empty() || open.back() != match[2])
          return testing::AssertionFailure() << "not open: " << match[0];
        open.pop_back();
      } else if (!match[4].length()) {
        open.push_back(match[2]);
      }
      at += size_t(match[0].length());
    } else if (text[at] == '&') {
      if (!std::regex_search(rest, match, entity))
        return testing::AssertionFailure() << "no entity: " << rest.substr(0, 20);
      at += size_t(match[0].length());
    } else {
      ++at;
    }
  }
  if (!open.empty())
    return testing::AssertionFailure() << "still open: " << open.back();
  return testing::AssertionSuccess();
}

/// The coordinates of all curves, one path each.
std::vector<std::string> pathsOf(const std::string &svg) {
  std::vector<std::string> paths;
  const std::regex path("<path class=\"[a-z ]*\" d=\"([^\"]*)\"");
  for (std::sregex_iterator i(svg.begin(), svg.end(), path), end; i != end; ++i)
    paths.push_back((*i)[1]);
  return paths;
}

Panel panelOf(const std::vector<double> &values, Panel::Scale scale = Panel::Scale::Linear,
              Curve::Style style = Curve::Style::Faint) {
  Panel panel;
  panel.scale = scale;
  Curve &curve = panel.curves.emplace_back("loss", style);
  for (size_t i = 0; i < values.size(); ++i)
    curve.add(i + 1, values[i]);
  return panel;
}

size_t count(const std::string &text, const std::string &part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

} // namespace

TEST(Chart, PointsAreInTheirPlaces) {
  // Steps 0 to 4 over 66 to 702 pixels; values 0 to 10 with a margin of 5 % over 260 from 60 on.
  const std::string svg = drawChart("net", std::vector{panelOf({0, 10, 5, 5})}, 0);
  ASSERT_TRUE(isWellFormed(svg));
  EXPECT_EQ(pathsOf(svg),
            std::vector<std::string>{"M225.0 302.2L384.0 65.8L543.0 184.0L702.0 184.0"});
  for (const char *tick : {">0<", ">2<", ">4<", ">10<", ">step<"})
    EXPECT_HAS(svg, tick);
  EXPECT_HAS(svg, "<title>net</title>");
  EXPECT_HAS(svg, "prefers-color-scheme: dark");
}

TEST(Chart, ALossOverDecadesHasLogarithms) {
  const std::string svg =
      drawChart("net", std::vector{panelOf({1000, 10, 0.1}, Panel::Scale::Fitting)}, 1);
  // Equal shares, equal distances: the middle of the panel, at 60 + 130.
  EXPECT_HAS(pathsOf(svg).at(0), "L384.0 184.0L");
  for (const char *tick : {">0.1<", ">1<", ">10<", ">100<", ">1,000<"})
    EXPECT_HAS(svg, tick);
  // Not where a value is 0, nor where they are close to each other.
  for (double least : {0.0, 11.0})
    EXPECT_HAS(drawChart("net", std::vector{panelOf({1000, least, 500}, Panel::Scale::Fitting)}, 1),
               ">600<");
}

TEST(Chart, WhatIsNotFiniteBreaksTheLine) {
  const std::string svg = drawChart("net", std::vector{panelOf({1, 2, NAN, 3, INFINITY, 2, 1})}, 1);
  ASSERT_TRUE(isWellFormed(svg));
  EXPECT_EQ(count(pathsOf(svg).at(0), "M"), 3u);
  EXPECT_EQ(count(svg, "<circle"), 1u) << "the value between two breaks";
  EXPECT_HAS(svg, "loss (2 not finite)");
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

TEST(Chart, OnePointNoneAndExtremes) {
  for (const std::vector<double> &values :
       std::initializer_list<std::vector<double>>{{},
                                                  {3},
                                                  {0, 0},
                                                  {NAN},
                                                  {-5, -5, -5},
                                                  {1e-300, 1e-301},
                                                  {1e308, -1e308, 1e308},
                                                  {1e300},
                                                  {1, 1 + 1e-15}})
    for (Panel::Scale scale : {Panel::Scale::Linear, Panel::Scale::Fitting}) {
      const std::string svg = drawChart("net", std::vector{panelOf(values, scale)}, 1);
      EXPECT_TRUE(isWellFormed(svg)) << svg;
      EXPECT_EQ(svg.find("nan"), std::string::npos) << svg;
      EXPECT_EQ(svg.find("inf"), std::string::npos) << svg;
      EXPECT_LT(svg.size(), 20000u);
    }
  EXPECT_EQ(count(drawChart("net", std::vector{panelOf({3})}, 1), "<circle"), 1u);
  EXPECT_HAS(drawChart("net", std::vector{panelOf({NAN})}, 1), "no values");
}

TEST(Chart, TextIsEscaped) {
  Panel panel;
  panel.curves.emplace_back("a < b & \"c\"\x1b", Curve::Style::Solid).add(1, 1);
  const std::string svg = drawChart("<net>", std::vector{panel}, 0);
  ASSERT_TRUE(isWellFormed(svg));
  EXPECT_HAS(svg, "a &lt; b &amp; &quot;c&quot;?");
  EXPECT_HAS(svg, "<title>&lt;net&gt;</title>");
}

TEST(Chart, LongCurvesThinOut) {
  Curve curve("loss", Curve::Style::Faint);
  for (uint64_t step = 1; step <= 100 * Curve::mostPoints; ++step)
    curve.add(step, double(step));
  EXPECT_LE(curve.points().size(), Curve::mostPoints);
  EXPECT_GT(curve.points().size(), Curve::mostPoints / 4);
  // Evenly, over all of them.
  const double distance = curve.points()[1].step - curve.points()[0].step;
  for (size_t i = 1; i < curve.points().size(); ++i)
    ASSERT_EQ(curve.points()[i].step - curve.points()[i - 1].step, distance);
  EXPECT_EQ(curve.points().front().step, 1);
  EXPECT_GT(curve.points().back().step, 99.0 * Curve::mostPoints);
}

TEST_F(CurvesTest, APictureOfATraining) {
  Result result = train({"--plot", folder / "curves.svg", "--log-every", "10"});
  ASSERT_EQ(result.status, 0) << result.err;
  const std::string svg = readFile(folder / "curves.svg");
  ASSERT_TRUE(isWellFormed(svg));
  // Five steps of 52, two epochs, their two evaluations, the metric's.
  const std::vector<std::string> paths = pathsOf(svg);
  ASSERT_EQ(paths.size(), 4u);
  EXPECT_EQ(count(paths[0], "L"), 4u);
  for (size_t i : {1, 2, 3})
    EXPECT_EQ(count(paths[i], "L"), 1u);
  for (const char *name : {">loss<", ">mean loss of an epoch<", ">test_loss<", ">accuracy<"})
    EXPECT_HAS(svg, name);
  EXPECT_HAS(svg, "<title>toy</title>");
  EXPECT_EQ(folder.files(), (std::vector<std::string>{"curves.svg", "data"}));
}

TEST_F(CurvesTest, ShortTrainingsHaveManyPoints) {
  ASSERT_EQ(train({"--plot", folder / "curves.svg", "--steps", "20"}).status, 0);
  EXPECT_EQ(count(pathsOf(readFile(folder / "curves.svg")).at(0), "L"), 19u);
}

TEST_F(CurvesTest, AResumedTrainingsPictureBeginsWhereItResumed) {
  ASSERT_EQ(train({"--save", folder / "w", "--steps", "30"}).status, 0);
  ASSERT_EQ(train({"--resume", folder / "w", "--plot", folder / "c.svg", "--steps", "40"}).status,
            0);
  const std::string svg = readFile(folder / "c.svg");
  // Step 31 is the first of ten beyond 30.
  EXPECT_EQ(pathsOf(svg).at(0).substr(0, 6), "M129.6");
  EXPECT_HAS(svg, ">30<");
  EXPECT_HAS(svg, ">40<");
  EXPECT_EQ(svg.find(">20<"), std::string::npos);
}

TEST_F(CurvesTest, APictureIsRefusedWhereItCannotBe) {
  Result result = train({"--plot", folder / "no/c.svg"});
  EXPECT_NE(result.status, 0);
  EXPECT_HAS(result.err, "there is no folder");
  result = train({"--plot", folder / "w", "--save", folder / "w"});
  EXPECT_NE(result.status, 0);
  EXPECT_HAS(result.err, "--plot and --save name the same file");
  result = train({"--plot", folder / "w", "--log", folder / "w"});
  EXPECT_HAS(result.err, "--plot and --log name the same file");
  result = train({"--plot", "-"});
  EXPECT_EQ(result.status, 2);
  EXPECT_HAS(result.err, "--plot writes a picture to a file");
  EXPECT_EQ(folder.files(), std::vector<std::string>{"data"});
}

TEST_F(CurvesTest, ATrainingThatFailsLeavesItsPicture) {
  ASSERT_EQ(train({"--save", folder / "w", "--steps", "2"}).status, 0);
  poison(folder / "w", "dense.w");
  Result result = train({"--weights", folder / "w", "--plot", folder / "c.svg"});
  EXPECT_EQ(result.status, 1);
  EXPECT_TRUE(isWellFormed(readFile(folder / "c.svg")));
}

TEST_F(CurvesTest, AFullDiskLosesNoTraining) {
  rlimit before = {};
  getrlimit(RLIMIT_FSIZE, &before);
  for (const char *option : {"--plot", "--tensorboard"}) {
    const std::string output = folder / option;
    // Room for the first bytes of an event file, and for what the test prints.
    rlimit small = {1000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    Result result = train({"--quiet", option, output});
    setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_EQ(result.status, 1);
    EXPECT_HAS(result.err, "warning: " + output);
    EXPECT_HAS(result.err, "cannot be written: File too large; training goes on");
    EXPECT_HAS(result.err, "error: " + output);
    EXPECT_EQ(result.err.find("warning", 10), std::string::npos) << "said once";
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "--plot"));
}

TEST(EventFile, SumsAreThoseOfTheStandard) {
  // RFC 3720, B.4.
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
}

TEST(EventFile, ARecordIsWhatTensorFlowWrites) {
  TempFolder folder;
  std::string path;
  {
    EventFile events(folder / "a/b");
    path = events.path();
    events.scalar("loss", 300, 0.5);
  }
  EXPECT_TRUE(
      std::regex_search(path, std::regex("/a/b/events\\.out\\.tfevents\\.\\d+\\.[^/]+\\.\\d+$")));
  const std::string bytes = readFile(path);
  // A record is 12 bytes, its message and 4 more. The first has a time and the version.
  const std::string version = "\x1a\x0d"
                              "brain.Event:2";
  ASSERT_EQ(bytes.substr(0, 8), le(9 + version.size(), 8));
  EXPECT_EQ(bytes.substr(12 + 9, version.size()), version);
  const std::string second = bytes.substr(12 + 9 + version.size() + 4);
  const std::string content =
      std::string("\x10\xac\x02\x2a\x0d\x0a\x0b\x0a\x04loss\x15") + le(0x3f000000, 4);
  ASSERT_EQ(second.size(), 12 + 9 + content.size() + 4);
  EXPECT_EQ(second.substr(12 + 9, content.size()), content);
  const std::string message = second.substr(12, 9 + content.size());
  auto masked = [](const std::string &text) {
    const uint32_t crc = crc32c(text);
    return le(uint32_t((crc >> 15 | crc << 17) + 0xa282ead8u), 4);
  };
  EXPECT_EQ(second.substr(8, 4), masked(second.substr(0, 8)));
  EXPECT_EQ(second.substr(12 + message.size()), masked(message));
}

TEST(EventFile, TwoOfTheSameSecondAreTwoFiles) {
  TempFolder folder;
  EventFile one(folder.path()), other(folder.path());
  EXPECT_NE(one.path(), other.path());
  EXPECT_EQ(folder.files().size(), 2u);
}

TEST(EventFile, AFullDiskEndsIt) {
  TempFolder folder;
  EventFile events(folder.path());
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, SIG_IGN);
  rlimit small = {100, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  for (uint64_t step = 0; step < 10; ++step)
    events.scalar("loss", step, 1);
  events.flush();
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_TRUE(events.failed());
  EXPECT_HAS(errorOf([&] { events.check(); }), "cannot be written");
  events.scalar("loss", 11, 1); // does nothing
}

TEST_F(CurvesTest, TensorBoardsFolderIsMade) {
  Result result = train({"--tensorboard", folder / "runs/one", "--steps", "3"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "runs/one"), {}), 1);
  writeFile(folder / "file", "");
  result = train({"--tensorboard", folder / "file/one", "--steps", "3"});
  EXPECT_NE(result.status, 0);
  EXPECT_HAS(result.err, "the folder cannot be made");
  // Why it cannot, not that it is not there: that it is to be made.
  if (!std::filesystem::is_directory("/sys"))
    return;
  result = train({"--tensorboard", "/sys/one", "--steps", "3"});
  EXPECT_HAS(result.err, "/sys/one: the folder cannot be made");
  EXPECT_EQ(result.err.find("No such file"), std::string::npos) << result.err;
}
