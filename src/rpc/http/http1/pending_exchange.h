#ifndef COUPOND_RPC_HTTP_HTTP1_PENDING_EXCHANGE_H_
#define COUPOND_RPC_HTTP_HTTP1_PENDING_EXCHANGE_H_

#include <cstdint>
#include <memory>

#include "rpc/http/handler.h"
#include "rpc/http/mailbox.h"

namespace coupond::http {

class Session;

/// A session's current request as its handler holds it. It may outlive the session, and even the
/// worker: answers then go nowhere. Dropped without an answer, on any thread, it has the session
/// answer 500.
class PendingExchange final : public Exchange {
 public:
  /// `number` is the request's number within the session.
  PendingExchange(std::weak_ptr<Session> session, std::shared_ptr<Mailbox> mailbox,
                  std::uint64_t number);
  ~PendingExchange() override;
  PendingExchange(const PendingExchange&) = delete;
  PendingExchange& operator=(const PendingExchange&) = delete;

  void Respond(Response response) override;
  void RespondInPieces(Response head, std::unique_ptr<BodySource> pieces) override;

 private:
  std::weak_ptr<Session> session_;
  const std::shared_ptr<Mailbox> mailbox_;
  const std::uint64_t number_;
  bool answered_ = false;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_HTTP1_PENDING_EXCHANGE_H_
