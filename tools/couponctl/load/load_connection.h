#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_CONNECTION_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_CONNECTION_H_

#include <array>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/file_descriptor.h"
#include "couponctl/load/event_loop.h"
#include "couponctl/load/issue_answer.h"
#include "couponctl/load/known_heads.h"
#include "couponctl/load/redeem_answer.h"
#include "rpc/client/response_reader.h"
#include "rpc/client/server_address.h"
#include "rpc/client/tls_socket.h"

namespace coupond::ctl {

class LoadConnection;

/// What a request of a load asks for: a coupon, or that one is redeemed.
struct LoadRequest {
  std::uint64_t user = 0;                   ///< the number of the user that it names, or 0
  std::optional<std::size_t> redeems = {};  ///< the place of the coupon among those held
  bool may_be_done = false;                 ///< whether it was sent before, and its outcome is open
};

/// What became of a request, of the kind of the request.
using LoadAnswer = std::variant<IssueAnswer, RedeemAnswer>;

/// The source of the requests that the connections of a load send, and the receiver of their
/// outcomes.
class LoadWork {
 public:
  using Time = EventLoop::Time;

  virtual ~LoadWork() = default;
  /// Takes the next request and returns the time it was due, or returns nullopt if none is due.
  [[nodiscard]] virtual std::optional<Time> TakeDue(Time now) = 0;
  /// Writes the next request to `bytes`, and returns what it asks for.
  [[nodiscard]] virtual LoadRequest NextRequest(std::string& bytes) = 0;
  /// Reads the answer to a request.
  [[nodiscard]] virtual LoadAnswer Read(const LoadRequest& request,
                                        const rpc_client::HttpAnswer& answer) = 0;
  /// The same for an answer that is known to carry a message.
  [[nodiscard]] virtual LoadAnswer ReadMessage(const LoadRequest& request,
                                               std::string_view message) = 0;
  /// Called when a connection finds no request due. It can be given one with Begin while it is
  /// idle().
  virtual void Idle(LoadConnection& connection) = 0;
  /// Asks for a call of Wake at that time. There is at most one such wish of a connection.
  virtual void WakeAt(LoadConnection& connection, Time time) = 0;
  virtual void Connected() = 0;
  virtual void Attempted(bool first) = 0;
  virtual void AttemptFailed(std::string_view error) = 0;
  virtual void Finished(const LoadRequest& request, Time due, Time now,
                        const LoadAnswer& answer) = 0;
};

/// The parameters that all connections of a load share.
struct LoadTarget {
  rpc_client::Endpoints endpoints = {};
  std::chrono::nanoseconds request_timeout{};
  /// How long a request is repeated after it first failed. It must be one that is safe to repeat.
  std::optional<std::chrono::nanoseconds> repeat_for = {};
  /// Whom to believe over TLS, and the name that the server's certificate must have; null: the load
  /// is sent in the clear.
  std::shared_ptr<boost::asio::ssl::context> trust = {};
  std::string host = {};
};

/// The number of bytes that are received at once.
inline constexpr std::size_t kReceivedBytesMax = 16 * 1024;

/// What all connections read their answers with.
struct LoadReading {
  std::array<char, kReceivedBytesMax> buffer;
  KnownHeads heads;
};

/// One keep-alive connection, over TCP or TLS, with at most one request in flight. Whenever it
/// breaks, it reconnects after pauses that grow, until it is destroyed. A request whose outcome is
/// open is repeated if that is safe. Runs on the single thread of its event loop.
class LoadConnection final : private EventLoop::Listener {
 public:
  using Time = LoadWork::Time;

  LoadConnection(EventLoop& loop, const LoadTarget& target, LoadReading& reading, LoadWork& work);

  /// Connects, takes a request, or goes on after a pause; does nothing if it is busy. Call it at
  /// the time given to WakeAt, and when there are requests again.
  void Wake(Time now);
  /// Sends a request that was due at `due`. Call only while idle().
  void Begin(Time due, Time now);
  [[nodiscard]] bool idle() const { return state_ == State::kIdle; }
  /// Ends what has taken too long. Call it regularly.
  void Sweep(Time now);

  /// Whether this connection is in the queue of idle ones. Maintained by the owner of that queue.
  bool in_line = false;

 private:
  enum class State : std::uint8_t { kConnecting, kIdle, kAwaitingAnswer, kPausing };
  struct Request {
    Time due;
    LoadRequest what;
    bool attempted = false;
    std::optional<Time> first_failure = {};  ///< when the first open attempt ended
  };

  void OnEvents(std::uint32_t events) override;
  void Connect(Time now);
  void OnConnected();
  void Handshake(Time now);
  void OnOpen(Time now);
  void Receive(bool closing);
  void ReceiveOverTls(bool closing);
  void EndOverTls(const boost::system::error_code& error, Time now);
  void Take(std::string_view bytes, bool closing, Time now);
  [[nodiscard]] rpc_client::ResponseReader::Progress TakeByPart(std::string_view bytes);
  void Ready(Time now);
  void Transmit(Time now);
  void TransmitRest(Time now);
  void TransmitOverTls(Time now);
  void OnAnswer(const LoadAnswer& answer, bool keep_alive, Time now);
  /// Closes the connection. The outcome of a request in flight is open.
  void Break(std::string_view error, Time now);
  void Pause(Time now);
  /// Finishes the request as open, unless it will be repeated.
  void AttemptFailed(std::string_view error, Time now);
  /// Reports whether the server may have carried out an earlier attempt of the request.
  [[nodiscard]] bool MayBeDone() const;
  void Finish(Time now, const LoadAnswer& answer);
  void FinishAsOpen(Time now);
  void CloseSocket();

  EventLoop& loop_;
  const LoadTarget& target_;
  LoadReading& reading_;
  LoadWork& work_;
  FileDescriptor socket_;
  std::optional<rpc_client::TlsSocket> tls_;  ///< over socket_ once that is connected, if with TLS
  std::string request_bytes_;
  std::size_t sent_bytes_ = 0;
  std::optional<Request> request_;
  State state_ = State::kPausing;
  bool connected_ = false;  ///< over TLS, once the handshake is done
  Time operation_began_;    ///< of the pending connect or request
  std::chrono::milliseconds pause_;
  std::size_t next_endpoint_ = 0;
  /// Reads the answers that are not known or arrive in parts; made when the first one does.
  std::optional<rpc_client::ResponseReader> reader_;
  bool answer_has_begun_ = false;  ///< whether reader_ has a part of an answer
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_CONNECTION_H_
