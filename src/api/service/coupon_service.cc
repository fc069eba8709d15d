#include "api/service/coupon_service.h"

#include <string>
#include <utility>

#include "api/connect/router.h"
#include "api/service/coupon_methods.h"

namespace coupond::service {
namespace {

using Call = CouponMethods::Call;
using connect::Router;
namespace api = coupon::v1;

/// A method under its Connect path.
template <typename Request, typename Response>
void AddMethod(Router& router, CouponMethods& methods, const std::string& name,
               void (CouponMethods::*method)(const Request&, Call)) {
  router.AddUnary<Request, Response>("/coupon.v1.CouponService/" + name,
                                     [&methods, method](const Request& request, Call call) {
                                       (methods.*method)(request, std::move(call));
                                     });
}

/// A method under its short path.
template <typename Request, typename Response>
void AddShort(Router& router, CouponMethods& methods, const std::string& name,
              void (CouponMethods::*method)(const Request&, Call)) {
  router.AddPlainJson<Request, Response>("/" + name,
                                         [&methods, method](const Request& request, Call call) {
                                           (methods.*method)(request, std::move(call));
                                         });
}

void AddMethods(Router& router, CouponMethods& methods) {
  using M = CouponMethods;
  AddMethod<api::CreateCampaignRequest, api::CreateCampaignResponse>(
      router, methods, "CreateCampaign", &M::CreateCampaign);
  AddMethod<api::GetCampaignRequest, api::GetCampaignResponse>(router, methods, "GetCampaign",
                                                               &M::GetCampaign);
  AddMethod<api::IssueCouponRequest, api::IssueCouponResponse>(router, methods, "IssueCoupon",
                                                               &M::IssueCoupon);
  AddMethod<api::DeleteCampaignRequest, api::DeleteCampaignResponse>(
      router, methods, "DeleteCampaign", &M::DeleteCampaign);
  AddMethod<api::ListCampaignsRequest, api::ListCampaignsResponse>(router, methods, "ListCampaigns",
                                                                   &M::ListCampaigns);
  AddMethod<api::ListCouponsRequest, api::ListCouponsResponse>(router, methods, "ListCoupons",
                                                               &M::ListCoupons);
  AddShort<v1::ShortCreateCampaignRequest, api::Campaign>(router, methods, "CreateCampaign",
                                                          &M::ShortCreateCampaign);
  AddShort<api::GetCampaignRequest, api::GetCampaignResponse>(router, methods, "GetCampaign",
                                                              &M::GetCampaign);
  AddShort<api::IssueCouponRequest, api::IssueCouponResponse>(router, methods, "IssueCoupon",
                                                              &M::IssueCoupon);
  AddShort<api::DeleteCampaignRequest, api::DeleteCampaignResponse>(
      router, methods, "DeleteCampaign", &M::DeleteCampaign);
}

void Answer(const std::shared_ptr<http::Exchange>& exchange, int status, std::string text) {
  exchange->Respond({.status = status,
                     .content_type = "text/plain; charset=utf-8",
                     .headers = {{"Cache-Control", "no-store"}},
                     .body = std::move(text)});
}

/// The process lives (/health, /healthz); it takes commands (/readyz).
void AddStatusPages(Router& router, const Engine& engine, const std::atomic<bool>& stopping) {
  for (const char* path : {"/health", "/healthz"}) {
    router.AddGet(path, [](const http::Request&, const std::shared_ptr<http::Exchange>& exchange) {
      Answer(exchange, 200, "ok\n");
    });
  }
  router.AddGet("/readyz", [&engine, &stopping](const http::Request&,
                                                const std::shared_ptr<http::Exchange>& exchange) {
    if (engine.fenced()) return Answer(exchange, 503, "not ready: a write failed\n");
    if (stopping.load(std::memory_order_relaxed)) {
      return Answer(exchange, 503, "not ready: stopping\n");
    }
    Answer(exchange, 200, "ready\n");
  });
}

/// What one worker serves. Lives and dies on the worker's thread.
class WorkerHandler final : public http::Handler {
 public:
  WorkerHandler(Dispatcher& dispatcher, const CouponMethods::Shared& shared, const Engine& engine,
                const std::atomic<bool>& stopping)
      : dispatcher_(dispatcher), methods_(dispatcher, shared) {
    AddMethods(router_, methods_);
    AddStatusPages(router_, engine, stopping);
  }
  ~WorkerHandler() override { dispatcher_.Abandon(); }
  WorkerHandler(const WorkerHandler&) = delete;
  WorkerHandler& operator=(const WorkerHandler&) = delete;

  void Handle(const http::Request& request, std::shared_ptr<http::Exchange> exchange) override {
    router_.Handle(request, std::move(exchange));
  }

 private:
  Dispatcher& dispatcher_;
  CouponMethods methods_;
  Router router_;
};

}  // namespace

CouponService::CouponService(Engine& engine, Entropy& entropy, const CodeKey& code_key)
    : engine_(engine), entropy_(entropy), codec_(code_key), claims_(code_key) {}

std::unique_ptr<http::Handler> CouponService::MakeHandler(http::Executor& executor) {
  Dispatcher& dispatcher =
      *dispatchers_.emplace_back(std::make_unique<Dispatcher>(engine_, executor));
  return std::make_unique<WorkerHandler>(
      dispatcher, CouponMethods::Shared{.codec = codec_, .claims = claims_, .entropy = entropy_},
      engine_, stopping_);
}

}  // namespace coupond::service
