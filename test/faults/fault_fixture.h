#ifndef COUPOND_TEST_FAULTS_FAULT_FIXTURE_H_
#define COUPOND_TEST_FAULTS_FAULT_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "faults/acknowledgements.h"
#include "faults/faulty_files.h"
#include "faults/shown_campaigns.h"
#include "faults/store_run.h"
#include "support/builders.h"
#include "support/temporary_directory.h"

namespace coupond::test {

/// A mixture of random commands: creations, changes, deletions, coupons with and without a user and
/// a request, their redemptions, cancels and voidings, some of them repeated, and many that must be
/// refused. The same seed and the same replies give the same commands.
class CommandSource {
 public:
  explicit CommandSource(std::uint32_t seed) : random_(seed) {}

  [[nodiscard]] std::vector<Command> Next() {
    std::vector<Command> commands;
    if (next_campaign_ == 1) return {Create()};
    // Sometimes so many at once that their group does not fit into one sector.
    if (Below(4) == 0) return Burst();
    for (std::uint32_t left = 1 + Below(kBatchMax); left > 0; --left) commands.push_back(NextOne());
    return commands;
  }

  /// Takes note of the coupons and redemptions that the next commands may be about.
  void Learn(std::span<const Command> commands, std::span<const Reply> replies) {
    for (std::size_t i = 0; i < commands.size(); ++i) {
      const auto* granted = std::get_if<GrantedCoupon>(&replies[i].outcome);
      // A burst's campaign is deleted at once.
      if (granted != nullptr && commands.size() <= kBatchMax) {
        coupons_[Below(kFew)] = granted->serial.value();
      }
      const auto* batch = std::get_if<BatchIssueCoupons>(&commands[i]);
      if (batch != nullptr && std::holds_alternative<Done>(replies[i].outcome)) {
        const auto& results = batch->results->coupons;
        if (!results.empty() && results.front().coupon) {
          coupons_[Below(kFew)] = results.front().coupon->serial.value();
        }
      }
      const auto* redeem = std::get_if<RedeemCoupon>(&commands[i]);
      if (redeem != nullptr && std::holds_alternative<Done>(replies[i].outcome)) {
        redemptions_[Below(kFew)] = {redeem->serial.value(), replies[i].sequence};
      }
    }
  }

 private:
  static constexpr std::uint8_t kCampaignsMax = 200;
  static constexpr std::uint32_t kBatchMax = 4;
  static constexpr std::uint32_t kFew = 8;
  static constexpr std::uint32_t kUsers = 9;

  std::uint32_t Below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  Command Create() {
    if (last_create_.request && Below(8) == 0) return last_create_;
    const std::uint8_t id = next_campaign_;
    if (next_campaign_ < kCampaignsMax) ++next_campaign_;
    // Some begin now, some never do.
    CreateCampaign command = test::Create(id, "campaign " + std::to_string(id % 5), 1 + Below(12),
                                          At(Below(8) == 0 ? 1'000 : 0));
    command.coupons_per_user = 1 + Below(3);
    command.user_required = Below(8) == 0;
    if (Below(4) == 0) command.redeem_start_time = At(Below(2) == 0 ? 0 : 1'000);
    if (Below(4) == 0) command.valid_duration = std::chrono::seconds(1'000);
    if (Below(4) == 0) command.expire_time = At(2'000);
    command.redeem_by_holder_only = Below(8) == 0;
    command.validate_only = Below(8) == 0;
    if (Below(2) == 0) command.request = RequestOf(id, 10 * ++creations_ + 7);
    last_create_ = command;
    return command;
  }
  std::vector<Command> Burst() {
    std::vector<Command> commands{test::Create(next_campaign_, "burst", 90, At(0))};
    for (std::uint8_t claim = 0; claim < 80; ++claim) {
      commands.push_back(IssueTo(next_campaign_, claim, std::string(100, 'u')));
    }
    commands.push_back(test::Delete(next_campaign_));
    if (next_campaign_ < kCampaignsMax) ++next_campaign_;
    return commands;
  }
  /// Changes that leave most campaigns issuing.
  Command Change() {
    const std::uint8_t campaign = SomeCampaign();
    switch (Below(8)) {
      case 0:
        return test::Archive(campaign);
      case 1:
        return test::Unarchive(campaign);
      case 2:
        return test::Pause(campaign, {.issuing = Below(2) == 0, .redeeming = true});
      case 3:
        return test::Resume(campaign, {.issuing = true, .redeeming = true});
      case 4:
        return test::Update(campaign, {.end_time = Below(2) == 0 ? kNever : At(1 + Below(1'000)),
                                       .description = std::string(Below(600), 'd')});
      case 5: {
        const std::uint32_t limit = 1 + Below(3);
        UpdateCampaign command =
            test::Update(campaign, {.coupons_per_user = limit, .valid_duration = kUnlimited});
        command.request = SomeRequest(10 * (10 * campaign + limit) + 6);
        command.validate_only = Below(8) == 0;
        return command;
      }
      default:
        return test::Update(campaign, {.total_coupons = 1 + Below(20)});
    }
  }
  /// Returns the key of a request, perhaps one that was made before; `content` is what it asks for.
  /// Its last digit is that of the kind of command.
  std::optional<RequestKey> SomeRequest(std::uint64_t content) {
    if (Below(2) == 0) return std::nullopt;
    return RequestOf(static_cast<std::uint8_t>(Below(100)), content);
  }
  Command ChangeOfCoupon() {
    const std::uint32_t kind = Below(8);
    const std::uint64_t serial = coupons_[Below(kFew)];
    if (kind < 2) {
      const bool frees = Below(2) == 0;
      const auto request = SomeRequest(10 * serial + kind + (frees ? 4 : 0));
      const VoidCoupon command =
          kind == 0 ? test::Void(serial, request) : test::Return(serial, request);
      return frees ? Freeing(command) : command;
    }
    if (kind < 4) {
      const auto& [redeemed, sequence] = redemptions_[Below(kFew)];
      return test::Cancel(redeemed, sequence, SomeRequest(10 * sequence.value() + 2));
    }
    // Every fourth names a user.
    const std::uint32_t user = Below(4 * kUsers);
    RedeemCoupon command = test::Redeem(serial, SomeRequest(10 * (4 * kUsers * serial + user) + 3));
    command.order_ref.assign(serial % 120, 'o');
    if (user < kUsers) command.holder = ClaimOf(static_cast<std::uint8_t>(user));
    command.validate_only = Below(8) == 0;
    return command;
  }
  std::uint8_t SomeCampaign() {
    return static_cast<std::uint8_t>(1 + Below(static_cast<std::uint32_t>(next_campaign_)));
  }
  Command NextOne() {
    const std::uint32_t kind = Below(36);
    if (kind < 3) return Create();
    if (kind >= 24) return ChangeOfCoupon();
    if (kind >= 20) return Change();
    if (kind == 3) return test::Delete(SomeCampaign());
    if (kind == 4) return SomeBatch();
    if (kind < 8) return test::Issue(SomeCampaign());
    const std::uint8_t user = SomeUser();
    // Only some campaigns need a request, and one of a user's few may have a coupon already.
    const auto request = static_cast<std::uint8_t>(kUsers + kFew * user + Below(kFew));
    const auto nobodys = static_cast<std::uint8_t>(kUsers + kFew * kUsers + Below(kFew));
    IssueCoupon command = kind < 11   ? IssueOnRequest(SomeCampaign(), nobodys)
                          : kind < 18 ? IssueOnRequest(SomeCampaign(), request, user)
                                      : IssueTo(SomeCampaign(), user);
    if (command.holder) command.user_id = "user " + std::to_string(user);
    return command;
  }
  Command SomeBatch() {
    if (last_batch_.request && Below(4) == 0) {
      last_batch_.results = std::make_shared<BatchResults>();
      return last_batch_;
    }
    BatchIssueCoupons command{.campaign_id = Id(SomeCampaign()),
                              .allow_partial = Below(2) == 0,
                              .request = SomeRequest(10 * ++batches_ + 8),
                              .results = std::make_shared<BatchResults>()};
    std::uint32_t coupons = 1 + Below(2 * kUsers);
    if (Below(2) == 0) command.anonymous = std::exchange(coupons, 0);
    for (; coupons > 0; --coupons) {
      const std::uint8_t user = SomeUser();
      IssueCoupon& asked =
          command.users.emplace_back(IssueTo(0, user, "user " + std::to_string(user)));
      asked.campaign_id = command.campaign_id;
      asked.request_key = ClaimOf(user);
      asked.request_key->bytes[1] = static_cast<std::uint8_t>(1 + coupons);
    }
    last_batch_ = command;
    return command;
  }
  std::uint8_t SomeUser() { return static_cast<std::uint8_t>(Below(kUsers)); }

  std::mt19937 random_;
  std::uint8_t next_campaign_ = 1;
  CreateCampaign last_create_;
  std::uint64_t creations_ = 0;
  BatchIssueCoupons last_batch_;
  std::uint64_t batches_ = 0;
  // Some that clients have heard of.
  std::array<std::uint64_t, kFew> coupons_{};
  std::array<std::pair<std::uint64_t, Sequence>, kFew> redemptions_{};
};

/// Random bytes that depend on the seed alone.
class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(std::uint32_t seed) : random_(seed) {}
  [[nodiscard]] std::array<std::uint8_t, 16> Random16() override {
    std::array<std::uint8_t, 16> bytes{};
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random_());
    return bytes;
  }

 private:
  std::mt19937 random_;
};

/// Successive lives of stores, each store in its own directory, with the replies to its clients.
class FaultTest : public testing::Test {
 protected:
  [[nodiscard]] StoreRun::World World(rocksdb::Env* env) { return {entropy_, clock_, env}; }

  /// Runs a process: starts, serves `batches` of commands with a query after each, and stops.
  /// Returns how it exits: ok, or the reason.
  Status Live(const std::filesystem::path& path, FaultyFiles& files, CommandSource& commands,
              std::size_t batches, Acknowledgements& told) {
    const std::unique_ptr<StoreRun> run = TRY(StoreRun::Start(path, World(files.env())));
    for (std::size_t i = 0; i < batches; ++i) {
      const std::vector<Command> batch = commands.Next();
      const std::vector<Reply> replies = run->Submit(batch);
      commands.Learn(batch, replies);
      told.Add(batch, replies);
      ExpectTrueQuery(*run, files, told);
    }
    return run->Stop();
  }

  /// Checks that a query shows what clients were told, or fails, whatever is wrong with the files.
  /// It must not even fail while only the log's files have.
  static void ExpectTrueQuery(StoreRun& run, const FaultyFiles& files,
                              const Acknowledgements& told) {
    const auto campaigns = run.ListCampaigns();
    if (campaigns) {
      EXPECT_THAT(CompareShown(told.told(), *campaigns), testing::IsEmpty());
      return;
    }
    const auto fault = files.first_fault();
    EXPECT_TRUE(fault) << campaigns.error().message;
    const bool only_the_log =
        fault && files.faults() == 1 && fault->path.find("/log/") != std::string::npos;
    EXPECT_FALSE(only_the_log) << fault->path << ": " << campaigns.error().message;
  }

  /// Opens the store on healthy files, as the next start would: it must have everything
  /// acknowledged, and work.
  void ExpectSound(const std::filesystem::path& path, const Acknowledgements& told) {
    FaultyFiles healthy(path.parent_path());  // and no slow syncs
    auto run = StoreRun::Start(path, World(healthy.env()));
    ASSERT_TRUE(run) << ErrorCodeName(run.error().code) << ": " << run.error().message;
    const auto campaigns = (*run)->ListCampaigns();
    ASSERT_TRUE(campaigns) << campaigns.error().message;
    EXPECT_THAT(told.Compare((*run)->store().log(), (*run)->engine().views()), testing::IsEmpty());
    const std::vector<Command> one{test::Create(250, "afterwards", 1, At(0))};
    const std::vector<Reply> reply = (*run)->Submit(one);
    EXPECT_TRUE(std::holds_alternative<Done>(reply.front().outcome));
    const Status stopped = (*run)->Stop();
    EXPECT_TRUE(stopped) << stopped.error().message;
  }

  [[nodiscard]] std::filesystem::path FreshDirectory() {
    return directory_.path() / std::to_string(++directories_);
  }

  TemporaryDirectory directory_;
  int directories_ = 0;
  SeededEntropy entropy_{1};
  FakeClock clock_{At(0)};
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_FAULTS_FAULT_FIXTURE_H_
