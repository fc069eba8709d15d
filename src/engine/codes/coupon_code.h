#ifndef COUPOND_ENGINE_CODES_COUPON_CODE_H_
#define COUPOND_ENGINE_CODES_COUPON_CODE_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/rules/ids.h"

/// A coupon's serial number as the code that people see, and back: ten characters, Hangul syllables
/// and digits.
namespace coupond {

/// How many characters of a code are shown to a reader who must not use it.
inline constexpr std::size_t kShortenedCodeCharacters = 3;

/// Longer texts are no code, whatever is in them. The most that ten characters need is 57 bytes
/// (nine syllables decomposed into two three-byte letters and a full-width digit); the rest is room
/// for spaces and hyphens.
inline constexpr std::size_t kCodeTextMaxBytes = 256;

/// The serial goes through HIGHT (ISO/IEC 18033-3, a 64-bit block cipher) under a key derived from
/// the store's code key, and the result is written in the alphabet of coupon_alphabet.h. A cipher
/// is a permutation, so two serials never have the same code, and without the key one code tells
/// nothing about another. No table of used codes is needed in either direction.
///
/// Immutable and without I/O: any thread may use it at any time.
class CouponCodec {
 public:
  explicit CouponCodec(const CodeKey& code_key);
  CouponCodec(CouponCodec&&) noexcept;
  CouponCodec& operator=(CouponCodec&&) noexcept;
  ~CouponCodec();

  /// Returns the serial's code in UTF-8, composed form (NFC): ten characters, at most 28 bytes.
  [[nodiscard]] std::string Encode(Serial serial) const;
  /// Writes the same after what `out` already holds.
  void EncodeTo(std::string& out, Serial serial) const;

  /// Returns the serial that a code stands for. Forgiving in form: spaces and hyphens (any of
  /// Unicode's), decomposed Hangul and full-width digits are accepted. Any serial may come out, so
  /// the caller must check that it was issued. Returns nullopt for what cannot be a code of this
  /// store, be it too long or not even UTF-8.
  [[nodiscard]] std::optional<Serial> Decode(std::string_view text) const;

  /// Returns a codec that writes only the first kShortenedCodeCharacters of each code. It reads
  /// whole codes, as this one does.
  [[nodiscard]] CouponCodec Shortened() const;

 private:
  struct Ciphers;

  CouponCodec(std::shared_ptr<const Ciphers> ciphers, std::size_t characters);

  std::shared_ptr<const Ciphers> ciphers_;
  std::size_t characters_;  ///< that are written of each code
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_CODES_COUPON_CODE_H_
