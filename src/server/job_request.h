#pragma once
#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>
#include <vector>

#include "atelier/stylize.h"
#include "jobs/job.h"
#include "server/studio.h"
#include "stylize/add_style.h"

namespace atelier::server {

/// The settings of a Request that a client may choose: request_options() without those that name files, take the
/// machine's resources, or stand elsewhere in a job's request.
const std::vector<Option>& client_settings();

/// The methods as methods_json() gives them, without options that name files.
const std::string& client_methods_json();

/// What a client posted; discarded (neither object nor anything else) when it is no JSON.
/// @throws Error when it is nested so deeply that handling it could exhaust the stack.
nlohmann::json posted_json(const std::string& body);

/// A job's request as posted, checked: every field known and of its type, pictures and styles there, settings and
/// options in range, the result not too large.
/// @param client  whose pictures may be used; empty: everybody's.
/// @throws Refusal or Error for the first fault.
jobs::NewJob checked_job(Studio& studio, const std::string& client, const std::string& body);

/// What the request of a "stylize" job means to stylize(); output, threads and memory are left to the caller.
/// @throws Error when a picture does not exist any more.
Request stylize_request(Studio& studio, const nlohmann::json& posted);

/// What the request of a "teach" job means to add_style().
NewStyle teach_request(Studio& studio, const nlohmann::json& posted);

/// How the files of a job's pictures are called where a client reads it: by the names that they were uploaded under.
std::map<std::string, std::string> client_names(Studio& studio, const nlohmann::json& posted);

/// `document` with each text value that is a key of `names` replaced by what stands there.
nlohmann::json with_texts_replaced(nlohmann::json document, const std::map<std::string, std::string>& names);

/// `text` with each file replaced by its client name.
std::string with_client_names(std::string text, const std::map<std::string, std::string>& names);

}  // namespace atelier::server
