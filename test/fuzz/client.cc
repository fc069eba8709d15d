// The bytes of one connection through the client's readers of answers, for one message and for a
// stream of them. Their meaning must not depend on how the network cuts them.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "fuzz/input.h"
#include "fuzz/invariant.h"
#include "fuzz/targets.h"
#include "rpc/client/connect_protocol.h"
#include "rpc/client/response_reader.h"
#include "rpc/client/stream_reader.h"

namespace coupond::fuzz {
namespace {

using rpc_client::CallError;
using rpc_client::HttpAnswer;
using rpc_client::ResponseReader;
using rpc_client::StreamReader;
using Progress = ResponseReader::Progress;

/// The number of bytes of each read, repeated; empty for as many as there is room for.
using Portions = std::span<const std::uint8_t>;

/// Delivers the bytes of a connection in portions.
class Connection {
 public:
  Connection(std::string_view bytes, Portions portions) : bytes_(bytes), portions_(portions) {}

  [[nodiscard]] bool at_end() const { return bytes_.empty(); }
  /// Puts at least one byte into `space` and returns the number. Do not call at the end.
  std::size_t Read(std::span<char> space) {
    Require(!space.empty(), "a reader that needs more has room for it");
    std::size_t count = std::min(space.size(), bytes_.size());
    if (!portions_.empty()) {
      count = std::min<std::size_t>(count, portions_[reads_++ % portions_.size()] + 1U);
    }
    std::copy_n(bytes_.begin(), count, space.begin());
    bytes_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view bytes_;
  const Portions portions_;
  std::size_t reads_ = 0;
};

void CheckError(const CallError& error) {
  Require(error.code || !error.message.empty(), "an error says something");
  Require(IsUtf8(error.message), "an error can be printed");
}

std::string AnswerText(const HttpAnswer& answer, std::size_t body_bytes_max) {
  Require(answer.body.size() <= body_bytes_max, "a body is within its limit");
  Require(answer.status >= 200 && answer.status <= 999, "interim answers are skipped");
  for (const std::string* field :
       {&answer.content_type, &answer.content_encoding, &answer.location, &answer.server}) {
    Require(field->find_first_of("\r\n") == std::string::npos, "a field is within one line");
  }
  if (!rpc_client::IsMessage(answer) && !rpc_client::IsStream(answer))
    CheckError(rpc_client::DecodeError(answer));
  return std::to_string(answer.status) + (answer.keep_alive ? " stays " : " closes ") +
         answer.content_type + "\n\n" + answer.body;
}

/// Returns the bytes read as one answer, in a comparable form. The reason why an answer is broken
/// is left out: which of several faults is seen first may depend on the portions.
std::string ReadAnswer(std::string_view bytes, std::size_t body_bytes_max, Portions portions) {
  Connection connection(bytes, portions);
  ResponseReader reader(body_bytes_max);
  Progress progress = Progress::kMore;
  while (progress == Progress::kMore && !connection.at_end()) {
    progress = reader.Received(connection.Read(reader.Space()));
  }
  if (progress == Progress::kMore) progress = reader.Ended();
  Require(progress != Progress::kMore, "an answer does not outlast its connection");
  // Only one answer was requested.
  if (progress == Progress::kDone && connection.at_end()) {
    return AnswerText(reader.answer(), body_bytes_max);
  }
  Require(progress == Progress::kDone || !reader.fault().empty(), "a broken answer has a reason");
  return "broken";
}

/// Returns the bytes read as a stream, likewise.
std::string ReadStream(std::string_view bytes, std::size_t message_bytes_max, Portions portions) {
  Connection connection(bytes, portions);
  StreamReader reader(message_bytes_max);
  std::string seen;
  const auto take = [&] {
    while (const auto message = reader.Next()) {
      Require(message->size() <= message_bytes_max, "a message is within its limit");
      seen.append(*message).append("\n--\n");
    }
  };
  while (!reader.end() && !connection.at_end()) {
    reader.Received(connection.Read(reader.Space()));
    take();
  }
  if (!reader.end()) {
    reader.Closed();
    take();
  }
  Require(reader.end().has_value(), "a stream does not outlast its connection");
  const auto& end = *reader.end();
  if (end) return seen + "good";
  CheckError(end.error());
  // Bytes after an answer that is no stream are noticed only if they come together with its end.
  return seen + "bad";
}

}  // namespace

void FuzzClient(std::string_view bytes) {
  Input input(bytes);
  const auto read = input.Choose(2) == 0 ? ReadAnswer : ReadStream;
  const std::size_t bytes_max = input.Choose(2) == 0 ? 64 * 1024 : 16;
  std::array<std::uint8_t, 10> portions;
  const std::size_t count = input.Choose(portions.size());
  for (std::size_t i = 0; i < count; ++i) {
    portions[i] = static_cast<std::uint8_t>(input.TakeByte());
  }
  const std::string at_once = read(input.rest(), bytes_max, {});
  const std::string in_portions = read(input.rest(), bytes_max, Portions(portions).first(count));
  Require(at_once == in_portions, "how bytes are cut does not change their meaning",
          "at once:\n" + at_once + "\nin portions:\n" + in_portions);
}

}  // namespace coupond::fuzz
