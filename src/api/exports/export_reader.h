#ifndef COUPOND_API_EXPORTS_EXPORT_READER_H_
#define COUPOND_API_EXPORTS_EXPORT_READER_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "api/campaign_queries.h"
#include "base/error.h"
#include "base/slots.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/coupon_code.h"
#include "engine/ports/clock.h"
#include "engine/ports/view_store.h"
#include "engine/rules/coupon.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"
#include "engine/views/campaign_export.h"

namespace coupond::api {

/// The maximum number of exports at a time. Each holds on to files of the views that have been
/// replaced since it began, and so to space on the disk.
inline constexpr std::size_t kExportsMax = 16;
/// The number of a campaign's coupons that one query looks at. Other queries have their turn after
/// it.
inline constexpr std::size_t kExportPartCoupons = 1'000;

/// The coupons to export.
struct ExportedCoupons {
  CampaignId campaign;
  std::set<CouponState> states = {};  ///< empty: all of them
};

/// An export in progress, which occupies a slot: the coupons of a campaign as messages, as they
/// were right after one event, a part at a time.
///
/// Threads: it is opened and read in queries, one after another. The constant facts may be read by
/// any thread; at_end by a thread that knows that no query is reading. Any thread may destroy it.
class ExportReader {
 public:
  /// `clock` must be the engine's (Engine::clock). `codec` must outlive the reader.
  [[nodiscard]] static Found<std::shared_ptr<ExportReader>> Open(const ViewStore& views,
                                                                 ExportedCoupons coupons,
                                                                 Slots::Slot slot,
                                                                 const CouponCodec& codec,
                                                                 const Clock& clock);

  /// Looks at the next kExportPartCoupons of the campaign's coupons, and adds those that are to be
  /// exported.
  [[nodiscard]] Status AppendPart(google::protobuf::RepeatedPtrField<coupon::v1::Coupon>& coupons);
  /// Reports whether all coupons have been read.
  [[nodiscard]] bool at_end() const { return coupons_.at_end(); }

  /// Returns the sequence of the event after which the coupons are shown.
  [[nodiscard]] Sequence sequence() const { return coupons_.sequence(); }
  /// Returns the time at which the coupons are in their states.
  [[nodiscard]] Timestamp time() const { return time_; }
  /// Returns the number of coupons that the campaign had ever issued.
  [[nodiscard]] std::uint64_t issued_ever() const { return coupons_.campaign().ordinals(); }

 private:
  ExportReader(CampaignExport coupons, ExportedCoupons exported, Slots::Slot slot,
               const CouponCodec& codec, Timestamp time);

  const Slots::Slot slot_;  // returned last, when the views have been let go
  CampaignExport coupons_;
  const std::set<CouponState> states_;
  const std::string campaign_id_;
  const CouponCodec& codec_;
  const Timestamp time_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_EXPORTS_EXPORT_READER_H_
