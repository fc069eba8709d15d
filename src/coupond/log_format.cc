#include "coupond/log_format.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/pattern_formatter.h>

#include <chrono>
#include <climits>
#include <string_view>

#include "rpc/json/json_text.h"

namespace coupond {
namespace {

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v";

std::string_view View(const spdlog::string_view_t& text) { return {text.data(), text.size()}; }

/// Returns the time as RFC 3339 has it, in UTC, with milliseconds.
std::string FormatTime(spdlog::log_clock::time_point time) {
  const auto in_ms = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto in_s = std::chrono::floor<std::chrono::seconds>(in_ms);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(spdlog::log_clock::to_time_t(in_s)),
                     (in_ms - in_s).count());
}

void AppendMember(std::string_view name, std::string_view value, std::string& json) {
  if (json.back() != '{') json.push_back(',');
  connect::AppendJsonStringLossy(name, json);
  json.push_back(':');
  connect::AppendJsonStringLossy(value, json);
}

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    std::string_view payload = View(message.payload);
    std::string json = Line(message, payload);
    // A line that is cut off would be no JSON.
    while (json.size() > PIPE_BUF) {
      payload = payload.substr(0, payload.size() / 2);
      json = Line(message, payload);
    }
    out.append(json.data(), json.data() + json.size());
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }

 private:
  static std::string Line(const spdlog::details::log_msg& message, std::string_view payload) {
    const std::string_view logger = View(message.logger_name);
    const bool is_access = logger == kAccessLogger;
    std::string json = "{";
    AppendMember("time", FormatTime(message.time), json);
    AppendMember("level", View(spdlog::level::to_string_view(message.level)), json);
    AppendMember("msg", is_access ? "request" : payload, json);
    AppendMember("component", logger, json);
    if (is_access) json.append(payload);
    return json.append("}\n");
  }
};

std::string AccessText(const api::AccessLogEntry& entry) {
  std::string text = fmt::format("{} {} {} in {:.3f} ms, {} bytes{}, client {}, request {}",
                                 entry.method, entry.route, entry.status,
                                 std::chrono::duration<double, std::milli>(entry.duration).count(),
                                 entry.body_bytes, entry.is_whole ? "" : " and then no more",
                                 entry.client.empty() ? "unknown" : entry.client, entry.request_id);
  if (!entry.key_id.empty()) text.append(", key ").append(entry.key_id);
  if (!entry.trace_id.empty()) text.append(", trace ").append(entry.trace_id);
  return text;
}

/// Returns the members of the line's object that only such lines have.
std::string AccessJson(const api::AccessLogEntry& entry) {
  std::string json;
  const auto append = [&json](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    json.push_back(',');
    connect::AppendJsonStringLossy(name, json);
    json.push_back(':');
    connect::AppendJsonStringLossy(value, json);
  };
  append("method", entry.method);
  append("route", entry.route);
  json.append(fmt::format(R"(,"status":{},"body_bytes":{},"duration_seconds":{:.6f},"whole":{})",
                          entry.status, entry.body_bytes,
                          std::chrono::duration<double>(entry.duration).count(), entry.is_whole));
  append("client", entry.client);
  append("request_id", entry.request_id);
  append("trace_id", entry.trace_id);
  append("key_id", entry.key_id);
  return json;
}

}  // namespace

std::unique_ptr<spdlog::formatter> MakeLogFormatter(LogFormat format) {
  if (format == LogFormat::kJson) return std::make_unique<JsonFormatter>();
  return std::make_unique<spdlog::pattern_formatter>(kTextPattern);
}

std::string FormatAccess(LogFormat format, const api::AccessLogEntry& entry) {
  return format == LogFormat::kJson ? AccessJson(entry) : AccessText(entry);
}

}  // namespace coupond
