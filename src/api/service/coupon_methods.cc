#include "api/service/coupon_methods.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "api/service/campaign_parts.h"
#include "api/service/command_mapping.h"
#include "api/service/message_mapping.h"
#include "api/service/page_token.h"
#include "api/service/refusal_mapping.h"
#include "engine/views/coupon_reader.h"

namespace coupond::service {
namespace {

connect::Error NoSuchCampaign() {
  return RefusalError({.reason = RefusalReason::kNoSuchCampaign, .start_time = {}});
}

connect::Error BadPageToken() {
  return {.code = connect::Code::kInvalidArgument,
          .message = "page_token: not one that this list has answered as next_page_token",
          .details = {},
          .headers = {}};
}

/// A query's answer that may be "there is no such campaign".
template <typename T>
using MaybeFound = std::optional<T>;

/// What GetCampaign's query finds: enough to answer, or to begin to.
struct CampaignStart {
  coupon::v1::GetCampaignResponse response;
  std::shared_ptr<CampaignPages> pages;
};

/// What to say when a campaign's coupons could not be read: that it is gone, if it was deleted
/// since its row was read, or the error.
std::expected<std::nullopt_t, Error> GoneOr(const Error& error, const ViewStore& views,
                                            const CampaignId& id) {
  const auto row = views.FindCampaign(id);
  if (row && !*row) return std::nullopt;
  return std::unexpected(error);
}

Result<MaybeFound<CampaignStart>> StartCampaign(const ViewStore& views, const CampaignId& id,
                                                const CouponCodec& codec) {
  const auto row = views.FindCampaign(id);
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  CampaignStart start;
  SetCampaign(**row, *start.response.mutable_campaign());
  start.pages = std::make_shared<CampaignPages>(**row, codec);
  if (Status read = start.pages->AppendPage(views, kFirstPageCoupons, start.response); !read) {
    return GoneOr(read.error(), views, id);
  }
  return start;
}

Result<coupon::v1::ListCampaignsResponse> ListPage(const ViewStore& views, CampaignNumber after,
                                                   std::size_t page_size) {
  // One more than asked for tells whether there is another page.
  const auto rows = views.ListCampaigns(after, page_size + 1);
  if (!rows) return std::unexpected(rows.error());
  coupon::v1::ListCampaignsResponse response;
  for (std::size_t i = 0; i < std::min(page_size, rows->size()); ++i) {
    SetCampaign((*rows)[i], *response.add_campaigns());
  }
  if (rows->size() > page_size) {
    response.set_next_page_token(WritePageToken(CampaignsPageToken{(*rows)[page_size - 1].number}));
  }
  return response;
}

struct CouponsPage {
  coupon::v1::ListCouponsResponse response;
  bool bad_token = false;
};

Result<MaybeFound<CouponsPage>> ListPage(const ViewStore& views, const CampaignId& id,
                                         const std::optional<CouponsPageToken>& token,
                                         std::size_t page_size, const CouponCodec& codec) {
  const auto row = views.FindCampaign(id);
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  CouponsPage page;
  if (token && token->campaign != (*row)->number) {
    page.bad_token = true;
    return page;
  }
  const std::uint64_t first = token ? token->ordinal : 0;
  auto reader = CouponReader::Open(views, **row, first);
  if (!reader) return std::unexpected(reader.error());
  const auto coupons = reader->Next(page_size);
  if (!coupons) return GoneOr(coupons.error(), views, id);
  const std::string campaign_id = FormatUuid(id.bytes);
  for (const CouponRow& coupon : *coupons) {
    SetCoupon(coupon, codec, campaign_id, *page.response.add_coupons());
  }
  if (!reader->at_end()) {
    page.response.set_next_page_token(
        WritePageToken(CouponsPageToken{(*row)->number, first + page_size}));
  }
  return page;
}

Result<MaybeFound<CouponRow>> FindCoupon(const ViewStore& views, const CampaignId& id,
                                         Serial serial) {
  const auto row = views.FindCampaign(id);
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  auto reader = CouponReader::Open(views, **row, serial.value() - (*row)->first_serial.value());
  if (!reader) return std::unexpected(reader.error());
  auto coupons = reader->Next(1);
  if (!coupons) return GoneOr(coupons.error(), views, id);
  if (coupons->empty()) return std::nullopt;
  return std::move(coupons->front());
}

}  // namespace

CouponMethods::CouponMethods(Dispatcher& dispatcher, const Shared& shared)
    : dispatcher_(dispatcher), shared_(shared) {}

void CouponMethods::CreateCampaign(const coupon::v1::CreateCampaignRequest& request, Call call) {
  Create(request, std::move(call), [](coupon::v1::Campaign campaign, Call answered) {
    coupon::v1::CreateCampaignResponse response;
    *response.mutable_campaign() = std::move(campaign);
    answered->Finish(response);
  });
}

void CouponMethods::ShortCreateCampaign(
    const coupond::service::v1::ShortCreateCampaignRequest& request, Call call) {
  if (request.has_coupon_count() && request.has_total_coupons() &&
      request.coupon_count() != request.total_coupons()) {
    return call->Fail({.code = connect::Code::kInvalidArgument,
                       .message = "coupon_count and total_coupons differ; give one of them",
                       .details = {},
                       .headers = {}});
  }
  coupon::v1::CreateCampaignRequest full;
  full.set_name(request.name());
  full.set_total_coupons(request.has_coupon_count() ? request.coupon_count()
                                                    : request.total_coupons());
  if (request.has_start_time()) *full.mutable_start_time() = request.start_time();
  Create(full, std::move(call),
         [](const coupon::v1::Campaign& campaign, Call answered) { answered->Finish(campaign); });
}

void CouponMethods::Create(const coupon::v1::CreateCampaignRequest& request, Call call,
                           CampaignCreatedDone done) {
  const CampaignId id{AsRandomUuid(shared_.entropy.Random16())};
  auto command = MapCreateCampaign(request, id);
  if (!command) return call->Fail(std::move(command.error()));
  coupon::v1::Campaign campaign;
  campaign.set_id(FormatUuid(id.bytes));
  campaign.set_name(request.name());
  campaign.set_total_coupons(request.total_coupons());
  if (command->start_time) SetTimestamp(*command->start_time, *campaign.mutable_start_time());
  dispatcher_.Submit(std::move(*command), [call = std::move(call), campaign = std::move(campaign),
                                           done = std::move(done)](Result<Reply> reply) mutable {
    if (!reply) return call->Fail(OperatingError(reply.error()));
    if (const auto* refusal = std::get_if<Refusal>(&reply->outcome)) {
      return call->Fail(RefusalError(*refusal));
    }
    SetTimestamp(reply->time, *campaign.mutable_created_at());
    done(std::move(campaign), std::move(call));
  });
}

void CouponMethods::IssueCoupon(const coupon::v1::IssueCouponRequest& request, Call call) {
  auto command = MapIssueCoupon(request, shared_.claims);
  if (!command) return call->Fail(std::move(command.error()));
  dispatcher_.Submit(*command, [this, call = std::move(call), id = command->campaign_id,
                                user_id = command->user_id](Result<Reply> reply) mutable {
    if (!reply) return call->Fail(OperatingError(reply.error()));
    coupon::v1::IssueCouponResponse response;
    if (const auto* refusal = std::get_if<Refusal>(&reply->outcome)) {
      if (SetIssueRefusal(*refusal, reply->time, response)) return call->Finish(response);
      return call->Fail(RefusalError(*refusal));
    }
    const auto& granted = std::get<GrantedCoupon>(reply->outcome);
    if (granted.already_issued) return AnswerHeldCoupon(id, granted.serial, std::move(call));
    response.set_success(true);
    SetCoupon({.ordinal = 0,
               .serial = granted.serial,
               .issued_at = reply->time,
               .user_id = std::move(user_id)},
              shared_.codec, FormatUuid(id.bytes), *response.mutable_coupon());
    call->Finish(response);
  });
}

void CouponMethods::AnswerHeldCoupon(const CampaignId& campaign_id, Serial serial, Call call) {
  dispatcher_.Ask<MaybeFound<CouponRow>>(
      [campaign_id, serial](const ViewStore& views) {
        return FindCoupon(views, campaign_id, serial);
      },
      [this, campaign_id, call = std::move(call)](Result<MaybeFound<CouponRow>> coupon) {
        if (!coupon) return call->Fail(OperatingError(coupon.error()));
        if (!*coupon) return call->Fail(NoSuchCampaign());  // deleted since
        coupon::v1::IssueCouponResponse response;
        response.set_success(true);
        response.set_already_issued(true);
        SetCoupon(**coupon, shared_.codec, FormatUuid(campaign_id.bytes),
                  *response.mutable_coupon());
        call->Finish(response);
      });
}

void CouponMethods::DeleteCampaign(const coupon::v1::DeleteCampaignRequest& request, Call call) {
  auto command = MapDeleteCampaign(request);
  if (!command) return call->Fail(std::move(command.error()));
  coupon::v1::DeleteCampaignResponse response;
  if (!*command) {
    SetNothingDeleted(response);
    return call->Finish(response);
  }
  dispatcher_.Submit(std::move(**command), [call = std::move(call)](Result<Reply> reply) {
    if (!reply) return call->Fail(OperatingError(reply.error()));
    coupon::v1::DeleteCampaignResponse answer;
    if (std::holds_alternative<Refusal>(reply->outcome)) {
      SetNothingDeleted(answer);
    } else {
      answer.set_success(true);
      answer.set_message("Campaign deleted");
    }
    call->Finish(answer);
  });
}

void CouponMethods::GetCampaign(const coupon::v1::GetCampaignRequest& request, Call call) {
  const auto id = MapCampaignId(request.campaign_id());
  if (!id) return call->Fail(id.error());
  dispatcher_.Ask<MaybeFound<CampaignStart>>(
      [id = *id, &codec = shared_.codec](const ViewStore& views) {
        return StartCampaign(views, id, codec);
      },
      [this, call = std::move(call)](Result<MaybeFound<CampaignStart>> start) {
        if (!start) return call->Fail(OperatingError(start.error()));
        if (!*start) return call->Fail(NoSuchCampaign());
        CampaignStart& found = **start;
        if (found.pages->at_end()) return call->Finish(found.response);
        call->FinishInParts(found.response, coupon::v1::GetCampaignResponse::kCouponsFieldNumber,
                            std::make_unique<CampaignParts>(dispatcher_, std::move(found.pages)));
      });
}

void CouponMethods::ListCampaigns(const coupon::v1::ListCampaignsRequest& request, Call call) {
  const auto page_size = MapPageSize(request.page_size());
  if (!page_size) return call->Fail(page_size.error());
  CampaignNumber after;
  if (!request.page_token().empty()) {
    const auto token = ReadCampaignsPageToken(request.page_token());
    if (!token) return call->Fail(BadPageToken());
    after = token->after;
  }
  dispatcher_.Ask<coupon::v1::ListCampaignsResponse>(
      [after, page_size = *page_size](const ViewStore& views) {
        return ListPage(views, after, page_size);
      },
      [call = std::move(call)](Result<coupon::v1::ListCampaignsResponse> response) {
        if (!response) return call->Fail(OperatingError(response.error()));
        call->Finish(*response);
      });
}

void CouponMethods::ListCoupons(const coupon::v1::ListCouponsRequest& request, Call call) {
  const auto id = MapCampaignId(request.campaign_id());
  if (!id) return call->Fail(id.error());
  const auto page_size = MapPageSize(request.page_size());
  if (!page_size) return call->Fail(page_size.error());
  std::optional<CouponsPageToken> token;
  if (!request.page_token().empty()) {
    token = ReadCouponsPageToken(request.page_token());
    if (!token) return call->Fail(BadPageToken());
  }
  dispatcher_.Ask<MaybeFound<CouponsPage>>(
      [id = *id, token, page_size = *page_size, &codec = shared_.codec](const ViewStore& views) {
        return ListPage(views, id, token, page_size, codec);
      },
      [call = std::move(call)](Result<MaybeFound<CouponsPage>> page) {
        if (!page) return call->Fail(OperatingError(page.error()));
        if (!*page) return call->Fail(NoSuchCampaign());
        if ((*page)->bad_token) return call->Fail(BadPageToken());
        call->Finish((*page)->response);
      });
}

}  // namespace coupond::service
