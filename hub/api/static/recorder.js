// Records a voice in the browser as WAV and puts it into the file field; dropped files go there too.
const MOST_SECONDS = 60;
const RATE = 24000;

function asWav(samples) {
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const write = (at, text) => [...text].forEach((letter, number) => view.setUint8(at + number, letter.charCodeAt(0)));
  write(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 2, true);
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  write(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, number) => {
    view.setInt16(44 + number * 2, Math.max(-1, Math.min(1, sample)) * 32767, true);
  });
  return new Blob([view], { type: "audio/wav" });
}

async function resampled(recording) {
  const context = new OfflineAudioContext(1, 1, RATE);
  const decoded = await context.decodeAudioData(await recording.arrayBuffer());
  const offline = new OfflineAudioContext(1, Math.ceil(decoded.duration * RATE), RATE);
  const source = offline.createBufferSource();
  source.buffer = decoded;
  source.connect(offline.destination);
  source.start();
  return (await offline.startRendering()).getChannelData(0);
}

function openRecorder(place) {
  const field = place.querySelector("input[type=file]");
  const button = place.querySelector("[data-record]");
  const state = place.querySelector("[data-record-state]");
  const playback = place.querySelector("[data-record-play]");
  const label = button.textContent;
  let recorder = null;
  let ticking = 0;

  const give = (file) => {
    const transfer = new DataTransfer();
    transfer.items.add(file);
    field.files = transfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const show = () => {
    if (playback.src) URL.revokeObjectURL(playback.src);
    playback.hidden = field.files.length === 0;
    if (field.files.length) playback.src = URL.createObjectURL(field.files[0]);
    else playback.removeAttribute("src");
  };
  const finished = async (chunks, type) => {
    try {
      const samples = await resampled(new Blob(chunks, { type }));
      give(new File([asWav(samples)], "recording.wav", { type: "audio/wav" }));
      const seconds = samples.length / RATE;
      state.textContent = seconds < 5
        ? `Only ${seconds.toFixed(1)} s: at least 5 are needed. Record again.`
        : `${seconds.toFixed(0)} s recorded.`;
    } catch {
      state.textContent = "The recording could not be read. Try again, or choose a file.";
    }
  };
  const start = async () => {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    } catch {
      state.textContent = "The microphone is not allowed here. Allow it in the browser, or choose a file.";
      return;
    }
    const chunks = [];
    recorder = new MediaRecorder(stream);
    recorder.addEventListener("dataavailable", (event) => chunks.push(event.data));
    recorder.addEventListener("stop", () => {
      clearInterval(ticking);
      for (const track of stream.getTracks()) track.stop();
      button.textContent = label;
      button.classList.remove("recording-now");
      finished(chunks, recorder.mimeType);
    });
    recorder.start();
    button.textContent = "Stop recording";
    button.classList.add("recording-now");
    const began = Date.now();
    state.textContent = "Recording: read anything aloud for 10 to 30 seconds.";
    ticking = setInterval(() => {
      const seconds = Math.floor((Date.now() - began) / 1000);
      button.textContent = `Stop recording (${seconds} s)`;
      if (seconds >= MOST_SECONDS) recorder.stop();
    }, 500);
  };

  field.addEventListener("change", show);
  place.addEventListener("dragover", (event) => { event.preventDefault(); place.classList.add("over"); });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    if (event.dataTransfer.files.length) give(event.dataTransfer.files[0]);
  });
  if (navigator.mediaDevices?.getUserMedia && globalThis.MediaRecorder) {
    place.querySelector("[data-record-row]").hidden = false;
    button.addEventListener("click", () => (recorder?.state === "recording" ? recorder.stop() : start()));
  }
}

for (const place of document.querySelectorAll("[data-recorder]")) openRecorder(place);
