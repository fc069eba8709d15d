#ifndef COUPOND_API_ANSWER_CACHE_H_
#define COUPOND_API_ANSWER_CACHE_H_

#include <compare>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/engine.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"
#include "rpc/connect/codec.h"

namespace coupond::api {

/// The largest answer that is kept: about a hundred coupons or campaigns.
inline constexpr std::size_t kKeptAnswerBytesMax = 32 * 1'024;
/// What the answers that one worker keeps may take, with their keys.
inline constexpr std::size_t kKeptAnswersBytesMax = 4 * 1'024 * 1'024;

/// Answers of one worker to reads of the views, as they were encoded. While one is current, the
/// worker gives it again without asking the query thread.
///
/// What is found contains everything that was durable when Find was called, like the answer of a
/// query, and the states in it are those of that time. When the cache is full, the answers that
/// were not asked for lately go.
///
/// For one thread. Never waits, and never touches the disk.
class AnswerCache {
 public:
  /// A GetCampaign.
  struct CampaignRead {
    CampaignId id;
    bool shortened_codes = false;

    friend auto operator<=>(const CampaignRead&, const CampaignRead&) = default;
  };
  /// A page of ListCampaigns.
  struct CampaignsRead {
    CampaignNumber after;
    std::size_t page_size = 0;
    bool show_archived = false;

    friend auto operator<=>(const CampaignsRead&, const CampaignsRead&) = default;
  };
  /// A GetCampaignStatus, whose answer is kept without its server_time.
  struct StatusRead {
    CampaignId id;

    friend auto operator<=>(const StatusRead&, const StatusRead&) = default;
  };
  struct Key {
    std::variant<CampaignRead, CampaignsRead, StatusRead> read;
    connect::Codec codec = connect::Codec::kJson;

    friend auto operator<=>(const Key&, const Key&) = default;
  };

  /// What an answer was made from.
  struct Origin {
    /// Was durable before the query was asked.
    Sequence as_of;
    /// The only campaign in it, or nullopt.
    std::optional<CampaignNumber> campaign;
    /// The time for which the states in it were computed.
    Timestamp time = {};
    /// The time until which they hold.
    Timestamp holds_until = kNever;
  };

  /// A kept answer.
  struct Found {
    std::string_view bytes;  ///< valid until the next call
    Timestamp time;          ///< the present time, for which it holds
  };

  /// `engine` must outlive this.
  explicit AnswerCache(const Engine& engine) : engine_(engine) {}

  /// Returns the answer if there is one that is current.
  [[nodiscard]] std::optional<Found> Find(const Key& key);
  /// Keeps an answer unless it is too large.
  void Keep(const Key& key, const Origin& origin, std::string_view bytes);

 private:
  struct Answer {
    Origin origin;
    std::string bytes;
  };
  /// Answers are added to the young generation. When that has half of the memory, it becomes the
  /// old one, and the previous old one is dropped.
  struct Generation {
    std::map<Key, Answer> answers;
    std::size_t bytes = 0;
  };

  [[nodiscard]] bool IsUnchanged(const Origin& origin) const;
  Answer& Add(const Key& key, Answer&& answer);

  const Engine& engine_;
  Generation young_;
  Generation old_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_ANSWER_CACHE_H_
