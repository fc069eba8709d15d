#ifndef COUPOND_ENGINE_CODES_COUPON_ALPHABET_H_
#define COUPOND_ENGINE_CODES_COUPON_ALPHABET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

/// How a 64-bit number is written as ten characters: the alphabet and the check digit, without any
/// secret. Pure; any thread.
///
///   character 1      one of the 140 syllables
///   characters 2..9  one of the 140 syllables or of the 10 digits
///   character 10     the check digit, 0..9
///
/// The syllables are those without a final consonant: 14 plain consonants
/// (ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ) by 10 plain vowels (ㅏㅑㅓㅕㅗㅛㅜㅠㅡㅣ). They look and sound
/// apart, and every Korean keyboard has each consonant and vowel on a key of its own. A syllable's
/// symbol is consonant × 10 + vowel (0..139), counted in the order above; digit d is symbol 140 +
/// d.
///
/// Characters 1 to 9 are the number in base 150, most significant first. A syllable in front leaves
/// room for 140 × 150^8 ≈ 3.59 × 10^19 numbers, and 2^64 ≈ 1.84 × 10^19, so each number fits (the
/// first character is in fact one of the first 72 syllables). The first character is always a
/// syllable and the last always a digit.
///
/// The check digit. Each symbol belongs to one of ten check classes: a digit to its own, a syllable
/// to (its consonant's class + its vowel) mod 10. Damm's quasigroup of order 10 (Damm 2004) folds
/// the nine classes into one digit. It sees every change of one class and every swap of two unequal
/// neighbouring classes. So of the mistakes in characters 1 to 9
///   - a digit read as another digit, a syllable with another vowel, or with another consonant
///   other
///     than within ㅂㅋ, ㅅㅌ, ㅇㅍ, ㅈㅎ (chosen for being unlike), is always seen;
///   - one character for any other, and two neighbours swapped, are seen unless both are of one
///     class: 14 of the 149 others go unseen. A digit cannot do better, because 150 symbols in ten
///     classes leave at least 15 in one.
/// A wrong check digit is always seen. Two or more unrelated changes are seen nine times in ten.
namespace coupond {

inline constexpr std::size_t kCodeCharacters = 10;
inline constexpr std::uint64_t kSyllables = 140;
inline constexpr std::uint64_t kSymbols = 150;

using CodePoints = std::array<char32_t, kCodeCharacters>;

[[nodiscard]] CodePoints WriteNumber(std::uint64_t number);

/// Returns nullopt unless these are exactly the characters that WriteNumber gives for some number.
[[nodiscard]] std::optional<std::uint64_t> ReadNumber(std::span<const char32_t> characters);

}  // namespace coupond

#endif  // COUPOND_ENGINE_CODES_COUPON_ALPHABET_H_
