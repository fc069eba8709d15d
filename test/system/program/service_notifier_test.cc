#include "program/service_notifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>

#include "support/temporary_directory.h"
#include "system/program/notify_socket.h"

namespace coupond {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::NotifySocket;
using testing::Optional;

class ServiceNotifierTest : public testing::Test {
 protected:
  ~ServiceNotifierTest() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }
  static void Set(const char* name, const std::string& value) {
    ASSERT_EQ(::setenv(name, value.c_str(), 1), 0);
  }

  test::TemporaryDirectory directory_;
  const std::string path_ = (directory_.path() / "notify").string();
};

TEST_F(ServiceNotifierTest, EachStateIsOneMessage) {
  const NotifySocket manager(path_);
  const ServiceNotifier notifier({.socket = path_, .watchdog = seconds(10)});
  notifier.Starting("reading the log: 7 %");
  EXPECT_THAT(
      manager.Receive(),
      Optional(std::string("STATUS=reading the log: 7 %\nEXTEND_TIMEOUT_USEC=120000000\n")));
  notifier.Ready("serving");
  EXPECT_THAT(manager.Receive(), Optional(std::string("READY=1\nSTATUS=serving\n")));
  notifier.ShowLife();
  EXPECT_THAT(manager.Receive(), Optional(std::string("WATCHDOG=1\n")));
  notifier.Reloading();
  EXPECT_THAT(manager.Receive(),
              Optional(testing::MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+\n")));
  notifier.Stopping("stopping");
  EXPECT_THAT(manager.Receive(),
              Optional(std::string("STOPPING=1\nSTATUS=stopping\nWATCHDOG_USEC=0\n")));
}

TEST_F(ServiceNotifierTest, AnAbstractSocketIsReached) {
  const std::string name = "@coupond-test-" + std::to_string(::getpid());
  const NotifySocket manager(name);
  ServiceNotifier({.socket = name, .watchdog = {}}).Ready("serving");
  EXPECT_THAT(manager.Receive(), Optional(std::string("READY=1\nSTATUS=serving\n")));
}

TEST_F(ServiceNotifierTest, AManagerThatComesBackIsToldAgain) {
  const ServiceNotifier notifier({.socket = path_, .watchdog = {}});
  notifier.Ready("nobody hears this");
  const NotifySocket manager(path_);
  notifier.Ready("serving");
  EXPECT_THAT(manager.Receive(), Optional(std::string("READY=1\nSTATUS=serving\n")));
}

TEST_F(ServiceNotifierTest, WithoutAWatchdogNobodyNeedsASignOfLife) {
  const NotifySocket manager(path_);
  const ServiceNotifier notifier({.socket = path_, .watchdog = {}});
  EXPECT_EQ(notifier.watchdog_interval(), std::nullopt);
  notifier.ShowLife();
  EXPECT_EQ(manager.Receive(milliseconds(0)), std::nullopt);
}

TEST_F(ServiceNotifierTest, TheEnvironmentNamesTheManager) {
  EXPECT_EQ(ServiceManager::FromEnvironment().socket, "");
  EXPECT_EQ(ServiceManager::FromEnvironment().watchdog, std::nullopt);
  Set("NOTIFY_SOCKET", path_);
  Set("WATCHDOG_USEC", "30000000");
  EXPECT_EQ(ServiceManager::FromEnvironment().socket, path_);
  EXPECT_EQ(ServiceManager::FromEnvironment().watchdog, seconds(30));
  EXPECT_EQ(ServiceNotifier().watchdog_interval(), seconds(15));
  Set("WATCHDOG_PID", std::to_string(::getpid()));
  EXPECT_EQ(ServiceManager::FromEnvironment().watchdog, seconds(30));
  Set("WATCHDOG_PID", std::to_string(::getppid()));
  EXPECT_EQ(ServiceManager::FromEnvironment().watchdog, std::nullopt)
      << "meant for another process";
}

TEST_F(ServiceNotifierTest, WhatIsNoSocketOrNoTimeIsIgnored) {
  for (const std::string& socket : {std::string(), std::string("/"), std::string("@"),
                                    std::string("relative"), "/" + std::string(200, 'x')}) {
    const ServiceNotifier notifier({.socket = socket, .watchdog = seconds(1)});
    notifier.Ready("serving");
    EXPECT_EQ(notifier.watchdog_interval(), std::nullopt) << socket;
  }
  for (const char* time : {"", "0", "-1", "1s", "9223372036854775807", "99999999999999999999"}) {
    Set("WATCHDOG_USEC", time);
    EXPECT_EQ(ServiceManager::FromEnvironment().watchdog, std::nullopt) << time;
  }
}

}  // namespace
}  // namespace coupond
