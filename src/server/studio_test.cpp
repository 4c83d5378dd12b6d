// What the studio's interface promises, over real connections.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "atelier/error.h"
#include "atelier/method_list.h"
#include "media/decode_image.h"
#include "server/studio_fixture.h"
#include "weights/model_store.h"
#include "weights/safetensors.h"
#include "weights/style_store.h"

namespace atelier::server {
namespace {

using nlohmann::json;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class StudioApi : public StudioTest {};

Image decoded(const std::string& bytes) { return decode_image(std::as_bytes(std::span(bytes)), "answer"); }

TEST_F(StudioApi, APhotoBecomesAPictureWithItsRecipeInside) {
  options.runs_jobs = true;
  start();
  const auto photo = picture(48);
  const auto posted = post(stylize_job(photo, "40"));
  ASSERT_EQ(posted->status, 202) << posted->body;
  const std::string id = json::parse(posted->body).at("id");
  const auto job = wait_until_over(id);
  ASSERT_EQ(job.at("state"), "done") << job;
  EXPECT_EQ(job.at("result").at("width"), 40);
  EXPECT_EQ(job.at("attempts"), 1);
  const auto result = client->Get(("/api/jobs/" + id + "/result?download=1").c_str());
  ASSERT_EQ(result->status, 200);
  EXPECT_EQ(result->get_header_value("Content-Type"), "image/png");
  EXPECT_EQ(result->get_header_value("Content-Disposition"), "attachment; filename=\"photo-great-wave.png\"");
  EXPECT_EQ(static_cast<std::int64_t>(result->body.size()), job.at("result").at("bytes").get<std::int64_t>());
  EXPECT_EQ(decoded(result->body).width, 40);
  const auto recipe = json::parse(decode_recipe(std::as_bytes(std::span(result->body)), "answer").value());
  EXPECT_EQ(recipe.at("photo").at("file"), "photo.png") << "a server's paths are nobody's business";
  EXPECT_EQ(recipe.at("output"), "photo-great-wave.png");
  for (const auto& [format, type] : {std::pair("jpeg", "image/jpeg"), std::pair("webp", "image/webp")}) {
    const auto other = client->Get(("/api/jobs/" + id + "/result?format=" + format).c_str());
    EXPECT_EQ(other->get_header_value("Content-Type"), type);
    EXPECT_EQ(decoded(other->body).width, 40);
    EXPECT_TRUE(decode_recipe(std::as_bytes(std::span(other->body)), "answer"));
  }
  EXPECT_EQ(decoded(client->Get(("/api/jobs/" + id + "/preview").c_str())->body).width, 40);
  const auto palette = get("/api/jobs/" + id + "/palette");
  EXPECT_EQ(decoded(client->Get(palette.at("map").get<std::string>().c_str())->body).width, 40);
  EXPECT_TRUE(get("/api/jobs/" + id + "/metrics").at("ssim").is_number());
  EXPECT_EQ(get("/api/jobs").at("jobs").at(0).at("id"), id);
}

TEST_F(StudioApi, APaintingIsWhatTheStyleIsMeasuredAgainst) {
  options.runs_jobs = true;
  start();
  auto job = stylize_job(picture(64), "64");
  job["styles"] = {{{"picture", picture(64, 7)}}};
  const std::string id = json::parse(post(job)->body).at("id");
  ASSERT_EQ(wait_until_over(id).at("state"), "done");
  const auto figures = get("/api/jobs/" + id + "/metrics");
  for (const char* name : {"ssim", "style", "content"}) EXPECT_TRUE(figures.at(name).is_number()) << figures;
}

TEST_F(StudioApi, EventsTellAJobUntilItIsOver) {
  options.runs_jobs = true;
  start();
  const std::string id = json::parse(post(stylize_job(picture(), "32"))->body).at("id");
  std::string events;
  const auto answer = client->Get(("/api/jobs/" + id + "/events").c_str(), [&](const char* data, std::size_t size) {
    events.append(data, size);
    return true;
  });
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->get_header_value("Content-Type"), "text/event-stream");
  EXPECT_THAT(events, StartsWith("event: job\ndata: {"));
  EXPECT_THAT(events, HasSubstr("\"state\":\"done\""));
}

TEST_F(StudioApi, AJobIsOnDiskBeforeItIsAnswered) {
  start();
  const auto photo = picture();
  const std::string id = json::parse(post(stylize_job(photo))->body).at("id");
  stop();
  start();
  EXPECT_EQ(get("/api/jobs/" + id).at("state"), "queued");
  EXPECT_EQ(get("/api/jobs/" + id).at("request").at("content"), photo);
}

TEST_F(StudioApi, WaitingJobsCanBeCancelledAndDeletedForGood) {
  start();
  const auto photo = picture();
  const std::string first = json::parse(post(stylize_job(photo))->body).at("id");
  EXPECT_EQ(refusal(client->Delete(("/api/jobs/" + first).c_str())), "409 the job is not over; cancel it first");
  EXPECT_EQ(refusal(client->Delete(("/api/pictures/" + photo).c_str())),
            "409 a job needs this picture; delete the job first");
  EXPECT_EQ(client->Post(("/api/jobs/" + first + "/cancel").c_str())->status, 202);
  EXPECT_EQ(get("/api/jobs/" + first).at("state"), "cancelled");
  EXPECT_THAT(refusal(client->Post(("/api/jobs/" + first + "/cancel").c_str())), StartsWith("409 the job is over"));
  EXPECT_THAT(refusal(client->Get(("/api/jobs/" + first + "/result").c_str())),
              StartsWith("409 the job has no picture"));
  EXPECT_EQ(client->Delete(("/api/jobs/" + first).c_str())->status, 204);
  EXPECT_THAT(refusal(client->Get(("/api/jobs/" + first).c_str())), StartsWith("404 "));
  EXPECT_THAT(refusal(client->Get(("/api/pictures/" + photo).c_str())), StartsWith("404 ")) << "no other job needs it";
}

TEST_F(StudioApi, RunningJobsStopWithinAStep) {
  options.runs_jobs = true;
  start();
  json job = stylize_job(picture(64), "64");
  job["styles"] = {{{"picture", picture(64, 7)}}};
  job["method"] = "gatys";
  job["options"] = {{"steps", "10000"}};
  const std::string id = json::parse(post(job)->body).at("id");
  for (int i = 0; i < 200 && !get("/api/jobs/" + id).at("progress").is_object(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(client->Post(("/api/jobs/" + id + "/cancel").c_str())->status, 202);
  EXPECT_EQ(wait_until_over(id).at("state"), "cancelled");
}

TEST_F(StudioApi, AnOrderlyStopPutsARunningJobBack) {
  options.runs_jobs = true;
  start();
  json job = stylize_job(picture(64), "64");
  job["styles"] = {{{"picture", picture(64, 7)}}};
  job["method"] = "gatys";
  job["options"] = {{"steps", "10000"}};
  const std::string id = json::parse(post(job)->body).at("id");
  for (int i = 0; i < 200 && get("/api/jobs/" + id).at("state") != "running"; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  stop();
  options.runs_jobs = false;
  start();
  EXPECT_EQ(get("/api/jobs/" + id).at("state"), "queued");
  EXPECT_EQ(get("/api/jobs/" + id).at("attempts"), 0);
}

TEST_F(StudioApi, WhatGoesWrongIsSaidInTheClientsWords) {
  options.runs_jobs = true;
  start();
  json job = stylize_job(picture(64), "64");
  job["styles"][0]["mask"] = json::parse(upload(encode_image("m.png",
                                                             [] {
                                                               Image wide;
                                                               wide.width = 60;
                                                               wide.height = 20;
                                                               wide.rgb.assign(3600, 1.F);
                                                               return wide;
                                                             }()),
                                                "my mask.png")
                                             ->body)[0]["id"];
  const auto over = wait_until_over(json::parse(post(job)->body).at("id"));
  EXPECT_EQ(over.at("state"), "failed");
  EXPECT_THAT(over.at("error").get<std::string>(), AnyOf(HasSubstr("my mask.png"), HasSubstr("mask")));
  EXPECT_THAT(over.at("error").get<std::string>(), Not(HasSubstr(options.data.string())));
}

TEST_F(StudioApi, TheSameIdempotencyKeyGivesTheSameJob) {
  start();
  const auto job = stylize_job(picture());
  const httplib::Headers key = {{"Idempotency-Key", "one"}};
  const auto first = json::parse(post(job, key)->body), second = json::parse(post(job, key)->body);
  EXPECT_EQ(first.at("id"), second.at("id"));
  EXPECT_THAT(refusal(post(stylize_job(picture(40)), key)), StartsWith("409 this Idempotency-Key was used"));
  EXPECT_EQ(get("/api/jobs").at("jobs").size(), 1U);
}

TEST_F(StudioApi, AFullQueueSaysWhenToTryAgain) {
  options.queue_length = 2;
  start();
  const auto photo = picture();
  EXPECT_EQ(post(stylize_job(photo))->status, 202);
  EXPECT_EQ(post(stylize_job(photo))->status, 202);
  const auto third = post(stylize_job(photo));
  EXPECT_EQ(refusal(third), "429 the queue is full; try again in a moment");
  EXPECT_GE(std::stoi(third->get_header_value("Retry-After")), 1);
  EXPECT_EQ(get("/api/jobs").at("jobs").at(0).at("position"), 2);
}

TEST_F(StudioApi, AQuotaIsKept) {
  options.quota = 1000;
  start();
  EXPECT_THAT(refusal(upload(png(64))), StartsWith("507 the studio's disk quota is used up"));
}

TEST_F(StudioApi, PicturesAreShownAndMeasured) {
  start();
  constexpr int kRows = 0;  // of one colour each, so that there are clusters
  const auto id = picture(100, kRows);
  EXPECT_EQ(client->Get(("/api/pictures/" + id).c_str())->body, png(100, kRows)) << "a browser shows PNG as it is";
  EXPECT_EQ(decoded(client->Get(("/api/pictures/" + id + "?side=50").c_str())->body).width, 50);
  const auto palette = get("/api/pictures/" + id + "/palette");
  EXPECT_GE(palette.at("clusters").get<int>(), 1);
  EXPECT_THAT(palette.at("swatches").at(0).at("rgb").get<std::string>(), StartsWith("#"));
  const auto map = client->Get(palette.at("map").get<std::string>().c_str());
  EXPECT_EQ(decoded(map->body).width, 100);
  for (const char* shape : {"object", "superpixel"}) {
    const json body = {{"x", 0.5}, {"y", 0.5}, {"shape", shape}};
    const auto mask = client->Post(("/api/pictures/" + id + "/region").c_str(), body.dump(), "application/json");
    EXPECT_EQ(decoded(mask->body).width, 100) << shape;
  }
}

TEST_F(StudioApi, SeveralPicturesComeInOneForm) {
  start();
  const auto answer = client->Post(
      "/api/pictures", httplib::MultipartFormDataItems{{"picture", png(20), "a.png", "image/png"},
                                                       {"picture", png(30), "C:\\photos\\b.png", "text/plain"}});
  const auto list = json::parse(answer->body);
  EXPECT_EQ(answer->status, 201);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].at("name"), "a.png");
  EXPECT_EQ(list[1].at("name"), "b.png");
  EXPECT_EQ(list[1].at("width"), 30);
}

TEST_F(StudioApi, TheCatalogueLeavesOutWhatNamesFiles) {
  start();
  EXPECT_EQ(get("/api/methods").size(), list_methods().size());
  for (const auto& method : get("/api/methods"))
    for (const auto& option : method.at("options")) EXPECT_NE(option.at("kind"), "path") << method.at("name");
  for (const auto& setting : get("/api/settings")) {
    EXPECT_NE(setting.at("kind"), "path");
    EXPECT_NE(setting.at("name"), "threads");
  }
  const auto styles = get("/api/styles");
  ASSERT_GE(styles.size(), 1U);
  const auto thumbnail = client->Get(styles[0].at("thumbnail").get<std::string>().c_str());
  EXPECT_EQ(thumbnail->get_header_value("Content-Type"), "image/jpeg");
}

TEST_F(StudioApi, APaintingIsTaughtWithinItsTime) {
  options.runs_jobs = true;
  start();
  const json taught = {
      {"kind", "teach"}, {"picture", picture(96)}, {"name", "taught-here"}, {"title", "Taught"}, {"time_budget", 1}};
  const auto job = wait_until_over(json::parse(post(taught)->body).at("id"));
  EXPECT_EQ(job.at("state"), "done") << job;
  EXPECT_EQ(job.at("request"), taught);
  const auto styles = get("/api/styles");
  EXPECT_TRUE(std::any_of(styles.begin(), styles.end(),
                          [](const json& style) { return style.at("name") == "taught-here" && !style.at("embedded"); }))
      << styles;
  EXPECT_EQ(client->Get("/api/styles/taught-here/thumbnail")->status, 200);
  EXPECT_EQ(client->Delete("/api/styles/taught-here")->status, 204);
}

TEST_F(StudioApi, OnlyTheUsersOwnStylesCanBeDeleted) {
  WeightSetBuilder builder;
  builder.add_floats("x", {1}, std::vector<float>{1}).set_metadata("kind", "style").set_metadata("method", "gatys");
  save_style(builder.build(), {.name = "mine", .method = "gatys"}, "jpeg");
  start();
  EXPECT_THAT(refusal(client->Delete("/api/styles/great-wave")), StartsWith("409 the style \"great-wave\" is part"));
  EXPECT_EQ(client->Delete("/api/styles/mine")->status, 204);
  EXPECT_THAT(refusal(client->Delete("/api/styles/mine")), StartsWith("404 "));
}

TEST_F(StudioApi, AnImportedModelsStyleHasNoThumbnailAndStays) {
  const auto model = WeightSetBuilder().add_floats("x", {1}, std::vector<float>{1}).build();
  save_style(model, {.name = "net", .method = "johnson"});
  std::filesystem::create_directories(model_folder());
  std::filesystem::rename(style_folder() / "net.safetensors", model_folder() / "net.safetensors");
  save_style(model, {.name = "mine", .method = "johnson"}, "jpeg");
  WeightSetBuilder set;
  for (const char* name : {"thumbnail.a", "thumbnail.Starry Night"})
    set.add(name, DType::kU8, {1}, std::vector<std::byte>(1));
  set.set_metadata("kind", "style").set_metadata("method", "johnson");
  write_safetensors(model_folder() / "set.safetensors", set.set_metadata("styles", R"(["a", "Starry Night"])").build());
  start();
  json cards;
  for (const auto& style : json::parse(client->Get("/api/styles")->body)) cards[style.at("name")] = style;
  EXPECT_EQ(cards["net"]["thumbnail"], "");
  EXPECT_EQ(cards["set/a"]["thumbnail"], "/api/styles/set/a/thumbnail");
  EXPECT_EQ(cards["set/Starry Night"]["thumbnail"], "") << "no address may hold it";
  EXPECT_EQ(cards["net"]["removable"], false);
  EXPECT_EQ(cards["mine"]["thumbnail"], "/api/styles/mine/thumbnail");
  EXPECT_EQ(cards["mine"]["removable"], true);
  EXPECT_EQ(refusal(client->Delete("/api/styles/net")),
            "409 the style \"net\" belongs to an imported model; `atelier models remove net` deletes it");
}

TEST_F(StudioApi, ThePageIsServedWithStrictHeaders) {
  start();
  const auto page = client->Get("/");
  EXPECT_EQ(page->status, 200);
  EXPECT_THAT(page->get_header_value("Content-Type"), StartsWith("text/html"));
  EXPECT_THAT(page->get_header_value("Content-Security-Policy"), HasSubstr("default-src 'none'"));
  EXPECT_THAT(page->get_header_value("Content-Security-Policy"), Not(HasSubstr("unsafe")));
  EXPECT_EQ(page->get_header_value("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(page->get_header_value("X-Frame-Options"), "DENY");
  EXPECT_THAT(page->get_header_value("Set-Cookie"), HasSubstr("HttpOnly; SameSite=Strict"));
  const auto again = client->Get("/", {{"If-None-Match", page->get_header_value("ETag")}});
  EXPECT_EQ(again->status, 304);
  EXPECT_EQ(client->Get("/../../etc/passwd")->status, 404);
}

TEST_F(StudioApi, HealthAndCountersAreThere) {
  start();
  EXPECT_EQ(get("/healthz").at("status"), "ok");
  post(stylize_job(picture()));
  const std::string posted = "atelier_http_requests_total{method=\"POST\",status=\"202\"} 1\n";
  const auto text = metrics_with(posted);
  EXPECT_THAT(text, HasSubstr("atelier_jobs{state=\"queued\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(posted));
  EXPECT_THAT(text, HasSubstr("# TYPE atelier_job_seconds histogram"));
  for (const auto& line : log()) EXPECT_TRUE(json::parse(line).contains("event")) << line;
}

TEST_F(StudioApi, OldJobsGoAtTheNextStart) {
  options.keep_days = 0;
  start();
  const std::string id = json::parse(post(stylize_job(picture()))->body).at("id");
  client->Post(("/api/jobs/" + id + "/cancel").c_str());
  stop();
  start();
  EXPECT_THAT(refusal(client->Get(("/api/jobs/" + id).c_str())), StartsWith("404 "));
}

TEST_F(StudioApi, ResultsOutliveTheirDatabase) {
  const auto result = options.data / "results" / "0123456789abcdef.png", stray = options.data / "pictures" / "stray";
  for (const auto& file : {result, stray}) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << "x";
  }
  start();
  EXPECT_TRUE(std::filesystem::exists(result)) << "no job is known: the database was lost";
  EXPECT_TRUE(std::filesystem::exists(stray));
  post(stylize_job(picture(), "32"));
  stop();
  start();
  EXPECT_FALSE(std::filesystem::exists(result)) << "of no known job: a crash has left it";
}

TEST_F(StudioApi, APortServesOneStudio) {
  start();
  auto second = options;
  second.data = options.data.string() + "-2";
  second.port = port();
  EXPECT_THROW(Server{second}, Error);
}

TEST_F(StudioApi, AFolderServesOneStudio) {
  start();
  try {
    Server second(options);
    FAIL() << "two studios share a folder";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("is in use by another `atelier serve`"));
  }
}

}  // namespace
}  // namespace atelier::server
