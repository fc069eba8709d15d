#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_COMMANDS_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_COMMANDS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/campaign_terms.h"
#include "couponctl/commands/outcome.h"
#include "engine/rules/command.h"
#include "engine/rules/timestamp.h"

/// The commands that are one call, or a list of pages. Each prints its result to `out`, and what
/// went wrong and what to do next to `err`. With `json`, it prints one JSON document to `out`,
/// which is {"code","message"} for errors; `coupons` and `search` print one document per line.
namespace coupond::ctl {

/// How a command is asked for, beside what it does.
struct RequestOptions {
  std::string id = {};         ///< may be empty
  bool validate_only = false;  ///< only checks the command
};

// Campaigns.

struct NewCampaign {
  std::string name;
  std::int32_t total = 0;
  StartTime start;
  std::optional<Timestamp> end = {};
  std::string description = {};
  CouponTerms terms = {};
};
/// Also reports on `err` if this machine's clock and the server's differ.
[[nodiscard]] ExitCode CreateCampaign(const CommandContext& context, const NewCampaign& campaign,
                                      const RequestOptions& options = {});
/// `request_id` and `user_id` may be empty.
[[nodiscard]] ExitCode IssueCoupon(const CommandContext& context, const std::string& campaign_id,
                                   const std::string& request_id, const std::string& user_id);
[[nodiscard]] ExitCode GetCampaign(const CommandContext& context, const std::string& campaign_id);
[[nodiscard]] ExitCode GetCampaignStatus(const CommandContext& context,
                                         const std::string& campaign_id);
[[nodiscard]] ExitCode ListCampaigns(const CommandContext& context, bool show_archived,
                                     std::optional<std::uint64_t> limit);
[[nodiscard]] ExitCode ListCoupons(const CommandContext& context, const std::string& campaign_id,
                                   std::optional<std::uint64_t> limit);
/// At least one of the two must not be empty.
[[nodiscard]] ExitCode DeleteCampaign(const CommandContext& context, const std::string& campaign_id,
                                      const std::string& name);

// Changes of a campaign. Each prints the campaign as it is afterwards; with `json`, the server's
// answer. Repeating one is safe: if nothing had to change, that is a success too.

/// What `update` changes.
struct CampaignChanges {
  std::optional<std::string> name = {};
  std::optional<std::int32_t> total = {};
  std::optional<Timestamp> start = {};
  std::optional<Timestamp> end = {};            ///< kNever: removes it
  std::optional<std::string> description = {};  ///< empty: removes it
  CouponTerms terms = {};
  std::optional<std::uint64_t> if_revision = {};  ///< what the campaign must have

  /// Reports whether any term changes.
  [[nodiscard]] bool any() const {
    return name || total || start || end || description || terms != CouponTerms{};
  }
};

[[nodiscard]] ExitCode UpdateCampaign(const CommandContext& context, const std::string& campaign_id,
                                      const CampaignChanges& changes,
                                      const RequestOptions& options = {});
/// `reason` may be empty.
[[nodiscard]] ExitCode PauseCampaign(const CommandContext& context, const std::string& campaign_id,
                                     coupon::v1::PauseScope scope, const std::string& reason);
[[nodiscard]] ExitCode ResumeCampaign(const CommandContext& context, const std::string& campaign_id,
                                      coupon::v1::PauseScope scope, const std::string& reason);
[[nodiscard]] ExitCode ArchiveCampaign(const CommandContext& context,
                                       const std::string& campaign_id);
[[nodiscard]] ExitCode UnarchiveCampaign(const CommandContext& context,
                                         const std::string& campaign_id);

// Several coupons.

/// The coupons that are asked for: either `count` of them, or one for each of `user_ids`.
struct BatchPlan {
  std::string campaign_id = {};
  std::int32_t count = 0;
  std::string users_file = {};  ///< from which user_ids are read; "-" is standard input
  std::vector<std::string> user_ids = {};
  bool allow_partial = false;
  std::string request_id = {};  ///< empty: one is drawn
};

/// Issues the coupons. Prints the request's id to `err` before anything is sent, so that it can be
/// sent again if no answer arrives; then the codes, each on a line, or a table of the users. With
/// `json`, the server's answer. Returns kRefused also if any user got none.
[[nodiscard]] ExitCode BatchIssueCoupons(const CommandContext& context, const BatchPlan& plan);

/// Which coupons are looked for. At least one of `user_id` and `campaign_id` is not empty.
struct SearchPlan {
  std::string user_id = {};
  std::string campaign_id = {};
  std::vector<coupon::v1::CouponState> states = {};  ///< empty: all of them
  bool newest_first = false;
  std::optional<std::uint64_t> limit = {};
};

/// Prints the coupons that are found, up to the limit, page by page; with `json`, each as an object
/// on a line of its own.
[[nodiscard]] ExitCode SearchCoupons(const CommandContext& context, const SearchPlan& plan);

// Single coupons. Each prints the coupon as it is afterwards; with `json`, the server's answer.
// Texts may be empty.

/// What is redeemed, and what for.
struct CouponUse {
  std::string code = {};
  std::string user_id = {};
  std::string order_ref = {};
  std::string redeemed_by = {};
  std::string request_id = {};
  bool validate_only = false;  ///< only checks whether it can be redeemed
};

/// What is done to a coupon that is made invalid.
struct CouponVoiding {
  std::string code = {};
  bool return_to_pool = false;
  bool free_claim = false;
  std::string reason = {};
};

/// A redemption, by the one that is not empty.
struct NamedRedemption {
  std::uint64_t sequence = 0;
  std::string request_id = {};
};

[[nodiscard]] ExitCode RedeemCoupon(const CommandContext& context, const CouponUse& use);
[[nodiscard]] ExitCode CancelRedemption(const CommandContext& context, const std::string& code,
                                        const NamedRedemption& redemption,
                                        const std::string& reason);
[[nodiscard]] ExitCode VoidCoupon(const CommandContext& context, const CouponVoiding& voiding);
[[nodiscard]] ExitCode ShowCoupon(const CommandContext& context, const std::string& code);

// Users.

struct UserErasure {
  std::string user_id = {};
  bool forget_claims = false;  ///< the user may get other coupons in place of those
  std::string request_id = {};
};

/// Erases a user. Prints how many coupons lost their user_id, whether files may still have it, and
/// which copies of the store were not reached.
[[nodiscard]] ExitCode EraseUser(const CommandContext& context, const UserErasure& erasure);

// The server itself.

/// Makes the server copy its store. Prints where the copy is and how to check it.
[[nodiscard]] ExitCode CreateBackup(const CommandContext& context, const std::string& name);

/// Prints whether the server accepts commands, as /readyz says. kRefused if it does not.
[[nodiscard]] ExitCode ShowHealth(const CommandContext& context);

/// Prints what the server is, how far its log has come, and its limits. Also reports on `err` if
/// this machine's clock and the server's differ.
[[nodiscard]] ExitCode ShowServerInfo(const CommandContext& context);

/// Prints the server's time and, while they differ, what the clock of its machine shows and how to
/// accept that.
[[nodiscard]] ExitCode ShowClock(const CommandContext& context);

/// Makes the server go on from what the clock of its machine shows, which was `shown` when an
/// operator looked.
[[nodiscard]] ExitCode AcceptClock(const CommandContext& context, Timestamp shown);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_COMMANDS_H_
