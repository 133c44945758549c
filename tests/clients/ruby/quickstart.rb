# Usage: TTS_API_URL=… TTS_API_KEY=… ruby quickstart.rb reference.wav
require "json"
require "net/http"
require "uri"

API_URL = ENV.fetch("TTS_API_URL")
API_KEY = ENV.fetch("TTS_API_KEY")

def send_request(uri, request)
  request["Authorization"] = "Bearer #{API_KEY}"
  Net::HTTP.start(uri.hostname, uri.port, use_ssl: uri.scheme == "https") { |http| http.request(request) }
end

def run(name, form)
  uri = URI("#{API_URL}/v1/tts/generate")
  request = Net::HTTP::Post.new(uri)
  request.set_form(form, "multipart/form-data")
  response = send_request(uri, request)
  answer = JSON.parse(response.body)
  raise answer["detail"] unless response.is_a?(Net::HTTPSuccess)

  status_uri = URI("#{API_URL}/v1/tts/status/#{answer["id"]}")
  final = nil
  loop do
    final = JSON.parse(send_request(status_uri, Net::HTTP::Get.new(status_uri)).body)
    break if final["status"] == "completed"
    raise final["error"]["message"] if %w[failed cancelled].include?(final["status"])
    sleep 2
  end

  File.binwrite("#{name}.wav", Net::HTTP.get(URI(final["output_url"])))

  {
    status_code: response.code.to_i,
    location: response["Location"],
    answer: answer,
    final: final,
    audio: "#{name}.wav",
  }
end

design = run("design", [
  ["text", "Welcome to our store. Shipping is free today."],
  ["language", "en"],
  ["voice_description", "A warm young woman with a friendly tone"],
])

clone = File.open(ARGV[0], "rb") do |reference|
  run("clone", [
    ["text", "Thank you for calling. We will be right with you."],
    ["voice_ref", reference],
    ["cfg_value", "2.0"],
    ["inference_timesteps", "10"],
  ])
end

puts JSON.generate(design: design, clone: clone)
