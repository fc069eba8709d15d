#include "api/search_methods.h"

#include <optional>
#include <string>
#include <utility>

#include "api/campaign_queries.h"
#include "api/page_tokens.h"
#include "api/refusal_mapping.h"
#include "api/reply_mapping.h"
#include "api/search_mapping.h"
#include "engine/views/coupon_search.h"

namespace coupond::api {

/// A page that is being filled: by queries, one after another, and passed from one to the next.
struct SearchMethods::Filling {
  const MappedSearch mapped;
  CouponSearchPage page;
  std::optional<Timestamp> time = {};  ///< at which the coupons are in their states
  coupon::v1::SearchCouponsResponse response = {};
};

namespace {

/// Sets the answer once the page is complete.
void SetResponse(CouponSearchPage page, std::uint64_t search, const CouponCodec& codec,
                 Timestamp time, coupon::v1::SearchCouponsResponse& response) {
  const Campaign* campaign = nullptr;
  std::string campaign_id;
  for (SearchedCoupon& found : page.coupons) {
    if (campaign != found.campaign.get()) {
      campaign = found.campaign.get();
      campaign_id = FormatUuid(campaign->id.bytes);
    }
    SetCoupon(std::move(found.coupon),
              {.codec = codec, .terms = campaign->terms, .campaign_id = campaign_id, .time = time},
              *response.add_coupons());
  }
  if (!page.at_end && page.after) {
    response.set_next_page_token(
        WritePageToken(SearchPageToken{.search = search, .after = *page.after}));
  }
}

}  // namespace

void SearchMethods::SearchCoupons(const coupon::v1::SearchCouponsRequest& request, Call call) {
  auto mapped = MapSearchCoupons(request, claims_);
  if (!mapped) return call->Fail(std::move(mapped.error()));
  const auto after = mapped->after;
  Fill(std::make_shared<Filling>(*std::move(mapped), CouponSearchPage{.after = after}),
       std::move(call));
}

void SearchMethods::Fill(std::shared_ptr<Filling> filling, Call call) {
  const CouponCodec& codec = shared_.codes.For(*call);
  dispatcher_.Ask<Found<bool>>(
      // Returns whether the page is complete.
      [filling, &codec, &clock = shared_.clock](const ViewStore& views) -> Found<bool> {
        if (!filling->time) filling->time = clock.Now();
        std::optional<CouponSearchPage> page = TRY(coupond::SearchCoupons(
            views, filling->mapped.search, *filling->time, std::move(filling->page)));
        if (!page) return NotThere(views);
        filling->page = *std::move(page);
        const bool complete = filling->page.complete;
        if (complete) {
          SetResponse(std::move(filling->page), filling->mapped.digest, codec, *filling->time,
                      filling->response);
        }
        return complete;
      },
      [this, filling, call = std::move(call)](Found<bool> complete) mutable {
        if (!complete) {
          return call->Fail(NoResultError(complete.error(), RefusalReason::kNoSuchCampaign));
        }
        if (!*complete) return Fill(std::move(filling), std::move(call));
        call->Finish(filling->response);
      });
}

}  // namespace coupond::api
