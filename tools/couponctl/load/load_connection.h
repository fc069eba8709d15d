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
#include <vector>

#include "couponctl/load/issue_answer.h"
#include "rpc/client/response_reader.h"

namespace coupond::ctl {

class LoadConnection;

/// Where the connections of a load get their requests from, and where they tell what came of them.
class LoadWork {
 public:
  using Time = std::chrono::steady_clock::time_point;

  virtual ~LoadWork() = default;
  /// The next request if one is due: when it was.
  [[nodiscard]] virtual std::optional<Time> TakeDue(Time now) = 0;
  /// Fills in a request_id that no other request has.
  virtual void DrawRequestId(char* to, std::size_t size) = 0;
  /// The connection found no request due; it may be given one with Begin as long as it is idle().
  virtual void Idle(LoadConnection& connection) = 0;
  virtual void Connected() = 0;
  virtual void Attempted(bool first) = 0;
  virtual void AttemptFailed(std::string_view error) = 0;
  virtual void Finished(Time due, Time now, const IssueAnswer& answer) = 0;
};

/// What all connections of a load have in common.
struct LoadTarget {
  std::vector<boost::asio::ip::tcp::endpoint> endpoints = {};
  std::string campaign_id;
  std::string request = {};          ///< the bytes of one IssueCoupon request
  std::size_t request_id_at = 0;     ///< where in `request` the request_id stands
  std::size_t request_id_bytes = 0;  ///< 0: requests carry none and are never repeated
  std::chrono::nanoseconds request_timeout{};
  std::chrono::nanoseconds retry_for{};  ///< how long a request is repeated after it first failed
};

/// One keep-alive connection that has at most one request in flight. It connects again, with
/// growing pauses, whenever it is broken, until it is destroyed. A request whose outcome is open is
/// repeated with the same request_id if it has one. Runs on the one thread of its io_context.
class LoadConnection {
 public:
  using Time = LoadWork::Time;

  LoadConnection(boost::asio::io_context& context, const LoadTarget& target, LoadWork& work);

  void Start() { Connect(); }
  /// Sends a request that was due at `due`. Only when idle().
  void Begin(Time due);
  [[nodiscard]] bool idle() const { return state_ == State::kIdle; }
  /// Ends what has taken too long. To be called every now and then.
  void Sweep(Time now);

  /// Belongs to whoever queues idle connections: whether this one is in the queue.
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
  /// The connection is of no use any more; what was in flight has an open outcome.
  void Break(std::string_view error);
  void Pause();
  void AfterPause();
  /// Finishes the request as open, unless it is to be repeated.
  void AttemptFailed(std::string_view error, Time now);
  void Finish(Time now, const IssueAnswer& answer);
  void CloseSocket();

  const LoadTarget& target_;
  LoadWork& work_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer pause_timer_;
  ResponseReader reader_;
  IssueAnswerReader answers_;
  std::string request_bytes_;
  std::optional<Request> request_;
  State state_ = State::kConnecting;
  bool connected_ = false;
  Time operation_began_;  ///< of the connect or the request under way
  std::chrono::milliseconds pause_;
  std::size_t next_endpoint_ = 0;
  /// Counts the sockets, so that a late completion for an earlier one is told apart.
  std::uint64_t socket_number_ = 0;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_CONNECTION_H_
