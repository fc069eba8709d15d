#include "api/refusal_facts.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/rules/ids.h"

namespace coupond::api {
namespace {

struct Fact {
  std::string_view name;
  std::string value;
  /// Appended before '#' is replaced, because the message alone must also be right without a
  /// number.
  std::string_view added = {};
};

std::optional<Fact> FactOf(const Refusal& refusal) {
  const auto redemption = [&](std::string_view added) -> std::optional<Fact> {
    if (refusal.present == Sequence(0)) return std::nullopt;
    return Fact{"redemption", std::to_string(refusal.present.value()), added};
  };
  switch (refusal.reason) {
    case RefusalReason::kTotalBelowIssued:
      return Fact{"issued", std::to_string(refusal.coupons)};
    case RefusalReason::kNotEnoughLeft:
      return Fact{"left", std::to_string(refusal.coupons)};
    case RefusalReason::kChangedMeanwhile:
      return Fact{"revision", std::to_string(refusal.present.value())};
    case RefusalReason::kCouponAlreadyRedeemed:
      return redemption(" (redemption #)");
    case RefusalReason::kNotRedeemed:
      return redemption(" by the redemption that is named, but by redemption #");
    default:
      return std::nullopt;
  }
}

}  // namespace

void AddFact(const Refusal& refusal, connect::Error& error) {
  std::optional<Fact> fact = FactOf(refusal);
  if (!fact) return;
  error.message.append(fact->added);
  for (auto at = error.message.find('#'); at != std::string::npos; at = error.message.find('#')) {
    error.message.replace(at, 1, fact->value);
  }
  error.facts.emplace_back(fact->name, std::move(fact->value));
}

}  // namespace coupond::api
