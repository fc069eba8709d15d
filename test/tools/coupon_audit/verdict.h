#ifndef COUPOND_TEST_TOOLS_COUPON_AUDIT_VERDICT_H_
#define COUPOND_TEST_TOOLS_COUPON_AUDIT_VERDICT_H_

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>

#include "coupon_audit/compare/verification.h"
#include "coupon_audit/model/finding.h"
#include "coupon_audit/model/model_campaign.h"
#include "coupon_audit/report/report.h"
#include "support/builders.h"

namespace coupond::test {

/// Where and when events happen that no log has.
inline const audit::Moment kMoment{
    .group = GroupNumber(2), .sequence = Sequence(2), .time = At(10)};

/// Returns "sound", or the name of the violation.
inline std::string NameOf(const audit::Audited<void>& outcome) {
  if (outcome) return "sound";
  const auto* const violation = std::get_if<audit::Violation>(&outcome.error());
  return violation == nullptr ? "error" : std::string(KindName(violation->kind));
}

/// Returns a place, from plain numbers.
inline audit::Place PlaceAt(std::optional<std::uint64_t> group,
                            std::optional<std::uint64_t> sequence,
                            std::optional<std::uint64_t> campaign) {
  audit::Place place;
  if (group) place.group = GroupNumber(*group);
  if (sequence) place.sequence = Sequence(*sequence);
  if (campaign) place.campaign = CampaignNumber(*campaign);
  return place;
}

/// Verifies the directory. Returns "sound", the violation's name with " at " and its place, or
/// "cannot read: …". Expects the report for people and the one for programs to say the same.
inline std::string VerdictOn(const std::filesystem::path& directory) {
  const auto report = audit::Verify(directory, [](GroupNumber, GroupNumber) {});
  if (!report) return "cannot read: " + std::string(ErrorCodeName(report.error().code));
  const std::string text = audit::ReportText(*report);
  const boost::json::object json = boost::json::parse(audit::ReportJson(*report)).as_object();
  EXPECT_EQ(json.at("sound").as_bool(), report->sound());
  if (report->sound()) {
    EXPECT_TRUE(text.starts_with("sound\n")) << text;
    EXPECT_TRUE(json.at("violation").is_null());
    return "sound";
  }
  const audit::Violation& violation = *report->violation;
  const std::string place = audit::PlaceText(violation.place);
  const std::string verdict =
      std::string(KindName(violation.kind)) + (place.empty() ? "" : " at " + place);
  EXPECT_TRUE(text.starts_with("VIOLATION " + verdict + "\n")) << text;
  const boost::json::object& told = json.at("violation").as_object();
  EXPECT_EQ(told.at("name"), boost::json::value(KindName(violation.kind)));
  const auto expect_number = [&told](const char* name, const auto& number) {
    if (number) {
      EXPECT_EQ(told.at(name).to_number<std::uint64_t>(), number->value()) << name;
    } else {
      EXPECT_TRUE(told.at(name).is_null()) << name;
    }
  };
  expect_number("group", violation.place.group);
  expect_number("sequence", violation.place.sequence);
  expect_number("campaign", violation.place.campaign);
  EXPECT_FALSE(told.at("detail").as_string().empty());
  return verdict;
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_TOOLS_COUPON_AUDIT_VERDICT_H_
