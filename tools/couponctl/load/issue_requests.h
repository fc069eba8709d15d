#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_ISSUE_REQUESTS_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_ISSUE_REQUESTS_H_

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "couponctl/load/prepared_call.h"
#include "rpc/client/server_address.h"

namespace coupond::ctl {

/// The maximum number of users of a load.
inline constexpr std::uint64_t kLoadUsersMax = 10'000'000;

/// What tells the requests of a load apart.
struct RequestIdentity {
  bool request_ids = false;  ///< each request has a request_id that no other has
  std::uint64_t users = 0;   ///< user-1 … user-N take turns; 0: requests name no user
};

/// Returns the user_id of the user with this number: "user-1", "user-2", …; empty for 0.
[[nodiscard]] std::string UserName(std::uint64_t user);

/// Returns the number of the user with this user_id; 0 if it is not such a name.
[[nodiscard]] std::uint64_t UserNumber(std::string_view user_id);

/// Makes the bytes of IssueCoupon requests, head and body. One thread at a time.
class IssueRequests {
 public:
  IssueRequests(const rpc_client::ServerAddress& server, const std::string& campaign_id,
                RequestIdentity identity);

  /// Writes the next request to `bytes`. Returns the number of the user that it names, or 0.
  std::uint64_t Next(std::string& bytes);

 private:
  /// Returns the next request_id, or an empty text if requests have none.
  [[nodiscard]] std::string DrawRequestId();

  RequestIdentity identity_;
  /// With users, one for each number of digits; otherwise one.
  std::vector<PreparedCall> prepared_;
  std::uint64_t user_ = 0;  ///< the one that was named last
  std::mt19937_64 random_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_ISSUE_REQUESTS_H_
