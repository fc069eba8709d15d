#ifndef COUPOND_API_EVENTS_EVENT_BLOCK_MAKER_H_
#define COUPOND_API_EVENTS_EVENT_BLOCK_MAKER_H_

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "api/events/event_block.h"
#include "api/events/event_mapping.h"
#include "base/error.h"
#include "coupon/v1/admin_service.pb.h"
#include "engine/codes/coupon_code.h"
#include "engine/ports/event_log.h"
#include "engine/ports/view_store.h"
#include "engine/rules/event.h"
#include "engine/rules/ids.h"
#include "rpc/connect/codec.h"
#include "rpc/json/json_format.h"

namespace coupond::api {

/// Makes blocks of events out of the log. The views contribute what its events leave out: the ids
/// of campaigns, and when they sold out.
///
/// One thread. Blocks may be made in any order; one that follows another is found fastest.
class EventBlockMaker {
 public:
  /// What blocks are made of. All of it must outlive the maker.
  struct Sources {
    const LogReader& log;
    const ViewStore& views;
    const CouponCodec& codec;
  };

  /// The number of campaigns whose ids it remembers.
  static constexpr std::size_t kCampaignIdsMax = 16'384;
  /// The number of places in the log that it remembers.
  static constexpr std::size_t kPlacesMax = 4'096;

  explicit EventBlockMaker(const Sources& sources);

  /// Makes the block that begins with the sequence `first`: as many events as it takes, up to the
  /// sequence `last`. The views must contain these sequences. An error is one of reading.
  [[nodiscard]] Result<std::shared_ptr<const EventBlock>> Make(connect::Codec codec, Sequence first,
                                                               Sequence last);

  /// Forgets what it has read of the log, some of whose texts were hidden since.
  void ForgetTexts() { cut_.reset(); }

 private:
  /// A block in the making.
  struct Making {
    EventBlock& block;
    Sequence last;
    std::map<Sequence, CampaignNumber> sold_outs;  ///< those that it may have
  };

  /// Returns the number of the group that has the sequence.
  [[nodiscard]] Result<GroupNumber> GroupOf(Sequence sequence);
  /// Adds the group's events that belong in the block. Returns whether the block takes more groups.
  [[nodiscard]] Result<bool> AddGroup(const CommitGroup& group, Making& making);
  [[nodiscard]] Status AddSequence(const Event& event, KeyId key, const EventPlace& place,
                                   Making& making);
  [[nodiscard]] Status Encode(EventType type, CampaignNumber campaign, EventBlock& block);
  /// Returns the text of the campaign's id, which is valid until the next call.
  [[nodiscard]] Result<const std::string*> IdOf(CampaignNumber campaign);
  void Remember(Sequence sequence, GroupNumber group);

  const Sources sources_;
  const connect::JsonFormat json_;
  std::unordered_map<CampaignNumber, std::string> ids_;
  std::map<Sequence, GroupNumber> places_;  // where blocks have ended
  std::optional<CommitGroup> cut_;          // the last group in which a block ended
  GroupNumber next_group_;                  // the one that has what follows the last event added
  coupon::v1::Event message_;               // kept for its memory
};

}  // namespace coupond::api

#endif  // COUPOND_API_EVENTS_EVENT_BLOCK_MAKER_H_
