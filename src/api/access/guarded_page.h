#ifndef COUPOND_API_ACCESS_GUARDED_PAGE_H_
#define COUPOND_API_ACCESS_GUARDED_PAGE_H_

#include <memory>
#include <string>

#include "api/access/caller.h"
#include "api/access/keyed_streams.h"
#include "rpc/http/handler.h"

/// Pages that go on for long: files of coupons and lines of events.
namespace coupond::api {

/// Who asks for such a page. Both are null if the server has no keys.
struct PageCaller {
  std::shared_ptr<const Caller> caller = nullptr;
  KeyedStreams* streams = nullptr;
};

/// Returns an exchange whose body, if it comes in pieces, breaks off when the caller's key would
/// be refused now: the head has been sent, so there is no place for the error. Returns `inside` if
/// the server has no keys. `campaign_id` is as in KeyedStreams::Guard.
[[nodiscard]] std::shared_ptr<http::Exchange> GuardedPage(const PageCaller& caller,
                                                          std::string campaign_id,
                                                          std::shared_ptr<http::Exchange> inside);

}  // namespace coupond::api

#endif  // COUPOND_API_ACCESS_GUARDED_PAGE_H_
