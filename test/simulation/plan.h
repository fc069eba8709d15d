#ifndef COUPOND_TEST_SIMULATION_PLAN_H_
#define COUPOND_TEST_SIMULATION_PLAN_H_

#include <cstddef>
#include <cstdint>

#include "simulation/random.h"

namespace coupond::simulation {

/// The behaviour of one seed's world. Every seed draws its own, so that some worlds crash all the
/// time and some never, some have one client and some a crowd: averages of everything would produce
/// fewer unusual combinations (Groce et al., "Swarm Testing", 2012).
///
/// "one in" counts steps, appends or writes; 0 means never.
struct Plan {
  std::uint64_t crash_one_in = 0;
  std::uint64_t crash_passes_max = 1;  ///< how many ports' calls later an announced crash comes
  std::uint64_t crash_in_recovery_percent = 0;
  std::uint64_t clean_stop_one_in = 0;
  std::uint64_t append_fails_one_in = 0;
  std::uint64_t view_write_fails_one_in = 0;
  std::uint64_t unsynced_kept_percent = 50;
  std::uint64_t views_lost_percent = 0;
  std::uint64_t reply_lost_percent = 50;  ///< of those under way in a crash

  std::uint64_t clock_jump_one_in = 0;
  std::uint64_t clock_stands_still_percent = 0;
  std::uint64_t clock_tick_ns_max = 0;

  std::size_t queue_capacity = 1;
  std::size_t channels = 1;
  std::uint64_t events_per_flush = 1;

  // The relative frequency of each one's turns.
  std::uint64_t client_weight = 1;
  std::uint64_t sequencer_weight = 1;
  std::uint64_t projector_weight = 1;
  std::uint64_t network_weight = 1;
  std::uint64_t query_weight = 1;
  std::uint64_t eraser_weight = 1;

  std::uint64_t burst_max = 1;  ///< commands at once
  std::uint64_t give_up_percent = 0;
  std::uint64_t create_percent = 0;
  std::uint64_t delete_percent = 0;
  std::uint64_t update_percent = 0;
  std::uint64_t pause_percent = 0;      ///< and resume
  std::uint64_t archive_percent = 0;    ///< and unarchive
  std::uint64_t coupon_percent = 0;     ///< what changes coupons
  std::uint64_t void_percent = 0;       ///< of what changes coupons
  std::uint64_t return_percent = 0;     ///< of those: their places are returned
  std::uint64_t free_percent = 0;       ///< of those: their users may get another one
  std::uint64_t request_percent = 0;    ///< of what may have a request id
  std::uint64_t check_percent = 0;      ///< of what may be only checked
  std::uint64_t several_percent = 0;    ///< of campaigns: with several coupons for each user
  std::uint64_t validity_percent = 0;   ///< of campaigns: for each term about redeeming
  std::uint64_t faulty_percent = 0;     ///< of creations and updates: with things that are wrong
  std::uint64_t anonymous_percent = 0;  ///< of issues and batches
  std::uint64_t batch_percent = 0;
  std::uint64_t batch_max = 1;  ///< coupons that one batch asks for
  std::uint64_t total_max = 1;
  std::uint64_t serials_left = 0;  ///< at the beginning; 0: all of them
  std::uint64_t users = 1;

  std::uint64_t erase_one_in = 0;
  std::uint64_t erase_free_percent = 0;  ///< of erasures: their users may get other coupons
  std::size_t found_texts = 0;           ///< after which a search for texts ends
  std::uint64_t purge_fails_percent = 0;
  std::uint64_t purge_waits_percent = 0;

  std::uint64_t backup_one_in = 0;
  std::uint64_t put_back_one_in = 0;
};

[[nodiscard]] Plan DrawPlan(Random& random);

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_PLAN_H_
