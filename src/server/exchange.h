#pragma once
#include <httplib.h>

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "atelier/image.h"
#include "server/studio.h"

namespace atelier::server {

/// One request and its answer, as a route sees it.
struct Exchange {
  Studio& studio;
  const httplib::Request& request;
  httplib::Response& response;
  std::string client;                 ///< who asks
  std::optional<std::string> viewer;  ///< whose jobs and pictures they may see; nothing: everybody's

  /// What the route's Nth `{...}` stands for, from 0.
  std::string part(std::size_t n) const { return request.matches[n + 1].str(); }
  /// The job or picture that part(0) names. @throws Refusal (404) when there is none that the viewer may see.
  jobs::Job job() const;
  jobs::Picture picture() const;
  /// A whole number of the query. @throws Error when it is none, or not from `lowest` to `highest`.
  int number(const std::string& name, int missing, int lowest, int highest) const;

  void answer(const nlohmann::ordered_json& body, int status = 200);
  void answer_text(const std::string& body, const char* type);
  /// A picture of an id never changes, so that browsers may keep it.
  void answer_picture(std::string bytes, const char* type, bool keep);
  void answer_file(const std::filesystem::path& file, const char* type, bool keep);
};

/// What {name} stands for in a route: a style's name, or MODEL/STYLE.
constexpr const char* kNames = "[a-z0-9._-]{1,64}(?:/[A-Za-z0-9._-]{1,64})?";

/// One line of the interface.
struct Route {
  const char* method;  ///< "GET", "POST" or "DELETE"
  const char* path;    ///< with {id} for 16 hexadecimal digits and {name} for a style's name
  void (*handle)(Exchange&);
};

std::vector<Route> catalogue_routes();
std::vector<Route> picture_routes();
std::vector<Route> job_routes();
std::vector<Route> view_routes();
std::vector<Route> system_routes();

/// All of them.
std::vector<Route> all_routes();

/// A job as clients see it.
nlohmann::ordered_json job_json(Studio& studio, const jobs::Job& job);

/// Answers with the job's events until it is over.
void answer_events(Exchange& exchange);

/// {"error": message}
std::string error_json(const std::string& message);

/// The picture as JPEG, or as PNG where it has transparent parts, with its media type.
std::pair<std::string, const char*> as_browser_picture(const Image& image);

}  // namespace atelier::server
