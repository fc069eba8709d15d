#ifndef COUPOND_API_EXPORTS_EXPORT_METHODS_H_
#define COUPOND_API_EXPORTS_EXPORT_METHODS_H_

#include <functional>
#include <memory>
#include <string_view>

#include "api/access/guarded_page.h"
#include "api/coupon_file/coupon_lines.h"
#include "api/dispatcher.h"
#include "api/exports/export_reader.h"
#include "base/slots.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/coupon_code.h"
#include "engine/engine.h"
#include "rpc/connect/call.h"
#include "rpc/http/handler.h"

namespace coupond::api {

/// ExportCoupons, and the same as files for plain HTTP clients, on one worker.
///
/// Threads: the worker's. The dispatcher, and what is shared, must outlive this and all exports.
class ExportMethods {
 public:
  using Stream = std::unique_ptr<connect::StreamCall>;

  /// Shared by all workers; thread-safe.
  struct Shared {
    const Engine& engine;
    const CouponCodec& codec;
    Slots& slots;
  };

  ExportMethods(Dispatcher& dispatcher, const Shared& shared);

  void ExportCoupons(const coupon::v1::ExportCouponsRequest& request, Stream stream);

  /// Answers GET /campaigns/{id}/coupons.csv or .jsonl, where `campaign_id` is the segment of the
  /// path.
  void ExportFile(CouponFileFormat format, const http::Request& request,
                  std::string_view campaign_id, const PageCaller& page_caller,
                  std::shared_ptr<http::Exchange> exchange);

 private:
  using Opened = Found<std::shared_ptr<ExportReader>>;

  /// Opens an export in a query.
  void Open(ExportedCoupons coupons, Slots::Slot slot, std::move_only_function<void(Opened)> done);

  Dispatcher& dispatcher_;
  Shared shared_;
  const std::shared_ptr<const CouponLines> csv_;
  const std::shared_ptr<const CouponLines> json_lines_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_EXPORTS_EXPORT_METHODS_H_
