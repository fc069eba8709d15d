#ifndef COUPOND_API_CAMPAIGN_QUERIES_H_
#define COUPOND_API_CAMPAIGN_QUERIES_H_

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/dispatcher.h"
#include "api/page_tokens.h"
#include "api/redeem_mapping.h"
#include "base/error.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/coupon_code.h"
#include "engine/ports/clock.h"
#include "engine/ports/view_store.h"
#include "engine/rules/campaign.h"
#include "engine/rules/ids.h"
#include "engine/rules/refusal.h"
#include "engine/rules/timestamp.h"
#include "engine/views/campaign_watch.h"
#include "engine/views/coupon_reader.h"
#include "rpc/connect/call.h"
#include "rpc/connect/error.h"

/// What the service reads from the views, as messages, a page or a part at a time. Functions that
/// take a ViewStore run on the query thread. What they return shows campaigns and coupons in the
/// states of its `time`, which hold until `holds_until` unless something changes. The clock must be
/// the engine's (Engine::clock).
namespace coupond::api {

/// The reason of the error for a campaign that was there before.
inline constexpr std::string_view kCampaignDeleted = "CAMPAIGN_DELETED";

/// A campaign with more coupons than this is answered in parts. The worker's thread encodes the
/// first part, so that part is small; the query thread makes and encodes the others.
inline constexpr std::size_t kFirstPageCoupons = 100;
inline constexpr std::size_t kPartCoupons = 1'000;

/// The coupons of one campaign, as many as its row counts, a page at a time. Each page is read
/// afresh, so a caller that takes hours holds no resources. Which coupons have expired is that of
/// one time for all pages. Used on the query thread, one page after another.
class CampaignPages {
 public:
  CampaignPages(Campaign campaign, const CouponCodec& codec, Timestamp time);

  /// Adds up to `limit` more coupons to the message. The error is kViewsDamaged also if the
  /// campaign has been deleted.
  [[nodiscard]] Status AppendPage(const ViewStore& views, std::size_t limit,
                                  coupon::v1::GetCampaignResponse& response);
  [[nodiscard]] bool at_end() const;
  /// Returns when the first of the coupons so far expires that has not, or kNever.
  [[nodiscard]] Timestamp next_expiry() const { return next_expiry_; }
  /// Reports whether the campaign has been deleted.
  [[nodiscard]] bool IsGone(const ViewStore& views) const;

 private:
  const Campaign campaign_;
  const std::string campaign_id_;
  const CouponCodec& codec_;
  const Timestamp time_;
  Timestamp next_expiry_ = kNever;
  std::uint64_t next_ordinal_ = 0;
};

/// Sends the rest of a campaign's coupons at the caller's pace: each part is read when the previous
/// one has been sent, so other queries and all issues get their turn in between.
class CampaignParts final : public connect::PartSource {
 public:
  CampaignParts(Dispatcher& dispatcher, std::shared_ptr<CampaignPages> pages);

  void Next(const connect::EncodePart& encode, Deliver deliver) override;

 private:
  Dispatcher& dispatcher_;
  std::shared_ptr<CampaignPages> pages_;
};

/// Records that what was asked for did not exist as of this sequence.
struct Absent {
  Sequence as_of;
};
/// Says why a query found nothing: there is no such thing, or it could not be read.
using NoResult = std::variant<Absent, Error>;
/// What a query found, or why it found nothing. TRY passes on both reasons, and an Error by itself.
template <typename T>
using Found = std::expected<T, NoResult>;

/// Returns that what was asked for is not there, as of the sequence that the views have reached.
[[nodiscard]] std::unexpected<NoResult> NotThere(const ViewStore& views);
/// Returns the error that callers receive. `refusal` says that what is absent does not exist.
[[nodiscard]] connect::Error NoResultError(const NoResult& why, RefusalReason refusal);

/// The beginning of GetCampaign's answer, and the pages for the rest.
struct CampaignStart {
  CampaignNumber number;
  coupon::v1::GetCampaignResponse response;
  std::shared_ptr<CampaignPages> pages;
  Timestamp time;
  Timestamp holds_until;
};
[[nodiscard]] Found<CampaignStart> StartCampaign(const ViewStore& views, const CampaignId& id,
                                                 const CouponCodec& codec, const Clock& clock);

/// Returns a campaign without its coupons.
[[nodiscard]] Found<coupon::v1::Campaign> ReadCampaign(const ViewStore& views, const CampaignId& id,
                                                       const Clock& clock);

/// Returns a coupon with what has become of it.
[[nodiscard]] Found<coupon::v1::Coupon> ReadCoupon(const ViewStore& views,
                                                   const CouponLookup& lookup,
                                                   const CouponCodec& codec, const Clock& clock);

/// Returns the present redemption of a coupon; nullopt if it is not redeemed, or there is no such
/// coupon.
[[nodiscard]] Result<std::optional<Redemption>> FindRedemption(const ViewStore& views,
                                                               const CouponLookup& lookup);

/// Returns the campaign that has reserved the serial.
[[nodiscard]] Found<CampaignId> FindCampaignOf(const ViewStore& views, Serial serial);

/// GetCampaignStatus's answer without its server_time, which is `time`.
struct CampaignStatus {
  CampaignNumber number;
  coupon::v1::GetCampaignStatusResponse response;
  Timestamp time;
  Timestamp holds_until;
};
[[nodiscard]] Found<CampaignStatus> ReadStatus(const ViewStore& views, const CampaignId& id,
                                               const Clock& clock);

/// The number of rows that each further query looks at, unless a page is larger.
inline constexpr std::size_t kCampaignsAtOnce = 1'000;
/// The number of campaigns looked at, and the bytes of descriptions and metadata, after which a
/// page ends early, with fewer campaigns than were asked for.
inline constexpr std::size_t kCampaignsLookedAtMax = 10'000;
inline constexpr std::size_t kPageTextBytesMax = 256 * 1'024;

/// A page of ListCampaigns while it is being filled. Where many campaigns are archived it takes
/// several queries, so that others get their turn in between.
struct CampaignsPage {
  CampaignNumber after;  ///< the last campaign that was looked at
  std::size_t page_size = 0;
  bool show_archived = false;
  std::vector<CampaignId> only = {};  ///< shows no others; empty: shows all
  bool begun = false;
  /// Those of the page, and one more if there is another page.
  std::vector<Campaign> campaigns = {};
  std::size_t looked_at = 0;
  std::size_t text_bytes = 0;  ///< of the descriptions and metadata in `campaigns`
  bool cut_short = false;      ///< ends early: there may be more, although it is not full
  bool complete = false;

  // Set once it is complete:
  coupon::v1::ListCampaignsResponse response = {};
  Timestamp time = {};
  Timestamp holds_until = {};
};
/// Looks at more campaigns, and completes the page if that is enough.
[[nodiscard]] Result<CampaignsPage> FillCampaignsPage(CampaignsPage page, const ViewStore& views,
                                                      const Clock& clock);

struct CouponsPage {
  coupon::v1::ListCouponsResponse response;
  bool bad_token = false;  ///< the token belongs to another campaign's list
};
/// Returns at most `page_size` coupons, from the position of the token or from the first one.
[[nodiscard]] Found<CouponsPage> ListCouponsPage(const ViewStore& views, const CampaignId& id,
                                                 const std::optional<CouponsPageToken>& token,
                                                 std::size_t page_size, const CouponCodec& codec,
                                                 const Clock& clock);

/// Returns the state with which WatchCampaign begins.
[[nodiscard]] Found<CampaignSnapshot> FindSnapshot(const ViewStore& views, const CampaignId& id);

}  // namespace coupond::api

#endif  // COUPOND_API_CAMPAIGN_QUERIES_H_
