// The description at /api/openapi.json, compared with the routes there are and with what they really answer.
#include <gmock/gmock.h>

#include <regex>
#include <set>

#include "server/exchange.h"
#include "server/studio_fixture.h"

namespace atelier::server {
namespace {

using nlohmann::json;

/// As much of JSON Schema as the description uses. @return what is wrong with `value`; empty when nothing is.
std::string fault_in(const json& value, const json& schema, const json& document, const std::string& where = "answer") {
  if (schema.contains("$ref")) {
    const auto reference = schema["$ref"].get<std::string>().substr(1);
    return fault_in(value, document.at(json::json_pointer(reference)), document, where);
  }
  if (value.is_null()) return schema.value("nullable", false) ? "" : where + " is null";
  for (const auto& part : schema.value("allOf", json::array()))
    if (auto fault = fault_in(value, part, document, where); !fault.empty()) return fault;
  if (schema.contains("oneOf")) {
    int fitting = 0;
    for (const auto& part : schema["oneOf"]) fitting += fault_in(value, part, document, where).empty() ? 1 : 0;
    return fitting == 1 ? "" : where + " fits " + std::to_string(fitting) + " of its forms";
  }
  const auto type = schema.value("type", "");
  const bool right = type.empty() || (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
                     (type == "string" && value.is_string()) || (type == "boolean" && value.is_boolean()) ||
                     (type == "integer" && value.is_number_integer()) || (type == "number" && value.is_number());
  if (!right) return where + " is a " + value.type_name() + ", no " + type;
  if (schema.contains("enum") && std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
    return where + " is " + value.dump();
  if (schema.contains("pattern") &&
      !std::regex_match(value.get<std::string>(), std::regex(schema["pattern"].get<std::string>())))
    return where + " is " + value.dump();
  if (value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i)
      if (auto fault =
              fault_in(value[i], schema.value("items", json::object()), document, where + "/" + std::to_string(i));
          !fault.empty())
        return fault;
  if (!value.is_object()) return "";
  for (const auto& name : schema.value("required", json::array()))
    if (!value.contains(name)) return where + " lacks " + name.dump();
  for (const auto& [name, member] : value.items()) {
    const auto properties = schema.value("properties", json::object());
    if (!properties.contains(name)) {
      if (!schema.value("additionalProperties", true)) return where + " has " + name + ", which is not described";
      continue;
    }
    if (auto fault = fault_in(member, properties[name], document, where + "/" + name); !fault.empty()) return fault;
  }
  return "";
}

class OpenApi : public StudioTest {
 protected:
  void SetUp() override {
    start();
    document = get("/api/openapi.json");
  }
  /// Compares an answer with what the description says of `path`.
  void expect_described(const httplib::Result& answer, const std::string& path, const std::string& method = "get") {
    SCOPED_TRACE(method + " " + path);
    ASSERT_TRUE(answer);
    const auto status = std::to_string(answer->status);
    const auto& operation = document.at("paths").at(path).at(method);
    ASSERT_TRUE(operation.at("responses").contains(status)) << status << " " << answer->body;
    json response = operation["responses"][status];
    if (response.contains("$ref"))
      response = document.at(json::json_pointer(response["$ref"].get<std::string>().substr(1)));
    if (!response.contains("content")) {
      EXPECT_EQ(answer->body, "");
      return;
    }
    const auto type = answer->get_header_value("Content-Type");
    const auto media = type.substr(0, type.find(';'));
    ASSERT_TRUE(response["content"].contains(media)) << media;
    if (media != "application/json") return;
    EXPECT_EQ(fault_in(json::parse(answer->body), response["content"][media]["schema"], document), "");
  }
  void expect_get(const std::string& path, const std::string& id = "") {
    auto asked = path;
    if (const auto at = asked.find("{id}"); at != std::string::npos) asked.replace(at, 4, id);
    if (const auto at = asked.find("{name}"); at != std::string::npos) asked.replace(at, 6, "great-wave");
    expect_described(client->Get(asked.c_str()), path);
  }
  json document;
};

TEST_F(OpenApi, DescribesEveryRouteAndNoOther) {
  std::set<std::string> described, routed;
  for (const auto& [path, operations] : document.at("paths").items())
    for (const auto& [method, operation] : operations.items()) described.insert(method + " " + path);
  for (const auto& route : all_routes()) {
    std::string method = route.method;
    std::transform(method.begin(), method.end(), method.begin(), [](unsigned char c) { return std::tolower(c); });
    routed.insert(method + " " + route.path);
  }
  EXPECT_EQ(described, routed);
}

TEST_F(OpenApi, EveryReferenceLeadsSomewhere) {
  const auto flat = document.flatten();
  for (const auto& [pointer, value] : flat.items())
    if (pointer.ends_with("/$ref")) {
      EXPECT_TRUE(document.contains(json::json_pointer(value.get<std::string>().substr(1)))) << value;
    }
}

TEST_F(OpenApi, CataloguesAreAsDescribed) {
  for (const char* path : {"/api/methods", "/api/settings", "/api/styles", "/api/styles/{name}/thumbnail",
                           "/api/openapi.json", "/healthz", "/metrics"})
    expect_get(path);
}

TEST_F(OpenApi, AQueueThatIsAwayIsAsDescribed) {
  stop();
  options.queue = "redis://127.0.0.1:1";
  start();
  expect_get("/healthz");
  expect_get("/metrics");
}

TEST_F(OpenApi, PicturesAndJobsAreAsDescribed) {
  const auto uploaded = upload(png(48));
  expect_described(uploaded, "/api/pictures", "post");
  const std::string photo = json::parse(uploaded->body)[0]["id"];
  for (const char* path : {"/api/pictures/{id}", "/api/pictures/{id}/palette", "/api/pictures/{id}/palette.png"})
    expect_get(path, photo);
  const auto job = post(stylize_job(photo));
  expect_described(job, "/api/jobs", "post");
  const std::string id = json::parse(job->body)["id"];
  for (const char* path : {"/api/jobs", "/api/jobs/{id}", "/api/jobs/{id}/preview", "/api/jobs/{id}/result",
                           "/api/jobs/{id}/palette", "/api/jobs/{id}/palette.png", "/api/jobs/{id}/metrics"})
    expect_get(path, id);
  expect_described(client->Post(("/api/jobs/" + id + "/cancel").c_str()), "/api/jobs/{id}/cancel", "post");
  expect_described(client->Delete(("/api/jobs/" + id).c_str()), "/api/jobs/{id}", "delete");
}

TEST_F(OpenApi, ADoneJobIsAsDescribed) {
  stop();
  options.runs_jobs = true;
  start();
  const std::string id = json::parse(post(stylize_job(picture(48), "40"))->body)["id"];
  ASSERT_EQ(wait_until_over(id).at("state"), "done");
  for (const char* path :
       {"/api/jobs/{id}", "/api/jobs/{id}/preview", "/api/jobs/{id}/result", "/api/jobs/{id}/palette",
        "/api/jobs/{id}/palette.png", "/api/jobs/{id}/metrics", "/api/jobs/{id}/events"})
    expect_get(path, id);
}

TEST_F(OpenApi, RefusalsAreAsDescribed) {
  const std::string nobody = "0123456789abcdef";
  for (const char* path :
       {"/api/pictures/{id}", "/api/pictures/{id}/palette", "/api/jobs/{id}", "/api/jobs/{id}/events",
        "/api/jobs/{id}/preview", "/api/jobs/{id}/result", "/api/jobs/{id}/metrics"})
    expect_get(path, nobody);
  expect_described(upload("words"), "/api/pictures", "post");
  expect_described(client->Post("/api/pictures", "{}", "application/json"), "/api/pictures", "post");
  expect_described(post(json{{"kind", "nothing"}}), "/api/jobs", "post");
  expect_described(post(stylize_job(nobody)), "/api/jobs", "post");
  expect_described(client->Get("/api/jobs?limit=0"), "/api/jobs");
  expect_described(client->Get("/api/jobs", {{"Host", "evil"}}), "/api/jobs");
  expect_described(client->Delete("/api/styles/great-wave"), "/api/styles/{name}", "delete");
  expect_described(client->Post(("/api/pictures/" + picture() + "/region").c_str(), "{}", "application/json"),
                   "/api/pictures/{id}/region", "post");
}

}  // namespace
}  // namespace atelier::server
