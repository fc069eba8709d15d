#ifndef COUPOND_API_CONNECT_SIMILAR_NAME_H_
#define COUPOND_API_CONNECT_SIMILAR_NAME_H_

#include <span>
#include <string>
#include <string_view>

/// Names of fields and parameters that a client got wrong, and which known name was meant.
namespace coupond::connect {

/// The name without underscores and in lower case. Two names with one folded form can only be one
/// name, spelled twice: "campaign_ID" and "campaignId".
[[nodiscard]] std::string FoldedName(std::string_view name);

/// What to say behind an unknown name: "; did you mean userId?" or, if none is near and there are
/// few, "; known are: campaignId, userId". May be empty. Near is what base/nearest_name.h says.
[[nodiscard]] std::string NameAdvice(std::string_view name,
                                     std::span<const std::string_view> known);

/// The name as error messages quote it: as it is if it looks like a name; otherwise in quotes, with
/// control characters escaped. Long names are cut.
[[nodiscard]] std::string QuotedName(std::string_view name);

}  // namespace coupond::connect

#endif  // COUPOND_API_CONNECT_SIMILAR_NAME_H_
