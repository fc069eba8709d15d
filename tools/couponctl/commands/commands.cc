#include "couponctl/commands/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ostream>
#include <variant>

#include "api/coupon_file/state_names.h"
#include "base/ascii.h"
#include "base/display_text.h"
#include "base/duration_text.h"
#include "common/moment_text.h"
#include "common/table.h"
#include "coupon/v1/admin_service.pb.h"
#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/campaign_text.h"
#include "couponctl/commands/clock_difference.h"
#include "couponctl/commands/coupon_service.h"
#include "couponctl/commands/coupon_text.h"

namespace coupond::ctl {
namespace {

constexpr std::string_view kLookIfDone =
    "it may have succeeded anyway; check with `couponctl list`";

/// Returns what a refusal says beside its reason.
std::string WhenText(const coupon::v1::IssueCouponResponse& refused) {
  if (refused.has_start_time()) {
    return "; it starts at " +
           MomentText(tools::FromMessage(refused.start_time()), WaitOf(refused.wait_ms()));
  }
  if (refused.has_end_time()) {
    return "; it ended at " + tools::FormatMoment(tools::FromMessage(refused.end_time()));
  }
  if (refused.has_sold_out_at()) {
    return "; sold out at " + tools::FormatMoment(tools::FromMessage(refused.sold_out_at()));
  }
  if (refused.has_coupon()) {
    return "; the last one is " + Printable(refused.coupon().code()) + ", which is " +
           std::string(api::StateName(refused.coupon().state()));
  }
  if (!refused.has_retry_ms()) return {};
  return "; ask again in " + WaitText(refused.retry_ms());
}

/// Returns what there is to say of a coupon that was issued before; empty of a new one.
std::string HistoryText(const coupon::v1::IssueCouponResponse& response) {
  if (!response.already_issued()) return {};
  // An older server does not say.
  const coupon::v1::CouponState state = response.coupon().state();
  if (state == coupon::v1::COUPON_STATE_ISSUED || state == coupon::v1::COUPON_STATE_UNSPECIFIED) {
    return "  (issued to you before)";
  }
  return fmt::format("  (issued to you before; now {})", api::StateName(state));
}

constexpr std::string_view kLookIfBackedUp =
    "it may have succeeded anyway, or may still be in progress: look into the server's "
    "--backup-dir, where the name of an unfinished backup ends in .unfinished";

constexpr std::string_view kCreateAgain =
    "try again with the same --request-id: if the campaign was created, you get that one and not a "
    "second";

NextStep AfterCreate(const RequestOptions& options) {
  if (options.validate_only) return {.if_open = kOnlyChecked};
  return {.if_open = options.id.empty() ? kLookIfDone : kCreateAgain};
}

/// Prints how the clocks differ, if the server has just created the campaign: a request_id may have
/// been used by an earlier request, whose campaign is older.
void NoteClocks(const CommandContext& context, const CallTimes& call, Timestamp created_at,
                bool may_be_older) {
  if (may_be_older && created_at < call.sent) return;
  if (const auto difference = ClockDifference(call, created_at)) {
    context.err << "couponctl: " << *difference << ", which decides when the campaign starts\n";
  }
}

/// Prints a campaign that this request or an earlier one created, or that would be created.
void PrintCreated(const CommandContext& context, const coupon::v1::CreateCampaignResponse& response,
                  const RequestOptions& options, Timestamp answered) {
  if (!response.has_campaign()) {
    context.out << "an earlier request with this request id created the campaign; the server does "
                   "not show it, so it may have been deleted since\n";
    return;
  }
  if (options.validate_only) {
    context.err << "couponctl: checked only: "
                << (response.sequence() == 0
                        ? "the campaign would be created as follows"
                        : "an earlier request with this request id created the campaign")
                << '\n';
  }
  const coupon::v1::Campaign& campaign = response.campaign();
  const bool is_new = options.id.empty() && campaign.has_created_at();
  context.out << CampaignText(campaign,
                              is_new ? tools::FromMessage(campaign.created_at()) : answered);
}

}  // namespace

ExitCode CreateCampaign(const CommandContext& context, const NewCampaign& campaign,
                        const RequestOptions& options) {
  coupon::v1::CreateCampaignRequest request;
  request.set_name(campaign.name);
  request.set_total_coupons(campaign.total);
  if (const auto* moment = std::get_if<Timestamp>(&campaign.start)) {
    *request.mutable_start_time() = tools::ToMessage(*moment);
  } else {
    *request.mutable_start_in() =
        tools::ToMessage(std::get<std::chrono::nanoseconds>(campaign.start));
  }
  if (campaign.end) *request.mutable_end_time() = tools::ToMessage(*campaign.end);
  request.set_description(campaign.description);
  SetTerms(campaign.terms, request);
  request.set_request_id(options.id);
  request.set_validate_only(options.validate_only);
  const NextStep next = AfterCreate(options);
  coupon::v1::CreateCampaignResponse response;
  const Timestamp sent = NowHere();
  if (auto done = context.client.Call(kCreateCampaign, request, response); !done) {
    return ReportError(context, done.error(), next);
  }
  const coupon::v1::Campaign& created = response.campaign();
  // A campaign that was only checked has no id.
  const std::string& shown = options.validate_only ? created.name() : created.id();
  if (shown.empty() && response.sequence() == 0) {
    return ReportEmptyAnswer(context, kCreateCampaign, next);
  }
  context.SetDone(options.validate_only ? std::string("nothing was changed on the server")
                                        : "the campaign was created anyway: " + created.id());
  const CallTimes call{.sent = sent, .answered = NowHere()};
  if (created.has_created_at()) {
    NoteClocks(context, call, tools::FromMessage(created.created_at()),
               /*may_be_older=*/!options.id.empty());
  }
  if (context.json) {
    context.out << JsonLine(response);
  } else {
    PrintCreated(context, response, options, call.answered);
  }
  return ExitCode::kDone;
}

ExitCode IssueCoupon(const CommandContext& context, const std::string& campaign_id,
                     const std::string& request_id, const std::string& user_id) {
  coupon::v1::IssueCouponRequest request;
  request.set_campaign_id(campaign_id);
  request.set_request_id(request_id);
  request.set_user_id(user_id);
  coupon::v1::IssueCouponResponse response;
  const bool recognised = !request_id.empty() || !user_id.empty();
  const NextStep next{
      .if_open = recognised ? "try again with the same ids: if a coupon was issued, you get that "
                              "one and not a second"
                            : "a coupon may have been issued anyway; with --request-id, "
                              "trying again is safe",
      .if_not_found = kListShowsCampaigns};
  if (auto done = context.client.Call(kIssueCoupon, request, response); !done) {
    return ReportError(context, done.error(), next);
  }
  const bool has_coupon = !response.coupon().code().empty();
  const bool has_reason = !response.error().empty() || response.has_refusal();
  if (response.success() ? !has_coupon : !has_reason) {
    return ReportEmptyAnswer(context, kIssueCoupon, next);
  }
  const ExitCode exit_code = response.success() ? ExitCode::kDone : ExitCode::kRefused;
  context.SetDone(response.success() ? "the coupon was issued anyway: " + response.coupon().code()
                                     : "no coupon was issued: " + response.error());
  if (context.json) {
    context.out << JsonLine(response);
  } else if (response.success()) {
    context.out << Printable(response.coupon().code()) << HistoryText(response) << '\n';
  } else {
    context.err << "couponctl: no coupon: " << Printable(response.error()) << WhenText(response)
                << '\n';
  }
  return exit_code;
}

ExitCode GetCampaign(const CommandContext& context, const std::string& campaign_id) {
  const auto campaign = ReadCampaign(context.client, campaign_id);
  if (!campaign) {
    return ReportError(context, campaign.error(), {.if_not_found = kListShowsCampaigns});
  }
  context.out << (context.json ? JsonLine(*campaign) : CampaignText(*campaign, NowHere()));
  return ExitCode::kDone;
}

ExitCode GetCampaignStatus(const CommandContext& context, const std::string& campaign_id) {
  coupon::v1::GetCampaignStatusRequest request;
  request.set_campaign_id(campaign_id);
  coupon::v1::GetCampaignStatusResponse response;
  if (auto done = context.client.Call(kGetCampaignStatus, request, response); !done) {
    return ReportError(context, done.error(), {.if_not_found = kListShowsCampaigns});
  }
  if (response.campaign_id().empty()) return ReportEmptyAnswer(context, kGetCampaignStatus, {});
  context.out << (context.json ? JsonLine(response) : StatusText(response));
  return ExitCode::kDone;
}

ExitCode ListCampaigns(const CommandContext& context, bool show_archived,
                       std::optional<std::uint64_t> limit) {
  coupon::v1::ListCampaignsResponse all;
  auto done = ReadCampaigns(context.client, show_archived, limit, [&](const auto& page) {
    for (const auto& campaign : page.campaigns()) *all.add_campaigns() = campaign;
  });
  if (!done) return ReportError(context, done.error());
  if (context.json) {
    context.out << JsonLine(all);
    return ExitCode::kDone;
  }
  if (all.campaigns().empty()) {
    context.out << "no campaigns; `couponctl create` creates one\n";
    return ExitCode::kDone;
  }
  tools::Table table({{.title = "ID"},
                      {.title = "NAME", .may_be_cut = true},
                      {.title = "STATE"},
                      {.title = "ISSUED", .align = tools::Table::Align::kRight},
                      {.title = "TOTAL", .align = tools::Table::Align::kRight},
                      {.title = "REDEEMED", .align = tools::Table::Align::kRight},
                      {.title = "STARTS"}});
  for (const auto& campaign : all.campaigns()) {
    table.AddRow({campaign.id(), campaign.name(), StateText(campaign.state()),
                  fmt::format("{}", campaign.issued_coupons()),
                  fmt::format("{}", campaign.total_coupons()),
                  fmt::format("{}", campaign.redeemed_coupons()),
                  MomentText(campaign.start_time(), NowHere())});
  }
  context.out << table.Text({.columns_max = context.columns});
  return ExitCode::kDone;
}

ExitCode ListCoupons(const CommandContext& context, const std::string& campaign_id,
                     std::optional<std::uint64_t> limit) {
  bool first_page = true;
  bool expires = false;  // all coupons of a campaign do, or none
  auto done = ReadCoupons(context.client, campaign_id, limit, [&](const auto& page) {
    if (context.json) {
      for (const auto& coupon : page.coupons()) context.out << JsonLine(coupon);
      return;
    }
    if (first_page && !page.coupons().empty()) expires = page.coupons(0).has_expire_time();
    std::vector<tools::Table::Column> columns = {{.title = "CODE", .width_min = kCodeColumns},
                                                 {.title = "STATE", .width_min = kStateColumns},
                                                 {.title = "ISSUED AT", .width_min = kTimeColumns}};
    if (expires) columns.push_back({.title = "EXPIRES AT", .width_min = kTimeColumns});
    columns.push_back({.title = "USER", .may_be_cut = true});
    tools::Table table(std::move(columns));
    for (const auto& coupon : page.coupons()) {
      std::vector<std::string> row = {coupon.code(), std::string(api::StateName(coupon.state())),
                                      tools::FormatMoment(tools::FromMessage(coupon.issued_at()))};
      if (expires) row.push_back(ExpiryText(coupon));
      row.push_back(coupon.user_id());
      table.AddRow(std::move(row));
    }
    context.out << table.Text({.with_titles = first_page, .columns_max = context.columns});
    first_page = false;
  });
  if (done) return ExitCode::kDone;
  return ReportError(context, done.error(), {.if_not_found = kListShowsCampaigns});
}

ExitCode DeleteCampaign(const CommandContext& context, const std::string& campaign_id,
                        const std::string& name) {
  coupon::v1::DeleteCampaignRequest request;
  request.set_campaign_id(campaign_id);
  request.set_campaign_name(name);
  coupon::v1::DeleteCampaignResponse response;
  if (auto done = context.client.Call(kDeleteCampaign, request, response); !done) {
    return ReportError(context, done.error(),
                       {.if_open = kLookIfDone, .if_not_found = kListShowsCampaigns});
  }
  if (!response.success() && response.message().empty() && !response.has_refusal()) {
    return ReportEmptyAnswer(context, kDeleteCampaign, {.if_open = kLookIfDone});
  }
  context.SetDone(response.success() ? "the campaign was deleted anyway"
                                     : "no campaign was deleted: " + response.message());
  if (context.json) {
    context.out << JsonLine(response);
  } else if (response.success()) {
    context.out << "deleted\n";
  } else {
    std::string reason = response.message();
    if (!reason.empty()) reason.front() = LowerCase(reason.front());  // within a sentence
    context.err << "couponctl: not deleted: " << Printable(reason) << "; " << kListShowsCampaigns
                << '\n';
  }
  return response.success() ? ExitCode::kDone : ExitCode::kRefused;
}

ExitCode CreateBackup(const CommandContext& context, const std::string& name) {
  coupon::v1::CreateBackupRequest request;
  request.set_name(name);
  coupon::v1::CreateBackupResponse response;
  if (auto done = context.client.Call(kCreateBackup, request, response); !done) {
    return ReportError(context, done.error(), {.if_open = kLookIfBackedUp});
  }
  if (response.path().empty()) {
    return ReportEmptyAnswer(context, kCreateBackup, {.if_open = kLookIfBackedUp});
  }
  context.SetDone("the backup was made anyway: " + response.path());
  if (context.json) {
    context.out << JsonLine(response);
    return ExitCode::kDone;
  }
  context.out << fmt::format(
      "{}: {} events in {} groups, {} bytes, head hash {}\n"
      "check it on the server's machine: coupon-audit verify {}\n",
      Printable(response.path()), response.events(), response.groups(), response.bytes(),
      Printable(response.head_hash()), Printable(response.path()));
  return ExitCode::kDone;
}

}  // namespace coupond::ctl
