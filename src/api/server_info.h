#ifndef COUPOND_API_SERVER_INFO_H_
#define COUPOND_API_SERVER_INFO_H_

#include <cstddef>
#include <memory>
#include <string>

#include "coupon/v1/admin_service.pb.h"
#include "engine/engine.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"
#include "rpc/connect/call.h"

namespace coupond::api {

/// The facts about a server that do not change while it runs.
struct ServerFacts {
  std::string version;
  StoreId store_id;
  Timestamp started_at;
  std::size_t watchers_max = 0;
  std::size_t exports_max = 0;
  std::size_t event_readers_max = 0;
};

/// GetServerInfo of coupon.v1.AdminService.
///
/// Threads: any. The facts and the engine must outlive this.
class ServerInfoMethods {
 public:
  using Call = std::unique_ptr<connect::UnaryCall>;

  ServerInfoMethods(const ServerFacts& facts, const Engine& engine)
      : facts_(facts), engine_(engine) {}

  /// Answers at once.
  void GetServerInfo(const coupon::v1::GetServerInfoRequest& request, Call call) const;

 private:
  const ServerFacts& facts_;
  const Engine& engine_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_SERVER_INFO_H_
