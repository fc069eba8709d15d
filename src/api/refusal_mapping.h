#ifndef COUPOND_API_REFUSAL_MAPPING_H_
#define COUPOND_API_REFUSAL_MAPPING_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/rules/ids.h"
#include "engine/rules/refusal.h"
#include "engine/rules/timestamp.h"
#include "rpc/connect/error.h"
#include "rpc/http/handler.h"

/// Maps the engine's refusals and errors to the API's answers and errors. Any thread.
namespace coupond::api {

/// Returns the name of a refusal of the API: "SOLD_OUT". Those because of the clock have none.
[[nodiscard]] std::string_view RefusalName(RefusalReason reason);

/// Returns the refusal as an error of the protocol, with a RefusalDetail and the number that the
/// refusal tells. Its reason is the name of the refusal. `sequence` is that of the last event it
/// rests on, or nullopt if it rests on none.
[[nodiscard]] connect::Error RefusalError(const Refusal& refusal,
                                          std::optional<Sequence> sequence = std::nullopt);

/// Does the same where the fault is in another field than usual.
[[nodiscard]] connect::Error RefusalErrorIn(std::string_view field, const Refusal& refusal,
                                            std::optional<Sequence> sequence = std::nullopt);

/// Returns the error of a campaign whose start was requested with start_in, which is at fault where
/// RefusalError names start_time.
[[nodiscard]] connect::Error OfStartIn(connect::Error error);

/// Returns the error for a command that was refused because of the clock, whichever command it was;
/// nullopt for every other refusal.
[[nodiscard]] std::optional<Error> ClockError(const Refusal& refusal);

/// Sets the answer for an issue that was refused at `time`. Returns false if the refusal must be
/// answered as an error. The answers to callers of a paused campaign differ in when to ask again.
[[nodiscard]] bool SetIssueRefusal(const Refusal& refusal, Timestamp time,
                                   coupon::v1::IssueCouponResponse& response);

/// Sets the answer for a coupon that could not be redeemed at `time`, without the coupon and the
/// sequence. The answers to those who ask while redeeming is paused differ in when to ask again.
void SetRedeemRefusal(const Refusal& refusal, Timestamp time,
                      coupon::v1::RedeemCouponResponse& response);

/// Sets what came of a user of a batch who was refused, without the coupon.
void SetBatchRefusal(RefusalReason reason, coupon::v1::BatchIssueResult& result);

/// Sets the answer for a campaign that does not exist.
void SetNothingDeleted(coupon::v1::DeleteCampaignResponse& response);

/// Returns the one error for every fault of an entry token.
[[nodiscard]] connect::Error EntryTokenInvalid();

/// Whose the reasons of errors are, in ErrorInfo.
inline constexpr std::string_view kErrorDomain = "coupond";

/// Returns the response of a page, which belongs to no call, that fails.
[[nodiscard]] http::Response PageFailure(connect::Error error);

/// Returns the error that callers receive for an operating error: `unavailable` with a time to
/// wait, or `internal`. This is the only place that maps one to the other.
[[nodiscard]] connect::Error OperatingError(const Error& error);
/// Returns `unavailable`, with a time to wait. `reason` is a constant.
[[nodiscard]] connect::Error TryLater(std::string_view reason, std::string message);

}  // namespace coupond::api

#endif  // COUPOND_API_REFUSAL_MAPPING_H_
