#include "rpc/client/call_error.h"

#include <fmt/format.h>

#include <boost/asio/error.hpp>

#include "rpc/client/tls_trust.h"

namespace coupond::rpc_client {
namespace {

using connect::Code;

// Returns the name of the method, which is the last part of its path.
std::string_view MethodOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool Refuses(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
    case Code::kNotFound:
    case Code::kAlreadyExists:
    case Code::kPermissionDenied:
    case Code::kResourceExhausted:
    case Code::kFailedPrecondition:
    case Code::kAborted:
    case Code::kOutOfRange:
    case Code::kUnimplemented:
    case Code::kUnauthenticated:
      return true;
    case Code::kCanceled:
    case Code::kUnknown:
    case Code::kDeadlineExceeded:
    case Code::kInternal:
    case Code::kUnavailable:
    case Code::kDataLoss:
      return false;
  }
  return false;
}

CallError Faulty(const ServerAddress& server, TlsFault fault, std::string_view why) {
  switch (fault) {
    case TlsFault::kUntrusted:
      return {
          .failure = Failure::kUntrusted,
          .message = fmt::format("the certificate of {} is not trusted: {}", server.Url(), why)};
    case TlsFault::kMisnamed:
      return {.failure = Failure::kMisnamed,
              .message = fmt::format("the certificate of {} is not for {}: {}", server.Url(),
                                     server.host, why)};
    case TlsFault::kCertificateWanted:
      return {.failure = Failure::kCertificateWanted,
              .message = fmt::format("{} wants a client certificate", server.Url())};
    case TlsFault::kNoTls:
      break;
  }
  return {.failure = Failure::kNoTls,
          .message = fmt::format("{} does not speak TLS; is it an http:// address?", server.Url())};
}

}  // namespace

std::string_view CallError::CodeName() const {
  return code ? connect::CodeName(*code) : std::string_view();
}

bool IsRefusal(const CallError& error) {
  return error.failure == Failure::kAnswered && error.code && Refuses(*error.code);
}

bool LeavesOutcomeOpen(Code code) {
  // What was aborted may have been done in part.
  return !Refuses(code) || code == Code::kAborted;
}

CallError CannotReach(const ServerAddress& server, const boost::system::error_code& error) {
  if (const auto fault = FaultOf(error)) return Faulty(server, *fault, error.message());
  const bool refused = error == boost::asio::error::connection_refused;
  const bool unknown = error == boost::asio::error::host_not_found;
  return {.failure = refused ? Failure::kConnectionRefused : Failure::kUnreachable,
          .message = fmt::format("cannot reach {}: {}", server.Url(),
                                 unknown ? "no host has this name" : error.message())};
}

CallError NoAnswer(const ServerAddress& server, std::string_view path,
                   const boost::system::error_code& error) {
  const auto fault = FaultOf(error);
  return fault ? Faulty(server, *fault, error.message()) : NoAnswer(server, path, error.message());
}

CallError NoAnswer(const ServerAddress& server, std::string_view path, std::string_view why) {
  return {.failure = Failure::kNoAnswer,
          .message = fmt::format("no answer from {} to {}: {}", server.Url(), MethodOf(path), why),
          .may_be_done = true};
}

CallError TimedOut(const ServerAddress& server, std::string_view path, std::string_view why) {
  CallError error = NoAnswer(server, path, why);
  error.failure = Failure::kTimedOut;
  return error;
}

CallError UnreadableAnswer(const ServerAddress& server, std::string_view path,
                           std::string_view why) {
  return {.failure = Failure::kUnreadable,
          .message = fmt::format("the answer from {} to {} cannot be read: {}", server.Url(),
                                 MethodOf(path), why),
          .may_be_done = true};
}

CallError LostStream(const ServerAddress& server, std::string_view path, std::string_view why) {
  return {.failure = Failure::kNoAnswer,
          .message =
              fmt::format("{} broke off its answer to {}: {}", server.Url(), MethodOf(path), why),
          .may_be_done = true};
}

}  // namespace coupond::rpc_client
