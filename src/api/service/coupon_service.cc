#include "api/service/coupon_service.h"

#include <string>
#include <utility>

#include "api/connect/envelope.h"
#include "api/connect/router.h"
#include "api/http/limits.h"
#include "api/service/coupon_methods.h"
#include "api/service/health_methods.h"

namespace coupond::service {
namespace {

using Call = CouponMethods::Call;
using connect::Router;
namespace api = coupon::v1;

// A message that is a little too large gets this far, and the protocol's own answer.
static_assert(connect::MethodLimits{}.message_bytes_max + connect::kEnvelopeHeadBytes <
              http::kRequestBodyBytesMax);

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
  router.AddServerStream<api::WatchCampaignRequest, api::WatchCampaignResponse>(
      "/coupon.v1.CouponService/WatchCampaign",
      [&methods](const api::WatchCampaignRequest& request, CouponMethods::Stream stream) {
        methods.WatchCampaign(request, std::move(stream));
      });
  AddShort<v1::ShortCreateCampaignRequest, api::Campaign>(router, methods, "CreateCampaign",
                                                          &M::ShortCreateCampaign);
  AddShort<api::GetCampaignRequest, api::GetCampaignResponse>(router, methods, "GetCampaign",
                                                              &M::GetCampaign);
  AddShort<api::IssueCouponRequest, api::IssueCouponResponse>(router, methods, "IssueCoupon",
                                                              &M::IssueCoupon);
  AddShort<api::DeleteCampaignRequest, api::DeleteCampaignResponse>(
      router, methods, "DeleteCampaign", &M::DeleteCampaign);
}

void AddAdminMethods(Router& router, AdminMethods& methods) {
  router.AddUnary<api::CreateBackupRequest, api::CreateBackupResponse>(
      "/coupon.v1.AdminService/CreateBackup",
      [&methods](const api::CreateBackupRequest& request, Call call) {
        methods.CreateBackup(request, std::move(call));
      });
}

void AddHealthMethods(Router& router, const HealthMethods& methods) {
  router.AddUnary<grpc::health::v1::HealthCheckRequest, grpc::health::v1::HealthCheckResponse>(
      "/grpc.health.v1.Health/Check",
      [&methods](const grpc::health::v1::HealthCheckRequest& request, Call call) {
        methods.Check(request, std::move(call));
      });
}

void Answer(const std::shared_ptr<http::Exchange>& exchange, int status, std::string text) {
  exchange->Respond({.status = status,
                     .content_type = "text/plain; charset=utf-8",
                     .headers = {{"Cache-Control", "no-store"}},
                     .body = std::move(text)});
}

/// The process lives (/health, /healthz); it takes commands (/readyz).
void AddStatusPages(Router& router, const Readiness& readiness) {
  for (const char* path : {"/health", "/healthz"}) {
    router.AddGet(path, [](const http::Request&, const std::shared_ptr<http::Exchange>& exchange) {
      Answer(exchange, 200, "ok\n");
    });
  }
  router.AddGet("/readyz", [&readiness](const http::Request&,
                                        const std::shared_ptr<http::Exchange>& exchange) {
    switch (readiness.state()) {
      case Readiness::State::kReady:
        return Answer(exchange, 200, "ready\n");
      case Readiness::State::kFenced:
        return Answer(exchange, 503, "not ready: a write failed\n");
      case Readiness::State::kStopping:
        return Answer(exchange, 503, "not ready: stopping\n");
    }
  });
}

/// What one worker serves. Lives and dies on the worker's thread.
class WorkerHandler final : public http::Handler {
 public:
  WorkerHandler(WorkerParts& parts, const CouponMethods::Shared& shared, const Readiness& readiness,
                http::Executor& executor)
      : parts_(parts),
        methods_(parts.dispatcher, parts.watch_rounds, shared),
        health_methods_(readiness),
        router_(executor) {
    AddMethods(router_, methods_);
    AddAdminMethods(router_, parts_.admin_methods);
    AddHealthMethods(router_, health_methods_);
    AddStatusPages(router_, readiness);
  }
  ~WorkerHandler() override { parts_.Abandon(); }
  WorkerHandler(const WorkerHandler&) = delete;
  WorkerHandler& operator=(const WorkerHandler&) = delete;

  void Handle(const http::Request& request, std::shared_ptr<http::Exchange> exchange) override {
    router_.Handle(request, std::move(exchange));
  }
  [[nodiscard]] http::Response BodyTooLarge(const http::Request& request,
                                            http::Response plain) override {
    return router_.BodyTooLarge(request, std::move(plain));
  }

 private:
  WorkerParts& parts_;
  CouponMethods methods_;
  HealthMethods health_methods_;
  Router router_;
};

}  // namespace

WorkerParts::WorkerParts(Engine& engine, BackupRunner* backups, http::Executor& executor)
    : watch_rounds(engine.watches(), executor),
      dispatcher(engine, executor),
      admin_methods(backups, executor) {}

void WorkerParts::Abandon() {
  watch_rounds.Abandon();
  dispatcher.Abandon();
  admin_methods.Abandon();
}

CouponService::CouponService(Engine& engine, Entropy& entropy, const CodeKey& code_key,
                             BackupRunner* backups, std::size_t watchers_max)
    : engine_(engine),
      entropy_(entropy),
      codec_(code_key),
      claims_(code_key),
      backups_(backups),
      watcher_slots_(watchers_max),
      readiness_(engine) {}

std::unique_ptr<http::Handler> CouponService::MakeHandler(http::Executor& executor) {
  WorkerParts& parts =
      *worker_parts_.emplace_back(std::make_unique<WorkerParts>(engine_, backups_, executor));
  return std::make_unique<WorkerHandler>(
      parts,
      CouponMethods::Shared{
          .codec = codec_, .claims = claims_, .entropy = entropy_, .watcher_slots = watcher_slots_},
      readiness_, executor);
}

}  // namespace coupond::service
