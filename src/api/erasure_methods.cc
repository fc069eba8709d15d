#include "api/erasure_methods.h"

#include <string>
#include <utility>
#include <variant>

#include "api/access/caller.h"
#include "api/mapped.h"
#include "api/refusal_mapping.h"
#include "api/request_keys.h"
#include "api/text_mapping.h"

namespace coupond::api {
namespace {

Mapped<ErasureRequest> MapErasure(const coupon::v1::EraseUserRequest& request, ClaimDigest& claims,
                                  const std::optional<std::string>& idempotency_key) {
  const MappedText user_id = TRY(MapIdText(kUserIdField, request.user_id()));
  if (user_id.normal().empty()) {
    return InvalidField(kUserIdField.name, "missing; give the user_id that is to be erased");
  }
  ErasureRequest erasure{.user_ids = {user_id.normal()}, .free_claims = request.forget_claims()};
  if (user_id.as_sent() != nullptr) erasure.user_ids.push_back(*user_id.as_sent());
  const std::string request_id = TRY(MapRequestId(request.request_id(), idempotency_key));
  erasure.request =
      KeyOf(claims, request_id,
            {"erase", user_id.normal(), request.forget_claims() ? "forget_claims" : ""});
  return erasure;
}

}  // namespace

void ErasureMethods::EraseUser(const coupon::v1::EraseUserRequest& request, Call call) {
  auto erasure = MapErasure(request, claims_, call->context().idempotency_key);
  if (!erasure) return call->Fail(std::move(erasure.error()));
  if (!engine_.eraser().can_erase()) {
    return call->Fail({.code = connect::Code::kFailedPrecondition,
                       .message = "this server cannot erase users",
                       .reason = "ERASURE_OFF"});
  }
  erasure->key = CallerKeyId(*call);
  const std::uint64_t ticket = calls_.Add(std::move(call));
  const bool taken =
      engine_.eraser().TryErase(*std::move(erasure), [this, ticket](const ErasureOutcome& outcome) {
        executor_.Post([this, ticket, outcome] { Answer(ticket, outcome); });
      });
  if (taken) return;
  calls_.Take(ticket)->Fail(TryLater(
      "ERASURE_NOT_STARTED", "too many erasures are waiting, or the server is stopping; retry"));
}

void ErasureMethods::Answer(std::uint64_t ticket, const ErasureOutcome& outcome) {
  const Call call = calls_.Take(ticket);
  if (call == nullptr) return;  // abandoned
  if (const auto* const error = std::get_if<Error>(&outcome)) {
    return call->Fail(OperatingError(*error));
  }
  if (const auto* const reply = std::get_if<Reply>(&outcome)) {
    const Result<Reply> result = AsResult(*reply);
    return call->Fail(result ? RefusalError(std::get<Refusal>(result->outcome), result->sequence)
                             : OperatingError(result.error()));
  }
  const auto& report = std::get<ErasureReport>(outcome);
  coupon::v1::EraseUserResponse response;
  response.set_erased_coupons(static_cast<std::int64_t>(report.coupons));
  response.set_pending(report.pending);
  response.set_sequence(report.sequence.value());
  response.set_already_erased(report.repeated);
  for (std::string& copy : engine_.eraser().FindCopies()) response.add_copies(std::move(copy));
  call->Finish(response);
}

}  // namespace coupond::api
