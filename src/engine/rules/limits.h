#ifndef COUPOND_ENGINE_RULES_LIMITS_H_
#define COUPOND_ENGINE_RULES_LIMITS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "engine/rules/timestamp.h"

/// Every limit of the service, in one place. Units come last in the names. The limits of HTTP
/// itself (bodies, headers, connections, timeouts) are in rpc/http/limits.h, because the protocol
/// layer knows nothing of coupons.
namespace coupond::limits {

inline constexpr std::int64_t kCouponsPerCampaignMin = 1;
inline constexpr std::int64_t kCouponsPerCampaignMax = 100'000'000;
inline constexpr std::size_t kCampaignNameMaxCharacters = 200;
/// Four bytes are the most that a character takes.
inline constexpr std::size_t kCampaignNameMaxBytes = 4 * kCampaignNameMaxCharacters;
/// Before it is normalised: a Hangul syllable may come as three letters of three bytes each, and
/// nothing that becomes one character is longer.
inline constexpr std::size_t kCampaignNameAsSentMaxBytes = 9 * kCampaignNameMaxCharacters;
inline constexpr std::size_t kLiveCampaignsMax = 1'000'000;
/// 2200-01-01T00:00:00Z: far enough for any campaign, and well inside what Timestamp can hold.
inline constexpr Timestamp kStartTimeMax =
    Timestamp::FromUnixNanoseconds(7'258'118'400'000'000'000);

inline constexpr std::size_t kDescriptionMaxCharacters = 2'000;
inline constexpr std::size_t kDescriptionMaxBytes = 4 * kDescriptionMaxCharacters;
inline constexpr std::size_t kDescriptionAsSentMaxBytes = 9 * kDescriptionMaxCharacters;
inline constexpr std::size_t kMetadataEntriesMax = 32;
inline constexpr std::size_t kMetadataKeyMaxBytes = 63;
inline constexpr std::size_t kMetadataValueMaxBytes = 512;
/// The maximum size of all keys and values of a campaign together.
inline constexpr std::size_t kMetadataMaxBytes = 4'096;
inline constexpr std::uint32_t kCouponsPerUserMax = 1'000;
/// Longer than any campaign can be.
inline constexpr std::chrono::nanoseconds kValidDurationMax = std::chrono::hours(24 * 366 * 200);
/// The maximum size of an operator's reason.
inline constexpr std::size_t kReasonMaxBytes = 128;

/// The maximum sizes of what a coupon was redeemed for, and by whom.
inline constexpr std::size_t kOrderRefMaxBytes = 128;
inline constexpr std::size_t kRedeemedByMaxBytes = 128;
/// The number of serials that a campaign gets at once when it needs one for a returned place, so
/// that it has few ranges of them.
inline constexpr std::uint64_t kSerialsAddedForReturns = 1'024;
/// The end of the serials that a store which was put back to an older state may continue with.
/// Readers of JSON that keep numbers as doubles round none below it.
inline constexpr std::uint64_t kRestoredSerialEnd = std::uint64_t{1} << 53;
/// The maximum number of serials of a campaign: the coupons that it has ever issued fit 32 bits.
inline constexpr std::uint64_t kSerialsPerCampaignMax = std::uint64_t{1} << 32;

inline constexpr std::size_t kUserIdMaxBytes = 128;
inline constexpr std::size_t kRequestIdMaxBytes = 64;
/// Before they are normalised: a full-width letter with two marks (seven bytes) may become a
/// character of two bytes, and nothing shrinks more.
inline constexpr std::size_t kUserIdAsSentMaxBytes = 4 * kUserIdMaxBytes;
inline constexpr std::size_t kRequestIdAsSentMaxBytes = 4 * kRequestIdMaxBytes;

/// The last sequence of a log: a store that writes a million events a second reaches it in nine
/// years, and then writes no more.
inline constexpr std::uint64_t kSequenceMax = (std::uint64_t{1} << 48) - 1;
inline constexpr std::size_t kCommandsPerGroupMax = 4'096;
/// The maximum size of the events of a commit group, as a log writes them: the most that one append
/// carries.
inline constexpr std::size_t kGroupBytesMax = 512 * 1'024;
/// The maximum size of one event without its texts: ids, numbers, times, and what frames them.
inline constexpr std::size_t kEventBytesMaxWithoutTexts = 96;
/// The same for a coupon that is issued to a user: the digests of the user and of the request (18
/// bytes each), a serial (11), a campaign's number (8, because kSequenceMax also bounds these), and
/// what frames them (4); beside the event what frames the user's text (8).
inline constexpr std::size_t kIssueBytesMaxWithoutText = 67;
/// The maximum size of a text whose own length takes one byte wherever it is written, and what a
/// longer one adds.
inline constexpr std::size_t kShortUserIdMaxBytes = 121;
inline constexpr std::size_t kLongUserIdAddedBytes = 2;
/// The maximum size of a coupon that is issued without a user.
inline constexpr std::size_t kAnonymousIssueBytesMax = 32;
/// The maximum number of bytes that the id of an access key adds to an event, lengths included.
inline constexpr std::size_t kKeyBytesMax = 11;
/// The maximum number of coupons that one request asks for.
inline constexpr std::size_t kCouponsPerBatchMax = 10'000;
/// The maximum size of the events of such a request, without their keys. A group exceeds
/// kGroupBytesMax only for one of them.
inline constexpr std::size_t kBatchBytesMax = 1'024 * 1'024;
inline constexpr std::size_t kBatchKeysBytesMax = kKeyBytesMax * (1 + kCouponsPerBatchMax);
/// The maximum number of coupons whose users one event or command erases.
inline constexpr std::size_t kErasedCouponsMax = 10'000;
/// The maximum size of a serial in such an event, and of the event without its serials and its
/// request, but with its key.
inline constexpr std::size_t kErasedSerialBytesMax = 10;
inline constexpr std::size_t kErasureBytesMaxWithoutSerials = 40;
/// The maximum number of bytes that a campaign's terms add to its event, without their texts.
inline constexpr std::size_t kTermsBytesMaxWithoutTexts = 64;
inline constexpr std::size_t kCommandQueueMax = 65'536;
/// The maximum number of events that are durable but not yet in the views. At this limit the
/// sequencer waits, so that a slow projector bounds memory and not the other way round.
inline constexpr std::size_t kUnprojectedEventsMax = 262'144;
/// The number of events that the projector writes to the views at once (and the rest of a group).
inline constexpr std::size_t kEventsPerProjection = 65'536;
/// The views go to disk at least this often, so that a start after a crash reads no more than this
/// many events of the log (and those not yet projected).
inline constexpr std::uint64_t kEventsPerViewFlush = 500'000;
/// The maximum number of queries that wait for their turn.
inline constexpr std::size_t kQueryQueueMax = 4'096;

inline constexpr std::int32_t kPageSizeDefault = 100;
inline constexpr std::int32_t kPageSizeMax = 1'000;

static_assert(kCommandsPerGroupMax <= kCommandQueueMax);
static_assert(kEventBytesMaxWithoutTexts + kKeyBytesMax + kTermsBytesMaxWithoutTexts +
                  kCampaignNameMaxBytes + kDescriptionMaxBytes + 2 * kMetadataMaxBytes <=
              kGroupBytesMax);
static_assert(kEventBytesMaxWithoutTexts + kKeyBytesMax + kOrderRefMaxBytes + kRedeemedByMaxBytes +
                  kRequestIdMaxBytes <=
              kGroupBytesMax);
static_assert(kCommandsPerGroupMax * (kEventBytesMaxWithoutTexts + kKeyBytesMax) <= kGroupBytesMax);
/// The size of a UUID as text: the largest batch must have room for so many users with such ids.
inline constexpr std::size_t kUuidTextBytes = 36;
static_assert(kUuidTextBytes <= kShortUserIdMaxBytes);
static_assert(kEventBytesMaxWithoutTexts +
                  kCouponsPerBatchMax * (kIssueBytesMaxWithoutText + kUuidTextBytes) <=
              kBatchBytesMax);
static_assert(kSequenceMax < std::uint64_t{1} << 49, "kIssueBytesMaxWithoutText relies on it");
static_assert(kUserIdMaxBytes + 6 < 1 << 14, "kLongUserIdAddedBytes relies on it");
static_assert(kEventBytesMaxWithoutTexts + kKeyBytesMax +
                  kErasedCouponsMax * (kErasureBytesMaxWithoutSerials + kErasedSerialBytesMax) <=
              kGroupBytesMax);
static_assert(kErasureBytesMaxWithoutSerials >= kAnonymousIssueBytesMax);
/// The maximum number of events in a group: it has more events than commands only if many of them
/// are a batch's.
inline constexpr std::size_t kEventsPerGroupMax =
    kCommandsPerGroupMax + kGroupBytesMax / kAnonymousIssueBytesMax;
static_assert(kEventsPerGroupMax <= kEventsPerProjection);
static_assert(kEventsPerProjection <= kUnprojectedEventsMax);

}  // namespace coupond::limits

#endif  // COUPOND_ENGINE_RULES_LIMITS_H_
