#ifndef COUPOND_RPC_HTTP_DATE_LINE_H_
#define COUPOND_RPC_HTTP_DATE_LINE_H_

#include <ctime>
#include <string>
#include <string_view>

namespace coupond::http {

/// The value of a reply's Date field (RFC 9110, section 5.6.7), written once per second. One
/// thread.
class DateText {
 public:
  /// Valid until the next call.
  [[nodiscard]] std::string_view Now() { return At(std::time(nullptr)); }
  [[nodiscard]] std::string_view At(std::time_t time);

 private:
  std::time_t written_for_ = -1;
  std::string text_;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_DATE_LINE_H_
