#include "engine/codes/coupon_alphabet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/codes/spelt_alphabet.h"

namespace coupond {
namespace {

constexpr std::u32string_view kSyllableCharacters = kSpeltAlphabet.substr(0, kSyllables);

std::size_t SymbolOf(char32_t character) { return kSpeltAlphabet.find(character); }

bool IsReadable(const CodePoints& characters) { return ReadNumber(characters).has_value(); }

CodePoints With(CodePoints characters, std::size_t place, char32_t character) {
  characters[place] = character;
  return characters;
}

/// A number so small that changing one character never takes it past 2^64, so that the check digit
/// alone decides.
CodePoints SomeCode(std::uint64_t seed) { return WriteNumber(std::mt19937_64(seed)() >> 8); }

TEST(CouponAlphabet, WritesBase150MostSignificantFirst) {
  EXPECT_EQ(WriteNumber(0),
            (CodePoints{U'가', U'가', U'가', U'가', U'가', U'가', U'가', U'가', U'가', U'0'}));
  const auto one = WriteNumber(1);
  EXPECT_EQ(one[8], U'갸');
  EXPECT_EQ(WriteNumber(149)[8], U'9');
  EXPECT_EQ(WriteNumber(150)[7], U'갸');
  EXPECT_EQ(WriteNumber(150)[8], U'가');
  for (std::uint64_t symbol = 0; symbol < kSymbols; ++symbol) {
    EXPECT_EQ(WriteNumber(symbol)[8], kSpeltAlphabet[symbol]);
  }
}

TEST(CouponAlphabet, TheHighestNumberFitsAndTheNextIsRefused) {
  constexpr auto kHighest = std::numeric_limits<std::uint64_t>::max();
  const auto highest = WriteNumber(kHighest);
  EXPECT_EQ(ReadNumber(highest), kHighest);
  EXPECT_LT(SymbolOf(highest[0]), 72U);

  auto next = highest;
  const auto last_symbol = SymbolOf(next[8]);
  ASSERT_LT(last_symbol, kSymbols - 1);
  next[8] = kSpeltAlphabet[last_symbol + 1];
  for (char32_t check = U'0'; check <= U'9'; ++check)
    EXPECT_FALSE(IsReadable(With(next, 9, check)));
  auto beyond = WriteNumber(0);
  beyond[0] = U'히';
  for (char32_t check = U'0'; check <= U'9'; ++check) {
    EXPECT_FALSE(IsReadable(With(beyond, 9, check)));
  }
}

TEST(CouponAlphabet, ReadsBackWhatItWrote) {
  std::mt19937_64 random(std::random_device{}());
  const auto seed = random();
  SCOPED_TRACE("seed " + std::to_string(seed));
  random.seed(seed);
  for (int i = 0; i < 100'000; ++i) {
    const auto number = random() >> (i % 64);
    ASSERT_EQ(ReadNumber(WriteNumber(number)), number);
  }
}

TEST(CouponAlphabet, ExactlyOneCheckDigitIsAccepted) {
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    const auto code = SomeCode(seed);
    int accepted = 0;
    for (char32_t check = U'0'; check <= U'9'; ++check)
      accepted += IsReadable(With(code, 9, check));
    ASSERT_EQ(accepted, 1);
  }
}

TEST(CouponAlphabet, AtMost14Of149ChangesOfACharacterGoUnseen) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto code = SomeCode(seed);
    for (std::size_t place = 1; place < 9; ++place) {
      int unseen = 0;
      for (const char32_t other : kSpeltAlphabet) {
        if (other != code[place]) unseen += IsReadable(With(code, place, other));
      }
      ASSERT_EQ(unseen, 14);
    }
  }
}

TEST(CouponAlphabet, AChangedDigitOrVowelIsAlwaysSeen) {
  const auto code = WriteNumber(123'456'789);
  for (std::size_t place = 1; place < 9; ++place) {
    for (std::size_t a = 0; a < kSymbols; ++a) {
      // Symbols of one block of ten share the consonant, or are digits.
      int accepted = 0;
      for (std::size_t b = a / 10 * 10; b < a / 10 * 10 + 10; ++b) {
        accepted += IsReadable(With(code, place, kSpeltAlphabet[b]));
      }
      ASSERT_EQ(accepted, 1);
    }
  }
}

TEST(CouponAlphabet, AChangedConsonantIsSeenButForFourPairs) {
  const std::vector<std::pair<std::size_t, std::size_t>> unseen_pairs = {
      {5, 10}, {6, 11}, {7, 12}, {8, 13}};  // ㅂㅋ ㅅㅌ ㅇㅍ ㅈㅎ
  for (std::size_t vowel = 0; vowel < 10; ++vowel) {
    for (std::size_t a = 0; a < 14; ++a) {
      const auto code = WriteNumber((a * 10 + vowel) * kSymbols * kSymbols);
      ASSERT_EQ(code[6], kSpeltAlphabet[a * 10 + vowel]);
      for (std::size_t b = a + 1; b < 14; ++b) {
        const bool unseen = IsReadable(With(code, 6, kSpeltAlphabet[b * 10 + vowel]));
        ASSERT_EQ(unseen, std::ranges::count(unseen_pairs, std::pair(a, b)) == 1) << a << ' ' << b;
      }
    }
  }
}

TEST(CouponAlphabet, AtMost14Of149SwapsOfNeighboursGoUnseen) {
  for (std::uint64_t first = 0; first < kSymbols; ++first) {
    int unseen = 0;
    for (std::uint64_t second = 0; second < kSymbols; ++second) {
      if (first == second) continue;
      auto code = WriteNumber((first * kSymbols + second) * kSymbols + 7);
      std::swap(code[6], code[7]);
      unseen += IsReadable(code);
    }
    ASSERT_EQ(unseen, 14);
  }
}

TEST(CouponAlphabet, ADigitSwappedWithTheCheckDigitIsSeen) {
  for (std::uint64_t number = 0; number < 100'000; ++number) {
    auto code = WriteNumber(number);
    if (code[8] == code[9]) continue;
    std::swap(code[8], code[9]);
    ASSERT_FALSE(IsReadable(code));
  }
}

TEST(CouponAlphabet, OtherCharactersAreRefused) {
  const auto code = WriteNumber(0);
  for (char32_t other = 0; other < 0x20000; ++other) {
    if (!kSpeltAlphabet.contains(other)) {
      ASSERT_FALSE(IsReadable(With(code, 4, other))) << static_cast<std::uint32_t>(other);
    }
    if (!kSyllableCharacters.contains(other)) {
      ASSERT_FALSE(IsReadable(With(code, 0, other))) << static_cast<std::uint32_t>(other);
    }
    if (other < U'0' || other > U'9') {
      ASSERT_FALSE(IsReadable(With(code, 9, other))) << static_cast<std::uint32_t>(other);
    }
  }
}

TEST(CouponAlphabet, AnotherLengthIsRefused) {
  const auto code = WriteNumber(42);
  std::vector<char32_t> characters(code.begin(), code.end());
  EXPECT_TRUE(ReadNumber(characters));
  characters.insert(characters.begin(), U'가');
  EXPECT_FALSE(ReadNumber(characters));
  characters.resize(9);
  EXPECT_FALSE(ReadNumber(characters));
  EXPECT_FALSE(ReadNumber({}));
}

}  // namespace
}  // namespace coupond
