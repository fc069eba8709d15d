#include "api/coupon_file/coupon_lines.h"

#include "api/coupon_file/state_names.h"
#include "base/csv.h"
#include "base/error.h"
#include "base/time_text.h"
#include "rpc/json/json_writer.h"

namespace coupond::api {
namespace {

/// Returns the time in UTC; empty if there is none, or none that can be written.
std::string TimeCell(bool is_set, const google::protobuf::Timestamp& time) {
  const UtcTime utc{.seconds = time.seconds(), .nanoseconds = time.nanos()};
  return is_set && IsWritable(utc) ? FormatTime(utc) : std::string();
}

std::string CsvLine(const coupon::v1::Coupon& coupon) {
  const coupon::v1::Redemption& redemption = coupon.redemption();
  // Only callers' texts can be formulas: none of the other cells begins like one.
  return CsvRecord({coupon.code(), UnlessFormula(coupon.user_id()), StateName(coupon.state()),
                    TimeCell(coupon.has_issued_at(), coupon.issued_at()),
                    TimeCell(coupon.has_expire_time(), coupon.expire_time()),
                    TimeCell(redemption.has_redeemed_at(), redemption.redeemed_at()),
                    UnlessFormula(redemption.order_ref()),
                    TimeCell(coupon.has_voided_at(), coupon.voided_at())});
}

}  // namespace

CouponLines::CouponLines(CouponFileFormat format)
    : format_(format), json_(coupon::v1::Coupon::descriptor()) {}

std::string CouponLines::Head(ByteOrderMark mark) const {
  if (format_ == CouponFileFormat::kJsonLines) return {};
  std::string head(mark == ByteOrderMark::kWritten ? kByteOrderMark : std::string_view());
  head += CsvRecord({"code", "user_id", "state", "issued_at", "expire_time", "redeemed_at",
                     "order_ref", "voided_at"});
  return head;
}

std::expected<void, std::string> CouponLines::Append(const coupon::v1::Coupon& coupon,
                                                     std::string& out) const {
  if (format_ == CouponFileFormat::kCsv) {
    out += CsvLine(coupon);
    return {};
  }
  TRY(connect::WriteJson(json_, coupon, out));
  out += '\n';
  return {};
}

}  // namespace coupond::api
