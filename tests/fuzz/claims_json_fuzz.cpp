#include "fuzz.hpp"
#include "json_oracle.hpp"
#include "token/strict_json.hpp"

namespace authkit::fuzz {
namespace {

/// Writes down what the reader tells: one line a member of the top object or element of an array in it.
struct Recorder {
  std::string told{};

  bool tell(char kind, std::string_view text = {}) {
    told.append(1, kind).append(text).append(1, '\n');
    return true;
  }
  bool member(std::string_view name) { return tell('m', name); }
  bool text(std::string_view text) { return tell('t', text); }
  bool number(const JsonNumber&) { return tell('n'); }
  bool null() { return tell('0'); }
  bool other() { return tell('o'); }
  bool array() { return tell('['); }
  bool element_text(std::string_view text) { return tell('e', text); }
  bool element_other() { return tell('x'); }
};

/// The same from the document.
std::string expected(const json::Value& document) {
  Recorder out;
  for (const auto& [name, value] : document.members) {
    out.member(name);
    switch (value.kind) {
      case json::Kind::text:
        out.text(value.text);
        break;
      case json::Kind::number:
        out.number({});
        break;
      case json::Kind::null:
        out.null();
        break;
      case json::Kind::boolean:
      case json::Kind::object:
        out.other();
        break;
      case json::Kind::array:
        out.array();
        for (const json::Value& item : value.items) item.kind == json::Kind::text ? out.element_text(item.text) : out.element_other();
        break;
    }
  }
  return out.told;
}

void run(std::string_view input) {
  Recorder recorder;
  std::string room(input.size(), '\0');
  JsonScratch scratch{room};
  const bool accepted = read_json(input, recorder, scratch);
  const auto document = json::parse(input);
  if (!document) {
    require(!accepted, "what the document reader refuses is no claims set");
    return;
  }
  if (has_extreme_number(*document)) return;
  require(accepted == is_strict(*document), "both readers take the same texts");
  if (!accepted) return;
  require(recorder.told == expected(*document), "both readers see the same members");

  const auto again = json::parse(json::write(*document));
  require(again && expected(*again) == expected(*document), "what is written reads the same");
}

std::vector<std::string> seeds() {
  return {"{}",
          R"({"iss":"a","sub":"\u0061\ud83d\ude00","exp":1800000000,"nbf":1.5e3,"aud":["a",1,null,{"b":[]},"\n"]})",
          R"({"a":{"b":{"c":[[],{}]}},"":-0,"\"":true,"x":18446744073709551615,"y":[true,false]})",
          R"({"a":1,"\u0061":2})",
          "[1]",
          "\"x\"",
          "{\"a\":\"\xc3\xa9\"} ",
          R"({"a":"\u0000","b":1e-400})",
          R"({"\u0000b":1})"};
}

}  // namespace

constexpr Target claims_json_target{"claims_json", run, seeds};

}  // namespace authkit::fuzz
