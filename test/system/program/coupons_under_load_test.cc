#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/killed_server.h"
#include "system/program/process.h"

// Many clients redeem, undo and void the same coupons, while the server is killed again and again.
//
// Each request has a request_id and is repeated until it is answered, so that every event is known
// to somebody, whenever the server died. So the events of each coupon, in the order of their
// sequences, must be a life that a coupon can have, and every refusal must fit the state that the
// coupon had at its sequence.
namespace coupond::test {
namespace {

constexpr std::size_t kCoupons = 100;
/// Of these, so many may be voided; the others go on for ever.
constexpr std::size_t kMortal = 25;
constexpr std::chrono::milliseconds kBetweenKills{400};
/// For as much to happen as the test looks at.
constexpr std::chrono::seconds kPatience{120};

int Clients() { return IsFullRun() ? 200 : 16; }
std::chrono::seconds Duration() { return std::chrono::seconds(IsFullRun() ? 30 : 2); }

enum class Kind { kRedeemed, kCanceled, kVoided, kReturned };

/// An event of a coupon.
struct Change {
  std::uint64_t sequence = 0;
  Kind kind = Kind::kRedeemed;
  std::uint64_t redemption = 0;  ///< with kCanceled: the one that was named

  auto operator<=>(const Change&) const = default;
};

/// What somebody was told instead of making an event.
struct Refused {
  std::uint64_t sequence = 0;  ///< of the last event of the log on which it rests
  api::Refusal refusal = api::REFUSAL_UNSPECIFIED;
  std::uint64_t named = 0;  ///< the redemption that was to be canceled
};

struct Told {
  std::vector<std::vector<Change>> changes{kCoupons};
  std::vector<std::vector<Refused>> refused{kCoupons};
  std::set<std::string> issued;
};

/// A coupon after some of its events.
struct Life {
  api::CouponState state = api::COUPON_STATE_ISSUED;
  std::uint64_t redemption = 0;

  /// Reports whether the event could happen, and applies it.
  [[nodiscard]] bool Apply(const Change& change) {
    const bool issued = state == api::COUPON_STATE_ISSUED;
    switch (change.kind) {
      case Kind::kRedeemed:
        state = api::COUPON_STATE_REDEEMED;
        redemption = change.sequence;
        return issued;
      case Kind::kCanceled: {
        const bool fits = state == api::COUPON_STATE_REDEEMED && redemption == change.redemption;
        *this = {};
        return fits;
      }
      case Kind::kVoided:
        state = api::COUPON_STATE_VOIDED;
        return issued;
      case Kind::kReturned: {
        const bool fits = issued || state == api::COUPON_STATE_VOIDED;
        state = api::COUPON_STATE_RETURNED;
        return fits;
      }
    }
    return false;
  }
  [[nodiscard]] bool Explains(const Refused& refused) const {
    switch (refused.refusal) {
      case api::REFUSAL_COUPON_ALREADY_REDEEMED:
        return state == api::COUPON_STATE_REDEEMED;
      case api::REFUSAL_COUPON_VOIDED:
        return state == api::COUPON_STATE_VOIDED || state == api::COUPON_STATE_RETURNED;
      case api::REFUSAL_NOT_REDEEMED:
        return state == api::COUPON_STATE_ISSUED ||
               (state == api::COUPON_STATE_REDEEMED && redemption != refused.named);
      default:
        return false;
    }
  }
};

class CouponsUnderLoadTest : public testing::Test {
 protected:
  CouponsUnderLoadTest() {
    for (std::size_t i = 0; i < kCoupons; ++i) {
      codes_.push_back(client_.Issue(campaign_).response.coupon().code());
    }
  }

  /// One client, which does one random thing after another.
  class Client {
   public:
    Client(CouponsUnderLoadTest& test, int number, std::uint64_t seed)
        : test_(test),
          name_("c" + std::to_string(number) + "-"),
          random_(seed),
          client_(test.server_.Connect()) {}

    void Run(Told& told) {
      while (!test_.done_) {
        const std::size_t coupon = random_() % kCoupons;
        const std::uint64_t choice = random_() % 100;
        if (choice < 5) {
          Issue(told);
        } else if (choice < 10 && coupon < kMortal) {
          Void(coupon, told);
        } else if (choice < 55) {
          Redeem(coupon, told);
        } else {
          Cancel(coupon, told);
        }
      }
    }

   private:
    template <typename Call>
    auto Ask(Call call) {
      return test_.server_.Ask(client_, call);
    }
    std::string NextId() { return name_ + std::to_string(++requests_); }

    void Issue(Told& told) {
      const std::string id = NextId();
      const auto answer =
          Ask([&](CouponClient& client) { return client.IssueForRequest(test_.campaign_, id); });
      if (answer.response.success()) {
        told.issued.insert(answer.response.coupon().code());
      } else {
        EXPECT_EQ(answer.response.refusal(), api::REFUSAL_SOLD_OUT) << answer.raw_body;
      }
    }
    void Redeem(std::size_t coupon, Told& told) {
      api::RedeemCouponRequest request;
      request.set_code(test_.codes_[coupon]);
      request.set_request_id(NextId());
      const auto answer = Ask([&](CouponClient& client) { return client.Redeem(request); });
      const api::RedeemCouponResponse& response = answer.response;
      if (response.success()) {
        told.changes[coupon].push_back({.sequence = response.sequence(), .kind = Kind::kRedeemed});
        ++test_.changes_;
        test_.last_redemption_[coupon] = response.sequence();
      } else {
        told.refused[coupon].push_back(
            {.sequence = response.sequence(), .refusal = response.refusal()});
      }
    }
    void Cancel(std::size_t coupon, Told& told) {
      const std::uint64_t redemption = test_.last_redemption_[coupon];
      if (redemption == 0) return;
      api::CancelRedemptionRequest request;
      request.set_code(test_.codes_[coupon]);
      request.set_redemption_sequence(redemption);
      request.set_request_id(NextId());
      const auto answer = Ask([&](CouponClient& client) { return client.Cancel(request); });
      Record(answer, {.kind = Kind::kCanceled, .redemption = redemption}, coupon, told);
    }
    void Void(std::size_t coupon, Told& told) {
      api::VoidCouponRequest request;
      request.set_code(test_.codes_[coupon]);
      request.set_return_to_pool(random_() % 2 == 0);
      request.set_request_id(NextId());
      const auto answer = Ask([&](CouponClient& client) { return client.Void(request); });
      Record(answer, {.kind = request.return_to_pool() ? Kind::kReturned : Kind::kVoided}, coupon,
             told);
    }
    template <typename Response>
    void Record(const Answer<Response>& answer, Change change, std::size_t coupon, Told& told) {
      if (answer.ok()) {
        change.sequence = answer.response.sequence();
        if (!answer.response.changed()) return;
        told.changes[coupon].push_back(change);
        ++test_.changes_;
        if (change.kind == Kind::kReturned) test_.has_returned_ = true;
        if (change.kind != Kind::kCanceled) test_.is_dead_[coupon] = true;
      } else if (answer.refusal) {
        told.refused[coupon].push_back({.sequence = answer.refusal->sequence(),
                                        .refusal = answer.refusal->refusal(),
                                        .named = change.redemption});
      } else {
        ADD_FAILURE() << answer.status << " " << answer.raw_body;
      }
    }

    CouponsUnderLoadTest& test_;
    const std::string name_;
    std::mt19937_64 random_;
    CouponClient client_;
    int requests_ = 0;
  };

  /// Runs all clients while the server is killed, and returns what they were told.
  Told Run(std::uint64_t seed) {
    Told told;
    std::mutex mutex;
    std::vector<std::jthread> clients;
    for (int i = 0; i < Clients(); ++i) {
      clients.emplace_back([&, i] {
        Told own;
        Client(*this, i, seed + static_cast<std::uint64_t>(i)).Run(own);
        const std::lock_guard lock(mutex);
        for (std::size_t coupon = 0; coupon < kCoupons; ++coupon) {
          std::ranges::copy(own.changes[coupon], std::back_inserter(told.changes[coupon]));
          std::ranges::copy(own.refused[coupon], std::back_inserter(told.refused[coupon]));
        }
        told.issued.merge(own.issued);
        EXPECT_TRUE(own.issued.empty()) << "a code was issued twice";
      });
    }
    const auto begin = std::chrono::steady_clock::now();
    const auto has_passed = [begin](std::chrono::seconds time) {
      return std::chrono::steady_clock::now() - begin >= time;
    };
    // On a busy machine it takes longer until enough has happened.
    while (!has_passed(Duration()) || (!HasSeenEnough() && !has_passed(kPatience))) {
      std::this_thread::sleep_for(kBetweenKills);
      server_.KillAndRestart();
    }
    done_ = true;
    clients.clear();
    return told;
  }

  /// Reports whether the clients have been told of as much as the test looks at.
  [[nodiscard]] bool HasSeenEnough() const {
    const auto is_set = [](const std::atomic<bool>& flag) { return flag.load(); };
    return changes_ > 2 * kCoupons && has_returned_ &&
           std::ranges::count_if(is_dead_, is_set) > static_cast<std::ptrdiff_t>(kMortal) / 2;
  }

  KilledServer server_;
  CouponClient client_ = server_.Connect();
  std::string campaign_ = client_.CreateStarted("under load", kCoupons);
  std::vector<std::string> codes_;
  std::vector<std::atomic<std::uint64_t>> last_redemption_ =
      std::vector<std::atomic<std::uint64_t>>(kCoupons);
  std::atomic<std::size_t> changes_ = 0;
  std::atomic<bool> has_returned_ = false;
  std::vector<std::atomic<bool>> is_dead_ = std::vector<std::atomic<bool>>(kMortal);
  std::atomic<bool> done_ = false;
};

/// Returns the coupon after the events up to this sequence.
Life At(const std::map<std::uint64_t, Life>& lives, std::uint64_t sequence) {
  const auto after = lives.upper_bound(sequence);
  return after == lives.begin() ? Life() : std::prev(after)->second;
}

TEST_F(CouponsUnderLoadTest, EachCouponLivesOneLife) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Told told = Run(seed);
  client_ = server_.Connect();

  std::set<std::uint64_t> sequences;
  std::size_t changes = 0;
  std::map<api::CouponState, std::int32_t> states;
  for (std::size_t coupon = 0; coupon < kCoupons; ++coupon) {
    std::ranges::sort(told.changes[coupon]);
    std::map<std::uint64_t, Life> lives;
    Life life;
    for (const Change& change : told.changes[coupon]) {
      EXPECT_TRUE(life.Apply(change)) << "coupon " << coupon << " at " << change.sequence;
      EXPECT_TRUE(sequences.insert(change.sequence).second) << change.sequence;
      lives[change.sequence] = life;
      ++changes;
    }
    for (const Refused& refused : told.refused[coupon]) {
      EXPECT_TRUE(At(lives, refused.sequence).Explains(refused))
          << "coupon " << coupon << " at " << refused.sequence << ": "
          << api::Refusal_Name(refused.refusal);
    }
    const api::Coupon shown = client_.GetCoupon(codes_[coupon]).response.coupon();
    EXPECT_EQ(shown.state(), life.state) << "coupon " << coupon;
    EXPECT_EQ(shown.redemption().sequence(), life.redemption) << "coupon " << coupon;
    ++states[life.state];
  }
  EXPECT_GT(changes, 2 * kCoupons);
  EXPECT_GT(states[api::COUPON_STATE_RETURNED], 0);
  EXPECT_GT(states[api::COUPON_STATE_VOIDED] + states[api::COUPON_STATE_RETURNED],
            static_cast<std::int32_t>(kMortal) / 2);

  // All places that were returned are issued again, each once.
  for (;;) {
    const auto issued = client_.Issue(campaign_);
    if (!issued.response.success()) break;
    EXPECT_TRUE(told.issued.insert(issued.response.coupon().code()).second);
  }
  const api::Campaign campaign = client_.Get(campaign_).response.campaign();
  EXPECT_EQ(campaign.issued_coupons(), static_cast<std::int32_t>(kCoupons));
  EXPECT_EQ(campaign.redeemed_coupons(), states[api::COUPON_STATE_REDEEMED]);
  EXPECT_EQ(campaign.voided_coupons(), states[api::COUPON_STATE_VOIDED]);
  EXPECT_EQ(campaign.returned_coupons(), states[api::COUPON_STATE_RETURNED]);
  EXPECT_EQ(told.issued.size(), static_cast<std::size_t>(campaign.returned_coupons()));
  told.issued.insert(codes_.begin(), codes_.end());
  const auto listed = client_.Codes(campaign_);
  EXPECT_EQ(std::set(listed.begin(), listed.end()), told.issued);

  EXPECT_EQ(server_.process().Stop(), 0) << server_.process().output();
  Process audit({COUPON_AUDIT_PATH, "verify", server_.process().data_directory().string()});
  EXPECT_EQ(audit.WaitForExit(std::chrono::seconds(120)), 0) << audit.output();
}

}  // namespace
}  // namespace coupond::test
