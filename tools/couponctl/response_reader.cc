#include "couponctl/response_reader.h"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "engine/rules/check.h"

namespace coupond::ctl {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

constexpr std::uint32_t kHeaderBytesMax = 8 * 1024;
constexpr std::size_t kBufferBytes = 16 * 1024;
static_assert(kHeaderBytesMax < kBufferBytes, "a header must fit whole, the parser needs it so");

}  // namespace

class ResponseReader::Parser final : public http::basic_parser<false> {
 public:
  explicit Parser(HttpAnswer& answer) : answer_(answer) {}

 private:
  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int status, string_view, int, error_code&) override {
    answer_.status = status;
  }
  void on_field_impl(http::field name, string_view, string_view value, error_code&) override {
    if (name == http::field::content_type) answer_.content_type.assign(value);
  }
  void on_header_impl(error_code&) override { answer_.keep_alive = keep_alive(); }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code&) override {
    answer_.body.append(body);
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
    answer_.body.append(body);
    return body.size();
  }
  void on_finish_impl(error_code&) override {}

  HttpAnswer& answer_;
};

struct ResponseReader::State {
  std::size_t body_bytes_max;
  HttpAnswer answer;
  std::optional<Parser> parser;
  std::vector<char> buffer;
  std::size_t begin = 0;  ///< of what is received and not yet parsed
  std::size_t end = 0;
};

ResponseReader::ResponseReader(std::size_t body_bytes_max) : state_(std::make_unique<State>()) {
  state_->body_bytes_max = body_bytes_max;
  state_->buffer.resize(kBufferBytes);
  Begin();
}

ResponseReader::~ResponseReader() = default;

void ResponseReader::Begin() {
  state_->answer.status = 0;
  state_->answer.keep_alive = false;
  state_->answer.content_type.clear();
  state_->answer.body.clear();
  state_->parser.emplace(state_->answer);
  state_->parser->eager(true);
  state_->parser->header_limit(kHeaderBytesMax);
  state_->parser->body_limit(state_->body_bytes_max);
  state_->begin = state_->end = 0;
}

std::span<char> ResponseReader::Space() {
  State& state = *state_;
  if (state.begin == state.end) {
    state.begin = state.end = 0;
  } else if (state.begin > 0 && state.end == state.buffer.size()) {
    std::memmove(state.buffer.data(), state.buffer.data() + state.begin, state.end - state.begin);
    state.end -= state.begin;
    state.begin = 0;
  }
  // Holds because the parser leaves only an unfinished header or chunk header in the buffer.
  COUPOND_CHECK(state.end < state.buffer.size());
  return std::span(state.buffer).subspan(state.end);
}

ResponseReader::Progress ResponseReader::Received(std::size_t count) {
  State& state = *state_;
  state.end += count;
  while (state.begin < state.end && !state.parser->is_done()) {
    error_code error;
    const std::size_t used = state.parser->put(
        boost::asio::const_buffer(state.buffer.data() + state.begin, state.end - state.begin),
        error);
    state.begin += used;
    if (error == http::error::need_more) {
      // A chunk header without an end would fill the buffer; no server needs that much.
      const bool full = state.end - state.begin >= kBufferBytes - 1;
      return full ? Progress::kBroken : Progress::kMore;
    }
    if (error) return Progress::kBroken;
  }
  if (!state.parser->is_done()) return Progress::kMore;
  return state.begin == state.end ? Progress::kDone : Progress::kBroken;
}

ResponseReader::Progress ResponseReader::Ended() {
  if (!state_->parser->got_some()) return Progress::kBroken;
  error_code error;
  if (!state_->parser->is_done()) state_->parser->put_eof(error);
  return !error && state_->parser->is_done() ? Progress::kDone : Progress::kBroken;
}

void ResponseReader::DropBody() {
  state_->answer.body.clear();
  state_->parser->body_limit(state_->body_bytes_max);
}

const HttpAnswer& ResponseReader::answer() const { return state_->answer; }

}  // namespace coupond::ctl
