#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "tools/coupon_audit/model/rule_fault.h"

// Logs in which a term, or a reason, has a value that the rules do not allow; and beside each the
// nearest value that they do.
namespace coupond::test {
namespace {

constexpr Timestamp kYear2200 = Timestamp::FromUnixNanoseconds(7'258'118'400'000'000'000);
constexpr Timestamp kLastMomentBefore = Timestamp::FromUnixNanoseconds(7'258'118'399'999'999'999);

CampaignCreated Ending(Timestamp end_time) {
  return WinterWith([end_time](auto& winter) { winter.terms.end_time = end_time; });
}
CampaignCreated Described(const std::string& description) {
  return WinterWith([&](auto& winter) { winter.terms.description = description; });
}
CampaignCreated Noted(const std::vector<MetadataEntry>& metadata) {
  return WinterWith([&](auto& winter) { winter.terms.metadata = metadata; });
}
/// Returns `count` entries, with keys of three bytes.
std::vector<MetadataEntry> Entries(std::size_t count, std::size_t value_bytes) {
  std::vector<MetadataEntry> metadata;
  for (std::size_t i = 0; i < count; ++i) {
    metadata.push_back({.key = std::to_string(100 + i), .value = std::string(value_bytes, 'v')});
  }
  return metadata;
}
/// Returns 4,096 bytes of metadata, and some more.
std::vector<MetadataEntry> LargestMetadata(std::size_t more_bytes) {
  std::vector<MetadataEntry> metadata = Entries(8, 509);
  metadata.back().value += std::string(more_bytes, 'v');
  return metadata;
}
CampaignPaused PausedBecause(const std::string& reason) {
  return PausedEvent(kSpring, {.issuing = true}, reason);
}
CampaignResumed ResumedBecause(const std::string& reason) {
  return ResumedEvent(kSpring, {.issuing = true}, reason);
}

std::vector<RuleFault> TermFaults() {
  return {
      {"EndAtTheStart",
       {Ending(At(kNow))},
       "end_not_after_start at group 7, sequence 14, campaign 4",
       {Ending(At(kNow).Plus(std::chrono::nanoseconds(1)))}},
      {"EndLongBeforeTheStart",
       {Ending(Timestamp())},
       "end_not_after_start at group 7, sequence 14, campaign 4",
       {Ending(kNever)}},
      {"EndTooLate",
       {Ending(kYear2200)},
       "end_too_late at group 7, sequence 14, campaign 4",
       {Ending(kLastMomentBefore)}},
      {"EndTooLateAfterAnUpdate",
       {UpdatedEvent(kSpring, {.end_time = kYear2200})},
       "end_too_late at group 7, sequence 14, campaign 1",
       {UpdatedEvent(kSpring, {.end_time = kLastMomentBefore})}},
      {"DescriptionTooLong",
       {Described(WideText(2'000) + "x")},
       "description_wrong at group 7, sequence 14, campaign 4",
       {Described(WideText(2'000))}},
      {"DescriptionNotUtf8",
       {Described("\xEB\xB4")},
       "description_wrong at group 7, sequence 14, campaign 4",
       {Described("\xEB\xB4\x84")}},
      {"DescriptionTooLongAfterAnUpdate",
       {UpdatedEvent(kSpring, {.description = WideText(2'001)})},
       "description_wrong at group 7, sequence 14, campaign 1",
       {UpdatedEvent(kSpring, {.description = WideText(2'000)})}},
      {"MetadataKeyTooLong",
       {Noted({{.key = std::string(64, 'k'), .value = "v"}})},
       "metadata_too_large at group 7, sequence 14, campaign 4",
       {Noted({{.key = std::string(63, 'k'), .value = "v"}})}},
      {"MetadataValueTooLong",
       {Noted(Entries(1, 513))},
       "metadata_too_large at group 7, sequence 14, campaign 4",
       {Noted(Entries(1, 512))}},
      {"MetadataTooManyEntries",
       {Noted(Entries(33, 1))},
       "metadata_too_large at group 7, sequence 14, campaign 4",
       {Noted(Entries(32, 1))}},
      {"MetadataTooManyBytes",
       {Noted(LargestMetadata(1))},
       "metadata_too_large at group 7, sequence 14, campaign 4",
       {Noted(LargestMetadata(0))}},
      {"MetadataTooLargeAfterAnUpdate",
       {UpdatedEvent(kSpring, {.metadata = LargestMetadata(1)})},
       "metadata_too_large at group 7, sequence 14, campaign 1",
       {UpdatedEvent(kSpring, {.metadata = LargestMetadata(0)})}},
      {"MetadataNotUtf8",
       {Noted({{.key = "season", .value = "\xEB\xB4"}})},
       "metadata_wrong at group 7, sequence 14, campaign 4",
       {Noted({{.key = "season", .value = "\xEB\xB4\x84"}})}},
      {"ReasonTooLong",
       {PausedBecause(std::string(129, 'r'))},
       "reason_wrong at group 7, sequence 14, campaign 1",
       {PausedBecause(std::string(128, 'r'))}},
      {"ReasonNotUtf8",
       {PausedBecause("\xEB\xB4")},
       "reason_wrong at group 7, sequence 14, campaign 1",
       {PausedBecause("\xEB\xB4\x84")}},
      {"ReasonTooLongToResume",
       {PausedBecause(""), ResumedBecause(std::string(129, 'r'))},
       "reason_wrong at group 7, sequence 15, campaign 1",
       {PausedBecause(""), ResumedBecause(std::string(128, 'r'))}},
  };
}

class TermFaultTest : public testing::TestWithParam<RuleFault> {};

TEST_P(TermFaultTest, IsFoundAndNamed) {
  EXPECT_EQ(VerdictWith(GetParam().fault), GetParam().verdict);
}

TEST_P(TermFaultTest, ItsNearestNeighbourIsSound) {
  EXPECT_EQ(VerdictWith(GetParam().sound), "sound");
}

INSTANTIATE_TEST_SUITE_P(Log, TermFaultTest, testing::ValuesIn(TermFaults()),
                         [](const auto& fault) { return fault.param.name; });

}  // namespace
}  // namespace coupond::test
