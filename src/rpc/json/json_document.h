#ifndef COUPOND_RPC_JSON_JSON_DOCUMENT_H_
#define COUPOND_RPC_JSON_JSON_DOCUMENT_H_

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// JSON text as a flat list of tokens, parsed strictly: RFC 8259 and nothing more, UTF-8 throughout
/// and no lone surrogates, no key twice in one object, and not nested too deeply.
namespace coupond::connect {

/// Returns a description of the first byte that is not UTF-8: "byte 17 (0xB1) is not UTF-8; send
/// UTF-8, not CP949 or another encoding". Bytes are counted from 0. Returns nullopt if the text is
/// well-formed.
[[nodiscard]] std::optional<std::string> NotUtf8Problem(std::string_view text);

/// Returns the same for a JSON text, which may also begin with a byte order mark (forbidden by RFC
/// 8259, section 8.1) or be in UTF-16 or UTF-32, recognisable by its zero bytes.
[[nodiscard]] std::optional<std::string> JsonEncodingProblem(std::string_view json);

/// Arrays and objects within each other, the outermost included.
inline constexpr std::size_t kJsonDepthMax = 32;

enum class JsonKind : std::uint8_t { kNull, kTrue, kFalse, kNumber, kString, kArray, kObject };

/// One value. The children of an array follow it; those of an object follow it too, each behind a
/// kString token for its key.
struct JsonToken {
  JsonKind kind = JsonKind::kNull;
  std::uint32_t end = 0;  ///< the place of the token that follows this value with all its children
  std::string_view text;  ///< the string without escapes, or the number as it was written
};

/// "a string", "an object", …
[[nodiscard]] std::string_view JsonKindName(JsonKind kind);

class JsonDocument {
 public:
  JsonDocument() = default;
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  /// Replaces what the document held. The error says what is wrong and, where it can, at which
  /// byte, counted from 0; the document is then not to be used.
  [[nodiscard]] std::expected<void, std::string> Parse(std::string_view json);

  /// The outermost value is token 0.
  [[nodiscard]] const JsonToken& At(std::uint32_t place) const { return tokens_[place]; }

 private:
  class Builder;

  std::vector<JsonToken> tokens_;
  std::string text_;  ///< what the tokens' texts point into; never grows while they do
};

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_JSON_DOCUMENT_H_
