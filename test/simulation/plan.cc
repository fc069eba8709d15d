#include "simulation/plan.h"

namespace coupond::simulation {
namespace {

/// Returns 0 in a quarter of the worlds, and otherwise a number between the two.
std::uint64_t Sometimes(Random& random, std::uint64_t low, std::uint64_t high) {
  return random.OneIn(4) ? 0 : random.Between(low, high);
}

/// Returns a number from 1 to 2^bits - 1, of any number of bits with equal probability.
std::uint64_t OfAnySize(Random& random, std::uint64_t bits) {
  return random.Between(1, (std::uint64_t{1} << random.Between(1, bits)) - 1);
}

}  // namespace

Plan DrawPlan(Random& random) {
  Plan plan;
  plan.crash_one_in = Sometimes(random, 50, 1'000);
  plan.crash_passes_max = OfAnySize(random, 7);
  plan.crash_in_recovery_percent = Sometimes(random, 1, 30);
  plan.clean_stop_one_in = Sometimes(random, 200, 2'000);
  plan.append_fails_one_in = Sometimes(random, 50, 500);
  plan.view_write_fails_one_in = Sometimes(random, 100, 1'000);
  plan.unsynced_kept_percent = random.Below(101);
  plan.views_lost_percent = Sometimes(random, 1, 30);
  plan.reply_lost_percent = random.Below(101);

  plan.clock_jump_one_in = Sometimes(random, 20, 1'000);
  plan.clock_stands_still_percent = Sometimes(random, 20, 100);
  // Up to a second; some clocks move so little that they meet every moment.
  plan.clock_tick_ns_max = random.OneIn(8) ? 1 : OfAnySize(random, 30);

  plan.queue_capacity = OfAnySize(random, 10);
  plan.channels = random.Between(1, 4);
  plan.events_per_flush = OfAnySize(random, 10);

  plan.client_weight = random.Between(1, 4);
  plan.sequencer_weight = random.Between(1, 8);
  plan.projector_weight = random.Between(1, 8);
  plan.network_weight = random.Between(2, 8);
  plan.query_weight = Sometimes(random, 1, 2);
  plan.eraser_weight = random.Between(1, 4);

  plan.burst_max = OfAnySize(random, 6);
  plan.give_up_percent = Sometimes(random, 1, 20);
  plan.create_percent = random.Between(1, 15);
  plan.delete_percent = Sometimes(random, 1, 5);
  plan.update_percent = Sometimes(random, 1, 15);
  plan.pause_percent = Sometimes(random, 1, 5);
  plan.archive_percent = Sometimes(random, 1, 3);
  plan.coupon_percent = Sometimes(random, 1, 50);
  plan.void_percent = Sometimes(random, 1, 30);
  plan.return_percent = random.Below(101);
  plan.free_percent = random.Below(101);
  plan.request_percent = random.Below(101);
  plan.check_percent = Sometimes(random, 1, 20);
  plan.several_percent = Sometimes(random, 10, 100);
  plan.validity_percent = Sometimes(random, 5, 50);
  plan.faulty_percent = random.Between(5, 50);
  plan.anonymous_percent = random.Below(101);
  plan.batch_percent = Sometimes(random, 1, 15);
  plan.batch_max = OfAnySize(random, 6);
  plan.total_max = OfAnySize(random, 13);
  plan.serials_left = random.OneIn(8) ? OfAnySize(random, 16) : 0;
  plan.users = OfAnySize(random, 10);

  plan.erase_one_in = Sometimes(random, 30, 500);
  plan.erase_free_percent = random.Below(101);
  plan.found_texts = 5 + OfAnySize(random, 6);  // more than there are requests
  plan.purge_fails_percent = Sometimes(random, 1, 50);
  plan.purge_waits_percent = Sometimes(random, 1, 50);

  plan.backup_one_in = Sometimes(random, 300, 3'000);
  plan.put_back_one_in = Sometimes(random, 1'000, 10'000);
  return plan;
}

}  // namespace coupond::simulation
