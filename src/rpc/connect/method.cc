#include "rpc/connect/method.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <expected>
#include <utility>

#include "base/display_text.h"
#include "base/error.h"
#include "rpc/connect/answer.h"
#include "rpc/connect/codec.h"
#include "rpc/connect/envelope.h"
#include "rpc/connect/get_request.h"
#include "rpc/connect/idempotency_key.h"
#include "rpc/connect/value_count.h"

namespace coupond::connect {
namespace {

using google::protobuf::Message;

/// A request message with a longer body is not kept, so that one large request does not hold its
/// memory forever.
constexpr std::size_t kSpareBodyBytesMax = 4'096;

constexpr int kHttpUnsupportedMediaType = 415;

/// The dialect of plain HTTP clients.
constexpr Dialect kPlainDialect{Protocol::kConnectUnary, Codec::kJson};

/// Returns the description of "/package.Service/Method" in the .proto file.
MethodDescriptor DescriptorOf(std::string_view path, MethodKind kind) {
  std::string name(path.substr(std::min<std::size_t>(1, path.size())));
  std::ranges::replace(name, '/', '.');
  const auto* method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
  const bool has_side_effects =
      method == nullptr ||
      method->options().idempotency_level() != google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
  return {.path = std::string(path),
          .kind = kind,
          .has_side_effects = has_side_effects,
          .proto = method};
}

http::Response UnsupportedMediaType(const http::Request& request, std::string what,
                                    std::string accepted, const MethodHost& host) {
  return UnroutedResponse(request, kHttpUnsupportedMediaType,
                          {.code = Code::kUnknown,
                           .message = std::move(what) + "; accepted is: " + accepted,
                           .headers = {{"Accept-Post", accepted}},
                           .reason = "CONTENT_TYPE_UNSUPPORTED"},
                          host.error_domain);
}

std::expected<std::string, Error> Unpack(std::string_view bytes, std::size_t bytes_max) {
  auto unpacked = Gunzip(bytes, bytes_max);
  if (unpacked) return *std::move(unpacked);
  if (unpacked.error() == GunzipFailure::kTooLarge) {
    return std::unexpected(MessageTooLarge(bytes_max));
  }
  return MakeError(Code::kInvalidArgument, "the message is not valid gzip, as its headers say",
                   "COMPRESSION_MALFORMED");
}

Error TooManyValues(std::size_t values_max) {
  return {.code = Code::kResourceExhausted,
          .message = "the message has more than " + std::to_string(values_max) + " values",
          .reason = "MESSAGE_TOO_LARGE",
          .facts = {{"values_max", std::to_string(values_max)}}};
}

}  // namespace

Method::Method(std::string_view path, MethodKind kind, const Message& request,
               const Message& response, MethodHandler handler,
               const std::optional<LargeMessages>& large)
    : descriptor_(std::make_shared<const MethodDescriptor>(DescriptorOf(path, kind))),
      request_prototype_(request),
      request_format_(request.GetDescriptor()),
      response_format_(std::make_shared<const JsonFormat>(response.GetDescriptor())),
      handler_(std::move(handler)),
      large_(large) {}

Method::~Method() = default;

std::optional<Dialect> Method::DialectFor(const CallHeaders& headers) const {
  if (headers.content_type) return DialectFor(*headers.content_type);
  // Web pages must send a Content-Type: before a page of another origin sends JSON, its browser
  // asks for permission (CORS), but it sends a body without a type to any server.
  if (descriptor_->kind == MethodKind::kPlainJson && !headers.origin) return kPlainDialect;
  return std::nullopt;
}

std::optional<Dialect> Method::DialectFor(std::string_view content_type) const {
  const std::optional<Dialect> dialect = DialectOf(content_type);
  if (!dialect) return std::nullopt;
  const bool spoken = [&] {
    switch (descriptor_->kind) {
      case MethodKind::kUnary:
        return dialect->protocol != Protocol::kConnectStream;
      case MethodKind::kServerStream:
        return dialect->protocol != Protocol::kConnectUnary;
      case MethodKind::kPlainJson:
        break;
    }
    return *dialect == kPlainDialect;
  }();
  return spoken ? dialect : std::nullopt;
}

std::string Method::AcceptedTypes() const {
  std::string types;
  for (const Protocol protocol :
       {Protocol::kConnectUnary, Protocol::kConnectStream, Protocol::kGrpcWeb}) {
    for (const Codec codec : {Codec::kProto, Codec::kJson}) {
      const std::string_view type = ContentTypeOf({protocol, codec});
      if (!DialectFor(type)) continue;
      if (!types.empty()) types.append(", ");
      types.append(type);
    }
  }
  return types;
}

AnswerFormat Method::FormatOf(const Dialect& dialect, const MethodHost& host) const {
  return {.dialect = dialect,
          .compression = Compression::kIdentity,
          .compress_bytes_min = host.limits.compress_bytes_min,
          .json = response_format_,
          .error_domain = host.error_domain};
}

void Method::HandlePost(const http::Request& request, std::shared_ptr<http::Exchange> exchange,
                        const MethodHost& host) {
  const CallHeaders headers = GatherCallHeaders(request);
  const std::optional<Dialect> dialect = DialectFor(headers);
  if (!dialect) {
    std::string given = headers.content_type ? Quoted(*headers.content_type) : "missing";
    if (headers.content_type && OtherCharset(*headers.content_type)) {
      given += ", but text must be in UTF-8; send charset=utf-8 or no charset";
    }
    return exchange->Respond(
        UnsupportedMediaType(request, "Content-Type is " + given, AcceptedTypes(), host));
  }
  AnswerFormat format = FormatOf(*dialect, host);
  auto terms = ReadCallTerms(dialect->protocol, headers);
  if (!terms) {
    // gRPC requires the supported compressions in a header, too.
    return exchange->Respond(
        FailureAnswer(format, std::move(terms.error()),
                      {.headers = {{std::string(HeadersOf(dialect->protocol).accept_encoding),
                                    std::string(kCompressionNames)}},
                       .trailers = {}}));
  }
  format.compression = terms->of_answer;
  CallStart start = StartOf(request, std::move(exchange), std::move(format), headers, *terms, host);
  if (!PassInterceptors(request, start, host)) return;
  const Strictness strictness = StrictnessOf(*terms);
  auto packed =
      ReadPost(request, *terms, strictness, start.format.has_envelopes(), MessageBytesMax(host));
  if (!packed) {
    return start.exchange->Respond(FailureAnswer(start.format, std::move(packed.error())));
  }
  Invoke(*packed, strictness, std::move(start));
}

std::expected<Method::Packed, Error> Method::ReadPost(const http::Request& request,
                                                      const CallTerms& terms,
                                                      const Strictness& strictness,
                                                      bool has_envelope, std::size_t bytes_max) {
  if (strictness.refuses_unknown) TRY(CheckNoParameters(request.query));
  if (!has_envelope) {
    return Packed{
        .bytes = request.body, .compression = terms.of_request, .unpacked_bytes_max = bytes_max};
  }
  const Envelope envelope = TRY(ReadOnlyEnvelope(request.body, bytes_max));
  if (envelope.compressed && terms.of_request == Compression::kIdentity) {
    return MakeError(Code::kInternal,
                     "the envelope's message is compressed, but no header names the compression",
                     kEnvelopeMalformed);
  }
  return Packed{.bytes = envelope.message,
                .compression = envelope.compressed ? terms.of_request : Compression::kIdentity,
                .unpacked_bytes_max = bytes_max};
}

CallStart Method::StartOf(const http::Request& request, std::shared_ptr<http::Exchange> exchange,
                          AnswerFormat format, const CallHeaders& headers, const CallTerms& terms,
                          const MethodHost& host) const {
  CallStart start{
      .exchange = std::move(exchange),
      .executor = host.executor,
      .context = {.method = descriptor_, .peer = request.peer, .protocol = format.dialect.protocol},
      .format = std::move(format),
      .timeout = terms.timeout};
  if (terms.timeout) {
    start.context.deadline = std::chrono::steady_clock::now() + *terms.timeout;
  }
  if (headers.idempotency_key) start.context.idempotency_key = JoinedIdempotencyKeys(request);
  return start;
}

bool Method::PassInterceptors(const http::Request& request, CallStart& start,
                              const MethodHost& host) {
  if (!host.interceptors) return true;
  std::expected<void, Error> passed;
  if (host.follows_calls) {
    start.format.watched =
        WatchedCall::Make(host.call_memory, host.interceptors, std::move(start.exchange));
    start.exchange = start.format.watched;
    passed = start.format.watched->Start(start.context, request);
  } else {
    passed = StartAll(*host.interceptors, start.context, request);
  }
  if (passed) return true;
  start.exchange->Respond(FailureAnswer(start.format, std::move(passed.error())));
  return false;
}

std::expected<void, Error> Method::BeforeLargeBody(const http::Request& head,
                                                   const MethodHost& host) const {
  if (!host.interceptors) return {};
  for (const auto& interceptor : *host.interceptors) {
    TRY(interceptor->BeforeLargeBody(*descriptor_, head));
  }
  return {};
}

http::Response Method::BodyTooLarge(const http::Request& request, http::Response plain,
                                    std::string_view message, const MethodHost& host) const {
  const std::optional<Dialect> dialect = DialectFor(GatherCallHeaders(request));
  if (!dialect || dialect->protocol == Protocol::kConnectUnary) return plain;
  return FailureAnswer(FormatOf(*dialect, host), {.code = Code::kResourceExhausted,
                                                  .message = std::string(message),
                                                  .reason = kBodyTooLargeReason});
}

http::Response Method::Refuse(const http::Request& request, Error error,
                              const MethodHost& host) const {
  const std::optional<Dialect> dialect = DialectFor(GatherCallHeaders(request));
  if (dialect) return FailureAnswer(FormatOf(*dialect, host), std::move(error));
  const int http_status = HttpStatusOf(error.code);
  return UnroutedResponse(request, http_status, std::move(error), host.error_domain);
}

void Method::HandleGet(const http::Request& request, std::shared_ptr<http::Exchange> exchange,
                       const MethodHost& host) {
  const CallHeaders headers = GatherCallHeaders(request);
  GetParameters parameters = ReadGetParameters(request.query);
  const std::optional<Codec> codec = CodecOf(parameters);
  if (!codec || !request.body.empty()) {
    return exchange->Respond(UnsupportedMediaType(
        request,
        !request.body.empty() ? "a GET has no body; use POST to send one"
                              : "the parameter encoding must be \"json\" or \"proto\"",
        AcceptedTypes(), host));
  }
  AnswerFormat format = FormatOf({Protocol::kConnectUnary, *codec}, host);
  auto terms = ReadCallTerms(Protocol::kConnectUnary, headers);
  if (!terms) return exchange->Respond(FailureAnswer(format, std::move(terms.error())));
  CallStart start = StartOf(request, std::move(exchange), std::move(format), headers, *terms, host);
  if (!PassInterceptors(request, start, host)) return;
  auto get = ReadGetRequest(std::move(parameters), StrictnessOf(*terms));
  if (!get) {
    return start.exchange->Respond(FailureAnswer(start.format, std::move(get.error())));
  }
  start.format.compression = ChooseCompression(headers.accept_encoding, get->compression);
  start.is_get = true;
  start.known_entity_tags = headers.if_none_match.value_or("");
  Invoke({.bytes = get->message,
          .compression = get->compression,
          .unpacked_bytes_max = MessageBytesMax(host)},
         StrictnessOf(*terms), std::move(start));
}

Strictness Method::StrictnessOf(const CallTerms& terms) const {
  const bool is_plain = descriptor_->kind == MethodKind::kPlainJson;
  return {.refuses_unknown = is_plain || terms.strict, .refuses_empty_strings = is_plain};
}

void Method::Invoke(const Packed& packed, const Strictness& strictness, CallStart&& start) {
  const auto refuse = [&start](Error error) {
    start.exchange->Respond(FailureAnswer(start.format, std::move(error)));
  };
  std::string_view bytes = packed.bytes;
  std::string unpacked;
  // An empty body is an empty message, even if a header names a compression.
  if (packed.compression == Compression::kGzip && !bytes.empty()) {
    auto result = Unpack(bytes, packed.unpacked_bytes_max);
    if (!result) return refuse(std::move(result.error()));
    bytes = unpacked = *std::move(result);
  }
  if (bytes.size() > packed.unpacked_bytes_max) {
    return refuse(MessageTooLarge(packed.unpacked_bytes_max));
  }
  if (large_ && ValuesAtMost(start.format.dialect.codec, bytes) > large_->values_max) {
    return refuse(TooManyValues(large_->values_max));
  }
  // Taken out during the call, because answering it may start the next request at once.
  std::unique_ptr<Message> message = std::move(spare_request_);
  if (!message) message.reset(request_prototype_.New());
  auto decoded = Decode(start.format.dialect.codec, request_format_, bytes, *message, strictness);
  if (!decoded) return refuse(std::move(decoded.error()));
  const bool keep = bytes.size() <= kSpareBodyBytesMax;
  handler_(*message, std::move(start));
  if (keep) spare_request_ = std::move(message);
}

}  // namespace coupond::connect
