#ifndef COUPOND_API_CREATE_METHODS_H_
#define COUPOND_API_CREATE_METHODS_H_

#include <functional>
#include <memory>

#include "api/dispatcher.h"
#include "base/entropy.h"
#include "coupon/v1/coupon_service.pb.h"
#include "coupond/api/v1/short_routes.pb.h"
#include "engine/codes/claim_digest.h"
#include "engine/ports/clock.h"
#include "engine/rules/ids.h"
#include "rpc/connect/call.h"

namespace coupond::api {

/// The method of coupon.v1.CouponService that creates campaigns, on one worker, and its short
/// route.
///
/// A new campaign is answered without a look into the views. The campaign of a request that is
/// repeated is read from them: its id follows from the request_id, so it is found without a record
/// of which request created it.
///
/// Threads: the worker's. This and what it refers to must outlive the dispatcher's last
/// continuation.
class CreateMethods {
 public:
  using Call = std::unique_ptr<connect::UnaryCall>;

  /// Shared by all workers; thread-safe.
  struct Shared {
    const CodeKey& code_key;
    Entropy& entropy;
    const Clock& clock;  ///< the engine's (Engine::clock)
  };

  CreateMethods(Dispatcher& dispatcher, const Shared& shared)
      : dispatcher_(dispatcher), shared_(shared), claims_(shared.code_key) {}

  void CreateCampaign(const coupon::v1::CreateCampaignRequest& request, Call call);
  /// Answers with the campaign itself; with `not_found` if the request is repeated, and its
  /// campaign has been deleted.
  void ShortCreateCampaign(const coupond::api::v1::ShortCreateCampaignRequest& request, Call call);

 private:
  using Finish = std::move_only_function<void(coupon::v1::CreateCampaignResponse response, Call)>;

  void Create(const coupon::v1::CreateCampaignRequest& request, Call call, Finish finish);
  /// Finishes with the campaign of an earlier request, if it can still be read.
  void FinishRepeated(const CampaignId& id, coupon::v1::CreateCampaignResponse response, Call call,
                      Finish finish);

  Dispatcher& dispatcher_;
  const Shared shared_;
  ClaimDigest claims_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_CREATE_METHODS_H_
