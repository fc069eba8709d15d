#ifndef COUPOND_TEST_SYSTEM_CRASH_LOAD_CLIENT_H_
#define COUPOND_TEST_SYSTEM_CRASH_LOAD_CLIENT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "system/crash/campaign_slots.h"
#include "system/crash/client_ledger.h"
#include "system/crash/fault_log.h"
#include "system/crash/operation_plan.h"
#include "system/program/coupon_client.h"

namespace coupond::test {

/// One client of the load: follows its plan, records the outcomes in the ledger, and repeats
/// requests of unknown outcome. Outlives restarts of the server. One thread at a time.
class LoadClient {
 public:
  struct Shared {
    ClientLedger& ledger;
    CampaignSlots& slots;
    FaultLog& faults;
  };
  LoadClient(Shared shared, std::uint64_t seed, std::size_t number);

  /// What a client must know about the server.
  struct Surroundings {
    std::uint16_t port = 0;
    std::function<void()> on_answer;       ///< called for each answer
    std::function<bool()> server_may_end;  ///< whether it was stopped or killed
  };
  /// First repeats requests of unknown outcome, then follows the plan until the server is gone.
  void Run(const Surroundings& surroundings);
  /// Only repeats requests of unknown outcome; the server must not end.
  void Resolve(std::uint16_t port);

 private:
  /// The error of a server that cannot say whether it carried out the request.
  static constexpr std::string_view kUnavailable = "unavailable";

  struct Request {
    std::string campaign;
    std::string claim;  ///< these are as in ClientLedger::Attempt
    std::string user_id;
    std::string request_id;  ///< empty: the user_id is the claim
    /// Those of a batch, one after the other. Its other members are only the campaign and the id.
    struct Asked {
      std::string claim;
      std::string user_id;
    };
    std::vector<Asked> batch{};
    bool allow_partial = false;  ///< of a batch

    [[nodiscard]] bool can_be_repeated() const { return !claim.empty() || !batch.empty(); }
  };

  /// These return whether the server answered.
  [[nodiscard]] bool RetryUnknown(CouponClient& client);
  [[nodiscard]] bool Do(CouponClient& client, const Operation& operation);
  [[nodiscard]] bool Create(CouponClient& client, const ClientLedger::Terms& terms);
  [[nodiscard]] bool Delete(CouponClient& client, const std::string& campaign);
  [[nodiscard]] bool Ask(CouponClient& client, const Request& request);
  [[nodiscard]] bool Issue(CouponClient& client, const Request& request);
  [[nodiscard]] bool IssueBatch(CouponClient& client, const Request& request);
  [[nodiscard]] bool GetCampaign(CouponClient& client, const std::string& campaign);
  [[nodiscard]] bool ListCoupons(CouponClient& client, const std::string& campaign,
                                 std::int32_t page_size);
  [[nodiscard]] bool ListCampaigns(CouponClient& client);

  /// Asks about a coupon of the campaign, or for one if there is none to ask about.
  [[nodiscard]] bool AskAboutCoupon(CouponClient& client, const Operation& operation,
                                    const std::string& campaign);
  /// The same for a request that is perhaps repeated.
  [[nodiscard]] bool AskAboutCoupon(CouponClient& client, CouponRequest request);
  /// Changes the campaign, or lists all of them if somebody else changes it.
  [[nodiscard]] bool ChangeCampaign(CouponClient& client, CampaignRequestKind kind,
                                    const std::string& campaign, std::uint32_t draw);
  [[nodiscard]] bool ChangeCampaign(CouponClient& client, CampaignRequest request);
  [[nodiscard]] bool PauseForAMoment(CouponClient& client, const std::string& campaign);
  [[nodiscard]] bool ArchiveForAMoment(CouponClient& client, const std::string& campaign);
  [[nodiscard]] bool RetryUnknownOfCampaigns(CouponClient& client);
  /// Issues a coupon to somebody new, and erases the user; if that is not allowed now, to nobody.
  [[nodiscard]] bool EraseSomebody(CouponClient& client, const std::string& campaign);
  struct Erasure {
    std::string user_id;
    std::string request_id;
    bool is_retry = false;
  };
  [[nodiscard]] bool Erase(CouponClient& client, Erasure erasure);
  [[nodiscard]] bool LookForErased(CouponClient& client, const std::string& user_id);
  [[nodiscard]] bool RetryUnknownErasures(CouponClient& client);
  [[nodiscard]] bool RetryUnknownOfCoupons(CouponClient& client);

  void Heard(const ClientLedger::Attempt& attempt, const Answer<api::IssueCouponResponse>& answer);
  void Heard(const std::vector<ClientLedger::Attempt>& attempts,
             const Answer<api::BatchIssueCouponsResponse>& answer);
  void HeardOfOne(const ClientLedger::Attempt& attempt, const api::BatchIssueResult& result);
  /// Draws whom a batch with the request's id is for.
  void AddBatch(const Operation& operation, Request& request) const;
  [[nodiscard]] Request RequestFor(const Operation& operation, const std::string& campaign);
  void Unexpected(const std::string& asked, const std::string& code, const std::string& message);

  Shared shared_;
  OperationPlan plan_;
  std::size_t number_;
  Form form_;
  std::uint16_t port_ = 0;  // of this Run
  std::uint64_t requests_ = 0;
  std::array<std::optional<Request>, OperationPlan::kSlots> last_request_;  // with a claim
  std::deque<Request> unknown_;                                             // with a claim
  std::deque<CouponRequest> unknown_of_coupons_;
  std::deque<Erasure> unknown_erasures_;
  std::deque<CampaignRequest> unknown_of_campaigns_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_LOAD_CLIENT_H_
