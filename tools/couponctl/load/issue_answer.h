#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_ISSUE_ANSWER_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_ISSUE_ANSWER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "couponctl/load/held_coupon.h"
#include "rpc/client/response_reader.h"

namespace coupond::ctl {

/// What an answer to IssueCoupon means to a load.
struct IssueAnswer {
  enum class Kind : std::uint8_t {
    kIssued,   ///< `coupon` is ours
    kRefused,  ///< the rules said no
    kFailed,   ///< an error that says for sure that no coupon was issued
    kOpen,     ///< no answer, or one that leaves open whether a coupon was issued
  };
  enum class Refused : std::uint8_t { kNotStarted, kSoldOut, kNoSuchCampaign, kOther };

  Kind kind = Kind::kOpen;
  bool already_issued = false;        ///< with kIssued: to an earlier attempt of ours
  Refused refused = Refused::kOther;  ///< with kRefused
  HeldCoupon coupon = {};             ///< with kIssued
  std::string error = {};             ///< with kFailed and kOpen: a short name for the tally
};

/// Reads answers to IssueCoupon; keeps its memory from one to the next. One thread at a time.
class IssueAnswerReader {
 public:
  explicit IssueAnswerReader(std::string campaign_id);
  ~IssueAnswerReader();

  [[nodiscard]] IssueAnswer Read(const HttpAnswer& answer);

 private:
  struct Message;
  std::string campaign_id_;
  std::unique_ptr<Message> message_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_ISSUE_ANSWER_H_
