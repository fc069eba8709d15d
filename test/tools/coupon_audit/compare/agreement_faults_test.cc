#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "coupon_audit/compare/ledger_comparison.h"
#include "coupon_audit/model/log_model.h"
#include "engine/rules/ledger.h"
#include "support/builders.h"
#include "tools/coupon_audit/planted_events.h"
#include "tools/coupon_audit/verdict.h"

// A ledger and a model that have not come to the same, which a correct program rules out.
namespace coupond::test {
namespace {

/// A ledger and a model that have taken the same events.
class AgreementTest : public testing::Test {
 protected:
  AgreementTest() {
    Take(PlantedIdentity());
    Take(CreatedEvent(kSpring, "spring", 5, 1, At(10)));
    Take(IssuedEvent(kSpring, 1));
    Take(IssuedToEvent(kSpring, 2, "minji"));
    CampaignCreated summer = CreatedEvent(kSummer, "summer", 5, 6, At(10));
    summer.terms.coupons_per_user = 2;
    summer.terms.valid_duration = std::chrono::seconds(5);
    Take(summer);
    Take(IssuedToOnRequestEvent(kSummer, 6, "minji", 0xB1));
    Take(IssuedEvent(kSummer, 7));
    Take(IssuedToOnRequestEvent(kSummer, 8, "minji", 0xB2));
  }
  void Take(const Event& event) {
    EXPECT_EQ(NameOf(model_.Take(event, kMoment)), "sound");
    Apply(ledger_, event, {.time = kMoment.time, .sequence = kMoment.sequence});
  }
  [[nodiscard]] const Campaign& Find(std::uint64_t campaign) const {
    return *ledger_.Find(CampaignNumber(campaign));
  }
  /// Who has summer's coupons, and when they were issued.
  struct Summer {
    std::vector<std::pair<Claim, std::uint32_t>> holders;
    Timestamp issued_at = kMoment.time;
  };
  [[nodiscard]] Summer RightSummer() const {
    const Claim minji = HolderOf(kSummer, "minji");
    return {.holders = {{minji, 0}, {minji, 2}}};
  }
  /// Returns the ledger with another first campaign, whose only claim has that coupon.
  [[nodiscard]] Ledger LedgerWith(const Campaign& spring, const Claim& claim,
                                  std::uint32_t ordinal) const {
    return LedgerWith(spring, claim, ordinal, RightSummer());
  }
  [[nodiscard]] Ledger LedgerWith(const Summer& summer) const {
    return LedgerWith(Find(kSpring), minji_, 1, summer);
  }
  [[nodiscard]] Ledger LedgerWith(const Campaign& spring, const Claim& claim, std::uint32_t ordinal,
                                  const Summer& summer) const {
    Ledger other;
    other.Restore(spring);
    other.Restore(Find(kSummer));
    other.RestoreClaims(spring.number, {{{claim, ordinal}}});
    other.RestoreIssueTime(spring.number, ordinal, kMoment.time);
    other.RestoreClaims(CampaignNumber(kSummer), {{{ClaimOf(0xB1), 0}, {ClaimOf(0xB2), 2}}});
    other.RestoreIssueTime(CampaignNumber(kSummer), 0, summer.issued_at);
    for (const auto& [holder, coupon] : summer.holders) {
      other.RestoreHolder(CampaignNumber(kSummer), holder, coupon);
    }
    other.RestoreCounters(ledger_.next_campaign_number(), ledger_.next_serial());
    return other;
  }

  const Claim minji_ = HolderOf(kSpring, "minji");
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
  Take(FreedEvent(VoidedEvent(kSummer, 6)));
  Take(ReturnedEvent(kSummer, 6, SerialRange{Serial(1'035), 1'024}));
  Take(IssuedToOnRequestEvent(kSummer, 9, "minji", 0xB1));
  Take(ReturnedEvent(kSummer, 8));
  Take(FreedEvent(ReturnedEvent(kSummer, 8)));
  EXPECT_EQ(NameOf(CheckAgreement(ledger_, model_)), "sound");
  Take(ReturnedEvent(kSpring, 11));
  Take(DeletedEvent(kSpring));
  Take(ErasedEvent(kSpring, {2}, /*claims_freed=*/true));
  EXPECT_EQ(NameOf(CheckAgreement(ledger_, model_)), "sound");
}

TEST_F(AgreementTest, SameErasuresGiveTheSame) {
  Take(FreedEvent(VoidedEvent(kSummer, 6)));
  Take(RedeemedEvent(kSummer, 8, "request 1"));
  Take(ErasedEvent(kSummer, {6, 8}, /*claims_freed=*/true));
  Take(ErasedEvent(kSpring, {2}, /*claims_freed=*/true));
  Take(ErasureFinishedEvent(kMoment.sequence.value()));
  EXPECT_EQ(NameOf(CheckAgreement(ledger_, model_)), "sound");
  Take(CanceledEvent(kSummer, 8, kMoment.sequence.value()));
  Take(IssuedToOnRequestEvent(kSummer, 9, "minji", 0xB2));
  Take(IssuedToEvent(kSpring, 3, "minji"));
  Take(RedeemedEvent(kSpring, 2));
  EXPECT_EQ(NameOf(CheckAgreement(ledger_, model_)), "sound");
}

TEST_F(AgreementTest, AnEventThatOnlyOneHasTakenIsFound) {
  const Event events[] = {IssuedEvent(kSpring, 3),
                          IssuedOnRequestEvent(kSpring, 3, 0xA2),
                          CreatedEvent(kAutumn, "autumn", 5, 11, At(10)),
                          DeletedEvent(kSummer),
                          UpdatedEvent(kSpring, {.name = "sprung"}),
                          UpdatedEvent(kSpring, {.total_coupons = 4}),
                          UpdatedEvent(kSpring, {.user_required = true}),
                          UpdatedEvent(kSpring, {.redeem_start_time = At(10)}),
                          UpdatedEvent(kSpring, {.redeem_by_holder_only = true}),
                          UpdatedEvent(kSummer, {.coupons_per_user = 3}),
                          UpdatedEvent(kSummer, {.valid_duration = kUnlimited}),
                          IssuedToOnRequestEvent(kSummer, 9, "minji2", 0xB3),
                          PausedEvent(kSpring, {.redeeming = true}),
                          ArchivedEvent(kSpring),
                          RedeemedEvent(kSpring, 1),
                          VoidedEvent(kSpring, 1),
                          FreedEvent(VoidedEvent(kSpring, 2)),
                          ErasedEvent(kSpring, {2}, /*claims_freed=*/true),
                          ErasedEvent(kSummer, {8}, /*claims_freed=*/true),
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

TEST_F(AgreementTest, AWrongUserOfACouponIsFound) {
  const Claim minji = HolderOf(kSummer, "minji");
  const Claim sora = HolderOf(kSummer, "sora");
  const std::vector<std::vector<std::pair<Claim, std::uint32_t>>> wrong = {
      {},
      {{minji, 0}},
      {{minji, 2}},
      {{minji, 1}, {minji, 2}},
      {{minji, 0}, {sora, 2}},
      {{minji, 0}, {sora, 1}, {minji, 2}},
      {{minji, 0}, {minji, 2}, {minji, 3}},
      {{sora, 0}, {sora, 2}},
  };
  EXPECT_EQ(NameOf(CheckAgreement(LedgerWith(RightSummer()), model_)), "sound");
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    const Ledger ledger = LedgerWith(Summer{.holders = wrong[i]});
    EXPECT_EQ(NameOf(CheckAgreement(ledger, model_)), "ledger_differs") << i;
  }
}

TEST_F(AgreementTest, AWrongTimeOfIssueIsFoundIfExpiryNeedsIt) {
  Summer summer = RightSummer();
  summer.issued_at = kMoment.time.Plus(std::chrono::nanoseconds(1));
  EXPECT_EQ(NameOf(CheckAgreement(LedgerWith(summer), model_)), "ledger_differs");
}

TEST_F(AgreementTest, AClaimThatOnlyOneHasFreedIsFound) {
  const auto ledger_with = [this](bool springs, bool summers) {
    Ledger ledger = LedgerWith(RightSummer());
    ledger.RestoreStatus(CampaignNumber(kSpring), 1,
                         {.state = CouponState::kVoided, .claim_freed = springs});
    ledger.RestoreStatus(CampaignNumber(kSummer), 0,
                         {.state = CouponState::kVoided, .claim_freed = summers});
    return ledger;
  };
  Take(FreedEvent(VoidedEvent(kSpring, 2)));
  Take(FreedEvent(VoidedEvent(kSummer, 6)));
  EXPECT_EQ(NameOf(CheckAgreement(ledger_with(true, true), model_)), "sound");
  EXPECT_EQ(NameOf(CheckAgreement(ledger_with(false, true), model_)), "ledger_differs");
  EXPECT_EQ(NameOf(CheckAgreement(ledger_with(true, false), model_)), "ledger_differs");
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

TEST_F(AgreementTest, ASerialThatTheLedgerLacksIsFound) {
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
      [](Campaign& spring) { spring.terms.coupons_per_user = 2; },
      [](Campaign& spring) { spring.terms.user_required = true; },
      [](Campaign& spring) { spring.terms.redeem_start_time = At(10); },
      [](Campaign& spring) { spring.terms.expire_time = At(20); },
      [](Campaign& spring) { spring.terms.valid_duration = std::chrono::hours(1); },
      [](Campaign& spring) { spring.terms.redeem_by_holder_only = true; },
      [](Campaign& spring) { spring.issued_to_users = false; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Campaign spring = Find(kSpring);
    changes[i](spring);
    EXPECT_EQ(NameOf(CheckAgreement(LedgerWith(spring, minji_, 1), model_)), "ledger_differs") << i;
  }
}

}  // namespace
}  // namespace coupond::test
