#ifndef COUPOND_RPC_HTTP_HTTP1_PIECE_FEED_H_
#define COUPOND_RPC_HTTP_HTTP1_PIECE_FEED_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "rpc/http/handler.h"
#include "rpc/http/log_hook.h"
#include "rpc/http/mailbox.h"

namespace coupond::http {

struct Piece {
  BodySource::Progress progress;
  std::string bytes;
};

/// Asks a BodySource for one piece at a time and makes every way in which it may answer look alike:
/// during Next, later, by throwing, or by dropping the callback, which counts as kFailed.
///
/// Worker's thread only, except that a dropped callback may be dropped anywhere.
class PieceFeed : public std::enable_shared_from_this<PieceFeed> {
 public:
  using OnPiece = std::move_only_function<void(Piece)>;

  /// `on_piece` is called with the pieces that Ask could not return.
  PieceFeed(std::unique_ptr<BodySource> source, std::shared_ptr<Mailbox> mailbox, LogHook log,
            OnPiece on_piece);

  /// The next piece if the source has it at hand; else nothing, and on_piece is called later. Not
  /// to be called again before the piece is there.
  [[nodiscard]] std::optional<Piece> Ask();

  /// Whether the client is to be watched meanwhile.
  [[nodiscard]] bool waits_for_events() const { return waits_for_events_; }
  /// Has the source set the values of the trailers, after its end. Returns false if it threw.
  [[nodiscard]] bool FinishTrailers(FieldList& trailers);
  void OnServerStopping();

  /// No more calls to on_piece, and the source is destroyed soon: not now, since the caller may
  /// have been called by the source.
  void Abandon();

 private:
  class Receipt;

  void Take(std::uint64_t number, Piece piece);

  std::unique_ptr<BodySource> source_;
  const bool waits_for_events_;
  const std::shared_ptr<Mailbox> mailbox_;
  const LogHook log_;
  OnPiece on_piece_;
  std::uint64_t asked_ = 0;  // how many pieces have been asked for: the number of the last question
  bool waiting_ = false;     // for the answer to that question
  bool asking_ = false;      // inside of the source's Next
  std::optional<Piece> at_hand_;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_HTTP1_PIECE_FEED_H_
