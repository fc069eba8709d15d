#ifndef COUPOND_API_REFUSAL_MAPPING_H_
#define COUPOND_API_REFUSAL_MAPPING_H_

#include <optional>

#include "base/error.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/rules/ids.h"
#include "engine/rules/refusal.h"
#include "engine/rules/timestamp.h"
#include "rpc/connect/error.h"

/// The rules' reasons in the API's words: one table. Any thread.
namespace coupond::service {

/// The refusal as an error of the protocol, with a RefusalDetail. `sequence` is of the last event
/// that it rests on; nothing if it rests on none.
[[nodiscard]] connect::Error RefusalError(const Refusal& refusal,
                                          std::optional<Sequence> sequence = std::nullopt);

/// The same, of a campaign whose start was asked for with start_in.
[[nodiscard]] connect::Error StartInRefusalError(const Refusal& refusal, Sequence sequence);

/// The refusal of an issue as an answer, decided at `time`; false if it is to be told as an error.
[[nodiscard]] bool SetIssueRefusal(const Refusal& refusal, Timestamp time,
                                   coupon::v1::IssueCouponResponse& response);

/// The answer when there is nothing to delete.
void SetNothingDeleted(coupon::v1::DeleteCampaignResponse& response);

/// An operating error as callers are told it: `unavailable` with Retry-After, or `internal`.
[[nodiscard]] connect::Error OperatingError(const Error& error);

}  // namespace coupond::service

#endif  // COUPOND_API_REFUSAL_MAPPING_H_
