#include "api/batches/batch_refusal.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_set>

#include "api/refusal_mapping.h"
#include "api/time_mapping.h"
#include "base/display_text.h"
#include "base/retry_delay.h"
#include "engine/rules/ids.h"

namespace coupond::api {
namespace {

/// Names the first user who has as many coupons as allowed, and says how many others there are.
void NameUsersAtLimit(const AskedBatch& asked, connect::Error& error) {
  std::optional<std::size_t> first;
  std::unordered_set<Claim> users;
  for (std::size_t i = 0; i < asked.results->coupons.size(); ++i) {
    const auto& refusal = asked.results->coupons[i].refusal;
    if (!refusal || refusal->reason != RefusalReason::kUserLimitReached) continue;
    if (!first) first = i;
    users.insert(asked.users[i].holder);
  }
  if (!first) return;
  const std::size_t others = users.size() - 1;
  error.field = "user_ids[" + std::to_string(*first) + "]";
  error.message = error.field + ": " + Quoted(asked.users[*first].user_id) +
                  " has as many coupons as the campaign allows";
  if (others > 0) {
    error.message += ", and so " + std::string(others == 1 ? "has 1 other" : "have ") +
                     (others == 1 ? "" : std::to_string(others) + " others");
  }
  error.message += others > 0 ? "; leave them out, or set allow_partial"
                              : "; leave the user out, or set allow_partial";
  error.facts.emplace_back("users", std::to_string(users.size()));
}

}  // namespace

connect::Error BatchRefusalError(const Refusal& refusal, const Reply& reply,
                                 const AskedBatch& asked) {
  connect::Error error = RefusalError(refusal, reply.sequence);
  switch (refusal.reason) {
    case RefusalReason::kBatchTooLarge:
      if (asked.users.empty()) return error;
      return RefusalErrorIn("user_ids", refusal, reply.sequence);
    case RefusalReason::kUserRequired:
      return RefusalErrorIn("user_ids", refusal, reply.sequence);
    case RefusalReason::kUserLimitReached:
      NameUsersAtLimit(asked, error);
      return error;
    case RefusalReason::kNotStarted:
      error.message += "; it starts at " + FormatTimestamp(refusal.at);
      error.facts.emplace_back("start_time", FormatTimestamp(refusal.at));
      error.retry_delay =
          std::chrono::ceil<std::chrono::milliseconds>(refusal.at.Since(reply.time));
      return error;
    case RefusalReason::kEnded:
      error.message += "; it ended at " + FormatTimestamp(refusal.at);
      error.facts.emplace_back("end_time", FormatTimestamp(refusal.at));
      return error;
    case RefusalReason::kSoldOut:
      error.facts.emplace_back("sold_out_at", FormatTimestamp(refusal.at));
      return error;
    case RefusalReason::kPaused:
      error.retry_delay = RetryDelay();
      return error;
    default:
      return error;
  }
}

}  // namespace coupond::api
