#include "rpc/client/connect_client.h"

#include <fmt/format.h>
#include <google/protobuf/message_lite.h>

#include <boost/asio.hpp>
#include <utility>

#include "base/duration_text.h"
#include "base/error.h"
#include "rpc/client/connect_protocol.h"
#include "rpc/client/response_reader.h"

namespace coupond::rpc_client {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kBodyBytesMax = 256 * 1024 * 1024;

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

// One TCP connection, used in lock step.
class ConnectClient::Connection {
 public:
  using Clock = std::chrono::steady_clock;

  error_code Connect(const ServerAddress& server, Clock::time_point deadline) {
    error_code error;
    tcp::resolver resolver(context_);
    const auto endpoints = resolver.resolve(server.host, server.port, error);
    if (error) return error;
    asio::async_connect(socket_, endpoints,
                        [&error](error_code result, const tcp::endpoint&) { error = result; });
    if (!RunUntil(deadline)) return asio::error::timed_out;
    if (!error) socket_.set_option(tcp::no_delay(true), error);
    return error;
  }

  error_code Send(std::string_view bytes, Clock::time_point deadline) {
    error_code error;
    asio::async_write(socket_, asio::buffer(bytes),
                      [&error](error_code result, std::size_t) { error = result; });
    return RunUntil(deadline) ? error : asio::error::timed_out;
  }

  // Reads until the answer is complete, or its body is enough. After the error bad_message, fault()
  // says what is wrong.
  error_code Receive(IsEnough is_enough, Clock::time_point deadline) {
    reader_.Begin();
    while (true) {
      const std::span<char> space = reader_.Space();
      error_code error;
      std::size_t received = 0;
      socket_.async_read_some(asio::buffer(space.data(), space.size()),
                              [&](error_code result, std::size_t count) {
                                error = result;
                                received = count;
                              });
      if (!RunUntil(deadline)) return asio::error::timed_out;
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
    error_code ignored;
    socket_.close(ignored);
    context_.run();
    return false;
  }

  asio::io_context context_{1};
  tcp::socket socket_{context_};
  ResponseReader reader_{kBodyBytesMax};
  bool has_answered_ = false;
  bool stopped_early_ = false;
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
  return NoAnswer(server_, path, error.message());
}

std::expected<std::string, CallError> ConnectClient::Exchange(std::string_view path,
                                                              std::string_view message,
                                                              IsEnough is_enough) {
  const auto deadline = Connection::Clock::now() + timeout_;
  std::unique_ptr<Connection> connection = std::move(connection_);
  if (connection == nullptr) {
    connection = std::make_unique<Connection>();
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
