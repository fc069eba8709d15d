#include "rpc/client/stream_reader.h"

#include <fmt/format.h>

#include <expected>
#include <string>

namespace coupond::ctl {
namespace {

using Progress = ResponseReader::Progress;

// Room for an answer that is no stream but an error, or for what comes together with a message.
constexpr std::size_t kMoreBytes = 64 * 1024;

}  // namespace

StreamReader::StreamReader(std::size_t message_bytes_max)
    : http_(message_bytes_max + kMoreBytes), envelopes_(message_bytes_max) {}

void StreamReader::Closed() {
  closed_ = true;
  Take(http_.Ended());
}

void StreamReader::Take(Progress progress) {
  progress_ = progress;
  if (!IsStream(http_.answer())) return;
  envelopes_.Append(http_.answer().body);
  http_.DropBody();
}

std::optional<std::string_view> StreamReader::Next() {
  if (end_) return std::nullopt;
  if (const auto envelope = envelopes_.Next()) {
    if (envelope->flags == 0) return envelope->message;
    EndWith(*envelope);
  } else if (envelopes_.too_large()) {
    Break("a message is too large");
  } else if (progress_ == Progress::kDone && !IsStream(http_.answer())) {
    end_ = std::unexpected(DecodeError(http_.answer()));
  } else if (progress_ == Progress::kDone || closed_) {
    Break("the stream was cut off");
  } else if (progress_ == Progress::kBroken) {
    Break(fmt::format("the answer cannot be read: {}", http_.fault()));
  }
  return std::nullopt;
}

void StreamReader::EndWith(const EnvelopeReader::Envelope& last) {
  if (last.flags == kCompressedFlag) {
    return Break("a message is compressed, which it was not asked to be");
  }
  if (last.flags != kEndFlag) return Break(fmt::format("unknown envelope flags {}", last.flags));
  end_ = DecodeStreamEnd(last.message);
}

void StreamReader::Break(std::string_view why) {
  end_ = std::unexpected(CallError{.code = "", .message = std::string(why), .may_be_done = true});
}

}  // namespace coupond::ctl
