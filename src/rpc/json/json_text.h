#ifndef COUPOND_RPC_JSON_JSON_TEXT_H_
#define COUPOND_RPC_JSON_JSON_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

/// Text inside JSON: checking that it is UTF-8, and writing it as a JSON string.
namespace coupond::connect {

/// True for well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool IsValidUtf8(std::string_view text);

/// Returns how many bytes of the text come before the first that is not UTF-8; all, if all are.
[[nodiscard]] std::size_t ValidUtf8Length(std::string_view text);

/// Appends the text in quotes, escaping only what JSON demands. False, with nothing appended, if
/// the text is not UTF-8.
[[nodiscard]] bool AppendJsonString(std::string_view text, std::string& out);

/// The same for text that people read and that may hold anything: a byte that makes it invalid
/// becomes '?'.
void AppendJsonStringLossy(std::string_view text, std::string& out);

/// At most `bytes_max` bytes of the text, cut between characters, with "…" where it was cut. For
/// messages that quote what a client sent.
[[nodiscard]] std::string Clip(std::string_view text, std::string::size_type bytes_max);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_JSON_TEXT_H_
