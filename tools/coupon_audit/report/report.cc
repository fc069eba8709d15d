#include "coupon_audit/report/report.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <optional>
#include <utility>
#include <variant>

#include "base/display_text.h"
#include "common/moment_text.h"
#include "common/table.h"
#include "storage/format/commit_record.h"

namespace coupond::audit {
namespace {

namespace json = boost::json;

/// Returns 1234567 as "1,234,567".
std::string Grouped(std::uint64_t number) {
  const std::string digits = fmt::format("{}", number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

double PerCoupon(const VerificationReport& report) {
  return report.coupons == 0
             ? 0
             : static_cast<double>(report.log_bytes) / static_cast<double>(report.coupons);
}

double EventsPerSecond(const VerificationReport& report) {
  return report.seconds > 0 ? static_cast<double>(report.tip.sequence.value()) / report.seconds : 0;
}

std::string ViewsText(const VerificationReport& report) {
  switch (report.views) {
    case ViewsState::kNone:
      return "none on disk; the next start of the server builds them";
    case ViewsState::kMarkedDamaged:
      return "marked as damaged; the next start of the server rebuilds them";
    case ViewsState::kOfOtherVersion:
      return "of another version; the next start of the server rebuilds them";
    case ViewsState::kPresent:
      break;
  }
  return fmt::format("all {} rows are right, up to group {}", Grouped(report.view_rows_compared),
                     Grouped(report.views_checkpoint.value()));
}

std::string LogBytesText(const VerificationReport& report) {
  if (report.coupons == 0) return fmt::format("{} bytes", Grouped(report.log_bytes));
  return fmt::format("{} bytes, {:.1f} a coupon", Grouped(report.log_bytes), PerCoupon(report));
}

json::object ToJson(const Violation& violation) {
  const auto number = [](const auto& value) {
    return value ? json::value(value->value()) : json::value(nullptr);
  };
  return {{"name", KindName(violation.kind)},
          {"group", number(violation.place.group)},
          {"sequence", number(violation.place.sequence)},
          {"campaign", number(violation.place.campaign)},
          {"detail", violation.detail},
          {"meaning", KindMeaning(violation.kind)}};
}

json::object ViewsJson(const VerificationReport& report) {
  const bool present = report.views == ViewsState::kPresent;
  return {{"state", StateName(report.views)},
          {"checkpointGroup",
           present ? json::value(report.views_checkpoint.value()) : json::value(nullptr)},
          {"rowsCompared", report.view_rows_compared}};
}

}  // namespace

ExitCode ReportError(const Error& error, bool as_json, tools::Output& output) {
  std::cerr << "coupon-audit: " << ErrorCodeName(error.code) << ": " << Printable(error.message)
            << '\n';
  if (as_json) {
    const json::object text{
        {"error", json::object{{"code", ErrorCodeName(error.code)}, {"message", error.message}}}};
    output.text << json::serialize(text) << '\n';
  }
  return ExitCode::kCannotRead;
}

ExitCode ReportFinding(const Finding& finding, bool as_json, tools::Output& output) {
  if (const auto* error = std::get_if<Error>(&finding)) return ReportError(*error, as_json, output);
  const auto& violation = std::get<Violation>(finding);
  std::cerr << "coupon-audit: " << ViolationText(violation);
  if (as_json) {
    output.text << json::serialize(json::object{{"violation", ToJson(violation)}}) << '\n';
  }
  return ExitCode::kViolation;
}

ExitCode ReportNoSuchCampaign() {
  std::cerr << "coupon-audit: this store has never had such a campaign; `coupon-audit replay DIR` "
               "lists them all\n";
  return ExitCode::kUsage;
}

std::string ReportText(const VerificationReport& report) {
  tools::Table table({{.title = ""}, {.title = ""}});
  // It is unknown if the check ended before the store was opened.
  if (report.store_id != StoreId()) table.AddRow({"store", FormatUuid(report.store_id.bytes)});
  table.AddRow({"groups", Grouped(report.tip.group.value())});
  table.AddRow({"events", Grouped(report.tip.sequence.value())});
  table.AddRow({"campaigns", fmt::format("{} live, {} deleted", Grouped(report.campaigns_live),
                                         Grouped(report.campaigns_deleted))});
  table.AddRow({"coupons", Grouped(report.coupons)});
  if (report.tip.group != GroupNumber()) {
    table.AddRow({"time span", fmt::format("{} to {}", tools::FormatMoment(report.first_time),
                                           tools::FormatMoment(report.tip.time))});
    table.AddRow({"head hash", storage::FormatHash(report.tip.hash)});
  }
  table.AddRow({"log on disk", LogBytesText(report)});
  if (report.left_out_bytes > 0) {
    table.AddRow({"left out", fmt::format("{} bytes at the end of the log: a write that was not "
                                          "finished, or is not yet",
                                          Grouped(report.left_out_bytes))});
  }
  if (report.sound()) table.AddRow({"views", ViewsText(report)});
  table.AddRow({"took", fmt::format("{:.1f} s, {} events/s", report.seconds,
                                    Grouped(static_cast<std::uint64_t>(EventsPerSecond(report))))});
  if (report.sound()) return "sound\n" + table.Text({.indent = 2});
  return ViolationText(*report.violation) + "\nwhat was sound before it:\n" +
         table.Text({.indent = 2});
}

std::string ReportJson(const VerificationReport& report) {
  json::object object{
      {"sound", report.sound()},
      {"violation", report.violation ? json::value(ToJson(*report.violation)) : nullptr},
      {"storeId", FormatUuid(report.store_id.bytes)},
      {"groups", report.tip.group.value()},
      {"events", report.tip.sequence.value()},
      {"campaignsLive", report.campaigns_live},
      {"campaignsDeleted", report.campaigns_deleted},
      {"coupons", report.coupons},
      {"codesChecked", report.codes_checked},
      {"firstTime", tools::FormatMoment(report.first_time)},
      {"lastTime", tools::FormatMoment(report.tip.time)},
      {"headHash", storage::FormatHash(report.tip.hash)},
      {"watermarkGroup", report.watermark.value()},
      {"logBytes", report.log_bytes},
      {"leftOutBytes", report.left_out_bytes},
      {"logBytesPerCoupon", PerCoupon(report)},
      {"views", ViewsJson(report)},
      {"seconds", report.seconds},
      {"eventsPerSecond", EventsPerSecond(report)}};
  return json::serialize(object) + "\n";
}

std::string PlaceText(const Place& place) {
  std::string text;
  const auto add = [&text](std::string_view name, const auto& number) {
    if (!number) return;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, number->value());
  };
  add("group", place.group);
  add("sequence", place.sequence);
  add("campaign", place.campaign);
  return text;
}

std::string ViolationText(const Violation& violation) {
  const std::string place = PlaceText(violation.place);
  return fmt::format("VIOLATION {}{}{}\n  {}\n  meaning: {}\n", KindName(violation.kind),
                     place.empty() ? "" : " at ", place, Printable(violation.detail),
                     KindMeaning(violation.kind));
}

std::string ValidUtf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    utf8proc_int32_t character = -1;
    const utf8proc_ssize_t bytes =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                         static_cast<utf8proc_ssize_t>(text.size()), &character);
    const std::size_t size = bytes > 0 ? static_cast<std::size_t>(bytes) : 1;
    valid += bytes > 0 ? text.substr(0, size) : std::string_view("\xEF\xBF\xBD");
    text.remove_prefix(size);
  }
  return valid;
}

}  // namespace coupond::audit
