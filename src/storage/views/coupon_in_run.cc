#include "storage/views/coupon_in_run.h"

#include <bit>
#include <cstring>

#include "base/protobuf_fields.h"
#include "coupond/storage/v1/view_rows.pb.h"
#include "storage/views/row_parts.h"
#include "storage/views/view_rows.h"

namespace coupond::storage {
namespace {

using protobuf::WireType;
using Row = v1::CouponRunRow;

/// Returns the tag of a field, which is one byte.
consteval char TagOf(int field_number, WireType type) {
  if (field_number > 15) throw "the tag of this field has two bytes";
  return static_cast<char>(field_number << 3 | static_cast<int>(type));
}

constexpr char kCount = TagOf(Row::kCountFieldNumber, WireType::kVarint);
constexpr char kIssuedAt = TagOf(Row::kIssuedAtUnixNsFieldNumber, WireType::kFixed64);
constexpr char kHolder = TagOf(Row::kHoldersFieldNumber, WireType::kLengthDelimited);
constexpr char kOffset = TagOf(Row::Holder::kOffsetFieldNumber, WireType::kVarint);
constexpr char kUserId = TagOf(Row::Holder::kUserIdFieldNumber, WireType::kLengthDelimited);

/// Takes fields from the front of a message, in the order in which EncodeRun writes them. Most of a
/// search's time goes into stepping over fields.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : next_(bytes.data()), end_(next_ + bytes.size()) {}

  /// Takes the tag if it comes next, and reports whether it did.
  [[nodiscard]] bool TakeTag(char tag) {
    if (next_ == end_ || *next_ != tag) return false;
    ++next_;
    return true;
  }
  /// Each of these returns false if it is not there.
  [[nodiscard]] bool TakeNumber(std::uint32_t& number) {
    if (next_ == end_) return false;
    number = static_cast<unsigned char>(*next_++);
    return number < 0x80 || TakeRestOf(number);
  }
  [[nodiscard]] bool TakeTime(Timestamp& time) {
    static_assert(std::endian::native == std::endian::little);
    std::int64_t unix_nanoseconds = 0;
    if (size() < sizeof(unix_nanoseconds)) return false;
    std::memcpy(&unix_nanoseconds, next_, sizeof(unix_nanoseconds));
    next_ += sizeof(unix_nanoseconds);
    time = Timestamp::FromUnixNanoseconds(unix_nanoseconds);
    return true;
  }
  [[nodiscard]] bool TakeBytes(std::string_view& bytes) {
    std::uint32_t bytes_size = 0;
    if (!TakeNumber(bytes_size) || bytes_size > size()) return false;
    bytes = {next_, bytes_size};
    next_ += bytes_size;
    return true;
  }
  [[nodiscard]] bool empty() const { return next_ == end_; }

 private:
  /// Takes the other bytes of a number whose first byte says that there are any.
  [[nodiscard]] bool TakeRestOf(std::uint32_t& number) {
    std::uint64_t value = number & 0x7F;
    for (unsigned shift = 7; shift < 35 && next_ != end_; shift += 7) {
      const auto byte = static_cast<unsigned char>(*next_++);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte >= 0x80) continue;
      number = static_cast<std::uint32_t>(value);
      return number == value;
    }
    return false;
  }
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(end_ - next_); }

  const char* next_;
  const char* end_;
};

struct HolderInRun {
  std::uint32_t offset = 0;
  std::string_view user_id;
};

/// Takes a holder whose tag was taken. Returns false if the row is damaged. A number that is 0 and
/// a text that is empty are not written.
bool TakeHolder(Fields& row, HolderInRun& holder) {
  std::string_view message;
  if (!row.TakeBytes(message)) return false;
  Fields fields(message);
  holder = {};
  if (fields.TakeTag(kOffset) && !fields.TakeNumber(holder.offset)) return false;
  if (fields.TakeTag(kUserId) && !fields.TakeBytes(holder.user_id)) return false;
  return fields.empty();
}

}  // namespace

Result<std::optional<CouponInRun>> DecodeCouponInRun(std::string_view key, std::string_view value,
                                                     std::uint64_t ordinal) {
  const auto damaged = [] { return Damaged("run of coupons"); };
  const std::optional<RunKeyParts> parts = ParseRunKey(key);
  Fields row(value);
  std::uint32_t count = 0;
  if (!parts || !row.TakeTag(kCount) || !row.TakeNumber(count) || count == 0 ||
      count - 1 > parts->ordinal) {
    return damaged();
  }
  const std::uint64_t first = parts->ordinal - (count - 1);
  CouponInRun coupon{.issued_at = Timestamp::FromUnixNanoseconds(0), .user_id = {}};
  if (row.TakeTag(kIssuedAt) && !row.TakeTime(coupon.issued_at)) return damaged();
  std::uint64_t next_offset = 0;
  while (row.TakeTag(kHolder)) {
    HolderInRun holder;
    if (!TakeHolder(row, holder) || holder.offset < next_offset || holder.offset >= count) {
      return damaged();
    }
    next_offset = std::uint64_t{holder.offset} + 1;
    if (first + holder.offset == ordinal) coupon.user_id = holder.user_id;
  }
  if (!row.empty()) return damaged();
  if (ordinal < first) return std::nullopt;
  return coupon;
}

}  // namespace coupond::storage
