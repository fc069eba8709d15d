#include "simulation/first_group.h"

#include <limits>
#include <string>

#include "support/builders.h"

namespace coupond::simulation {
namespace {

/// Adds a campaign that reserved that many serials, and its deletion.
void AddDeletedCampaign(CommitGroup& group, std::uint8_t number, std::uint64_t first_serial,
                        std::int64_t total) {
  group.events.emplace_back(CampaignCreated{.number = CampaignNumber(number),
                                            .id = test::Id(number),
                                            .terms = {.name = "long ago " + std::to_string(number),
                                                      .total_coupons = total,
                                                      .start_time = group.commit_time},
                                            .first_serial = Serial(first_serial)});
  group.events.emplace_back(CampaignDeleted{CampaignNumber(number)});
}

}  // namespace

FirstGroup MakeFirstGroup(std::uint64_t serials_left, Timestamp time) {
  CommitGroup group{
      .number = GroupNumber(1),
      .first_sequence = Sequence(1),
      .commit_time = time,
      .events = {StoreCreated{test::MakeId<StoreId>(1), test::MakeId<CodeKey>(2), 1}}};
  if (serials_left == 0) return {group, test::Model(group.last_sequence())};
  // In reality no campaign's total reaches that far, but two of the largest that fit the log do.
  constexpr std::int64_t kHalf = std::numeric_limits<std::int64_t>::max();
  constexpr std::uint64_t kSecond = 1 + static_cast<std::uint64_t>(kHalf);
  AddDeletedCampaign(group, 1, 1, kHalf);
  AddDeletedCampaign(group, 2, kSecond, kHalf - static_cast<std::int64_t>(serials_left));
  const Serial next(kSecond + static_cast<std::uint64_t>(kHalf) - serials_left);
  return {group, test::Model(group.last_sequence(), CampaignNumber(3), next)};
}

}  // namespace coupond::simulation
