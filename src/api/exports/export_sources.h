#ifndef COUPOND_API_EXPORTS_EXPORT_SOURCES_H_
#define COUPOND_API_EXPORTS_EXPORT_SOURCES_H_

#include <memory>
#include <utility>

#include "api/coupon_file/coupon_lines.h"
#include "api/dispatcher.h"
#include "api/exports/export_reader.h"
#include "rpc/connect/call.h"
#include "rpc/http/handler.h"

/// Exports as a client receives them, at its pace: each part is read, made and encoded in a query
/// of its own when the previous one has been written to the client's connection. A client that does
/// not read is closed by the HTTP server (http::Limits::write_timeout), which ends the export.
///
/// Threads: the worker's. The dispatcher must outlive them.
namespace coupond::api {

/// The messages of ExportCoupons. There is always a first one. Afterwards, parts without a coupon
/// are sent only after kEmptyPartsMax of them, as a sign of life.
class ExportMessages final : public connect::MessageSource {
 public:
  static constexpr int kEmptyPartsMax = 100;

  ExportMessages(Dispatcher& dispatcher, std::shared_ptr<ExportReader> reader)
      : dispatcher_(dispatcher), reader_(std::move(reader)) {}

  void Next(connect::StreamTurn turn) override;

 private:
  Dispatcher& dispatcher_;
  const std::shared_ptr<ExportReader> reader_;
  bool begun_ = false;
};

/// The lines of a file with the coupons, without its head.
class ExportLines final : public http::BodySource {
 public:
  ExportLines(Dispatcher& dispatcher, std::shared_ptr<ExportReader> reader,
              std::shared_ptr<const CouponLines> lines)
      : dispatcher_(dispatcher), reader_(std::move(reader)), lines_(std::move(lines)) {}

  void Next(Deliver deliver) override;
  /// Many parts in a row may have nothing to write, by which a client that has left would be
  /// noticed.
  [[nodiscard]] bool waits_for_events() const override { return true; }

 private:
  Dispatcher& dispatcher_;
  const std::shared_ptr<ExportReader> reader_;
  const std::shared_ptr<const CouponLines> lines_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_EXPORTS_EXPORT_SOURCES_H_
