#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

#include "atelier/method_list.h"
#include "core/printable.h"
#include "server/exchange.h"
#include "server/job_request.h"
#include "server/refusal.h"

namespace atelier::server {
namespace {

using nlohmann::ordered_json;

void methods(Exchange& exchange) { exchange.answer_text(client_methods_json(), "application/json"); }

void settings(Exchange& exchange) { exchange.answer_text(options_json(client_settings()), "application/json"); }

StyleCard card_of(Exchange& exchange) {
  const auto cards = exchange.studio.styles();
  const auto found =
      std::find_if(cards.begin(), cards.end(), [&](const auto& card) { return card.name == exchange.part(0); });
  if (found == cards.end())
    throw Refusal(404, "there is no style " + printable(exchange.part(0)) + "; see /api/styles");
  return *found;
}

/// Empty also where the name, which a model's author chose, is none that an address may hold.
std::string thumbnail_of(const StyleCard& card) {
  static const std::regex names(kNames);
  return card.has_thumbnail && std::regex_match(card.name, names) ? "/api/styles/" + card.name + "/thumbnail" : "";
}

void styles(Exchange& exchange) {
  ordered_json list = ordered_json::array();
  for (const auto& card : exchange.studio.styles())
    if (!card.damaged)
      list.push_back({{"name", card.name},
                      {"title", card.title},
                      {"artist", card.artist},
                      {"year", card.year},
                      {"medium", card.medium},
                      {"credit", card.credit},
                      {"method", card.method},
                      {"embedded", card.embedded()},
                      {"removable", is_removable(card)},
                      {"thumbnail", thumbnail_of(card)}});
  exchange.answer(list);
}

void thumbnail(Exchange& exchange) {
  auto bytes = style_thumbnail(card_of(exchange));
  if (bytes.empty()) throw Refusal(404, "this style has no thumbnail; show its name");
  const bool png = bytes.starts_with("\x89PNG");
  exchange.answer_picture(std::move(bytes), png ? "image/png" : "image/jpeg", false);
  exchange.response.headers.erase("Cache-Control");
  exchange.response.set_header("Cache-Control", "private, max-age=3600");
}

void remove_own_style(Exchange& exchange) {
  const auto card = card_of(exchange);
  if (card.embedded())
    throw Refusal(409, "the style \"" + card.name + "\" is part of the program; only your own can be deleted");
  if (!is_removable(card))
    throw Refusal(409, "the style \"" + card.name + "\" belongs to an imported model; `atelier models remove " +
                           card.file.stem().string() + "` deletes it");
  remove_style(card.name);
  exchange.studio.forget_styles();
  exchange.response.status = 204;
}

}  // namespace

std::vector<Route> catalogue_routes() {
  return {{"GET", "/api/methods", methods},
          {"GET", "/api/settings", settings},
          {"GET", "/api/styles", styles},
          {"GET", "/api/styles/{name}/thumbnail", thumbnail},
          {"DELETE", "/api/styles/{name}", remove_own_style}};
}

}  // namespace atelier::server
