#ifndef COUPOND_RPC_JSON_JSON_DOCUMENT_H_
#define COUPOND_RPC_JSON_JSON_DOCUMENT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// JSON text as a flat list of tokens, parsed strictly: RFC 8259 without extensions, valid UTF-8
/// without lone surrogates, no duplicate keys in an object, limited nesting.
namespace coupond::connect {

/// Returns a description of the first byte that is not UTF-8: "byte 17 (0xB1) is not UTF-8; send
/// UTF-8, not CP949 or another encoding". Bytes are counted from 0. Returns nullopt if the text is
/// well-formed.
[[nodiscard]] std::optional<std::string> NotUtf8Problem(std::string_view text);

/// Returns a description of what is wrong with the encoding of a JSON text, or nullopt: besides
/// bytes that are not UTF-8, a byte order mark (forbidden by RFC 8259, section 8.1), and UTF-16 or
/// UTF-32, recognizable by their zero bytes.
[[nodiscard]] std::optional<std::string> JsonEncodingProblem(std::string_view json);

/// The maximum nesting of arrays and objects, the outermost included.
inline constexpr std::size_t kJsonDepthMax = 32;

enum class JsonKind : std::uint8_t { kNull, kTrue, kFalse, kNumber, kString, kArray, kObject };

/// One value. The elements of an array follow it. So do the members of an object, each after a
/// kString token for its key.
struct JsonToken {
  JsonKind kind = JsonKind::kNull;
  std::uint32_t end = 0;  ///< the index of the token after this value and all its children
  std::string_view text;  ///< the string without escapes, or the number as written
};

/// Returns "a string", "an object", …
[[nodiscard]] std::string_view JsonKindName(JsonKind kind);

class JsonDocument {
 public:
  JsonDocument() = default;
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  /// Replaces the contents of the document, whose texts are views into the JSON, which must outlive
  /// their use. The error says what is wrong and, if possible, at which byte, counted from 0. After
  /// an error the document must not be used until it is parsed again.
  [[nodiscard]] std::expected<void, std::string> Parse(std::string_view json);

  /// Returns a token by its index. The outermost value is token 0.
  [[nodiscard]] const JsonToken& At(std::uint32_t place) const { return tokens_[place]; }

 private:
  class Builder;

  /// Memory for the tokens of a usual request, and for its texts that have escapes: it is parsed
  /// without allocating.
  std::array<std::byte, 2048> space_;
  std::pmr::monotonic_buffer_resource memory_{space_.data(), space_.size()};
  std::pmr::vector<JsonToken> tokens_{&memory_};
  /// The texts without their escapes. Tokens point into it, so it must not be reallocated.
  std::pmr::string text_{&memory_};
};

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_JSON_DOCUMENT_H_
