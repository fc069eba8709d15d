#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "coupon_audit/compare/verification.h"
#include "coupon_audit/model/code_check.h"
#include "coupon_audit/model/coupon_numbers.h"
#include "coupon_audit/model/log_model.h"
#include "coupon_audit/report/report.h"
#include "engine/rules/ledger.h"
#include "tools/coupon_audit/planted_store.h"

// Faults that no log can have, because reading it, or a correct program, rules them out.
namespace coupond::test {
namespace {

const audit::Moment kMoment{.group = GroupNumber(2), .sequence = Sequence(2), .time = At(10)};

std::string NameOf(const audit::Audited<void>& outcome) {
  if (outcome) return "sound";
  const auto* const violation = std::get_if<audit::Violation>(&outcome.error());
  return violation == nullptr ? "error" : std::string(KindName(violation->kind));
}

TEST(LogModel, RequiresStoreCreatedFirstAndOnlyThere) {
  audit::LogModel model;
  const CampaignCreated spring = CreatedEvent(kSpring, "spring", 5, 1, At(10));
  EXPECT_EQ(NameOf(model.Take(spring, kMoment)), "store_not_created");
  EXPECT_EQ(NameOf(model.Take(PlantedIdentity(), kMoment)), "sound");
  EXPECT_EQ(NameOf(model.Take(PlantedIdentity(), kMoment)), "store_created_again");
  EXPECT_EQ(NameOf(model.Take(spring, kMoment)), "sound");
}

TEST(LogModel, RefusesEmptyNamesAndTotals) {
  audit::LogModel model;
  ASSERT_EQ(NameOf(model.Take(PlantedIdentity(), kMoment)), "sound");
  EXPECT_EQ(NameOf(model.Take(CreatedEvent(kSpring, "", 5, 1, At(10)), kMoment)), "name_wrong");
  EXPECT_EQ(NameOf(model.Take(CreatedEvent(kSpring, "x", 0, 1, At(10)), kMoment)), "total_wrong");
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

/// A ledger and a model that have taken the same events.
class AgreementTest : public testing::Test {
 protected:
  AgreementTest() {
    Take(PlantedIdentity());
    Take(CreatedEvent(kSpring, "spring", 5, 1, At(10)));
    Take(IssuedEvent(kSpring, 1));
    Take(IssuedToEvent(kSpring, 2, "minji"));
    Take(CreatedEvent(kSummer, "summer", 5, 6, At(10)));
  }
  void Take(const Event& event) {
    EXPECT_EQ(NameOf(model_.Take(event, kMoment)), "sound");
    Apply(ledger_, event, {.time = kMoment.time, .sequence = kMoment.sequence});
  }
  [[nodiscard]] const Campaign& Find(std::uint64_t campaign) const {
    return *ledger_.Find(CampaignNumber(campaign));
  }
  /// Returns the ledger with another first campaign, whose only claim has that coupon.
  [[nodiscard]] Ledger LedgerWith(const Campaign& spring, const Claim& claim,
                                  std::uint32_t ordinal) const {
    Ledger other;
    other.Restore(spring);
    other.Restore(Find(kSummer));
    other.RestoreClaims(spring.number, {{{claim, ordinal}}});
    other.RestoreIssueTime(spring.number, ordinal, kMoment.time);
    other.RestoreCounters(ledger_.next_campaign_number(), ledger_.next_serial());
    return other;
  }

  const Claim minji_ = *IssuedToEvent(kSpring, 2, "minji").claim;
  Ledger ledger_;
  audit::LogModel model_;
};

TEST_F(AgreementTest, SameEventsGiveTheSame) {
  Take(UpdatedEvent(kSpring, {.total_coupons = 7, .end_time = At(20)},
                    SerialRange{.first = Serial(11), .count = 2}));
  Take(PausedEvent(kSpring, {.issuing = true, .redeeming = true}));
  Take(ResumedEvent(kSpring, {.issuing = true}));
  Take(UpdatedEvent(kSpring, {.name = "sprung", .total_coupons = 2, .end_time = kNever}));
  Take(ArchivedEvent(kSummer));
  Take(UnarchivedEvent(kSummer));
  Take(ArchivedEvent(kSpring));
  EXPECT_EQ(NameOf(CheckAgreement(ledger_, model_)), "sound");
}

TEST_F(AgreementTest, SameEventsOfCouponsGiveTheSame) {
  Take(RedeemedEvent(kSpring, 1, "request 1"));
  Take(CanceledEvent(kSpring, 1, kMoment.sequence.value()));
  Take(RedeemedEvent(kSpring, 1, "request 2"));
  Take(VoidedEvent(kSpring, 2));
  Take(ReturnedEvent(kSpring, 2, SerialRange{Serial(11), 1'024}));
  Take(IssuedEvent(kSpring, 3));
  Take(IssuedEvent(kSpring, 4));
  Take(IssuedEvent(kSpring, 5));
  Take(IssuedEvent(kSpring, 11));
  EXPECT_EQ(NameOf(CheckAgreement(ledger_, model_)), "sound");
  Take(ReturnedEvent(kSpring, 11));
  Take(DeletedEvent(kSpring));
  EXPECT_EQ(NameOf(CheckAgreement(ledger_, model_)), "sound");
}

TEST_F(AgreementTest, AnEventThatOnlyOneHasTakenIsFound) {
  const Event events[] = {IssuedEvent(kSpring, 3),
                          IssuedOnRequestEvent(kSpring, 3, 0xA2),
                          CreatedEvent(kAutumn, "autumn", 5, 11, At(10)),
                          DeletedEvent(kSummer),
                          UpdatedEvent(kSpring, {.name = "sprung"}),
                          UpdatedEvent(kSpring, {.total_coupons = 4}),
                          PausedEvent(kSpring, {.redeeming = true}),
                          ArchivedEvent(kSpring),
                          RedeemedEvent(kSpring, 1),
                          VoidedEvent(kSpring, 1),
                          ReturnedEvent(kSpring, 1, SerialRange{Serial(11), 1'024})};
  for (const Event& event : events) {
    audit::LogModel ahead = model_;
    ASSERT_EQ(NameOf(ahead.Take(event, kMoment)), "sound");
    EXPECT_EQ(NameOf(CheckAgreement(ledger_, ahead)), "ledger_differs");
  }
}

TEST_F(AgreementTest, AWrongClaimOrCouponForItIsFound) {
  const Campaign& spring = Find(kSpring);
  EXPECT_EQ(NameOf(CheckAgreement(LedgerWith(spring, minji_, 1), model_)), "sound");
  EXPECT_EQ(NameOf(CheckAgreement(LedgerWith(spring, ClaimOf(0xA2), 1), model_)), "ledger_differs");
  EXPECT_EQ(NameOf(CheckAgreement(LedgerWith(spring, minji_, 0), model_)), "ledger_differs");
}

TEST_F(AgreementTest, AWrongStateOfACouponIsFound) {
  Take(RedeemedEvent(kSpring, 1));
  const auto ledger_with = [&](std::uint32_t ordinal, const CouponStatus& status) {
    Ledger ledger = LedgerWith(Find(kSpring), minji_, 1);
    ledger.RestoreStatus(CampaignNumber(kSpring), ordinal, status);
    return ledger;
  };
  CouponStatus redeemed{.state = CouponState::kRedeemed};
  redeemed.redemption.emplace().sequence = kMoment.sequence;
  CouponStatus redeemed_later = redeemed;
  redeemed_later.redemption->sequence = kMoment.sequence.Next();
  EXPECT_EQ(NameOf(CheckAgreement(ledger_with(0, redeemed), model_)), "sound");
  EXPECT_EQ(NameOf(CheckAgreement(ledger_with(1, redeemed), model_)), "ledger_differs");
  EXPECT_EQ(NameOf(CheckAgreement(ledger_with(0, redeemed_later), model_)), "ledger_differs");
  EXPECT_EQ(NameOf(CheckAgreement(ledger_with(0, {.state = CouponState::kVoided}), model_)),
            "ledger_differs");
  EXPECT_EQ(NameOf(CheckAgreement(LedgerWith(Find(kSpring), minji_, 1), model_)), "ledger_differs");
}

TEST_F(AgreementTest, AWrongRequestIsFound) {
  const RequestKey key = RequestKeyFor("request 1");
  CouponVoided voided = VoidedEvent(kSpring, 1);
  voided.request = key;
  Take(voided);
  const auto ledger_with = [&](const Claim& digest, const CarriedOut& carried_out) {
    Ledger ledger = LedgerWith(Find(kSpring), minji_, 1);
    ledger.RestoreStatus(CampaignNumber(kSpring), 0, {.state = CouponState::kVoided});
    const RequestMap::Entry entry{digest, carried_out};
    ledger.RestoreRequests({&entry, 1});
    return ledger;
  };
  const CarriedOut right{.sequence = kMoment.sequence, .content = key.content};
  const CarriedOut later{.sequence = kMoment.sequence.Next(), .content = key.content};
  const CarriedOut other{.sequence = kMoment.sequence, .content = 1};
  EXPECT_EQ(NameOf(CheckAgreement(ledger_with(key.digest, right), model_)), "sound");
  EXPECT_EQ(NameOf(CheckAgreement(ledger_with(ClaimOf(1), right), model_)), "ledger_differs");
  EXPECT_EQ(NameOf(CheckAgreement(ledger_with(key.digest, later), model_)), "ledger_differs");
  EXPECT_EQ(NameOf(CheckAgreement(ledger_with(key.digest, other), model_)), "ledger_differs");
}

TEST_F(AgreementTest, ACouponThatTheLedgerDoesNotFindByItsSerialIsFound) {
  const auto take = [this](const Event& event, const Event& to_ledger) {
    ASSERT_EQ(NameOf(model_.Take(event, kMoment)), "sound");
    Apply(ledger_, to_ledger, {.time = kMoment.time, .sequence = kMoment.sequence});
  };
  // With its campaign, the ledger forgets which one the serial 1 belongs to.
  take(CreatedEvent(kAutumn, "autumn", 5, 11, At(10)),
       CreatedEvent(kAutumn, "autumn", 15, 1, At(10)));
  take(DeletedEvent(kAutumn), DeletedEvent(kAutumn));
  EXPECT_EQ(NameOf(CheckAgreement(ledger_, model_)), "ledger_differs");
}

TEST_F(AgreementTest, EachFieldThatDiffersIsFound) {
  const std::vector<std::function<void(Campaign&)>> changes = {
      [](Campaign& spring) { spring.id = Id(9); },
      [](Campaign& spring) { spring.terms.name = "sprung"; },
      [](Campaign& spring) { spring.terms.total_coupons = 6; },
      [](Campaign& spring) { spring.terms.start_time = At(11); },
      [](Campaign& spring) { spring.terms.end_time = At(20); },
      [](Campaign& spring) { spring.serials = SerialRanges({.first = Serial(1), .count = 4}); },
      [](Campaign& spring) { spring.serials.Add({.first = Serial(11), .count = 1}); },
      [](Campaign& spring) { spring.issued_coupons = 3; },
      [](Campaign& spring) { spring.redeemed_coupons = 1; },
      [](Campaign& spring) { spring.voided_coupons = 1; },
      [](Campaign& spring) { spring.returned_coupons = 1; },
      [](Campaign& spring) { spring.created_at = At(9); },
      [](Campaign& spring) { spring.revision = Sequence(3); },
      [](Campaign& spring) { spring.paused.issuing = true; },
      [](Campaign& spring) { spring.paused.redeeming = true; },
      [](Campaign& spring) { spring.sold_out_at = At(10); },
      [](Campaign& spring) { spring.archived_at = At(10); },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Campaign spring = Find(kSpring);
    changes[i](spring);
    EXPECT_EQ(NameOf(CheckAgreement(LedgerWith(spring, minji_, 1), model_)), "ledger_differs") << i;
  }
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
