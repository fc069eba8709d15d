#include "engine/rules/deleted_campaigns.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>

#include "engine/rules/ledger.h"
#include "support/builders.h"

namespace coupond {
namespace {

constexpr std::size_t kKilobyte = 1'024;
/// What the allocator and the tables that find campaigns may keep.
constexpr std::size_t kKept = 48 * kKilobyte;

/// Returns the memory that the program has taken and not given back.
std::size_t MemoryInUse() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

class DeletedCampaignsTest : public testing::Test {
 protected:
  void SetUp() override {
    Create(1);
    Create(2);
  }

  void Create(std::uint64_t number) {
    CampaignCreated event{.number = CampaignNumber(number),
                          .id = test::Id(static_cast<std::uint8_t>(number)),
                          .terms = {.name = "campaign " + std::to_string(number),
                                    .total_coupons = kCoupons,
                                    .start_time = test::At(0)},
                          .first_serial = FirstSerial(number)};
    event.terms.coupons_per_user = 2;
    Happens(event);
  }
  /// Issues coupons to others each, and redeems them.
  void Fill(std::uint64_t number, std::uint64_t coupons) {
    for (std::uint64_t i = 0; i < coupons; ++i) {
      const Serial serial = FirstSerial(number).Plus(i);
      CouponIssued issued{.campaign = CampaignNumber(number), .serial = serial};
      issued.holder = RandomClaim();
      issued.request_key = RandomClaim();
      Happens(issued);
      CouponRedeemed redeemed;
      redeemed.campaign = CampaignNumber(number);
      redeemed.serial = serial;
      Happens(redeemed);
    }
  }
  /// Returns by how much the event lowers the memory in use.
  std::size_t FreedBy(const Event& event) {
    const std::size_t before = MemoryInUse();
    Happens(event);
    return before - std::min(before, MemoryInUse());
  }
  void Happens(const Event& event) {
    ++sequence_;
    Apply(
        ledger_, event,
        {.time = test::At(static_cast<std::int64_t>(sequence_)), .sequence = Sequence(sequence_)});
  }
  static Serial FirstSerial(std::uint64_t number) { return Serial(1 + (number - 1) * kCoupons); }

  static constexpr std::uint64_t kCoupons = 100'000;
  Ledger ledger_;

 private:
  Claim RandomClaim() {
    Claim claim;
    const std::uint64_t words[2] = {random_(), random_()};
    std::memcpy(claim.bytes.data(), words, claim.bytes.size());
    return claim;
  }

  std::uint64_t sequence_ = 0;
  std::mt19937_64 random_{1};
};

TEST_F(DeletedCampaignsTest, NoEventFreesMuchAndInTheEndAllIsFree) {
#ifdef COUPOND_SANITIZED
  GTEST_SKIP() << "a sanitizer keeps what is freed";
#endif
  const std::size_t before = MemoryInUse();
  Fill(1, kCoupons);
  const std::size_t filled = MemoryInUse();
  ASSERT_GT(filled - before, 5'000 * kKilobyte);

  EXPECT_LT(FreedBy(CampaignDeleted{.campaign = CampaignNumber(1)}), 500 * kKilobyte);
  std::size_t most = 0;
  int events = 0;
  for (; MemoryInUse() > before + kKept && events < 10'000; ++events) {
    most = std::max(most, FreedBy(CampaignUnarchived{.campaign = CampaignNumber(2)}));
  }
  EXPECT_LT(most, 100 * kKilobyte);
  EXPECT_LE(MemoryInUse(), before + kKept) << "after " << events << " events";
}

TEST_F(DeletedCampaignsTest, ASmallCampaignIsFreeAtOnce) {
#ifdef COUPOND_SANITIZED
  GTEST_SKIP() << "a sanitizer keeps what is freed";
#endif
  const std::size_t before = MemoryInUse();
  Fill(1, 1'500);
  ASSERT_GT(MemoryInUse(), before + 2 * kKept);
  Happens(CampaignDeleted{.campaign = CampaignNumber(1)});
  EXPECT_LE(MemoryInUse(), before + kKept);
}

TEST_F(DeletedCampaignsTest, ItsCouponsAreGoneFromTheFirstMoment) {
  Fill(1, kCoupons);
  Fill(2, 1);
  Happens(CampaignDeleted{.campaign = CampaignNumber(1)});
  EXPECT_EQ(ledger_.FindIssued(FirstSerial(1)), std::nullopt);
  EXPECT_EQ(ledger_.FindHolders(CampaignNumber(1)), nullptr);
  EXPECT_EQ(ledger_.Find(CampaignNumber(1)), nullptr);
  EXPECT_EQ(ledger_.Find("campaign 1"), nullptr);
  EXPECT_NE(ledger_.FindIssued(FirstSerial(2)), std::nullopt);
}

}  // namespace
}  // namespace coupond
