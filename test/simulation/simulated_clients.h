#ifndef COUPOND_TEST_SIMULATION_SIMULATED_CLIENTS_H_
#define COUPOND_TEST_SIMULATION_SIMULATED_CLIENTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "engine/sequencer/reply.h"
#include "simulation/crash_points.h"
#include "simulation/histories.h"
#include "simulation/judge.h"
#include "simulation/plan.h"
#include "simulation/random.h"
#include "simulation/workload.h"

namespace coupond::simulation {

/// The callers, and the network between them and the server: they send bursts, receive replies late
/// and in any order, give up waiting, and repeat requests whose outcome they do not know. They
/// record every reply, and compare it with the disk. One thread.
class SimulatedClients {
 public:
  struct World {
    const Plan& plan;
    Random& random;
    Judge& judge;
    const Histories& histories;
    CrashPoints& crash_points;
    Coverage& coverage;
    Trace& trace;
  };

  explicit SimulatedClients(const World& world);

  /// Submits a burst of new requests and repeated ones; `now` is about the server's time.
  void Send(Engine& engine, Timestamp now);
  /// Submits what must be repeated, and nothing new.
  void Repeat(Engine& engine);
  /// Delivers some of the replies on the network, or all.
  void Hear();
  void HearAll();
  /// Lets one that waits give up, and repeat its request.
  void GiveUp();
  /// Returns the ticket of a command that another one than the clients has submitted.
  [[nodiscard]] std::uint64_t TakeTicket() { return ++last_ticket_; }
  /// Records that claims are to be freed, which may happen from now on.
  void OnAskedToFree(std::span<const Serial> coupons) {
    asked_to_free_.insert(coupons.begin(), coupons.end());
  }

  /// The process died: some of the replies under way arrive; the other requests stay open.
  void OnCrash();

  /// The store was put back to what the model knows. The clients keep what they were told.
  void OnPutBack(const test::Model& model);

  /// Checks that everything acknowledged since the last call (or ever) is on the disk as it was
  /// acknowledged, except what was lost when the store was put back.
  void CheckWhatWasTold(const SimulatedLog& log, bool all);

  /// Reports whether no client waits for anything.
  [[nodiscard]] bool settled() const { return open_.empty() && repeats_.empty(); }
  [[nodiscard]] std::uint64_t submitted() const { return last_ticket_; }

 private:
  struct Request {
    Command command;
    bool outcome_unknown = false;  ///< an earlier attempt may have been carried out
  };
  struct Told {
    Command command;
    Reply reply;
    std::size_t history = 0;  ///< in which the event of the reply's sequence was written
  };
  struct Owner {
    std::optional<Claim> holder;
    std::optional<Claim> claim;
    bool told_as_new = false;
  };
  class Channel final : public ReplyChannel {
   public:
    explicit Channel(SimulatedClients& clients) : clients_(clients) {}
    void Deliver(std::span<const TicketedReply> replies) override;

   private:
    SimulatedClients& clients_;
  };

  void Submit(Engine& engine, Request request);
  void Receive(const TicketedReply& ticketed);
  /// Handles a reply that states the outcome of the request.
  void Acknowledge(Request request, const Reply& reply);
  void CheckCoupon(const IssueCoupon& issue, const GrantedCoupon& granted);
  void CheckClaim(const std::pair<CampaignId, Claim>& claim, Serial serial);
  /// Checks that the coupon of a redemption that was accepted is that of the user who was named.
  void CheckRedeemed(const RedeemCoupon& redeem) const;
  /// Keeps it for repetition if that does not ask for a second coupon.
  void RepeatLater(Request request);
  [[nodiscard]] bool IsLost(const Told& told) const {
    return world_.histories.WriterOf(told.reply.sequence) != told.history;
  }
  static void CheckToldIsThere(const Told& told, const SimulatedLog& log);

  World world_;
  Workload workload_;
  std::deque<Channel> channels_;
  std::uint64_t last_ticket_ = 0;
  std::map<std::uint64_t, Request> open_;  // by ticket: sent, and somebody waits
  std::vector<TicketedReply> network_;
  std::vector<Request> repeats_;

  // The acknowledgements.
  std::vector<Told> told_;
  std::size_t told_checked_ = 0;
  std::map<std::pair<CampaignId, Claim>, Serial> serial_of_claim_;
  std::set<std::pair<CampaignId, Claim>> lost_claims_;  // whose coupons the store does not know
  std::unordered_map<Serial, Owner> owner_of_serial_;   // in any history
  std::unordered_set<Serial> asked_to_free_;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_SIMULATED_CLIENTS_H_
