#include "server/counters.h"

#include <cstdio>

namespace atelier::server {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

std::string head(const std::string& name, const char* type, const std::string& help) {
  return "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

}  // namespace

void Counters::Timing::add(double seconds) {
  ++count;
  sum += seconds;
  for (std::size_t i = 0; i < kBounds.size(); ++i)
    if (seconds <= kBounds[i]) return static_cast<void>(++within[i]);
}

void Counters::count_request(const std::string& method, int status, double seconds) {
  // Anybody may invent methods; only known ones become a label.
  const bool known = method == "GET" || method == "HEAD" || method == "POST" || method == "DELETE";
  const std::lock_guard lock(mutex_);
  ++requests_[{known ? method : "other", status}];
  request_seconds_.add(seconds);
}

void Counters::count_job(const std::string& kind, const std::string& state, double seconds) {
  const std::lock_guard lock(mutex_);
  ++jobs_[{kind, state}];
  job_seconds_.add(seconds);
}

std::string Counters::histogram(const std::string& name, const Timing& timing) {
  std::string text;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    below += timing.within[i];
    text += name + "_bucket{le=\"" + number(kBounds[i]) + "\"} " + std::to_string(below) + "\n";
  }
  return text + name + "_bucket{le=\"+Inf\"} " + std::to_string(timing.count) + "\n" + name + "_sum " +
         number(timing.sum) + "\n" + name + "_count " + std::to_string(timing.count) + "\n";
}

std::string Counters::text() const {
  const std::lock_guard lock(mutex_);
  std::string text = head("atelier_http_requests_total", "counter", "Answered requests.");
  for (const auto& [key, count] : requests_)
    text += "atelier_http_requests_total{method=\"" + key.first + "\",status=\"" + std::to_string(key.second) + "\"} " +
            std::to_string(count) + "\n";
  text += head("atelier_http_request_seconds", "histogram", "From a request's header to the end of its answer.");
  text += histogram("atelier_http_request_seconds", request_seconds_);
  text += head("atelier_jobs_finished_total", "counter", "Jobs that ended.");
  for (const auto& [key, count] : jobs_)
    text += "atelier_jobs_finished_total{kind=\"" + key.first + "\",state=\"" + key.second + "\"} " +
            std::to_string(count) + "\n";
  text += head("atelier_job_seconds", "histogram", "From a job's start to its end.");
  return text + histogram("atelier_job_seconds", job_seconds_);
}

std::string gauge(const std::string& name, const std::string& help, double value) {
  return head(name, "gauge", help) + name + " " + number(value) + "\n";
}

}  // namespace atelier::server
