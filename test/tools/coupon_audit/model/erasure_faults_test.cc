#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "coupon_audit/model/log_model.h"
#include "tools/coupon_audit/model/rule_fault.h"

// Logs that break one of the rules of erasing users, and beside each the nearest ones that break
// none; and texts of users that are there, or missing, when they must not be.
namespace coupond::test {
namespace {

template <typename Kind>
Kind OnRequest(Kind event, const std::string& request_id) {
  event.request = RequestKeyFor(request_id);
  return event;
}
UserErased MinjiErased() { return ErasedEvent(kSpring, {2}); }

/// Returns a campaign, its coupons, each to another user, and the erasure of all of them at once.
std::vector<Event> AllErased(std::uint64_t coupons) {
  std::vector<Event> events = {WinterWith([coupons](auto& winter) {
    winter.terms.total_coupons = static_cast<std::int64_t>(coupons);
  })};
  std::vector<std::uint64_t> serials;
  for (std::uint64_t serial = kNextSerial; serial < kNextSerial + coupons; ++serial) {
    events.emplace_back(IssuedToEvent(kNextCampaign, serial, "user " + std::to_string(serial)));
    serials.push_back(serial);
  }
  events.emplace_back(ErasedEvent(kNextCampaign, serials));
  return events;
}

std::vector<RuleFault> ErasureFaults() {
  return {
      {"OfNoCampaign",
       {ErasedEvent(4, {2})},
       "unknown_campaign at group 7, sequence 14, campaign 4",
       {MinjiErased()}},
      {"OfACouponNeverIssued",
       {ErasedEvent(kSpring, {2, 5})},
       "coupon_not_issued at group 7, sequence 14, campaign 1",
       {IssuedToEvent(kSpring, 5, "sora"), ErasedEvent(kSpring, {2, 5})}},
      {"BeforeTheCouponIsIssued",
       {ErasedEvent(kSpring, {5}), IssuedToEvent(kSpring, 5, "sora")},
       "coupon_not_issued at group 7, sequence 14, campaign 1",
       {IssuedToEvent(kSpring, 5, "sora"), ErasedEvent(kSpring, {5})}},
      {"OfADeletedCampaignsCouponNeverIssued",
       {ErasedEvent(kAutumn, {9, 10})},
       "coupon_not_issued at group 7, sequence 14, campaign 3",
       {ErasedEvent(kAutumn, {9})}},
      {"OfAnotherCampaignsCoupon",
       {ErasedEvent(kSpring, {2, 7})},
       "coupon_of_another_campaign at group 7, sequence 14, campaign 1",
       {MinjiErased(), ErasedEvent(kSummer, {7})}},
      {"OfACouponThatNobodyHas",
       {ErasedEvent(kSpring, {1, 2})},
       "erased_coupons_wrong at group 7, sequence 14, campaign 1",
       {MinjiErased()}},
      {"OfACouponOnRequestThatNobodyHas",
       {ErasedEvent(kSpring, {3})},
       "erased_coupons_wrong at group 7, sequence 14, campaign 1",
       {MinjiErased()}},
      {"Twice",
       {MinjiErased(), MinjiErased()},
       "erased_twice at group 7, sequence 15, campaign 1",
       {MinjiErased(), ErasedEvent(kSummer, {7})}},
      {"OnTheRequestOfAnotherErasure",
       {OnRequest(MinjiErased(), "a"), OnRequest(ErasedEvent(kSummer, {7}), "a")},
       "request_carried_out_twice at group 7, sequence 15, campaign 2",
       {OnRequest(MinjiErased(), "a"), OnRequest(ErasedEvent(kSummer, {7}), "b")}},
      {"OnTheRequestOfSomethingElse",
       {RedeemedEvent(kSpring, 1, "a"), OnRequest(MinjiErased(), "a")},
       "request_carried_out_twice at group 7, sequence 15, campaign 1",
       {RedeemedEvent(kSpring, 1, "a"), MinjiErased()}},
      {"FinishedBeforeAnyCame",
       {ErasureFinishedEvent(15), MinjiErased()},
       "erasure_finished_wrong at group 7, sequence 14",
       {MinjiErased()}},
      {"FinishedIsNoErasure",
       {MinjiErased(), ErasureFinishedEvent(13)},
       "erasure_finished_wrong at group 7, sequence 15",
       {MinjiErased(), ErasedEvent(kSummer, {7})}},
  };
}

std::vector<RuleFault> ClaimFaults() {
  const UserErased freed = ErasedEvent(kSpring, {2}, /*claims_freed=*/true);
  return {
      {"ClaimIsKept",
       {MinjiErased(), IssuedToEvent(kSpring, 5, "minji")},
       "claim_given_twice at group 7, sequence 15, campaign 1",
       {freed, IssuedToEvent(kSpring, 5, "minji")}},
      {"FreedAgainByVoiding",
       {freed, FreedEvent(VoidedEvent(kSpring, 2))},
       "claim_freed_twice at group 7, sequence 15, campaign 1",
       {freed, VoidedEvent(kSpring, 2)}},
      {"FreedAgainAfterARedemption",
       {freed, RedeemedEvent(kSpring, 2), CanceledEvent(kSpring, 2, 15),
        FreedEvent(VoidedEvent(kSpring, 2))},
       "claim_freed_twice at group 7, sequence 17, campaign 1",
       {freed, RedeemedEvent(kSpring, 2), CanceledEvent(kSpring, 2, 15),
        IssuedToEvent(kSpring, 5, "minji"), VoidedEvent(kSpring, 2)}},
      {"NothingIsRedeemedByIt",
       {freed, CanceledEvent(kSpring, 2, 14)},
       "redemption_not_present at group 7, sequence 15, campaign 1",
       {RedeemedEvent(kSpring, 2), freed, CanceledEvent(kSpring, 2, 14)}},
      {"OneOfTwoIsFreedOnce",
       {WinterWith([](auto& winter) { winter.terms.coupons_per_user = 2; }),
        IssuedToOnRequestEvent(4, 11, "a", 1), IssuedToOnRequestEvent(4, 12, "a", 2),
        FreedEvent(VoidedEvent(4, 11)), ErasedEvent(4, {11}, /*claims_freed=*/true),
        IssuedToOnRequestEvent(4, 13, "a", 3), IssuedToOnRequestEvent(4, 14, "a", 4)},
       "user_limit_exceeded at group 7, sequence 20, campaign 4",
       {WinterWith([](auto& winter) { winter.terms.coupons_per_user = 2; }),
        IssuedToOnRequestEvent(4, 11, "a", 1), IssuedToOnRequestEvent(4, 12, "a", 2),
        FreedEvent(VoidedEvent(4, 11)), ErasedEvent(4, {11, 12}, /*claims_freed=*/true),
        IssuedToOnRequestEvent(4, 13, "a", 3), IssuedToOnRequestEvent(4, 14, "a", 4)}},
  };
}

class ErasureFaultTest : public testing::TestWithParam<RuleFault> {};

TEST_P(ErasureFaultTest, IsFoundAndNamed) {
  EXPECT_EQ(VerdictWith(GetParam().fault), GetParam().verdict);
}

TEST_P(ErasureFaultTest, ItsNearestNeighbourIsSound) {
  EXPECT_EQ(VerdictWith(GetParam().sound), "sound");
}

constexpr auto kNameOfFault = [](const auto& fault) { return fault.param.name; };
INSTANTIATE_TEST_SUITE_P(Erasures, ErasureFaultTest, testing::ValuesIn(ErasureFaults()),
                         kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Claims, ErasureFaultTest, testing::ValuesIn(ClaimFaults()), kNameOfFault);

TEST(Erasures, MayNameSoManyCouponsAtOnce) { EXPECT_EQ(VerdictWith(AllErased(10'000)), "sound"); }

// The codec decodes none of these.
TEST(Erasures, OfNoCouponsOrTooManyOrInAnotherOrderAreFound) {
  const audit::Moment moment{.group = GroupNumber(3), .sequence = Sequence(9), .time = At(14)};
  audit::LogModel model;
  ASSERT_EQ(NameOf(model.Take(PlantedIdentity(), kMoment)), "sound");
  CampaignCreated spring = CreatedEvent(kSpring, "spring", 20'000, 1, At(10));
  ASSERT_EQ(NameOf(model.Take(spring, kMoment)), "sound");
  std::vector<std::uint64_t> serials;
  for (std::uint64_t serial = 1; serial <= 10'001; ++serial) {
    const std::string user = "user " + std::to_string(serial);
    ASSERT_EQ(NameOf(model.Take(IssuedToEvent(kSpring, serial, user), kMoment)), "sound");
    serials.push_back(serial);
  }
  const auto erase = [&](const std::vector<std::uint64_t>& coupons) {
    return NameOf(model.Take(ErasedEvent(kSpring, coupons), moment));
  };
  EXPECT_EQ(erase({}), "erased_coupons_wrong");
  EXPECT_EQ(erase({2, 1}), "erased_coupons_wrong");
  EXPECT_EQ(erase({1, 1}), "erased_coupons_wrong");
  EXPECT_EQ(erase(serials), "erased_coupons_wrong");
  serials.pop_back();
  EXPECT_EQ(erase(serials), "sound");
}

TEST(Erasures, AreFinishedOnceAndWithAllBefore) {
  const auto at = [](std::uint64_t sequence) {
    return audit::Moment{
        .group = GroupNumber(sequence), .sequence = Sequence(sequence), .time = At(10)};
  };
  audit::LogModel model;
  ASSERT_EQ(NameOf(model.Take(PlantedIdentity(), at(1))), "sound");
  ASSERT_EQ(NameOf(model.Take(CreatedEvent(kSpring, "spring", 5, 1, At(10)), at(2))), "sound");
  for (const std::uint64_t serial : {1U, 2U, 3U}) {
    const std::string user = "user " + std::to_string(serial);
    ASSERT_EQ(NameOf(model.Take(IssuedToEvent(kSpring, serial, user), at(2 + serial))), "sound");
    ASSERT_EQ(NameOf(model.Take(ErasedEvent(kSpring, {serial}), at(5 + serial))), "sound");
  }
  EXPECT_EQ(NameOf(model.Take(ErasureFinishedEvent(5), at(9))), "erasure_finished_wrong");
  EXPECT_EQ(NameOf(model.Take(ErasureFinishedEvent(7), at(9))), "sound");
  EXPECT_EQ(model.unfinished_erasures().size(), 1U);
  EXPECT_EQ(NameOf(model.Take(ErasureFinishedEvent(6), at(10))), "erasure_finished_wrong");
  EXPECT_EQ(NameOf(model.Take(ErasureFinishedEvent(7), at(10))), "erasure_finished_wrong");
  EXPECT_EQ(NameOf(model.Take(ErasureFinishedEvent(8), at(10))), "sound");
}

/// A store in which minji (spring's 2, sequence 6) and sora (autumn's 9, sequence 10) are erased,
/// and what is done to its texts.
struct TextCase {
  std::string name;
  std::function<void(PlantedStore&)> plant;
  std::string verdict;
};

void PrintTo(const TextCase& text_case, std::ostream* out) { *out << text_case.name; }

void RemoveBoth(PlantedStore& store) {
  store.RemoveText(3, "minji");
  store.RemoveText(4, "sora");
}
void Finish(PlantedStore& store, std::uint64_t erasure) {
  store.Add(At(15), {ErasureFinishedEvent(erasure)});
  store.WriteFiles();
}

std::vector<TextCase> TextCases() {
  constexpr const char* kMinjiThere = "user_id_not_erased at group 3, sequence 6, campaign 1";
  constexpr const char* kSoraThere = "user_id_not_erased at group 4, sequence 10, campaign 3";
  constexpr const char* kJoonMissing = "user_id_missing at group 4, sequence 9, campaign 2";
  return {
      {"AllThere", [](PlantedStore&) {}, "sound"},
      {"AllGone", RemoveBoth, "sound"},
      {"OneGone", [](PlantedStore& store) { store.RemoveText(4, "sora"); }, "sound"},
      {"AllGoneAndFinished",
       [](PlantedStore& store) {
         RemoveBoth(store);
         Finish(store, 15);
       },
       "sound"},
      {"TheFirstFinished",
       [](PlantedStore& store) {
         store.RemoveText(3, "minji");
         Finish(store, 14);
       },
       "sound"},
      {"FinishedAndAllThere", [](PlantedStore& store) { Finish(store, 15); }, kMinjiThere},
      {"TheFirstFinishedAndThere", [](PlantedStore& store) { Finish(store, 14); }, kMinjiThere},
      {"FinishedAndOneThere",
       [](PlantedStore& store) {
         store.RemoveText(3, "minji");
         Finish(store, 15);
       },
       kSoraThere},
      {"AnothersGone",
       [](PlantedStore& store) {
         store.RemoveText(4, "joon");
         RemoveBoth(store);
       },
       kJoonMissing},
      {"AnothersGoneBeforeTheStoreWasRestored",
       [](PlantedStore& store) {
         store.RemoveText(4, "joon");
         store.Add(At(15), {RestoredEvent(100)});
         store.WriteFiles();
       },
       "sound"},
      {"AnothersGoneAfterTheStoreWasRestored",
       [](PlantedStore& store) {
         store.Add(At(15), {RestoredEvent(100)});
         store.Add(At(16), {IssuedToEvent(kSpring, 100, "jiho")});
         store.WriteFiles();
         store.RemoveText(9, "jiho");
       },
       "user_id_missing at group 9, sequence 17, campaign 1"},
      {"AnothersInItsPlace",
       [](PlantedStore& store) {
         std::string holders = store.Holders(3);
         store.PutHolders(3, holders.replace(holders.find("minji"), 5, "jihoo"));
       },
       "claim_wrong at group 3, sequence 6, campaign 1"},
      {"TheErasureIsDamaged",
       [](PlantedStore& store) {
         RemoveBoth(store);
         std::string record = store.LogRow(LogKey(7));
         record.back() = static_cast<char>(record.back() ^ 1);
         store.PutLogRow(LogKey(7), record);
       },
       "chain_broken at group 7"},
      {"TheErasureIsMissing",
       [](PlantedStore& store) {
         RemoveBoth(store);
         store.DeleteLogRow(LogKey(7));
       },
       "log_behind_watermark at group 7, sequence 14"},
  };
}

class ErasedTextTest : public testing::TestWithParam<TextCase> {};

TEST_P(ErasedTextTest, HasThisVerdict) {
  PlantedStore store;
  store.AddErasure();
  GetParam().plant(store);
  EXPECT_EQ(VerdictOn(store.path()), GetParam().verdict);
}

INSTANTIATE_TEST_SUITE_P(Log, ErasedTextTest, testing::ValuesIn(TextCases()), kNameOfFault);

}  // namespace
}  // namespace coupond::test
