#include <cstdlib>
#include <random>
#include <string>

#include "faults/fault_fixture.h"

/// One store that loses power again and again, at random moments, after which random parts of its
/// unsynced changes remain.
namespace coupond::test {
namespace {

constexpr int kStores = 6;
constexpr int kLivesPerStore = 12;
constexpr std::uint32_t kOperationsMax = 120;

/// Returns COUPOND_TEST_SEED, or a new seed each time.
std::uint32_t Seed() {
  const char* given = std::getenv("COUPOND_TEST_SEED");
  return given == nullptr ? std::random_device()()
                          : static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10));
}

using PowerLossTest = FaultTest;

TEST_F(PowerLossTest, AtRandomMomentsAgainAndAgainLosesNothing) {
  const std::uint32_t seed = Seed();
  std::printf("seed %u\n", seed);
  SCOPED_TRACE("COUPOND_TEST_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  std::uint64_t losses = 0;
  std::size_t carried_out = 0;
  std::size_t redeemed = 0;
  for (int store = 0; store < kStores && !HasFailure(); ++store) {
    Acknowledgements told;
    CommandSource commands(random());
    std::filesystem::path root = FreshDirectory();
    std::filesystem::create_directories(root);
    for (int life = 0; life < kLivesPerStore && !HasFailure(); ++life) {
      SCOPED_TRACE("store " + std::to_string(store) + ", life " + std::to_string(life));
      FaultyFiles files(root);
      files.Inject({.effect = Fault::Effect::kPowerLoss, .nth = 1 + random() % kOperationsMax});
      const Status end = Live(root / "data", files, commands, 12, told);
      losses += files.faults() > 0 ? 1 : 0;
      if (files.faults() == 0) {
        EXPECT_TRUE(end) << end.error().message;
      }
      const auto survivors = static_cast<Survivors>(random() % 4);
      const std::filesystem::path after = FreshDirectory();
      const std::filesystem::path checked = FreshDirectory();
      const auto remains = static_cast<std::uint32_t>(random());
      files.WriteSurvivors(after, survivors, remains);
      files.WriteSurvivors(checked, survivors, remains);
      ExpectSound(checked / "data", told);
      std::filesystem::remove_all(root);
      std::filesystem::remove_all(checked);
      root = after;
    }
    carried_out += told.carried_out();
    redeemed += told.redeemed();
    std::filesystem::remove_all(root);
  }
  std::printf("injected %llu faults; %zu commands were acknowledged\n",
              static_cast<unsigned long long>(losses), carried_out);
  EXPECT_GT(losses, 0U);
  EXPECT_GT(redeemed, 0U);
}

}  // namespace
}  // namespace coupond::test
