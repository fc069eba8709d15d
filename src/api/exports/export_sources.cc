#include "api/exports/export_sources.h"

#include <google/protobuf/repeated_ptr_field.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/refusal_mapping.h"
#include "api/reply_mapping.h"
#include "base/error.h"
#include "coupon/v1/coupon_service.pb.h"

namespace coupond::api {
namespace {

/// Reads parts until one is to be sent, and answers the turn with it. `empty_parts_left` is how
/// many without a coupon may still be left out. The source may be gone by then, so nothing of it is
/// used; the turn then has no effect.
void AnswerTurn(Dispatcher& dispatcher, std::shared_ptr<ExportReader> reader, int empty_parts_left,
                connect::StreamTurn turn) {
  // Nothing: there is no coupon in the part.
  using Part = std::optional<connect::EncodedPart>;
  const connect::EncodeMessage encode = turn.encoder();
  dispatcher.Ask<Result<Part>>(
      [reader, encode, empty_parts_left](const ViewStore&) -> Result<Part> {
        coupon::v1::ExportCouponsResponse message;
        TRY(reader->AppendPart(*message.mutable_coupons()));
        if (message.coupons().empty() && empty_parts_left > 0) return Part();
        message.set_sequence(reader->sequence().value());
        SetTimestamp(reader->time(), *message.mutable_as_of_time());
        message.set_issued_ever(static_cast<std::int64_t>(reader->issued_ever()));
        return Part(encode(message));
      },
      [&dispatcher, reader, empty_parts_left, turn = std::move(turn)](Result<Part> part) mutable {
        if (!part) return turn.Fail(OperatingError(part.error()));
        if (*part) {
          connect::EncodedPart& encoded = **part;
          if (!encoded) return turn.Fail(encoded.error());
          return turn.SendEncoded(*std::move(encoded));
        }
        if (reader->at_end()) return turn.Finish();
        AnswerTurn(dispatcher, std::move(reader), empty_parts_left - 1, std::move(turn));
      },
      Engine::QueryKind::kLong);
}

}  // namespace

void ExportMessages::Next(connect::StreamTurn turn) {
  const bool is_first = !std::exchange(begun_, true);
  if (!is_first && reader_->at_end()) return turn.Finish();
  AnswerTurn(dispatcher_, reader_, is_first ? 0 : kEmptyPartsMax, std::move(turn));
}

void ExportLines::Next(Deliver deliver) {
  struct Piece {
    Progress progress;
    std::string text;
  };
  dispatcher_.Ask<Result<Piece>>(
      [reader = reader_, lines = lines_](const ViewStore&) -> Result<Piece> {
        google::protobuf::RepeatedPtrField<coupon::v1::Coupon> coupons;
        TRY(reader->AppendPart(coupons));
        Piece piece{.progress = reader->at_end() ? Progress::kEnd : Progress::kMore, .text = {}};
        for (const coupon::v1::Coupon& coupon : coupons) {
          if (const auto written = lines->Append(coupon, piece.text); !written) {
            return MakeError(ErrorCode::kIo,
                             "a coupon cannot be written as JSON: " + written.error());
          }
        }
        return piece;
      },
      // The head has been sent, so an error can only break the file off.
      [deliver = std::move(deliver)](Result<Piece> piece) mutable {
        if (!piece) return deliver(Progress::kFailed, {});
        deliver(piece->progress, std::move(piece->text));
      },
      Engine::QueryKind::kLong);
}

}  // namespace coupond::api
