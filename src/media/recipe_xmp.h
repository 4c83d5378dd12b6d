#pragma once
#include <optional>
#include <string>

namespace atelier {

/// An XMP packet that carries `recipe` in the property "recipe" of the namespace
/// "urn:atelier:recipe:1", beside what `xmp` (a packet or nothing) holds already; an older
/// recipe in it is replaced. XMP is the one kind of metadata that every format we write keeps.
/// When both together exceed what a JPEG segment takes, only the recipe is kept.
/// @throws Error when `recipe` alone is too long for that (60,000 characters).
std::string with_recipe(const std::string& xmp, const std::string& recipe);

/// The recipe in an XMP packet; nothing if there is none.
std::optional<std::string> recipe_in(const std::string& xmp);

/// `xmp` without the recipe; the rest is unchanged.
std::string without_recipe(const std::string& xmp);

}  // namespace atelier
