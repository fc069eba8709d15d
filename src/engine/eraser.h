#ifndef COUPOND_ENGINE_ERASER_H_
#define COUPOND_ENGINE_ERASER_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/error.h"
#include "engine/ports/event_log.h"
#include "engine/ports/text_purge.h"
#include "engine/ports/view_store.h"
#include "engine/rules/coupon.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"
#include "engine/sequencer/command_queue.h"
#include "engine/sequencer/reply.h"
#include "engine/unfinished_erasures.h"

namespace coupond {

/// A user who is to be erased.
struct ErasureRequest {
  /// The forms in which the user's id may be stored: the normal form and, if it differs, the text
  /// as it was sent.
  std::vector<std::string> user_ids;
  bool free_claims = false;  ///< the user may get other coupons in place of those
  std::optional<RequestKey> request = {};
  KeyId key = kNoKey;  ///< with which it was allowed
};

/// The outcome of an erasure.
struct ErasureReport {
  std::uint64_t coupons = 0;  ///< whose texts were erased by this request
  /// The last event of the erasure; the last event in the log if nothing was to be erased; an event
  /// of the earlier request if repeated.
  Sequence sequence;
  Timestamp time;         ///< of the decision
  bool repeated = false;  ///< the same request had been carried out before
  /// Files may still have texts that were erased, because they are being read or could not be
  /// rewritten yet. The eraser keeps trying.
  bool pending = false;
};

/// A reply stands for a refusal, or for an outcome that is unknown.
using ErasureOutcome = std::variant<ErasureReport, Reply, Error>;

/// How far the eraser has come.
struct ErasureProgress {
  std::size_t requests = 0;            ///< that wait for an answer
  std::size_t unfinished_coupons = 0;  ///< whose texts are hidden, but may still be in files
  std::uint64_t groups_read = 0;       ///< of the log, in the present search
  std::uint64_t groups = 0;            ///< that it must read; 0: there is no search
};

/// Erases users. Searches the whole log for their texts, because nothing else knows those of
/// deleted campaigns and of older forms of an id; has the sequencer log the coupons that they
/// belong to, which hides them at once; has the files that contain them rewritten; and has the
/// sequencer log that they are gone. An erasure that was logged goes on after a restart. Requests
/// that come while it is busy are carried out together.
///
/// Threads: Run on a thread of its own (or Step from a test's only thread); Resume and OnCommit
/// during recovery, before that; the rest from any.
class Eraser final : public CommitListener, private ReplyChannel {
 public:
  /// Called once, on the eraser's thread.
  using Callback = std::move_only_function<void(const ErasureOutcome&)>;

  static constexpr std::size_t kRequestsMax = 256;
  /// The number of coupons at which a search ends; these are erased, and the search starts over.
  /// Greater than kRequestsMax.
  static constexpr std::size_t kFoundMax = 100'000;

  struct Parts {
    CommandQueue& queue;
    const LogReader& log;
    const ViewStore& views;
    TextPurge* texts = nullptr;  ///< null: users cannot be erased
    /// Returns whether the views have everything up to a sequence, perhaps after waiting for it.
    std::function<Result<bool>(Sequence)> views_have;
    std::function<void(const Error&)> on_failure;  ///< called if something throws
    std::size_t found_max = kFoundMax;
  };

  explicit Eraser(Parts parts) : parts_(std::move(parts)) {}

  /// Hides what the views say is not erased from the files yet.
  [[nodiscard]] Status Resume();
  /// Takes note of a group that recovery reads, which the views lack.
  void OnCommit(const std::shared_ptr<const CommitGroup>& group, const LogTip& tip) override;

  [[nodiscard]] bool can_erase() const { return parts_.texts != nullptr; }
  /// Queues a request. Returns false, and drops it, if too many wait or the eraser has stopped. It
  /// must be able to erase.
  [[nodiscard]] bool TryErase(ErasureRequest request, Callback done);
  [[nodiscard]] ErasureProgress progress() const;
  /// Returns a number that grows whenever texts are hidden: what was made of the log before may
  /// show them.
  [[nodiscard]] std::uint64_t hidden_count() const {
    return hidden_count_.load(std::memory_order_acquire);
  }
  /// Returns the paths of copies of the store that it does not reach.
  [[nodiscard]] std::vector<std::string> FindCopies() const { return parts_.texts->FindCopies(); }

  /// Erases until Stop. Requests that wait then are answered with kUnavailable.
  void Run();
  /// Does the next piece of work, without a pause before it tries something again. Returns false
  /// if there was none, or it must wait for others.
  bool Step();
  void Stop();

 private:
  enum class Stage : std::uint8_t { kIdle, kSearching, kLogging, kPurging, kFinishing };

  /// A coupon with a text that is to be erased.
  struct Found {
    CampaignNumber campaign;
    Serial serial;
  };
  struct Job {
    ErasureRequest request;
    Callback done;
    std::vector<Found> found;  ///< of the present search, not logged yet
    ErasureReport report;
  };

  /// Reports whether there is nothing to do until retry_at_.
  [[nodiscard]] bool IsPaused() const;
  void Begin();
  /// Takes the requests that wait, but for those of a user of whom another one is in progress: what
  /// becomes of that one says nothing about them.
  void TakeJobs();
  [[nodiscard]] bool Search();
  void Look(const CommitGroup& group);
  [[nodiscard]] bool Log();
  /// Returns the command for the next coupons of the job.
  [[nodiscard]] EraseUser NextCommand(Job& job);
  void OnLogged(Job& job, const Reply& reply);
  /// Takes note that unfinished_ has changed, and texts may have been hidden.
  void CountUnfinished();
  [[nodiscard]] bool Purge();
  [[nodiscard]] bool Finish();
  void AnswerAll(bool pending);
  void Answer(Job& job, const ErasureOutcome& outcome);
  /// Fails all requests, and goes on with what is unfinished later.
  void Fail(const Error& error);
  void RetryLater(std::chrono::milliseconds pause);

  /// Submits a command unless one is on its way, and returns the reply to it once it is there.
  /// `make` is called for a command that is to be submitted; `key` is what it was allowed with.
  template <typename Make>
  [[nodiscard]] std::optional<Reply> Ask(KeyId key, Make make);
  void Deliver(std::span<const TicketedReply> replies) override;

  Parts parts_;
  std::atomic<std::uint64_t> hidden_count_{0};
  std::atomic<bool> stopping_{false};

  // The thread's alone.
  Stage stage_ = Stage::kIdle;
  std::deque<Job> jobs_;
  std::unordered_map<std::string, std::size_t> wanted_;  // a text, and the place of its job
  std::size_t found_ = 0;                                // by the present search
  bool search_again_ = false;
  GroupNumber next_group_;
  GroupNumber last_group_;
  std::size_t next_job_ = 0;  // the one that is being logged
  EraseUser asked_;           // what was submitted last of it
  bool awaiting_reply_ = false;
  UnfinishedErasures unfinished_{parts_.texts};
  std::chrono::steady_clock::time_point retry_at_;
  std::chrono::milliseconds reader_pause_{1'000};  // after the next attempt that readers thwart

  mutable std::mutex mutex_;
  std::condition_variable news_;
  // All guarded by mutex_.
  std::deque<Job> waiting_;
  std::optional<Reply> reply_;
  bool has_news_ = false;
  ErasureProgress progress_;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_ERASER_H_
