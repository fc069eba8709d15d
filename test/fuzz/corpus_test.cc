// Runs every seed, and every input that once failed, through the function that the fuzzer calls, so
// that a fault that was found once does not come back in any build.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/targets.h"

namespace coupond::fuzz {
namespace {

struct Target {
  std::string_view name;
  void (*run)(std::string_view input);
};

constexpr std::array kTargets = {
    Target{"call", FuzzCall},
    Target{"client", FuzzClient},
    Target{"commit_record", FuzzCommitRecord},
    Target{"compression", FuzzCompression},
    Target{"coupon_code", FuzzCouponCode},
    Target{"entry_token", FuzzEntryToken},
    Target{"envelope", FuzzEnvelope},
    Target{"header_forms", FuzzHeaderForms},
    Target{"http", FuzzHttp},
    Target{"json", FuzzJson},
    Target{"keys_file", FuzzKeysFile},
    Target{"page_token", FuzzPageToken},
    Target{"protobuf", FuzzProtobuf},
    Target{"service", FuzzService},
    Target{"store_files", FuzzStoreFiles},
    Target{"text_forms", FuzzTextForms},
    Target{"tls_records", FuzzTlsRecords},
    Target{"view_rows", FuzzViewRows},
};

const std::filesystem::path kFolder = COUPOND_FUZZ_DIRECTORY;

std::vector<std::filesystem::path> Entries(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> entries;
  if (std::filesystem::exists(folder)) {
    std::ranges::copy(std::filesystem::directory_iterator(folder), std::back_inserter(entries));
  }
  std::ranges::sort(entries);
  return entries;
}

std::string Contents(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  EXPECT_TRUE(stream.good()) << file;
  return {std::istreambuf_iterator<char>(stream), {}};
}

class FuzzCorpus : public testing::TestWithParam<Target> {
 protected:
  /// Returns the number of inputs. An input that fails ends the program.
  static std::size_t RunAll(std::string_view kind) {
    const auto files = Entries(kFolder / kind / GetParam().name);
    for (const std::filesystem::path& file : files) {
      std::cout << file.string() << std::endl;  // flushed, so that the last one is the culprit
      GetParam().run(Contents(file));
    }
    return files.size();
  }
};

TEST_P(FuzzCorpus, EverySeedHolds) { EXPECT_GT(RunAll("corpus"), 0U); }

TEST_P(FuzzCorpus, EveryRegressionHolds) { RunAll("regressions"); }

TEST_P(FuzzCorpus, TheEmptyInputHolds) { GetParam().run({}); }

INSTANTIATE_TEST_SUITE_P(Fuzz, FuzzCorpus, testing::ValuesIn(kTargets),
                         [](const auto& target) { return std::string(target.param.name); });

// Inputs in a folder that belongs to no target would never run.
TEST(FuzzFolders, BelongToTargets) {
  std::set<std::string> names;
  for (const Target& target : kTargets) names.emplace(target.name);
  for (const std::string_view kind : {"corpus", "regressions"}) {
    for (const std::filesystem::path& folder : Entries(kFolder / kind)) {
      EXPECT_TRUE(names.contains(folder.filename())) << folder;
    }
  }
}

// The fuzzer rarely finds the path of a method by itself.
TEST(FuzzSeeds, CallEveryMethodOfTheService) {
  std::string seeds;
  for (const std::filesystem::path& file : Entries(kFolder / "corpus" / "service")) {
    seeds += Contents(file);
  }
  const auto& pool = *google::protobuf::DescriptorPool::generated_pool();
  for (const char* const name : {"coupon.v1.CouponService", "coupon.v1.AdminService"}) {
    const google::protobuf::ServiceDescriptor* const service = pool.FindServiceByName(name);
    ASSERT_NE(service, nullptr) << name;
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string path = "/" + std::string(name) + "/" + service->method(i)->name();
      EXPECT_TRUE(seeds.contains(path + " HTTP")) << path;
    }
  }
  for (const char* const file : {"/coupons.csv HTTP", "/coupons.jsonl HTTP"}) {
    EXPECT_TRUE(seeds.contains(file)) << file;
  }
}

}  // namespace
}  // namespace coupond::fuzz
