#include "api/health.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "base/display_text.h"
#include "rpc/http/handler.h"

namespace coupond::api {
namespace {

using grpc::health::v1::HealthCheckResponse;

/// The services of this server. The empty name stands for the whole server.
constexpr std::array<std::string_view, 4> kServices = {
    "", "coupon.v1.CouponService", "coupon.v1.AdminService", "grpc.health.v1.Health"};

connect::Error UnknownService(std::string_view name) {
  std::string message = "service: unknown service " + Quoted(name) + "; use";
  for (const std::string_view known : kServices) {
    if (!known.empty()) message.append(" ").append(known).append(",");
  }
  message += " or leave it empty for the whole server";
  return {.code = connect::Code::kNotFound,
          .message = std::move(message),
          .reason = "SERVICE_UNKNOWN",
          .field = "service"};
}

using ExchangePointer = std::shared_ptr<http::Exchange>;

constexpr const char* kText = "text/plain; charset=utf-8";
constexpr const char* kJson = "application/json";

void Answer(http::Exchange& exchange, int status, const char* content_type, std::string text) {
  exchange.Respond({.status = status,
                    .content_type = content_type,
                    .headers = {{"Cache-Control", "no-store"}},
                    .body = std::move(text)});
}

std::string AboutText(const std::string& version) {
  return "coupond " + version +
         ": gives out a limited number of coupons, first come, first served.\n"
         "The API: docs/API.md in the sources, proto/coupon/v1/coupon_service.proto, Connect "
         "(https://connectrpc.com).\n"
         "Status: /livez, /readyz\n";
}

/// Returns the description as JSON. A version contains nothing that needs escaping.
std::string AboutJson(const std::string& version) {
  return R"({"name":"coupond","version":")" + version +
         R"(","description":"gives out a limited number of coupons, first come, first served",)"
         R"("api":"coupon.v1.CouponService","protocol":"https://connectrpc.com",)"
         R"("documentation":"docs/API.md in the sources",)"
         R"("status":["/livez","/readyz"]})"
         "\n";
}

std::string_view ReadinessText(Readiness::State state) {
  switch (state) {
    case Readiness::State::kReady:
      return "ready\n";
    case Readiness::State::kFenced:
      return "not ready: a write failed\n";
    case Readiness::State::kReadOnly:
      return "not ready: only reads are answered, because the log ends ahead of the machine's "
             "clock (couponctl clock)\n";
    case Readiness::State::kStopping:
      break;
  }
  return "not ready: stopping\n";
}

/// Returns a line for each condition of being ready, in the form that Kubernetes has.
std::string ConditionsText(const Readiness& readiness) {
  std::string text;
  const auto add = [&text](bool holds, std::string_view name) {
    text.append(holds ? "[+]" : "[-]").append(name).append(holds ? " ok\n" : " failed\n");
  };
  add(true, "recovery");
  add(!readiness.fenced(), "writes");
  add(!readiness.read_only(), "clock");
  add(!readiness.stopping(), "serving");
  return text;
}

/// Reports whether a query has the parameter `verbose`.
bool IsVerbose(std::string_view query) {
  while (!query.empty()) {
    std::string_view parameter = TakeUntil('&', query);
    if (TakeUntil('=', parameter) == "verbose") return true;
  }
  return false;
}

}  // namespace

void HealthMethods::Check(const grpc::health::v1::HealthCheckRequest& request, Call call) const {
  if (std::ranges::find(kServices, request.service()) == kServices.end()) {
    return call->Fail(UnknownService(request.service()));
  }
  HealthCheckResponse response;
  response.set_status(readiness_.state() == Readiness::State::kReady
                          ? HealthCheckResponse::SERVING
                          : HealthCheckResponse::NOT_SERVING);
  call->Finish(response);
}

void AddHealthMethods(connect::Router& router, const HealthMethods& methods) {
  router.AddUnary<grpc::health::v1::HealthCheckRequest, HealthCheckResponse>(
      "/grpc.health.v1.Health/Check",
      [&methods](const grpc::health::v1::HealthCheckRequest& request, HealthMethods::Call call) {
        methods.Check(request, std::move(call));
      });
}

/// Answers with JSON the clients that accept it by name. Programs that want JSON name it; browsers
/// and curl do not.
void AnswerAbout(const std::string& version, const http::Request& request,
                 http::Exchange& exchange) {
  if (request.AcceptsByName(kJson)) return Answer(exchange, 200, kJson, AboutJson(version));
  Answer(exchange, 200, kText, AboutText(version));
}

void AddStatusPages(connect::Router& router, const Readiness& readiness, std::string version) {
  router.AddGet("/", [version = std::move(version)](const http::Request& request,
                                                    const ExchangePointer& exchange) {
    AnswerAbout(version, request, *exchange);
  });
  for (const char* path : {"/health", "/healthz"}) {
    router.AddGet(path, [](const http::Request&, const ExchangePointer& exchange) {
      Answer(*exchange, 200, kText, "ok\n");
    });
  }
  router.AddGet("/livez", [&readiness](const http::Request&, const ExchangePointer& exchange) {
    if (readiness.fenced()) return Answer(*exchange, 503, kText, "not alive: a write failed\n");
    Answer(*exchange, 200, kText, "ok\n");
  });
  router.AddGet(
      "/readyz", [&readiness](const http::Request& request, const ExchangePointer& exchange) {
        const Readiness::State state = readiness.state();
        std::string text = IsVerbose(request.query) ? ConditionsText(readiness) : std::string();
        text += ReadinessText(state);
        Answer(*exchange, state == Readiness::State::kReady ? 200 : 503, kText, std::move(text));
      });
}

}  // namespace coupond::api
