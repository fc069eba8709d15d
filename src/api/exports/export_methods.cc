#include "api/exports/export_methods.h"

#include <string>
#include <utility>

#include "api/access/campaign_limits.h"
#include "api/exports/export_request.h"
#include "api/exports/export_sources.h"
#include "api/refusal_mapping.h"
#include "rpc/connect/error.h"

namespace coupond::api {
namespace {

connect::Error TooManyExports() {
  return TryLater("TOO_MANY_EXPORTS", "too many exports are in progress; retry later");
}

/// Returns the response without the coupons. Its name is made of the campaign's id alone, which is
/// safe in any file system.
http::Response FileHead(const CouponLines& lines, const ExportFileRequest& request,
                        Sequence sequence) {
  const bool is_csv = lines.format() == CouponFileFormat::kCsv;
  const std::string name =
      "coupons-" + FormatUuid(request.coupons.campaign.bytes) + (is_csv ? ".csv" : ".jsonl");
  return {.content_type = is_csv ? "text/csv; charset=utf-8" : "application/jsonl",
          .headers = {{"Content-Disposition", "attachment; filename=\"" + name + "\""},
                      {"Cache-Control", "no-store"},
                      {"Coupond-Sequence", std::to_string(sequence.value())}},
          .body = lines.Head(request.mark)};
}

}  // namespace

ExportMethods::ExportMethods(Dispatcher& dispatcher, const Shared& shared)
    : dispatcher_(dispatcher),
      shared_(shared),
      csv_(std::make_shared<const CouponLines>(CouponFileFormat::kCsv)),
      json_lines_(std::make_shared<const CouponLines>(CouponFileFormat::kJsonLines)) {}

void ExportMethods::Open(ExportedCoupons coupons, Slots::Slot slot,
                         std::move_only_function<void(Opened)> done) {
  dispatcher_.Ask<Found<std::shared_ptr<ExportReader>>>(
      [coupons = std::move(coupons), slot = std::move(slot), &codec = shared_.codec,
       &clock = shared_.engine.clock()](const ViewStore& views) mutable {
        return ExportReader::Open(views, std::move(coupons), std::move(slot), codec, clock);
      },
      std::move(done), Engine::QueryKind::kLong);
}

void ExportMethods::ExportCoupons(const coupon::v1::ExportCouponsRequest& request, Stream stream) {
  auto coupons = MapExportCoupons(request);
  if (!coupons) return stream->Fail(std::move(coupons.error()));
  auto slot = shared_.slots.Take();
  if (!slot) return stream->Fail(TooManyExports());
  Open(*std::move(coupons), *std::move(slot), [this, stream = std::move(stream)](Opened opened) {
    if (!opened) return stream->Fail(NoResultError(opened.error(), RefusalReason::kNoSuchCampaign));
    stream->Respond(std::make_unique<ExportMessages>(dispatcher_, *std::move(opened)));
  });
}

void ExportMethods::ExportFile(CouponFileFormat format, const http::Request& request,
                               std::string_view campaign_id, const PageCaller& page_caller,
                               std::shared_ptr<http::Exchange> exchange) {
  const Caller* const caller = page_caller.caller.get();
  if (caller != nullptr && caller->is_limited()) {
    auto allowed = CampaignToFillIn(*caller, std::string(campaign_id));
    if (!allowed) return exchange->Respond(PageFailure(std::move(allowed.error())));
  }
  auto file = MapExportFile(format, campaign_id, request.query);
  if (!file) return exchange->Respond(PageFailure(std::move(file.error())));
  auto slot = shared_.slots.Take();
  if (!slot) return exchange->Respond(PageFailure(TooManyExports()));
  exchange = GuardedPage(page_caller, std::string(campaign_id), std::move(exchange));
  const auto& lines = format == CouponFileFormat::kCsv ? csv_ : json_lines_;
  Open(file->coupons, *std::move(slot),
       [this, lines, exchange = std::move(exchange), file = *file](Opened opened) {
         if (!opened) {
           return exchange->Respond(
               PageFailure(NoResultError(opened.error(), RefusalReason::kNoSuchCampaign)));
         }
         auto reader = *std::move(opened);
         http::Response head = FileHead(*lines, file, reader->sequence());
         exchange->RespondInPieces(
             std::move(head), std::make_unique<ExportLines>(dispatcher_, std::move(reader), lines));
       });
}

}  // namespace coupond::api
