#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "coupond/storage/v1/commit_group.pb.h"
#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/verdict.h"

// Intact logs, and user_ids beside a group that are not as they were written. No hash covers them:
// the holders in the events do.
namespace coupond::test {
namespace {

using storage::v1::Holders;

struct HolderFault {
  std::string name;
  std::function<void(PlantedStore&)> plant;
  std::string verdict;
};

void PrintTo(const HolderFault& fault, std::ostream* out) { *out << fault.name; }

/// Alters the user_ids of group 4, which issued to joon (sequence 9) and sora.
std::function<void(PlantedStore&)> Alter(std::function<void(Holders&)> change) {
  return [change = std::move(change)](PlantedStore& store) {
    Holders holders;
    ASSERT_TRUE(holders.ParseFromString(store.Holders(4)));
    ASSERT_EQ(holders.holders_size(), 2);
    change(holders);
    store.PutHolders(4, holders.SerializeAsString());
  };
}

std::vector<HolderFault> HolderFaults() {
  return {
      {"TextReplaced", Alter([](Holders& all) { all.mutable_holders(0)->set_user_id("jean"); }),
       "claim_wrong at group 4, sequence 9, campaign 2"},
      {"LastTextReplaced", Alter([](Holders& all) { all.mutable_holders(1)->set_user_id("sara"); }),
       "claim_wrong at group 4, sequence 10, campaign 3"},
      {"TextsSwapped", Alter([](Holders& all) {
         all.mutable_holders(0)->mutable_user_id()->swap(
             *all.mutable_holders(1)->mutable_user_id());
       }),
       "claim_wrong at group 4, sequence 9, campaign 2"},
      {"TextLonger",
       Alter([](Holders& all) { all.mutable_holders(0)->mutable_user_id()->append("x"); }),
       "claim_wrong at group 4, sequence 9, campaign 2"},
      {"TextRemoved", Alter([](Holders& all) { all.mutable_holders()->DeleteSubrange(0, 1); }),
       "user_id_missing at group 4, sequence 9, campaign 2"},
      {"LastTextRemoved", Alter([](Holders& all) { all.mutable_holders()->RemoveLast(); }),
       "user_id_missing at group 4, sequence 10, campaign 3"},
      {"AllTextsRemoved", [](PlantedStore& store) { store.PutHolders(4, ""); },
       "user_id_missing at group 4, sequence 9, campaign 2"},
      {"TextEmptied", Alter([](Holders& all) { all.mutable_holders(0)->clear_user_id(); }),
       "group_undecodable at group 4"},
      {"TextOfAnAnonymousCoupon",
       [](PlantedStore& store) {
         Holders holders;
         holders.add_holders()->set_user_id("joon");
         store.PutHolders(6, holders.SerializeAsString());
       },
       "group_undecodable at group 6"},
      {"TextOfNoCoupon", Alter([](Holders& all) { all.mutable_holders(1)->set_event(2); }),
       "group_undecodable at group 4"},
      {"TextTwice", Alter([](Holders& all) { *all.add_holders() = all.holders(1); }),
       "group_undecodable at group 4"},
      {"NotTexts", [](PlantedStore& store) { store.PutHolders(6, "nothing that was written"); },
       "group_undecodable at group 6"},
  };
}

class HolderFaultTest : public testing::TestWithParam<HolderFault> {};

TEST_P(HolderFaultTest, IsFoundAndNamed) {
  PlantedStore store;
  ASSERT_EQ(VerdictOn(store.path()), "sound");
  GetParam().plant(store);
  EXPECT_EQ(VerdictOn(store.path()), GetParam().verdict);
}

INSTANTIATE_TEST_SUITE_P(Log, HolderFaultTest, testing::ValuesIn(HolderFaults()),
                         [](const auto& fault) { return fault.param.name; });

TEST(HolderFaults, EachBitThatFlipsIsFound) {
  PlantedStore store;
  const std::string holders = store.Holders(4);
  ASSERT_FALSE(holders.empty());
  for (std::size_t bit = 0; bit < holders.size() * 8; ++bit) {
    std::string flipped = holders;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    store.PutHolders(4, flipped);
    EXPECT_NE(VerdictOn(store.path()), "sound") << "bit " << bit;
  }
  store.PutHolders(4, holders);
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

}  // namespace
}  // namespace coupond::test
