#ifndef COUPOND_API_CHANGE_ANSWERS_H_
#define COUPOND_API_CHANGE_ANSWERS_H_

#include <memory>
#include <utility>
#include <variant>

#include "api/access/ask_limits.h"
#include "api/access/caller.h"
#include "api/campaign_queries.h"
#include "api/dispatcher.h"
#include "api/mapped.h"
#include "api/redeem_mapping.h"
#include "api/refusal_mapping.h"
#include "base/error.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/coupon_code.h"
#include "engine/ports/clock.h"
#include "engine/ports/view_store.h"
#include "engine/rules/ids.h"
#include "engine/sequencer/reply.h"
#include "rpc/connect/call.h"

namespace coupond::api {

/// Answers calls with the campaign or coupon that a command changed, once the command is durable,
/// as the views then show it; if they cannot, without it, because the change has been made.
///
/// Threads: the worker's. This and what it refers to must outlive the dispatcher's last
/// continuation.
class ChangeAnswers {
 public:
  using Call = std::unique_ptr<connect::UnaryCall>;
  /// Turns an error into one about the method's own request.
  using InRequest = connect::Error (*)(connect::Error);

  /// The clock must be the engine's (Engine::clock).
  /// The limits are null if unknown codes are not counted.
  ChangeAnswers(Dispatcher& dispatcher, const CouponCodec& codec, const Clock& clock,
                AskLimits* limits)
      : dispatcher_(dispatcher), codec_(codec), clock_(clock), limits_(limits) {}

  /// Carries out an operator's command, whose refusals are errors.
  template <typename Response, typename Command>
  void Change(Mapped<Command> command, Call call, InRequest in_request = AsItIs) {
    if (!command) return call->Fail(in_request(std::move(command.error())));
    const auto changed = ChangedBy(*command);
    const KeyId key = CallerKeyId(*call);
    bool only_checked = false;
    if constexpr (requires { command->validate_only; }) only_checked = command->validate_only;
    auto answer = [this, changed, in_request, only_checked,
                   call = std::move(call)](Result<Reply> reply) mutable {
      if (!reply) return call->Fail(OperatingError(reply.error()));
      if (const auto* refusal = std::get_if<Refusal>(&reply->outcome)) {
        CountIfUnknownCode(limits_, refusal->reason, *call);
        return call->Fail(in_request(RefusalError(*refusal, reply->sequence)));
      }
      Response response;
      const Done& done = std::get<Done>(reply->outcome);
      // What was carried out before would change nothing now.
      response.set_changed(done.changed && !(only_checked && done.repeated));
      response.set_sequence(reply->sequence.value());
      Show(changed, std::move(response), std::move(call));
    };
    dispatcher_.Submit(*std::move(command), std::move(answer), key);
  }

  /// Adds the coupon to the response, and answers the call.
  template <typename Response>
  void Show(Serial serial, Response response, Call call) {
    dispatcher_.Ask<Found<coupon::v1::Coupon>>(
        [serial, &codec = codec_, &clock = clock_](const ViewStore& views) {
          return ReadCoupon(views, {.serial = serial}, codec, clock);
        },
        [response = std::move(response), call = std::move(call)](auto coupon) mutable {
          if (coupon) *response.mutable_coupon() = *std::move(coupon);
          call->Finish(response);
        });
  }

  /// Adds the campaign to the response, and answers the call.
  template <typename Response>
  void Show(const CampaignId& id, Response response, Call call) {
    dispatcher_.Ask<Found<coupon::v1::Campaign>>(
        [id, &clock = clock_](const ViewStore& views) { return ReadCampaign(views, id, clock); },
        [response = std::move(response), call = std::move(call)](auto campaign) mutable {
          if (campaign) *response.mutable_campaign() = *std::move(campaign);
          call->Finish(response);
        });
  }

 private:
  static connect::Error AsItIs(connect::Error error) { return error; }
  /// Returns the coupon or campaign that a command is about.
  template <typename Command>
  static auto ChangedBy(const Command& command) {
    if constexpr (requires { command.serial; }) {
      return command.serial;
    } else {
      return command.campaign_id;
    }
  }

  Dispatcher& dispatcher_;
  const CouponCodec& codec_;
  const Clock& clock_;
  AskLimits* const limits_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_CHANGE_ANSWERS_H_
