#include "api/coupon_service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/access/campaign_limits.h"
#include "api/access/key_check.h"
#include "api/access/limit_check.h"
#include "api/batches/batch_methods.h"
#include "api/change_answers.h"
#include "api/change_methods.h"
#include "api/clock_methods.h"
#include "api/coupon_methods.h"
#include "api/create_methods.h"
#include "api/events/event_methods.h"
#include "api/exports/export_methods.h"
#include "api/health.h"
#include "api/metrics/call_meter.h"
#include "api/metrics/metrics_page.h"
#include "api/redeem_methods.h"
#include "api/refusal_mapping.h"
#include "api/search_methods.h"
#include "api/stream_routes.h"
#include "rpc/connect/envelope.h"
#include "rpc/connect/router.h"
#include "rpc/http/limits.h"

namespace coupond::api {
namespace {

using Call = CouponMethods::Call;
using connect::Router;

// A message that is slightly too large gets this far, so the protocol's own error answers it.
static_assert(connect::MethodLimits{}.message_bytes_max + connect::kEnvelopeHeadBytes <
              http::kRequestBodyBytesMax);

std::string ConnectPath(const std::string& method) { return "/coupon.v1.CouponService/" + method; }

/// Returns the handler of a method, which a caller with a limited key may call for its campaigns
/// alone.
template <typename Request, typename SomeCall, typename Methods>
auto Handler(Methods& methods, void (Methods::*method)(const Request&, SomeCall)) {
  return [&methods, method](const Request& request, SomeCall call) {
    WithinCampaigns(request, std::move(call), [&](const Request& allowed, SomeCall allowed_call) {
      (methods.*method)(allowed, std::move(allowed_call));
    });
  };
}

/// Adds a method under its Connect path.
template <typename Request, typename Response, typename Methods>
void AddMethod(Router& router, Methods& methods, const std::string& name,
               void (Methods::*method)(const Request&, Call)) {
  router.AddUnary<Request, Response>(ConnectPath(name), Handler(methods, method));
}

/// Adds a method under its short path.
template <typename Request, typename Response, typename Methods>
void AddShort(Router& router, Methods& methods, const std::string& name,
              void (Methods::*method)(const Request&, Call)) {
  router.AddPlainJson<Request, Response>("/" + name, Handler(methods, method), ConnectPath(name));
}

void AddCreateMethods(Router& router, CreateMethods& methods) {
  using M = CreateMethods;
  AddMethod<coupon::v1::CreateCampaignRequest, coupon::v1::CreateCampaignResponse>(
      router, methods, "CreateCampaign", &M::CreateCampaign);
  AddShort<v1::ShortCreateCampaignRequest, coupon::v1::Campaign>(router, methods, "CreateCampaign",
                                                                 &M::ShortCreateCampaign);
}

void AddMethods(Router& router, CouponMethods& methods) {
  using M = CouponMethods;
  AddMethod<coupon::v1::GetCampaignRequest, coupon::v1::GetCampaignResponse>(
      router, methods, "GetCampaign", &M::GetCampaign);
  AddMethod<coupon::v1::GetCampaignStatusRequest, coupon::v1::GetCampaignStatusResponse>(
      router, methods, "GetCampaignStatus", &M::GetCampaignStatus);
  AddMethod<coupon::v1::IssueCouponRequest, coupon::v1::IssueCouponResponse>(
      router, methods, "IssueCoupon", &M::IssueCoupon);
  AddMethod<coupon::v1::DeleteCampaignRequest, coupon::v1::DeleteCampaignResponse>(
      router, methods, "DeleteCampaign", &M::DeleteCampaign);
  AddMethod<coupon::v1::ListCampaignsRequest, coupon::v1::ListCampaignsResponse>(
      router, methods, "ListCampaigns", &M::ListCampaigns);
  AddMethod<coupon::v1::ListCouponsRequest, coupon::v1::ListCouponsResponse>(
      router, methods, "ListCoupons", &M::ListCoupons);
  AddShort<coupon::v1::GetCampaignRequest, coupon::v1::GetCampaignResponse>(
      router, methods, "GetCampaign", &M::GetCampaign);
  AddShort<coupon::v1::GetCampaignStatusRequest, coupon::v1::GetCampaignStatusResponse>(
      router, methods, "GetCampaignStatus", &M::GetCampaignStatus);
  AddShort<coupon::v1::IssueCouponRequest, coupon::v1::IssueCouponResponse>(
      router, methods, "IssueCoupon", &M::IssueCoupon);
  AddShort<coupon::v1::DeleteCampaignRequest, coupon::v1::DeleteCampaignResponse>(
      router, methods, "DeleteCampaign", &M::DeleteCampaign);
}

void AddBatchMethods(Router& router, BatchMethods& methods) {
  router.AddUnary<coupon::v1::BatchIssueCouponsRequest, coupon::v1::BatchIssueCouponsResponse>(
      ConnectPath("BatchIssueCoupons"), Handler(methods, &BatchMethods::BatchIssueCoupons),
      connect::LargeMessages{.bytes_max = kBatchRequestBytesMax,
                             .values_max = kBatchRequestValuesMax});
}

void AddChangeMethods(Router& router, ChangeMethods& methods) {
  using M = ChangeMethods;
  AddMethod<coupon::v1::UpdateCampaignRequest, coupon::v1::UpdateCampaignResponse>(
      router, methods, "UpdateCampaign", &M::UpdateCampaign);
  AddMethod<coupon::v1::PauseCampaignRequest, coupon::v1::PauseCampaignResponse>(
      router, methods, "PauseCampaign", &M::PauseCampaign);
  AddMethod<coupon::v1::ResumeCampaignRequest, coupon::v1::ResumeCampaignResponse>(
      router, methods, "ResumeCampaign", &M::ResumeCampaign);
  AddMethod<coupon::v1::ArchiveCampaignRequest, coupon::v1::ArchiveCampaignResponse>(
      router, methods, "ArchiveCampaign", &M::ArchiveCampaign);
  AddMethod<coupon::v1::UnarchiveCampaignRequest, coupon::v1::UnarchiveCampaignResponse>(
      router, methods, "UnarchiveCampaign", &M::UnarchiveCampaign);
}

void AddRedeemMethods(Router& router, RedeemMethods& methods) {
  using M = RedeemMethods;
  AddMethod<coupon::v1::RedeemCouponRequest, coupon::v1::RedeemCouponResponse>(
      router, methods, "RedeemCoupon", &M::RedeemCoupon);
  AddMethod<coupon::v1::CancelRedemptionRequest, coupon::v1::CancelRedemptionResponse>(
      router, methods, "CancelRedemption", &M::CancelRedemption);
  AddMethod<coupon::v1::VoidCouponRequest, coupon::v1::VoidCouponResponse>(
      router, methods, "VoidCoupon", &M::VoidCoupon);
  AddMethod<coupon::v1::GetCouponRequest, coupon::v1::GetCouponResponse>(
      router, methods, "GetCoupon", &M::GetCoupon);
  AddShort<coupon::v1::RedeemCouponRequest, coupon::v1::RedeemCouponResponse>(
      router, methods, "RedeemCoupon", &M::RedeemCoupon);
}

void AddSearchMethods(Router& router, SearchMethods& methods) {
  AddMethod<coupon::v1::SearchCouponsRequest, coupon::v1::SearchCouponsResponse>(
      router, methods, "SearchCoupons", &SearchMethods::SearchCoupons);
}

void AddAdminMethods(Router& router, AdminMethods& methods, ClockMethods& clock,
                     ErasureMethods& erasures, const ServerInfoMethods& info) {
  router.AddUnary<coupon::v1::AcceptClockRequest, coupon::v1::AcceptClockResponse>(
      "/coupon.v1.AdminService/AcceptClock",
      [&clock](const coupon::v1::AcceptClockRequest& request, Call call) {
        clock.AcceptClock(request, std::move(call));
      });
  router.AddUnary<coupon::v1::CreateBackupRequest, coupon::v1::CreateBackupResponse>(
      "/coupon.v1.AdminService/CreateBackup",
      [&methods](const coupon::v1::CreateBackupRequest& request, Call call) {
        methods.CreateBackup(request, std::move(call));
      });
  router.AddUnary<coupon::v1::EraseUserRequest, coupon::v1::EraseUserResponse>(
      "/coupon.v1.AdminService/EraseUser",
      [&erasures](const coupon::v1::EraseUserRequest& request, Call call) {
        erasures.EraseUser(request, std::move(call));
      });
  router.AddUnary<coupon::v1::GetServerInfoRequest, coupon::v1::GetServerInfoResponse>(
      "/coupon.v1.AdminService/GetServerInfo",
      [&info](const coupon::v1::GetServerInfoRequest& request, Call call) {
        info.GetServerInfo(request, std::move(call));
      });
}

/// What the page /metrics of a worker is made of.
struct MetricsPage {
  std::optional<MetricsSources> sources;  ///< nullopt: there is no such page
  bool needs_key = true;
};

/// Returns what checks the keys of one worker's requests, or null if the server has no keys.
std::shared_ptr<KeyCheck> MakeKeyCheck(const CouponServiceOptions& options, const Clock& clock) {
  if (options.keys == nullptr) return nullptr;
  auto pages = options.pages ? options.pages
                             : std::make_shared<const connect::CorsPolicy>(connect::CorsOptions{});
  AccessCounters* const counters = options.metrics ? &options.metrics->access() : nullptr;
  return std::make_shared<KeyCheck>(*options.keys, clock, std::move(pages), counters);
}

/// The handler of one worker. Created and destroyed on the worker's thread.
class WorkerHandler final : public http::Handler {
 public:
  WorkerHandler(WorkerParts& parts, const CouponMethods::Shared& shared, Slots& export_slots,
                Slots& batch_slots, Slots& event_reader_slots, Entropy& entropy,
                const Readiness& readiness, const ServerFacts& facts,
                const CouponServiceOptions& options, http::Executor& executor, ServiceSide side,
                MetricsPage metrics)
      : parts_(parts),
        methods_(parts.dispatcher, parts.watch_rounds, shared),
        create_methods_(
            parts.dispatcher,
            {.code_key = shared.code_key, .entropy = entropy, .clock = shared.engine.clock()}),
        change_answers_(parts.dispatcher, shared.codes.whole, shared.engine.clock(),
                        options.limits),
        change_methods_(parts.dispatcher, change_answers_, shared.code_key, shared.engine.clock()),
        redeem_methods_(parts.dispatcher, change_answers_,
                        {.codec = shared.codes.whole,
                         .code_key = shared.code_key,
                         .clock = shared.engine.clock(),
                         .limits = options.limits}),
        search_methods_(
            parts.dispatcher,
            {.codes = shared.codes, .code_key = shared.code_key, .clock = shared.engine.clock()}),
        export_methods_(
            parts.dispatcher,
            {.engine = shared.engine, .codec = shared.codes.whole, .slots = export_slots}),
        clock_methods_(parts.dispatcher, shared.engine.clock()),
        batch_methods_(parts.dispatcher, executor,
                       {.engine = shared.engine,
                        .codec = shared.codes.whole,
                        .code_key = shared.code_key,
                        .slots = batch_slots}),
        event_methods_(parts.dispatcher, parts.event_rounds,
                       {.engine = shared.engine, .slots = event_reader_slots}),
        info_methods_(facts, shared.engine),
        health_methods_(readiness),
        router_(executor, {}, options.pages) {
    router_.SetErrorDomain(kErrorDomain);
    const auto& keys = parts.key_check;
    WorkerFigures* const figures = parts.dispatcher.figures();
    const StreamRouteParts around_streams{
        .keys = keys.get(), .streams = parts.keyed_streams.get(), .figures = figures};
    // First, so that it also sees what the others refuse.
    if (figures != nullptr) router_.AddInterceptor(std::make_shared<CallMeter>(*figures));
    if (keys) router_.AddInterceptor(keys);
    if (options.limits != nullptr) {
      router_.AddInterceptor(std::make_shared<LimitCheck>(*options.limits));
    }
    if (side != ServiceSide::kOperation) AddCouponService(around_streams);
    if (side != ServiceSide::kPublic) {
      AddEvents(router_, event_methods_, around_streams);
      AddAdminMethods(router_, parts_.admin_methods, clock_methods_, parts_.erasure_methods,
                      info_methods_);
      if (metrics.sources) {
        AddMetricsPage(router_, *std::move(metrics.sources), parts_.dispatcher, executor,
                       metrics.needs_key ? keys.get() : nullptr);
      }
    }
    AddHealthMethods(router_, health_methods_);
    AddStatusPages(router_, readiness, options.version);
  }
  ~WorkerHandler() override { parts_.Abandon(); }
  WorkerHandler(const WorkerHandler&) = delete;
  WorkerHandler& operator=(const WorkerHandler&) = delete;

  void Handle(const http::Request& request, std::shared_ptr<http::Exchange> exchange) override {
    router_.Handle(request, std::move(exchange));
  }
  [[nodiscard]] std::size_t BodyBytesMax(const http::Request& head,
                                         std::size_t usual_bytes_max) override {
    return router_.BodyBytesMax(head, usual_bytes_max);
  }
  [[nodiscard]] http::Response BodyTooLarge(const http::Request& request, http::Response plain,
                                            std::string_view message) override {
    return router_.BodyTooLarge(request, std::move(plain), message);
  }

 private:
  void AddCouponService(const StreamRouteParts& around_streams) {
    AddMethods(router_, methods_);
    AddWatch(router_, methods_, around_streams);
    AddCreateMethods(router_, create_methods_);
    AddBatchMethods(router_, batch_methods_);
    AddChangeMethods(router_, change_methods_);
    AddRedeemMethods(router_, redeem_methods_);
    AddSearchMethods(router_, search_methods_);
    AddExports(router_, export_methods_, around_streams);
  }

  WorkerParts& parts_;
  CouponMethods methods_;
  CreateMethods create_methods_;
  ChangeAnswers change_answers_;
  ChangeMethods change_methods_;
  RedeemMethods redeem_methods_;
  SearchMethods search_methods_;
  ExportMethods export_methods_;
  ClockMethods clock_methods_;
  BatchMethods batch_methods_;
  EventMethods event_methods_;
  ServerInfoMethods info_methods_;
  HealthMethods health_methods_;
  Router router_;
};

}  // namespace

WorkerParts::WorkerParts(Engine& engine, const CodeKey& code_key, EventFeed& events,
                         const CouponServiceOptions& options, http::Executor& executor,
                         WorkerFigures* figures)
    : key_check(MakeKeyCheck(options, engine.clock())),
      keyed_streams(key_check ? std::make_unique<KeyedStreams>(*key_check, executor) : nullptr),
      watch_rounds(engine.watches(), engine.clock(), executor, options.heartbeat),
      event_rounds(events, executor, std::min(options.heartbeat, kEventHeartbeat)),
      dispatcher(engine, executor, figures),
      admin_methods(options.backups, options.backups_off, executor),
      erasure_methods(engine, code_key, executor) {}

void WorkerParts::Abandon() {
  if (keyed_streams) keyed_streams->Abandon();
  watch_rounds.Abandon();
  event_rounds.Abandon();
  dispatcher.Abandon();
  admin_methods.Abandon();
  erasure_methods.Abandon();
}

CouponService::CouponService(Engine& engine, Entropy& entropy, const CodeKey& code_key,
                             CouponServiceOptions options)
    : options_(std::move(options)),
      engine_(engine),
      entropy_(entropy),
      codec_(code_key),
      shortened_codec_(codec_.Shortened()),
      code_key_(code_key),
      facts_{.version = options_.version,
             .store_id = options_.store_id,
             .started_at = engine.clock().Now(),
             .watchers_max = options_.watchers_max,
             .exports_max = options_.exports_max,
             .event_readers_max = options_.event_readers_max},
      watcher_slots_(options_.watchers_max),
      export_slots_(options_.exports_max),
      event_reader_slots_(options_.event_readers_max),
      readiness_(engine),
      event_feed_(engine, codec_, options_.on_event_failure) {}

ServerFigures CouponService::LookUpFigures() const {
  ServerFigures figures;
  SetEngineFigures(engine_, figures);
  figures.version = options_.version;
  figures.ready = readiness_.state() == Readiness::State::kReady;
  figures.watch_streams = watcher_slots_.taken();
  if (options_.limits != nullptr) {
    const AskLimits::Refused refused = options_.limits->refused();
    figures.limited.public_calls = refused.public_calls;
    figures.limited.unknown_codes_of_address = refused.unknown_codes_of_address;
    figures.limited.unknown_codes_of_key = refused.unknown_codes_of_key;
  }
  if (options_.program_figures) options_.program_figures(figures);
  return figures;
}

std::unique_ptr<http::Handler> CouponService::MakeHandler(http::Executor& executor,
                                                          ServedAs served) {
  MetricsPage page{.sources = std::nullopt, .needs_key = served.metrics_need_key};
  WorkerFigures* figures = nullptr;
  if (options_.metrics != nullptr) {
    figures = &options_.metrics->AddWorker();
    page.sources.emplace(MetricsSources{.metrics = *options_.metrics,
                                        .look_up = [this] { return LookUpFigures(); },
                                        .campaigns = options_.metrics_campaigns});
  }
  WorkerParts& parts = *worker_parts_.emplace_back(
      std::make_unique<WorkerParts>(engine_, code_key_, event_feed_, options_, executor, figures));
  return std::make_unique<WorkerHandler>(
      parts,
      CouponMethods::Shared{
          .engine = engine_,
          .codes = {codec_, shortened_codec_},
          .entry_tokens = options_.entry_tokens,
          .access_counters = options_.metrics ? &options_.metrics->access() : nullptr,
          .code_key = code_key_,
          .watcher_slots = watcher_slots_},
      export_slots_, batch_slots_, event_reader_slots_, entropy_, readiness_, facts_, options_,
      executor, served.side, std::move(page));
}

}  // namespace coupond::api
