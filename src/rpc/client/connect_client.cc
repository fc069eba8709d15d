#include "rpc/client/connect_client.h"

#include <fmt/format.h>

#include <boost/asio.hpp>
#include <optional>

#include <google/protobuf/message_lite.h>
#include "base/duration_text.h"
#include "rpc/client/network_error.h"
#include "rpc/client/response_reader.h"

namespace coupond::ctl {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kBodyBytesMax = 256 * 1024 * 1024;

// The length of the first field of the message if that is field 1 and complete, else 0.
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

  // Reads until the answer is complete, or its body is enough. bad_message: fault() says why.
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
  /// Whether anything has come.
  [[nodiscard]] bool has_answered() const { return has_answered_; }
  [[nodiscard]] bool reusable() const { return !stopped_early_ && reader_.answer().keep_alive; }

 private:
  // Runs the one operation under way; false if the deadline came first (it is then cancelled).
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

ConnectClient::ConnectClient(ServerAddress server, std::chrono::nanoseconds timeout)
    : server_(std::move(server)), timeout_(timeout) {}

ConnectClient::~ConnectClient() = default;

CallError ConnectClient::Explain(const Connection& connection, std::string_view method,
                                 const boost::system::error_code& error) const {
  if (error == asio::error::timed_out) {
    return NoAnswer(server_, method,
                    fmt::format("{} in {}; --timeout DURATION waits longer",
                                connection.has_answered() ? "it did not come whole" : "none came",
                                FormatDuration(timeout_)));
  }
  if (!connection.has_answered()) {
    return NoAnswer(server_, method,
                    error == boost::system::errc::bad_message
                        ? "the connection was closed without one"
                        : error.message());
  }
  if (error != boost::system::errc::bad_message) return NoAnswer(server_, method, error.message());
  return UnreadableAnswer(server_, method, connection.fault());
}

std::expected<void, CallError> ConnectClient::Exchange(std::string_view service,
                                                       std::string_view method,
                                                       std::string_view body, IsEnough is_enough,
                                                       std::string& answer_body) {
  const auto deadline = Connection::Clock::now() + timeout_;
  std::unique_ptr<Connection> connection = std::move(connection_);
  if (connection == nullptr) {
    connection = std::make_unique<Connection>();
    if (const error_code error = connection->Connect(server_, deadline)) {
      return std::unexpected(CannotReach(server_, error));
    }
  }
  const error_code unsent = connection->Send(EncodeCall(server_, method, body, service), deadline);
  // Whoever answers before it has read all may close the connection then; the answer counts.
  error_code error = unsent;
  if (unsent != asio::error::timed_out) error = connection->Receive(is_enough, deadline);
  if (error) return std::unexpected(Explain(*connection, method, error));
  if (!IsMessage(connection->answer())) {
    CallError refused = DecodeError(connection->answer());
    // What follows on a connection to who knows what is not worth reading.
    if (connection->reusable() && !refused.foreign) connection_ = std::move(connection);
    return std::unexpected(std::move(refused));
  }
  answer_body = connection->answer().body;
  if (connection->reusable()) connection_ = std::move(connection);
  return {};
}

std::expected<void, CallError> ConnectClient::Call(std::string_view method,
                                                   const google::protobuf::MessageLite& request,
                                                   google::protobuf::MessageLite& response,
                                                   std::string_view service) {
  std::string answer;
  auto done = Exchange(service, method, request.SerializeAsString(), nullptr, answer);
  if (!done) return done;
  if (!response.ParseFromString(answer)) {
    return std::unexpected(
        UnreadableAnswer(server_, method, "it is not a " + response.GetTypeName()));
  }
  return {};
}

std::expected<void, CallError> ConnectClient::CallForFirstField(
    std::string_view method, const google::protobuf::MessageLite& request,
    google::protobuf::MessageLite& response, std::string_view service) {
  std::string answer;
  auto done = Exchange(
      service, method, request.SerializeAsString(),
      [](std::string_view body) { return FirstFieldBytes(body) > 0; }, answer);
  if (!done) return done;
  // Each field stands for itself in a protobuf message, so a message cut after a field is one too.
  if (const std::size_t first = FirstFieldBytes(answer)) answer.resize(first);
  if (!response.ParseFromString(answer)) {
    return std::unexpected(
        UnreadableAnswer(server_, method, "it is not a " + response.GetTypeName()));
  }
  return {};
}

}  // namespace coupond::ctl
