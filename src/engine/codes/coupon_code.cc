#include "engine/codes/coupon_code.h"

#include <crypto++/hight.h>
#include <utf8proc.h>

#include <array>
#include <cstdint>
#include <utility>

#include "engine/codes/claim_digest.h"
#include "engine/codes/coupon_alphabet.h"

namespace coupond {
namespace {

using Block = std::array<std::uint8_t, CryptoPP::HIGHT::BLOCKSIZE>;
static_assert(sizeof(Block) == sizeof(std::uint64_t));

template <typename Cipher>
std::uint64_t Transform(const Cipher& shared, std::uint64_t number) {
  // Crypto++'s HIGHT keeps its working state in the object, also in const functions. A copy on the
  // stack (20 ns of about 200) makes one codec serve all threads.
  const Cipher cipher(shared);  // NOLINT(performance-unnecessary-copy-initialization)
  Block block;
  for (std::size_t i = 0; i < block.size(); ++i) {
    block[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  }
  cipher.ProcessBlock(block.data());
  number = 0;
  for (const std::uint8_t byte : block) number = number << 8 | byte;
  return number;
}

constexpr std::size_t kCodeMaxBytes = 3 * (kCodeCharacters - 1) + 1;

/// Writes one character of the alphabet in UTF-8: a digit takes one byte, a syllable three. Returns
/// the end of it.
char* PutUtf8(char* out, char32_t character) {
  if (character < 0x80) {
    *out++ = static_cast<char>(character);
    return out;
  }
  *out++ = static_cast<char>(0xE0 | character >> 12);
  *out++ = static_cast<char>(0x80 | (character >> 6 & 0x3F));
  *out++ = static_cast<char>(0x80 | (character & 0x3F));
  return out;
}

/// Returns the characters of a text in the form that Encode writes, as they are: ten characters of
/// one or three bytes. ReadNumber checks that they are of the alphabet; if so, normalising them
/// would change nothing, and take five times as long.
std::optional<CodePoints> PlainCharacters(std::string_view text) {
  if (text.size() > kCodeMaxBytes) return std::nullopt;
  CodePoints characters;
  std::size_t at = 0;
  for (char32_t& character : characters) {
    if (at >= text.size()) return std::nullopt;
    const auto byte = [&](std::size_t offset) {
      return static_cast<char32_t>(static_cast<unsigned char>(text[at + offset]));
    };
    character = byte(0);
    if (character < 0x80) {
      at += 1;
      continue;
    }
    if ((character & 0xF0) != 0xE0 || at + 2 >= text.size() || (byte(1) & 0xC0) != 0x80 ||
        (byte(2) & 0xC0) != 0x80) {
      return std::nullopt;
    }
    character = (character & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    at += 3;
  }
  if (at != text.size()) return std::nullopt;
  return characters;
}

/// Reports whether a character only separates others, without a meaning of its own.
bool IsSeparator(utf8proc_int32_t character) {
  switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_PD:
      return true;
    default:
      break;
  }
  switch (character) {
    case '\t':
    case '\n':
    case '\v':
    case '\f':
    case '\r':
    case 0x0085:  // next line
    case 0x00AD:  // soft hyphen
    case 0x200B:  // zero width space
    case 0x2060:  // word joiner
    case 0x2212:  // minus sign
    case 0xFEFF:  // byte order mark
      return true;
    default:
      return false;
  }
}

/// Returns the characters of `text` in composed compatibility form (NFKC) without separators, if
/// they are exactly as many as a code has.
std::optional<CodePoints> NormalizedCharacters(std::string_view text) {
  if (text.size() > kCodeTextMaxBytes) return std::nullopt;
  constexpr auto kOptions =
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
  // Some characters decompose into up to 18. A code never comes near that, so a text that would
  // not fit here is refused like any other.
  std::array<utf8proc_int32_t, kCodeTextMaxBytes> buffer;
  auto size = utf8proc_decompose(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), buffer.data(),
                                 static_cast<utf8proc_ssize_t>(buffer.size()), kOptions);
  if (size < 0 || size > static_cast<utf8proc_ssize_t>(buffer.size())) return std::nullopt;
  size = utf8proc_normalize_utf32(buffer.data(), size, kOptions);

  CodePoints characters;
  std::size_t count = 0;
  for (utf8proc_ssize_t i = 0; i < size; ++i) {
    const auto character = buffer[static_cast<std::size_t>(i)];
    if (IsSeparator(character)) continue;
    if (count == characters.size()) return std::nullopt;
    characters[count++] = static_cast<char32_t>(character);
  }
  if (count != characters.size()) return std::nullopt;
  return characters;
}

}  // namespace

struct CouponCodec::Ciphers {
  explicit Ciphers(const DerivedKey& key)
      : encryption(key.data(), key.size()), decryption(key.data(), key.size()) {}

  CryptoPP::HIGHT::Encryption encryption;
  CryptoPP::HIGHT::Decryption decryption;
};

CouponCodec::CouponCodec(const CodeKey& code_key)
    : CouponCodec(std::make_shared<const Ciphers>(DeriveKey(code_key, "coupond coupon code 1")),
                  kCodeCharacters) {}
CouponCodec::CouponCodec(std::shared_ptr<const Ciphers> ciphers, std::size_t characters)
    : ciphers_(std::move(ciphers)), characters_(characters) {}
CouponCodec::CouponCodec(CouponCodec&&) noexcept = default;
CouponCodec& CouponCodec::operator=(CouponCodec&&) noexcept = default;
CouponCodec::~CouponCodec() = default;

CouponCodec CouponCodec::Shortened() const { return {ciphers_, kShortenedCodeCharacters}; }

std::string CouponCodec::Encode(Serial serial) const {
  std::string code;
  EncodeTo(code, serial);
  return code;
}

void CouponCodec::EncodeTo(std::string& out, Serial serial) const {
  std::array<char, kCodeMaxBytes> bytes;
  char* end = bytes.data();
  const CodePoints code = WriteNumber(Transform(ciphers_->encryption, serial.value()));
  for (std::size_t i = 0; i < characters_; ++i) end = PutUtf8(end, code[i]);
  out.append(bytes.data(), end);
}

std::optional<Serial> CouponCodec::Decode(std::string_view text) const {
  if (const auto plain = PlainCharacters(text)) {
    if (const auto number = ReadNumber(*plain)) {
      return Serial(Transform(ciphers_->decryption, *number));
    }
  }
  const auto characters = NormalizedCharacters(text);
  if (!characters) return std::nullopt;
  const auto number = ReadNumber(*characters);
  if (!number) return std::nullopt;
  return Serial(Transform(ciphers_->decryption, *number));
}

}  // namespace coupond
