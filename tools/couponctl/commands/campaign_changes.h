#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_CAMPAIGN_CHANGES_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_CAMPAIGN_CHANGES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/campaign_terms.h"
#include "couponctl/commands/outcome.h"
#include "engine/rules/timestamp.h"

/// The commands that change a campaign. Each prints the campaign as it is afterwards; with `json`,
/// the server's answer. Repeating one is safe: if nothing had to change, that is a success too.
namespace coupond::ctl {

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

/// How a command is asked for, beside what it does.
struct RequestOptions {
  std::string id = {};         ///< may be empty
  bool validate_only = false;  ///< only checks the command
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

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_CAMPAIGN_CHANGES_H_
