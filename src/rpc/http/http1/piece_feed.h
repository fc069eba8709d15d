#ifndef COUPOND_RPC_HTTP_HTTP1_PIECE_FEED_H_
#define COUPOND_RPC_HTTP_HTTP1_PIECE_FEED_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "rpc/http/handler.h"
#include "rpc/http/mailbox.h"

namespace coupond::http {

struct Piece {
  BodySource::Progress progress;
  std::string bytes;
};

/// Asks a BodySource for one piece at a time, and hides how it delivers: during Next, later, by
/// throwing, or by dropping the callback, where the last two count as kFailed.
///
/// Worker's thread only, except that the source may drop the callback on any thread.
class PieceFeed : public std::enable_shared_from_this<PieceFeed> {
 public:
  using OnPiece = std::move_only_function<void(Piece)>;

  /// `on_piece` is called with each piece that Ask could not return at once.
  PieceFeed(std::unique_ptr<BodySource> source, std::shared_ptr<Mailbox> mailbox, LogHook log,
            OnPiece on_piece);

  /// Returns the next piece if the source has it at hand. Otherwise returns nullopt, and on_piece
  /// is called later. Must not be called again before the piece has arrived.
  [[nodiscard]] std::optional<Piece> Ask();

  /// Reports whether the client must be watched while the source is waited for.
  [[nodiscard]] bool waits_for_events() const { return waits_for_events_; }
  /// Lets the source set the values of the trailers, after its end. Returns false if it threw.
  [[nodiscard]] bool FinishTrailers(FieldList& trailers);
  void OnServerStopping();

  /// Ends the calls to on_piece, and destroys the source soon: not now, because the source may be
  /// on the call stack.
  void Abandon();

 private:
  class Receipt;

  void Take(std::uint64_t number, Piece piece);

  std::unique_ptr<BodySource> source_;
  const bool waits_for_events_;
  const std::shared_ptr<Mailbox> mailbox_;
  const LogHook log_;
  OnPiece on_piece_;
  std::uint64_t asked_ = 0;  // how many pieces have been asked for: the number of the last request
  bool waiting_ = false;     // for the piece that was asked for last
  bool asking_ = false;      // inside the source's Next
  std::optional<Piece> at_hand_;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_HTTP1_PIECE_FEED_H_
