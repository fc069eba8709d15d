#include "engine/codes/coupon_alphabet.h"

#include <limits>

namespace coupond {
namespace {

constexpr std::uint64_t kConsonants = 14;
constexpr std::uint64_t kVowels = 10;
constexpr std::size_t kNumberCharacters = kCodeCharacters - 1;
static_assert(kConsonants * kVowels == kSyllables && kSyllables + 10 == kSymbols);

constexpr bool EveryNumberFits() {
  std::uint64_t highest = std::numeric_limits<std::uint64_t>::max();
  for (std::size_t i = 1; i < kNumberCharacters; ++i) highest /= kSymbols;
  return highest < kSyllables;
}
static_assert(EveryNumberFits());

// Unicode builds a syllable as 0xAC00 + (consonant × 21 + vowel) × 28 + final, with its own numbers
// for all 19 initial consonants and 21 vowels. These are Unicode's numbers of ours.
constexpr char32_t kFirstSyllable = 0xAC00;
constexpr char32_t kUnicodeConsonants = 19;
constexpr char32_t kUnicodeVowels = 21;
constexpr char32_t kUnicodeFinals = 28;
constexpr std::array<std::uint8_t, kConsonants> kConsonantInUnicode = {0,  2,  3,  5,  6,  7,  9,
                                                                       11, 12, 14, 15, 16, 17, 18};
constexpr std::array<std::uint8_t, kVowels> kVowelInUnicode = {0, 2, 4, 6, 8, 12, 13, 17, 18, 20};

// Four consonants must share a class with another; ㅋㅌㅍㅎ share those of ㅂㅅㅇㅈ.
constexpr std::array<std::uint8_t, kConsonants> kConsonantClass = {0, 1, 2, 3, 4, 5, 6,
                                                                   7, 8, 9, 5, 6, 7, 8};

constexpr std::array<std::array<std::uint8_t, 10>, 10> kQuasigroup = {{
    {0, 3, 1, 7, 5, 9, 8, 6, 4, 2},
    {7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
    {4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
    {1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
    {6, 1, 2, 3, 0, 4, 5, 9, 7, 8},
    {3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
    {5, 8, 6, 9, 7, 2, 0, 1, 3, 4},
    {8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
    {9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
    {2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
}};

// What the check digit sees follows from these two properties of the table: rows and columns are
// permutations (every change is seen) and it is totally anti-symmetric (every swap is seen).
constexpr bool SeesEveryChangeAndSwap() {
  for (std::size_t a = 0; a < 10; ++a) {
    unsigned row = 0;
    unsigned column = 0;
    for (std::size_t b = 0; b < 10; ++b) {
      row |= 1U << kQuasigroup[a][b];
      column |= 1U << kQuasigroup[b][a];
      for (std::size_t before = 0; before < 10 && a != b; ++before) {
        if (kQuasigroup[kQuasigroup[before][a]][b] == kQuasigroup[kQuasigroup[before][b]][a]) {
          return false;
        }
      }
    }
    if (row != 0x3FF || column != 0x3FF) return false;
  }
  return true;
}
static_assert(SeesEveryChangeAndSwap());

constexpr std::size_t CheckClass(std::uint64_t symbol) {
  if (symbol >= kSyllables) return symbol - kSyllables;
  return (kConsonantClass[symbol / kVowels] + symbol % kVowels) % 10;
}

constexpr char32_t CharacterOf(std::uint64_t symbol) {
  if (symbol >= kSyllables) return U'0' + static_cast<char32_t>(symbol - kSyllables);
  const char32_t consonant = kConsonantInUnicode[symbol / kVowels];
  const char32_t vowel = kVowelInUnicode[symbol % kVowels];
  return kFirstSyllable + (consonant * kUnicodeVowels + vowel) * kUnicodeFinals;
}

constexpr std::optional<std::uint64_t> DigitOf(char32_t character) {
  if (character < U'0' || character > U'9') return std::nullopt;
  return character - U'0';
}

constexpr std::uint8_t kNoSyllable = 255;
static_assert(kSyllables <= kNoSyllable);

/// The symbol of each pair of a consonant and a vowel in Unicode's numbering: reading a code is
/// mostly looking up its syllables.
constexpr auto kSyllableOfPair = [] {
  std::array<std::uint8_t, kUnicodeConsonants * kUnicodeVowels> table{};
  table.fill(kNoSyllable);
  for (std::uint64_t syllable = 0; syllable < kSyllables; ++syllable) {
    const std::size_t consonant = kConsonantInUnicode[syllable / kVowels];
    table[consonant * kUnicodeVowels + kVowelInUnicode[syllable % kVowels]] =
        static_cast<std::uint8_t>(syllable);
  }
  return table;
}();

constexpr std::optional<std::uint64_t> SyllableOf(char32_t character) {
  constexpr char32_t kUnicodeSyllables = kUnicodeConsonants * kUnicodeVowels * kUnicodeFinals;
  const char32_t offset = character - kFirstSyllable;  // wraps around below the first syllable
  if (offset >= kUnicodeSyllables || offset % kUnicodeFinals != 0) return std::nullopt;
  const std::uint8_t syllable = kSyllableOfPair[offset / kUnicodeFinals];
  if (syllable == kNoSyllable) return std::nullopt;
  return syllable;
}

}  // namespace

CodePoints WriteNumber(std::uint64_t number) {
  std::array<std::uint64_t, kNumberCharacters> symbols;
  for (std::size_t i = kNumberCharacters; i-- > 1;) {
    symbols[i] = number % kSymbols;
    number /= kSymbols;
  }
  symbols[0] = number;

  CodePoints characters;
  std::size_t check = 0;
  for (std::size_t i = 0; i < kNumberCharacters; ++i) {
    characters[i] = CharacterOf(symbols[i]);
    check = kQuasigroup[check][CheckClass(symbols[i])];
  }
  characters.back() = U'0' + static_cast<char32_t>(check);
  return characters;
}

std::optional<std::uint64_t> ReadNumber(std::span<const char32_t> characters) {
  if (characters.size() != kCodeCharacters) return std::nullopt;
  std::uint64_t number = 0;
  std::size_t check = 0;
  for (std::size_t i = 0; i < kNumberCharacters; ++i) {
    auto symbol = SyllableOf(characters[i]);
    if (!symbol && i > 0) {
      symbol = DigitOf(characters[i]);
      if (symbol) *symbol += kSyllables;
    }
    if (!symbol) return std::nullopt;
    if (number > (std::numeric_limits<std::uint64_t>::max() - *symbol) / kSymbols) {
      return std::nullopt;
    }
    number = number * kSymbols + *symbol;
    check = kQuasigroup[check][CheckClass(*symbol)];
  }
  if (DigitOf(characters.back()) != check) return std::nullopt;
  return number;
}

}  // namespace coupond
