// Broken text, at random but always the same: never a crash, always a diagnosis or a tree; and
// whatever parses survives formatting.
#include "Corpus.h"
#include "Parsing.h"

#include <random>

using namespace nnc;
using namespace nnc::test;

static std::string mutate(std::string text, std::mt19937 &random) {
  auto below = [&](size_t n) { return n ? random() % n : 0; };
  static const char *const pieces[] = {
      "(",      ")",     "{",        "}",      "[",      "]",        "|>",         ";",    ",",
      ":",      "=",     "..",       "...",    "-",      "^",        "// c\n",     "\n",   "\n\n",
      "\"",     "if ",   "else ",    "for ",   "let ",   "param ",   "fn ",        "and ", "not ",
      "train ", "scan ", " over ",   "yield ", "state ", "as ",      "repeat(2) ", "0",    "1e",
      "x ",     " in ",  "gradient", "new",    ".",      "\xC3\xBC", "\xFF",       "$",    "_"};
  for (size_t edits = 1 + below(4); edits > 0; --edits) {
    size_t at = below(text.size() + 1);
    switch (below(4)) {
    case 0:
      text.erase(at, 1 + below(8));
      break;
    case 1:
      text.insert(at, pieces[below(std::size(pieces))]);
      break;
    case 2:
      text.insert(at, text.substr(below(text.size()), below(40)));
      break;
    case 3:
      if (at < text.size())
        text[at] = static_cast<char>(below(256));
      break;
    }
  }
  return text;
}

TEST(Mutation, NeverCrashes) {
  std::mt19937 random(1);
  unsigned parsedCount = 0;
  for (unsigned i = 0; i < 4000; ++i) {
    std::string text = mutate(corpus[i % std::size(corpus)], random);
    Parsed parsed(text);
    parsed.dumped();
    for (const auto &diagnostic : parsed.diagnostics.all()) {
      ASSERT_TRUE(diagnostic->range.isValid()) << text;
      ASSERT_LE(diagnostic->range.begin, diagnostic->range.end) << text;
      ASSERT_LE(diagnostic->range.end, text.size()) << text;
      ASSERT_FALSE(diagnostic->message.empty()) << text;
      for (const Note &note : diagnostic->notes)
        ASSERT_TRUE(note.range.isValid() && note.range.end <= text.size())
            << diagnostic->message << "\n"
            << text;
    }
    parsed.rendered();
    if (!parsed.ok())
      continue;
    ++parsedCount;
    std::string once = parsed.printed();
    Parsed again(once);
    ASSERT_TRUE(again.ok()) << text << "\n-----\n" << once << again.rendered();
    ASSERT_EQ(again.dumped(), parsed.dumped()) << text << "\n-----\n" << once;
    ASSERT_EQ(again.file->comments.size(), parsed.file->comments.size()) << text << "\n-----\n"
                                                                         << once;
    ASSERT_EQ(again.printed(), once) << text;
  }
  // Otherwise the second half tested nothing.
  EXPECT_GT(parsedCount, 200u);
}
