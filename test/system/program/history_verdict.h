#ifndef COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_VERDICT_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_VERDICT_H_

#include <optional>
#include <string>

#include "engine/rules/coupon.h"
#include "engine/rules/ids.h"
#include "engine/rules/refusal.h"
#include "engine/rules/timestamp.h"
#include "support/model.h"
#include "system/program/history.h"
#include "system/program/history_check.h"

/// Replies in the model's words.
namespace coupond::test {

[[nodiscard]] Timestamp TimeOf(const google::protobuf::Timestamp& message);
/// Returns all zeros, which no campaign has, for what is no id.
[[nodiscard]] CampaignId IdOf(const std::string& text);
/// Returns the state in the API's words; not the server's own table.
[[nodiscard]] api::CouponState ToldAs(CouponState state);
[[nodiscard]] api::Refusal ToldAs(RefusalReason reason);

/// Returns a fault if the kind of the reply, its refusal, or the number that an error tells, is not
/// what is expected; and if it repeats an earlier one, that of another event.
[[nodiscard]] std::optional<HistoryFault> FindDifference(const ModelOutcome& expected,
                                                         const Operation& operation);
[[nodiscard]] HistoryFault WrongDetail(const char* what);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_VERDICT_H_
