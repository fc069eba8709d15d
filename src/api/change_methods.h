#ifndef COUPOND_API_CHANGE_METHODS_H_
#define COUPOND_API_CHANGE_METHODS_H_

#include <memory>

#include "api/dispatcher.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/ports/clock.h"
#include "engine/rules/ids.h"
#include "rpc/connect/call.h"

namespace coupond::api {

/// The methods of coupon.v1.CouponService with which operators change a campaign, on one worker.
/// Each submits a command. When that is durable, it answers with the campaign as the views then
/// show it.
///
/// Threads: the worker's. This and what it refers to must outlive the dispatcher's last
/// continuation.
class ChangeMethods {
 public:
  using Call = std::unique_ptr<connect::UnaryCall>;

  ChangeMethods(Dispatcher& dispatcher, const Clock& clock)
      : dispatcher_(dispatcher), clock_(clock) {}

  void UpdateCampaign(const coupon::v1::UpdateCampaignRequest& request, Call call);
  void PauseCampaign(const coupon::v1::PauseCampaignRequest& request, Call call);
  void ResumeCampaign(const coupon::v1::ResumeCampaignRequest& request, Call call);
  void ArchiveCampaign(const coupon::v1::ArchiveCampaignRequest& request, Call call);
  void UnarchiveCampaign(const coupon::v1::UnarchiveCampaignRequest& request, Call call);

 private:
  template <typename Response, typename Request>
  void Change(const Request& request, Call call);
  /// Adds the campaign to the response, and answers the call.
  template <typename Response>
  void Show(const CampaignId& id, Response response, Call call);

  Dispatcher& dispatcher_;
  const Clock& clock_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_CHANGE_METHODS_H_
