#ifndef COUPOND_API_ACCESS_KEYED_STREAMS_H_
#define COUPOND_API_ACCESS_KEYED_STREAMS_H_

#include <chrono>
#include <compare>
#include <cstddef>
#include <expected>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_set>

#include "api/access/caller.h"
#include "api/access/key_check.h"
#include "rpc/connect/call.h"
#include "rpc/connect/error.h"
#include "rpc/http/handler.h"

namespace coupond::api {

/// How often the keys are looked at with which streams were opened.
inline constexpr std::chrono::milliseconds kKeyedStreamsInterval{1'000};
/// The maximum number of streams to end before other requests get their turn.
inline constexpr std::size_t kStreamsEndedAtOnce = 32;

/// The streams of one worker that were opened with access keys. Ends those whose key would be
/// refused now, because it was revoked, has expired, is no longer in the file, was given another
/// role, or is limited to other campaigns; with the error that a new call would get.
///
/// Nothing is done for a message. One timer looks at each key and campaign, however many streams
/// they have. If ending a stream throws, the others are ended at the next tick.
///
/// Threads: the worker's. `keys` must outlive this, and this its guards.
class KeyedStreams {
 public:
  KeyedStreams(KeyCheck& keys, http::Executor& executor) : keys_(keys), executor_(executor) {}
  KeyedStreams(const KeyedStreams&) = delete;
  KeyedStreams& operator=(const KeyedStreams&) = delete;

  /// Returns the guard of a stream that the caller may see now. `campaign_id` is that of its
  /// request; empty: it is about all campaigns.
  [[nodiscard]] std::unique_ptr<connect::StreamGuard> Guard(std::shared_ptr<const Caller> caller,
                                                            std::string campaign_id);

  /// Stops looking, because the worker is ending.
  void Abandon();

 private:
  class Guarded;
  /// What a stream was allowed by.
  struct Grant {
    std::shared_ptr<const Caller> caller;
    std::string campaign_id;

    friend auto operator<=>(const Grant&, const Grant&) = default;
  };
  /// A stream that is to be ended.
  struct Refused {
    Guarded* stream;
    std::shared_ptr<const connect::Error> error;
  };

  void Enter(Guarded& stream);
  void Leave(Guarded& stream);
  [[nodiscard]] std::expected<void, connect::Error> CheckAgain(const Grant& grant);
  void AwaitTick();
  void OnTick();
  /// Ends some of the streams that are refused, and posts itself for the others.
  void EndSome();

  KeyCheck& keys_;
  http::Executor& executor_;
  std::map<Grant, std::unordered_set<Guarded*>> streams_;
  std::list<Refused> refused_;           // each stream is here or in streams_, never in both
  bool posted_ = false;                  // EndSome will run
  std::unique_ptr<http::Timer> ticker_;  // non-null while there are streams, also refused ones
  bool abandoned_ = false;
};

}  // namespace coupond::api

#endif  // COUPOND_API_ACCESS_KEYED_STREAMS_H_
