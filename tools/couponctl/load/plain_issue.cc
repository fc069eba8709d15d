#include "couponctl/load/plain_issue.h"

#include <chrono>
#include <cstdint>

#include "base/utf8.h"

namespace coupond::ctl {
namespace {

/// The first byte of a field: its number, and how its value is written.
constexpr char Varint(int field) { return static_cast<char>(field << 3); }
constexpr char Bytes(int field) { return static_cast<char>(field << 3 | 2); }

/// A later second does not fit into a Timestamp.
constexpr std::uint64_t kSecondsMax = 9'000'000'000;
constexpr std::uint64_t kNanosecondsMax = 999'999'999;

/// Takes one field after another off the front of a message. After the first one that is not as
/// expected, nothing is.
class Fields {
 public:
  explicit Fields(std::string_view message) : rest_(message) {}

  /// Takes the field's first byte if it comes next.
  bool Take(char first) {
    if (rest_.empty() || rest_.front() != first) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool TakeBool() {
    const std::uint64_t value = TakeVarint();
    failed_ = failed_ || value > 1;
    return value == 1;
  }
  std::uint64_t TakeVarint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 63 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
    failed_ = true;
    return 0;
  }
  std::string_view TakeBytes() {
    const std::uint64_t size = TakeVarint();
    if (failed_ || size > rest_.size()) {
      failed_ = true;
      return {};
    }
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  /// Reports whether the message has ended, and all of it was as expected.
  [[nodiscard]] bool ended() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

std::optional<Timestamp> ReadTimestamp(std::string_view message) {
  Fields fields(message);
  const std::uint64_t seconds = fields.Take(Varint(1)) ? fields.TakeVarint() : 0;
  const std::uint64_t nanoseconds = fields.Take(Varint(2)) ? fields.TakeVarint() : 0;
  if (!fields.ended() || seconds > kSecondsMax || nanoseconds > kNanosecondsMax) {
    return std::nullopt;
  }
  return Timestamp::FromUnixNanoseconds(
      static_cast<std::int64_t>(seconds * (kNanosecondsMax + 1) + nanoseconds));
}

bool ReadCoupon(std::string_view message, PlainIssue& issue) {
  Fields fields(message);
  if (fields.Take(Bytes(1))) issue.code = fields.TakeBytes();
  if (fields.Take(Bytes(2))) issue.campaign_id = fields.TakeBytes();
  const std::string_view issued_at = fields.Take(Bytes(3)) ? fields.TakeBytes() : "";
  if (fields.Take(Bytes(10))) issue.user_id = fields.TakeBytes();
  if (fields.Take(Varint(11))) (void)fields.TakeVarint();
  const auto moment = ReadTimestamp(issued_at);
  if (!fields.ended() || !moment) return false;
  issue.issued_at = *moment;
  // protobuf refuses other texts.
  return IsUtf8(issue.code) && IsUtf8(issue.campaign_id) && IsUtf8(issue.user_id);
}

}  // namespace

std::optional<PlainIssue> ReadPlainIssue(std::string_view message) {
  Fields fields(message);
  PlainIssue issue;
  if (!fields.Take(Varint(1)) || !fields.TakeBool()) return std::nullopt;
  if (!fields.Take(Bytes(2)) || !ReadCoupon(fields.TakeBytes(), issue)) return std::nullopt;
  issue.already_issued = fields.Take(Varint(13)) && fields.TakeBool();
  if (fields.Take(Varint(14))) (void)fields.TakeVarint();
  if (!fields.ended()) return std::nullopt;
  return issue;
}

}  // namespace coupond::ctl
