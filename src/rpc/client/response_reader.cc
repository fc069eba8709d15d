#include "rpc/client/response_reader.h"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "base/check.h"
#include "rpc/http/http1/parse_step.h"

namespace coupond::rpc_client {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

constexpr std::uint32_t kHeaderBytesMax = 8 * 1024;
constexpr std::size_t kBufferBytes = 16 * 1024;
static_assert(kHeaderBytesMax < kBufferBytes, "the parser needs a complete header in the buffer");

/// The maximum number of interim answers before an answer. A server sends one or two.
constexpr int kInterimAnswersMax = 20;
constexpr int kSwitchingProtocols = 101;
constexpr int kStatusMin = 100;

bool IsInterim(int status) { return status >= 100 && status < 200; }

}  // namespace

class ResponseReader::Parser final : public beast_http::basic_parser<false> {
 public:
  Parser(HttpAnswer& answer, std::size_t body_bytes_max) : answer_(answer) {
    // One step per call, as ParseStep wants it.
    eager(false);
    header_limit(kHeaderBytesMax);
    body_limit(body_bytes_max);
  }

  [[nodiscard]] http::ParsePlace place() const {
    return chunk_bytes_left_ > 0 ? http::ParsePlace::kInChunk : http::ParsePlace::kUnknown;
  }
  /// Returns what was wrong with the answer, given the error that parsing ended with.
  [[nodiscard]] std::string_view Explain(error_code error) const {
    if (unknown_coding_) return "its Transfer-Encoding is not \"chunked\"";
    if (error == beast_http::error::header_limit) return "its header is larger than 8 KiB";
    if (error == beast_http::error::body_limit) return "its body is too large";
    if (error == beast_http::error::bad_content_length) {
      return "its Content-Length is not a number, or comes with a Transfer-Encoding";
    }
    if (error == beast_http::error::multiple_content_length) {
      return "it has two different values of Content-Length";
    }
    if (error == beast_http::error::bad_transfer_encoding) {
      return "it has two Transfer-Encodings, or one and a Content-Length";
    }
    if (is_header_done()) return "its chunks are malformed";
    return has_status_line_ ? "its header is malformed" : "it is not HTTP/1.1";
  }

 private:
  void on_request_impl(beast_http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int status, string_view, int version, error_code& error) override {
    if (status < kStatusMin) error = beast_http::error::bad_status;
    answer_.status = status;
    has_status_line_ = true;
    is_http10_ = version < 11;
  }
  void on_field_impl(beast_http::field name, string_view, string_view value,
                     error_code& error) override {
    if (header_done_) return;  // this is also called for trailers
    switch (name) {
      case beast_http::field::content_type:
        return KeepFirst(value, answer_.content_type);
      case beast_http::field::content_encoding:
        return KeepFirst(value, answer_.content_encoding);
      case beast_http::field::location:
        return KeepFirst(value, answer_.location);
      case beast_http::field::server:
        return KeepFirst(value, answer_.server);
      case beast_http::field::transfer_encoding:
        unknown_coding_ = !boost::beast::iequals(value, "chunked");
        if (unknown_coding_) error = beast_http::error::bad_transfer_encoding;
        return;
      default:
        return;
    }
  }
  void on_header_impl(error_code&) override {
    header_done_ = true;
    // HTTP/1.0 has no chunks, so the end of such an answer is uncertain.
    answer_.keep_alive = keep_alive() && !(is_http10_ && chunked());
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code&) override {
    answer_.body.append(body);
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t size, string_view, error_code&) override {
    chunk_bytes_left_ = size;
  }
  std::size_t on_chunk_body_impl(std::uint64_t left, string_view body, error_code&) override {
    answer_.body.append(body);
    chunk_bytes_left_ = left - body.size();
    return body.size();
  }
  void on_finish_impl(error_code&) override {}

  static void KeepFirst(string_view value, std::string& field) {
    if (field.empty()) field.assign(value);
  }

  HttpAnswer& answer_;
  bool has_status_line_ = false;
  bool is_http10_ = false;
  bool header_done_ = false;
  bool unknown_coding_ = false;
  std::uint64_t chunk_bytes_left_ = 0;
};

struct ResponseReader::State {
  void ExpectAnswer() {
    answer.status = 0;
    answer.keep_alive = false;
    for (std::string* field : {&answer.content_type, &answer.body, &answer.content_encoding,
                               &answer.location, &answer.server}) {
      field->clear();
    }
    parser.emplace(answer, body_bytes_max);
  }

  std::size_t body_bytes_max;
  HttpAnswer answer;
  std::optional<Parser> parser;
  int interim_answers = 0;
  std::string_view fault;
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
  state_->ExpectAnswer();
  state_->interim_answers = 0;
  state_->fault = {};
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
  do {
    while (!state.parser->is_done()) {
      error_code error;
      const std::size_t unparsed = state.end - state.begin;
      state.begin += http::ParseStep(*state.parser, {state.buffer.data() + state.begin, unparsed},
                                     error, state.parser->place());
      if (error == beast_http::error::need_more) {
        // A chunk header without an end would fill the buffer. No server needs that much.
        const bool full = state.end - state.begin == kBufferBytes;
        return full ? Break("the header of a chunk is larger than 16 KiB") : Progress::kMore;
      }
      if (error) return Break(state.parser->Explain(error));
    }
    if (!IsInterim(state.answer.status)) {
      return state.begin == state.end ? Progress::kDone : Break("there are bytes after its end");
    }
  } while (SkipInterim());
  return Progress::kBroken;
}

// Skips an interim answer and expects the next one. Returns false if it must not be skipped.
bool ResponseReader::SkipInterim() {
  if (state_->answer.status == kSwitchingProtocols) {
    Break("it switches protocols (status 101), which was not requested");
    return false;
  }
  if (++state_->interim_answers > kInterimAnswersMax) {
    Break("there were more than 20 interim answers (1xx) before it");
    return false;
  }
  state_->ExpectAnswer();
  return true;
}

ResponseReader::Progress ResponseReader::Ended() {
  Parser& parser = *state_->parser;
  const bool has_begun = parser.got_some() || state_->begin < state_->end;
  if (!has_begun) return Break("the connection was closed before it came");
  if (!parser.is_header_done()) return Break("the connection was closed in its header");
  error_code error;
  if (!parser.is_done()) parser.put_eof(error);
  if (!error && parser.is_done()) return Progress::kDone;
  return Break("the connection was closed in its body");
}

void ResponseReader::DropBody() {
  state_->answer.body.clear();
  state_->parser->body_limit(state_->body_bytes_max);
}

const HttpAnswer& ResponseReader::answer() const { return state_->answer; }

std::string_view ResponseReader::fault() const { return state_->fault; }

ResponseReader::Progress ResponseReader::Break(std::string_view fault) {
  state_->fault = fault;
  return Progress::kBroken;
}

}  // namespace coupond::rpc_client
