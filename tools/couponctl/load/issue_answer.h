#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_ISSUE_ANSWER_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_ISSUE_ANSWER_H_

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/rules/timestamp.h"
#include "rpc/client/response_reader.h"

namespace coupond::ctl {

/// The text of a coupon code, stored in place: up to 31 bytes, one more than ten Hangul syllables
/// take. A load holds millions of them.
class CodeText {
 public:
  CodeText() = default;
  /// Returns nullopt if the text is empty or too long to be a code.
  [[nodiscard]] static std::optional<CodeText> From(std::string_view text) {
    CodeText code;
    if (text.empty() || text.size() > code.bytes_.size()) return std::nullopt;
    std::ranges::copy(text, code.bytes_.begin());
    code.size_ = static_cast<std::uint8_t>(text.size());
    return code;
  }

  [[nodiscard]] std::string_view text() const { return {bytes_.data(), size_}; }

  friend auto operator<=>(const CodeText& a, const CodeText& b) { return a.text() <=> b.text(); }
  friend bool operator==(const CodeText& a, const CodeText& b) { return a.text() == b.text(); }

 private:
  std::array<char, 31> bytes_{};
  std::uint8_t size_ = 0;
};

/// A coupon that a client received.
struct HeldCoupon {
  CodeText code;
  Timestamp issued_at;
  bool in_campaign = false;  ///< whether it names the requested campaign
  bool for_user = false;     ///< whether it names the requested user, or none if none was named
  std::uint32_t user = 0;    ///< the number of the user that was named, or 0
};
static_assert(sizeof(HeldCoupon) == 48);

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
    kNoSuchCampaign,
    kOther
  };

  Kind kind = Kind::kOpen;
  bool already_issued = false;        ///< with kIssued: to an earlier attempt of this client
  Refused refused = Refused::kOther;  ///< with kRefused
  HeldCoupon coupon = {};             ///< with kIssued
  std::string error = {};             ///< with kFailed and kOpen: a short name for the tally
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
