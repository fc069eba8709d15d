#include "couponctl/commands/commands.h"

#include <fmt/format.h>

#include <ostream>

#include "base/display_text.h"
#include "coupon/v1/admin_service.pb.h"
#include "couponctl/commands/coupon_service.h"

namespace coupond::ctl {
namespace {

constexpr NextStep kEraseAgain{.if_open =
                                   "the user may have been erased anyway; trying again is safe"};

std::string ErasureText(const coupon::v1::EraseUserResponse& response) {
  std::string text;
  if (response.already_erased()) {
    text =
        fmt::format("this request erased the user before, at sequence {}\n", response.sequence());
  } else if (response.erased_coupons() == 0) {
    text = "no coupon has this user_id: nothing was erased\n";
  } else {
    text = fmt::format("erased the user_id of {} {}, at sequence {}\n", response.erased_coupons(),
                       response.erased_coupons() == 1 ? "coupon" : "coupons", response.sequence());
  }
  if (response.pending()) {
    text +=
        "It is hidden, but some files still have it, because they are in use. It goes on by itself;\n"
        "`couponctl info` shows when it is over.\n";
  }
  if (response.copies().empty()) return text;
  text += "These copies of the store may still have it; remove those that you no longer need:\n";
  for (const std::string& copy : response.copies()) text += "  " + Printable(copy) + "\n";
  return text;
}

}  // namespace

ExitCode EraseUser(const CommandContext& context, const UserErasure& erasure) {
  coupon::v1::EraseUserRequest request;
  request.set_user_id(erasure.user_id);
  request.set_forget_claims(erasure.forget_claims);
  request.set_request_id(erasure.request_id);
  coupon::v1::EraseUserResponse response;
  if (auto done = context.client.Call(kEraseUser, request, response); !done) {
    return ReportError(context, done.error(), kEraseAgain);
  }
  if (response.sequence() == 0) return ReportEmptyAnswer(context, kEraseUser, kEraseAgain);
  context.SetDone(
      fmt::format("the user_id of {} coupons was erased anyway", response.erased_coupons()));
  context.out << (context.json ? JsonLine(response) : ErasureText(response));
  return ExitCode::kDone;
}

}  // namespace coupond::ctl
