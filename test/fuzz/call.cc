// One call as the router sees it: method, path, query, header fields and body, of every protocol.
// Every call is answered once, in the protocol of the request, and the answer is read as a client
// of that protocol would read it.
#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "fuzz/basket_methods.h"
#include "fuzz/call_answer.h"
#include "fuzz/input.h"
#include "fuzz/invariant.h"
#include "fuzz/message_types.h"
#include "fuzz/recorded_exchange.h"
#include "fuzz/targets.h"
#include "rpc/connect/compression.h"
#include "rpc/connect/cors.h"
#include "rpc/connect/envelope.h"
#include "rpc/connect/router.h"
#include "rpc/http/handler.h"
#include "rpc/http/http1/reply_head.h"
#include "rpc/json/base64.h"
#include "support/manual_executor.h"

namespace coupond::fuzz {
namespace {

constexpr std::array<std::string_view, 5> kVerbs = {"POST", "GET", "HEAD", "PUT", "OPTIONS"};
constexpr std::string_view kPagePath = "/healthz";
constexpr std::string_view kNoPath = "/elsewhere";
constexpr std::array<std::string_view, 6> kPaths = {kFillPath, kPlainFillPath, kPagePath,
                                                    kNoPath,   kLookPath,      kWatchPath};
constexpr std::string_view kOrigin = "https://app.example.com";
/// Small, so that inputs get past them.
constexpr connect::MethodLimits kLimits{.message_bytes_max = 1000, .compress_bytes_min = 40};
/// Longer than most timeouts, but shorter than the longest possible one.
constexpr std::chrono::hours kLongWait{24 * 365 * 100};

/// How the input's body is packed, because the fuzzer would not find checksums and lengths.
enum class Packing { kNone, kEnvelope, kGzip, kGzipEnvelope, kQuery, kGzipQuery };
constexpr std::size_t kPackings = 6;

/// A request that owns its parts.
struct CallRequest {
  std::string_view verb;
  std::string_view path;
  std::string query;
  std::vector<http::HeaderField> headers;
  std::string body;

  [[nodiscard]] http::Request View() const {
    return {.method = verb, .path = path, .query = query, .body = body, .headers = headers};
  }
};

/// Removes lines from the front, up to an empty one: "Name: value" or "?query".
void TakeHead(std::string_view& text, CallRequest& request) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty()) break;
    if (line.front() == '?') {
      request.query = line.substr(1);
      continue;
    }
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    request.headers.push_back({line.substr(0, colon), line.substr(colon + 2)});
  }
}

void AddMessageToQuery(std::string_view message, std::string& query) {
  std::string base64;
  connect::AppendBase64(message, connect::Base64Padding::kUnpadded, base64);
  std::ranges::replace(base64, '+', '-');
  std::ranges::replace(base64, '/', '_');
  query.append(query.empty() ? "" : "&").append("base64=1&message=").append(base64);
}

void Pack(Packing packing, std::string_view text, CallRequest& request) {
  switch (packing) {
    case Packing::kNone:
      request.body = text;
      break;
    case Packing::kEnvelope:
      connect::AppendEnvelope(0, text, request.body);
      break;
    case Packing::kGzip:
      request.body = connect::Gzip(text);
      break;
    case Packing::kGzipEnvelope:
      connect::AppendEnvelope(connect::kCompressedFlag, connect::Gzip(text), request.body);
      break;
    case Packing::kQuery:
      AddMessageToQuery(text, request.query);
      break;
    case Packing::kGzipQuery:
      AddMessageToQuery(connect::Gzip(text), request.query);
      request.query.append("&compression=gzip");
      break;
  }
}

CallRequest TakeRequest(std::string_view bytes) {
  Input input(bytes);
  CallRequest request;
  request.verb = kVerbs[input.Choose(kVerbs.size())];
  request.path = kPaths[input.Choose(kPaths.size())];
  const auto packing = static_cast<Packing>(input.Choose(kPackings));
  std::string_view text = input.rest();
  TakeHead(text, request);
  Pack(packing, text, request);
  return request;
}

/// The methods in a server, for one call.
class CallWorld {
 public:
  CallWorld() {
    auto router = std::make_unique<connect::Router>(executor_, kLimits);
    router->SetErrorDomain("fuzz");
    methods_.AddTo(*router);
    router->AddGet(std::string(kPagePath), [](const http::Request&,
                                              const std::shared_ptr<http::Exchange>& exchange) {
      exchange->Respond({.status = 200, .content_type = "text/plain", .headers = {}, .body = "ok"});
    });
    connect::CorsOptions options{.origins = {*connect::AllowedOrigin::Parse(kOrigin)},
                                 .exposed_headers = {"Retry-After"}};
    handler_ = std::make_unique<connect::CorsHandler>(
        std::make_shared<connect::CorsPolicy>(std::move(options)), std::move(router));
  }

  /// Returns the answer with its whole body.
  http::Response Ask(const http::Request& request) {
    const auto exchange = std::make_shared<RecordedExchange>();
    handler_->Handle(request, exchange);
    if (!exchange->response()) {
      executor_.Advance(kLongWait);
      methods_.Resume();
    }
    Require(exchange->response().has_value(), "a call is answered");
    http::Response answer = *exchange->response();
    if (exchange->pieces() != nullptr) AppendPieces(*exchange->pieces(), answer.body);
    return answer;
  }

  [[nodiscard]] const BasketMethods& methods() const { return methods_; }

 private:
  void AppendPieces(http::BodySource& pieces, std::string& body) {
    using Progress = http::BodySource::Progress;
    for (Progress last = Progress::kMore; last == Progress::kMore;) {
      bool delivered = false;
      pieces.Next([&](Progress progress, const std::string& piece) {
        Require(!delivered, "a piece is delivered once");
        delivered = true;
        last = progress;
        body += piece;
      });
      if (!delivered) {
        executor_.Advance(kLongWait);
        if (!delivered) pieces.OnServerStopping();
        methods_.Resume();
      }
      Require(delivered && last != Progress::kFailed, "a body comes to its end");
    }
  }

  test::ManualExecutor executor_;
  BasketMethods methods_;
  std::unique_ptr<http::Handler> handler_;
};

std::string HeaderOf(const http::Response& answer, std::string_view name) {
  const auto found = std::ranges::find(
      answer.headers, name, [](const auto& field) { return std::string_view(field.first); });
  return found == answer.headers.end() ? "" : found->second;
}

/// Returns the type that the answer of a method should have.
std::string TypeFor(const http::Request& request) {
  std::string_view given = request.Header("Content-Type").value_or("");
  std::string type(TakeUntil(';', given));
  std::ranges::transform(type, type.begin(), LowerCase);
  if (type == "application/grpc-web") type += "+proto";
  if (request.path == kPlainFillPath && !request.Header("Content-Type")) return "application/json";
  return type;
}

void CheckCors(const http::Request& request, const http::Response& answer) {
  const auto origin = request.Header("Origin");
  Require(HeaderOf(answer, "Access-Control-Allow-Origin") == (origin == kOrigin ? kOrigin : ""),
          "pages of the one origin may call, and no others");
  Require(!origin || HeaderOf(answer, "Vary").find("Origin") != std::string::npos,
          "an answer is not the same for every origin");
  const bool is_preflight = request.method == "OPTIONS" && origin.has_value() &&
                            request.Header("Access-Control-Request-Method").has_value();
  Require(is_preflight == (answer.status == 204), "only a preflight gets the lists");
}

/// Checks that the answer follows the protocol of the call.
void CheckProtocol(const http::Request& request, const http::Response& answer) {
  const bool is_get = request.method == "GET" || request.method == "HEAD";
  if (answer.status == 204) return;
  if (answer.status == 304) {
    return Require(is_get && request.path == kLookPath && request.Header("If-None-Match") &&
                       !HeaderOf(answer, "ETag").empty(),
                   "304 answers only a conditional GET");
  }
  Require(request.path != kNoPath || answer.status == 404, "an unknown path is not found");
  Require(!is_get || answer.status < 400 || HeaderOf(answer, "Cache-Control") == "no-store",
          "caches keep no error");
  if (answer.status != 200) return;
  if (is_get) {
    Require(request.path == kLookPath, "only methods without side effects answer a GET");
    Require(answer.content_type == "application/json" || answer.content_type == "application/proto",
            "a GET is answered by Connect");
    return Require(HeaderOf(answer, "Vary").find("Accept-Encoding") != std::string::npos &&
                       !HeaderOf(answer, "Cache-Control").empty(),
                   "the answer of a GET has cache headers");
  }
  Require(request.method == "POST", "calls are POST");
  Require(answer.content_type == TypeFor(request), "a call is answered in its own type",
          answer.content_type);
  const bool is_stream = answer.content_type.starts_with("application/connect+");
  const bool is_grpc_web = answer.content_type.starts_with("application/grpc-web+");
  if (request.path == kPlainFillPath) {
    Require(answer.content_type == "application/json", "a plain method speaks JSON");
  } else if (!is_grpc_web) {
    Require(is_stream == (request.path == kWatchPath), "only streams are answered in streams");
  }
}

void CheckMessages(const http::Request& request, const CallAnswer& answer,
                   const std::vector<connecttest::Basket>& sent) {
  Require(answer.messages.size() <= sent.size(), "no message arrives that was not sent");
  for (std::size_t i = 0; i < answer.messages.size(); ++i) {
    const std::string difference = DifferenceOf(sent[i], answer.messages[i]);
    Require(difference.empty(), "a message arrives as it was sent", difference);
  }
  if (answer.ended_well) {
    Require(answer.messages.size() == sent.size(), "a call that ended well is complete");
    Require(request.path == kWatchPath || sent.size() == 1, "a unary method answers once");
  } else {
    Require(request.path == kWatchPath || answer.messages.empty(), "an error comes alone");
  }
}

}  // namespace

void FuzzCall(std::string_view bytes) {
  const CallRequest owned = TakeRequest(bytes);
  const http::Request request = owned.View();
  CallWorld world;
  const http::Response answer = world.Ask(request);
  CheckCors(request, answer);
  const bool is_page = request.path == kPagePath && answer.status == 200;
  if (is_page) return Require(answer.body == "ok", "a page has its contents");
  const CallAnswer read = ReadCallAnswer(answer);
  CheckProtocol(request, answer);
  if (!http::HasNoBody(answer.status)) CheckMessages(request, read, world.methods().sent());
}

}  // namespace coupond::fuzz
