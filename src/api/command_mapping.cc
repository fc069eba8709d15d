#include "api/command_mapping.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <utility>

#include "api/reply_mapping.h"
#include "base/error.h"
#include "base/normal_text.h"
#include "engine/rules/limits.h"
#include "engine/rules/refusal.h"

namespace coupond::api {
namespace {

using connect::Code;

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
/// Leaves one second of room, so that adding nanoseconds cannot overflow.
constexpr std::int64_t kSecondsMax =
    std::numeric_limits<std::int64_t>::max() / kNanosecondsPerSecond - 1;

std::unexpected<connect::Error> InvalidArgument(std::string message) {
  return connect::MakeError(Code::kInvalidArgument, std::move(message));
}

/// A field that holds a name or an id.
struct TextField {
  std::string_view name;
  std::string_view limit;  ///< for messages
  /// The maximum size in bytes of the text as it was sent, without white space at its ends. Longer
  /// texts are refused before they are normalised.
  std::size_t sent_bytes_max = 0;
  /// The maximum size in bytes of a text in a store written before texts were normalised.
  std::size_t stored_bytes_max = 0;
};

constexpr TextField kName{.name = "name",
                          .limit = "200 characters",
                          .sent_bytes_max = limits::kCampaignNameAsSentMaxBytes,
                          .stored_bytes_max = limits::kCampaignNameMaxBytes};
constexpr TextField kCampaignName{.name = "campaign_name",
                                  .limit = "200 characters",
                                  .sent_bytes_max = limits::kCampaignNameAsSentMaxBytes,
                                  .stored_bytes_max = limits::kCampaignNameMaxBytes};
constexpr TextField kUserId{.name = "user_id",
                            .limit = "128 bytes",
                            .sent_bytes_max = limits::kUserIdAsSentMaxBytes,
                            .stored_bytes_max = limits::kUserIdMaxBytes};
constexpr TextField kRequestId{.name = "request_id",
                               .limit = "64 bytes",
                               .sent_bytes_max = limits::kRequestIdAsSentMaxBytes,
                               .stored_bytes_max = limits::kRequestIdMaxBytes};

static_assert(limits::kCampaignNameMaxCharacters == 200 && limits::kUserIdMaxBytes == 128 &&
              limits::kRequestIdMaxBytes == 64);

/// A text in normal form and as it was sent. Refers to the request it came from, and allocates
/// nothing if the two are the same.
class MappedText {
 public:
  MappedText(const std::string& sent, std::optional<std::string> changed,
             std::size_t stored_bytes_max)
      : sent_(&sent), changed_(std::move(changed)) {
    if (changed_ && sent.size() <= stored_bytes_max) as_sent_ = &sent;
  }

  [[nodiscard]] const std::string& normal() const { return changed_ ? *changed_ : *sent_; }
  /// Returns the text as it was sent if it differs from the normal form and an old store may
  /// contain it; otherwise null.
  [[nodiscard]] const std::string* as_sent() const { return as_sent_; }

 private:
  const std::string* sent_;
  std::optional<std::string> changed_;
  const std::string* as_sent_ = nullptr;
};

std::unexpected<connect::Error> Invalid(const TextField& field, std::string_view reason) {
  return InvalidArgument(std::string(field.name) + ": " + std::string(reason));
}

std::unexpected<connect::Error> TooLong(const TextField& field, std::size_t bytes) {
  return Invalid(field, "too long (" + std::to_string(bytes) + " bytes); at most " +
                            std::string(field.limit) + " are allowed");
}

/// Reports whether a text is too long for its normal form to fit the field.
bool IsTooLong(const TextField& field, const std::string& sent) {
  return sent.size() > field.sent_bytes_max && TrimmedText(sent).size() > field.sent_bytes_max;
}

/// Returns the text in normal form, which is empty if the text has only white space.
Mapped<MappedText> MapText(const TextField& field, const std::string& sent) {
  if (IsTooLong(field, sent)) return TooLong(field, sent.size());
  auto normal = NormalForm(sent);
  if (!normal) return Invalid(field, normal.error());
  return MappedText(sent, *std::move(normal), field.stored_bytes_max);
}

/// Does the same for a text that may be absent, but must not be blank if it is present.
Mapped<MappedText> MapOptionalText(const TextField& field, const std::string& sent) {
  MappedText text = TRY(MapText(field, sent));
  if (text.normal().empty() && !sent.empty()) {
    return Invalid(field, "has only blanks; give a value or leave the field out");
  }
  return text;
}

/// Does the same for an id, whose normal form must fit into a store.
Mapped<MappedText> MapIdText(const TextField& field, const std::string& sent) {
  MappedText text = TRY(MapOptionalText(field, sent));
  if (text.normal().size() > field.stored_bytes_max) return TooLong(field, text.normal().size());
  return text;
}

/// The claims by which a caller is recognised.
struct Claims {
  std::optional<Claim> normal;
  std::optional<Claim> as_sent;
};

Claims ClaimsOf(ClaimDigest& digest, const CampaignId& campaign, ClaimKind kind,
                const MappedText& text) {
  Claims claims{.normal = digest.Of(campaign, kind, text.normal()), .as_sent = {}};
  if (text.as_sent() != nullptr) claims.as_sent = digest.Of(campaign, kind, *text.as_sent());
  return claims;
}

std::optional<std::string> AsSent(const MappedText& text) {
  return text.as_sent() == nullptr ? std::nullopt : std::optional(*text.as_sent());
}

Mapped<std::optional<StartTime>> MapStart(const coupon::v1::CreateCampaignRequest& request) {
  if (request.has_start_time() && request.has_start_in()) {
    return InvalidArgument("start_time and start_in are both given; give one of them");
  }
  if (request.has_start_in()) return MapStartIn(request.start_in());
  return MapStartTime(request.has_start_time(), request.start_time());
}

}  // namespace

Mapped<std::optional<Timestamp>> MapStartTime(bool is_set,
                                              const google::protobuf::Timestamp& message) {
  if (!is_set) return std::nullopt;
  if (message.nanos() < 0 || message.nanos() >= kNanosecondsPerSecond) {
    return InvalidArgument("start_time: nanos must be 0 to 999,999,999");
  }
  const std::int64_t seconds = std::clamp(message.seconds(), -kSecondsMax, kSecondsMax);
  return Timestamp::FromUnixNanoseconds(seconds * kNanosecondsPerSecond + message.nanos());
}

Mapped<std::chrono::nanoseconds> MapStartIn(const google::protobuf::Duration& message) {
  const bool signs_differ = (message.seconds() < 0 && message.nanos() > 0) ||
                            (message.seconds() > 0 && message.nanos() < 0);
  if (std::abs(std::int64_t{message.nanos()}) >= kNanosecondsPerSecond || signs_differ) {
    return InvalidArgument(
        "start_in: nanos must be less than one second and have the same sign as seconds");
  }
  const std::int64_t seconds = std::clamp(message.seconds(), -kSecondsMax, kSecondsMax);
  return std::chrono::nanoseconds(seconds * kNanosecondsPerSecond + message.nanos());
}

Mapped<CreateCampaign> MapCreateCampaign(const coupon::v1::CreateCampaignRequest& request,
                                         const CampaignId& new_id) {
  const MappedText name = TRY(MapText(kName, request.name()));
  const std::optional<StartTime> start_time = TRY(MapStart(request));
  return CreateCampaign{.id = new_id,
                        .name = name.normal(),
                        .total_coupons = request.total_coupons(),
                        .start_time = start_time,
                        .name_as_sent = AsSent(name)};
}

Mapped<CampaignId> MapCampaignId(const std::string& text) {
  if (text.empty()) {
    return InvalidArgument("campaign_id: missing; give the id that CreateCampaign returned");
  }
  if (const auto uuid = ParseUuid(text)) return CampaignId{*uuid};
  return std::unexpected(
      RefusalError({.reason = RefusalReason::kNoSuchCampaign, .start_time = {}}));
}

Mapped<IssueCoupon> MapIssueCoupon(const coupon::v1::IssueCouponRequest& request,
                                   ClaimDigest& claims) {
  const CampaignId campaign = TRY(MapCampaignId(request.campaign_id()));
  const MappedText user_id = TRY(MapIdText(kUserId, request.user_id()));
  const MappedText request_id = TRY(MapIdText(kRequestId, request.request_id()));
  Claims of_caller;
  if (!user_id.normal().empty()) {
    of_caller = ClaimsOf(claims, campaign, ClaimKind::kUser, user_id);
  } else if (!request_id.normal().empty()) {
    of_caller = ClaimsOf(claims, campaign, ClaimKind::kRequest, request_id);
  }
  return IssueCoupon{.campaign_id = campaign,
                     .claim = of_caller.normal,
                     .user_id = user_id.normal(),
                     .claim_as_sent = of_caller.as_sent};
}

Mapped<std::optional<DeleteCampaign>> MapDeleteCampaign(
    const coupon::v1::DeleteCampaignRequest& request) {
  if (request.campaign_id().empty() && request.campaign_name().empty()) {
    return InvalidArgument("campaign_id and campaign_name are both missing; give one of them");
  }
  if (IsTooLong(kCampaignName, request.campaign_name())) return std::nullopt;
  const MappedText name = TRY(MapOptionalText(kCampaignName, request.campaign_name()));
  DeleteCampaign command;
  if (!request.campaign_id().empty()) {
    const auto uuid = ParseUuid(request.campaign_id());
    if (!uuid) return std::nullopt;
    command.campaign_id = CampaignId{*uuid};
  }
  if (!name.normal().empty()) command.name = name.normal();
  command.name_as_sent = AsSent(name);
  return command;
}

Mapped<std::size_t> MapPageSize(std::int32_t page_size) {
  if (page_size < 0 || page_size > limits::kPageSizeMax) {
    return InvalidArgument("page_size: " + std::to_string(page_size) +
                           " is out of range; give 1 to " + std::to_string(limits::kPageSizeMax) +
                           ", or 0 for " + std::to_string(limits::kPageSizeDefault));
  }
  return static_cast<std::size_t>(page_size == 0 ? limits::kPageSizeDefault : page_size);
}

}  // namespace coupond::api
