#include "rpc/client/stream_reader.h"

#include <fmt/format.h>

#include <expected>

#include "base/big_endian.h"
#include "rpc/connect/envelope.h"

namespace coupond::rpc_client {
namespace {

using Progress = ResponseReader::Progress;
using connect::kCompressedFlag;
using connect::kConnectEndFlag;
using connect::kEnvelopeHeadBytes;

/// Room for an answer that is an error and no stream, and for what arrives together with a message.
constexpr std::size_t kMoreBytes = 64 * 1024;

}  // namespace

void EnvelopeReader::Append(std::string_view bytes) {
  bytes_.erase(0, read_);
  read_ = 0;
  if (!too_large_) bytes_.append(bytes);
}

std::optional<EnvelopeReader::Envelope> EnvelopeReader::Next() {
  const std::string_view rest = std::string_view(bytes_).substr(read_);
  if (too_large_ || rest.size() < kEnvelopeHeadBytes) return std::nullopt;
  const std::size_t length = ReadBigEndian(rest.substr(1, 4));
  too_large_ = length > message_bytes_max_;
  if (too_large_ || rest.size() - kEnvelopeHeadBytes < length) return std::nullopt;
  read_ += kEnvelopeHeadBytes + length;
  return Envelope{.flags = static_cast<std::uint8_t>(rest[0]),
                  .message = rest.substr(kEnvelopeHeadBytes, length)};
}

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
    Break(Failure::kUnreadable, "a message is too large");
  } else if (progress_ == Progress::kDone && !IsStream(http_.answer())) {
    end_ = std::unexpected(DecodeError(http_.answer()));
  } else if (progress_ == Progress::kDone || closed_) {
    Break(Failure::kNoAnswer, "the stream was cut off");
  } else if (progress_ == Progress::kBroken) {
    Break(Failure::kUnreadable, fmt::format("the answer cannot be read: {}", http_.fault()));
  }
  return std::nullopt;
}

void StreamReader::EndWith(const EnvelopeReader::Envelope& last) {
  if (last.flags == kConnectEndFlag) {
    end_ = DecodeStreamEnd(last.message);
  } else if (last.flags == kCompressedFlag) {
    Break(Failure::kUnreadable, "a message is compressed although that was not requested");
  } else {
    Break(Failure::kUnreadable, fmt::format("unknown envelope flags {}", last.flags));
  }
}

void StreamReader::Break(Failure failure, std::string_view why) {
  end_ = std::unexpected(
      CallError{.failure = failure, .message = std::string(why), .may_be_done = true});
}

}  // namespace coupond::rpc_client
