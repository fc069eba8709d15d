#include "storage/views/coupon_in_run.h"

#include <google/protobuf/io/coded_stream.h>

#include <limits>

#include "base/protobuf_fields.h"
#include "coupond/storage/v1/view_rows.pb.h"
#include "storage/views/row_parts.h"
#include "storage/views/view_rows.h"

namespace coupond::storage {
namespace {

using google::protobuf::io::CodedInputStream;
using protobuf::WireType;
using Row = v1::CouponRunRow;

constexpr std::uint32_t TagOf(int field_number, WireType type) {
  return static_cast<std::uint32_t>(field_number) << 3 | static_cast<std::uint32_t>(type);
}

constexpr std::uint32_t kCount = TagOf(Row::kCountFieldNumber, WireType::kVarint);
constexpr std::uint32_t kIssuedAt = TagOf(Row::kIssuedAtUnixNsFieldNumber, WireType::kFixed64);
constexpr std::uint32_t kHolder = TagOf(Row::kHoldersFieldNumber, WireType::kLengthDelimited);
constexpr std::uint32_t kOffset = TagOf(Row::Holder::kOffsetFieldNumber, WireType::kVarint);
constexpr std::uint32_t kUserId =
    TagOf(Row::Holder::kUserIdFieldNumber, WireType::kLengthDelimited);

/// Reads the fields of a run in the order in which EncodeRun writes them.
class RunReader {
 public:
  explicit RunReader(std::string_view row)
      : row_(row),
        in_(reinterpret_cast<const std::uint8_t*>(row.data()), static_cast<int>(row.size())) {
    NextTag();
  }

  /// Each of these returns false if the row is damaged. A number that is 0 is not written.
  [[nodiscard]] bool ReadCount(std::uint32_t& count) {
    return tag_ == kCount && in_.ReadVarint32(&count) && NextTag();
  }
  [[nodiscard]] bool ReadIssuedAt(std::uint64_t& issued_at) {
    return tag_ != kIssuedAt || (in_.ReadLittleEndian64(&issued_at) && NextTag());
  }
  [[nodiscard]] bool AtHolder() const { return tag_ == kHolder; }
  [[nodiscard]] bool ReadHolder(std::uint32_t& offset, std::string_view& user_id) {
    int size = 0;
    if (!ReadSize(size)) return false;
    const CodedInputStream::Limit end = in_.PushLimit(size);
    offset = 0;
    user_id = {};
    NextTag();
    if (tag_ == kOffset && !(in_.ReadVarint32(&offset) && NextTag())) return false;
    if (tag_ == kUserId && !(ReadBytes(user_id) && NextTag())) return false;
    if (!in_.ConsumedEntireMessage()) return false;
    in_.PopLimit(end);
    return NextTag();
  }
  /// Reports whether all of the row was read.
  [[nodiscard]] bool AtEnd() { return in_.ConsumedEntireMessage(); }

 private:
  /// Returns true. At the end, and where no tag can be read, the tag is 0.
  bool NextTag() {
    tag_ = in_.ReadTag();
    return true;
  }
  /// Reads how many bytes follow, which must be there.
  bool ReadSize(int& size) {
    std::uint32_t value = 0;
    if (!in_.ReadVarint32(&value) || value > std::numeric_limits<int>::max()) return false;
    size = static_cast<int>(value);
    return size <= in_.BytesUntilLimit();
  }
  bool ReadBytes(std::string_view& bytes) {
    int size = 0;
    if (!ReadSize(size)) return false;
    bytes = row_.substr(static_cast<std::size_t>(in_.CurrentPosition()),
                        static_cast<std::size_t>(size));
    return in_.Skip(size);
  }

  const std::string_view row_;
  CodedInputStream in_;
  std::uint32_t tag_ = 0;  // of the field that comes next
};

}  // namespace

Result<std::optional<CouponInRun>> DecodeCouponInRun(std::string_view key, std::string_view value,
                                                     std::uint64_t ordinal) {
  const auto damaged = [] { return Damaged("run of coupons"); };
  const std::optional<RunKeyParts> parts = ParseRunKey(key);
  if (!parts || value.size() > std::numeric_limits<int>::max()) return damaged();
  RunReader row(value);
  std::uint32_t count = 0;
  std::uint64_t issued_at = 0;
  if (!row.ReadCount(count) || !row.ReadIssuedAt(issued_at) || count == 0 ||
      count - 1 > parts->ordinal) {
    return damaged();
  }
  const std::uint64_t first = parts->ordinal - (count - 1);
  CouponInRun coupon{
      .issued_at = Timestamp::FromUnixNanoseconds(static_cast<std::int64_t>(issued_at)),
      .user_id = {}};
  std::uint64_t next_offset = 0;
  while (row.AtHolder()) {
    std::uint32_t offset = 0;
    std::string_view user_id;
    if (!row.ReadHolder(offset, user_id) || offset < next_offset || offset >= count) {
      return damaged();
    }
    next_offset = std::uint64_t{offset} + 1;
    if (first + offset == ordinal) coupon.user_id = user_id;
  }
  if (!row.AtEnd()) return damaged();
  if (ordinal < first) return std::nullopt;
  return coupon;
}

}  // namespace coupond::storage
