#ifndef COUPOND_RPC_JSON_JSON_TEXT_H_
#define COUPOND_RPC_JSON_JSON_TEXT_H_

#include <expected>
#include <string>
#include <string_view>

/// Text as JSON strings.
namespace coupond::connect {

/// Appends the text in quotes, escaping only what JSON demands. The error, after which nothing was
/// appended, is the end of a sentence: the text is not UTF-8.
[[nodiscard]] std::expected<void, std::string_view> AppendJsonString(std::string_view text,
                                                                     std::string& out);

/// Appends text that people read and that may hold anything: bytes that are not UTF-8 become '?'.
void AppendJsonStringLossy(std::string_view text, std::string& out);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_JSON_TEXT_H_
