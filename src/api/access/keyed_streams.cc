#include "api/access/keyed_streams.h"

#include <list>
#include <utility>

#include "api/access/campaign_limits.h"
#include "base/error.h"

namespace coupond::api {

/// One stream, from its beginning on.
class KeyedStreams::Guarded final : public connect::StreamGuard {
 public:
  Guarded(KeyedStreams& streams, Grant grant) : streams_(streams), grant_(std::move(grant)) {}
  ~Guarded() override {
    if (end_) streams_.Leave(*this);
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  void Begin(End end) override {
    end_ = std::move(end);
    streams_.Enter(*this);
  }

  [[nodiscard]] const Grant& grant() const { return grant_; }
  /// Ends the stream, which has been taken out of `streams_`. May destroy this.
  void Fail(const connect::Error& error) { std::exchange(end_, nullptr)(error); }

 private:
  KeyedStreams& streams_;
  const Grant grant_;
  End end_;  ///< null before the stream has begun and once it was ended
};

std::unique_ptr<connect::StreamGuard> KeyedStreams::Guard(std::shared_ptr<const Caller> caller,
                                                          std::string campaign_id) {
  return std::make_unique<Guarded>(
      *this, Grant{.caller = std::move(caller), .campaign_id = std::move(campaign_id)});
}

void KeyedStreams::Enter(Guarded& stream) {
  streams_[stream.grant()].insert(&stream);
  if (!ticker_) AwaitTick();
}

void KeyedStreams::Leave(Guarded& stream) {
  const auto found = streams_.find(stream.grant());
  if (found != streams_.end() && found->second.erase(&stream) > 0) {
    if (found->second.empty()) streams_.erase(found);
    if (streams_.empty() && refused_.empty()) ticker_.reset();
    return;
  }
  std::erase_if(refused_, [&](const Refused& refused) { return refused.stream == &stream; });
}

std::expected<void, connect::Error> KeyedStreams::CheckAgain(const Grant& grant) {
  const std::shared_ptr<const Caller> present = TRY(keys_.CheckAgain(*grant.caller));
  return CheckStreamedCampaign(*present, grant.campaign_id);
}

void KeyedStreams::AwaitTick() {
  if (!abandoned_) ticker_ = executor_.StartTimer(kKeyedStreamsInterval, [this] { OnTick(); });
}

void KeyedStreams::OnTick() {
  ticker_.reset();  // it has fired: if there is no other, the next stream starts one
  AwaitTick();
  for (auto streams = streams_.begin(); streams != streams_.end();) {
    auto passed = CheckAgain(streams->first);
    if (passed) {
      ++streams;
      continue;
    }
    const auto error = std::make_shared<const connect::Error>(std::move(passed.error()));
    std::list<Refused> refused;
    for (Guarded* const stream : streams->second) {
      refused.push_back({.stream = stream, .error = error});
    }
    // They change places together, and nothing can fail in between.
    refused_.splice(refused_.end(), refused);
    streams = streams_.erase(streams);
  }
  if (!posted_) EndSome();
  if (streams_.empty() && refused_.empty()) ticker_.reset();
}

void KeyedStreams::EndSome() {
  posted_ = false;
  for (std::size_t ended = 0; ended < kStreamsEndedAtOnce && !refused_.empty(); ++ended) {
    const Refused next = std::move(refused_.front());
    refused_.pop_front();
    next.stream->Fail(*next.error);
  }
  if (refused_.empty()) return;
  executor_.Post([this] { EndSome(); });
  posted_ = true;
}

void KeyedStreams::Abandon() {
  abandoned_ = true;
  ticker_.reset();
  refused_.clear();
}

}  // namespace coupond::api
