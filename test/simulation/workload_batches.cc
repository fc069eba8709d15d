#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "simulation/workload.h"
#include "simulation/workload_values.h"

namespace coupond::simulation {

Command Workload::DrawBatchOrRepeat() {
  if (!batches_.empty() && random_.OneIn(6)) return batches_[random_.Below(batches_.size())];
  BatchIssueCoupons command = DrawBatch();
  if (command.request) AddLatest(Command(command), batches_);
  return command;
}

BatchIssueCoupons Workload::DrawBatch() {
  BatchIssueCoupons command{.campaign_id = PickKnown().id,
                            .allow_partial = random_.OneIn(2),
                            .request = DrawRequest(random_.Next())};
  if (random_.OneIn(50)) command.campaign_id = DrawId<CampaignId>();
  const std::uint64_t coupons = random_.Between(1, plan_.batch_max);
  if (random_.OneIn(50)) {
    command.anonymous = kBatchMax + 1;
  } else if (random_.Percent(plan_.anonymous_percent)) {
    command.anonymous = static_cast<std::uint32_t>(coupons);
  } else {
    // Without a request id there are no keys.
    std::optional<std::uint64_t> request;
    if (!random_.OneIn(6)) request = random_.Between(1, kRequestsOfAUser);
    std::map<std::uint64_t, std::uint64_t> times;
    while (command.users.size() < coupons) {
      command.users.push_back(DrawUserOfBatch(times, request));
      command.users.back().campaign_id = command.campaign_id;
    }
  }
  return command;
}

IssueCoupon Workload::DrawUserOfBatch(std::map<std::uint64_t, std::uint64_t>& times,
                                      std::optional<std::uint64_t> request) {
  // Users with odd numbers are only what others may have been called before texts were normalised:
  // no text has a normal form that is another one's text as it was sent.
  const std::uint64_t pairs = plan_.users / 2 + 1;
  const std::uint64_t user = 2 * random_.Below(pairs);
  IssueCoupon command{
      .campaign_id = {}, .holder = ClaimOfUser(user), .user_id = "user " + std::to_string(user)};
  const std::uint64_t time = times[user]++;
  if (request) command.request_key = ClaimOfUser(user, *request + time);
  if (random_.OneIn(10)) {
    const std::uint64_t other = 2 * random_.Below(pairs) + 1;
    command.holder_as_sent = ClaimOfUser(other);
    if (request) command.request_key_as_sent = ClaimOfUser(other, *request + time);
  }
  return command;
}

}  // namespace coupond::simulation
