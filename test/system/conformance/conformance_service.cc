#include "system/conformance/conformance_service.h"

#include <connectrpc/conformance/v1/service.pb.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "rpc/connect/router.h"
#include "system/conformance/answer_definition.h"
#include "system/conformance/request_info.h"

namespace coupond::conformance {
namespace {

namespace suite = connectrpc::conformance::v1;
using std::chrono::milliseconds;

constexpr const char* kService = "/connectrpc.conformance.v1.ConformanceService/";

/// Runs the task after the delay, or immediately if there is none.
void RunAfter(http::Executor& executor, milliseconds delay, std::move_only_function<void()> task) {
  if (delay == milliseconds::zero()) return task();
  // The task owns its timer; both are destroyed when it has run.
  auto timer = std::make_shared<std::unique_ptr<http::Timer>>();
  *timer = executor.StartTimer(delay, [timer, task = std::move(task)]() mutable { task(); });
}

/// Unary and IdempotentUnary, whose messages have the same fields.
template <typename Request, typename Response>
void AnswerUnary(http::Executor& executor, const Request& request,
                 std::unique_ptr<connect::UnaryCall> call) {
  RequestInfo info = RequestInfoOf(*call, request);
  const suite::UnaryResponseDefinition& definition = request.response_definition();
  AddMetadata(definition.response_headers(), call->headers());
  AddMetadata(definition.response_trailers(), call->trailers());
  const milliseconds delay(definition.response_delay_ms());
  if (definition.has_error()) {
    connect::Error error = ErrorOf(definition.error());
    error.AddDetail(info);
    return RunAfter(executor, delay, [call = std::move(call), error = std::move(error)]() mutable {
      call->Fail(std::move(error));
    });
  }
  Response response;
  response.mutable_payload()->set_data(definition.response_data());
  *response.mutable_payload()->mutable_request_info() = std::move(info);
  RunAfter(executor, delay,
           [call = std::move(call), response = std::move(response)] { call->Finish(response); });
}

/// Sends the responses of the definition, each after the delay, then its error if there is one.
class DefinedStream final : public connect::MessageSource {
 public:
  DefinedStream(http::Executor& executor, suite::StreamResponseDefinition definition,
                RequestInfo info)
      : executor_(executor), definition_(std::move(definition)), info_(std::move(info)) {}

  void Next(connect::StreamTurn turn) override {
    if (sent_ == definition_.response_data_size()) {
      if (definition_.has_error()) return turn.Fail(ErrorOf(definition_.error()));
      return turn.Finish();
    }
    suite::ServerStreamResponse response;
    response.mutable_payload()->set_data(definition_.response_data(sent_));
    if (sent_ == 0) *response.mutable_payload()->mutable_request_info() = std::move(info_);
    ++sent_;
    RunAfter(executor_, milliseconds(definition_.response_delay_ms()),
             [turn = std::move(turn), response = std::move(response)]() mutable {
               turn.Send(response);
             });
  }

 private:
  http::Executor& executor_;
  const suite::StreamResponseDefinition definition_;
  RequestInfo info_;  ///< sent with the first response
  int sent_ = 0;
};

void AnswerServerStream(http::Executor& executor, const suite::ServerStreamRequest& request,
                        std::unique_ptr<connect::StreamCall> call) {
  RequestInfo info = RequestInfoOf(*call, request);
  const suite::StreamResponseDefinition& definition = request.response_definition();
  AddMetadata(definition.response_headers(), call->headers());
  AddMetadata(definition.response_trailers(), call->trailers());
  if (definition.has_error() && definition.response_data().empty()) {
    connect::Error error = ErrorOf(definition.error());
    error.AddDetail(info);
    return call->Fail(std::move(error));
  }
  call->Respond(std::make_unique<DefinedStream>(executor, definition, std::move(info)));
}

}  // namespace

std::unique_ptr<http::Handler> MakeConformanceService(http::Executor& executor,
                                                      const connect::MethodLimits& limits) {
  const std::string service = kService;
  auto router = std::make_unique<connect::Router>(executor, limits);
  router->AddInterceptor(std::make_shared<HeaderKeeper>());
  router->AddUnary<suite::UnaryRequest, suite::UnaryResponse>(
      service + "Unary", [&executor](const auto& request, auto call) {
        AnswerUnary<suite::UnaryRequest, suite::UnaryResponse>(executor, request, std::move(call));
      });
  router->AddUnary<suite::IdempotentUnaryRequest, suite::IdempotentUnaryResponse>(
      service + "IdempotentUnary", [&executor](const auto& request, auto call) {
        AnswerUnary<suite::IdempotentUnaryRequest, suite::IdempotentUnaryResponse>(
            executor, request, std::move(call));
      });
  router->AddServerStream<suite::ServerStreamRequest, suite::ServerStreamResponse>(
      service + "ServerStream", [&executor](const auto& request, auto call) {
        AnswerServerStream(executor, request, std::move(call));
      });
  router->AddUnary<suite::UnimplementedRequest, suite::UnimplementedResponse>(
      service + "Unimplemented", [](const auto&, auto call) {
        call->Fail({.code = connect::Code::kUnimplemented, .message = "not implemented"});
      });
  return router;
}

}  // namespace coupond::conformance
