#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/rules/decide_restore.h"
#include "engine/rules/ledger.h"
#include "engine/rules/random_commands.h"
#include "support/builders.h"
#include "support/decided_events.h"

// Any history that goes on in several ways, because the store was put back to what it was.
namespace coupond {
namespace {

using test::At;

/// A history of a store: what happened, and its ledger.
class History {
 public:
  static constexpr std::int64_t kSteadyTotal = 500;
  struct Logged {
    Event event;
    Timestamp time;
  };

  explicit History(std::uint64_t seed) : commands_(seed) {}

  /// Creates a campaign that the random commands do not know.
  void CreateSteady() {
    steady_.bytes[8] = 1;  // as no other has it
    CarryOut(CreateCampaign{
        .id = steady_, .name = "steady", .total_coupons = kSteadyTotal, .start_time = Now()});
  }
  /// Carries out random commands, one after the other, and now and then issues a steady coupon.
  void GoOn(int commands) {
    for (; commands > 0; --commands) {
      CarryOut(commands_.Next(Now()));
      if (commands % 50 == 0) CarryOut(IssueCoupon{.campaign_id = steady_});
    }
  }
  /// Issues from each campaign until it gives out no more.
  void IssueAll() {
    for (const Campaign* campaign : Campaigns()) {
      const IssueCoupon command{.campaign_id = campaign->id};
      while (CarryOut(command)) {
      }
    }
  }

  [[nodiscard]] std::vector<const Campaign*> Campaigns() const {
    std::vector<const Campaign*> campaigns;
    for (CampaignNumber number(1); number < ledger_.next_campaign_number();
         number = number.Next()) {
      if (const Campaign* campaign = ledger_.Find(number)) campaigns.push_back(campaign);
    }
    return campaigns;
  }
  [[nodiscard]] const Campaign& steady() const { return *ledger_.Find(steady_); }

  /// Returns the history up to that event, from where other random commands follow.
  [[nodiscard]] History BackTo(std::size_t events, std::uint64_t seed) const {
    History earlier(seed);
    earlier.steady_ = steady_;
    earlier.asked_ = asked_;
    for (std::size_t i = 0; i < events; ++i) earlier.Add(events_[i].event, events_[i].time);
    return earlier;
  }
  /// Returns the same, as a store that was put back.
  [[nodiscard]] History RestoredTo(std::size_t events, std::uint64_t seed,
                                   std::uint64_t random) const {
    History restored = BackTo(events, seed);
    const auto event = DecideRestore(restored.ledger_, random);
    EXPECT_TRUE(event);
    if (event) restored.Add(*event, restored.Now());
    return restored;
  }

  [[nodiscard]] const Ledger& ledger() const { return ledger_; }
  [[nodiscard]] const std::vector<Logged>& events() const { return events_; }

 private:
  [[nodiscard]] Timestamp Now() const { return At(asked_ / 500); }
  /// Returns whether the command was accepted.
  bool CarryOut(Command command) {
    const Timestamp now = Now();
    ++asked_;
    const std::vector<Event> events = test::DecidedEvents(ledger_, std::move(command), now);
    for (const Event& event : events) Add(event, now);
    return !events.empty();
  }
  void Add(const Event& event, Timestamp time) {
    const EventPlace place{.time = time, .sequence = Sequence(events_.size() + 1)};
    Apply(ledger_, event, place);
    const auto* created = std::get_if<CampaignCreated>(&event);
    if (created == nullptr || created->id != steady_) commands_.Remember(event, place.sequence);
    events_.push_back({event, time});
  }

  test::RandomCommands commands_;
  Ledger ledger_;
  std::vector<Logged> events_;
  std::int64_t asked_ = 0;
  CampaignId steady_;
};

/// The serials that were given out by any history, each once.
class SerialsOfAllHistories {
 public:
  /// Adds those of the events from the `first`-th on.
  void Add(const History& history, std::size_t first) {
    for (std::size_t i = first; i < history.events().size(); ++i) {
      const auto* issued = std::get_if<CouponIssued>(&history.events()[i].event);
      if (issued == nullptr) continue;
      EXPECT_TRUE(issued_.insert(issued->serial).second) << "serial " << issued->serial.value();
    }
  }
  [[nodiscard]] const std::set<Serial>& issued() const { return issued_; }

 private:
  std::set<Serial> issued_;
};

/// Expects each campaign to have the coupons that the history shows, never above its total, and the
/// store to find those and none that another history gave out.
void ExpectExact(const History& history, const std::set<Serial>& issued_anywhere) {
  const Ledger& ledger = history.ledger();
  std::map<CampaignNumber, std::vector<Serial>> coupons;
  for (const auto& [event, time] : history.events()) {
    if (const auto* issued = std::get_if<CouponIssued>(&event)) {
      coupons[issued->campaign].push_back(issued->serial);
    } else if (const auto* deleted = std::get_if<CampaignDeleted>(&event)) {
      coupons.erase(deleted->campaign);
    }
  }
  std::set<Serial> known;
  for (const auto& [number, serials] : coupons) {
    const Campaign& campaign = *ledger.Find(number);
    ASSERT_EQ(campaign.ordinals(), serials.size());
    ASSERT_LE(campaign.issued_coupons, campaign.terms.total_coupons);
    for (std::size_t ordinal = 0; ordinal < serials.size(); ++ordinal) {
      ASSERT_EQ(campaign.serials.At(ordinal), serials[ordinal]);
      const auto found = ledger.FindIssued(serials[ordinal]);
      ASSERT_TRUE(found && found->campaign.number == number && found->ordinal == ordinal);
      known.insert(serials[ordinal]);
    }
  }
  for (const Serial serial : issued_anywhere) {
    ASSERT_EQ(ledger.FindIssued(serial).has_value(), known.contains(serial)) << serial.value();
  }
}

class RestoredHistoriesTest : public ::testing::TestWithParam<int> {};

TEST_P(RestoredHistoriesTest, ShareNoSerialAndKeepTheirTotals) {
  const std::uint64_t seed = GetParam() == 0 ? std::random_device{}() : GetParam();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  History lost(random());
  lost.CreateSteady();
  lost.GoOn(8'000);
  const std::size_t backup = 1 + random() % lost.events().size();
  SCOPED_TRACE("a backup of " + std::to_string(backup) + " events");
  lost.IssueAll();

  // The smallest random number is the nearest to what was lost.
  History first = lost.RestoredTo(backup, random(), random() % 2 == 0 ? 0 : random());
  first.GoOn(4'000);
  const std::size_t later_backup = backup + random() % (first.events().size() - backup + 1);
  first.IssueAll();
  // The same backup once more, and one that was made since.
  History second = lost.RestoredTo(backup, random(), random());
  second.GoOn(4'000);
  second.IssueAll();
  History third = first.RestoredTo(later_backup, random(), random());
  third.GoOn(4'000);
  third.IssueAll();

  SerialsOfAllHistories serials;
  serials.Add(lost, 0);
  serials.Add(first, backup);
  serials.Add(second, backup);
  serials.Add(third, later_backup);
  for (const History* history : {&lost, &first, &second, &third}) {
    ExpectExact(*history, serials.issued());
    EXPECT_EQ(history->steady().issued_coupons, History::kSteadyTotal);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RestoredHistoriesTest, ::testing::Range(0, 30));

}  // namespace
}  // namespace coupond
