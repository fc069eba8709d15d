#ifndef COUPOND_API_COUPON_FILE_COUPON_LINES_H_
#define COUPOND_API_COUPON_FILE_COUPON_LINES_H_

#include <cstdint>
#include <expected>
#include <string>

#include "coupon/v1/coupon_service.pb.h"
#include "rpc/json/json_format.h"

/// Coupons as the lines of a file: the server's download and `couponctl export` are the same bytes.
namespace coupond::api {

enum class CouponFileFormat : std::uint8_t {
  kCsv,        ///< RFC 4180, with a header; texts that would be formulas are made harmless
  kJsonLines,  ///< a coupon on each line, as the API writes it (https://jsonlines.org)
};

/// Whether a CSV file begins with a byte order mark, without which Excel does not read UTF-8. JSON
/// Lines never do.
enum class ByteOrderMark : bool { kNone, kWritten };

/// Writes coupons in one format. Immutable, so any thread may use it.
class CouponLines {
 public:
  explicit CouponLines(CouponFileFormat format);

  [[nodiscard]] CouponFileFormat format() const { return format_; }

  /// Returns what comes before the first coupon.
  [[nodiscard]] std::string Head(ByteOrderMark mark) const;

  /// Appends a coupon with its line break. The error says why it cannot be written as JSON; nothing
  /// has been appended then.
  [[nodiscard]] std::expected<void, std::string> Append(const coupon::v1::Coupon& coupon,
                                                        std::string& out) const;

 private:
  const CouponFileFormat format_;
  const connect::JsonFormat json_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_COUPON_FILE_COUPON_LINES_H_
