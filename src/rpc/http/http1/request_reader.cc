#include "rpc/http/http1/request_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/ascii.h"
#include "rpc/http/http1/parse_step.h"

namespace coupond::http {

namespace beast_http = boost::beast::http;

RequestReader::RequestReader(const Limits& limits, const HostPolicy& hosts, BodyGrant grant)
    : limits_(limits),
      host_policy_(hosts),
      grant_(std::move(grant)),
      capacity_(limits.header_block_bytes_max + kReadBytes),
      buffer_(std::make_unique_for_overwrite<char[]>(capacity_)) {}

std::span<char> RequestReader::Space() { return {buffer_.get() + end_, capacity_ - end_}; }

std::span<char> RequestReader::Scratch() { return {buffer_.get(), capacity_}; }

void RequestReader::Commit(std::size_t bytes) { end_ += bytes; }

RequestReader::Progress RequestReader::Reject(Rejection rejection) {
  rejection_ = rejection;
  body_.clear();
  return Progress::kRejected;
}

RequestReader::Progress RequestReader::Parse() {
  if (parsed_ == end_) return Progress::kNeedMore;
  if (!message_) {
    message_.emplace(limits_, host_policy_, grant_, std::span<const char>(buffer_.get(), capacity_),
                     fields_, body_, accepted_host_);
  }
  while (!message_->is_done()) {
    const bool in_body = message_->is_header_done();
    boost::beast::error_code error;
    parsed_ += ParseStep(*message_, {buffer_.get() + parsed_, end_ - parsed_}, error);
    if (error == beast_http::error::need_more) break;
    if (error) {
      return Reject(message_->Explain(error, {buffer_.get() + begin_, end_ - begin_}));
    }
    if (!in_body) header_end_ = parsed_;
  }

  const bool header_done = message_->is_header_done();
  const std::size_t header_bytes = (header_done ? header_end_ : end_) - begin_;
  if (header_bytes > limits_.header_block_bytes_max) return Reject(Rejection::kHeaderTooLarge);
  if (message_->is_done()) return Progress::kWhole;
  if (header_done && !MakeRoom()) return Reject(Rejection::kChunkHeaderTooLong);
  return Progress::kNeedMore;
}

/// Makes room for the body behind the header block, which must stay where it is.
bool RequestReader::MakeRoom() {
  if (parsed_ == end_ || end_ == capacity_) {
    std::memmove(buffer_.get() + header_end_, buffer_.get() + parsed_, end_ - parsed_);
    end_ -= parsed_ - header_end_;
    parsed_ = header_end_;
  }
  return end_ < capacity_;
}

void RequestReader::Next() {
  message_.reset();
  fields_.clear();
  body_.clear();
  if (body_.capacity() > kBodyBytesKept) body_.shrink_to_fit();
  continue_wish_taken_ = false;
  begin_ = parsed_;
  // The next header block needs to fit in one piece, with room to read a body behind it.
  const std::size_t room_min = limits_.header_block_bytes_max + kReadBytes / 2;
  if (begin_ == end_ || capacity_ - begin_ < room_min) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = parsed_ = 0;
  }
}

RequestReader::Phase RequestReader::phase() const {
  if (message_ && message_->is_header_done()) return Phase::kBody;
  return begin_ == end_ ? Phase::kNothing : Phase::kHeader;
}

bool RequestReader::TakeContinueWish() {
  if (phase() != Phase::kBody || continue_wish_taken_) return false;
  continue_wish_taken_ = true;
  // A client whose body has begun to arrive is not waiting.
  return message_->expects_continue() && parsed_ == end_ && body_.empty();
}

Request RequestReader::request() const { return message_->request(); }

std::string_view RequestReader::authority() const {
  return message_ ? message_->authority() : std::string_view();
}

bool RequestReader::keep_alive() const { return message_->keep_alive(); }

bool RequestReader::is_http10() const { return message_->is_http10(); }

bool RequestReader::AcceptsTrailers() const {
  if (is_http10()) return false;
  return std::ranges::any_of(fields_, [](const HeaderField& field) {
    if (!EqualsIgnoringCase(field.name, "TE")) return false;
    std::string_view codings = field.value;
    while (!codings.empty()) {
      if (EqualsIgnoringCase(TakeUntil(',', codings), "trailers")) return true;
    }
    return false;
  });
}

bool RequestReader::is_head() const { return message_->method() == "HEAD"; }

}  // namespace coupond::http
