#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_ISSUE_ANSWER_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_ISSUE_ANSWER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/load/held_coupon.h"
#include "rpc/client/response_reader.h"

namespace coupond::ctl {

/// The meaning of an answer to IssueCoupon.
struct IssueAnswer {
  enum class Kind : std::uint8_t {
    kIssued,   ///< `coupon` was issued to this client
    kRefused,  ///< refused by the rules
    kFailed,   ///< an error after which certainly no coupon was issued
    kOpen,     ///< no answer, or one that leaves open whether a coupon was issued
  };
  enum class Refused : std::uint8_t {
    kNotStarted,
    kPaused,
    kSoldOut,
    kEnded,
    kUserLimitReached,
    kNoSuchCampaign,
    kOther
  };

  Kind kind = Kind::kOpen;
  bool already_issued = false;        ///< with kIssued: to an earlier attempt of this client
  Refused refused = Refused::kOther;  ///< with kRefused
  HeldCoupon coupon = {};             ///< with kIssued
  std::string error = {};             ///< with kFailed and kOpen: a short name for the tally

  [[nodiscard]] bool open() const { return kind == Kind::kOpen; }
  [[nodiscard]] bool failed() const { return kind == Kind::kFailed; }
};

/// A reason to refuse a coupon, and its names.
struct IssueRefusal {
  IssueAnswer::Refused reason;
  coupon::v1::Refusal refusal;
  std::string_view text;
  std::string_view json;
};
inline constexpr std::array kIssueRefusals = {
    IssueRefusal{IssueAnswer::Refused::kNotStarted, coupon::v1::REFUSAL_NOT_STARTED, "not started",
                 "notStarted"},
    IssueRefusal{IssueAnswer::Refused::kPaused, coupon::v1::REFUSAL_PAUSED, "paused", "paused"},
    IssueRefusal{IssueAnswer::Refused::kSoldOut, coupon::v1::REFUSAL_SOLD_OUT, "sold out",
                 "soldOut"},
    IssueRefusal{IssueAnswer::Refused::kEnded, coupon::v1::REFUSAL_ENDED, "ended", "ended"},
    IssueRefusal{IssueAnswer::Refused::kUserLimitReached, coupon::v1::REFUSAL_USER_LIMIT_REACHED,
                 "user limit reached", "userLimitReached"},
    IssueRefusal{IssueAnswer::Refused::kNoSuchCampaign, coupon::v1::REFUSAL_NO_SUCH_CAMPAIGN,
                 "no such campaign", "noSuchCampaign"},
    IssueRefusal{IssueAnswer::Refused::kOther, coupon::v1::REFUSAL_UNSPECIFIED, "other", "other"},
};

/// Reads answers to IssueCoupon, and reuses its memory from one to the next. One thread at a time.
class IssueAnswerReader {
 public:
  explicit IssueAnswerReader(std::string campaign_id);
  ~IssueAnswerReader();

  /// Reads the answer to a request that named `user_id`, or none if that is empty.
  [[nodiscard]] IssueAnswer Read(const rpc_client::HttpAnswer& answer, std::string_view user_id);
  /// The same for an answer that is known to carry a message.
  [[nodiscard]] IssueAnswer ReadMessage(std::string_view message, std::string_view user_id);

 private:
  struct Message;
  std::string campaign_id_;
  std::unique_ptr<Message> message_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_ISSUE_ANSWER_H_
