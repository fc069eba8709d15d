#include "rpc/client/connect_client.h"

#include <fmt/format.h>
#include <google/protobuf/message_lite.h>

#include <boost/asio.hpp>
#include <optional>
#include <span>
#include <utility>

#include "base/duration_text.h"
#include "base/error.h"
#include "rpc/client/client_socket.h"
#include "rpc/client/connect_protocol.h"
#include "rpc/client/response_reader.h"
#include "rpc/client/stream_reader.h"
#include "rpc/client/tls_trust.h"

namespace coupond::rpc_client {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kBodyBytesMax = 256 * 1024 * 1024;
constexpr std::size_t kStreamMessageBytesMax = 16 * 1024 * 1024;

// Returns the length of the first field of the message if that is field 1 and complete, else 0.
std::size_t FirstFieldBytes(std::string_view body) {
  constexpr char kFieldOneWithLength = 0x0a;
  if (body.empty() || body[0] != kFieldOneWithLength) return 0;
  std::size_t length = 0;
  for (std::size_t i = 1; i < body.size() && i <= 4; ++i) {
    const auto byte = static_cast<unsigned char>(body[i]);
    length |= std::size_t{byte & 0x7fU} << (7 * (i - 1));
    if ((byte & 0x80U) == 0) {
      const std::size_t whole = i + 1 + length;
      return whole <= body.size() ? whole : 0;
    }
  }
  return 0;
}

}  // namespace

// One connection, used in lock step.
class ConnectClient::Connection {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Connection(const ServerAddress& server) : socket_(context_, server) {}

  error_code Connect(const ServerAddress& server, Clock::time_point deadline) {
    error_code error;
    tcp::resolver resolver(context_);
    Endpoints endpoints;
    for (const auto& found : resolver.resolve(server.host, server.port, error)) {
      endpoints.push_back(found.endpoint());
    }
    if (error) return error;
    socket_.Connect(endpoints, [&error](const error_code& result) { error = result; });
    return RunUntil(deadline) ? error : asio::error::timed_out;
  }

  error_code Send(std::string_view bytes, Clock::time_point deadline) {
    error_code error;
    socket_.Write(bytes, [&error](const error_code& result, std::size_t) { error = result; });
    return RunUntil(deadline) ? error : asio::error::timed_out;
  }

  // Reads until the answer is complete, or its body is enough. After the error bad_message, fault()
  // says what is wrong.
  error_code Receive(IsEnough is_enough, Clock::time_point deadline) {
    reader_.Begin();
    while (true) {
      std::size_t received = 0;
      const error_code error = ReadSome(reader_.Space(), received, deadline);
      if (error && error != asio::error::eof) return error;
      has_answered_ = has_answered_ || received > 0;
      const auto progress = error ? reader_.Ended() : reader_.Received(received);
      if (progress == ResponseReader::Progress::kDone) return {};
      if (progress == ResponseReader::Progress::kBroken) {
        return make_error_code(boost::system::errc::bad_message);
      }
      if (is_enough != nullptr && IsMessage(reader_.answer()) && is_enough(reader_.answer().body)) {
        stopped_early_ = true;
        return {};
      }
    }
  }

  // Reads what has arrived, at least one byte.
  error_code ReadSome(std::span<char> space, std::size_t& received, Clock::time_point deadline) {
    error_code error;
    socket_.ReadSome(space, [&](const error_code& result, std::size_t count) {
      error = result;
      received = count;
    });
    return RunUntil(deadline) ? error : asio::error::timed_out;
  }

  [[nodiscard]] const HttpAnswer& answer() const { return reader_.answer(); }
  [[nodiscard]] std::string_view fault() const { return reader_.fault(); }
  /// Reports whether any byte of an answer has arrived.
  [[nodiscard]] bool has_answered() const { return has_answered_; }
  [[nodiscard]] bool reusable() const { return !stopped_early_ && reader_.answer().keep_alive; }

 private:
  // Runs the one pending operation. Returns false if the deadline passed first, which cancels it.
  bool RunUntil(Clock::time_point deadline) {
    context_.restart();
    context_.run_until(deadline);
    if (context_.stopped()) return true;
    socket_.Close();
    context_.run();
    return false;
  }

  asio::io_context context_{1};
  ClientSocket socket_;
  ResponseReader reader_{kBodyBytesMax};
  bool has_answered_ = false;
  bool stopped_early_ = false;
};

// The answer of one call with a stream.
class ConnectClient::Stream {
 public:
  Stream(const ConnectClient& client, std::string_view path)
      : server_(client.server_),
        timeout_(client.timeout_),
        path_(path),
        deadline_(Connection::Clock::now() + timeout_) {}

  std::expected<void, CallError> Open(std::string_view request) {
    if (const error_code error = connection_.Connect(server_, deadline_)) {
      return std::unexpected(CannotReach(server_, error));
    }
    // As in a call with one answer, an answer counts even if the request was not read.
    if (connection_.Send(request, deadline_) == asio::error::timed_out) return OutOfTime();
    return {};
  }

  // Returns the next message, which is valid until the next call, or nullopt at the end.
  std::expected<std::optional<std::string_view>, CallError> Next() {
    while (true) {
      if (const auto message = reader_.Next()) {
        has_message_ = true;
        return message;
      }
      if (const auto& end = reader_.end()) {
        if (*end) return std::nullopt;
        return end->error().code ? std::unexpected(end->error()) : Broken(end->error().message);
      }
      std::size_t received = 0;
      const error_code error = connection_.ReadSome(reader_.Space(), received, deadline_);
      if (error == asio::error::timed_out) return OutOfTime();
      if (error && error != asio::error::eof) {
        return FaultOf(error) ? std::unexpected(NoAnswer(server_, path_, error))
                              : Broken(error.message());
      }
      error ? reader_.Closed() : reader_.Received(received);
    }
  }

  void AwaitNext() { deadline_ = Connection::Clock::now() + timeout_; }

 private:
  [[nodiscard]] std::unexpected<CallError> Broken(std::string_view why) const {
    return std::unexpected(has_message_ ? LostStream(server_, path_, why)
                                        : NoAnswer(server_, path_, why));
  }
  [[nodiscard]] std::unexpected<CallError> OutOfTime() const {
    return std::unexpected(TimedOut(
        server_, path_,
        fmt::format("{} within {}", has_message_ ? "the next message did not come" : "none came",
                    FormatDuration(timeout_))));
  }

  const ServerAddress& server_;
  const std::chrono::nanoseconds timeout_;
  const std::string_view path_;
  Connection connection_{server_};
  StreamReader reader_{kStreamMessageBytesMax};
  Connection::Clock::time_point deadline_;
  bool has_message_ = false;
};

ConnectClient::ConnectClient(ServerAddress server, std::chrono::nanoseconds timeout,
                             connect::Metadata headers)
    : server_(std::move(server)), timeout_(timeout), headers_(std::move(headers)) {}

ConnectClient::~ConnectClient() = default;

CallError ConnectClient::Explain(const Connection& connection, std::string_view path,
                                 const error_code& error) const {
  const bool malformed = error == boost::system::errc::bad_message;
  if (error == asio::error::timed_out) {
    return TimedOut(
        server_, path,
        fmt::format("{} within {}", connection.has_answered() ? "it was not complete" : "none came",
                    FormatDuration(timeout_)));
  }
  if (malformed && !connection.has_answered()) {
    return NoAnswer(server_, path, "the connection was closed without one");
  }
  if (malformed) return UnreadableAnswer(server_, path, connection.fault());
  return NoAnswer(server_, path, error);
}

std::expected<std::string, CallError> ConnectClient::Exchange(std::string_view path,
                                                              std::string_view message,
                                                              IsEnough is_enough) {
  const auto deadline = Connection::Clock::now() + timeout_;
  std::unique_ptr<Connection> connection = std::move(connection_);
  if (connection == nullptr) {
    connection = std::make_unique<Connection>(server_);
    if (const error_code error = connection->Connect(server_, deadline)) {
      return std::unexpected(CannotReach(server_, error));
    }
  }
  error_code error = connection->Send(EncodeCall(server_, path, message, headers_), deadline);
  // A server that answers before it has read the whole request may then close the connection. Its
  // answer counts.
  if (error != asio::error::timed_out) error = connection->Receive(is_enough, deadline);
  if (error) return std::unexpected(Explain(*connection, path, error));
  std::expected<std::string, CallError> result = connection->answer().body;
  if (!IsMessage(connection->answer())) {
    result = std::unexpected(DecodeError(connection->answer()));
  }
  // A connection to something else is not used again.
  const bool foreign = !result && result.error().failure == Failure::kForeign;
  if (connection->reusable() && !foreign) connection_ = std::move(connection);
  return result;
}

std::expected<void, CallError> ConnectClient::Call(std::string_view path,
                                                   const google::protobuf::MessageLite& request,
                                                   google::protobuf::MessageLite& response) {
  const std::string answer = TRY(Exchange(path, request.SerializeAsString(), nullptr));
  if (response.ParseFromString(answer)) return {};
  return std::unexpected(UnreadableAnswer(server_, path, "it is not a " + response.GetTypeName()));
}

std::expected<void, CallError> ConnectClient::CallStream(
    std::string_view path, const google::protobuf::MessageLite& request,
    google::protobuf::MessageLite& response, const std::function<bool()>& visit) {
  Stream stream(*this, path);
  TRY(stream.Open(EncodeStreamCall(server_, path, request.SerializeAsString(), headers_)));
  while (const auto message = TRY(stream.Next())) {
    if (!response.ParseFromArray(message->data(), static_cast<int>(message->size()))) {
      return std::unexpected(
          UnreadableAnswer(server_, path, "it is not a " + response.GetTypeName()));
    }
    if (!visit()) return {};
    stream.AwaitNext();
  }
  return {};
}

std::expected<void, CallError> ConnectClient::CallForFirstField(
    std::string_view path, const google::protobuf::MessageLite& request,
    google::protobuf::MessageLite& response) {
  std::string answer = TRY(Exchange(path, request.SerializeAsString(), [](std::string_view body) {
    return FirstFieldBytes(body) > 0;
  }));
  // A protobuf message that is cut after a field is a message too.
  if (const std::size_t first = FirstFieldBytes(answer)) answer.resize(first);
  if (response.ParseFromString(answer)) return {};
  return std::unexpected(UnreadableAnswer(server_, path, "it is not a " + response.GetTypeName()));
}

}  // namespace coupond::rpc_client
