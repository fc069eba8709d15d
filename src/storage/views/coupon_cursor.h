#ifndef COUPOND_STORAGE_VIEWS_COUPON_CURSOR_H_
#define COUPOND_STORAGE_VIEWS_COUPON_CURSOR_H_

#include <memory>

#include "engine/ports/view_store.h"
#include "engine/rules/ids.h"

namespace rocksdb {
class DB;
}  // namespace rocksdb

namespace coupond::storage {

class DamageMark;

/// Returns a cursor as ViewStore::OpenCoupons does. It reads the campaign's runs and, beside them,
/// what has become of their coupons, both as they are now, and keeps the database open.
[[nodiscard]] std::unique_ptr<CouponCursor> OpenCouponCursor(std::shared_ptr<rocksdb::DB> db,
                                                             std::shared_ptr<DamageMark> damage,
                                                             CampaignNumber campaign,
                                                             OrdinalRange ordinals);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_COUPON_CURSOR_H_
