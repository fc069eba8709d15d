#include "api/clock_methods.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "api/access/caller.h"
#include "api/mapped.h"
#include "api/refusal_mapping.h"
#include "api/reply_mapping.h"
#include "api/time_mapping.h"

namespace coupond::api {
namespace {

constexpr const char* kField = "machine_time";

/// Returns the error of an operator who accepts another time than the clock shows by now.
connect::Error ShowsAnotherTime(Timestamp now) {
  return {.code = connect::Code::kAborted,
          .message = std::string(kField) + ": the machine's clock shows " + FormatTimestamp(now) +
                     " by now; check again that it is right",
          .reason = "CLOCK_CHANGED",
          .field = kField};
}

}  // namespace

void ClockMethods::AcceptClock(const coupon::v1::AcceptClockRequest& request, Call call) {
  auto shown = MapTime(kField, request.has_machine_time(), request.machine_time());
  if (!shown) return call->Fail(std::move(shown.error()));
  if (!*shown) {
    return call->Fail(
        InvalidField(kField, "missing; give the machine_time that GetServerInfo has shown")
            .error());
  }
  const KeyId key = CallerKeyId(*call);
  auto answer = [&clock = clock_, call = std::move(call)](const Result<Reply>& reply) {
    if (!reply && reply.error().code == ErrorCode::kClockAhead) {
      const ClockReading reading = clock.Read();
      return call->Fail(ShowsAnotherTime(reading.disputed.value_or(reading.now)));
    }
    if (!reply) return call->Fail(OperatingError(reply.error()));
    coupon::v1::AcceptClockResponse response;
    response.set_changed(std::get<Done>(reply->outcome).changed);
    SetTimestamp(reply->time, *response.mutable_server_time());
    response.set_sequence(reply->sequence.value());
    call->Finish(response);
  };
  dispatcher_.AcceptClock(**shown, std::move(answer), key);
}

}  // namespace coupond::api
