#include "rpc/http/http1/pending_exchange.h"

#include <utility>

#include "rpc/http/http1/session.h"

namespace coupond::http {

PendingExchange::PendingExchange(std::weak_ptr<Session> session, std::shared_ptr<Mailbox> mailbox,
                                 std::uint64_t number)
    : session_(std::move(session)), mailbox_(std::move(mailbox)), number_(number) {}

PendingExchange::~PendingExchange() {
  if (answered_) return;
  if (mailbox_->IsHere()) {
    if (const auto session = session_.lock()) session->AnswerLost(number_);
    return;
  }
  mailbox_->Post([weak = std::move(session_), number = number_] {
    if (const auto session = weak.lock()) session->AnswerLost(number);
  });
}

void PendingExchange::Respond(Response response) {
  answered_ = true;
  if (const auto session = session_.lock()) session->Answer(number_, response);
}

void PendingExchange::RespondInPieces(Response head, std::unique_ptr<BodySource> pieces) {
  answered_ = true;
  if (const auto session = session_.lock()) {
    session->AnswerInPieces(number_, head, std::move(pieces));
  }
}

}  // namespace coupond::http
