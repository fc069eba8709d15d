#ifndef COUPOND_RPC_JSON_JSON_TEXT_H_
#define COUPOND_RPC_JSON_JSON_TEXT_H_

#include <string>
#include <string_view>

/// Text as JSON strings.
namespace coupond::connect {

/// Appends the text in quotes, escaping only what JSON demands. False, with nothing appended, if
/// the text is not UTF-8.
[[nodiscard]] bool AppendJsonString(std::string_view text, std::string& out);

/// The same for text that people read and that may hold anything: a byte that makes it invalid
/// becomes '?'.
void AppendJsonStringLossy(std::string_view text, std::string& out);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_JSON_TEXT_H_
