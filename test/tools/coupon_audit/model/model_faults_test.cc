#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "coupon_audit/model/code_check.h"
#include "coupon_audit/model/coupon_numbers.h"
#include "coupon_audit/model/log_model.h"
#include "coupon_audit/report/report.h"
#include "tools/coupon_audit/planted_events.h"
#include "tools/coupon_audit/verdict.h"

// Faults that no log can have, because reading it, or a correct program, rules them out.
namespace coupond::test {
namespace {

TEST(LogModel, RequiresStoreCreatedFirstAndOnlyThere) {
  audit::LogModel model;
  const CampaignCreated spring = CreatedEvent(kSpring, "spring", 5, 1, At(10));
  EXPECT_EQ(NameOf(model.Take(spring, kMoment)), "store_not_created");
  EXPECT_EQ(NameOf(model.Take(RestoredEvent(100), kMoment)), "store_not_created");
  EXPECT_EQ(NameOf(model.Take(PlantedIdentity(), kMoment)), "sound");
  EXPECT_EQ(NameOf(model.Take(PlantedIdentity(), kMoment)), "store_created_again");
  EXPECT_EQ(NameOf(model.Take(spring, kMoment)), "sound");
}

TEST(LogModel, ARestoreThatIsRefusedChangesNothing) {
  audit::LogModel model;
  ASSERT_EQ(NameOf(model.Take(PlantedIdentity(), kMoment)), "sound");
  ASSERT_EQ(NameOf(model.Take(CreatedEvent(kSpring, "spring", 5, 1, At(10)), kMoment)), "sound");
  EXPECT_EQ(NameOf(model.Take(RestoredEvent(5), kMoment)), "serial_range_overlaps");
  EXPECT_EQ(NameOf(model.Take(RestoredEvent((1ULL << 53) - 4), kMoment)),
            "restored_serials_too_high");
  EXPECT_EQ(model.next_serial(), Serial(6));
  EXPECT_EQ(NameOf(model.Take(IssuedEvent(kSpring, 1), kMoment)), "sound");
}

TEST(LogModel, TimeGoesBackOnlyWithAClockResetAloneInItsGroup) {
  const auto at = [](std::uint64_t group, std::int64_t seconds) {
    return audit::Moment{
        .group = GroupNumber(group), .sequence = Sequence(group), .time = At(seconds)};
  };
  audit::LogModel model;
  ASSERT_EQ(NameOf(model.Take(PlantedIdentity(), at(1, 10))), "sound");
  const CampaignCreated spring = CreatedEvent(kSpring, "spring", 5, 1, At(50));
  EXPECT_EQ(NameOf(model.Take(spring, at(2, 9))), "time_went_back");
  EXPECT_EQ(NameOf(model.Take(ClockReset{At(9)}, at(2, 5))), "clock_reset_wrong");
  EXPECT_EQ(NameOf(model.Take(ClockReset{At(10)}, at(1, 5))), "clock_reset_wrong");
  EXPECT_FALSE(model.clock_was_reset());
  EXPECT_EQ(NameOf(model.Take(ClockReset{At(10)}, at(2, 5))), "sound");
  EXPECT_TRUE(model.clock_was_reset());
  EXPECT_EQ(NameOf(model.Take(spring, at(2, 5))), "clock_reset_wrong");
  EXPECT_EQ(NameOf(model.Take(spring, at(3, 4))), "time_went_back");
  EXPECT_EQ(NameOf(model.Take(spring, at(3, 5))), "sound");
}

TEST(LogModel, RefusesEmptyNamesAndTotals) {
  audit::LogModel model;
  ASSERT_EQ(NameOf(model.Take(PlantedIdentity(), kMoment)), "sound");
  EXPECT_EQ(NameOf(model.Take(CreatedEvent(kSpring, "", 5, 1, At(10)), kMoment)), "name_wrong");
  EXPECT_EQ(NameOf(model.Take(CreatedEvent(kSpring, "x", 0, 1, At(10)), kMoment)), "total_wrong");
}

TEST(LogModel, RefusesALimitOfNoneAndADurationOfNone) {
  audit::LogModel model;
  ASSERT_EQ(NameOf(model.Take(PlantedIdentity(), kMoment)), "sound");
  CampaignCreated spring = CreatedEvent(kSpring, "spring", 5, 1, At(10));
  spring.terms.coupons_per_user = 0;
  EXPECT_EQ(NameOf(model.Take(spring, kMoment)), "coupons_per_user_wrong");
  spring.terms.coupons_per_user = 1;
  spring.terms.valid_duration = std::chrono::nanoseconds(0);
  EXPECT_EQ(NameOf(model.Take(spring, kMoment)), "valid_duration_wrong");
  spring.terms.valid_duration = std::chrono::nanoseconds(1);
  EXPECT_EQ(NameOf(model.Take(spring, kMoment)), "sound");
}

TEST(LogModel, RefusesAUserIdOrAHolderWithoutTheOther) {
  audit::LogModel model;
  ASSERT_EQ(NameOf(model.Take(PlantedIdentity(), kMoment)), "sound");
  ASSERT_EQ(NameOf(model.Take(CreatedEvent(kSpring, "spring", 5, 1, At(10)), kMoment)), "sound");
  const CouponIssued issued = IssuedToEvent(kSpring, 1, "minji");
  CouponIssued without_holder = issued;
  without_holder.holder.reset();
  EXPECT_EQ(NameOf(model.Take(without_holder, kMoment)), "claim_wrong");
  CouponIssued without_text = issued;
  without_text.user_id.clear();
  EXPECT_EQ(NameOf(model.Take(without_text, kMoment)), "user_id_missing");
  EXPECT_EQ(NameOf(model.Take(issued, kMoment)), "sound");
}

TEST(LogModel, RefusesMetadataThatIsNotInTheOrderOfItsKeys) {
  const std::vector<std::vector<MetadataEntry>> wrong = {
      {{.key = "b", .value = ""}, {.key = "a", .value = ""}},
      {{.key = "a", .value = "1"}, {.key = "a", .value = "2"}},
      {{.key = "", .value = "1"}},
  };
  audit::LogModel model;
  ASSERT_EQ(NameOf(model.Take(PlantedIdentity(), kMoment)), "sound");
  CampaignCreated spring = CreatedEvent(kSpring, "spring", 5, 1, At(10));
  for (const auto& metadata : wrong) {
    spring.terms.metadata = metadata;
    EXPECT_EQ(NameOf(model.Take(spring, kMoment)), "metadata_wrong");
  }
  spring.terms.metadata = {{.key = "a", .value = ""}, {.key = "b", .value = ""}};
  EXPECT_EQ(NameOf(model.Take(spring, kMoment)), "sound");
}

TEST(LogModel, RefusesChangesOfNothing) {
  audit::LogModel model;
  ASSERT_EQ(NameOf(model.Take(PlantedIdentity(), kMoment)), "sound");
  ASSERT_EQ(NameOf(model.Take(CreatedEvent(kSpring, "spring", 5, 1, At(10)), kMoment)), "sound");
  EXPECT_EQ(NameOf(model.Take(UpdatedEvent(kSpring, {}), kMoment)), "update_changes_nothing");
  EXPECT_EQ(NameOf(model.Take(PausedEvent(kSpring, {}), kMoment)), "pause_changes_nothing");
  EXPECT_EQ(NameOf(model.Take(ResumedEvent(kSpring, {}), kMoment)), "resume_changes_nothing");
}

TEST(LogModel, RefusesUpdatesToEmptyNamesAndTotals) {
  audit::LogModel model;
  ASSERT_EQ(NameOf(model.Take(PlantedIdentity(), kMoment)), "sound");
  ASSERT_EQ(NameOf(model.Take(CreatedEvent(kSpring, "spring", 5, 1, At(10)), kMoment)), "sound");
  EXPECT_EQ(NameOf(model.Take(UpdatedEvent(kSpring, {.name = ""}), kMoment)), "name_wrong");
  EXPECT_EQ(NameOf(model.Take(UpdatedEvent(kSpring, {.total_coupons = 0}), kMoment)),
            "total_wrong");
}

TEST(LogModel, RefusesSerialsForAPlaceThatIsKept) {
  audit::LogModel model;
  ASSERT_EQ(NameOf(model.Take(PlantedIdentity(), kMoment)), "sound");
  ASSERT_EQ(NameOf(model.Take(CreatedEvent(kSpring, "spring", 1, 1, At(10)), kMoment)), "sound");
  ASSERT_EQ(NameOf(model.Take(IssuedEvent(kSpring, 1), kMoment)), "sound");
  CouponVoided voided = ReturnedEvent(kSpring, 1, SerialRange{Serial(2), 1'024});
  voided.returned = false;
  EXPECT_EQ(NameOf(model.Take(voided, kMoment)), "added_serials_wrong");
  voided.added_serials.reset();
  EXPECT_EQ(NameOf(model.Take(voided, kMoment)), "sound");
}

TEST(LogModel, RefusesOneLiveCampaignTooMany) {
  EXPECT_EQ(audit::LogModel::kLiveCampaignsMax, 1'000'000U);
  audit::LogModel model(2);
  const CampaignCreated third = CreatedEvent(3, "c", 5, 11, At(10));
  ASSERT_EQ(NameOf(model.Take(PlantedIdentity(), kMoment)), "sound");
  ASSERT_EQ(NameOf(model.Take(CreatedEvent(1, "a", 5, 1, At(10)), kMoment)), "sound");
  ASSERT_EQ(NameOf(model.Take(CreatedEvent(2, "b", 5, 6, At(10)), kMoment)), "sound");
  EXPECT_EQ(NameOf(model.Take(third, kMoment)), "too_many_campaigns");
  ASSERT_EQ(NameOf(model.Take(DeletedEvent(1), kMoment)), "sound");
  EXPECT_EQ(NameOf(model.Take(third, kMoment)), "sound");
}

TEST(CouponNumbers, AreKeptByOrdinal) {
  audit::CouponNumbers numbers;
  const std::vector<std::pair<std::uint64_t, std::uint64_t>> all = {
      {0, 7}, {511, 1}, {512, 2}, {4'294'967'295, 3}};
  for (const auto& [ordinal, number] : all) numbers.Set(ordinal, number);
  numbers.Set(1'000, 9);
  numbers.Set(1'000, 0);
  EXPECT_EQ(numbers.At(511), 1U);
  EXPECT_EQ(numbers.At(513), 0U);
  EXPECT_EQ(numbers.At(100'000), 0U);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> visited;
  numbers.ForEach(
      [&](std::uint64_t ordinal, std::uint64_t number) { visited.emplace_back(ordinal, number); });
  EXPECT_EQ(visited, all);
}

TEST(CodeCheck, CountsEveryCouponOnce) {
  audit::CodeCheck codes(PlantedIdentity().code_key, 3);
  std::uint64_t serial = 1;
  for (std::uint64_t run = 1; run <= 300; ++run) {
    codes.Add({.first = Serial(serial),
               .count = run,
               .group = GroupNumber(run),
               .first_sequence = Sequence(serial),
               .campaign = CampaignNumber(1)});
    serial += run;
  }
  const auto checked = codes.Finish();
  ASSERT_TRUE(checked.has_value());
  EXPECT_EQ(*checked, serial - 1);
}

/// Checks the codes of 20,000 coupons in two groups, and returns the violation with its place.
std::string CodeVerdict(audit::CodeFunctions functions) {
  audit::CodeCheck codes(std::move(functions), 3);
  for (std::uint64_t group = 0; group < 2; ++group) {
    codes.Add({.first = Serial(1 + group * 10'000),
               .count = 10'000,
               .group = GroupNumber(3 + group),
               .first_sequence = Sequence(101 + group * 10'000),
               .campaign = CampaignNumber(1)});
  }
  const auto checked = codes.Finish();
  if (checked) return "sound";
  const auto& violation = std::get<audit::Violation>(checked.error());
  return std::string(KindName(violation.kind)) + " at " + audit::PlaceText(violation.place);
}

TEST(CodeCheck, ACodeThatReadsBackAsAnotherSerialIsFound) {
  const audit::CodeFunctions right = audit::CodeFunctionsOf(PlantedIdentity().code_key);
  EXPECT_EQ(CodeVerdict(right), "sound");
  audit::CodeFunctions wrong = right;
  wrong.decode = [right](std::string_view text) {
    const std::optional<Serial> serial = right.decode(text);
    return serial == Serial(15'000) ? Serial(4) : serial;
  };
  EXPECT_EQ(CodeVerdict(wrong), "code_wrong at group 4, sequence 15100, campaign 1");
}

TEST(CodeCheck, ACodeThatCannotBeReadIsFound) {
  audit::CodeFunctions codes = audit::CodeFunctionsOf(PlantedIdentity().code_key);
  codes.encode_to = [encode_to = codes.encode_to](std::string& text, Serial serial) {
    encode_to(text, serial);
    if (serial == Serial(20'000)) text = "no code";
  };
  EXPECT_EQ(CodeVerdict(codes), "code_wrong at group 4, sequence 20100, campaign 1");
}

TEST(CodeCheck, OfTwoDuplicateCodesTheFirstIsReported) {
  audit::CodeFunctions codes = audit::CodeFunctionsOf(PlantedIdentity().code_key);
  codes.encode_to = [encode_to = codes.encode_to](std::string& text, Serial serial) {
    const bool doubled = serial == Serial(42) || serial == Serial(12'000);
    encode_to(text, doubled ? Serial(7) : serial);
  };
  EXPECT_EQ(CodeVerdict(codes), "code_wrong at group 3, sequence 142, campaign 1");
}

/// The threads may still note faults while the check is being destroyed. Sanitizers would see them
/// write to what is gone.
TEST(CodeCheck, MayBeDestroyedWhileFindingWrongCodes) {
  audit::CodeFunctions codes = audit::CodeFunctionsOf(PlantedIdentity().code_key);
  codes.decode = [](std::string_view) { return std::optional<Serial>(); };
  for (int round = 0; round < 200; ++round) {
    audit::CodeCheck check(codes, 2);
    std::uint64_t serial = 1;
    for (std::uint64_t batch = 0; batch < 4; ++batch) {
      for (std::uint64_t run = 0; run < 32; ++run, serial += 256) {
        check.Add({.first = Serial(serial),
                   .count = 256,
                   .group = GroupNumber(3),
                   .first_sequence = Sequence(1'000'000 - serial),
                   .campaign = CampaignNumber(1)});
      }
    }
  }
}

}  // namespace
}  // namespace coupond::test
