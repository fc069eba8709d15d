#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_PLAIN_ISSUE_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_PLAIN_ISSUE_H_

#include <optional>
#include <string_view>

#include "engine/rules/timestamp.h"

namespace coupond::ctl {

/// An IssueCouponResponse that gives a coupon, in the form in which servers usually write it. The
/// texts are parts of the message.
struct PlainIssue {
  std::string_view code;
  std::string_view campaign_id;
  Timestamp issued_at;
  std::string_view user_id = {};
  bool already_issued = false;
};

/// Reads a message in that form: these fields, once each and in the order of their numbers, within
/// their limits. It allocates nothing, which reading with protobuf does six times. Returns nullopt
/// for every other message, which may still be a good one, and never reads one differently than
/// protobuf does. Source: https://protobuf.dev/programming-guides/encoding
[[nodiscard]] std::optional<PlainIssue> ReadPlainIssue(std::string_view message);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_PLAIN_ISSUE_H_
