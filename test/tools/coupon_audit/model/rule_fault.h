#ifndef COUPOND_TEST_TOOLS_COUPON_AUDIT_MODEL_RULE_FAULT_H_
#define COUPOND_TEST_TOOLS_COUPON_AUDIT_MODEL_RULE_FAULT_H_

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/verdict.h"

/// Logs that are intact, but whose last events break a rule.
namespace coupond::test {

/// The next free numbers after the history that each store begins with, and the time of what comes
/// next.
inline constexpr std::uint64_t kNextCampaign = 4;
inline constexpr std::uint64_t kNextSerial = 11;
inline constexpr std::int64_t kNow = 14;

struct RuleFault {
  std::string name;
  std::vector<Event> fault;  ///< the events of group 7, sequence 14 and on, at At(14)
  std::string verdict;
  std::vector<Event> sound;  ///< the nearest ones that break no rule
};

inline void PrintTo(const RuleFault& fault, std::ostream* out) { *out << fault.name; }

/// Returns the verdict on a store whose last group has these events.
inline std::string VerdictWith(const std::vector<Event>& events) {
  PlantedStore store;
  store.Add(At(kNow), events);
  store.WriteFiles();
  return VerdictOn(store.path());
}

/// Returns the creation of a campaign of five that starts at once.
inline CampaignCreated Winter(std::string name = "winter") {
  return CreatedEvent(kNextCampaign, std::move(name), 5, kNextSerial, At(kNow));
}
template <typename Change>
CampaignCreated WinterWith(Change change) {
  CampaignCreated winter = Winter();
  change(winter);
  return winter;
}

/// Returns a text of `characters` characters, three bytes each.
inline std::string WideText(std::size_t characters) {
  std::string text;
  for (std::size_t i = 0; i < characters; ++i) text += "봄";
  return text;
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_TOOLS_COUPON_AUDIT_MODEL_RULE_FAULT_H_
