#ifndef COUPOND_RPC_JSON_SIMILAR_NAME_H_
#define COUPOND_RPC_JSON_SIMILAR_NAME_H_

#include <span>
#include <string>
#include <string_view>

/// Advice on misspelled names of fields and parameters: which known name was probably meant.
namespace coupond::connect {

/// Returns the name without underscores and in lower case. Two names with the same folded form are
/// two spellings of one name: "campaign_ID" and "campaignId".
[[nodiscard]] std::string FoldedName(std::string_view name);

/// Returns the text to append after an unknown name: "; did you mean userId?" or, if no known name
/// is near and there are few of them, "; known are: campaignId, userId". May be empty.
/// base/nearest_name.h defines "near".
[[nodiscard]] std::string NameAdvice(std::string_view name,
                                     std::span<const std::string_view> known);

/// Returns the name as error messages quote it: unchanged if it looks like a name; otherwise in
/// quotes, with control characters escaped. Long names are cut.
[[nodiscard]] std::string QuotedName(std::string_view name);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_SIMILAR_NAME_H_
