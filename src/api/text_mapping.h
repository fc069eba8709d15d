#ifndef COUPOND_API_TEXT_MAPPING_H_
#define COUPOND_API_TEXT_MAPPING_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/mapped.h"
#include "engine/rules/limits.h"

/// Maps the texts of requests to their normal form (base/normal_text.h). This is the only place
/// where texts are normalised: the rules, the log and the audit compare bytes.
///
/// Any thread.
namespace coupond::api {

/// A field that holds a name, an id or another text of one line.
struct TextField {
  std::string_view name;
  std::string_view limit;  ///< for messages
  /// The maximum size in bytes of the text as it was sent, without white space at its ends. Longer
  /// texts are refused before they are normalised.
  std::size_t sent_bytes_max = 0;
  /// The maximum size in bytes of a text in a store written before texts were normalised.
  std::size_t stored_bytes_max = 0;
};

inline constexpr TextField kNameField{.name = "name",
                                      .limit = "200 characters",
                                      .sent_bytes_max = limits::kCampaignNameAsSentMaxBytes,
                                      .stored_bytes_max = limits::kCampaignNameMaxBytes};
inline constexpr TextField kCampaignNameField{.name = "campaign_name",
                                              .limit = "200 characters",
                                              .sent_bytes_max = limits::kCampaignNameAsSentMaxBytes,
                                              .stored_bytes_max = limits::kCampaignNameMaxBytes};
inline constexpr TextField kUserIdField{.name = "user_id",
                                        .limit = "128 bytes",
                                        .sent_bytes_max = limits::kUserIdAsSentMaxBytes,
                                        .stored_bytes_max = limits::kUserIdMaxBytes};
inline constexpr TextField kRequestIdField{.name = "request_id",
                                           .limit = "64 bytes",
                                           .sent_bytes_max = limits::kRequestIdAsSentMaxBytes,
                                           .stored_bytes_max = limits::kRequestIdMaxBytes};
/// Another way to give request_id: the header of that name.
inline constexpr TextField kIdempotencyKeyField{
    .name = "Idempotency-Key",
    .limit = kRequestIdField.limit,
    .sent_bytes_max = kRequestIdField.sent_bytes_max,
    .stored_bytes_max = kRequestIdField.stored_bytes_max};
/// May shrink as much as an id (limits.h).
inline constexpr TextField kReasonField{.name = "reason",
                                        .limit = "128 bytes",
                                        .sent_bytes_max = 4 * limits::kReasonMaxBytes,
                                        .stored_bytes_max = 0};

inline constexpr TextField kOrderRefField{.name = "order_ref",
                                          .limit = "128 bytes",
                                          .sent_bytes_max = 4 * limits::kOrderRefMaxBytes,
                                          .stored_bytes_max = limits::kOrderRefMaxBytes};
inline constexpr TextField kRedeemedByField{.name = "redeemed_by",
                                            .limit = "128 bytes",
                                            .sent_bytes_max = 4 * limits::kRedeemedByMaxBytes,
                                            .stored_bytes_max = limits::kRedeemedByMaxBytes};
inline constexpr TextField kRedemptionRequestIdField{
    .name = "redemption_request_id",
    .limit = kRequestIdField.limit,
    .sent_bytes_max = kRequestIdField.sent_bytes_max,
    .stored_bytes_max = kRequestIdField.stored_bytes_max};

static_assert(limits::kCampaignNameMaxCharacters == 200 && limits::kUserIdMaxBytes == 128 &&
              limits::kRequestIdMaxBytes == 64 && limits::kReasonMaxBytes == 128 &&
              limits::kOrderRefMaxBytes == 128 && limits::kRedeemedByMaxBytes == 128);

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

/// Returns the same text as a command carries it.
[[nodiscard]] std::optional<std::string> AsSent(const MappedText& text);

/// Reports whether a text is too long for its normal form to fit the field.
[[nodiscard]] bool IsTooLong(const TextField& field, const std::string& sent);

/// Returns the text in normal form, which is empty if the text has only white space.
[[nodiscard]] Mapped<MappedText> MapText(const TextField& field, const std::string& sent);
/// Does the same for a text that may be absent, but must not be blank if it is present.
[[nodiscard]] Mapped<MappedText> MapOptionalText(const TextField& field, const std::string& sent);
/// Does the same for an id, whose normal form has the limit of `field.stored_bytes_max`.
[[nodiscard]] Mapped<MappedText> MapIdText(const TextField& field, const std::string& sent);

/// Returns a description in normal form, which may have several lines.
[[nodiscard]] Mapped<std::string> MapDescription(const std::string& sent);

}  // namespace coupond::api

#endif  // COUPOND_API_TEXT_MAPPING_H_
