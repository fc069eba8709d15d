#include "system/crash/kill_workload.h"

#include <chrono>
#include <cstdint>
#include <string>

#include "storage/text_search.h"
#include "support/builders.h"

namespace coupond::test {
namespace {

constexpr std::uint8_t kLimited = 50;  // ids of campaigns, plus the round
constexpr std::uint8_t kLarge = 100;
constexpr std::uint8_t kSmall = 150;
constexpr std::uint8_t kChanged = 200;
constexpr std::int64_t kLargeTotal = 100;
constexpr std::int64_t kSmallTotal = 4;
constexpr std::int64_t kChangedTotal = 2;
constexpr std::int64_t kLimitedTotal = 20;
/// As seen from the next round, but not from the one after it.
constexpr std::chrono::seconds kUntilNextRound{15};

/// Returns a creation of a campaign with two coupons for each user, which are valid until the next
/// round. Whoever asks for it again gets the same campaign.
CreateCampaign CreateLimited(std::uint8_t id, const std::string& name, Timestamp now) {
  CreateCampaign command = Create(id, name, kLimitedTotal, now);
  command.coupons_per_user = 2;
  command.valid_duration = kUntilNextRound;
  command.request = RequestOf(id);
  return command;
}

/// Returns the n-th request of a user.
IssueCoupon IssueLimited(std::uint8_t campaign, std::uint8_t user, std::uint8_t request) {
  return IssueOnRequest(campaign, static_cast<std::uint8_t>(10 + 3 * user + request), user);
}

/// Returns a batch of this round: for nobody and whole, or for users and in part.
BatchIssueCoupons BatchForNobody(std::uint8_t round) {
  const auto large = static_cast<std::uint8_t>(kLarge + round);
  return {.campaign_id = Id(large), .anonymous = 5, .request = RequestOf(large)};
}
BatchIssueCoupons BatchForUsers(std::uint8_t round) {
  const auto changed = static_cast<std::uint8_t>(kChanged + round);
  BatchIssueCoupons batch{
      .campaign_id = Id(changed), .allow_partial = true, .request = RequestOf(changed)};
  for (const std::uint8_t user : {2, 0, 30, 31, 32, 30}) {
    batch.users.push_back(IssueTo(changed, user, "user " + std::to_string(user)));
  }
  return batch;
}

}  // namespace

std::string ErasedUser() { return IncompressibleText(1); }

Timestamp KillTime(std::uint8_t round) { return At(10 * round); }

std::vector<Command> KillWorkload(std::uint8_t round) {
  const auto large = static_cast<std::uint8_t>(kLarge + round);
  const auto small = static_cast<std::uint8_t>(kSmall + round);
  const auto changed = static_cast<std::uint8_t>(kChanged + round);
  const auto limited = static_cast<std::uint8_t>(kLimited + round);
  const std::string name = " campaign of round " + std::to_string(round);
  const Timestamp now = KillTime(round);
  std::vector<Command> commands{
      Create(large, "large" + name, kLargeTotal, now),
      Create(small, "small" + name, kSmallTotal, now),
      Create(changed, "changed" + name, kChangedTotal, now),
      Update(large, {.end_time = now.Plus(kUntilNextRound), .description = "described"}),
      CreateLimited(limited, "limited" + name, now),
  };
  for (std::uint8_t i = 0; i < 6; ++i) {
    commands.emplace_back(Issue(large));
    commands.emplace_back(Issue(small));  // two more than the total
    commands.emplace_back(IssueTo(large, i, "user " + std::to_string(i)));
  }
  commands.emplace_back(BatchForNobody(round));
  // A request that was carried out before a kill takes place no second time.
  if (round > 0) commands.emplace_back(BatchForNobody(static_cast<std::uint8_t>(round - 1)));
  for (std::uint8_t i = 0; i < 4; ++i) {
    // The first two, one of the added serials, and one too many.
    if (i == 2) commands.emplace_back(Update(changed, {.total_coupons = kChangedTotal + 1}));
    commands.emplace_back(IssueTo(changed, i));
  }
  commands.emplace_back(Update(changed, {.total_coupons = kChangedTotal + 3}));
  commands.emplace_back(BatchForUsers(round));  // two of the new ones get a coupon
  commands.emplace_back(BatchForUsers(round));
  for (std::uint8_t request = 0; request < 3; ++request) {
    // The third is one too many.
    for (std::uint8_t user = 0; user < 2; ++user) {
      commands.emplace_back(IssueLimited(limited, user, request));
    }
    if (round > 0) {
      commands.emplace_back(IssueLimited(static_cast<std::uint8_t>(limited - 1), 0, request));
    }
  }
  commands.emplace_back(CreateLimited(limited, "limited" + name, now));
  commands.emplace_back(Update(limited, {.user_required = true, .valid_duration = kUnlimited}));
  commands.emplace_back(Pause(large));
  commands.emplace_back(Issue(large));
  commands.emplace_back(Resume(large, {.issuing = true, .redeeming = true}));
  commands.emplace_back(Pause(changed, {.issuing = true, .redeeming = true}));
  commands.emplace_back(Archive(changed));
  commands.emplace_back(Update(changed, {.description = "never"}));
  if (round > 0) commands.emplace_back(Unarchive(static_cast<std::uint8_t>(changed - 1)));
  commands.emplace_back(Delete(small));
  commands.emplace_back(Issue(small));
  for (std::uint8_t i = 0; i < 4; ++i) {
    commands.emplace_back(IssueTo(large, i, "user " + std::to_string(i)));  // has one
    commands.emplace_back(Issue(large));
    // From a campaign that survived a kill.
    if (round > 0) commands.emplace_back(IssueTo(static_cast<std::uint8_t>(large - 1), i));
  }
  return commands;
}

}  // namespace coupond::test
