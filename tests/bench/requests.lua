-- What wrk sends: requests.lua MODE FILE THREADS [PASSWORD]
--   login    FILE: addresses, in turn
--   refresh  FILE: refresh tokens; each thread goes on from those of its own, in turn
--   logout   FILE: access tokens, each once, then the thread stops
-- Ends with "good N bad M in SECONDS": answers 2xx, and others, from the first request to the last answer.
local threads = {}
local ffi = require("ffi")
ffi.cdef("typedef struct { long seconds, nanoseconds; } moment; int clock_gettime(int clock, moment* now);")

local function now()
  local moment = ffi.new("moment")
  ffi.C.clock_gettime(1, moment)
  return tonumber(moment.seconds) + tonumber(moment.nanoseconds) / 1e9
end

function setup(thread)
  thread:set("id", #threads)
  table.insert(threads, thread)
end

function init(args)
  mode, file, count, password = args[1], args[2], tonumber(args[3]), args[4]
  lines, at, good, bad, answer, first, last = {}, 0, 0, 0, "", 0, 0
  local n = 0
  for line in io.lines(file) do
    if n % count == id then table.insert(lines, line) end
    n = n + 1
  end
end

local json = {["Content-Type"] = "application/json"}

function request()
  at = at + 1
  if first == 0 then first = now() end
  if mode == "login" then
    local email = lines[(at - 1) % #lines + 1]
    return wrk.format("POST", "/v1/auth/login", json, '{"email":"' .. email .. '","password":"' .. password .. '"}')
  elseif mode == "refresh" then
    return wrk.format("POST", "/v1/auth/refresh", json, '{"refresh_token":"' .. lines[(at - 1) % #lines + 1] .. '"}')
  end
  if at == #lines then wrk.thread:stop() end
  return wrk.format("POST", "/v1/auth/logout", {["Authorization"] = "Bearer " .. lines[math.min(at, #lines)]})
end

function response(status, headers, body)
  last = now()
  if status >= 200 and status < 300 then
    good = good + 1
    if mode == "refresh" then lines[(at - 1) % #lines + 1] = body:match('"refresh_token":"([^"]+)"') end
  else
    bad = bad + 1
    answer = status .. " " .. body
  end
end

function done()
  local all, wrong, why, from, to = 0, 0, "", math.huge, 0
  for _, thread in ipairs(threads) do
    all = all + thread:get("good")
    wrong = wrong + thread:get("bad")
    if thread:get("answer") ~= "" then why = thread:get("answer") end
    from, to = math.min(from, thread:get("first")), math.max(to, thread:get("last"))
  end
  print("good " .. all .. " bad " .. wrong .. " in " .. (to - from) .. " " .. why)
end
