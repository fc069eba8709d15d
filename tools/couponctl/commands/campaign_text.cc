#include "couponctl/commands/campaign_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/ascii.h"
#include "base/duration_text.h"
#include "common/moment_text.h"
#include "common/table.h"
#include "engine/rules/limits.h"

namespace coupond::ctl {
namespace {

/// Returns text of several lines on one.
std::string OnOneLine(std::string text) {
  std::ranges::replace_if(text, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return text;
}

std::string CountsText(std::int32_t issued, std::int32_t total) {
  return fmt::format("{} issued of {}", issued, total);
}

/// Returns what has become of the issued coupons; empty if nothing has.
std::string FatesText(const coupon::v1::Campaign& campaign) {
  std::string text;
  if (campaign.redeemed_coupons() != 0) {
    text = fmt::format("{} redeemed", campaign.redeemed_coupons());
  }
  if (campaign.voided_coupons() != 0) {
    text += fmt::format("{}{} void", text.empty() ? "" : ", ", campaign.voided_coupons());
  }
  return text;
}

std::string_view PausedText(const coupon::v1::Campaign& campaign) {
  if (campaign.issuing_paused() && campaign.redeeming_paused()) return "issuing and redeeming";
  return campaign.issuing_paused() ? "issuing" : "redeeming";
}

/// Returns a duration from the server, which may be any.
std::chrono::nanoseconds DurationOf(const google::protobuf::Duration& message) {
  constexpr auto kMax = std::chrono::floor<std::chrono::seconds>(limits::kValidDurationMax);
  const std::chrono::seconds seconds(
      std::clamp(message.seconds(), std::int64_t{0}, std::int64_t{kMax.count()}));
  return std::min(seconds + std::chrono::nanoseconds(std::max(message.nanos(), 0)),
                  limits::kValidDurationMax);
}

/// Adds who gets coupons and when they are redeemed, where that is not as usual.
void AddCouponTerms(const coupon::v1::Campaign& campaign, Timestamp now, tools::Table& table) {
  if (campaign.coupons_per_user() > 1 || campaign.user_required()) {
    table.AddRow({"per user", fmt::format("{} coupon{}{}", campaign.coupons_per_user(),
                                          campaign.coupons_per_user() == 1 ? "" : "s",
                                          campaign.user_required() ? "; a user is required" : "")});
  }
  if (campaign.has_redeem_start_time()) {
    table.AddRow({"redeeming", "from " + MomentText(campaign.redeem_start_time(), now)});
  }
  if (campaign.redeem_by_holder_only()) {
    table.AddRow({"redeemed by", "the user who has the coupon only"});
  }
  if (campaign.has_expire_time()) {
    table.AddRow({"expire", MomentText(campaign.expire_time(), now)});
  }
  if (campaign.has_valid_duration()) {
    table.AddRow({"valid for", FormatDuration(DurationOf(campaign.valid_duration()))});
  }
}

}  // namespace

std::string MomentText(Timestamp moment, std::chrono::nanoseconds wait) {
  return wait > std::chrono::nanoseconds(0)
             ? fmt::format("{} (in {})", tools::FormatMoment(moment), FormatDuration(wait))
             : tools::FormatMoment(moment);
}

std::string MomentText(const google::protobuf::Timestamp& moment, Timestamp now) {
  const Timestamp time = tools::FromMessage(moment);
  // Times before 1970 are not subtracted, because the difference might overflow.
  return MomentText(time, std::max(time, Timestamp()).Since(std::max(now, Timestamp())));
}

std::chrono::nanoseconds WaitOf(std::int64_t milliseconds) {
  constexpr std::chrono::milliseconds kWaitMax = std::chrono::years(200);
  return std::clamp(std::chrono::milliseconds(milliseconds), std::chrono::milliseconds(0),
                    kWaitMax);
}

std::string WaitText(std::int64_t milliseconds) { return FormatDuration(WaitOf(milliseconds)); }

std::string StateText(coupon::v1::CampaignState state) {
  constexpr std::string_view kPrefix = "CAMPAIGN_STATE_";
  std::string name = coupon::v1::CampaignState_Name(state);
  if (state == coupon::v1::CAMPAIGN_STATE_UNSPECIFIED || !name.starts_with(kPrefix)) {
    return "unknown";
  }
  name.erase(0, kPrefix.size());
  std::ranges::transform(name, name.begin(), [](char c) { return c == '_' ? ' ' : LowerCase(c); });
  return name;
}

std::string CampaignText(const coupon::v1::Campaign& campaign, Timestamp now) {
  tools::Table table({{.title = ""}, {.title = ""}});
  if (!campaign.id().empty()) table.AddRow({"id", campaign.id()});
  table.AddRow({"name", campaign.name()});
  if (!campaign.description().empty()) {
    table.AddRow({"description", OnOneLine(campaign.description())});
  }
  table.AddRow({"state", StateText(campaign.state())});
  table.AddRow({"coupons", CountsText(campaign.issued_coupons(), campaign.total_coupons())});
  if (const std::string fates = FatesText(campaign); !fates.empty()) {
    table.AddRow({"of these", fates});
  }
  if (campaign.returned_coupons() != 0) {
    table.AddRow({"returned", fmt::format("{}", campaign.returned_coupons())});
  }
  table.AddRow({"starts", MomentText(campaign.start_time(), now)});
  if (campaign.has_end_time()) table.AddRow({"ends", MomentText(campaign.end_time(), now)});
  AddCouponTerms(campaign, now, table);
  if (campaign.issuing_paused() || campaign.redeeming_paused()) {
    table.AddRow({"paused", std::string(PausedText(campaign))});
  }
  if (campaign.has_sold_out_at()) {
    table.AddRow({"sold out", tools::FormatMoment(tools::FromMessage(campaign.sold_out_at()))});
  }
  if (campaign.has_archived_at()) {
    table.AddRow({"archived", tools::FormatMoment(tools::FromMessage(campaign.archived_at()))});
  }
  for (const coupon::v1::MetadataEntry& entry : campaign.metadata()) {
    table.AddRow({"metadata", OnOneLine(entry.key() + " = " + entry.value())});
  }
  if (campaign.has_created_at()) {
    table.AddRow({"created", tools::FormatMoment(tools::FromMessage(campaign.created_at()))});
  }
  if (campaign.revision() != 0) {
    table.AddRow({"revision", fmt::format("{}", campaign.revision())});
  }
  return table.Text();
}

std::string StatusText(const coupon::v1::GetCampaignStatusResponse& status) {
  const Timestamp now = tools::FromMessage(status.server_time());
  tools::Table table({{.title = ""}, {.title = ""}});
  table.AddRow({"state", StateText(status.state())});
  table.AddRow({"coupons", CountsText(status.issued_coupons(), status.total_coupons())});
  table.AddRow({"starts", MomentText(status.start_time(), now)});
  if (status.has_end_time()) table.AddRow({"ends", MomentText(status.end_time(), now)});
  if (status.has_sold_out_at()) {
    table.AddRow({"sold out", tools::FormatMoment(tools::FromMessage(status.sold_out_at()))});
  }
  table.AddRow({"at", tools::FormatMoment(now)});
  return table.Text();
}

}  // namespace coupond::ctl
