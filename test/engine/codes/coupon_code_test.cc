#include "engine/codes/coupon_code.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/codes/spelt_alphabet.h"

namespace coupond {
namespace {

#ifdef COUPOND_SANITIZED
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

/// Returns how many serials there are; all that a large store has if COUPOND_TEST_FULL is set.
std::uint64_t ManySerials() {
  if (kSanitized) return 100'000;
  return std::getenv("COUPOND_TEST_FULL") != nullptr ? 10'000'000 : 1'000'000;
}

constexpr std::uint8_t kNoSymbol = 0xFF;

constexpr CodeKey kKey{{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB,
                        0xCC, 0xDD, 0xEE, 0xFF}};

/// Reads UTF-8 of one- and three-byte characters, the only ones in codes.
std::vector<char32_t> Characters(std::string_view text) {
  std::vector<char32_t> characters;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t offset) -> char32_t {
      return static_cast<std::uint8_t>(text.at(i + offset));
    };
    if (byte(0) < 0x80) {
      characters.push_back(byte(0));
      i += 1;
    } else {
      characters.push_back((byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F));
      i += 3;
    }
  }
  return characters;
}

std::string Utf8(char32_t character) {
  const auto tail = [character](int shift) {
    return static_cast<char>(0x80 | (character >> shift & 0x3F));
  };
  if (character < 0x80) return {static_cast<char>(character)};
  if (character < 0x800) return {static_cast<char>(0xC0 | character >> 6), tail(0)};
  return {static_cast<char>(0xE0 | character >> 12), tail(6), tail(0)};
}

bool IsDigit(char32_t character) { return character >= U'0' && character <= U'9'; }
bool IsSyllable(char32_t character) { return character >= 0xAC00 && character <= 0xD7A3; }

/// As macOS stores it: a syllable becomes an initial consonant and a vowel (NFD).
std::string Decomposed(std::string_view code) {
  std::string text;
  for (const char32_t character : Characters(code)) {
    if (IsSyllable(character)) {
      const char32_t pair = (character - 0xAC00) / 28;
      text += Utf8(0x1100 + pair / 21) + Utf8(0x1161 + pair % 21);
    } else {
      text += Utf8(character);
    }
  }
  return text;
}

std::string FullWidth(std::string_view code) {
  std::string text;
  for (const char32_t character : Characters(code)) {
    text += Utf8(IsDigit(character) ? character + 0xFF10 - U'0' : character);
  }
  return text;
}

std::string Joined(std::string_view code, std::string_view separator) {
  std::string text(separator);
  for (const char32_t character : Characters(code))
    text += Utf8(character) + std::string(separator);
  return text;
}

/// Half of the serials are dense from 1 on, as a store issues them; the others are scattered.
Serial ManySerial(std::uint64_t index, std::uint64_t many) {
  if (index < many / 2) return Serial(index + 1);
  return Serial(std::numeric_limits<std::uint64_t>::max() - (index - many / 2) * 1'000'003);
}

TEST(CouponCode, NeverChanges) {
  const CouponCodec codec(kKey);
  EXPECT_EQ(codec.Encode(Serial(0)), "너려4드오료텨뷰거4");
  EXPECT_EQ(codec.Encode(Serial(1)), "그여쥬요됴툐자셔어9");
  EXPECT_EQ(codec.Encode(Serial(2)), "려브됴휴후무뵤가95");
  EXPECT_EQ(codec.Encode(Serial(1'000'000)), "느쿄부셔휴노큐쿄도1");
  EXPECT_EQ(codec.Encode(Serial(std::numeric_limits<std::uint64_t>::max())), "라0아며슈26뮤뎌5");
}

TEST(CouponCode, CodesAreUniqueAndReadBack) {
  const CouponCodec codec(kKey);
  std::vector<std::uint8_t> symbols(0x10000, kNoSymbol);
  for (std::size_t i = 0; i < kSpeltAlphabet.size(); ++i) {
    symbols[kSpeltAlphabet[i]] = static_cast<std::uint8_t>(i);
  }
  // Nine characters as a number in base 150, exact in 64 bits: equal numbers are equal codes.
  std::vector<std::uint64_t> numbers;
  const std::uint64_t many = ManySerials();
  numbers.reserve(many);
  std::string code;
  for (std::uint64_t i = 0; i < many; ++i) {
    const Serial serial = ManySerial(i, many);
    code.clear();
    codec.EncodeTo(code, serial);
    const auto characters = Characters(code);
    ASSERT_EQ(characters.size(), 10U) << code;
    std::uint64_t number = 0;
    for (std::size_t place = 0; place < 9; ++place) {
      const auto symbol = symbols[characters[place]];
      ASSERT_NE(symbol, kNoSymbol) << code;
      ASSERT_FALSE(__builtin_mul_overflow(number, 150, &number)) << code;
      ASSERT_FALSE(__builtin_add_overflow(number, symbol, &number)) << code;
    }
    ASSERT_TRUE(IsSyllable(characters.front())) << code;
    ASSERT_TRUE(IsDigit(characters.back())) << code;
    ASSERT_EQ(codec.Decode(code), serial) << code;
    numbers.push_back(number);
  }
  std::ranges::sort(numbers);
  EXPECT_EQ(std::ranges::adjacent_find(numbers), numbers.end());
}

TEST(CouponCode, CodesOfNeighboursAreUnrelated) {
  const CouponCodec codec(kKey);
  std::array<std::size_t, 9> same{};
  constexpr std::uint64_t kCodes = 20'000;
  for (std::uint64_t i = 1; i <= kCodes; ++i) {
    const auto one = Characters(codec.Encode(Serial(i)));
    const auto next = Characters(codec.Encode(Serial(i + 1)));
    for (std::size_t place = 0; place < same.size(); ++place)
      same[place] += one[place] == next[place];
  }
  // By chance one in 150 (one in 72 in front): 133 and 278 of 20,000.
  EXPECT_LT(same[0], 400U);
  for (std::size_t place = 1; place < same.size(); ++place) EXPECT_LT(same[place], 220U);
}

TEST(CouponCode, AnotherKeyGivesOtherCodes) {
  const CouponCodec codec(kKey);
  CodeKey other_key = kKey;
  other_key.bytes[15] ^= 1;
  const CouponCodec other(other_key);
  for (std::uint64_t i = 1; i <= 1'000; ++i) {
    const auto code = codec.Encode(Serial(i));
    ASSERT_NE(code, other.Encode(Serial(i)));
    ASSERT_NE(other.Decode(code), Serial(i));
  }
}

TEST(CouponCode, OtherFormsReadTheSame) {
  const CouponCodec codec(kKey);
  for (std::uint64_t i = 1; i <= 1'000; ++i) {
    const Serial serial(i);
    const auto code = codec.Encode(serial);
    ASSERT_EQ(codec.Decode(Decomposed(code)), serial) << code;
    ASSERT_EQ(codec.Decode(FullWidth(code)), serial) << code;
    ASSERT_EQ(codec.Decode(" \t\r\n" + code + " \n"), serial) << code;
    ASSERT_EQ(codec.Decode(Joined(FullWidth(code), " - ")), serial) << code;
  }
}

TEST(CouponCode, SpacesAndHyphensAreDropped) {
  const CouponCodec codec(kKey);
  const Serial serial(77);
  const auto code = codec.Encode(serial);
  for (const char32_t separator :
       {U' ', U'\t', U'-', U'\u00A0', U'\u00AD', U'\u2003', U'\u200B', U'\u2010', U'\u2011',
        U'\u2012', U'\u2013', U'\u2014', U'\u2015', U'\u2028', U'\u2212', U'\u3000', U'\uFE63',
        U'\uFEFF', U'\uFF0D'}) {
    ASSERT_EQ(codec.Decode(Joined(code, Utf8(separator))), serial)
        << std::hex << static_cast<std::uint32_t>(separator);
  }
}

TEST(CouponCode, AChangedCharacterIsRefusedOrNotAnIssuedCoupon) {
  constexpr std::uint64_t kIssued = 1'000'000;
  constexpr std::uint64_t kStep = kSanitized ? 20'000 : 1'000;
  const CouponCodec codec(kKey);
  std::uint64_t unseen = 0;
  std::uint64_t changed = 0;
  for (std::uint64_t i = 1; i <= kIssued; i += kStep) {
    const auto characters = Characters(codec.Encode(Serial(i)));
    for (std::size_t place = 0; place < characters.size(); ++place) {
      std::string before;
      std::string after;
      for (std::size_t k = 0; k < place; ++k) before += Utf8(characters[k]);
      for (std::size_t k = place + 1; k < characters.size(); ++k) after += Utf8(characters[k]);
      for (const char32_t other : kSpeltAlphabet) {
        if (other == characters[place]) continue;
        ++changed;
        const auto serial = codec.Decode(before + Utf8(other) + after);
        if (!serial) continue;
        ++unseen;
        const bool issued = serial->value() >= 1 && serial->value() <= kIssued;
        ASSERT_FALSE(issued) << i << ", place " << place;
      }
    }
  }
  EXPECT_GT(unseen, 0U);
  EXPECT_LT(unseen * 10, changed);
}

TEST(CouponCode, OtherTextsAreNoCodes) {
  const CouponCodec codec(kKey);
  const auto code = codec.Encode(Serial(5));
  for (const auto& text : std::vector<std::string>{
           "", " ", "0", "0000000000", "가나다라마바사아자차", "abcdefghij", code + "0",
           "가" + code, code.substr(0, code.size() - 1), code + code, code.substr(1),
           code + std::string(1, '\0'), "각" + code.substr(3), "까" + code.substr(3),
           "애" + code.substr(3), code + "\xCC\x81", std::string(10, '\0'), code + "\n;"}) {
    EXPECT_FALSE(codec.Decode(text)) << text;
  }
}

TEST(CouponCode, InvalidUtf8IsRefused) {
  const CouponCodec codec(kKey);
  const auto code = codec.Encode(Serial(5));
  for (const std::string bad : {"\x80", "\xFF", "\xC0\xA0", "\xE0\x80\xA0", "\xED\xA0\x80",
                                "\xF4\x90\x80\x80", "\xEA\xB0", "\xEA"}) {
    EXPECT_FALSE(codec.Decode(bad + code));
    EXPECT_FALSE(codec.Decode(code + bad));
    EXPECT_FALSE(codec.Decode(bad));
  }
}

TEST(CouponCode, OverlongTextIsRefused) {
  const CouponCodec codec(kKey);
  const auto code = codec.Encode(Serial(5));
  const std::string room(kCodeTextMaxBytes - code.size(), ' ');
  EXPECT_EQ(codec.Decode(room + code), Serial(5));
  EXPECT_FALSE(codec.Decode(room + ' ' + code));
  EXPECT_FALSE(codec.Decode(std::string(1 << 20, ' ')));
  // One character that normalises to eighteen, as often as the length allows.
  std::string growing;
  while (growing.size() + 3 <= kCodeTextMaxBytes) growing += "\uFDFA";
  EXPECT_FALSE(codec.Decode(growing));
}

TEST(CouponCode, RandomBytesAreRefusedOrReadBack) {
  const CouponCodec codec(kKey);
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto code = codec.Encode(Serial(5));
  for (int i = 0; i < 50'000; ++i) {
    std::string text = i % 2 == 0 ? code : std::string(random() % 300, '\0');
    for (char& byte : text) {
      if (i % 2 != 0 || random() % 8 == 0) byte = static_cast<char>(random());
    }
    if (const auto serial = codec.Decode(text)) {
      // Any text that reads as a serial is that serial's code, in some form.
      ASSERT_EQ(codec.Decode(codec.Encode(*serial)), serial);
    }
  }
}

TEST(CouponCode, OneCodecServesManyThreads) {
  const CouponCodec codec(kKey);
  const auto expected = codec.Encode(Serial(1));
  std::array<int, 4> wrong{};
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < wrong.size(); ++t) {
      threads.emplace_back([&codec, &wrong, t] {
        for (std::uint64_t i = 1; i <= 20'000; ++i) {
          const Serial serial(i * wrong.size() + t);
          wrong[t] += codec.Decode(codec.Encode(serial)) != serial;
        }
      });
    }
  }
  EXPECT_EQ(wrong, (std::array<int, 4>{}));
  EXPECT_EQ(codec.Encode(Serial(1)), expected);
}

}  // namespace
}  // namespace coupond
