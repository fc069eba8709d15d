#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/sequencer/recovery.h"
#include "engine/views/coupon_reader.h"
#include "engine/views/projection_fixture.h"
#include "engine/views/random_history.h"
#include "support/builders.h"
#include "support/fake_event_log.h"

// What the rows show once the store was restored, whatever else a write brings.
namespace coupond {
namespace {

using test::At;
using test::Id;

constexpr StoreRestored RestoredFrom(std::uint64_t first_serial) {
  return {.first_serial = Serial(first_serial)};
}

/// Which campaign has which serial: each serial by itself, from the text of the rules.
class SerialModel {
 public:
  void Take(const Event& event) {
    std::visit([this](const auto& kind) { On(kind); }, event);
  }

  struct Reserved {
    std::uint64_t campaign = 0;
    bool issued = false;
  };
  /// Returns the serials that live campaigns have.
  [[nodiscard]] std::map<std::uint64_t, Reserved> ReservedSerials() const {
    std::map<std::uint64_t, Reserved> reserved;
    for (const auto& [number, campaign] : live_) {
      for (std::size_t i = 0; i < campaign.serials.size(); ++i) {
        reserved[campaign.serials[i]] = {.campaign = number, .issued = i < campaign.issued_ever};
      }
    }
    return reserved;
  }
  /// All serials that a campaign ever had.
  [[nodiscard]] const std::set<std::uint64_t>& ever() const { return ever_; }

 private:
  struct LiveCampaign {
    std::vector<std::uint64_t> serials;  // in the order in which coupons get them
    std::uint64_t total = 0;
    std::uint64_t issued_ever = 0;
    std::uint64_t returned = 0;
  };

  void Reserve(LiveCampaign& campaign, std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t serial = first; serial < first + count; ++serial) {
      EXPECT_TRUE(ever_.insert(serial).second) << "serial " << serial << " was reserved before";
      campaign.serials.push_back(serial);
    }
  }
  void Add(LiveCampaign& campaign, const std::optional<SerialRange>& added) {
    if (added) Reserve(campaign, added->first.value(), added->count);
  }

  void On(const CampaignCreated& event) {
    LiveCampaign& campaign = live_[event.number.value()];
    campaign.total = static_cast<std::uint64_t>(event.terms.total_coupons);
    Reserve(campaign, event.first_serial.value(), campaign.total);
  }
  void On(const CampaignUpdated& event) {
    LiveCampaign& campaign = live_.at(event.campaign.value());
    if (const auto& total = event.changes.total_coupons) {
      campaign.total = static_cast<std::uint64_t>(*total);
    }
    Add(campaign, event.added_serials);
  }
  void On(const CouponIssued& event) {
    LiveCampaign& campaign = live_.at(event.campaign.value());
    EXPECT_EQ(campaign.serials.at(campaign.issued_ever), event.serial.value());
    ++campaign.issued_ever;
  }
  void On(const CouponVoided& event) {
    LiveCampaign& campaign = live_.at(event.campaign.value());
    if (event.returned && returned_.insert(event.serial.value()).second) ++campaign.returned;
    Add(campaign, event.added_serials);
  }
  void On(const CampaignDeleted& event) { live_.erase(event.campaign.value()); }
  void On(const StoreRestored& event) {
    std::uint64_t next = event.first_serial.value();
    for (auto& [number, campaign] : live_) {
      campaign.serials.resize(campaign.issued_ever);
      const std::uint64_t places = campaign.total + campaign.returned - campaign.issued_ever;
      Reserve(campaign, next, places);
      next += places;
    }
  }
  template <typename Kind>
  void On(const Kind&) {}

  std::map<std::uint64_t, LiveCampaign> live_;
  std::set<std::uint64_t> returned_;
  std::set<std::uint64_t> ever_;
};

class ProjectionRestoreTest : public ProjectionTest, public CommitListener {
 protected:
  /// Returns the campaigns of these serials as the views know them; 0: none.
  std::vector<std::uint64_t> OwnersOf(const std::vector<std::uint64_t>& serials) {
    std::vector<std::uint64_t> owners;
    for (const std::uint64_t serial : serials) {
      const auto found = views_.FindCampaignOf(Serial(serial)).value();
      owners.push_back(found ? found->number.value() : 0);
    }
    return owners;
  }
  [[nodiscard]] Campaign Row(std::uint8_t campaign) const {
    return views_.FindCampaign(Id(campaign)).value().value();
  }
  void OnCommit(const std::shared_ptr<const CommitGroup>&, const LogTip&) override {}
};

TEST_F(ProjectionRestoreTest, UnissuedSerialsAreReplaced) {
  Given(1, {kOne, kTwo});
  Given(7, {IssuedBy(kOne, 0), IssuedBy(kOne, 1)});
  Write();
  Given(8, {RestoredFrom(100)});
  Write();
  SerialRanges one({.first = Serial(1), .count = 2});
  one.Add({.first = Serial(100), .count = 8});
  EXPECT_EQ(Row(1).serials, one);
  EXPECT_EQ(Row(2).serials, SerialRanges({.first = Serial(108), .count = 10}));
  EXPECT_EQ(OwnersOf({1, 2, 3, 10, 11, 20, 99, 100, 107, 108, 117, 118}),
            (std::vector<std::uint64_t>{1, 1, 0, 0, 0, 0, 0, 1, 1, 2, 2, 0}));
  EXPECT_EQ(views_.ReadCheckpoint().value()->next_serial, Serial(118));

  Given(9, {CouponIssued{kOne.number, Serial(100)}});
  Write();
  EXPECT_EQ(Coupons(1).back().serial, Serial(100));
  EXPECT_EQ(FindCoupon(views_, Serial(100)).value()->coupon.ordinal, 2U);
  EXPECT_EQ(FindCoupon(views_, Serial(3)).value(), std::nullopt);
}

TEST_F(ProjectionRestoreTest, ACampaignWithoutPlacesKeepsItsSerials) {
  Given(1, {kOne});
  for (std::uint64_t ordinal = 0; ordinal < 10; ++ordinal) Given(7, {IssuedBy(kOne, ordinal)});
  Write();
  Given(8, {RestoredFrom(100)});
  Write();
  EXPECT_EQ(Row(1), [] {
    Campaign expected = One(10);
    expected.sold_out_at = At(7);
    return expected;
  }());
  EXPECT_EQ(OwnersOf({0, 1, 10, 11, 100}), (std::vector<std::uint64_t>{0, 1, 1, 0, 0}));
  EXPECT_EQ(views_.ReadCheckpoint().value()->next_serial, Serial(100));
}

TEST_F(ProjectionRestoreTest, ChangesOfTheSameWriteKeepTheirOrder) {
  Given(1, {kOne, kTwo});
  Given(7, {IssuedBy(kOne, 0)});
  Write();
  const CampaignCreated three{CampaignNumber(3), Id(3), {"three", 4, At(5)}, Serial(21)};
  const CampaignCreated four{CampaignNumber(4), Id(4), {"four", 5, At(5)}, Serial(200)};
  Given(8, {CampaignDeleted{kTwo.number}, three, CouponIssued{three.number, Serial(21)},
            CampaignUpdated{
                kOne.number, {.total_coupons = 12}, SerialRange{.first = Serial(25), .count = 2}},
            RestoredFrom(100), CouponIssued{kOne.number, Serial(100)},
            CouponIssued{three.number, Serial(111)}, four});
  Given(9, {CampaignDeleted{three.number}, RestoredFrom(300)});
  Write();
  EXPECT_EQ(views_.ListCampaigns(CampaignNumber(), 10)->size(), 2U);
  SerialRanges one({.first = Serial(1), .count = 1});
  one.Add({.first = Serial(100), .count = 1});
  one.Add({.first = Serial(300), .count = 10});
  EXPECT_EQ(Row(1).serials, one);
  EXPECT_EQ(Row(4).serials, SerialRanges({.first = Serial(310), .count = 5}));
  EXPECT_EQ(
      OwnersOf({1,   2,   10,  11,  21,  24,  25,  26,  99,  100,
                101, 111, 112, 200, 204, 300, 309, 310, 314, 315}),
      (std::vector<std::uint64_t>{1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 4, 4, 0}));
}

TEST_F(ProjectionRestoreTest, ManyReadsRestoreAllCampaigns) {
  constexpr std::uint64_t kCampaigns = 2'500;
  const auto created = [](std::uint64_t number) {
    CampaignId id;
    id.bytes[0] = static_cast<std::uint8_t>(number);
    id.bytes[1] = static_cast<std::uint8_t>(number >> 8);
    return CampaignCreated{
        CampaignNumber(number), id, {std::to_string(number), 1, At(5)}, Serial(number)};
  };
  std::vector<Event> events;
  for (std::uint64_t number = 1; number <= kCampaigns; ++number) events.push_back(created(number));
  Given(1, std::move(events));
  Write();
  Given(2, {CampaignDeleted{CampaignNumber(1'000)}, CampaignDeleted{CampaignNumber(2'000)},
            created(kCampaigns + 1), RestoredFrom(10'001)});
  Write();
  std::uint64_t next = 10'001;
  for (std::uint64_t number = 1; number <= kCampaigns + 1; ++number) {
    ASSERT_EQ(OwnersOf({number}), std::vector<std::uint64_t>{0});
    if (number == 1'000 || number == 2'000) continue;
    ASSERT_EQ(OwnersOf({next}), std::vector{number});
    ++next;
  }
  EXPECT_EQ(OwnersOf({next}), std::vector<std::uint64_t>{0});
  EXPECT_EQ(views_.ReadCheckpoint().value()->next_serial, Serial(next));
}

/// However long the campaigns' texts are: all of them together may not fit into memory.
TEST_F(ProjectionRestoreTest, OnlyRowsThatChangeOtherwiseAreHeld) {
  const CampaignCreated three{CampaignNumber(3), Id(3), {"three", 1, At(5)}, Serial(21)};
  Given(1, {kOne, kTwo, three, CouponIssued{three.number, Serial(21)}});
  Write();
  Given(2, {RestoredFrom(100)});
  ViewChanges changes = projection_.Take();
  EXPECT_EQ(changes.campaigns, std::vector<Campaign>());
  EXPECT_EQ(changes.replaced_serials, (std::vector<SerialsReplacement>{
                                          {kOne.number, Serial(100)}, {kTwo.number, Serial(110)}}));
  EXPECT_EQ(changes.serials.size(), 2U) << "the third has no place left";
  ASSERT_TRUE(views_.Write(changes));

  // Of two, the last one counts. A campaign that is read again is written as a whole.
  Given(3, {RestoredFrom(200), RestoredFrom(300), IssuedBy(kOne, 0)});
  changes = projection_.Take();
  ASSERT_EQ(changes.campaigns.size(), 1U);
  EXPECT_EQ(changes.campaigns.front().serials, SerialRanges({.first = Serial(300), .count = 10}));
  EXPECT_EQ(changes.replaced_serials,
            (std::vector<SerialsReplacement>{{kTwo.number, Serial(310)}}));
  ASSERT_TRUE(views_.Write(changes));
  EXPECT_EQ(Row(1).serials, SerialRanges({.first = Serial(300), .count = 10}));
  EXPECT_EQ(Row(2).serials, SerialRanges({.first = Serial(310), .count = 10}));
  EXPECT_EQ(OwnersOf({1, 100, 110, 200, 210, 300, 309, 310, 319, 320}),
            (std::vector<std::uint64_t>{0, 0, 0, 0, 0, 1, 1, 2, 2, 0}));
}

TEST_F(ProjectionRestoreTest, ACampaignMayBeDeletedInTheSameWrite) {
  Given(1, {kOne, kTwo});
  Write();
  Given(2, {RestoredFrom(100), CampaignDeleted{kOne.number}, RestoredFrom(200)});
  Write();
  EXPECT_EQ(views_.FindCampaign(Id(1)).value(), std::nullopt);
  EXPECT_EQ(Row(2).serials, SerialRanges({.first = Serial(200), .count = 10}));
  EXPECT_EQ(OwnersOf({1, 11, 100, 110, 200, 209, 210}),
            (std::vector<std::uint64_t>{0, 0, 0, 0, 2, 2, 0}));
}

TEST_F(ProjectionRestoreTest, WithoutCampaignsTheNextSerialMovesOn) {
  Given(1, {kOne, CampaignDeleted{kOne.number}, RestoredFrom(100)});
  Write();
  EXPECT_EQ(views_.ReadCheckpoint().value()->next_serial, Serial(100));
}

TEST_F(ProjectionRestoreTest, AnyHistoryEndsWithTheRowsOfItsLedger) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  test::RandomHistory history(seed);
  test::FakeEventLog log;
  SerialModel model;
  std::size_t restored = 0;
  std::size_t most_in_one_write = 0;
  for (int writes = 0; writes < 150; ++writes) {
    std::size_t in_this_write = 0;
    for (std::uint64_t left = 1 + history.Below(20); left > 0; --left) {
      const CommitGroup group = history.Next();
      ASSERT_TRUE(log.Append(group));
      ASSERT_TRUE(projection_.Add(group, log.Tip()));
      for (const Event& event : group.events) {
        model.Take(event);
        in_this_write += std::holds_alternative<StoreRestored>(event) ? 1 : 0;
      }
    }
    restored += in_this_write;
    most_in_one_write = std::max(most_in_one_write, in_this_write);
    Write();
    if (HasFailure()) return;
    const auto recovered = Recover(log, views_, *this, {});
    ASSERT_TRUE(recovered) << recovered.error().message;
    ASSERT_EQ(recovered->Digest(), history.ledger().Digest());
    if (writes % 10 != 9) continue;
    std::map<std::uint64_t, SerialModel::Reserved> reserved = model.ReservedSerials();
    for (const std::uint64_t serial : model.ever()) {
      const SerialModel::Reserved expected = reserved[serial];
      ASSERT_EQ(OwnersOf({serial, serial + 1}),
                (std::vector{expected.campaign, reserved[serial + 1].campaign}))
          << serial;
      const auto coupon = FindCoupon(views_, Serial(serial)).value();
      ASSERT_EQ(coupon.has_value(), expected.issued) << serial;
      if (coupon) {
        ASSERT_EQ(coupon->coupon.serial, Serial(serial));
      }
    }
  }
  // Or the history would prove nothing.
  ASSERT_GT(restored, 20U);
  ASSERT_GT(most_in_one_write, 1U);
}

}  // namespace
}  // namespace coupond
