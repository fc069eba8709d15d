#ifndef COUPOND_TEST_TOOLS_COUPON_AUDIT_COMPARE_ALTERED_VIEWS_H_
#define COUPOND_TEST_TOOLS_COUPON_AUDIT_COMPARE_ALTERED_VIEWS_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <utility>

#include "coupond/storage/v1/view_rows.pb.h"
#include "storage/views/view_rows.h"
#include "tools/coupon_audit/planted_store.h"

/// Rows of a PlantedStore's views, and functions that alter them.
namespace coupond::test {

inline std::string CampaignKeyOf(std::uint64_t campaign) {
  return storage::CampaignKey(CampaignNumber(campaign));
}
inline std::string IndexKeyOf(std::uint64_t campaign) {
  return storage::CampaignIndexKey(Id(static_cast<std::uint8_t>(campaign)));
}
inline std::string RunKeyOf(std::uint64_t campaign, std::uint64_t last_ordinal) {
  return storage::RunKey(CampaignNumber(campaign), last_ordinal);
}
inline std::string ClaimsKeyOf(std::uint64_t campaign, std::uint64_t first_ordinal) {
  return storage::ClaimsKey(CampaignNumber(campaign), first_ordinal);
}

/// One row of the views that is wrong, and what is found.
struct ViewFault {
  std::string name;
  std::function<void(PlantedStore&)> plant;
  std::string verdict;
};

inline void PrintTo(const ViewFault& fault, std::ostream* out) { *out << fault.name; }

inline std::function<void(PlantedStore&)> Remove(const std::string& key) {
  return [key](PlantedStore& store) {
    ASSERT_FALSE(store.ViewRow(key).empty());
    store.DeleteViewRow(key);
  };
}
inline std::function<void(PlantedStore&)> Put(const std::string& key, const std::string& value) {
  return [key, value](PlantedStore& store) { store.PutViewRow(key, value); };
}
inline std::function<void(PlantedStore&)> Move(const std::string& from, const std::string& to) {
  return [from, to](PlantedStore& store) {
    store.PutViewRow(to, store.ViewRow(from));
    store.DeleteViewRow(from);
  };
}

/// Reads a row, changes it, and writes it back.
template <typename Message>
std::function<void(PlantedStore&)> Alter(const std::string& key,
                                         std::function<void(Message&)> change) {
  return [key, change = std::move(change)](PlantedStore& store) {
    Message row;
    ASSERT_TRUE(row.ParseFromString(store.ViewRow(key)));
    change(row);
    store.PutViewRow(key, row.SerializeAsString());
  };
}

inline std::function<void(PlantedStore&)> AlterSpring(
    std::function<void(storage::v1::CampaignRow&)> change) {
  return Alter(CampaignKeyOf(kSpring), std::move(change));
}
inline std::function<void(PlantedStore&)> AlterCheckpoint(
    std::function<void(storage::v1::CheckpointRow&)> change) {
  return Alter(std::string(storage::kCheckpointKey), std::move(change));
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_TOOLS_COUPON_AUDIT_COMPARE_ALTERED_VIEWS_H_
