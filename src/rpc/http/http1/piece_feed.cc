#include "rpc/http/http1/piece_feed.h"

#include <utility>

#include "base/error.h"

namespace coupond::http {

/// The right to deliver one piece, once. Dropped unused, it reports that the source has failed.
class PieceFeed::Receipt {
 public:
  Receipt(std::weak_ptr<PieceFeed> feed, std::shared_ptr<Mailbox> mailbox, std::uint64_t number)
      : feed_(std::move(feed)), mailbox_(std::move(mailbox)), number_(number) {}
  Receipt(Receipt&& other) noexcept = default;
  Receipt& operator=(Receipt&&) = delete;

  ~Receipt() {
    if (mailbox_ == nullptr) return;  // moved from, or used
    if (mailbox_->IsHere()) {
      Answer({BodySource::Progress::kFailed, {}});
      return;
    }
    mailbox_->Post([feed = std::move(feed_), number = number_] {
      if (const auto alive = feed.lock()) alive->Take(number, {BodySource::Progress::kFailed, {}});
    });
  }

  void Answer(Piece piece) {
    const auto used = std::move(mailbox_);
    if (used == nullptr) return;
    if (const auto alive = feed_.lock()) alive->Take(number_, std::move(piece));
  }

 private:
  std::weak_ptr<PieceFeed> feed_;
  std::shared_ptr<Mailbox> mailbox_;
  std::uint64_t number_;
};

PieceFeed::PieceFeed(std::unique_ptr<BodySource> source, std::shared_ptr<Mailbox> mailbox,
                     LogHook log, OnPiece on_piece)
    : source_(std::move(source)),
      waits_for_events_(source_->waits_for_events()),
      mailbox_(std::move(mailbox)),
      log_(std::move(log)),
      on_piece_(std::move(on_piece)) {}

std::optional<Piece> PieceFeed::Ask() {
  ++asked_;
  waiting_ = true;
  asking_ = true;
  try {
    source_->Next([receipt = Receipt(weak_from_this(), mailbox_, asked_)](
                      BodySource::Progress progress, std::string bytes) mutable {
      receipt.Answer({progress, std::move(bytes)});
    });
  } catch (...) {
    log_("a body source threw: " + DescribeThrown());
    Take(asked_, {BodySource::Progress::kFailed, {}});
  }
  asking_ = false;
  return std::exchange(at_hand_, std::nullopt);
}

void PieceFeed::Take(std::uint64_t number, Piece piece) {
  if (!waiting_ || number != asked_) return;
  waiting_ = false;
  if (asking_) {
    at_hand_ = std::move(piece);
  } else if (on_piece_) {
    on_piece_(std::move(piece));
  }
}

bool PieceFeed::FinishTrailers(FieldList& trailers) {
  try {
    source_->FinishTrailers(trailers);
    return true;
  } catch (...) {
    log_("a body source threw: " + DescribeThrown());
    return false;
  }
}

void PieceFeed::OnServerStopping() {
  const auto self = shared_from_this();  // what the source delivers now may end the session
  if (source_ != nullptr) source_->OnServerStopping();
}

void PieceFeed::Abandon() {
  waiting_ = false;
  mailbox_->Post([self = shared_from_this()] {
    self->on_piece_ = nullptr;
    self->source_.reset();
  });
}

}  // namespace coupond::http
