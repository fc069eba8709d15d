#ifndef COUPOND_API_CHANGE_METHODS_H_
#define COUPOND_API_CHANGE_METHODS_H_

#include <memory>

#include "api/change_answers.h"
#include "api/dispatcher.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/claim_digest.h"
#include "engine/ports/clock.h"
#include "engine/rules/ids.h"
#include "rpc/connect/call.h"

namespace coupond::api {

/// The methods of coupon.v1.CouponService with which operators change a campaign, on one worker.
///
/// Threads: the worker's. This and what it refers to must outlive the dispatcher's last
/// continuation.
class ChangeMethods {
 public:
  using Call = std::unique_ptr<connect::UnaryCall>;

  /// The clock must be the engine's (Engine::clock).
  ChangeMethods(Dispatcher& dispatcher, ChangeAnswers& answers, const CodeKey& code_key,
                const Clock& clock)
      : dispatcher_(dispatcher), answers_(answers), claims_(code_key), clock_(clock) {}

  void UpdateCampaign(const coupon::v1::UpdateCampaignRequest& request, Call call);
  void PauseCampaign(const coupon::v1::PauseCampaignRequest& request, Call call);
  void ResumeCampaign(const coupon::v1::ResumeCampaignRequest& request, Call call);
  void ArchiveCampaign(const coupon::v1::ArchiveCampaignRequest& request, Call call);
  void UnarchiveCampaign(const coupon::v1::UnarchiveCampaignRequest& request, Call call);

 private:
  /// Refuses an update that cannot be mapped and has a start before `now`, once it is known whether
  /// the campaign has that start already.
  void RefuseUpdate(coupon::v1::UpdateCampaignRequest request, const ClockReading& now, Call call);

  Dispatcher& dispatcher_;
  ChangeAnswers& answers_;
  ClaimDigest claims_;
  const Clock& clock_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_CHANGE_METHODS_H_
