#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_CONNECTION_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_CONNECTION_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "couponctl/load/issue_answer.h"
#include "rpc/client/response_reader.h"
#include "rpc/client/server_address.h"

namespace coupond::ctl {

class LoadConnection;

/// The source of the requests that the connections of a load send, and the receiver of their
/// outcomes.
class LoadWork {
 public:
  using Time = std::chrono::steady_clock::time_point;

  virtual ~LoadWork() = default;
  /// Takes the next request and returns the time it was due, or returns nullopt if none is due.
  [[nodiscard]] virtual std::optional<Time> TakeDue(Time now) = 0;
  /// Writes a request_id that no other request has.
  virtual void DrawRequestId(char* to, std::size_t size) = 0;
  /// Called when a connection finds no request due. It can be given one with Begin while it is
  /// idle().
  virtual void Idle(LoadConnection& connection) = 0;
  virtual void Connected() = 0;
  virtual void Attempted(bool first) = 0;
  virtual void AttemptFailed(std::string_view error) = 0;
  virtual void Finished(Time due, Time now, const IssueAnswer& answer) = 0;
};

/// The parameters that all connections of a load share.
struct LoadTarget {
  rpc_client::Endpoints endpoints = {};
  std::string campaign_id;
  std::string request = {};          ///< the bytes of one IssueCoupon request
  std::size_t request_id_at = 0;     ///< the position of the request_id in `request`
  std::size_t request_id_bytes = 0;  ///< 0 if requests carry none and are never repeated
  std::chrono::nanoseconds request_timeout{};
  std::chrono::nanoseconds retry_for{};  ///< how long a request is repeated after it first failed
};

/// One keep-alive connection with at most one request in flight. Whenever it breaks, it reconnects
/// after pauses that grow, until it is destroyed. A request whose outcome is open is repeated with
/// the same request_id if it has one. Runs on the single thread of its io_context.
class LoadConnection {
 public:
  using Time = LoadWork::Time;

  LoadConnection(boost::asio::io_context& context, const LoadTarget& target, LoadWork& work);

  void Start() { Connect(); }
  /// Sends a request that was due at `due`. Call only while idle().
  void Begin(Time due);
  [[nodiscard]] bool idle() const { return state_ == State::kIdle; }
  /// Ends what has taken too long. Call it regularly.
  void Sweep(Time now);

  /// Whether this connection is in the queue of idle ones. Maintained by the owner of that queue.
  bool in_line = false;

 private:
  enum class State : std::uint8_t { kConnecting, kIdle, kAwaitingAnswer, kPausing };
  struct Request {
    Time due;
    bool attempted = false;
    std::optional<Time> first_failure = {};
  };

  void Connect();
  void OnConnected();
  void Read();
  void OnRead(const boost::system::error_code& error, std::size_t count);
  void Ready();
  void Transmit();
  void TransmitRest(std::size_t from);
  void OnAnswer();
  /// Closes the connection. The outcome of a request in flight is open.
  void Break(std::string_view error);
  void Pause();
  void AfterPause();
  /// Finishes the request as open, unless it will be repeated.
  void AttemptFailed(std::string_view error, Time now);
  void Finish(Time now, const IssueAnswer& answer);
  void CloseSocket();

  const LoadTarget& target_;
  LoadWork& work_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer pause_timer_;
  rpc_client::ResponseReader reader_;
  IssueAnswerReader answers_;
  std::string request_bytes_;
  std::optional<Request> request_;
  State state_ = State::kConnecting;
  bool connected_ = false;
  Time operation_began_;  ///< of the pending connect or request
  std::chrono::milliseconds pause_;
  std::size_t next_endpoint_ = 0;
  /// The number of sockets so far, by which a late completion of an earlier one is recognised.
  std::uint64_t socket_number_ = 0;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_CONNECTION_H_
