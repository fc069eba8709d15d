#include "api/campaign_queries.h"

#include <algorithm>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/refusal_mapping.h"
#include "api/reply_mapping.h"

namespace coupond::api {
namespace {

std::unexpected<connect::Error> Gone() {
  return connect::MakeError(connect::Code::kNotFound,
                            "the campaign was deleted while its coupons were being read",
                            kCampaignDeleted);
}

/// Returns the bytes of the texts that may be long.
std::size_t TextBytesOf(const CampaignTerms& terms) {
  std::size_t bytes = terms.description.size();
  for (const MetadataEntry& entry : terms.metadata) bytes += entry.key.size() + entry.value.size();
  return bytes;
}

/// Returns why a campaign's coupons could not be read: it is not there if it has been deleted since
/// its row was read, otherwise the error.
std::unexpected<NoResult> GoneOr(const Error& error, const ViewStore& views, const CampaignId& id) {
  const auto row = views.FindCampaign(id);
  if (row && !*row) return NotThere(views);
  return std::unexpected<NoResult>(error);
}

/// Returns up to `limit` of these campaigns that come after `after`, in the order of their numbers.
Result<std::vector<Campaign>> ListOnly(const ViewStore& views, const std::vector<CampaignId>& ids,
                                       CampaignNumber after, std::size_t limit) {
  std::vector<Campaign> rows;
  for (const CampaignId& id : ids) {
    std::optional<Campaign> row = TRY(views.FindCampaign(id));
    if (row && row->number > after) rows.push_back(*std::move(row));
  }
  std::ranges::sort(rows, {}, &Campaign::number);
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

}  // namespace

std::unexpected<NoResult> NotThere(const ViewStore& views) {
  const Result<std::optional<Checkpoint>> read = views.ReadCheckpoint();
  if (!read) return std::unexpected<NoResult>(read.error());
  const std::optional<Checkpoint>& checkpoint = *read;
  return std::unexpected<NoResult>(
      Absent{.as_of = checkpoint ? checkpoint->tip.sequence : Sequence(0)});
}

connect::Error NoResultError(const NoResult& why, RefusalReason refusal) {
  if (const auto* const error = std::get_if<Error>(&why)) return OperatingError(*error);
  return RefusalError({.reason = refusal}, std::get<Absent>(why).as_of);
}

CampaignPages::CampaignPages(Campaign campaign, const CouponCodec& codec, Timestamp time)
    : campaign_(std::move(campaign)),
      campaign_id_(FormatUuid(campaign_.id.bytes)),
      codec_(codec),
      time_(time) {}

bool CampaignPages::at_end() const { return next_ordinal_ >= campaign_.ordinals(); }

Status CampaignPages::AppendPage(const ViewStore& views, std::size_t limit,
                                 coupon::v1::GetCampaignResponse& response) {
  CouponReader reader = TRY(CouponReader::Open(views, campaign_, next_ordinal_));
  std::vector<CouponRow> coupons = TRY(reader.Next(limit));
  response.mutable_coupons()->Reserve(static_cast<int>(coupons.size()));
  const CouponView view{
      .codec = codec_, .terms = campaign_.terms, .campaign_id = campaign_id_, .time = time_};
  for (CouponRow& coupon : coupons) {
    const Timestamp expire_time = ExpireTimeOf(campaign_.terms, coupon.issued_at);
    if (coupon.status.state == CouponState::kIssued && expire_time > time_) {
      next_expiry_ = std::min(next_expiry_, expire_time);
    }
    SetCoupon(std::move(coupon), view, *response.add_coupons());
  }
  next_ordinal_ += coupons.size();
  return {};
}

bool CampaignPages::IsGone(const ViewStore& views) const {
  const auto row = views.FindCampaign(campaign_.id);
  return row && !*row;
}

CampaignParts::CampaignParts(Dispatcher& dispatcher, std::shared_ptr<CampaignPages> pages)
    : dispatcher_(dispatcher), pages_(std::move(pages)) {}

void CampaignParts::Next(const connect::EncodePart& encode, Deliver deliver) {
  struct Part {
    Progress progress;
    connect::EncodedPart encoded;
  };
  dispatcher_.Ask<Result<Part>>(
      [pages = pages_, encode](const ViewStore& views) -> Result<Part> {
        coupon::v1::GetCampaignResponse response;
        if (Status read = pages->AppendPage(views, kPartCoupons, response); !read) {
          if (pages->IsGone(views)) return Part{Progress::kFailed, Gone()};
          return std::unexpected(read.error());
        }
        const Progress progress = pages->at_end() ? Progress::kEnd : Progress::kMore;
        return Part{progress, encode(progress, response)};
      },
      [deliver = std::move(deliver)](Result<Part> part) mutable {
        if (!part) {
          return deliver(Progress::kFailed, std::unexpected(OperatingError(part.error())));
        }
        deliver(part->progress, std::move(part->encoded));
      });
}

Found<CampaignStart> StartCampaign(const ViewStore& views, const CampaignId& id,
                                   const CouponCodec& codec, const Clock& clock) {
  const std::optional<Campaign> row = TRY(views.FindCampaign(id));
  if (!row) return NotThere(views);
  const Timestamp time = clock.Now();
  CampaignStart start{.number = row->number,
                      .response = {},
                      .pages = std::make_shared<CampaignPages>(*row, codec, time),
                      .time = time,
                      .holds_until = NextChangeOfState(*row, time)};
  SetCampaign(*row, time, *start.response.mutable_campaign());
  if (Status read = start.pages->AppendPage(views, kFirstPageCoupons, start.response); !read) {
    return GoneOr(read.error(), views, id);
  }
  start.holds_until = std::min(start.holds_until, start.pages->next_expiry());
  return start;
}

Found<coupon::v1::Campaign> ReadCampaign(const ViewStore& views, const CampaignId& id,
                                         const Clock& clock) {
  const std::optional<Campaign> row = TRY(views.FindCampaign(id));
  if (!row) return NotThere(views);
  const Timestamp time = clock.Now();
  coupon::v1::Campaign message;
  SetCampaign(*row, time, message);
  return message;
}

Found<coupon::v1::Coupon> ReadCoupon(const ViewStore& views, const CouponLookup& lookup,
                                     const CouponCodec& codec, const Clock& clock) {
  std::optional<FoundCoupon> found = TRY(FindCoupon(views, lookup.serial));
  if (!found || (lookup.campaign_id && *lookup.campaign_id != found->campaign.id)) {
    return NotThere(views);
  }
  const std::string campaign_id = FormatUuid(found->campaign.id.bytes);
  coupon::v1::Coupon message;
  SetCoupon(std::move(found->coupon),
            {.codec = codec,
             .terms = found->campaign.terms,
             .campaign_id = campaign_id,
             .time = clock.Now()},
            message);
  return message;
}

Result<std::optional<Redemption>> FindRedemption(const ViewStore& views,
                                                 const CouponLookup& lookup) {
  std::optional<FoundCoupon> found = TRY(FindCoupon(views, lookup.serial));
  if (!found || (lookup.campaign_id && *lookup.campaign_id != found->campaign.id)) {
    return std::nullopt;
  }
  return std::move(found->coupon.status.redemption);
}

Found<CampaignId> FindCampaignOf(const ViewStore& views, Serial serial) {
  const std::optional<Campaign> row = TRY(views.FindCampaignOf(serial));
  if (!row) return NotThere(views);
  return row->id;
}

Found<CampaignStatus> ReadStatus(const ViewStore& views, const CampaignId& id, const Clock& clock) {
  const CampaignSnapshot found = TRY(FindSnapshot(views, id));
  const Timestamp time = clock.Now();
  const Campaign& campaign = found.campaign;
  CampaignStatus status{.number = campaign.number,
                        .response = {},
                        .time = time,
                        .holds_until = NextChangeOfState(campaign, time)};
  SetStatus(campaign, time, found.sequence, status.response);
  return status;
}

Result<CampaignsPage> FillCampaignsPage(CampaignsPage page, const ViewStore& views,
                                        const Clock& clock) {
  // Looks for one more, to see whether there is another page. Only where campaigns are skipped does
  // it look at more than a page.
  const std::size_t wanted = page.page_size + 1;
  const std::size_t limit = std::max(wanted, page.begun ? kCampaignsAtOnce : 0);
  auto listed = page.only.empty() ? views.ListCampaigns(page.after, limit)
                                  : ListOnly(views, page.only, page.after, limit);
  std::vector<Campaign> rows = TRY(std::move(listed));
  page.begun = true;
  page.complete = rows.size() < limit;
  for (Campaign& row : rows) {
    page.after = row.number;
    ++page.looked_at;
    if (row.archived_at && !page.show_archived) continue;
    page.text_bytes += TextBytesOf(row.terms);
    page.campaigns.push_back(std::move(row));
    page.cut_short = page.text_bytes > kPageTextBytesMax;
    page.complete = page.complete && !page.cut_short;
    if (page.cut_short || page.campaigns.size() == wanted) break;
  }
  if (!page.complete && page.looked_at >= kCampaignsLookedAtMax) page.cut_short = true;
  page.complete = page.complete || page.cut_short || page.campaigns.size() == wanted;
  if (!page.complete) return page;

  page.time = clock.Now();
  page.holds_until = kNever;
  for (const Campaign& campaign : page.campaigns | std::views::take(page.page_size)) {
    SetCampaign(campaign, page.time, *page.response.add_campaigns());
    page.holds_until = std::min(page.holds_until, NextChangeOfState(campaign, page.time));
  }
  if (page.campaigns.size() > page.page_size) {
    page.after = page.campaigns[page.page_size - 1].number;
  }
  if (page.campaigns.size() > page.page_size || page.cut_short) {
    page.response.set_next_page_token(WritePageToken(CampaignsPageToken{page.after}));
  }
  return page;
}

Found<CouponsPage> ListCouponsPage(const ViewStore& views, const CampaignId& id,
                                   const std::optional<CouponsPageToken>& token,
                                   std::size_t page_size, const CouponCodec& codec,
                                   const Clock& clock) {
  const std::optional<Campaign> row = TRY(views.FindCampaign(id));
  if (!row) return NotThere(views);
  CouponsPage page;
  if (token && token->campaign != row->number) {
    page.bad_token = true;
    return page;
  }
  const std::uint64_t first = token ? token->ordinal : 0;
  CouponReader reader = TRY(CouponReader::Open(views, *row, first));
  auto coupons = reader.Next(page_size);
  if (!coupons) return GoneOr(coupons.error(), views, id);
  const std::string campaign_id = FormatUuid(id.bytes);
  const CouponView view{
      .codec = codec, .terms = row->terms, .campaign_id = campaign_id, .time = clock.Now()};
  for (CouponRow& coupon : *coupons) {
    SetCoupon(std::move(coupon), view, *page.response.add_coupons());
  }
  if (!reader.at_end()) {
    page.response.set_next_page_token(
        WritePageToken(CouponsPageToken{row->number, first + page_size}));
  }
  return page;
}

Found<CampaignSnapshot> FindSnapshot(const ViewStore& views, const CampaignId& id) {
  std::optional<CampaignSnapshot> snapshot = TRY(ReadCampaignSnapshot(views, id));
  if (!snapshot) return NotThere(views);
  return *std::move(snapshot);
}

}  // namespace coupond::api
