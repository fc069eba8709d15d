#ifndef COUPOND_API_COUPON_METHODS_H_
#define COUPOND_API_COUPON_METHODS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/access/access_counters.h"
#include "api/access/caller.h"
#include "api/access/entry_token.h"
#include "api/answer_cache.h"
#include "api/campaign_queries.h"
#include "api/campaign_watchers.h"
#include "api/dispatcher.h"
#include "api/issue_answer.h"
#include "base/slots.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/claim_digest.h"
#include "engine/codes/coupon_code.h"
#include "engine/engine.h"
#include "engine/rules/ids.h"
#include "rpc/connect/call.h"

namespace coupond::api {

/// The methods of coupon.v1.CouponService on one worker, but for those that create a campaign
/// (create_methods.h) or change it (change_methods.h) and those about single coupons
/// (redeem_methods.h). Each maps its request to a command or a query, submits it, and answers the
/// call when the engine has replied. They decide nothing.
///
/// Threads: the worker's. This and what it refers to must outlive the dispatcher's last
/// continuation.
class CouponMethods {
 public:
  using Call = std::unique_ptr<connect::UnaryCall>;
  using Stream = std::unique_ptr<connect::StreamCall>;

  /// Shared by all workers; thread-safe.
  struct Shared {
    const Engine& engine;
    ShownCodes codes;
    const EntryTokens* entry_tokens;  ///< null: there are none
    AccessCounters* access_counters;  ///< null: nothing is counted
    const CodeKey& code_key;
    Slots& watcher_slots;
  };

  CouponMethods(Dispatcher& dispatcher, WatchRounds& watch_rounds, const Shared& shared);

  void GetCampaign(const coupon::v1::GetCampaignRequest& request, Call call);
  void GetCampaignStatus(const coupon::v1::GetCampaignStatusRequest& request, Call call);
  void IssueCoupon(const coupon::v1::IssueCouponRequest& request, Call call);
  void DeleteCampaign(const coupon::v1::DeleteCampaignRequest& request, Call call);
  void ListCampaigns(const coupon::v1::ListCampaignsRequest& request, Call call);
  void ListCoupons(const coupon::v1::ListCouponsRequest& request, Call call);

  void WatchCampaign(const coupon::v1::WatchCampaignRequest& request, Stream stream);

 private:
  /// A call of IssueCoupon while the engine has its command.
  struct WaitingIssue {
    Call call = {};
    CampaignId campaign = {};
    std::string user_id = {};
    /// If it differs: a coupon issued before texts were normalised has its user_id as it was sent.
    std::string user_id_as_sent = {};
  };

  /// Issues a coupon to whom the request names.
  void Issue(const coupon::v1::IssueCouponRequest& request, Call call);
  /// Issues a coupon to the user of the request's entry token.
  void IssueByToken(const coupon::v1::IssueCouponRequest& request, Call call);
  void AnswerIssue(std::uint64_t ticket, const Result<Reply>& reply);
  /// Fills the page, in as many queries as it takes, and answers the call with it. The answer is
  /// kept if there is a key. `as_of` was durable before the first of them.
  void FillPage(CampaignsPage page, const std::optional<AnswerCache::Key>& key, Sequence as_of,
                Call call);
  /// Answers a call, and keeps the answer for others that ask for the same.
  void FinishAndKeep(connect::UnaryCall& call, const google::protobuf::Message& response,
                     const AnswerCache::Key& key, const AnswerCache::Origin& origin);

  Dispatcher& dispatcher_;
  WatchRounds& watch_rounds_;
  Shared shared_;
  ClaimDigest claims_;
  IssueAnswerWriter issue_answers_;
  TicketTable<WaitingIssue> issues_;
  AnswerCache answers_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_COUPON_METHODS_H_
