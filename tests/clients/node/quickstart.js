// Usage: TTS_API_URL=… TTS_API_KEY=… node quickstart.js reference.wav
const fs = require("fs");
const fetch = require("node-fetch");
const FormData = require("form-data");

const API_URL = process.env.TTS_API_URL;
const authorization = { Authorization: `Bearer ${process.env.TTS_API_KEY}` };

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function run(name, form) {
  const response = await fetch(`${API_URL}/v1/tts/generate`, {
    method: "POST",
    headers: { ...authorization, ...form.getHeaders() },
    body: form,
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);

  let final;
  for (;;) {
    const poll = await fetch(`${API_URL}/v1/tts/status/${answer.id}`, { headers: authorization });
    final = await poll.json();
    if (final.status === "completed") break;
    if (final.status === "failed" || final.status === "cancelled") throw new Error(final.error.message);
    await sleep(2000);
  }

  const download = await fetch(final.output_url);
  if (!download.ok) throw new Error(`download: ${download.status}`);
  fs.writeFileSync(`${name}.wav`, await download.buffer());

  return {
    status_code: response.status,
    location: response.headers.get("location"),
    answer,
    final,
    audio: `${name}.wav`,
  };
}

async function main() {
  const design = new FormData();
  design.append("text", "Welcome to our store. Shipping is free today.");
  design.append("language", "en");
  design.append("voice_description", "A warm young woman with a friendly tone");

  const clone = new FormData();
  clone.append("text", "Thank you for calling. We will be right with you.");
  clone.append("voice_ref", fs.createReadStream(process.argv[2]));
  clone.append("cfg_value", "2.0");
  clone.append("inference_timesteps", "10");

  console.log(JSON.stringify({ design: await run("design", design), clone: await run("clone", clone) }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
